"""Who enrols themselves can leave on every step, and is led there in words anyone can follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from kiosk.core.events import Fault
from kiosk.core.media import Frame, Modality, NoticeKind, SourceNotice
from kiosk.enrolment.guided_capture import Goal
from kiosk.ui.strings import enrolment, self_enrolment
from kiosk.ui.visitor.walkup import Page
from tests.support.guided import POSES
from tests.support.layouts import cut_off, overlapping
from tests.support.people_office import key, press
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, settle
from tests.support.walk_room import Make, Walk, at_consent
from tools.screenshots.self_enrolment import SelfStates
from tools.screenshots.walkup import drawn_person, views

SIZES = [PORTRAIT, LANDSCAPE, SMALL]


def at_name(made: Walk) -> None:
    made.agree()
    made.flow.name.field.setText("Ann")


def at_capture(made: Walk) -> None:
    made.go_on()
    made.look(0, [POSES[Goal.STRAIGHT]])


STEPS = [at_consent, at_name, at_capture, Walk.capture]


def cancel(made: Walk) -> None:
    key(Qt.Key.Key_Escape)


def time_out(made: Walk) -> None:
    made.screen.clock.now += 4 * made.screen.settings.result_seconds + 1
    made.model.tick()


def staff(made: Walk) -> None:
    made.model.suspend()


def fault(made: Walk) -> None:
    made.model.take(Fault("x", "y", Modality.FACE, code="DeviceMissing"))
    made.screen.clock.now += 1
    made.model.tick()


@pytest.mark.parametrize("leave", [cancel, time_out, staff, fault])
@pytest.mark.parametrize("step", STEPS)
def test_whoever_leaves_is_forgotten(
    walk: Make, step: Callable[[Walk], None], leave: Callable[[Walk], None]
) -> None:
    made = walk()
    step(made)
    leave(made)
    settle()
    assert made.page in (Page.ATTRACT, Page.FAULT)
    assert made.flow.isHidden()
    assert made.forgotten()
    assert made.gallery.subjects() == []


@pytest.mark.parametrize("way", ["decline", "back_of_name", "back_of_capture", "discard"])
def test_there_is_a_way_out_on_every_step(walk: Make, way: str) -> None:
    made = walk()
    flow = made.flow
    ways: dict[str, tuple[Callable[[Walk], None], QAbstractButton]] = {
        "decline": (at_consent, flow.consent.decline_button),
        "back_of_name": (at_name, flow.name.back_button),
        "back_of_capture": (at_capture, flow.capture.back_button),
        "discard": (Walk.capture, flow.telling.finish_button),
    }
    begin, button = ways[way]
    begin(made)
    press(button)
    assert made.page is Page.ATTRACT
    assert made.forgotten()


def test_after_it_a_kiosk_that_sees_by_itself_looks_again(walk: Make) -> None:
    made = walk(start="walk_up")
    at_consent(made)
    made.model.finish()
    assert made.screen.control.asked[-2:] == ["resume", "rest"]


def test_there_is_time_to_read_and_a_warning_before_it_ends(walk: Make) -> None:
    made = walk(result_seconds=20.0)
    at_consent(made)
    made.screen.clock.now += 65
    made.model.tick()
    assert not made.window.timeout.isVisible()
    made.screen.clock.now += 10
    made.model.tick()
    assert made.window.timeout.isVisible()
    press(made.window.timeout.more_button)
    assert not made.window.timeout.isVisible()


def test_typing_and_being_seen_are_signs_of_life(walk: Make) -> None:
    made = walk(result_seconds=20.0)
    made.agree()
    for sign in "Ann":
        made.screen.clock.now += 60
        made.type(sign)
        made.model.tick()
    assert made.page is Page.ENROL
    press(made.flow.name.on_button)
    made.wait(made.flow.capture)
    made.screen.clock.now += 60
    made.look(0, [POSES[Goal.STRAIGHT]])
    made.screen.clock.now += 60
    made.model.tick()
    assert made.page is Page.ENROL
    made.path.pose = None  # gone: pictures of nobody are no sign
    for _ in range(30):
        made.session.feed(Frame(drawn_person()[:4, :4].copy(), made.time))
    settle()
    made.screen.clock.now += 21
    made.model.tick()
    assert made.flow.isHidden()


def test_a_lost_source_is_told_while_posing(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.session.feed(SourceNotice(NoticeKind.LOST, "The camera went away.", "Plug it in."))
    settle()
    assert enrolment.SOURCE_LOST in made.told()


# --- languages, sizes, reach, screen readers ---------------------------------------------------


def test_the_language_can_be_switched_on_the_way(walk: Make) -> None:
    made = walk()
    at_consent(made)
    press(made.window.language_button)
    assert "동의합니다" in made.told()
    press(made.flow.consent.agree_button)
    made.type("ㅎㅏㄴ")
    press(made.window.language_button)
    assert self_enrolment.NAME_TITLE in made.told()
    assert made.flow.name.field.text() == "한"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_no_step_cuts_off_a_word(walk: Make, size: QSize, language: str) -> None:
    made = walk(size=size, language=language)
    picture = Frame(drawn_person(), 0.0)
    unknown = views(language, picture)["unknown"]
    states = SelfStates(made.window, language, made.screen.mailbox, picture, unknown)
    for controls in ("low", "high"):
        made.window.adopt(replace(made.screen.settings, controls=controls))
        for name, step in states.steps().items():
            step()
            settle()
            assert not cut_off(made.window), name
            if "warning" not in name:
                assert not overlapping(made.window), name
            assert made.window.size() == size
        made.model.changed.emit(replace(unknown, page=Page.ATTRACT))


def test_high_controls_move_what_is_touched(walk: Make) -> None:
    made = walk(controls="high")
    at_name(made)
    settle()
    keyboard = made.flow.name.keyboard
    high = keyboard.mapTo(made.window, keyboard.rect().center()).y()
    press(made.window.reach_button)
    settle()
    low = keyboard.mapTo(made.window, keyboard.rect().center()).y()
    assert high < made.window.height() / 2 < low


def test_every_button_and_field_has_a_name_for_screen_readers(walk: Make) -> None:
    made = walk()
    for step in (at_consent, at_name, at_capture):
        step(made)
        settle()
        for widget in made.window.findChildren(QAbstractButton) + made.window.findChildren(
            QLineEdit
        ):
            if widget.isVisible():
                assert widget.accessibleName(), widget
        assert QApplication.focusWidget() is not None
        made.model.finish()


def test_each_step_is_told_to_screen_readers(walk: Make) -> None:
    made = walk()
    said: list[str] = []
    made.flow.told.connect(said.append)
    made.go_on()
    for pose in made.asked_for():
        made.look(0, [pose])
    made.retranslate(0)
    made.wait(made.flow.telling)
    settle()
    assert said[0].startswith(self_enrolment.CONSENT_TITLE)
    assert self_enrolment.NAME_TITLE in said
    assert any("left" in each for each in said)
    assert any(phrase in each for each in said for phrase in enrolment.PHRASES)
    assert said[-1].startswith("Shall I save this, Ann?")
