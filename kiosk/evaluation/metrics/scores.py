"""Comparison scores of samples, made by the same functions the kiosk decides with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix
from kiosk.core.pooling import keep_consistent, normalise
from kiosk.datasets.collections import Pair
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import PairScores

FAILED_SCORE = -1.0
"""Of a comparison that could not be made: a failure to acquire counts as rejected."""
MOST_IMPOSTORS = 4_000_000


def listed_pairs(samples: Samples, pairs: tuple[Pair, ...]) -> PairScores:
    """Scores of the comparisons a collection prescribes, in their order.

    A comparison with a failed sample scores -1 or the least of all, so that it counts against the
    model when mated (generalised false reject rate of ISO/IEC 19795-1). A failed sample is a
    person of its own.
    """
    rows = {int(place): row for row, place in enumerate(samples.place)}
    a = np.array([rows.get(pair.a, -1) for pair in pairs], dtype=np.int64)
    b = np.array([rows.get(pair.b, -1) for pair in pairs], dtype=np.int64)
    score = _scores(samples, a, b)
    failed = (a < 0) | (b < 0)
    score[failed] = min(FAILED_SCORE, float(score[~failed].min(initial=0.0)))
    same = np.array([pair.same for pair in pairs])
    return PairScores(score, same, samples.subject[a], samples.subject[b])


def all_pairs(
    samples: Samples, seed: int, *, across_conditions: bool = False, within_group: bool = False
) -> PairScores:
    """Scores of every two samples.

    `across_conditions` leaves out mated pairs of one condition (of one emotion, say);
    `within_group` leaves out pairs of two groups. Beyond MOST_IMPOSTORS non-mated pairs, a seeded
    choice of that many.
    """
    first, second = np.triu_indices(len(samples), 1)
    same = samples.subject[first] == samples.subject[second]
    kept = np.ones(len(first), dtype=np.bool_)
    if across_conditions:
        kept &= ~(same & (samples.condition[first] == samples.condition[second]))
    if within_group:
        kept &= samples.group[first] == samples.group[second]
    kept &= _thinned(~same & kept, seed) | same
    first, second, same = first[kept], second[kept], same[kept]
    score = _scores(samples, first, second)
    return PairScores(score, same, samples.subject[first], samples.subject[second])


def strangers(samples: Samples, most: int, seed: int) -> PairScores:
    """Scores of every two samples of different people; beyond `most`, a seeded choice of them."""
    first, second = np.triu_indices(len(samples), 1)
    kept = np.flatnonzero(samples.subject[first] != samples.subject[second])
    if kept.size > most:
        kept = np.random.default_rng(seed).choice(kept, most, replace=False)
    first, second = first[kept], second[kept]
    score = _scores(samples, first, second)
    nobody = np.zeros(kept.size, dtype=np.bool_)
    return PairScores(score, nobody, samples.subject[first], samples.subject[second])


def _thinned(wanted: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    places = np.flatnonzero(wanted)
    if places.size <= MOST_IMPOSTORS:
        return wanted
    chosen = np.random.default_rng(seed).choice(places, MOST_IMPOSTORS, replace=False)
    thinned = np.zeros_like(wanted)
    thinned[chosen] = True
    return thinned


def _scores(samples: Samples, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
    """Cosines, normalised where the model brings a cohort."""
    cosines = _cosines(samples.vectors, first, second)
    if samples.cohort is None:
        return cosines
    cohort_similarity = samples.cohort.cohort_similarity(samples.vectors)
    return samples.cohort.normalise(cosines, cohort_similarity[first], cohort_similarity[second])


def _cosines(vectors: Matrix, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
    """In blocks, so that memory does not grow with the number of pairs."""
    score = np.empty(len(first), dtype=np.float64)
    for start in range(0, len(first), 200_000):
        part = slice(start, start + 200_000)
        score[part] = np.einsum("ij,ij->i", vectors[first[part]], vectors[second[part]])
    return score


def pooled(samples: Samples, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], float]:
    """One probe of several samples and its quality, as `comparison.pool` makes it."""
    matrix, quality = samples.vectors[rows], samples.quality[rows]
    kept = keep_consistent(matrix)
    weights = np.maximum(quality[kept], 1e-3)
    mean = (matrix[kept] * weights[:, None]).sum(axis=0) / weights.sum()
    return normalise(mean), float((quality[kept] * weights).sum() / weights.sum())
