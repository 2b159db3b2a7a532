"""What a threshold means: how often a stranger is accepted and a visit refused, in plain numbers.

From the natural-log likelihood ratios of development comparisons, as the calibration keeps them.
Modalities are taken to be independent, and so are the people of a gallery: a stranger is compared
with each of them. What happened in none of n independent comparisons happens at most three times in
n (rule of three, 95 %): nothing better is ever said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Modality
from kiosk.core.scoring import Policy
from kiosk.core.status import ErrorEstimate, Odds

Floats = NDArray[np.float64]

STEP = 0.25
"""Width of a bin of ratios, natural log."""
_OBSERVED_NOTHING = 3.0
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


def binned(
    mated: tuple[Floats, Floats],
    other: tuple[Floats, Floats],
    worth: tuple[float, float],
    people: int,
) -> DevelopmentScores:
    """From ratios and their weights, (comparisons,) each."""
    both = np.concatenate([mated[0], other[0]])
    first, last = (math.floor(bound / STEP) for bound in (both.min(), both.max()))
    edges = np.arange(first, last + 2) * STEP
    shares = [
        np.histogram(ratios, edges, weights=weights)[0] / weights.sum()
        for ratios, weights in (mated, other)
    ]
    return DevelopmentScores(first, shares[0], shares[1], worth[0], worth[1], people)


def threshold(policy: Policy, enrolled: int) -> float:
    """The fused ratio that identifies one of `enrolled` people when nobody else comes near."""
    odds = math.log(policy.min_probability / (1 - policy.min_probability))
    prior = math.log(enrolled * (1 - policy.known_share) / policy.known_share)
    return max(policy.min_llr, odds + prior)


def promise(
    scores: Mapping[Modality, DevelopmentScores], policy: Policy, enrolled: int
) -> ErrorEstimate | None:
    """What the policy means for visitors who give these modalities; None without scores."""
    if not scores or enrolled < 1:
        return None
    parts = list(scores.values())
    needed = threshold(policy, enrolled)
    false_share = _above(parts, needed, mated=False)
    missed = 1.0 - _above(parts, needed, mated=True)
    worth = max(part.other_worth for part in parts)
    mated_worth = min(part.mated_worth for part in parts)
    floor = min(1.0, _OBSERVED_NOTHING / worth)
    each = max(false_share, floor)
    anybody = -math.expm1(enrolled * math.log1p(-min(each, 1 - 1e-12)))
    return ErrorEstimate(
        tuple(scores),
        enrolled,
        min(part.people for part in parts),
        _odds(anybody, bounded=false_share <= floor),
        _odds(
            max(missed, _OBSERVED_NOTHING / mated_worth),
            bounded=missed <= _OBSERVED_NOTHING / mated_worth,
        ),
    )


def _above(parts: Sequence[DevelopmentScores], needed: float, *, mated: bool) -> float:
    """Share of comparisons whose summed ratio reaches `needed`; a bin counts from its middle."""
    total, first = np.ones(1), 0
    for part in parts:
        total = np.convolve(total, part.mated if mated else part.other)
        first += part.first
    middles = (first + np.arange(total.size) + 0.5 * len(parts)) * STEP
    return float(total[middles >= needed].sum())


def _odds(share: float, *, bounded: bool) -> Odds:
    return Odds(min(_MOST, 1.0 / max(share, 1.0 / _MOST)), bounded)
