"""Attribute estimates in pure NumPy: which are wanted, averages over samples, fusion over channels.

The chain for one visit: an estimator makes one estimate for each sample; those of a channel are
averaged, weighted by quality (`average`); the channels that are there are combined (`Fusion`).

Emotion and gender are combined log-linearly: the weighted log-probabilities of the channels, each
with a bias, are added (a logarithmic opinion pool; Genest and Zidek, "Combining probability
distributions", Statistical Science 1, 1986). A missing channel adds nothing, and a channel of low
quality adds less. Ages are combined as measurements with errors: means weighted by precision,
the error widened where channels disagree by more than their errors (Birge, Physical Review 40,
1932). The weights are fitted on people no network was trained on (`kiosk train attribute-fusion`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import BugError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    Emotion,
    EmotionEstimate,
    GenderEstimate,
    is_sure,
)
from kiosk.core.settings import Settings

Floats = NDArray[np.float64]

LEAST_PROBABILITY = 0.003
"""No channel may rule an emotion or gender out: the logarithm is taken of no less."""
LEAST_TRUST = 0.05
LEAST_HALF_WIDTH = 0.5
"""Years: no age is known better than this."""
MEASURED = (Channel.FACE, Channel.VOICE, Channel.TEXT)


def wanted(settings: Settings) -> AttributeSelection:
    """What the settings ask for. The one place where the profile is looked at: at work and in
    education emotion is never estimated, whatever else is set (Regulation (EU) 2024/1689,
    Article 5(1)(f))."""
    emotion = settings.emotion != "off" and settings.profile == "standard"
    return AttributeSelection(emotion, settings.age != "off", settings.gender != "off")


def good_enough(
    want: AttributeSelection, weak: Collection[str], settings: Settings
) -> AttributeSelection:
    """What is wanted of a network that is weak at some attributes: those only if switched on."""

    def of(name: str) -> bool:
        chosen: bool = getattr(want, name)
        return chosen and (name not in weak or getattr(settings, name) == "on")

    return AttributeSelection(of("emotion"), of("age"), of("gender"))


def only(estimate: AttributeEstimate, want: AttributeSelection) -> AttributeEstimate:
    """The estimate without what is not wanted."""
    return replace(
        estimate,
        emotion=estimate.emotion if want.emotion else None,
        age=estimate.age if want.age else None,
        gender=estimate.gender if want.gender else None,
    )


def says_something(estimate: AttributeEstimate) -> bool:
    """Whether any attribute is in it."""
    return any(part is not None for part in (estimate.emotion, estimate.age, estimate.gender))


def without_children(estimates: Sequence[AttributeEstimate]) -> list[AttributeEstimate]:
    """What may be told of one person: of whoever may be a child, as the face shows it, neither age
    nor gender, by any channel. The voice knows ages too little to ask it."""
    faces = [e.age for e in estimates if e.channel is Channel.FACE and e.age]
    if not any(age.may_be_child for age in faces):
        return list(estimates)
    left = [replace(estimate, age=None, gender=None) for estimate in estimates]
    return [estimate for estimate in left if says_something(estimate)]


# --- averages ------------------------------------------------------------------------------


def average(estimates: Sequence[AttributeEstimate]) -> AttributeEstimate:
    """Several samples of one channel as one: means weighted by quality.

    Samples of one visit share their errors, so an interval does not narrow with their number. Sure
    is what most of the weight is sure of; samples that are sure of different things are not. Raises
    BugError for none or for several channels.
    """
    channels = {estimate.channel for estimate in estimates}
    if len(channels) != 1:
        raise BugError(f"an average over {len(channels)} channels")
    weights = np.array([max(estimate.quality, 1e-3) for estimate in estimates])
    quality = np.average([estimate.quality for estimate in estimates], weights=weights)
    return AttributeEstimate(
        channels.pop(),
        _average_emotion(estimates, weights),
        _average_age(estimates, weights),
        _average_gender(estimates, weights),
        float(quality),
    )


def _average_emotion(
    estimates: Sequence[AttributeEstimate], weights: Floats
) -> EmotionEstimate | None:
    parts = [(e.emotion, w) for e, w in zip(estimates, weights, strict=True) if e.emotion]
    if not parts:
        return None
    shares = [weight for _, weight in parts]
    mean = np.average([emotion.probabilities for emotion, _ in parts], axis=0, weights=shares)
    top = int(mean.argmax())
    agreed = [e.sure and max(e.probabilities) == e.probabilities[top] for e, _ in parts]
    sure = np.average(agreed, weights=shares) >= 0.5 and is_sure(mean.tolist(), 0.0)
    return EmotionEstimate(_as_probabilities(mean), bool(sure))


def _average_age(estimates: Sequence[AttributeEstimate], weights: Floats) -> AgeEstimate | None:
    parts = [(e.age, w) for e, w in zip(estimates, weights, strict=True) if e.age]
    if not parts:
        return None
    rows = [(age.years, age.low, age.high, float(age.sure)) for age, _ in parts]
    years, low, high, sure = np.average(rows, axis=0, weights=[weight for _, weight in parts])
    return AgeEstimate(float(years), float(low), float(high), bool(sure >= 0.5))


def _average_gender(
    estimates: Sequence[AttributeEstimate], weights: Floats
) -> GenderEstimate | None:
    parts = [(e.gender, w) for e, w in zip(estimates, weights, strict=True) if e.gender]
    if not parts:
        return None
    weights = np.array([weight for _, weight in parts])
    male = float(np.average([gender.male for gender, _ in parts], weights=weights))
    top = GenderEstimate(male, True).top
    agreed = [gender.sure and gender.top is top for gender, _ in parts]
    return GenderEstimate(male, bool(np.average(agreed, weights=weights) >= 0.5))


def _as_probabilities(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values / values.sum())


# --- fusion --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChannelWeights:
    """How one channel counts.

    `emotion` and `gender` multiply its log-probabilities, `emotion_bias` (seven, in the order of
    `Emotion`) and `gender_bias` are added to them; `age_scale` multiplies the half-widths of its
    age interval; `full_quality` is the quality from which the channel counts in full.
    """

    emotion: float = 1.0
    emotion_bias: tuple[float, ...] = (0.0,) * len(Emotion)
    gender: float = 1.0
    gender_bias: float = 0.0
    age_scale: float = 1.0
    full_quality: float = 0.5

    def trust(self, quality: float) -> float:
        """0..1: how much a sample of this quality counts."""
        return min(1.0, max(0.0, quality) / self.full_quality)


@dataclass(frozen=True)
class Fusion:
    """The channels as one. `emotion_prior` is added to their log-probabilities once, however many
    there are. An emotion is sure where one of the channels is sure of it too: what a calm voice
    sounds like is no more certain beside an undecided face. Thresholds are probabilities,
    `age_widest` is years between the ends of an interval that still says something."""

    channels: Mapping[Channel, ChannelWeights] = field(
        default_factory=lambda: {channel: ChannelWeights() for channel in MEASURED}
    )
    emotion_prior: tuple[float, ...] = (0.0,) * len(Emotion)
    emotion_sure: float = 0.5
    gender_sure: float = 0.8
    age_widest: float = 30.0

    def together(self, estimates: Sequence[AttributeEstimate]) -> tuple[AttributeEstimate, ...]:
        """What is told of one person: the channels, and all of them fused."""
        parts = without_children(estimates)
        fused = self.fuse(parts)
        return (*parts, *([fused] if fused is not None else []))

    def fuse(self, estimates: Sequence[AttributeEstimate]) -> AttributeEstimate | None:
        """The channels that are there as one estimate; None if none says anything. What a single
        channel says of an attribute is told as that channel says it."""
        parts = [estimate for estimate in estimates if says_something(estimate)]
        if not parts:
            return None
        quality = max(estimate.quality for estimate in parts)
        return AttributeEstimate(
            Channel.FUSED, self._emotion(parts), self._age(parts), self._gender(parts), quality
        )

    def _emotion(self, parts: Sequence[AttributeEstimate]) -> EmotionEstimate | None:
        said = [part.emotion for part in parts if part.emotion]
        if len(said) <= 1:
            return said[0] if said else None
        logits = [self._emotion_logits(part, part.emotion) for part in parts if part.emotion]
        total = np.sum([np.array(self.emotion_prior), *logits], axis=0)
        probabilities = _as_probabilities(np.exp(total - total.max()))
        made = EmotionEstimate(probabilities, False)
        agreed = any(emotion.sure and emotion.top is made.top for emotion in said)
        return replace(made, sure=agreed and is_sure(probabilities, self.emotion_sure))

    def _emotion_logits(self, part: AttributeEstimate, emotion: EmotionEstimate) -> Floats:
        weights = self.channels[part.channel]
        logs = np.log(np.maximum(emotion.probabilities, LEAST_PROBABILITY))
        bent = weights.emotion * logs + np.array(weights.emotion_bias)
        return np.asarray(weights.trust(part.quality) * bent, dtype=np.float64)

    def _gender(self, parts: Sequence[AttributeEstimate]) -> GenderEstimate | None:
        said = [part.gender for part in parts if part.gender]
        if len(said) <= 1:
            return said[0] if said else None
        logits = []
        for part in parts:
            if part.gender is not None:
                weights = self.channels[part.channel]
                male = float(np.clip(part.gender.male, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
                odds = weights.gender * np.log(male / (1 - male)) + weights.gender_bias
                logits.append(weights.trust(part.quality) * odds)
        male = float(1 / (1 + np.exp(-sum(logits))))
        return GenderEstimate(male, max(male, 1 - male) >= self.gender_sure)

    def _age(self, parts: Sequence[AttributeEstimate]) -> AgeEstimate | None:
        said = [part.age for part in parts if part.age]
        if len(said) <= 1:
            return said[0] if said else None
        rows = [self._age_row(part, part.age) for part in parts if part.age]
        years, below, above = np.array(rows).T
        precision = 1 / ((below + above) / 2) ** 2
        mean = float(np.average(years, weights=precision))
        surplus = float((precision * (years - mean) ** 2).sum()) * _NORMAL_80**2
        birge = np.sqrt(max(1.0, surplus / max(1, len(rows) - 1)))
        low = max(0.0, mean - birge / np.sqrt((1 / below**2).sum()))
        high = mean + birge / np.sqrt((1 / above**2).sum())
        return AgeEstimate(mean, float(low), float(high), bool(high - low <= self.age_widest))

    def _age_row(self, part: AttributeEstimate, age: AgeEstimate) -> tuple[float, float, float]:
        """Mean and both half-widths; a sample of low quality has a wider interval."""
        weights = self.channels[part.channel]
        wider = weights.age_scale / np.sqrt(max(weights.trust(part.quality), LEAST_TRUST))
        below = max(age.years - age.low, LEAST_HALF_WIDTH) * wider
        above = max(age.high - age.years, LEAST_HALF_WIDTH) * wider
        return age.years, float(below), float(above)


_NORMAL_80 = 1.2816
"""Half-width of the 80 % interval of a normal distribution, in deviations."""
