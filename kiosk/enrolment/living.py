"""Whether an enrolment was made of a living person: what a visit asks, asked of the capture too.

Who is captured is also asked to turn their head. The points of a photograph keep their places among
each other however it is held, so that nobody's head in it turns; a capture whose turns were left
out says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.core.errors import EnrolmentRefused
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.enrolment.collector import FaceCandidate
from kiosk.recognition.turn_request import NOT_TURNED

FROM_FILES = Liveness(LivenessOutcome.NOT_CHECKED, reason="files")
"""A recording is a picture of somebody by nature: it is said not to be checked."""
SWITCHED_OFF = Liveness(LivenessOutcome.NOT_CHECKED, reason="off")
LEAST_TURN = 12.0
"""Degrees between the leftmost and the rightmost face; a turn that counts has 15 from straight."""


class NotLiving(EnrolmentRefused):
    """No living person is enrolled, as far as can be told, or it could not be told; `liveness` says
    why."""

    def __init__(self, liveness: Liveness) -> None:
        checked = liveness.outcome is LivenessOutcome.NOT_LIVE
        super().__init__(
            "The samples do not seem to be of a living person."
            if checked
            else "It could not be told whether the samples are of a living person.",
            "Record again in better light; staff can save with a reason.",
        )
        self.liveness = liveness


def with_turns(liveness: Liveness, faces: Sequence[FaceCandidate]) -> Liveness:
    """What was found, unless the head never turned: then nothing is said to be live."""
    yaws = [face.pose.yaw for face in faces]
    turned = bool(yaws) and max(yaws) - min(yaws) >= LEAST_TURN
    if turned or liveness.outcome is not LivenessOutcome.LIVE:
        return liveness
    return replace(liveness, outcome=LivenessOutcome.NOT_CHECKED, reason=NOT_TURNED)


def is_doubtful(liveness: Liveness) -> bool:
    """Whether staff are warned: an attack, or a live capture that could not be judged."""
    if liveness.outcome is LivenessOutcome.NOT_LIVE:
        return True
    asked = liveness.reason not in (FROM_FILES.reason, SWITCHED_OFF.reason)
    return liveness.outcome is LivenessOutcome.NOT_CHECKED and asked


def despite_note(note: str, liveness: Liveness, why: str) -> str:
    """What is kept beside the person of a doubt that staff overrode, after what was there."""
    doubt = f"Saved by staff despite the check of a living person ({liveness.reason}): {why}."
    return f"{note} {doubt}".strip()
