"""Who is asked to read digits aloud, and what counts as read."""

from __future__ import annotations

import itertools
import random

import pytest

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.events import Phase, VisitDecision, VisitEvent, VisitProgress
from kiosk.core.liveness import (
    LipSoundMatch,
    Liveness,
    LivenessOutcome,
    PadChannel,
    PadEvidence,
)
from kiosk.core.samples import Hint
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.spoken_request import (
    COUNT,
    LONGEST,
    NOT_READ,
    SHORTEST,
    TIME_LIMIT,
    SpokenRequest,
    random_digits,
)
from kiosk.recognition.visit import Visit
from tests.support.liveness import ScriptedLips, ScriptedMotion, ScriptedPicture, pad_models
from tests.support.scripted import FPS, Script, picture, scripted_models, sound, two_enrolled

DIGITS = (3, 7, 0, 5)
FITS = LipSoundMatch(0.5, 0.0, 0.5, 2.0)
SETTINGS = Settings(speech_limit=20.0)


class Lobby:
    """A visit of the first person enrolled, before a kiosk that asks for digits."""

    def __init__(self, match: LipSoundMatch | None, *, wanted: bool = True) -> None:
        self.events: list[VisitEvent] = []
        models = pad_models(ScriptedPicture(), ScriptedMotion(), ScriptedLips(match))
        spoken = SpokenRequest(wanted, lambda: DIGITS)
        check = LivenessCheck(models, required=True, spoken=spoken)
        scripted = scripted_models(Script())
        identifier = Identifier(scripted, two_enrolled(), Policy())
        self.visit = Visit(scripted, identifier, SETTINGS, self.events.append, liveness=check)
        self._time = 0.0

    def stand(self, seconds: float, *, speaks: bool) -> None:
        for _ in range(round(seconds * FPS)):
            self.visit.feed(picture(0, self._time))
            self.visit.feed(sound(1 if speaks else 0, self._time))
            self._time += 1 / FPS

    @property
    def finals(self) -> list[VisitDecision]:
        return [each for each in self.events if isinstance(each, VisitDecision) and each.final]

    @property
    def asked(self) -> list[VisitProgress]:
        return [e for e in self.events if isinstance(e, VisitProgress) and e.digits]


def test_who_reads_the_digits_aloud_is_named() -> None:
    lobby = Lobby(FITS)
    lobby.stand(3.0, speaks=False)
    assert lobby.finals == []
    assert {each.digits for each in lobby.asked} == {DIGITS}
    assert {each.phase for each in lobby.asked} == {Phase.LISTENING}
    lobby.stand(4.0, speaks=True)
    (final,) = lobby.finals
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED


def test_who_says_nothing_is_not_named_and_is_told_to_speak() -> None:
    lobby = Lobby(FITS)
    lobby.stand(SETTINGS.speech_limit + 1.0, speaks=False)
    final = lobby.finals[0]
    assert final.decision.outcome is DecisionOutcome.UNUSABLE
    assert final.decision.reason is DecisionReason.NOT_CHECKED
    assert (final.liveness.reason, final.hint) == (NOT_READ, Hint.SPEAK)


def test_a_mouth_that_is_not_seen_to_speak_has_read_nothing() -> None:
    lobby = Lobby(None)
    lobby.stand(3.0, speaks=False)
    lobby.stand(6.0, speaks=True)
    assert lobby.finals[0].liveness.reason == NOT_READ
    assert lobby.finals[0].decision.outcome is DecisionOutcome.UNUSABLE


def test_where_it_is_not_switched_on_nobody_is_asked() -> None:
    lobby = Lobby(FITS, wanted=False)
    lobby.stand(6.0, speaks=True)
    assert lobby.asked == []
    assert lobby.finals[0].decision.outcome is DecisionOutcome.IDENTIFIED


def live(fit: float | None) -> Liveness:
    lips = PadEvidence(PadChannel.LIP_SOUND, fit, 1, 2.0)
    return Liveness(LivenessOutcome.LIVE, 2.0, (lips,))


@pytest.mark.parametrize(
    ("fit", "spoken", "outcome"),
    [
        (1.0, 2.0, LivenessOutcome.LIVE),
        (-0.1, 2.0, LivenessOutcome.NOT_CHECKED),
        (None, 2.0, LivenessOutcome.NOT_CHECKED),
        (1.0, SHORTEST - 0.1, LivenessOutcome.NOT_CHECKED),
        (1.0, LONGEST + 0.1, LivenessOutcome.NOT_CHECKED),
    ],
)
def test_length_and_lips_decide(fit: float | None, spoken: float, outcome: LivenessOutcome) -> None:
    request = SpokenRequest(wanted=True)
    request.show(1.0)
    assert request.judged(live(fit), spoken).outcome is outcome


def test_reading_makes_nobody_live() -> None:
    request = SpokenRequest(wanted=True)
    request.show(1.0)
    picture = Liveness(LivenessOutcome.NOT_LIVE, -3.0)
    assert request.judged(picture, 2.0) is picture


def test_digits_are_waited_for_until_time_is_up_and_drawn_anew_for_the_next() -> None:
    request = SpokenRequest(wanted=True)
    assert request.waits(0.0, 5.0), "they were not even shown"
    request.show(5.0)
    first = request.digits
    assert request.waits(SHORTEST - 0.1, 6.0)
    assert not request.waits(SHORTEST, 6.0)
    assert not request.waits(0.0, 5.0 + TIME_LIMIT)
    request.reset()
    assert request.digits == ()
    drawn = {first}
    for _ in range(20):
        request.show(0.0)
        drawn.add(request.digits)
        request.reset()
    assert len(drawn) > 1


def test_no_two_neighbours_are_alike() -> None:
    source = random.Random(3)
    for _ in range(300):
        digits = random_digits(source)
        assert len(digits) == COUNT
        assert all(0 <= digit <= 9 for digit in digits)
        assert all(a != b for a, b in itertools.pairwise(digits))
