"""A line of greeting on the result: for the person named, whole, and gone with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QSize

from kiosk.core.greetings import LONGEST_GREETING
from kiosk.ui.visitor.panels import ResultPanel
from kiosk.ui.visitor.walkup import Page
from tests.support.layouts import cut_off
from tests.support.ui_support import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    Screen,
    ScreenMaker,
    decision,
    looking,
    settle,
)

LINE = "소포가 와 있습니다."


def result(made: Screen, line: str) -> ResultPanel:
    made.model.start()
    made.model.take(looking())
    made.model.take(replace(decision(), greeting=line))
    settle()
    panel = made.window.panels[Page.IDENTIFIED]
    assert isinstance(panel, ResultPanel)
    return panel


def test_the_line_is_shown_read_aloud_and_forgotten(screen: ScreenMaker) -> None:
    made = screen()
    panel = result(made, LINE)
    assert panel.line.isVisible()
    assert panel.line.text() == LINE
    assert LINE in panel.summary()
    made.model.finish()
    assert panel.line.text() == ""
    assert not result(made, "").line.isVisible()


def test_markup_in_a_line_is_words(screen: ScreenMaker) -> None:
    panel = result(screen(), "<b>bold</b>")
    assert panel.line.text() == "<b>bold</b>"
    assert panel.line.textFormat().name == "PlainText"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL])
def test_the_longest_line_fits(screen: ScreenMaker, size: QSize, language: str) -> None:
    made = screen(size, language=language)
    result(made, ("소포가 와 있습니다 " * 20)[: LONGEST_GREETING - 1] + "끝")
    assert cut_off(made.window) == []
