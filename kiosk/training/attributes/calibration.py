"""From raw outputs to probabilities that hold and an honest "not sure", fitted on held-out data.

For any channel: logits and labels of samples that no step of training saw.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional

from kiosk.core.estimates import Emotion

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

WRONG = 0.03
"""Share of what people who show no emotion may be told to show, over all emotions."""
EMOTIONS = tuple(Emotion)
_COLDEST, _HOTTEST = 0.05, 20.0


def class_temperature(logits: Tensor, label: Tensor) -> float:
    """The temperature of least cross entropy; logits (n, classes), label (n,) of whole numbers."""
    return temperature(lambda t: float(functional.cross_entropy(logits.double() / t, label.long())))


def binary_temperature(logit: Tensor, label: Tensor) -> float:
    """The temperature of least cross entropy; logit and label (n,), labels 0 or 1."""
    return temperature(
        lambda t: float(
            functional.binary_cross_entropy_with_logits(logit.double() / t, label.double())
        )
    )


def coverage_temperature(covered: Callable[[float], float], wanted: float) -> float:
    """The temperature at which intervals hold `wanted` of the truths; `covered` says what share
    they hold at a temperature, and grows with it."""
    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if covered(float(np.exp(middle))) < wanted else (low, middle)
    return float(np.exp((low + high) / 2))


def sure_from(highest: Floats, right: NDArray[np.bool_], wanted: float) -> float:
    """The lowest probability from which on answers are right in a share of `wanted`.

    `highest` (n,) is the probability of the answer, `right` (n,) whether it was true. 1 where no
    probability is high enough.
    """
    order = np.argsort(-highest, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # ties must be kept together: a threshold takes all answers of one probability or none
    ends = np.append(np.diff(highest[order]) < 0, True)
    good = np.flatnonzero((share >= wanted) & ends)
    return float(highest[order][good[-1]]) if good.size else 1.0


def calm_thresholds(chances: Doubles, least: float) -> tuple[float, ...]:
    """For each emotion the probability from which on it is told, never below `least`: of calm
    people's samples (n, 7) each is told of an even share of `WRONG`. Neutral is what they are."""
    said, highest = chances.argmax(1), chances.max(1)
    neutral = EMOTIONS.index(Emotion.NEUTRAL)
    share = WRONG / (len(EMOTIONS) - 1)
    found = []
    for place in range(len(EMOTIONS)):
        top = np.where(said == place, highest, 0.0)
        fitted = least if place == neutral else max(least, float(np.quantile(top, 1 - share)))
        found.append(round(fitted, 4))
    return tuple(found)


def temperature(cost: Callable[[float], float]) -> float:
    """The temperature of least cost, between 0.05 and 20."""
    found = minimize_scalar(
        lambda log: cost(float(np.exp(log))),
        bounds=(np.log(_COLDEST), np.log(_HOTTEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def age_spread(ages: Floats) -> float:
    """Years between the 10th and the 90th percentile: the 80 % interval of not having looked."""
    low, high = np.percentile(ages, (10, 90))
    return float(high - low)


def known(label: Floats) -> Tensor:
    """Rows (n,) whose label is not NaN."""
    return torch.from_numpy(~np.isnan(np.asarray(label)))
