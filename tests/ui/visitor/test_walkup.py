"""Which page the walk-up screen shows: events, touches and time in, views out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.events import Fault, Phase, VisitEnd
from kiosk.core.media import Modality
from kiosk.core.samples import Hint
from kiosk.core.settings import Settings
from kiosk.ui.visitor.walkup import RETRY_SECONDS, SOURCE_ENDED, Page, View, WalkUp
from tests.support.ui_support import (
    AskedControl,
    HandClock,
    decision,
    ended,
    listening,
    looking,
    nobody,
)

Make = Callable[..., WalkUp]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def control() -> AskedControl:
    return AskedControl()


@pytest.fixture
def make(qtbot: QtBot, clock: HandClock, control: AskedControl) -> Make:
    """A state machine with settings changed by name."""

    def made(**changes: Any) -> WalkUp:
        return WalkUp(replace(Settings(), **changes), control, clock)

    return made


def page(model: WalkUp) -> Page:
    """What is shown now; a call, for a type checker believes that an attribute stays."""
    return model.view.page


def at_result(model: WalkUp, outcome: DecisionOutcome = DecisionOutcome.IDENTIFIED) -> None:
    """Bring a visit to its result."""
    model.start()
    model.take(looking())
    model.take(decision(outcome))


# --- beginning ---------------------------------------------------------------------------------


def test_nothing_is_looked_at_before_start(make: Make, control: AskedControl) -> None:
    model = make(start="touch")
    assert control.asked == ["pause"]
    model.take(looking())
    assert page(model) is Page.ATTRACT
    model.start()
    assert page(model) is Page.LOOK
    assert control.asked[-1] == "resume"


def test_walking_up_begins_a_visit_where_that_is_set(make: Make, control: AskedControl) -> None:
    model = make(start="walk_up")
    assert "pause" not in control.asked
    model.take(nobody(0))
    assert page(model) is Page.ATTRACT
    model.take(looking(1))
    assert page(model) is Page.LOOK


def test_passers_by_leave_no_trace(make: Make) -> None:
    model = make(start="walk_up")
    model.take(looking(1))
    model.take(nobody(3))
    assert page(model) is Page.ATTRACT
    assert model.view.face is None


# --- a visit -----------------------------------------------------------------------------------


def test_a_whole_visit(make: Make) -> None:
    model = make()
    seen: list[Page] = []

    def note(view: View) -> None:
        if not seen or seen[-1] is not view.page:
            seen.append(view.page)

    model.changed.connect(note)
    model.start()
    for event in (
        looking(0, 0),
        looking(1, 3),
        decision(final=False),
        listening(2),
        listening(3, 1.5),
        listening(4, 3.0),
        decision(),
    ):
        model.take(event)
    assert seen == [Page.LOOK, Page.SPEAK, Page.THINK, Page.IDENTIFIED]
    assert model.view.decision is not None
    assert model.view.face is None


def test_an_early_answer_is_not_shown(make: Make) -> None:
    model = make()
    model.start()
    model.take(looking())
    model.take(decision(final=False))
    assert page(model) is Page.LOOK
    assert model.view.decision is None


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (DecisionOutcome.IDENTIFIED, Page.IDENTIFIED),
        (DecisionOutcome.UNKNOWN, Page.UNKNOWN),
        (DecisionOutcome.CONTRADICTED, Page.CONTRADICTED),
        (DecisionOutcome.UNUSABLE, Page.UNUSABLE),
        (DecisionOutcome.NOT_LIVE, Page.NOT_LIVE),
    ],
)
def test_every_outcome_has_its_page(make: Make, outcome: DecisionOutcome, expected: Page) -> None:
    model = make()
    at_result(model, outcome)
    assert page(model) is expected


def test_a_decision_nobody_waits_for_is_not_shown(make: Make) -> None:
    model = make()
    model.take(decision())
    assert page(model) is Page.ATTRACT
    assert model.view.decision is None


def test_going_on_without_speaking(make: Make, control: AskedControl) -> None:
    model = make()
    model.start()
    model.take(listening(1))
    model.skip_voice()
    assert control.asked[-1] == "answer"
    assert page(model) is Page.THINK
    model.take(listening(1.1))
    assert page(model) is Page.THINK
    model.take(decision())
    assert page(model) is Page.IDENTIFIED


def test_digits_are_shown_until_they_are_read(make: Make) -> None:
    model = make()
    model.start()
    pages = []
    for event in (
        replace(listening(1), digits=(3, 7, 0, 5)),
        replace(listening(2, 3.0), digits=(3, 7, 0, 5)),
        listening(3, 3.0),
    ):
        model.take(event)
        pages.append((model.view.page, model.view.digits))
    assert pages == [(Page.SPEAK, (3, 7, 0, 5)), (Page.SPEAK, (3, 7, 0, 5)), (Page.THINK, ())]


def test_by_voice_alone(make: Make, control: AskedControl) -> None:
    model = make()
    model.start()
    model.by_voice()
    assert control.asked[-1] == "listen_only"
    pages = []
    unseen = replace(listening(1), face=None)
    for event in (
        replace(unseen, phase=Phase.WAITING),
        replace(unseen, voice=listening(2, 1.0).voice),
        replace(unseen, voice=listening(3, 3.0).voice),
        decision(),
    ):
        model.take(event)
        pages.append(model.view.page)
    assert pages == [Page.SPEAK, Page.SPEAK, Page.THINK, Page.IDENTIFIED]


def test_the_hint_of_the_visit_is_shown(make: Make) -> None:
    model = make()
    model.start()
    model.take(looking(0.0, hint=Hint.COME_CLOSER))
    assert model.view.hint is Hint.COME_CLOSER
    model.take(looking(0.1))
    assert model.view.hint is None


# --- leaving -----------------------------------------------------------------------------------


def test_result_is_gone_when_the_person_is(make: Make, control: AskedControl) -> None:
    model = make()
    at_result(model)
    model.take(nobody(4.5))
    assert page(model) is Page.IDENTIFIED
    model.take(ended(6.0))
    assert page(model) is Page.ATTRACT
    assert model.view.decision is None
    assert control.asked[-1] == "pause"


def test_somebody_who_passes_does_not_see_the_result_of_another(make: Make) -> None:
    model = make(start="walk_up")
    at_result(model)
    model.take(ended(9, VisitEnd.SOMEBODY_ELSE))
    assert page(model) is Page.ATTRACT
    model.take(looking(9, visit=2))
    assert page(model) is Page.LOOK
    assert model.view.decision is None


def test_newcomers_are_served_at_once(make: Make, control: AskedControl) -> None:
    """`rest` would make the next person wait; it is for the one who is still there."""
    model = make(start="walk_up")
    at_result(model)
    model.take(nobody(10.0))
    model.take(ended(12.0))
    assert page(model) is Page.ATTRACT
    assert "rest" not in control.asked


def test_who_has_finished_is_not_looked_at_again(make: Make, control: AskedControl) -> None:
    model = make(start="walk_up")
    at_result(model)
    model.finish()
    assert control.asked[-1] == "rest"
    assert page(model) is Page.ATTRACT
    assert model.view.decision is None


def test_not_me(make: Make, control: AskedControl) -> None:
    model = make()
    at_result(model)
    model.not_me()
    assert page(model) is Page.NOT_ME
    assert model.view.decision is None
    assert control.asked[-1] == "deny"
    model.start()
    assert control.asked[-2:] == ["end", "resume"]
    assert page(model) is Page.LOOK


def test_reason_of_an_unusable_attempt_stays_readable(make: Make, clock: HandClock) -> None:
    model = make()
    model.start()
    model.take(decision(DecisionOutcome.UNUSABLE, hint=Hint.MORE_LIGHT))
    assert model.view.hint is Hint.MORE_LIGHT
    model.take(looking(5, visit=2))
    assert page(model) is Page.UNUSABLE
    clock.now += 5
    model.take(looking(6, visit=2))
    assert page(model) is Page.LOOK


# --- time --------------------------------------------------------------------------------------


def test_time_out_warns_and_then_forgets(make: Make, clock: HandClock) -> None:
    model = make(result_seconds=20.0)
    at_result(model)
    clock.now += 11
    model.tick()
    assert model.view.warning is None
    clock.now += 2
    model.tick()
    assert model.view.warning == 7
    clock.now += 7.5
    model.tick()
    assert page(model) is Page.ATTRACT
    assert model.view.decision is None


def test_a_touch_gives_the_full_time_again(make: Make, clock: HandClock) -> None:
    model = make(result_seconds=20.0)
    at_result(model)
    clock.now += 15
    model.tick()
    assert model.view.warning is not None
    model.touched()
    assert model.view.warning is None
    clock.now += 11
    model.tick()
    assert model.view.warning is None


def test_nobody_came_after_start(make: Make, clock: HandClock) -> None:
    model = make(result_seconds=20.0)
    model.start()
    for step in range(30):
        clock.now += 1
        model.take(nobody(float(step)))
        model.tick()
    assert page(model) is Page.ATTRACT


def test_no_time_out_while_somebody_is_being_looked_at(make: Make, clock: HandClock) -> None:
    model = make(result_seconds=10.0)
    model.start()
    for step in range(30):
        clock.now += 1
        model.take(looking(float(step)))
        model.tick()
    assert page(model) is Page.LOOK
    assert model.view.warning is None


# --- faults ------------------------------------------------------------------------------------


def test_a_lost_camera_is_a_fault_in_full(make: Make, clock: HandClock) -> None:
    model = make()
    at_result(model)
    model.take(Fault("gone", "plug", Modality.FACE, code="DeviceMissing"))
    clock.now += 1
    model.tick()
    assert page(model) is Page.FAULT
    assert model.view.decision is None
    model.take(Fault("back", "", restored=True))
    assert page(model) is Page.ATTRACT


def test_a_lost_microphone_leaves_the_visit_running(make: Make, clock: HandClock) -> None:
    model = make()
    model.start()
    model.take(Fault("gone", "plug", Modality.VOICE, code="DeviceSilent"))
    clock.now += 5
    model.take(looking(3))
    model.tick()
    assert page(model) is Page.LOOK
    assert model.view.limited is not None


def test_a_camera_that_is_back_leaves_the_notice_of_the_microphone(
    make: Make, clock: HandClock
) -> None:
    model, asked = make(), list[int]()
    model.retry.connect(lambda: asked.append(1))
    model.take(Fault("gone", "plug", Modality.VOICE, code="DeviceMissing", tried=True))
    model.take(Fault("gone", "plug", Modality.FACE, code="DeviceMissing", tried=True))
    clock.now += 1
    model.tick()
    clock.now += 2 * RETRY_SECONDS  # it is tried again by itself: nothing begins anew for it
    model.tick()
    assert page(model) is Page.FAULT
    assert asked == []
    model.take(Fault("back", "", Modality.FACE, restored=True))
    assert page(model) is Page.ATTRACT
    assert model.view.fault is None
    assert model.view.limited is not None
    model.take(Fault("back", "", Modality.VOICE, restored=True))
    assert model.view.limited is None


def test_pictures_after_a_fault_say_that_it_was_not_the_camera(
    make: Make, clock: HandClock
) -> None:
    model = make()
    model.start()
    model.take(Fault("something", "remedy"))
    model.take(looking(3))
    clock.now += 5
    model.take(looking(8))
    model.tick()
    assert page(model) is Page.LOOK
    assert model.view.limited is not None


def test_models_missing(make: Make, clock: HandClock) -> None:
    model = make()
    model.take(Fault("no weights", "fetch", code="ModelError"))
    clock.now += 1
    model.tick()
    assert page(model) is Page.FAULT
    assert model.view.fault is not None
    assert model.view.fault.code == "ModelError"


def test_a_recording_that_ended_leaves_its_result_until_it_is_cleared(
    make: Make, clock: HandClock
) -> None:
    model = make(start="walk_up", result_seconds=10.0)
    at_result(model)
    model.take(Fault("ended", "start again", code="SourceEnded"))
    clock.now += 3
    model.tick()
    assert page(model) is Page.IDENTIFIED
    clock.now += 8
    model.tick()
    assert page(model) is Page.FAULT


def test_waiting_phase_of_a_resting_engine_with_somebody_there_is_not_gone(make: Make) -> None:
    """While resting the engine reports WAITING though a face is seen."""
    model = make()
    at_result(model)
    model.not_me()
    for step in range(10):
        model.take(replace(looking(float(step)), phase=Phase.WAITING))
    assert page(model) is Page.NOT_ME


def test_everything_of_the_visit_is_forgotten(make: Make, qtbot: QtBot) -> None:
    model = make()
    at_result(model)
    with qtbot.waitSignal(model.forgotten):
        model.finish()
    left = model.view
    assert (left.face, left.voice, left.hint, left.decision, left.good_frames) == (
        None,
        None,
        None,
        None,
        0,
    )


def test_a_fault_that_lasts_begins_anew_by_itself(make: Make, clock: HandClock) -> None:
    model, asked = make(), list[int]()
    model.retry.connect(lambda: asked.append(1))
    model.take(Fault("x", "y", code="ModelError"))
    clock.now += 1
    model.tick()
    assert page(model) is Page.FAULT
    clock.now += RETRY_SECONDS - 1
    model.tick()
    assert asked == []
    clock.now += 2
    model.tick()
    model.tick()
    assert asked == [1]


def test_a_recording_that_has_ended_does_not_begin_anew(make: Make, clock: HandClock) -> None:
    model, asked = make(), list[int]()
    model.retry.connect(lambda: asked.append(1))
    model.take(Fault("x", "y", code=SOURCE_ENDED))
    for _ in range(3):
        clock.now += RETRY_SECONDS
        model.tick()
    assert page(model) is Page.FAULT
    assert model.view.ended
    assert asked == []
