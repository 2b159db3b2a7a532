"""Targets to thresholds, and thresholds to what they mean in plain numbers.

Made from the natural-log likelihood ratios of development comparisons, as the calibration keeps
them: unbounded above, because a threshold separates people and claims nothing. Modalities are taken
to be independent, and so are the people of a gallery: a stranger is compared with each of them.

How often a stranger reaches a ratio against one enrolled person is read off the strangers seen.
Where they become few, an exponential tail goes on from the last hundredth of them with the mean
excess that they have there (peaks over a threshold; Pickands, "Statistical inference using extreme
order statistics", Annals of Statistics 3, 1975; with shape 0, which is heavier than a normal tail),
and the larger figure counts.

What happened in none of n independent comparisons happens at most three times in n (rule of three,
95 %): a threshold may lie further out, but nothing better than that is ever promised.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Modality
from kiosk.core.scoring import HonestRatios, Policy
from kiosk.core.status import ErrorEstimate, Odds

Floats = NDArray[np.float64]

STEP = 0.25
"""Width of a bin of ratios, natural log."""
_OBSERVED_NOTHING = 3.0
_TAIL_SHARE, _TAIL_COUNT = 0.01, 100.0
"""Of strangers, where their tail begins: a share, or so many independent comparisons if fewer."""
_MOST = 1e9


@dataclass(frozen=True, eq=False)
class DevelopmentScores:
    """Ratios of development comparisons of one recogniser in bins of STEP.

    `mated` and `other` (bins,) are shares of one; bin k begins at (first + k) * STEP. `mated_worth`
    and `other_worth` are how many independent comparisons they are worth.
    """

    first: int
    mated: Floats
    other: Floats
    mated_worth: float
    other_worth: float
    people: int

    @property
    def llr_max(self) -> float:
        """The most that may be claimed against a stranger, natural log."""
        return math.log(max(1.0, self.other_worth / _OBSERVED_NOTHING))


def binned(
    mated: tuple[Floats, Floats],
    strangers: Sequence[tuple[Floats, Floats]],
    worth: tuple[float, float],
    people: int,
) -> DevelopmentScores:
    """From ratios and their weights, (comparisons,) each; groups of strangers count alike."""
    parts = [mated, *strangers]
    first = math.floor(min(ratios.min() for ratios, _ in parts) / STEP)
    last = math.floor(max(ratios.max() for ratios, _ in parts) / STEP)
    edges = np.arange(first, last + 2) * STEP
    own, *others = (
        np.asarray(np.histogram(ratios, edges, weights=weights)[0] / weights.sum())
        for ratios, weights in parts
    )
    other = np.mean(others, axis=0)
    return DevelopmentScores(first, own, other, worth[0], worth[1], people)


@dataclass(frozen=True, eq=False)
class _Spread:
    """How the summed ratios of some modalities are spread: `levels` (bins,) where each bin begins,
    and the share at or above it of people compared with themselves and with others. Beyond the last
    bin, `false` goes on falling to a third with every `decay` more."""

    levels: Floats
    reached: Floats
    false: Floats
    decay: float

    def level_at(self, false_share: float) -> float:
        """The least ratio that strangers reach no more often than that."""
        found = np.flatnonzero(self.false <= false_share)
        if found.size:
            return float(self.levels[found[0]])
        return float(self.levels[-1]) + self.decay * math.log(self.false[-1] / false_share)

    def at(self, level: float) -> tuple[float, float]:
        """Shares of strangers and of the enrolled at or above a ratio."""
        place = int(np.searchsorted(self.levels, level))
        if place == self.levels.size:
            return float(self.false[-1] * math.exp((self.levels[-1] - level) / self.decay)), 0.0
        return float(self.false[place]), float(self.reached[place])


def _spread(parts: Sequence[DevelopmentScores]) -> _Spread:
    """Of the sum; a bin counts from its middle."""
    mated: Floats = np.ones(1)
    other: Floats = np.ones(1)
    first = 0
    for part in parts:
        mated = np.asarray(np.convolve(mated, part.mated), dtype=np.float64)
        other = np.asarray(np.convolve(other, part.other), dtype=np.float64)
        first += part.first
    levels = (first + np.arange(mated.size, dtype=np.float64) + 0.5 * len(parts)) * STEP
    false, decay = _with_tail(levels, other, max(part.other_worth for part in parts))
    return _Spread(levels, _at_or_above(mated), false, decay)


def _with_tail(levels: Floats, other: Floats, worth: float) -> tuple[Floats, float]:
    """Share of strangers at or above each level, never less than an exponential tail says, and how
    fast that falls. The tail begins where a hundredth of them is left, or a hundred if
    those are fewer."""
    seen = _at_or_above(other)
    begin = int(np.flatnonzero(seen > min(_TAIL_SHARE, _TAIL_COUNT / worth))[-1])
    above = levels[begin:] - levels[begin]
    decay = max(STEP, float((other[begin:] * above).sum() / seen[begin]))
    tail = seen[begin] * np.exp(-above / decay)
    return np.concatenate([seen[:begin], np.maximum(seen[begin:], tail)]), decay


def _at_or_above(shares: Floats) -> Floats:
    return np.asarray(np.cumsum(shares[::-1])[::-1], dtype=np.float64)


class TargetThresholds:
    """The ratio at which somebody is named, so that strangers are named as seldom as asked for.

    Recognisers without development scores have ratios that are taken at their word.
    """

    def __init__(self, scores: Mapping[Modality, DevelopmentScores]) -> None:
        self._scores = dict(scores)
        self._needed = lru_cache(maxsize=256)(self._search)

    def needed(self, modalities: tuple[Modality, ...], enrolled: int, once_in: float) -> float:
        """See `scoring.Thresholds`."""
        return self._needed(modalities, enrolled, once_in)

    def _search(self, modalities: tuple[Modality, ...], enrolled: int, once_in: float) -> float:
        if not modalities or any(each not in self._scores for each in modalities):
            return HonestRatios().needed(modalities, enrolled, once_in)
        each = -math.expm1(math.log1p(-1.0 / once_in) / enrolled)
        return _spread([self._scores[modality] for modality in modalities]).level_at(each)


def threshold(policy: Policy, modalities: tuple[Modality, ...], enrolled: int) -> float:
    """The fused ratio that identifies one of `enrolled` people when nobody else comes near."""
    return max(policy.needed(modalities, enrolled), _for_probability(policy, enrolled))


def _for_probability(policy: Policy, enrolled: int) -> float:
    """The bounded ratio at which one of `enrolled` people is as probable as the policy asks."""
    odds = math.log(policy.min_probability / (1 - policy.min_probability))
    return odds + math.log(enrolled * (1 - policy.known_share) / policy.known_share)


def promise(
    scores: Mapping[Modality, DevelopmentScores], policy: Policy, enrolled: int
) -> ErrorEstimate | None:
    """What the policy means for visitors who give these modalities; None without scores."""
    if not scores or enrolled < 1:
        return None
    parts = list(scores.values())
    found = _spread(parts)
    false_share, reached = found.at(threshold(policy, tuple(scores), enrolled))
    if sum(part.llr_max for part in parts) < _for_probability(policy, enrolled):
        false_share, reached = 0.0, 0.0
    worth = max(part.other_worth for part in parts)
    mated_worth = min(part.mated_worth for part in parts)
    floor = min(1.0, _OBSERVED_NOTHING / worth)
    anybody = _anybody(max(false_share, floor), enrolled)
    missed = 1.0 - reached
    return ErrorEstimate(
        tuple(scores),
        enrolled,
        min(part.people for part in parts),
        _odds(anybody, bounded=false_share <= floor),
        _odds(
            max(missed, _OBSERVED_NOTHING / mated_worth),
            bounded=missed <= _OBSERVED_NOTHING / mated_worth,
        ),
        _odds(_anybody(false_share, enrolled), bounded=False),
        policy.stranger_named_once_in if policy.min_llr is None else None,
    )


def _anybody(each: float, enrolled: int) -> float:
    """How often a stranger is taken for one of so many, each being taken for so often."""
    return -math.expm1(enrolled * math.log1p(-min(each, 1 - 1e-12)))


def _odds(share: float, *, bounded: bool) -> Odds:
    return Odds(min(_MOST, 1.0 / max(share, 1.0 / _MOST)), bounded)
