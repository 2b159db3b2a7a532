"""How a face moves: not at all, with all that surrounds it, or as a head before a wall does.

Two pictures most of a second apart are compared. Points on the face and behind it are followed
(Lucas and Kanade, IJCAI 1981, pyramidal, checked backwards). A picture that fills the view moves as
one plane, face and background alike, and the points of a plane obey one homography however it is
held (Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 13.1); a head moves against
the wall behind it, turns, blinks and speaks (Anjos, Chakka and Marcel, "Motion-based
counter-measures to photo attacks in face recognition", IET Biometrics 3(3), 2014).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame
from kiosk.core.samples import Box

FACE = 80.0
"""Longer side of the face's box in a view, in pixels."""
SIDE = 240
"""Of a view."""

_FACE_POINTS, _FACE_QUALITY = 60, 0.01
_BEHIND_POINTS, _BEHIND_QUALITY = 40, 0.02
_APART = 4
"""Pixels between two points that are followed."""
_FEWEST = 12
_FEWEST_BEHIND = 8
_ASTRAY, _ASTRAY_SHARE = 0.2, 0.35
"""Pixels, and share of their way, by which points behind the face may lie off their common way."""
_RETURN = 0.7
_SMOOTH = 1.5
_EDGE = 3
"""Pixels along the picture's edge where nothing is followed."""
Grey = NDArray[np.uint8]
Points2 = NDArray[np.float32]
_Floats = NDArray[np.float64]


def _oval(across: float, down: float) -> NDArray[np.bool_]:
    """Inside an ellipse in the middle of a view; its half axes are shares of the face's side."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] - SIDE / 2
    return np.asarray((x / (across * FACE)) ** 2 + (y / (down * FACE)) ** 2 <= 1)


_ON_FACE = _oval(0.42, 0.54)
_BEHIND = ~_oval(0.72, 0.85) & (np.arange(SIDE)[:, None] < SIDE / 2 + 0.55 * FACE)
"""What lies beside and above the head; the body below moves with it."""


class FlowMotion:
    """The `FaceMotion` of the kiosk; it keeps nothing between calls."""

    def compare(self, before: Frame, box: Box, after: Frame) -> MotionStep:
        """How what is seen round `box` changed; both pictures are of one camera that stands."""
        move = _placing(box)
        first, second = _view(before, move), _view(after, move)
        inside = _inside(before, move)
        face = _ON_FACE & inside
        start, end = _followed(first, second, face, _FACE_POINTS, _FACE_QUALITY)
        if len(start) < _FEWEST:
            return MotionStep(_change(first, second, face))
        stiff, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS)
        change = _change(first, second if stiff is None else _laid_over(second, stiff), face)
        moved = float(np.median(np.linalg.norm(end - start, axis=1)))
        there, then = _followed(first, second, _BEHIND & inside, _BEHIND_POINTS, _BEHIND_QUALITY)
        behind = _together(there, then)
        if behind is None:
            bend = _bend(start, end, start, end)
            return MotionStep(change, _share(moved), _share(bend))
        bend = _bend(np.concatenate([start, there]), np.concatenate([end, then]), start, end)
        against = np.median(end - start, axis=0) - np.median(then - there, axis=0)
        return MotionStep(
            change,
            _share(moved),
            _share(bend),
            _share(float(np.linalg.norm(against))),
            _share(behind),
        )


def _together(start: Points2, end: Points2) -> float | None:
    """How far what lies behind went, in pixels; None where too little is to be seen there, or its
    points go each their own way: those of a plain wall are a camera's noise."""
    if len(start) < _FEWEST_BEHIND:
        return None
    stiff, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS)
    if stiff is None:
        return None
    went = float(np.median(np.linalg.norm(end - start, axis=1)))
    astray = float(np.median(np.linalg.norm(start @ stiff[:, :2].T + stiff[:, 2] - end, axis=1)))
    return went if astray <= max(_ASTRAY, _ASTRAY_SHARE * went) else None


def _share(pixels: float | None) -> float | None:
    """In hundredths of the face's side."""
    return None if pixels is None else pixels * 100.0 / FACE


def _placing(box: Box) -> _Floats:
    """(2, 3): from a picture to the view round a face in it; nothing is turned or stretched."""
    scale = FACE / max(box.width, box.height, 1.0)
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]])


def _view(frame: Frame, move: _Floats) -> Grey:
    """(SIDE, SIDE), grey."""
    view = cv2.warpAffine(
        frame.image,
        move,
        (SIDE, SIDE),
        flags=cv2.INTER_AREA if move[0, 0] < 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _inside(frame: Frame, move: _Floats) -> NDArray[np.bool_]:
    """Which pixels of a view lie in the picture."""
    height, width = frame.image.shape[:2]
    scale, left, top = move[0, 0], move[0, 2] + _EDGE, move[1, 2] + _EDGE
    places = np.arange(SIDE)
    across = (places > left) & (places < left + scale * width - 2 * _EDGE)
    down = (places > top) & (places < top + scale * height - 2 * _EDGE)
    return np.asarray(down[:, None] & across)


def _bend(start: Points2, end: Points2, face: Points2, face_end: Points2) -> float | None:
    """Median distance of the face's points from the homography of all `start` and `end`."""
    flat, _ = cv2.findHomography(start, end, cv2.LMEDS)
    if flat is None:
        return None
    carried = cv2.perspectiveTransform(face[None], flat)[0]
    return float(np.median(np.linalg.norm(carried - face_end, axis=1)))


def _laid_over(after: Grey, move: NDArray[Any]) -> Grey:
    """The second view, the face brought to where it was in the first."""
    back = cv2.warpAffine(
        after,
        move,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(back, dtype=np.uint8)


def _change(before: Grey, after: Grey, face: NDArray[np.bool_]) -> float:
    """Mean difference of the face in grey levels, fine noise smoothed away."""
    if not face.any():
        return 0.0
    smooth = [
        cv2.GaussianBlur(view.astype(np.float32), (0, 0), _SMOOTH) for view in (before, after)
    ]
    return float(np.abs(smooth[0] - smooth[1])[face].mean())


def _followed(
    before: Grey, after: Grey, where: NDArray[np.bool_], most: int, quality: float
) -> tuple[Points2, Points2]:
    """Points in both views, (points, 2) each: those that lead back to where they came from."""
    nothing = np.empty((0, 2), dtype=np.float32)
    mask = where.astype(np.uint8) * 255
    corners = cv2.goodFeaturesToTrack(before, most, quality, _APART, mask=mask)
    if corners is None:
        return nothing, nothing
    start = np.asarray(corners, dtype=np.float32)
    end, found = _flow(before, after, start)
    back, again = _flow(after, before, end)
    home = np.linalg.norm(start - back, axis=2)[:, 0] < _RETURN
    kept = (found[:, 0] > 0) & (again[:, 0] > 0) & home
    return start[kept, 0], end[kept, 0]


def _flow(before: Grey, after: Grey, points: Points2) -> tuple[Points2, Grey]:
    """Where points (n, 1, 2) went, and whether each could be followed (n, 1)."""
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        points,
        np.zeros_like(points),
        winSize=(13, 13),
        maxLevel=2,
        criteria=(cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 20, 0.01),
    )
    return np.asarray(end, dtype=np.float32), np.asarray(found, dtype=np.uint8)
