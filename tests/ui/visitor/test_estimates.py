"""Attribute estimates on the walk-up screen: called estimates, honest, gone when switched off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSize
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
def test_every_sure_estimate_is_shown_and_called_one(screen: ScreenMaker, size: QSize) -> None:
    made = screen(size)
    text = at_result(made, FUSED)
    for line in ("Estimates, which may be wrong", "Mood: cheerful", "Age: 27–38", "Gender: female"):
        assert line in text
    assert "%" not in text
    assert made.window.stage.isVisible()


def test_on_a_small_screen_the_card_takes_the_place_of_the_sign(screen: ScreenMaker) -> None:
    made = screen(SMALL)
    text = at_result(made, FUSED)
    assert text.split("\n") == ["Estimated:", "cheerful", "27–38", "female"]
    assert not made.window.stage.isVisible()
    made.model.finish()
    settle()
    assert made.window.stage.isVisible()


NOT_NAMED = [
    DecisionOutcome.UNKNOWN,
    DecisionOutcome.CONTRADICTED,
    DecisionOutcome.NOT_LIVE,
    DecisionOutcome.UNUSABLE,
]


@pytest.mark.parametrize("how", ["shown", "touch"])
@pytest.mark.parametrize("outcome", NOT_NAMED)
def test_of_nobody_who_is_not_named_is_anything_told(
    screen: ScreenMaker, outcome: DecisionOutcome, how: str
) -> None:
    made = screen(show_estimates=how)
    assert at_result(made, FUSED, outcome) == ""
    assert made.window.estimates.isHidden()
    assert made.window.estimates.summary() == ""


def test_in_korean(screen: ScreenMaker) -> None:
    text = at_result(screen(language="ko"), FUSED)
    for line in ("기분: 밝아 보임", "나이: 27–38세", "성별: 여성"):
        assert line in text


def test_a_calm_face_is_called_calm(screen: ScreenMaker) -> None:
    calm = EmotionEstimate((0.1, 0.05, 0.05, 0.05, 0.65, 0.05, 0.05), sure=True)
    assert "Mood: calm" in at_result(screen(), replace(FUSED, emotion=calm))


def test_what_is_not_sure_is_not_there(screen: ScreenMaker) -> None:
    made = screen()
    assert at_result(made, UNSURE) == ""
    assert made.window.estimates.isHidden()
    partly = replace(FUSED, age=UNSURE.age, gender=UNSURE.gender)
    assert "Age" not in at_result(made, partly)


@pytest.mark.parametrize("size", [LANDSCAPE, SMALL])
def test_on_a_touch_they_are_shown(screen: ScreenMaker, size: QSize) -> None:
    made = screen(size, show_estimates="touch")
    assert "cheerful" not in at_result(made, FUSED)
    assert made.window.estimates.summary() == ""
    made.window.estimates.button.click()
    settle()
    assert "cheerful" in card_text(made)
    made.model.finish()
    assert "cheerful" not in at_result(made, replace(FUSED, emotion=HAPPY))


def test_they_can_be_hidden(screen: ScreenMaker) -> None:
    made = screen(show_estimates="hidden")
    assert at_result(made, FUSED) == ""
    assert made.window.estimates.isHidden()


@pytest.mark.parametrize("size", [PORTRAIT, SMALL])
def test_nothing_estimated_shows_nothing(screen: ScreenMaker, size: QSize) -> None:
    made = screen(size)
    assert at_result(made, None) == ""
    assert not made.window.estimates.isVisible()
    assert made.window.stage.isVisible()


@pytest.mark.parametrize(
    ("attribute", "word"), [("emotion", "Mood"), ("age", "Age"), ("gender", "Gender")]
)
def test_what_is_switched_off_leaves_no_trace(
    screen: ScreenMaker, attribute: str, word: str
) -> None:
    without: dict[str, Any] = {attribute: None}
    made = screen()
    assert word not in at_result(made, replace(FUSED, **without))
    assert word not in made.window.estimates.summary()


def test_the_next_visitor_finds_nothing_of_it(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    made.model.finish()
    settle()
    assert not made.window.estimates.isVisible()
    labels = [label.text() for label in made.window.estimates.findChildren(QLabel)]
    assert not any("27" in text or "Mood" in text for text in labels)


def test_the_language_can_change_on_the_result(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    made.language.switch_to("ko")
    settle()
    assert "나이: 27–38세" in card_text(made)


def test_a_screen_reader_hears_estimates_called_so(screen: ScreenMaker) -> None:
    made = screen()
    at_result(made, FUSED)
    summary = made.window.estimates.summary()
    assert summary.startswith("Estimates, which may be wrong. Mood: cheerful. Age: 27–38")


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
