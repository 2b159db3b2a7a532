"""Two people never make one visit: who takes another's place without a gap begins the next one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.events import VisitEnd
from kiosk.core.media import Vector
from kiosk.core.pooling import normalise
from kiosk.core.samples import Embedding, Hint, Probe
from kiosk.recognition.continuity import (
    CHANGE_FRAMES,
    CHANGE_SUM,
    SAME_RATIO,
    FaceContinuity,
    Seen,
)
from kiosk.recognition.visit import FRAME_INTERVAL, LATER_INTERVAL
from tests.support.scripted import ALICE, BOB, CARL, FAR, FPS, NOBODY, Script, sound
from tests.support.visit_stage import Stage, made_stage, names

A, B, C = 0, 1, 2


@pytest.fixture
def stage() -> Stage:
    """Whoever comes stands where the one before stood: the track goes on."""
    return made_stage(script=Script(one_track=True))


def test_a_stranger_in_the_same_place_is_a_visit_of_their_own_whenever_they_come() -> None:
    failures = []
    for before in (0.2, 0.4, 1.2, 2.0):  # before the first answer is final, and after
        for says in (None, 0):  # without a microphone, and with one that hears nothing
            stage = made_stage(script=Script(one_track=True))
            stage.play(0, before, A, says)
            stage.play(before, 2.0, C, says)
            stage.visit.finish()
            last = stage.finals[-1]
            if last.decision.outcome is not DecisionOutcome.UNKNOWN or last.visit != 2:
                failures.append(f"{before} s, {says}: visit {last.visit} {names(stage.finals)}")
            if [each.end for each in stage.ends] != [VisitEnd.SOMEBODY_ELSE]:
                failures.append(f"{before} s, {says}: ended {stage.ends}")
    assert not failures, "\n".join(failures)


def test_two_seconds_each_are_two_decisions(stage: Stage) -> None:
    stage.play(0, 2, A)
    stage.play(2, 2, B)
    assert names(stage.finals) == ["Alice", "Bob"]
    assert stage.finals[1].time - 2 <= LATER_INTERVAL + 5 * FRAME_INTERVAL + 1 / FPS


def test_the_frames_from_the_change_on_are_the_next_visits(stage: Stage) -> None:
    stage.play(0, 0.5, A, says=0)
    stage.play(0.5, 0.6, C, says=0)
    seen = [event.good_frames for event in stage.decisions if event.visit == 2]
    assert seen == [CHANGE_FRAMES]


class _Kept:
    """Keeps the probes of every final answer."""

    def __init__(self) -> None:
        self.probes: list[Probe] = []

    def decided(
        self,
        decision: object,
        probes: Sequence[Probe],
        liveness: object = None,
        *,
        stand_in: bool = False,
    ) -> None:
        self.probes += probes

    def denied(self, probes: Sequence[Probe]) -> None:
        raise AssertionError("nobody denies")


def test_no_probe_holds_a_sample_of_another_person() -> None:
    kept = _Kept()
    stage = made_stage(kept, Script(one_track=True))
    time = 0.0
    for who, seconds in ((A, 0.44), (C, 1.0), (B, 0.2), (A, 2.0), (C, 0.12), (B, 3.0)):
        stage.play(time, seconds, who)
        time += seconds
    purest = [
        float(max(probe.vector @ person for person in (ALICE, BOB, CARL))) for probe in kept.probes
    ]
    assert len(purest) >= 3
    assert min(purest) > 0.9999


def test_a_glimpse_of_a_bystander_ends_nothing_and_stays_in_no_probe() -> None:
    failures = []
    for one_track in (True, False):
        for seconds in (0.04, 0.12, 0.2):
            kept = _Kept()
            stage = made_stage(kept, Script(one_track=one_track))
            stage.play(0, 0.3, A, says=0)
            stage.play(0.3, seconds, C, says=0)
            stage.play(0.3 + seconds, 2.0, A, says=0)
            stage.visit.finish()
            pure = float(kept.probes[0].vector @ ALICE)
            if stage.ends or names(stage.finals) != ["Alice"] or pure < 0.9999:
                failures.append(f"{one_track}, {seconds} s: {stage.ends}, {pure}")
    assert not failures, "\n".join(failures)


def test_a_glimpse_after_the_answer_ends_nothing(stage: Stage) -> None:
    stage.play(0, 1.5, A)
    stage.play(1.5, 0.2, C)
    stage.play(1.7, 2.0, A)
    assert names(stage.finals) == ["Alice"]
    assert not stage.ends


def test_what_the_first_said_is_not_the_seconds(stage: Stage) -> None:
    stage.play(0, 2.0, A, says=1)
    stage.play(2.0, 4.0, C, says=3)
    final = stage.finals[-1]
    assert final.visit == 2
    assert final.decision.outcome is DecisionOutcome.UNKNOWN
    assert not final.decision.conflict


def test_two_speakers_in_one_stretch_of_speech_are_asked_again_one_at_a_time() -> None:
    stage = made_stage()
    _speak(stage, 0.0, 1.5, 1)
    _speak(stage, 1.5, 1.5, 2)
    assert not stage.finals  # a voice of two is none
    _speak(stage, 3.0, 3.0, 1)
    assert names(stage.finals) == ["Alice"]
    other = made_stage()
    _speak(other, 0.0, 1.5, 1)
    _speak(other, 1.5, 1.5, 2)
    other.visit.finish()
    assert names(other.finals) == [None]
    assert other.finals[0].hint is Hint.ONE_PERSON


def test_what_was_said_long_before_a_face_could_be_compared_is_not_counted_for_it() -> None:
    stage = made_stage()
    stage.play(0, 2.0, FAR, says=1)
    stage.play(2.0, 2.0, FAR, says=0)
    stage.play(4.0, 1.5, C, says=3)
    stage.visit.finish()
    final = stage.finals[-1]
    assert final.decision.outcome is DecisionOutcome.UNKNOWN
    assert not final.decision.conflict
    assert final.speech_seconds == pytest.approx(1.5, abs=0.1)


# --- the change point itself ------------------------------------------------------------------


def _line(ratio: float) -> Vector:
    """A vector whose cosine with ALICE gives this ratio by `_ratio`."""
    cosine = ratio / 10
    return np.asarray(normalise(np.array([cosine, np.sqrt(1 - cosine**2), *[0.0] * 6])))


def _ratio(one: Vector, other: Vector) -> float:
    return float(one @ other) * 10


def _judged(ratios: list[float]) -> list[Seen]:
    continuity = FaceContinuity()
    return [
        continuity.judge(Embedding(_line(ratio), 1.0), float(k), ALICE, _ratio)
        for k, ratio in enumerate(ratios)
    ]


def test_who_looks_alike_takes_longer_to_be_told_apart_and_never_joins() -> None:
    near = SAME_RATIO - 2.5
    seen = _judged([near] * 20)
    first = seen.index(Seen.OTHER)
    assert Seen.SAME not in seen
    assert first + 1 == np.ceil(CHANGE_SUM / 2.5)
    assert _judged([-6.0] * 9).index(Seen.OTHER) + 1 == CHANGE_FRAMES


def test_one_frame_that_matches_begins_the_count_again() -> None:
    assert Seen.OTHER not in _judged([-6.0, -6.0, SAME_RATIO + 1] * 5)


# --- enough pictures --------------------------------------------------------------------------


def test_a_glimpse_is_no_final_answer_and_the_visitor_is_asked_to_look_longer() -> None:
    stage = made_stage()
    stage.play(0, 0.3, A, says=0)
    stage.play(0.3, 2.0, NOBODY, says=0)
    assert [final.decision.outcome for final in stage.finals] == [DecisionOutcome.UNUSABLE]
    assert stage.finals[0].hint is Hint.LOOK_LONGER
    stage.play(2.3, 1.0, A)
    stage.visit.finish()
    assert names(stage.finals) == [None, "Alice"]


def test_time_that_is_up_makes_no_answer_from_too_few_pictures() -> None:
    stage = made_stage()
    stage.play(0, 0.2, A, says=1)
    stage.play(0.2, 6.0, FAR, says=1)
    assert names(stage.finals) == [None]
    assert stage.finals[0].hint is Hint.LOOK_LONGER


def test_nobody_is_named_by_voice_alone_while_a_face_is_in_view_that_was_not_compared() -> None:
    failures = []
    for ends in (False, True):  # time is up, or the recording ends
        stage = made_stage()
        stage.play(0, 4.0 if ends else 7.0, FAR, says=1)
        if ends:
            stage.visit.finish()
        if names(stage.finals) != [None] or stage.finals[0].hint is not Hint.COME_CLOSER:
            failures.append(f"{ends}: {names(stage.finals)} {stage.finals[0].hint}")
    assert not failures, "\n".join(failures)


def test_who_was_named_by_voice_before_the_camera_came_is_looked_at_when_it_comes() -> None:
    stage = made_stage()
    _speak(stage, 0, 3.5, 1)
    assert names(stage.finals) == ["Alice"]
    stage.play(3.5, 1.0, C)
    assert [end.end for end in stage.ends] == [VisitEnd.SOMEBODY_ELSE]
    stage.visit.finish()
    assert names(stage.finals) == ["Alice", None]


def _speak(stage: Stage, start: float, seconds: float, who: int) -> None:
    for k in range(round(seconds * FPS)):
        stage.visit.feed(sound(who, start + k / FPS))


def test_a_still_is_answered() -> None:
    stage = made_stage()
    stage.play(0, 1 / FPS, A)
    stage.visit.finish()
    assert names(stage.finals) == ["Alice"]
