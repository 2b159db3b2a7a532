"""When a visit counts as live: the evidence of every channel, and the operator's threshold.

Blurred or smeared pictures are not judged; who shows nothing else is asked again, not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.core.liveness import (
    Liveness,
    LivenessOutcome,
    PadChannel,
    PadEvidence,
    joint_score,
)
from kiosk.recognition.turn_request import SURE

MIN_PICTURES = 5
"""Sharp pictures that must have been judged before anything is said."""


@dataclass(frozen=True)
class LivenessPolicy:
    """When a visit counts as live.

    `threshold` is the joint log likelihood ratio from which on it does, `sure` that from which on
    nothing is asked for beside it; `min_pictures` is how many sharp pictures must have been judged
    before anything is said.
    """

    threshold: float = 0.0
    sure: float = SURE
    min_pictures: int = MIN_PICTURES

    def judge(self, evidence: Sequence[PadEvidence]) -> Liveness:
        """Live, not live, or not checked with the reason.

        A frozen picture or another's voice is told without the picture channel; that somebody is
        live is never said without it.
        """
        found, score = tuple(evidence), joint_score(evidence)
        picture = next((part for part in found if part.channel is PadChannel.FACE_PICTURE), None)
        if score is not None and score < self.threshold:
            return Liveness(LivenessOutcome.NOT_LIVE, score, found, self._blamed(found))
        if picture is None or picture.pad_score is None:
            reason = picture.reason if picture is not None and picture.reason else "no_pictures"
            return Liveness(LivenessOutcome.NOT_CHECKED, score, found, reason)
        if picture.samples < self.min_pictures:
            return Liveness(LivenessOutcome.NOT_CHECKED, score, found, "too_few_pictures")
        return Liveness(LivenessOutcome.LIVE, score, found)

    def is_sure(self, liveness: Liveness) -> bool:
        """Whether somebody lives beyond the doubt in which they would be asked for more."""
        live = liveness.outcome is LivenessOutcome.LIVE
        return live and liveness.pad_score is not None and liveness.pad_score >= self.sure

    @staticmethod
    def _blamed(evidence: Sequence[PadEvidence]) -> str:
        """The channel that speaks most strongly against a person."""
        measured = [part for part in evidence if part.pad_score is not None]
        worst = min(measured, key=lambda part: part.pad_score or 0.0)
        return worst.channel.value
