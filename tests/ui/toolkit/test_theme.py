"""The theme: contrast, legible sizes, fonts and icons that come with the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QRawFont
from pytestqt.qtbot import QtBot

from kiosk.ui.strings import visitor
from kiosk.ui.toolkit.theme import ASSETS, FAMILY, font, icon, load_fonts, theme
from tests.support.ui_support import INCHES, LANDSCAPE, PORTRAIT, SMALL

LEAST_CONTRAST = 4.5


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", sorted(theme().pairs))
def test_every_pair_is_legible(name: str) -> None:
    front, ground = theme().pairs[name]
    assert contrast(theme().colours[front], theme().colours[ground]) >= LEAST_CONTRAST


LEAST_STROKE = 3.0
"""WCAG 2.2, 1.4.11: borders, focus rings, bars and signs."""


@pytest.mark.parametrize("name", sorted(theme().strokes))
def test_every_border_ring_and_bar_is_seen(name: str) -> None:
    front, ground = theme().strokes[name]
    assert contrast(theme().colours[front], theme().colours[ground]) >= LEAST_STROKE


def test_every_border_in_the_style_sheet_is_a_checked_stroke() -> None:
    """But of what is switched off, and where a border is as the ground and so none is meant."""
    checked = {front for front, _ in theme().strokes.values()}
    found = [
        (selector.strip(), colour)
        for selector, body in rules()
        for colour in re.findall(r"border(?:-\w+)*: (?:\$\{\w+\}px solid )?\$(\w+)", body)
        if ":disabled" not in selector and f"background: ${colour}" not in body
    ]
    assert len(found) > 8
    assert not [pair for pair in found if pair[1] not in checked]


def rules() -> list[tuple[str, str]]:
    text = (ASSETS / "theme" / "kiosk.qss").read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.findall(r"([^{}]+)\{((?:[^{}]|\$\{\w+\})*)\}", text)


def test_every_colour_on_a_colour_in_the_style_sheet_is_a_checked_pair() -> None:
    checked = set(theme().pairs.values())
    found = 0
    for selector, body in rules():
        front = re.search(r"(?<![-\w])color: \$(\w+)", body)
        ground = re.search(r"background: \$(\w+)", body)
        if front and ground:
            found += 1
            assert (front[1], ground[1]) in checked, selector
    assert found >= 4


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL, QSize(540, 960), QSize(600, 1024)])
def test_every_text_size_is_tall_enough_in_millimetres(size: QSize) -> None:
    inches = INCHES.get((size.width(), size.height()), 10.1)
    scale = theme().scale(size, inches)
    for role in theme().type_compact:
        pixels = scale.px(theme().size(role, scale))
        capital = pixels * theme().type["cap_share"] / scale.pixels_per_mm
        assert capital >= 7.25 * 0.985, role  # a pixel of rounding


def test_capital_height_of_the_font_is_as_the_theme_says(qtbot: QtBot) -> None:
    load_fonts()
    raw = QRawFont.fromFont(font(1000))
    assert raw.capHeight() / 1000 == pytest.approx(theme().type["cap_share"], abs=0.005)


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_fonts_that_come_along_write_korean(qtbot: QtBot, weight: str) -> None:
    load_fonts()
    assert FAMILY in QFontDatabase.families()
    made = font(40, bold=weight == "Bold")
    assert QFontInfo(made).family() == FAMILY
    raw = QRawFont(str(ASSETS / "theme" / f"KioskSans-{weight}.otf"), 40)
    syllables = [
        bytes((r, c)).decode("euc_kr") for r in range(0xB0, 0xC9) for c in range(0xA1, 0xFF)
    ]
    assert len(syllables) == 2350
    assert all(raw.supportsCharacter(ord(letter)) for letter in syllables)


def test_fonts_are_small_enough_to_carry_and_have_their_licence() -> None:
    files = list((ASSETS / "theme").glob("*.otf"))
    assert sum(file.stat().st_size for file in files) < 1_500_000
    assert "SIL OPEN FONT LICENSE" in (ASSETS / "theme" / "OFL-LICENSE.txt").read_text("utf-8")


def icons_named_in_code() -> set[str]:
    return {*visitor.HINT_ICONS.values(), *visitor.MODALITY_ICONS.values(), "check", "question"}


@pytest.mark.parametrize(
    "name", sorted({p.stem for p in (ASSETS / "icons").glob("*.svg")} | icons_named_in_code())
)
def test_every_icon_draws_something(qtbot: QtBot, name: str) -> None:
    picture = icon(name, 48, "accent").pixmap(48, 48).toImage()
    painted = sum(
        picture.pixelColor(x, y).alpha() > 100 for x in range(0, 48, 2) for y in range(0, 48, 2)
    )
    assert painted > 8


def test_every_icon_is_used() -> None:
    source = " ".join(p.read_text("utf-8") for p in Path(visitor.__file__).parents[1].rglob("*.py"))
    unused = {p.stem for p in (ASSETS / "icons").glob("*.svg") if f'"{p.stem}"' not in source}
    assert not unused
