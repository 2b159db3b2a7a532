"""How a face moves: frozen, flat, or as a head does.

Two pictures about 0.6 s apart are compared. Points on the face are followed (Lucas and Kanade,
IJCAI 1981, pyramidal, checked backwards) and the homography that fits them best is looked for: the
points of a flat photograph obey one however it is moved, those of a head that turns, blinks or
speaks do not (Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 13.1).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame
from kiosk.core.samples import Box

SIDE = 160
"""Of a view: the face with a margin, the longer side of its box 100 pixels."""
REACH = 1.6
"""Side of the view in longer sides of the face's box."""

_FACE = SIDE / REACH
_POINTS = 80
_FEWEST = 12
_FARTHEST = 6.0
_RETURN = 0.7
_SMOOTH = 1.5
Grey = NDArray[np.uint8]
Points2 = NDArray[np.float32]


def _oval() -> Grey:
    mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
    cv2.ellipse(mask, (SIDE // 2, SIDE // 2), (42, 54), 0, 0, 360, 255, -1)
    return mask


_MASK = _oval()


class FlowMotion:
    """The `FaceMotion` of the kiosk; it keeps nothing between calls."""

    def view(self, frame: Frame, box: Box) -> Grey:
        """The face (160, 160), grey, shifted and scaled only, so that what is flat stays flat."""
        side = max(box.width, box.height, 1.0) * REACH
        scale = SIDE / side
        x, y = box.x + box.width / 2, box.y + box.height / 2
        move = np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]])
        grey = cv2.warpAffine(
            frame.image,
            move,
            (SIDE, SIDE),
            flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY), dtype=np.uint8)

    def compare(self, before: Grey, after: Grey) -> MotionStep:
        """How the face of two views changed."""
        change = _change(before, after)
        start, end = _followed(before, after)
        if len(start) < _FEWEST:
            return MotionStep(change)
        flat, _ = cv2.findHomography(start, end, cv2.LMEDS)
        stiff, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS)
        if flat is None or stiff is None:
            return MotionStep(change)
        change = min(change, _change(before, _laid_over(after, stiff)))
        bend = _distance(cv2.perspectiveTransform(start[None], flat)[0], end)
        shape = _distance(start @ stiff[:, :2].T + stiff[:, 2], end)
        return MotionStep(change, bend, shape)


def _distance(carried: NDArray[np.floating], end: Points2) -> float:
    """Root mean square distance in hundredths of the face's width, outliers bounded."""
    off = np.minimum(np.linalg.norm(carried - end, axis=1), _FARTHEST)
    return float(np.sqrt(np.mean(off**2))) * 100.0 / _FACE


def _laid_over(after: Grey, move: NDArray[Any]) -> Grey:
    """The second view, brought to where the first is: the box of a face wanders a little even in a
    frozen picture."""
    back = cv2.warpAffine(
        after,
        move,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(back, dtype=np.uint8)


def _change(before: Grey, after: Grey) -> float:
    """Mean difference inside the oval, fine noise smoothed away."""
    smooth = [
        cv2.GaussianBlur(view.astype(np.float32), (0, 0), _SMOOTH) for view in (before, after)
    ]
    return float(np.abs(smooth[0] - smooth[1])[_MASK > 0].mean())


def _followed(before: Grey, after: Grey) -> tuple[Points2, Points2]:
    """Points of the face in both views, (points, 2) each: those that lead back to where they
    came from."""
    nothing = np.empty((0, 2), dtype=np.float32)
    corners = cv2.goodFeaturesToTrack(before, _POINTS, 0.01, 4, mask=_MASK)
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
        maxLevel=3,
        criteria=(cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 20, 0.01),
    )
    return np.asarray(end, dtype=np.float32), np.asarray(found, dtype=np.uint8)
