"""Attribute estimates: emotion, age and gender. Estimates, and never evidence of identity.

The numbers of the enumerations are the ancestors' codes, which `--format codes` still speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

CHILD = 14.0
"""Years below which somebody is a child to the kiosk (Korea's PIPA, Article 22-2): of a child
neither age nor gender is told."""
LEAST_LEAD = 0.1
"""By how much the likeliest emotion leads the next one where it is told: of two that are as likely,
neither is sure."""


def is_sure(probabilities: Sequence[float], least: float) -> bool:
    """Whether the likeliest of several is at least so likely, and ahead of the next."""
    second, first = sorted(probabilities)[-2:]
    return bool(first >= least and first - second >= LEAST_LEAD)


class Emotion(IntEnum):
    """The seven emotions, in the order of every probability vector here."""

    HAPPINESS = 10001
    ANGER = 10002
    DISGUST = 10003
    FEAR = 10004
    NEUTRAL = 10005
    SADNESS = 10006
    SURPRISE = 10007


class Gender(IntEnum):
    """What the training sets distinguish."""

    MALE = 30001
    FEMALE = 30002


class Channel(StrEnum):
    """Where an estimate comes from."""

    FACE = "face"
    VOICE = "voice"
    TEXT = "text"
    FUSED = "fused"


@dataclass(frozen=True)
class EmotionEstimate:
    """`probabilities` in the order of `Emotion`, summing to one; `sure` is False where the highest
    of them is below the threshold fitted on unseen people or hardly above the next, and the answer
    is "not sure"."""

    probabilities: tuple[float, ...]
    sure: bool

    @property
    def top(self) -> Emotion:
        """The likeliest, sure or not."""
        return list(Emotion)[max(range(7), key=self.probabilities.__getitem__)]


@dataclass(frozen=True)
class AgeEstimate:
    """Years: the mean and an interval that holds the true age of 80 % of unseen people; `sure` is
    False where the interval is too wide to say anything."""

    years: float
    low: float
    high: float
    sure: bool

    @property
    def may_be_child(self) -> bool:
        """Whether the interval reaches down to a child's age."""
        return self.low < CHILD


@dataclass(frozen=True)
class GenderEstimate:
    """Probability of each, summing to one; `sure` as for emotion."""

    male: float
    sure: bool

    @property
    def top(self) -> Gender:
        """The likelier, sure or not."""
        return Gender.MALE if self.male >= 0.5 else Gender.FEMALE


@dataclass(frozen=True)
class AttributeEstimate:
    """What one channel (or all together) says; None where it says nothing or is switched off.

    `quality` 0..1 is that of the samples it was made from.
    """

    channel: Channel
    emotion: EmotionEstimate | None = None
    age: AgeEstimate | None = None
    gender: GenderEstimate | None = None
    quality: float = 1.0


@dataclass(frozen=True)
class AttributeSelection:
    """Which attributes are estimated at all; what is not wanted is not computed."""

    emotion: bool = True
    age: bool = True
    gender: bool = True

    @property
    def anything(self) -> bool:
        """Whether any attribute is."""
        return self.emotion or self.age or self.gender
