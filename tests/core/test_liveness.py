"""Joining channels of presentation attack detection."""

from __future__ import annotations

import math

import pytest

from kiosk.core.liveness import (
    Liveness,
    LivenessOutcome,
    PadChannel,
    PadEvidence,
    PictureScore,
    joint_score,
    mean_odds,
)

PICTURE, MOTION, LIPS = PadChannel


def found(**scores: float | None) -> list[PadEvidence]:
    return [PadEvidence(PadChannel(name), score, 5) for name, score in scores.items()]


def joined(**scores: float | None) -> float:
    score = joint_score(found(**scores))
    assert score is not None
    return score


def test_nothing_measured_says_nothing() -> None:
    assert joint_score([]) is None
    assert joint_score(found(face_picture=None, motion=None)) is None


def test_one_channel_is_its_own_answer() -> None:
    assert math.isclose(joined(face_picture=1.5), 1.5)


def test_a_lively_face_does_not_excuse_a_screen() -> None:
    """A film moves as people do: only the picture channel sees it."""
    assert joined(face_picture=-3.0, motion=3.0, lip_sound=2.0) < -0.5
    assert joined(face_picture=-3.0, motion=30.0) < -0.4


def test_a_living_motion_makes_up_for_a_doubtful_picture() -> None:
    assert joined(face_picture=-1.5) < -0.5
    assert joined(face_picture=-1.5, motion=3.0) > 0.5


def test_a_good_picture_makes_up_for_somebody_who_hardly_stirs() -> None:
    assert joined(face_picture=3.0, motion=-0.5) > 0.5


def test_a_perfect_picture_does_not_excuse_what_is_flat() -> None:
    assert joined(face_picture=3.0, motion=-2.3) < -0.5


def test_a_perfect_face_does_not_excuse_a_foreign_voice() -> None:
    assert joined(face_picture=3.0, motion=2.3, lip_sound=-2.5) < -0.5


def test_more_in_favour_never_harms() -> None:
    failures = [
        (channel, score)
        for channel in ("face_picture", "motion", "lip_sound")
        for score in (-2.0, 0.0, 2.0)
        if joined(**{"face_picture": 0.5, "motion": 0.5, "lip_sound": 0.5, channel: score + 0.5})
        < joined(**{"face_picture": 0.5, "motion": 0.5, "lip_sound": 0.5, channel: score})
    ]
    assert failures == []


def test_evidence_is_found_by_channel() -> None:
    liveness = Liveness(LivenessOutcome.LIVE, 1.0, tuple(found(motion=1.0)))
    assert liveness.of(MOTION) is not None
    assert liveness.of(LIPS) is None
    assert liveness.of(PICTURE) is None


def test_both_looks_count_alike_however_many_of_each_there_are() -> None:
    pictures = [PictureScore(1.0, 0.1, 5.0), PictureScore(3.0, 0.1)]
    assert mean_odds(pictures) == pytest.approx((2.0 + 5.0) / 2)
    assert mean_odds(pictures[1:]) == pytest.approx(3.0)
