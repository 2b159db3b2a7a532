"""Whether a likelihood ratio or a probability means what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.isotonic import isotonic_regression

from kiosk.evaluation.metrics.error_rates import Floats

_LARGEST_LLR = 700.0
"""Beyond this a natural-log likelihood ratio overflows as a ratio."""


@dataclass(frozen=True)
class ReliabilityBin:
    """One bar of a reliability diagram: mean probability said, share that came true, how many."""

    said: float
    true: float
    count: int


def reliability(
    probability: ArrayLike, right: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """The non-empty ones of `bins` equal bins of probability (DeGroot and Fienberg, 1983)."""
    said = np.asarray(probability, dtype=np.float64)
    true = np.asarray(right, dtype=np.float64)
    place = np.minimum((said * bins).astype(np.int64), bins - 1)
    found = []
    for number in np.unique(place):
        here = place == number
        mean = float(said[here].mean()), float(true[here].mean())
        found.append(ReliabilityBin(mean[0], mean[1], int(here.sum())))
    return tuple(found)


def expected_calibration_error(probability: ArrayLike, right: ArrayLike, bins: int = 10) -> float:
    """Mean distance between the probability said and the share that came true, weighted by how
    often each bin was used (ECE, Guo et al., ICML 2017, arXiv:1706.04599)."""
    diagram = reliability(probability, right, bins)
    total = sum(part.count for part in diagram)
    return sum(part.count * abs(part.said - part.true) for part in diagram) / total


def cllr(
    genuine: ArrayLike,
    impostor: ArrayLike,
    genuine_weight: ArrayLike | None = None,
    impostor_weight: ArrayLike | None = None,
) -> float:
    """Cost of natural-log likelihood ratios in bits (Brümmer and du Preez, Computer Speech and
    Language 20, 2006): 0 perfect, 1 what a constant 0 costs."""
    same = np.logaddexp(0.0, -np.asarray(genuine, dtype=np.float64))
    different = np.logaddexp(0.0, np.asarray(impostor, dtype=np.float64))
    missed = float(np.average(same, weights=_array(genuine_weight)))
    falsely = float(np.average(different, weights=_array(impostor_weight)))
    return (missed + falsely) / (2.0 * math.log(2.0))


def _array(weight: ArrayLike | None) -> Floats | None:
    return None if weight is None else np.asarray(weight, dtype=np.float64)


def min_cllr(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """Cllr after the best monotonous recalibration (pool adjacent violators): the part that no
    calibration can take away (Brümmer and du Preez, 2006)."""
    same = np.asarray(genuine, dtype=np.float64)
    different = np.asarray(impostor, dtype=np.float64)
    scores = np.concatenate([same, different])
    label = np.concatenate([np.ones(same.size), np.zeros(different.size)])
    weight = np.where(label > 0, 0.5 / same.size, 0.5 / different.size)
    order = np.lexsort((label, -scores))[::-1]  # by score; among equals the mated first
    posterior = isotonic_regression(label[order], sample_weight=weight[order])
    with np.errstate(divide="ignore"):
        llr = np.log(posterior) - np.log1p(-posterior)
    bounded = np.clip(llr, -_LARGEST_LLR, _LARGEST_LLR)
    kind: NDArray[np.bool_] = label[order] > 0
    return cllr(bounded[kind], bounded[~kind])


def mean_ratio(llr: ArrayLike) -> float:
    """Mean likelihood ratio over non-mated comparisons.

    One for ratios that mean what they say, whatever the recogniser: the expectation of
    p(s | same) / p(s | different) under the latter. Above one, evidence of sameness is overstated
    by about that factor. Bounds on the ratio keep it finite and pull it a little towards one.
    """
    return float(np.exp(np.asarray(llr, dtype=np.float64)).mean())


def overstatement(llr: ArrayLike, at: float) -> float:
    """Share of non-mated comparisons with a ratio of e^`at` or more, times e^`at`.

    At most one where ratios mean what they say (Markov's inequality with the mean ratio of one);
    above one, so many times too many strangers look that much alike.
    """
    return float((np.asarray(llr, dtype=np.float64) >= at).mean() * math.exp(at))
