"""Whether a followed face is good enough to be recognised, and what its owner can do if not.

Everything but size and position is measured on the aligned view (112, 112, 3), so that distance and
tilt do not count twice. Light is judged by what can be told apart in the face, not by how light the
face is: a threshold on brightness would refuse dark skin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Image
from kiosk.core.samples import Box, FaceOutcome, Hint, Pose
from kiosk.inference.face.detection import Detection
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.geometry.pose import head_pose


@dataclass(frozen=True)
class QualityLimits:
    """Where a sample stops being usable, and where it is as good as can be."""

    min_face: float = 60.0
    """Pixels; the networks were made for 112 and lose identity below half of that."""
    good_face: float = 110.0
    """Pixels from which more of them add nothing to a view of 112."""
    max_outside: float = 0.12
    """Share of the face's box beyond the edge of the picture."""
    rival: float = 0.7
    """Of the followed face's width: a second face as large makes it unclear who is asking."""
    max_yaw: float = 38.0
    max_pitch: float = 35.0
    max_roll: float = 40.0
    """Degrees; alignment undoes a roll, but O-Net's landmarks become loose beyond it."""
    max_cover: float = 0.5
    """Probability that something is in front of the face."""
    min_sharpness: float = 0.01
    """Fine detail as a share of all contrast."""
    good_sharpness: float = 0.04
    min_contrast: float = 24.0
    """Grey levels between the 5th and 95th percentile."""
    good_contrast: float = 70.0
    min_highlight: float = 40.0
    """Grey level of the lightest twentieth: below it noise hides the features of any skin."""
    max_burnt: float = 0.25
    """Share of the face at the sensor's upper end, where nothing can be told apart."""
    max_uneven: float = 2.2
    """Doublings of light between the two cheeks."""


@dataclass(frozen=True)
class FaceMeasures:
    """What was measured; units as in QualityLimits."""

    width: float
    outside: float
    rival: float
    pose: Pose
    cover: float
    sharpness: float
    contrast: float
    highlight: float
    burnt: float
    uneven: float


@dataclass(frozen=True)
class Judgement:
    """Outcome, what to do about it, and quality 0..1."""

    outcome: FaceOutcome
    hint: Hint | None
    quality: float


def _oval(size: int) -> NDArray[np.bool_]:
    """The skin between forehead and chin in an aligned view; hair and background stay out."""
    mask = np.zeros((size, size), dtype=np.uint8)
    centre = ARCFACE_112.points.mean(axis=0)
    cv2.ellipse(mask, (round(centre[0]), round(centre[1])), (34, 42), 0, 0, 360, 255, -1)
    return np.asarray(mask > 0)


_FACE = _oval(ARCFACE_112.size)
_LEFT_CHEEK = (slice(62, 92), slice(24, 46))
_RIGHT_CHEEK = (slice(62, 92), slice(66, 88))
_BURNT_LEVEL = 250
_NOISE_BLUR = 0.8
_DARKEST = 4.0


def measure(
    face: Detection, view: Image, shape: tuple[int, ...], rival_width: float, cover: float
) -> FaceMeasures:
    """Of a face in a picture of `shape` (height, width), its aligned `view` (112, 112, 3), the
    width of the largest other face and the probability that something covers it."""
    grey = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    low, high = (float(value) for value in np.percentile(grey[_FACE], (5, 95)))
    left, right = float(grey[_LEFT_CHEEK].mean()), float(grey[_RIGHT_CHEEK].mean())
    return FaceMeasures(
        width=face.box.width,
        outside=outside_share(face.box, shape),
        rival=rival_width / max(face.box.width, 1.0),
        pose=head_pose(face.landmarks),
        cover=cover,
        sharpness=sharpness(grey),
        contrast=high - low,
        highlight=high,
        burnt=float((grey[_FACE] >= _BURNT_LEVEL).mean()),
        uneven=abs(float(np.log2((left + _DARKEST) / (right + _DARKEST)))),
    )


def sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the Laplacian over that of the face itself, so that low contrast, as of dark skin
    in a dim room, is not taken for blur. (After Pech-Pacheco et al., ICPR 2000.)"""
    smooth = cv2.GaussianBlur(grey, (0, 0), _NOISE_BLUR)
    detail = float(np.asarray(cv2.Laplacian(smooth, cv2.CV_32F))[_FACE].var())
    return detail / (float(grey[_FACE].var()) + 1.0)


def outside_share(box: Box, shape: tuple[int, ...]) -> float:
    """Share of the box beyond the edges of a picture of `shape` (height, width)."""
    height, width = shape[:2]
    across = max(0.0, min(box.x + box.width, width) - max(box.x, 0.0))
    down = max(0.0, min(box.y + box.height, height) - max(box.y, 0.0))
    return 1.0 - across * down / max(box.width * box.height, 1e-6)


def judge(measures: FaceMeasures, limits: QualityLimits) -> Judgement:
    """The first thing that is wrong, in the order in which a person can mend things."""
    m, at = measures, limits
    out = FaceOutcome
    failures: tuple[tuple[bool, FaceOutcome, Hint], ...] = (
        (m.rival >= at.rival, out.SEVERAL_FACES, Hint.ONE_PERSON),
        (m.outside > at.max_outside, out.CUT_OFF, Hint.MOVE_TO_CENTRE),
        (m.width < at.min_face, out.TOO_SMALL, Hint.COME_CLOSER),
        (_turned(m.pose, at), out.TURNED_OR_COVERED, Hint.LOOK_HERE),
        (m.highlight < at.min_highlight, out.POOR_PICTURE, Hint.MORE_LIGHT),
        (m.contrast < at.min_contrast, out.POOR_PICTURE, Hint.MORE_LIGHT),
        (m.burnt > at.max_burnt, out.POOR_PICTURE, Hint.LESS_LIGHT),
        (m.uneven > at.max_uneven, out.POOR_PICTURE, Hint.MORE_LIGHT),
        (m.sharpness < at.min_sharpness, out.POOR_PICTURE, Hint.HOLD_STILL),
        (m.cover > at.max_cover, out.TURNED_OR_COVERED, Hint.UNCOVER_FACE),
    )
    score = quality(m, at)
    for failed, outcome, hint in failures:
        if failed:
            return Judgement(outcome, hint, score)
    return Judgement(out.USABLE, None, score)


def quality(measures: FaceMeasures, limits: QualityLimits) -> float:
    """0..1: the geometric mean of how far each measure is from its limit, so that one bad thing is
    not outweighed by many good ones."""
    m, at = measures, limits
    parts = (
        _share(m.width, 0.5 * at.min_face, at.good_face),
        _share(m.sharpness, 0.5 * at.min_sharpness, at.good_sharpness),
        _share(m.contrast, 0.5 * at.min_contrast, at.good_contrast),
        _share(_turn(m.pose, at), 1.3, 0.4),
        _share(m.cover, 1.0, 0.2),
        _share(m.burnt, 2 * at.max_burnt, 0.05),
        _share(m.uneven, 1.5 * at.max_uneven, 0.6),
    )
    return float(np.prod(parts) ** (1 / len(parts)))


def _turn(pose: Pose, limits: QualityLimits) -> float:
    """How far the head is turned: 1 at the limit."""
    yaw, pitch, roll = pose.yaw, pose.pitch, pose.roll
    parts = (yaw / limits.max_yaw, pitch / limits.max_pitch, 0.5 * roll / limits.max_roll)
    return float(np.sqrt(sum(part**2 for part in parts)))


def _turned(pose: Pose, limits: QualityLimits) -> bool:
    return (
        abs(pose.yaw) > limits.max_yaw
        or abs(pose.pitch) > limits.max_pitch
        or abs(pose.roll) > limits.max_roll
    )


def _share(value: float, zero: float, one: float) -> float:
    """Where value lies on the way from `zero` (0) to `one` (1)."""
    return float(np.clip((value - zero) / (one - zero), 0.0, 1.0))
