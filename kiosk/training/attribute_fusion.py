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

from kiosk.attributes import LEAST_PROBABILITY, MEASURED, ChannelWeights, Fusion
from kiosk.errors import InputError
from kiosk.estimates import Channel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FULL_QUALITIES = (1e-6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Tried as the quality from which a channel counts in full; the first means always."""
HEAVIEST = 3.0
"""The largest weight of a channel."""
_PULL = 0.01
"""How strongly weights are held to one and biases to none."""
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


def fit(trials: Trials) -> dict[Channel, Bent]:
    """Weights and biases of least cross entropy over all sets of channels; the quality from which a
    channel counts in full is tried channel by channel. Raises InputError for too few samples."""
    if len(trials.truth) < _FEWEST:
        raise InputError(
            f"There are {len(trials.truth)} samples to fit with.", f"Give at least {_FEWEST}."
        )
    problem = _Problem(trials)
    full = dict.fromkeys(trials.said, 0.5)
    for channel, opinions in trials.said.items():
        if np.ptp(opinions.quality) > 0.05:
            costs = {q: problem.solve(full | {channel: q})[0] for q in FULL_QUALITIES}
            full[channel] = min(costs, key=costs.__getitem__)
    _, weights, biases = problem.solve(full)
    return {
        channel: Bent(float(weights[n]), tuple(biases[n].tolist()), full[channel])
        for n, channel in enumerate(trials.said)
    }


class _Problem:
    """Cross entropy of the log-linear pool, summed over sets of channels, and its gradient."""

    def __init__(self, trials: Trials) -> None:
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
        """Least cost, weights (channels,) and biases (channels, kinds)."""
        levels = np.array([full[channel] for channel in self._channels])[:, None]
        trust = np.minimum(1.0, np.maximum(self._quality, 0.0) / levels)
        count, kinds = len(self._channels), self._logs.shape[2]
        start = np.concatenate([np.ones(count), np.zeros(count * kinds)])
        bounds = [(0.0, HEAVIEST)] * count + [(-HEAVIEST, HEAVIEST)] * (count * kinds)

        def cost(values: Floats) -> tuple[float, Floats]:
            weights, biases = values[:count], values[count:].reshape(count, kinds)
            return self._cost(weights, biases, trust)

        found: Any = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds)
        biases = found.x[count:].reshape(count, kinds)
        return float(found.fun), found.x[:count], biases - biases.mean(1, keepdims=True)

    def _cost(self, weights: Floats, biases: Floats, trust: Floats) -> tuple[float, Floats]:
        bent = trust[:, :, None] * (weights[:, None, None] * self._logs + biases[:, None])
        loss = _PULL * float(((weights - 1) ** 2).sum() + (biases**2).sum())
        d_weights, d_biases = 2 * _PULL * (weights - 1), 2 * _PULL * biases
        sets = list(_subsets(range(len(self._channels))))
        for chosen in sets:
            rows = self._there[list(chosen)].all(0)
            if not rows.any():
                continue
            part, surplus = self._part(bent[list(chosen)][:, rows].sum(0), self._one_hot[rows])
            loss += part / len(sets)
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


def as_fusion(
    emotion: Mapping[Channel, Bent],
    gender: Mapping[Channel, Bent],
    age_scales: Mapping[Channel, float],
    thresholds: Mapping[str, float],
) -> Fusion:
    """The fits as one; what was not fitted of a channel counts as it is. `gender` has two kinds,
    male first."""
    rows = {}
    for channel in MEASURED:
        row = ChannelWeights(age_scale=age_scales.get(channel, 1.0))
        if channel in gender:
            male, female = gender[channel].bias
            row = replace(row, gender=gender[channel].weight, gender_bias=male - female)
        if channel in emotion:
            bent = emotion[channel]
            row = replace(
                row, emotion=bent.weight, emotion_bias=bent.bias, full_quality=bent.full_quality
            )
        rows[channel] = row
    return Fusion(rows, **thresholds)
