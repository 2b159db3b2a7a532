"""Attribute estimates on the walk-up screen: called estimates, honest, gone when switched off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    EmotionEstimate,
    GenderEstimate,
)
from kiosk.ui.strings import estimates as e
from kiosk.ui.toolkit.theme import theme
from kiosk.ui.visitor.walkup import Page
from tests.support.scripted import HAPPY
from tests.support.ui_support import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    Screen,
    ScreenMaker,
    decision,
    settle,
)

FUSED = AttributeEstimate(
    Channel.FUSED, HAPPY, AgeEstimate(32.0, 26.6, 38.2, sure=True), GenderEstimate(0.04, sure=True)
)
UNSURE = AttributeEstimate(
    Channel.FUSED,
    EmotionEstimate((0.2, 0.1, 0.1, 0.1, 0.3, 0.1, 0.1), sure=False),
    AgeEstimate(45.0, 24.0, 70.0, sure=False),
    GenderEstimate(0.45, sure=False),
)
Maker = Callable[..., Screen]


def at_result(
    made: Screen,
    estimate: AttributeEstimate | None,
    outcome: DecisionOutcome = DecisionOutcome.IDENTIFIED,
) -> str:
    """Bring the screen to a result and read its card."""
    face = (AttributeEstimate(Channel.FACE, HAPPY),) if estimate else ()
    told = (*face, *((estimate,) if estimate else ()))
    made.model.start()
    made.model.take(replace(decision(outcome), attributes=told))
    settle()
    return card_text(made)


def card_text(made: Screen) -> str:
    labels = made.window.estimates.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE])
@pytest.mark.parametrize("outcome", [DecisionOutcome.IDENTIFIED, DecisionOutcome.UNKNOWN])
def test_every_estimate_is_shown_and_called_one(
    screen: ScreenMaker, size: QSize, outcome: DecisionOutcome
) -> None:
    text = at_result(screen(size), FUSED, outcome)
    for line in (
        "Estimated mood: happiness",
        "Estimated age: 27–38",
        "Estimated gender: female",
        "70 %",
    ):
        assert line in text
    assert text.count("%") == 7


def test_of_a_contradiction_nothing_is_told(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED, DecisionOutcome.CONTRADICTED)
    assert made.model.view.page is Page.UNKNOWN
    assert made.window.estimates.isHidden()


def test_in_korean(screen: ScreenMaker) -> None:
    text = at_result(screen(language="ko"), FUSED)
    assert "추정 감정: 기쁨" in text
    assert "추정 나이: 27–38세" in text
    assert "추정 성별: 여성" in text


def test_not_sure_is_said(screen: ScreenMaker) -> None:
    text = at_result(screen(), UNSURE)
    assert text.count("not sure") == 3
    assert "female" not in text
    assert "24" not in text


def test_on_a_small_screen_the_card_takes_the_place_of_the_sign(screen: ScreenMaker) -> None:
    made = screen(SMALL)
    text = at_result(made, FUSED)
    assert text.split("\n") == ["Estimates", "happiness", "age 27–38", "female"]
    assert not made.window.stage.isVisible()
    assert made.window.estimates.small_bar.share == pytest.approx(0.7)
    made.model.finish()
    settle()
    assert made.window.stage.isVisible()


@pytest.mark.parametrize("size", [PORTRAIT, SMALL])
def test_nothing_estimated_shows_nothing(screen: ScreenMaker, size: QSize) -> None:
    made = screen(size)
    assert at_result(made, None) == ""
    assert not made.window.estimates.isVisible()
    assert made.window.stage.isVisible()


@pytest.mark.parametrize(
    ("attribute", "word"), [("emotion", "mood"), ("age", "age:"), ("gender", "gender")]
)
def test_what_is_switched_off_leaves_no_trace(
    screen: ScreenMaker, attribute: str, word: str
) -> None:
    without: dict[str, Any] = {attribute: None}
    made = screen()
    text = at_result(made, replace(FUSED, **without))
    assert word not in text
    assert ("%" in text) is (attribute != "emotion")
    assert word not in made.window.estimates.summary()


def test_the_next_visitor_finds_nothing_of_it(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    made.model.finish()
    settle()
    assert not made.window.estimates.isVisible()
    labels = [label.text() for label in made.window.estimates.findChildren(QLabel)]
    assert not any("27" in text or "Estimated" in text for text in labels)


def test_the_language_can_change_on_the_result(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    made.language.switch_to("ko")
    settle()
    assert "추정 나이: 27–38세" in card_text(made)


def test_the_likeliest_bar_stands_out_only_where_it_is_sure(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    bars = made.window.estimates.bars.rows
    assert [bar.colour for _, bar, _ in bars.values()] == ["accent"] + ["glaze"] * 6
    made.window.estimates.show_estimates(UNSURE)
    assert {bar.colour for _, bar, _ in bars.values()} == {"glaze"}


def test_bars_are_as_long_as_their_shares(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    _, bar, _ = next(iter(made.window.estimates.bars.rows.values()))
    picture = bar.grab().toImage()
    middle = picture.height() // 2
    wanted_colour = QColor(theme().colours["accent"]).rgb()
    filled = [picture.pixelColor(x, middle).rgb() == wanted_colour for x in range(picture.width())]
    assert sum(filled) / len(filled) == pytest.approx(0.7, abs=0.03)


def test_a_screen_reader_hears_estimates_called_so(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    summary = made.window.estimates.summary()
    assert summary.startswith("Estimates. Estimated mood: happiness")
    bars = made.window.estimates.bars.rows.values()
    assert next(bar.accessibleName() for _, bar, _ in bars) == "happiness: 70 %"


@pytest.mark.parametrize("profile", ["workplace", "education"])
def test_the_first_screen_names_what_is_estimated(screen: ScreenMaker, profile: str) -> None:
    def first(**changes: Any) -> str:
        labels = screen(**changes).window.panels[Page.ATTRACT].findChildren(QLabel)
        return "\n".join(label.text() for label in labels)

    assert "Age, gender and mood are estimated." in first()
    assert "Age and gender are estimated." in first(profile=profile)
    assert "Gender is estimated." in first(age="off", emotion="off")
    assert "are not estimated." in first(age="off", emotion="off", gender="off")


def test_every_choice_of_attributes_has_its_sentence() -> None:
    switch = (True, False)
    choices = [AttributeSelection(a, b, c) for a in switch for b in switch for c in switch]
    assert len({e.fact(want) for want in choices}) == 8


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "1 %"), (0.004, "1 %"), (0.625, "62 %"), (1.0, "99 %")]
)
def test_no_share_is_nothing_or_everything(share: float, shown: str) -> None:
    assert e.percent(share) == shown
