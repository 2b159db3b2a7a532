"""Poses of a head that is guided through an enrolment."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.media import Frame
from kiosk.core.samples import Box, FaceOutcome, FaceSample, Hint, LocatedFace, Pose
from kiosk.enrolment.guided_capture import (
    Goal,
)
from tests.support.scripted import MARKS

STRAIGHT = Pose(3.0, -12.0, 0.0)
"""Somebody who holds the head low and a little turned: that is straight for them."""


@dataclass
class PosedPath:
    """Frames of person 0 in the pose the test has set; None is nobody."""

    pose: Pose | None = STRAIGHT
    hint: Hint | None = None

    def look(self, frame: Frame) -> FaceSample:
        if self.pose is None:
            return FaceSample(frame, FaceOutcome.NO_FACE, Hint.STEP_UP)
        if self.hint is not None:
            return FaceSample(frame, FaceOutcome.POOR_PICTURE, self.hint, 0.2, pose=self.pose)
        box, face = Box(0, 0, 100, 100), LocatedFace(frame.image, MARKS)
        return FaceSample(
            frame,
            FaceOutcome.USABLE,
            None,
            0.8,
            box,
            face,
            self.pose,
            1,
            1,
        )

    def reset(self) -> None:
        """Nothing is followed."""


def turned(yaw: float = 0.0, pitch: float = 0.0) -> Pose:
    return Pose(STRAIGHT.yaw + yaw, STRAIGHT.pitch + pitch, 0.0)


POSES = {
    Goal.STRAIGHT: turned(),
    Goal.LEFT: turned(yaw=13),
    Goal.RIGHT: turned(yaw=-13),
    Goal.UP: turned(pitch=10),
    Goal.DOWN: turned(pitch=-10),
}
