"""Following one face from frame to frame, so that most frames do not pay for a search.

Every `every` frames the whole picture is searched; between searches O-Net alone refines the box of
the frame before. Over 525 frames of seven talking heads that lies as near to a full search as two
searches with slightly different boxes do to each other, and never drifts away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box, LocatedFace
from kiosk.inference.face.detection import Detection, FaceDetector
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.geometry.face_view import face_view

THUMBNAIL = 32
SAME_FACE = 0.5
"""Least correlation of the aligned face with that of the frame before. Neighbouring frames of one
person stay above 0.9; a cut to another person in the same place falls to about 0.4."""
SEARCH_PAUSE = 0.1
"""Seconds between searches while there is nobody."""
STEP = 0.15
"""Seconds between frames, or between stills, above which every one is searched."""
LONGEST_GAP = 1.0
"""Seconds without a frame after which what comes is a new track."""
OVERLAP = 0.3
"""Least intersection over union at which a found face is the followed one."""
CHANGE_OVER = 1.3
"""Another face is followed instead once it is this much nearer."""


@dataclass(frozen=True, eq=False)
class Followed:
    """What the tracker knows after one frame: the face, where it is located in the picture, its
    aligned view (112, 112, 3), the number of its track, and the other faces of the last search."""

    face: Detection
    located: LocatedFace
    view: Image
    track: int
    others: tuple[Detection, ...] = ()


class FaceTracker:
    """Follows the nearest face: the largest, and of equals the most central."""

    def __init__(self, detector: FaceDetector, every: int) -> None:
        self._detector = detector
        self._every = every
        self._track = 0
        self.reset()

    def reset(self) -> None:
        """Forget the face; the next frame is searched and what it shows is a new track."""
        self._now: Followed | None = None
        self._since_search = 0
        self._last_time: float | None = None
        self._search_time: float | None = None

    def follow(self, frame: Frame) -> Followed | None:
        """Find the face again in the next frame, or another one; None if there is none, or if
        nobody was there a moment ago and the next search is not due."""
        gap = 0.0 if self._last_time is None else frame.time - self._last_time
        if not 0.0 <= gap <= LONGEST_GAP:
            self.reset()
        self._last_time = frame.time
        self._since_search += 1
        self._now = self._step(frame, gap)
        return self._now

    def _step(self, frame: Frame, gap: float) -> Followed | None:
        before = self._now
        if before is None:
            return self._search(frame) if self._search_is_due(frame.time) else None
        if self._since_search < self._every and gap <= STEP:
            face = self._detector.refine(frame.image, before.face.box)
            if face is not None:
                located = LocatedFace(frame.image, face.landmarks)
                view = face_view(located, ARCFACE_112)
                if likeness(view, before.view) >= SAME_FACE:
                    return Followed(face, located, view, before.track, before.others)
        return self._search(frame)

    def _search_is_due(self, time: float) -> bool:
        return self._search_time is None or time - self._search_time >= SEARCH_PAUSE

    def _search(self, frame: Frame) -> Followed | None:
        self._since_search = 0
        self._search_time = frame.time
        found = self._detector.search(frame.image)
        if not found:
            return None
        chosen = self._choose(found, frame.image.shape)
        # O-Net gives all landmarks, searched or followed; what it denies is not a face.
        face = self._detector.refine(frame.image, chosen.box)
        if face is None:
            return None
        located = LocatedFace(frame.image, face.landmarks)
        view = face_view(located, ARCFACE_112)
        if self._is_new(face, view):
            self._track += 1
        others = tuple(other for other in found if other is not chosen)
        return Followed(face, located, view, self._track, others)

    def _choose(self, found: Sequence[Detection], shape: tuple[int, ...]) -> Detection:
        """The followed face among those found, unless another is much nearer."""
        nearest = max(found, key=lambda face: nearness(face, shape))
        if self._now is None:
            return nearest
        before = self._now.face.box
        kept = max(found, key=lambda face: overlap(face.box, before))
        if overlap(kept.box, before) < OVERLAP:
            return nearest
        return nearest if nearness(nearest, shape) > CHANGE_OVER * nearness(kept, shape) else kept

    def _is_new(self, face: Detection, view: Image) -> bool:
        if self._now is None or overlap(face.box, self._now.face.box) < OVERLAP:
            return True
        return likeness(view, self._now.view) < SAME_FACE


def nearness(face: Detection, shape: tuple[int, ...]) -> float:
    """Width in pixels, down to half of it at the corner of a picture of `shape` (height, width)."""
    x, y = face.centre
    height, width = shape[:2]
    away = float(np.hypot((x - width / 2) / width, (y - height / 2) / height)) / np.sqrt(0.5)
    return float(face.box.width * (1.0 - 0.5 * min(1.0, away)))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (a.width * a.height + b.width * b.height - both)


def likeness(view: Image, other: Image) -> float:
    """Correlation -1..1 of two aligned views: the same picture a moment later, or another face?"""
    return float((_thumbnail(view) * _thumbnail(other)).mean())


def _thumbnail(view: Image) -> NDArray[np.float32]:
    """(32, 32) grey, mean 0 and deviation 1."""
    small = cv2.resize(view, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    values = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    return np.asarray((values - values.mean()) / (values.std() + 1e-3), dtype=np.float32)
