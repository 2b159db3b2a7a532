"""Pose and the measures behind the outcome codes, one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kiosk.core.media import Points
from kiosk.core.samples import Box, FaceOutcome, Hint, Pose
from kiosk.inference.face.geometry.pose import HEAD, head_pose
from kiosk.inference.face.quality import (
    FaceMeasures,
    QualityLimits,
    judge,
    outside_share,
    quality,
    sharpness,
)

LIMITS = QualityLimits()
GOOD = FaceMeasures(
    width=120,
    outside=0.0,
    rival=0.0,
    pose=Pose(0, 0, 0),
    cover=0.02,
    sharpness=0.06,
    contrast=100,
    highlight=190,
    burnt=0.0,
    uneven=0.2,
)


def projected(yaw: float, pitch: float, roll: float) -> Points:
    """The mean head turned by degrees and seen from afar."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    head = HEAD @ (about_z @ about_y @ about_x).T
    return np.asarray(head[:, :2] * 80 + [300, 200], dtype=np.float32)


@pytest.mark.parametrize("yaw", [-30, 0, 30])
@pytest.mark.parametrize("pitch", [-20, 0, 20])
def test_pose_is_that_of_the_head(yaw: float, pitch: float) -> None:
    pose = head_pose(projected(yaw, pitch, 0))
    assert pose.yaw == pytest.approx(yaw, abs=2.5)
    assert pose.pitch == pytest.approx(pitch, abs=2.5)
    assert pose.roll == pytest.approx(0, abs=6)


@pytest.mark.parametrize("roll", [-40, 10, 80])
def test_roll_is_clockwise(roll: float) -> None:
    assert head_pose(projected(0, 0, roll)).roll == pytest.approx(roll, abs=0.1)


def test_landmarks_on_one_point_have_no_pose() -> None:
    assert head_pose(np.zeros((5, 2), dtype=np.float32)) == Pose(0.0, 0.0, 0.0)


def test_a_good_face_is_usable() -> None:
    judgement = judge(GOOD, LIMITS)
    assert (judgement.outcome, judgement.hint) == (FaceOutcome.USABLE, None)
    assert judgement.quality == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "outcome", "hint"),
    [
        ({"rival": 0.8}, FaceOutcome.SEVERAL_FACES, Hint.ONE_PERSON),
        ({"outside": 0.3}, FaceOutcome.CUT_OFF, Hint.MOVE_TO_CENTRE),
        ({"width": 50.0}, FaceOutcome.TOO_SMALL, Hint.COME_CLOSER),
        ({"pose": Pose(50, 0, 0)}, FaceOutcome.TURNED_OR_COVERED, Hint.LOOK_HERE),
        ({"pose": Pose(0, -45, 0)}, FaceOutcome.TURNED_OR_COVERED, Hint.LOOK_HERE),
        ({"pose": Pose(0, 0, 60)}, FaceOutcome.TURNED_OR_COVERED, Hint.LOOK_HERE),
        ({"cover": 0.9}, FaceOutcome.TURNED_OR_COVERED, Hint.UNCOVER_FACE),
        ({"highlight": 25.0}, FaceOutcome.POOR_PICTURE, Hint.MORE_LIGHT),
        ({"contrast": 10.0}, FaceOutcome.POOR_PICTURE, Hint.MORE_LIGHT),
        ({"uneven": 3.0}, FaceOutcome.POOR_PICTURE, Hint.MORE_LIGHT),
        ({"burnt": 0.5}, FaceOutcome.POOR_PICTURE, Hint.LESS_LIGHT),
        ({"sharpness": 0.0005}, FaceOutcome.POOR_PICTURE, Hint.HOLD_STILL),
    ],
)
def test_each_fault_has_its_code_and_hint(
    change: dict[str, Any], outcome: FaceOutcome, hint: Hint
) -> None:
    judgement = judge(replace(GOOD, **change), LIMITS)
    assert (judgement.outcome, judgement.hint) == (outcome, hint)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"width": 100.0}, {"width": 62.0}),
        ({"pose": Pose(15, 0, 0)}, {"pose": Pose(35, 0, 0)}),
        ({"sharpness": 0.03}, {"sharpness": 0.011}),
        ({"contrast": 60.0}, {"contrast": 26.0}),
        ({"cover": 0.1}, {"cover": 0.45}),
    ],
)
def test_quality_falls_with_each_measure(better: dict[str, Any], worse: dict[str, Any]) -> None:
    good = quality(replace(GOOD, **better), LIMITS)
    poor = quality(replace(GOOD, **worse), LIMITS)
    assert 0.0 < poor < good <= 1.0


def test_sharpness_does_not_depend_on_contrast_or_brightness() -> None:
    pattern = np.random.default_rng(0).normal(128, 25, size=(112, 112)).astype(np.float32)
    dim = (pattern * 0.4).astype(np.float32)
    assert sharpness(dim) == pytest.approx(sharpness(pattern), rel=0.05)


def test_outside_share() -> None:
    assert outside_share(Box(10, 10, 50, 50), (100, 100)) == pytest.approx(0.0)
    assert outside_share(Box(-25, 10, 50, 50), (100, 100)) == pytest.approx(0.5)
    assert outside_share(Box(200, 10, 50, 50), (100, 100)) == pytest.approx(1.0)
