"""What the steps of a face's motion say, and which pictures are compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame
from kiosk.core.samples import Box
from kiosk.recognition.motion_evidence import (
    FARTHEST,
    MOST_STEPS,
    REACH,
    STILL_SCORE,
    MotionGathering,
    motion_score,
)
from tests.support.liveness import face

PERSON = MotionStep(5.0, 1.0, 0.4, 1.0, 0.05)
"""Before a wall that stands."""
HELD = MotionStep(5.0, 1.0, 0.06, 0.1, 1.0)
"""A photograph in a hand: it moves with what lies behind the face in it."""
FIXED = MotionStep(0.6, 0.03, 0.02, 0.02, 0.03)
BEFORE_NOTHING = replace(PERSON, against=None, behind=None)
HELD_BEFORE_NOTHING = replace(HELD, against=None, behind=None)


class Remembering:
    """Keeps the times of what was compared."""

    def __init__(self) -> None:
        self.pairs: list[tuple[float, float]] = []

    def compare(self, before: Frame, box: Box, after: Frame) -> MotionStep:
        self.pairs.append((before.time, after.time))
        return PERSON


@pytest.mark.parametrize(
    ("step", "living"),
    [
        (PERSON, True),
        (HELD, False),
        (FIXED, False),
        (BEFORE_NOTHING, True),
        (HELD_BEFORE_NOTHING, False),
        (MotionStep(0.6, 0.03, 0.02), False),
    ],
)
def test_a_head_is_told_from_a_photograph(step: MotionStep, living: bool) -> None:
    score = motion_score([step] * 6)
    assert score is not None
    assert (score > 0.5) is living
    assert (score < -0.5) is not living


def test_a_frozen_picture_is_still_whatever_else_was_seen() -> None:
    assert motion_score([replace(PERSON, change=0.2)] * 6) == STILL_SCORE


def test_where_too_little_could_be_followed_nothing_is_said() -> None:
    assert motion_score([]) is None
    assert motion_score([PERSON]) is None
    assert motion_score([MotionStep(5.0)] * 8) is None
    assert motion_score([PERSON, *[MotionStep(5.0)] * 7]) is None


def test_a_wall_that_was_followed_in_few_steps_is_left_out() -> None:
    mixed = [PERSON, *[BEFORE_NOTHING] * 5]
    assert motion_score(mixed) == motion_score([BEFORE_NOTHING] * 6)


def test_who_moves_more_is_not_surer_to_live() -> None:
    calm, lively = (MotionStep(5.0, moved, 0.4 * moved) for moved in (0.6, 6.0))
    one, other = motion_score([calm] * 6), motion_score([lively] * 6)
    assert one is not None
    assert other is not None
    assert abs(one - other) < 0.5


@pytest.mark.parametrize("rate", [2.4, 5.0, 10.0, 25.0])
def test_pictures_are_compared_whose_distance_is_about_the_reach(rate: float) -> None:
    gathering, model = MotionGathering(), Remembering()
    for number in range(round(2.2 * rate)):
        gathering.see(face(number / rate), model)
    apart = [after - before for before, after in model.pairs]
    assert apart
    assert min(apart) >= REACH - 0.11
    assert max(apart) <= FARTHEST


def test_pictures_too_far_apart_are_not_compared() -> None:
    gathering, model = MotionGathering(), Remembering()
    for time in (0.0, 1.5, 3.0):
        gathering.see(face(time), model)
    assert model.pairs == []


def test_another_face_is_not_compared_with_the_one_before() -> None:
    gathering, model = MotionGathering(), Remembering()
    for number in range(12):
        gathering.see(face(number * 0.2, track=1 + number // 6), model)
    assert all(after < 1.2 or before >= 1.2 for before, after in model.pairs)


def test_a_long_visit_is_looked_at_no_longer_than_it_tells() -> None:
    gathering, model = MotionGathering(), Remembering()
    for number in range(100):
        gathering.see(face(number * 0.2), model)
    assert len(gathering.steps) == MOST_STEPS
