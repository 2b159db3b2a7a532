"""The walk-up screen as a real window: words, keys, touches, sizes, languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.events import Fault, Phase
from kiosk.core.media import Frame, Modality
from kiosk.core.samples import Hint
from kiosk.ui.app import fill_screen
from kiosk.ui.strings import visitor as w
from kiosk.ui.strings.self_enrolment import OFFER
from kiosk.ui.toolkit.controls import Button
from kiosk.ui.toolkit.illustrations import BEGUN, HoldRing
from kiosk.ui.visitor.panels import AttractPanel, LookPanel, MessagePanel, ResultPanel, SpeakPanel
from kiosk.ui.visitor.walkup import Page
from tests.support.layouts import cut_off, overlapping
from tests.support.ui_support import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    Screen,
    ScreenMaker,
    decision,
    frame,
    listening,
    looking,
    settle,
)
from tools.screenshots.walkup import drawn_person, views

Maker = Callable[..., Screen]
SIZES = [PORTRAIT, LANDSCAPE, SMALL]
STATES = sorted(views("en", Frame(np.zeros((90, 160, 3), np.uint8), 0.0)))


def shown_text(window: QWidget) -> str:
    """All words on the screen."""
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    buttons = [b.text() for b in window.findChildren(QAbstractButton) if b.isVisible()]
    return "\n".join(labels + buttons)


def page(made: Screen) -> Page:
    return made.model.view.page


def press(button: Button) -> None:
    """Touch a button."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


# --- a visit by touch --------------------------------------------------------------------------


def test_attract_says_what_is_on_and_what_is_not_done(screen: ScreenMaker) -> None:
    text = shown_text(screen().window)
    for sentence in (w.FACT_LATER, w.FACT_OFFLINE, w.START):
        assert sentence in text
    assert "Age, gender and mood are estimated." in text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_attract_does_not_say_that_nothing_leaves_where_others_are_told(
    screen: ScreenMaker, size: QSize, language: str
) -> None:
    made = screen(size, language=language, event_webhook="https://hub.example/kiosk")
    text = shown_text(made.window)
    nothing = (w.FACT_OFFLINE, w.FACT_OFFLINE_SHORT)
    assert not any(w.say(sentence) in text for sentence in nothing)
    assert any(w.say(sentence) in text for sentence in (w.FACT_EVENTS, w.FACT_EVENTS_SHORT))
    assert not cut_off(made.window)


def test_a_screen_that_is_held_does_not_close_by_itself(screen: ScreenMaker, qtbot: QtBot) -> None:
    window = screen(PORTRAIT).window
    window.held = True
    with qtbot.waitSignal(window.leave):
        window.close()
    assert window.isVisible()
    window.held = False
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize(
    ("settings", "told", "short"),
    [
        ({"start": "walk_up"}, w.FACT_DEVICES, w.FACT_DEVICES_SHORT),
        ({"start": "walk_up", "microphone": "none"}, w.FACT_CAMERA, w.FACT_CAMERA_SHORT),
        ({"start": "walk_up", "camera": "none"}, w.FACT_MICROPHONE, w.FACT_MICROPHONE_SHORT),
        ({"start": "touch"}, w.FACT_LATER, w.FACT_LATER_SHORT),
    ],
)
def test_the_first_screen_says_what_is_on_and_nothing_else(
    screen: ScreenMaker, settings: dict[str, Any], told: str, short: str
) -> None:
    every = {w.FACT_DEVICES, w.FACT_CAMERA, w.FACT_MICROPHONE, w.FACT_LATER}
    text = shown_text(screen(**settings).window)
    assert told in text
    assert not any(other in text for other in every - {told})
    assert short in shown_text(screen(SMALL, **settings).window)


