"""What the steps of a face's motion say, and which pictures are compared."""

from __future__ import annotations

import math
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


def by_hand(step: MotionStep) -> tuple[float, float]:
    """How far it moved and bent, and against what lies behind, as the module tells it."""
    assert step.moved is not None
    assert step.bend is not None
    own = math.log(min(step.moved, 0.3)) + math.log((step.bend + 0.02) / (step.moved + 0.1))
    if step.against is None or step.behind is None:
        return own, math.nan
    return own, max(-1.5, min(1.5, math.log((step.against + 0.03) / (step.behind + 0.03))))


@pytest.mark.parametrize(
    "step",
    [
        MotionStep(5.0, 0.2, 0.03, 0.1, 0.2),
        MotionStep(5.0, 0.4, 0.05, 0.3, 0.2),
        MotionStep(5.0, 0.2, 0.1, 0.1, 0.5),
        MotionStep(0.4, 0.3, 0.03, 0.2, 0.1),
    ],
)
def test_the_score_is_the_sum_of_three_logarithms(step: MotionStep) -> None:
    own, against = by_hand(step)
    score = motion_score([step] * 2)
    assert score == pytest.approx(max(-3.7, min(3.0, 3.7 * (own + against) + 11.5)))
    alone = motion_score([replace(step, against=None), replace(step, behind=None)])
    assert alone == pytest.approx(max(-1.5, min(1.0, 0.95 * own + 2.7)))


def test_steps_of_different_movement_are_averaged() -> None:
    one, two = MotionStep(5.0, 0.2, 0.03, 0.1, 0.2), MotionStep(5.0, 0.25, 0.03, 0.2, 0.2)
    sums = [sum(by_hand(step)) for step in (one, two, two)]
    assert motion_score([one, two, two]) == pytest.approx(3.7 * sum(sums) / 3 + 11.5)
    assert motion_score([one]) is None
    lost = replace(one, moved=None)
    assert motion_score([one, lost, lost]) is None
    assert motion_score([one, two, lost]) == pytest.approx(3.7 * sum(sums[:2]) / 2 + 11.5)


def test_a_picture_is_still_below_its_bound_by_the_median() -> None:
    step = MotionStep(0.399, 0.2, 0.03, 0.1, 0.2)
    assert motion_score([step] * 3) == STILL_SCORE
    assert motion_score([step, step, replace(step, change=9.0)]) == STILL_SCORE
    assert motion_score([replace(step, change=0.4)] * 3) != STILL_SCORE


def test_what_lies_behind_counts_where_half_of_the_steps_saw_it() -> None:
    step = MotionStep(5.0, 0.2, 0.03, 0.1, 0.2)
    blind = replace(step, against=None, behind=None)
    own, against = by_hand(step)
    both = motion_score([step] * 2 + [blind] * 2)
    assert both == pytest.approx(3.7 * (own + against) + 11.5)
    assert motion_score([step] * 2 + [blind] * 3) == pytest.approx(0.95 * own + 2.7)
