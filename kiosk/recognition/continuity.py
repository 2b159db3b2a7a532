"""Whether the face before the kiosk is still the one the visit began with.

A track says only that a face stayed where it was; somebody else may have taken that place between
two frames. So every embedded frame is compared with the probe so far, and what does not clearly
match waits outside it. One such frame is a glance, a blur or somebody passing behind; several in a
row that speak against the person are a change of person, found as E. S. Page finds one ("Continuous
inspection schemes", Biometrika 41, 1954): what each lacks to the bound is summed until it suffices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from kiosk.core.media import Vector
from kiosk.core.samples import Embedding

SAME_RATIO = 6.0
"""Least calibrated natural-log ratio of a frame with the probe so far to become a part of it.
Within one visit the frames of one person lie far above, for light, camera and day are the same;
pictures of two people all but never reach it (`kiosk evaluate swaps`)."""
CHANGE_FRAMES = 3
"""Frames in a row that have to speak for a change: a bystander's glimpse is shorter."""
CHANGE_SUM = 24.0
"""What they lack to `SAME_RATIO`, summed, from which somebody else is there. Three frames of
another person lack about thirty; those of a turned face, or of one who looks alike, take longer."""

Ratio = Callable[[Vector, Vector], float]
"""The calibrated ratio of two faces to be of one person rather than of two."""


class Seen(Enum):
    """Whose face a frame shows."""

    SAME = "the person of the visit"
    DOUBTFUL = "not clearly the person of the visit"
    OTHER = "somebody else"


@dataclass
class FaceContinuity:
    """The frames in a row that did not match the probe, with their times, oldest first."""

    doubtful: list[tuple[Embedding, float]] = field(default_factory=list)
    _lacking: float = 0.0

    def judge(self, face: Embedding, time: float, so_far: Vector | None, ratio: Ratio) -> Seen:
        """A frame, embedded, against the probe so far; None where nobody was compared yet."""
        found = SAME_RATIO if so_far is None else ratio(face.vector, so_far)
        if found >= SAME_RATIO:
            self.doubtful.clear()
            self._lacking = 0.0
            return Seen.SAME
        if self.doubtful and ratio(face.vector, self.doubtful[-1][0].vector) < SAME_RATIO:
            self.doubtful.clear()  # two glimpses of two faces are not one person who stepped in
            self._lacking = 0.0
        self.doubtful.append((face, time))
        self._lacking += SAME_RATIO - found
        long = len(self.doubtful) >= CHANGE_FRAMES and self._lacking >= CHANGE_SUM
        return Seen.OTHER if long else Seen.DOUBTFUL