def test_a_visit_by_touch(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    panels = made.window.panels
    attract, result = panels[Page.ATTRACT], panels[Page.IDENTIFIED]
    assert isinstance(attract, AttractPanel)
    assert isinstance(result, ResultPanel)
    press(attract.button)
    assert w.PREPARING_TITLE in shown_text(made.window)
    made.model.prepared()
    assert w.HINTS[Hint.STEP_UP] in shown_text(made.window)
    made.model.take(looking(0, hint=Hint.COME_CLOSER))
    assert w.HINTS[Hint.COME_CLOSER] in shown_text(made.window)
    made.model.take(listening(2, 0.9))
    made.model.take(listening(3, 1.0))
    assert w.PHRASES[made.model.view.phrase % len(w.PHRASES)] in shown_text(made.window)
    assert "2 more seconds" in shown_text(made.window)
    made.model.take(decision(name="김하늘"))
    text = shown_text(made.window)
    assert "김하늘" in text
    assert w.RECOGNISED in text
    assert "%" not in text
    press(result.finish_button)
    assert "김하늘" not in "".join(label.text() for label in made.window.findChildren(QLabel))
    assert made.control.asked[-1] == "pause"


def test_an_answer_by_voice_alone_says_so(screen: ScreenMaker) -> None:
    made = screen()
    made.model.start()
    heard = decision()
    by_voice = replace(heard, decision=replace(heard.decision, modalities=(Modality.VOICE,)))
    made.model.take(by_voice)
    assert w.BY_VOICE_ALONE in shown_text(made.window)
    made.model.finish()
    made.model.start()
    made.model.take(heard)
    assert w.BY_VOICE_ALONE not in shown_text(made.window)


def test_each_kind_of_no_has_words_of_its_own(screen: ScreenMaker) -> None:
    def told(outcome: DecisionOutcome, reason: DecisionReason) -> str:
        made = screen(self_enrolment=True)
        made.model.start()
        made.model.take(decision(outcome, reason=reason))
        return shown_text(made.window)

    contradicted = told(DecisionOutcome.CONTRADICTED, DecisionReason.CONFLICT)
    unsure = told(DecisionOutcome.UNKNOWN, DecisionReason.SMALL_MARGIN)
    unknown = told(DecisionOutcome.UNKNOWN, DecisionReason.BELOW_THRESHOLD)
    not_live = told(DecisionOutcome.NOT_LIVE, DecisionReason.NOT_LIVE)
    titles = (w.CONFLICT_TITLE, w.UNSURE_TITLE, w.UNKNOWN_TITLE, w.NOT_LIVE_TITLE)
    for title, text in zip(titles, (contradicted, unsure, unknown, not_live), strict=True):
        assert [other for other in titles if other in text] == [title]
    assert [OFFER in text for text in (contradicted, unsure, unknown, not_live)] == [
        False,
        False,
        True,
        False,
    ]


def test_not_me_by_touch(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    made.model.start()
    made.model.take(decision())
    result, message = made.window.panels[Page.IDENTIFIED], made.window.panels[Page.NOT_ME]
    assert isinstance(result, ResultPanel)
    assert isinstance(message, MessagePanel)
    press(result.not_me_button)
    assert w.NOT_ME_TEXT in shown_text(made.window)
    press(message.again_button)
    assert page(made) is Page.LOOK


def test_a_fault_tells_staff_code_and_remedy(screen: ScreenMaker) -> None:
    made = screen()
    made.model.take(Fault("x", "y", code="ModelError"))
    made.clock.now += 1
    made.model.tick()
    text = shown_text(made.window)
    code, what, remedy = w.FAULTS["ModelError"]
    assert all(part in text for part in (w.FAULT_TEXT, code, what, remedy))


def test_the_page_of_a_fault_has_ways_on(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    made.model.take(Fault("x", "y", code="ModelError"))
    made.clock.now += 1
    made.model.tick()
    message = made.window.panels[Page.FAULT]
    assert isinstance(message, MessagePanel)
    assert w.FAULT_STAFF in shown_text(made.window)
    with qtbot.waitSignal(made.window.retry):
        press(message.again_button)
    with qtbot.waitSignal(made.window.staff):
        press(message.finish_button)
    made.model.take(looking(1))
    assert page(made) is Page.ATTRACT
    made.model.start()
    made.model.take(decision(DecisionOutcome.UNKNOWN))
    with qtbot.assertNotEmitted(made.window.retry):
        press(message.again_button)


def test_a_hold_is_seen_while_it_is_held(screen: ScreenMaker, qtbot: QtBot) -> None:
    stage = screen().window.welcome
    ring = stage.findChild(HoldRing)
    assert ring is not None
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=QPoint(90, 120))
    assert ring.isVisible()
    assert ring.geometry().center().x() == pytest.approx(90, abs=2)
    qtbot.waitUntil(lambda: ring.share > BEGUN, timeout=10_000)
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton)
    assert not ring.isVisible()
    assert ring.share == 0.0


def test_the_first_screen_says_that_it_gets_ready(screen: ScreenMaker) -> None:
    made = screen(start="walk_up")
    assert w.PREPARING in shown_text(made.window)
    made.model.take(replace(looking(0), phase=Phase.WAITING))
    assert w.WALK_UP in shown_text(made.window)


def test_without_a_microphone_the_screen_says_so_and_goes_on(screen: ScreenMaker) -> None:
    made = screen()
    made.model.start()
    made.model.take(Fault("x", "y", Modality.VOICE, code="DeviceSilent"))
    made.model.take(looking(1))
    assert w.LIMITED_VOICE in shown_text(made.window)
    made.model.take(Fault("x", "", restored=True))
    assert w.LIMITED_VOICE not in shown_text(made.window)


def test_staff_reach_the_admin_screens_from_a_fault(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    made.model.take(Fault("x", "y", code="ModelError"))
    made.clock.now += 1
    made.model.tick()
    with qtbot.waitSignal(made.window.staff):
        made.window.outcome_sign.held.emit()


def test_a_long_touch_on_a_result_is_nothing(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    made.model.start()
    made.model.take(decision())
    with qtbot.assertNotEmitted(made.window.staff):
        made.window.outcome_sign.held.emit()


# --- keyboard ----------------------------------------------------------------------------------


def key(made: Screen, which: Qt.Key) -> None:
    """Press a key where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or made.window, which)


def test_a_visit_by_keyboard_alone(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    key(made, Qt.Key.Key_Space)
    assert page(made) is Page.LOOK
    made.model.take(listening(2))
    key(made, Qt.Key.Key_Return)
    assert page(made) is Page.THINK
    made.model.take(decision())
    key(made, Qt.Key.Key_Tab)
    result = made.window.panels[Page.IDENTIFIED]
    assert isinstance(result, ResultPanel)
    assert result.not_me_button.hasFocus()
    key(made, Qt.Key.Key_Space)
    assert page(made) is Page.NOT_ME
    key(made, Qt.Key.Key_Escape)
    assert page(made) is Page.ATTRACT


@pytest.mark.parametrize("size", SIZES)
def test_tab_reaches_every_button(screen: ScreenMaker, qtbot: QtBot, size: QSize) -> None:
    made = screen(size)
    made.model.start()
    made.model.take(decision())
    reached = set()
    for _ in range(12):
        reached.add(QApplication.focusWidget())
        key(made, Qt.Key.Key_Tab)
    buttons = {b for b in made.window.findChildren(QAbstractButton) if b.isVisible()}
    assert buttons <= reached
    assert len(buttons) >= 3


def test_language_by_key_and_back_for_the_next_visitor(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen(language="en")
    key(made, Qt.Key.Key_F2)
    assert "시작" in shown_text(made.window)
    made.model.start()
    made.model.take(decision())
    assert "어서 오세요." in shown_text(made.window)
    made.model.finish()
    assert w.START in shown_text(made.window)


def test_the_time_out_question_keeps_the_focus_and_any_answer_works(
    screen: ScreenMaker, qtbot: QtBot
) -> None:
    made = screen(result_seconds=20.0)
    made.model.start()
    made.model.take(decision())
    made.clock.now += 14
    made.model.tick()
    dialog = made.window.timeout
    assert dialog.isVisible()
    assert dialog.more_button.hasFocus()
    key(made, Qt.Key.Key_Tab)
    assert dialog.finish_button.hasFocus()
    key(made, Qt.Key.Key_Tab)
    key(made, Qt.Key.Key_Space)
    assert not dialog.isVisible()
    assert page(made) is Page.IDENTIFIED
    made.clock.now += 14
    made.model.tick()
    press(dialog.finish_button)
    assert page(made) is Page.ATTRACT


# --- every state in every size -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [*SIZES, QSize(540, 960)], ids=lambda s: f"{s.width()}")
def test_no_state_cuts_off_a_word(screen: ScreenMaker, size: QSize, language: str) -> None:
    made = screen(size, language=language)
    picture = Frame(drawn_person(), 0.0)
    for name, view in views(language, picture).items():
        made.model.changed.emit(view)
        settle()
        assert not cut_off(made.window), name
        if view.warning is None:
            assert not overlapping(made.window), name
    assert made.window.size() == size


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_no_hint_cuts_off_a_word(screen: ScreenMaker, size: QSize, language: str) -> None:
    made = screen(size, language=language)
    made.model.start()
    for step, hint in enumerate(Hint):
        made.model.take(looking(10.0 * step, hint=hint))
        made.model.take(looking(10.0 * step + 1, hint=hint))
        settle()
        assert not cut_off(made.window), hint
        made.model.take(listening(10.0 * step + 2, 0.5, hint))
        made.model.take(listening(10.0 * step + 3, 0.5, hint))
        settle()
        assert not cut_off(made.window), hint


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_no_fault_cuts_off_a_word(screen: ScreenMaker, size: QSize, language: str) -> None:
    made = screen(size, language=language)
    for code in w.FAULTS:
        made.model.take(Fault("x", "y", code=code))
        made.clock.now += 1
        made.model.tick()
        settle()
        assert not cut_off(made.window), code


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
@pytest.mark.parametrize("name", ["Li", "김하늘", "Wolfeschlegelsteinhausenbergerdorff", "가" * 40])
def test_names_of_any_length_fit(screen: ScreenMaker, size: QSize, name: str) -> None:
    made = screen(size)
    made.model.start()
    made.model.take(decision(name=name))
    settle()
    result = made.window.panels[Page.IDENTIFIED]
    assert isinstance(result, ResultPanel)
    assert result.name.isVisible()
    picture = result.name.grab().toImage()
    right = [picture.pixelColor(picture.width() - 1, y) for y in range(picture.height())]
    assert len({colour.rgb() for colour in right}) == 1  # nothing runs out of the picture
    assert not overlapping(made.window)


@pytest.mark.parametrize("state", STATES)
def test_everything_has_a_name_for_screen_readers(screen: ScreenMaker, state: str) -> None:
    made = screen()
    made.model.changed.emit(views("en", frame())[state])
    settle()
    for button in made.window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName()
    assert made.window.camera_preview.accessibleName()


def test_full_screen_needs_no_window_manager(screen: ScreenMaker, qtbot: QtBot) -> None:
    window = screen(SMALL).window
    window.hide()
    fill_screen(window)
    assert window.isFullScreen()
    assert window.size() == window.screen().size()


# --- motion and reach --------------------------------------------------------------------------


@pytest.mark.parametrize(("motion", "moves"), [("full", True), ("reduced", False)])
def test_reduced_motion(screen: ScreenMaker, motion: str, moves: bool) -> None:
    assert screen(motion=motion).window.welcome.moving is moves


def test_animation_stops_when_it_is_not_seen(screen: ScreenMaker) -> None:
    made = screen(motion="full")
    made.model.start()
    settle()
    assert not made.window.welcome.moving


def test_buttons_of_a_tall_screen_can_be_moved_up(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen(PORTRAIT)
    attract = made.window.panels[Page.ATTRACT]
    assert isinstance(attract, AttractPanel)
    low = attract.button.mapTo(made.window, QPoint(0, 0)).y()
    press(made.window.reach_button)
    settle()
    high = attract.button.mapTo(made.window, QPoint(0, 0)).y()
    assert high < low - 500
    assert not cut_off(made.window)


def test_the_window_takes_any_shape_at_any_moment(screen: ScreenMaker) -> None:
    made = screen(PORTRAIT)
    made.model.start()
    for size in (LANDSCAPE, SMALL, PORTRAIT, SMALL):
        made.window.resize(size)
        settle()
        assert made.window.size() == size


def test_panels_have_what_the_pages_need(screen: ScreenMaker) -> None:
    panels = screen().window.panels
    assert isinstance(panels[Page.LOOK], LookPanel)
    assert isinstance(panels[Page.SPEAK], SpeakPanel)
    assert set(panels) == set(Page)
