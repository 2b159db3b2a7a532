"""What presentation attack detection (PAD) says of one visit, and how its channels are joined.

A `pad_score` is a natural-log likelihood ratio: a living person before the camera (bona fide)
against a presentation attack. Positive speaks for a person. Terms: ISO/IEC 30107-3.

No channel sees every attack: a film on a screen that stands moves as people do, so that a lively
face says nothing against it. The joint score therefore weighs each kind of attack by the channels
that can see it and asks which kind is left (`joint_score`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class PadChannel(StrEnum):
    """What is looked at."""

    FACE_PICTURE = "face_picture"
    """Single pictures: paper, screens, frames and edges."""
    MOTION = "motion"
    """How the face moves: a still picture, or a flat thing moved by hand."""
    LIP_SOUND = "lip_sound"
    """Whether this mouth says what is heard."""


class AttackKind(StrEnum):
    """What is held before the camera, as the evaluation counts it."""

    STILL = "still"
    """A still picture without a trace of paper or screen: a file, an injected or perfect one."""
    PHOTOGRAPH = "photograph"
    """Paper or a screen that is held or stands there and shows a still, or is held and shows a
    film: its background moves with the face."""
    SCREEN_VIDEO = "screen_video"
    """A film of the person on a screen that stands and fills the view, with its own sound or
    none."""
    OTHER_VOICE = "other_voice"
    """A film or a silent face, and the voice of somebody else."""


SEEN_BY: Mapping[AttackKind, frozenset[PadChannel]] = {
    AttackKind.STILL: frozenset({PadChannel.MOTION, PadChannel.LIP_SOUND}),
    AttackKind.PHOTOGRAPH: frozenset(PadChannel),
    AttackKind.SCREEN_VIDEO: frozenset({PadChannel.FACE_PICTURE}),
    AttackKind.OTHER_VOICE: frozenset({PadChannel.LIP_SOUND}),
}
"""Which channels can tell each kind from a person; the others say nothing of it."""
SELDOM: Mapping[AttackKind, float] = {
    AttackKind.STILL: 1.5,
    AttackKind.PHOTOGRAPH: 0.0,
    AttackKind.SCREEN_VIDEO: 2.5,
    AttackKind.OTHER_VOICE: 0.0,
}
"""How much rarer than a photograph each kind is taken to be, natural log. Chosen on the 30 people
by whom the channels were: so much may a living motion make up for a poor picture, and a good
picture for a person who hardly stirs."""


@dataclass(frozen=True)
class PadEvidence:
    """What one channel found in one visit.

    `pad_score` is None where the channel could not be measured, and `reason` says why in a short
    stable word ("too_few_frames", "no_speech", ...); `samples` counts what was measured (pictures,
    pairs of pictures, windows of sound), `seconds` is the time it spans.
    """

    channel: PadChannel
    pad_score: float | None
    samples: int = 0
    seconds: float = 0.0
    reason: str = ""


class LivenessOutcome(StrEnum):
    """What is said of a visit."""

    LIVE = "live"
    NOT_LIVE = "not_live"
    NOT_CHECKED = "not_checked"


def liveness_required(setting: str, *, from_devices: bool) -> bool:
    """Whether nobody is named without being seen to live, as the setting `liveness` says: where it
    says auto, before a camera and not in a recording."""
    return setting == "require" or (setting == "auto" and from_devices)


@dataclass(frozen=True)
class Liveness:
    """The judgement on one visit; `pad_score` is the joint one, None where nothing was measured."""

    outcome: LivenessOutcome
    pad_score: float | None = None
    evidence: tuple[PadEvidence, ...] = ()
    reason: str = ""

    def of(self, channel: PadChannel) -> PadEvidence | None:
        """What one channel found."""
        return next((part for part in self.evidence if part.channel is channel), None)


UNCHECKED = Liveness(LivenessOutcome.NOT_CHECKED)
"""Nothing was looked at."""


@dataclass(frozen=True)
class PictureScore:
    """What one picture of a face says.

    `odds` are natural-log odds of a living face as the network gives them, not calibrated, and
    `close` those of a closer look, None where none was taken; `sharpness` is the fine detail of the
    face as a share of its contrast: of a blurred or smeared picture no network can tell what it is.
    """

    odds: float
    sharpness: float
    close: float | None = None


def mean_odds(scores: Sequence[PictureScore]) -> float:
    """Of several pictures, both looks counting alike however many of each were taken."""
    looks = [
        [score.odds for score in scores],
        [score.close for score in scores if score.close is not None],
    ]
    return float(np.mean([np.mean(odds) for odds in looks if odds]))


@dataclass(frozen=True)
class MotionStep:
    """How a face changed between two pictures most of a second apart.

    `change` is the mean difference in grey levels once the face of both is laid over each other, 0
    for a frozen picture. The rest are medians over points that could be followed, in hundredths of
    the face's side: `moved` is how far the face's went, `bend` how far they lie from the best
    homography of all points, of the face and behind it; `against` how far the face went against
    what lies behind it, `behind` how far that went. None where too few points could be followed.
    """

    change: float
    moved: float | None = None
    bend: float | None = None
    against: float | None = None
    behind: float | None = None


@dataclass(frozen=True)
class LipSoundMatch:
    """How well one mouth fits one sound.

    `correlation` is the weighted mean over the model's components, about 0 for strangers;
    `delay` the seconds by which the sound comes after the picture where it fits best, and
    `best_correlation` what it is there; `seconds` of speech were compared.
    """

    correlation: float
    delay: float
    best_correlation: float
    seconds: float


def joint_score(evidence: Sequence[PadEvidence]) -> float | None:
    """The channels as one log likelihood ratio, None where none was measured.

    Each kind of attack multiplies the ratios of those channels that can see it, and the kinds add
    up, each as likely as it is taken to be:

        joint = -ln sum_k exp(-seldom_k - sum of pad_score over the measured channels that see k)

    So the joint score lies below that of the kind that explains the evidence best. Kinds seen by
    the same measured channels are one, as likely as the likeliest of them; a kind that none sees is
    left out: what was not looked at is not held against anybody.
    """
    scores = {part.channel: part.pad_score for part in evidence if part.pad_score is not None}
    seldom: dict[frozenset[PadChannel], float] = {}
    for kind, channels in SEEN_BY.items():
        measured = channels.intersection(scores)
        if measured:
            seldom[measured] = min(SELDOM[kind], seldom.get(measured, SELDOM[kind]))
    if not seldom:
        return None
    sums = [rare + sum(scores[channel] for channel in seen) for seen, rare in seldom.items()]
    return float(-np.logaddexp.reduce(-np.sort(np.array(sums))))
