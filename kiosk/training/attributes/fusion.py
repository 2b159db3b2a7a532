"""How much each channel counts when attribute estimates are combined, fitted on unseen people.

Every set of channels that can occur is fitted at once: a weight that is right for all three
together and wrong for one alone would make an answer worse when a channel is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kiosk.core.attribute_fusion import LEAST_PROBABILITY, MEASURED, ChannelWeights, Fusion
from kiosk.core.errors import InputError
from kiosk.core.estimates import Channel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FULL_QUALITIES = (1e-6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Tried as the quality from which a channel counts in full; the first means always."""
HEAVIEST = 3.0
"""The largest weight of a channel."""
_PULL = 0.02
"""How strongly weights are held to one and biases to none: speakers with labels are few."""
_COVERED = 0.8
_FEWEST = 20


@dataclass(frozen=True, eq=False)
class Opinions:
    """What one channel said of n samples, with the quality (n,) of each: probabilities of m kinds,
    (n, m), NaN where it said nothing."""

    chances: Floats
    quality: Floats


@dataclass(frozen=True, eq=False)
class Trials:
    """Samples with the place (n,) of the kind that is true, and what each channel said of them."""

    truth: Integers
    said: Mapping[Channel, Opinions]


@dataclass(frozen=True, eq=False)
class AgeTrials:
    """What one channel said of n ages: `ages` (n, 3) years, low, high; the truth (n,)."""

    truth: Floats
    ages: Floats


@dataclass(frozen=True)
class Bent:
    """The weight and biases of one channel, and the quality from which it counts in full."""

    weight: float
    bias: tuple[float, ...]
    full_quality: float


@dataclass(frozen=True)
class Pool:
    """How channels are put together: each bent, and what is added once however many there are."""

    channels: Mapping[Channel, Bent]
    prior: tuple[float, ...]


def fit(trials: Trials, *, with_prior: bool = True) -> Pool:
    """Weights, biases and prior of least cross entropy over all sets of channels; the quality from
    which a channel counts in full is tried channel by channel. Raises InputError for too few
    samples.

    Every channel brings how frequent the kinds are, and together they would count it again and
    again: the biases take it out of each, the prior puts it back once.
    """
    if len(trials.truth) < _FEWEST:
        raise InputError(
            f"There are {len(trials.truth)} samples to fit with.", f"Give at least {_FEWEST}."
        )
    problem = _Problem(trials, with_prior)
    full = dict.fromkeys(trials.said, 0.5)
    for channel, opinions in trials.said.items():
        if np.ptp(opinions.quality) > 0.05:
            costs = {q: problem.solve(full | {channel: q})[0] for q in FULL_QUALITIES}
            full[channel] = min(costs, key=costs.__getitem__)
    _, weights, biases = problem.solve(full)
    bent = {
        channel: Bent(float(weights[n]), tuple(biases[n].tolist()), full[channel])
        for n, channel in enumerate(trials.said)
    }
    return Pool(bent, tuple(biases[-1].tolist()))


