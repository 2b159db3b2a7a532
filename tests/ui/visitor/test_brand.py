"""The first screen with an operator's logo, colours, words and picture: the real widgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from kiosk.core.declared.brand import LONGEST_TEXT, LONGEST_TITLE
from kiosk.ui.toolkit.theme import theme, use_colours
from kiosk.ui.visitor.panels import AttractPanel
from kiosk.ui.visitor.walkup import Page
from tests.support.layouts import cut_off, overlapping
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, Screen, ScreenMaker, settle

PURPLE, ORANGE = (122, 31, 92), (240, 120, 10)


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[dict[str, str]]:
    logo, picture = tmp_path / "logo.png", tmp_path / "picture.jpg"
    Image.new("RGB", (300, 80), PURPLE).save(logo)
    Image.new("RGB", (400, 300), ORANGE).save(picture, quality=95)
    yield {"logo": str(logo), "attract_picture": str(picture)}
    use_colours()


def attract(made: Screen) -> AttractPanel:
    panel = made.window.panels[Page.ATTRACT]
    assert isinstance(panel, AttractPanel)
    return panel


def share_of(widget: QWidget, colour: tuple[int, int, int]) -> float:
    """How much of a widget is of nearly this colour."""
    image = widget.grab().toImage()
    found, every = 0, 0
    for x in range(0, image.width(), 7):
        for y in range(0, image.height(), 7):
            seen = QColor(image.pixel(x, y))
            parts = zip((seen.red(), seen.green(), seen.blue()), colour, strict=True)
            found += all(abs(one - other) < 12 for one, other in parts)
            every += 1
    return found / every


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL])
def test_logo_and_picture_are_seen_and_nothing_is_covered(
    screen: ScreenMaker, brand: dict[str, str], size: QSize
) -> None:
    made = screen(size, **brand)
    settle()
    assert share_of(made.window.welcome, ORANGE) > 0.5
    assert share_of(made.window, PURPLE) > 0.001
    assert made.window.logo.isVisible() is (size == LANDSCAPE)
    assert cut_off(made.window) == []
    assert overlapping(made.window) == []


def test_a_file_that_went_missing_leaves_its_place_empty(
    screen: ScreenMaker, brand: dict[str, str]
) -> None:
    for place in brand.values():
        Path(place).unlink()
    made = screen(PORTRAIT, **brand)
    assert not made.window.logo.isVisible()
    assert share_of(made.window.welcome, ORANGE) == 0.0
    assert made.window.welcome.isVisible()


def test_the_words_of_the_first_screen_are_the_operators_in_both_languages(
    screen: ScreenMaker,
) -> None:
    made = screen(attract_title="환영합니다 | Welcome to ACME", attract_text="ACME")
    assert attract(made).title.text() == "Welcome to ACME"
    made.language.switch_to("ko")
    assert attract(made).title.text() == "환영합니다"
    assert attract(made).text.text() == "ACME"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL])
def test_the_longest_words_fit(screen: ScreenMaker, size: QSize, language: str) -> None:
    words = "가나다라 마바사 " * 20
    title, text = words[:LONGEST_TITLE], words[:LONGEST_TEXT]
    made = screen(size, language=language, attract_title=title, attract_text=text)
    settle()
    assert cut_off(made.window) == []


def test_the_operators_colours_are_those_of_the_screen(screen: ScreenMaker) -> None:
    usual = theme().colours["accent"]
    use_colours("#7A1F5C", "#F7F3EA")
    try:
        made = screen()
        assert share_of(attract(made).button, PURPLE) > 0.5
        assert theme().colours["ground"] == "#F7F3EA"
    finally:
        use_colours()
    assert theme().colours["accent"] == usual
