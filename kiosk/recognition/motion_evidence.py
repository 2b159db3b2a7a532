"""What the motion of a face says: living, or a picture of a face.

A picture that fills the view moves with all that is seen behind the face, as one plane, or not at
all. A head moves against the wall, turns, blinks and speaks. Of every step three numbers are added
up, natural logarithms each:

- how far the face moved, as far as it says anything (whoever moves more is not surer to live);
- how far it moved against what lies behind it, for each part of what lies behind it moved itself;
- how far its points lie from the homography of all that was followed, for each part of their way.

A telephone that is held before the view moves against the room as a head does: the picture channel
has to see its frame, and the joint score never lets motion make up for that (`joint_score`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame
from kiosk.core.ports.inference import FaceMotion
from kiosk.core.samples import Box, FaceSample
from kiosk.core.scoring import Calibration

INTERVAL = 0.2
"""Seconds between two pictures whose motion is looked at."""
REACH = 0.8
"""Seconds between the two pictures that are compared: in less, who looks ahead hardly stirs."""
FARTHEST = 1.2
"""Beyond it two pictures are not compared."""
MOST_STEPS = 20
MIN_STEPS = 2
STILL_CHANGE = 0.4
"""Grey levels, with both pictures laid over each other: the medians of seven frozen pictures lie
at 0.25 to 0.39, that of the people in them at 2.4 to 5.7; of people who stare into a webcam from
0.45 on."""
STILL_SCORE = -6.0
"""Log likelihood ratio of a frozen picture."""
BEFORE_SOMETHING = Calibration(
    slope=3.7, intercept=11.5, llr_min=-3.7, llr_max=3.0, full_quality=1e-6
)
"""Of the sum, where something behind the face could be followed: 59 living presentations and 171
photographs of 30 people, bounded where so few say no more (rule of three)."""
BEFORE_NOTHING = Calibration(
    slope=0.95, intercept=2.7, llr_min=-1.5, llr_max=1.0, full_quality=1e-6
)
"""Of the first and the last number, where nothing could: before a plain wall, where a photograph in
a hand and a head that stirs are hardly told apart (area under the ROC 0.6 to 0.8)."""

_LEAST = 1e-3
_MOVED_ENOUGH = 0.3
_MOVED_NOISE, _BEND_NOISE, _BEHIND_NOISE = 0.1, 0.02, 0.03
_FARTHEST_AGAINST = 1.5


def motion_score(steps: Sequence[MotionStep]) -> float | None:
    """Log likelihood ratio of what moved, None where too little could be followed to tell."""
    if len(steps) < MIN_STEPS:
        return None
    if float(np.median([step.change for step in steps])) < STILL_CHANGE:
        return STILL_SCORE
    found = [(_moved_and_bent(step), _against(step)) for step in steps]
    alone = [own for own, _ in found if own is not None]
    before = [own + more for own, more in found if own is not None and more is not None]
    if len(alone) < MIN_STEPS:
        return None
    if len(before) >= max(MIN_STEPS, len(alone) / 2):
        return float(BEFORE_SOMETHING.llr(np.asarray(np.mean(before))))
    return float(BEFORE_NOTHING.llr(np.asarray(np.mean(alone))))


def _moved_and_bent(step: MotionStep) -> float | None:
    if step.moved is None or step.bend is None:
        return None
    moved = np.log(np.clip(step.moved, _LEAST, _MOVED_ENOUGH))
    return float(moved + np.log((step.bend + _BEND_NOISE) / (step.moved + _MOVED_NOISE)))


def _against(step: MotionStep) -> float | None:
    if step.against is None or step.behind is None:
        return None
    against = np.log((step.against + _BEHIND_NOISE) / (step.behind + _BEHIND_NOISE))
    return float(np.clip(against, -_FARTHEST_AGAINST, _FARTHEST_AGAINST))


@dataclass
class MotionGathering:
    """The steps of one visit."""

    steps: list[MotionStep] = field(default_factory=list)
    _seen: deque[tuple[float, Frame, Box]] = field(default_factory=deque)
    _track: int | None = None

    def see(self, sample: FaceSample, model: FaceMotion) -> None:
        """Compare a picture with one that is about `REACH` older; pictures that come too soon
        after the one before are passed over."""
        time, seen = sample.frame.time, self._seen
        if sample.box is None or len(self.steps) >= MOST_STEPS:
            return
        if sample.track != self._track:
            seen.clear()
            self._track = sample.track
        if seen and time - seen[-1][0] < INTERVAL:
            return
        enough = REACH - INTERVAL / 2
        while len(seen) > 1 and time - seen[1][0] >= enough:
            seen.popleft()
        if seen and time - seen[0][0] > FARTHEST:
            seen.popleft()
        if seen and time - seen[0][0] >= enough:
            _, before, box = seen[0]
            self.steps.append(model.compare(before, box, sample.frame))
        seen.append((time, sample.frame, sample.box))