class _Problem:
    """Cross entropy of the log-linear pool, summed over sets of channels, and its gradient."""

    def __init__(self, trials: Trials, with_prior: bool) -> None:
        self._free = HEAVIEST if with_prior else 0.0
        self._channels = list(trials.said)
        logs, there, qualities = [], [], []
        for opinions in trials.said.values():
            known = ~np.isnan(opinions.chances[:, 0])
            filled = np.where(known[:, None], opinions.chances, 1.0)
            logs.append(np.log(np.maximum(filled, LEAST_PROBABILITY)))
            there.append(known)
            qualities.append(opinions.quality)
        self._logs, self._there = np.array(logs), np.array(there)
        self._quality = np.array(qualities)
        self._one_hot = np.eye(self._logs.shape[2])[trials.truth]

    def solve(self, full: Mapping[Channel, float]) -> tuple[float, Floats, Floats]:
        """Least cost, weights (channels,) and biases (channels + 1, kinds), the prior last."""
        levels = np.array([full[channel] for channel in self._channels])[:, None]
        trust = np.minimum(1.0, np.maximum(self._quality, 0.0) / levels)
        count, kinds = len(self._channels), self._logs.shape[2]
        start = np.concatenate([np.ones(count), np.zeros((count + 1) * kinds)])
        bounds = [(0.0, HEAVIEST)] * count + [(-HEAVIEST, HEAVIEST)] * (count * kinds)
        bounds += [(-self._free, self._free)] * kinds

        def cost(values: Floats) -> tuple[float, Floats]:
            weights, biases = values[:count], values[count:].reshape(count + 1, kinds)
            return self._cost(weights, biases, trust)

        found: Any = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds)
        biases = found.x[count:].reshape(count + 1, kinds)
        return float(found.fun), found.x[:count], biases - biases.mean(1, keepdims=True)

    def _cost(self, weights: Floats, biases: Floats, trust: Floats) -> tuple[float, Floats]:
        bent = trust[:, :, None] * (weights[:, None, None] * self._logs + biases[:-1, None])
        loss = _PULL * float(((weights - 1) ** 2).sum() + (biases**2).sum())
        d_weights, d_biases = 2 * _PULL * (weights - 1), 2 * _PULL * biases
        sets = list(_subsets(range(len(self._channels))))
        for chosen in sets:
            rows = self._there[list(chosen)].all(0)
            if not rows.any():
                continue
            logits = bent[list(chosen)][:, rows].sum(0) + biases[-1]
            part, surplus = self._part(logits, self._one_hot[rows])
            loss += part / len(sets)
            d_biases[-1] += surplus.sum(0) / (len(sets) * rows.sum())
            for channel in chosen:
                pushed = trust[channel, rows, None] * surplus / (len(sets) * rows.sum())
                d_weights[channel] += (pushed * self._logs[channel, rows]).sum()
                d_biases[channel] += pushed.sum(0)
        return loss, np.concatenate([d_weights, d_biases.ravel()])

    @staticmethod
    def _part(logits: Floats, one_hot: Floats) -> tuple[float, Floats]:
        """Mean cross entropy, and probabilities less truth."""
        logits = logits - logits.max(1, keepdims=True)
        powers = np.exp(logits)
        chances = powers / powers.sum(1, keepdims=True)
        loss = -np.log(np.maximum((chances * one_hot).sum(1), 1e-12)).mean()
        return float(loss), chances - one_hot


def _subsets(items: range) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(items) + 1):
        yield from combinations(items, size)


def fit_age_scale(trials: AgeTrials) -> float:
    """The factor on both half-widths with which the intervals hold 80 % of the true ages. Raises
    InputError for too few."""
    years, low, high = trials.ages.T
    known = ~np.isnan(years) & ~np.isnan(trials.truth)
    if known.sum() < _FEWEST:
        raise InputError(f"There are {known.sum()} ages to fit with.", f"Give at least {_FEWEST}.")
    off = trials.truth - years
    half = np.where(off < 0, np.maximum(years - low, 0.5), np.maximum(high - years, 0.5))
    return float(np.quantile(np.abs(off / half)[known], _COVERED))


NO_POOL = Pool({}, ())


def as_fusion(
    emotion: Pool,
    gender: Pool,
    age_scales: Mapping[Channel, float],
    thresholds: Mapping[str, Any],
) -> Fusion:
    """The fits as one; what was not fitted of a channel counts as it is. `gender` has two kinds,
    male first, and no prior."""
    rows = {}
    for channel in MEASURED:
        row = ChannelWeights(age_scale=age_scales.get(channel, 1.0))
        if channel in gender.channels:
            male, female = gender.channels[channel].bias
            weight = gender.channels[channel].weight
            row = replace(row, gender=weight, gender_bias=male - female)
        if channel in emotion.channels:
            bent = emotion.channels[channel]
            row = replace(
                row, emotion=bent.weight, emotion_bias=bent.bias, full_quality=bent.full_quality
            )
        rows[channel] = row
    fusion = replace(Fusion(rows), **thresholds)
    return replace(fusion, emotion_prior=emotion.prior) if emotion.prior else fusion
