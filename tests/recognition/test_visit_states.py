"""The table of a visit's states: every transition is taken by a real visit, every other a bug."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from kiosk.core.errors import BugError
from kiosk.core.events import VisitEvent
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition import visit as visit_module
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit
from kiosk.recognition.visit_states import TABLE, Transition, Trigger, VisitState, transition
from tests.support.scripted import (
    FAR,
    FPS,
    NOBODY,
    Script,
    picture,
    scripted_models,
    sound,
    two_enrolled,
)

Step = tuple[VisitState, Trigger]
S, T = VisitState, Trigger


class Walk:
    """A visit whose time goes on with what it is shown and told; `taken` are its steps."""

    def __init__(self) -> None:
        models = scripted_models(Script())
        self.events: list[VisitEvent] = []
        settings = replace(Settings(), speech_limit=6.0)
        identifier = Identifier(models, two_enrolled(), Policy())
        self.visit = Visit(models, identifier, settings, self.events.append)
        self.time = 0.0

    def see(self, who: int, seconds: float = 1 / FPS) -> None:
        for _ in range(round(seconds * FPS)):
            self.visit.feed(picture(who, self.time))
            self.time += 1 / FPS

    def hear(self, who: int, seconds: float = 1 / FPS) -> None:
        for _ in range(round(seconds * FPS)):
            self.visit.feed(sound(who, self.time))
            self.time += 1 / FPS


def early(walk: Walk) -> None:
    """A usable face, and a microphone that hears nothing yet."""
    walk.hear(0)
    walk.see(0)


def by_voice(walk: Walk, seconds: float) -> None:
    walk.visit.listen_only()
    walk.hear(1, seconds)


REACH: dict[VisitState, Callable[[Walk], object]] = {
    S.WAITING: lambda walk: None,
    S.GATHERING: lambda walk: walk.hear(1),
    S.ANSWERED: early,
    S.DECIDED: lambda walk: walk.see(0, 1.0),
    S.UNUSABLE: lambda walk: walk.see(FAR, 6.2),
    S.VOICE_WAITING: lambda walk: walk.visit.listen_only(),
    S.VOICE_GATHERING: lambda walk: by_voice(walk, 0.2),
    S.VOICE_DECIDED: lambda walk: by_voice(walk, 3.2),
    S.RESTING: lambda walk: walk.visit.rest(),
    S.PAUSED: lambda walk: walk.visit.pause(),
}


def nobody(walk: Walk) -> None:
    """For longer than a visit lasts, to eyes or to ears."""
    if walk.visit.state is S.VOICE_DECIDED:
        walk.hear(0, 2.0)
    else:
        walk.see(NOBODY, 2.0)


def answer(walk: Walk) -> None:
    """With enough speech, and where there was a face, with enough pictures of it."""
    if walk.visit.state is S.ANSWERED:
        walk.see(0, 0.6)
    walk.hear(1, 1.2)
    walk.visit.answer()


CAUSE: dict[Trigger, Callable[[Walk], object]] = {
    T.FACE: lambda walk: walk.see(FAR),
    T.SPEECH: lambda walk: walk.hear(1),
    T.OTHER_FACE: lambda walk: walk.see(1, 1.0),
    T.USABLE_FACE: lambda walk: walk.see(0),
    T.EARLY_ANSWER: early,
    T.ANSWER: answer,
    T.NO_ANSWER: lambda walk: walk.visit.answer(),
    T.GONE: nobody,
    T.LAST_CALL: lambda walk: walk.visit.finish(),
    T.END: lambda walk: walk.visit.end(),
    T.PAUSE: lambda walk: walk.visit.pause(),
    T.RESUME: lambda walk: walk.visit.resume(),
    T.REST: lambda walk: walk.visit.rest(),
    T.LISTEN_ONLY: lambda walk: walk.visit.listen_only(),
}


def test_every_transition_is_taken_by_a_real_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[Step, Transition]] = []

    def noted(state: VisitState, trigger: Trigger) -> Transition:
        found = transition(state, trigger)
        taken.append(((state, trigger), found))
        return found

    monkeypatch.setattr(visit_module, "transition", noted)
    failures = []
    for step, expected in TABLE.items():
        state, trigger = step
        walk = Walk()
        REACH[state](walk)
        if walk.visit.state is not state:
            failures.append(f"{state} was not reached, but {walk.visit.state}")
            continue
        taken.clear()
        CAUSE[trigger](walk)
        if (step, expected) not in taken:
            failures.append(f"{state} + {trigger}: took {[each for each, _ in taken]}")
        elif len(taken) == 1 and walk.visit.state is not expected.state:
            failures.append(f"{state} + {trigger}: is {walk.visit.state}")
    assert not failures, "\n".join(failures)


def test_what_is_not_in_the_table_is_a_bug() -> None:
    accepted = []
    for state, trigger in product(VisitState, Trigger):
        if (state, trigger) not in TABLE:
            try:
                transition(state, trigger)
            except BugError:
                continue
            accepted.append((state, trigger))
    assert not accepted


def test_every_command_has_a_place_in_every_state() -> None:
    commands = [trigger for trigger in Trigger if trigger.startswith("command")]
    missing = [each for each in product(VisitState, commands) if each not in TABLE]
    assert not missing
