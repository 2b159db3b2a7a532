"""Scores as the kiosk makes them: probes pooled from several samples against several templates.

What calibration is fitted to must be what is calibrated later; a cosine of two single pictures is
not the score of a visit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Modality
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Integers, PairScores, draws
from kiosk.evaluation.metrics.scores import pooled

TEMPLATE_COUNTS = (1, 3, 5)
PROBE_COUNTS = (1, 3, 5)
_MOST_PROBES = 3
"""Of one person and one count: those with many pictures must not outweigh the others."""


@dataclass(frozen=True, eq=False)
class OperationalScores:
    """Scores of probes against subjects with the quality of each probe, (pairs,)."""

    pairs: PairScores
    quality: Floats


def operational_scores(samples: Samples, modality: Modality, seed: int) -> OperationalScores:
    """Every combination of template and probe counts the samples allow.

    A person with n samples takes part in a combination if n is at least templates + samples of a
    probe; enrolled and searched samples are never the same. People with fewer samples are
    left out of it. Raises ValueError without a mated comparison.
    """
    random = np.random.default_rng(seed)
    parts = [
        part
        for templates in TEMPLATE_COUNTS
        for probes in PROBE_COUNTS
        for part in [_combination(samples, modality, (templates, probes), random)]
        if part is not None
    ]
    if not parts:
        raise ValueError("nobody has two samples")
    score, same, a, b, quality = (np.concatenate(column) for column in zip(*parts, strict=True))
    return OperationalScores(PairScores(score, same, a, b), quality)


_Part = tuple[Floats, NDArray[np.bool_], Integers, Integers, Floats]


def _combination(
    samples: Samples, modality: Modality, counts: tuple[int, int], random: np.random.Generator
) -> _Part | None:
    templates, probes = counts
    enrolled: list[Integers] = []
    searched: list[tuple[int, Integers]] = []
    for person in np.unique(samples.subject):
        rows = random.permutation(np.flatnonzero(samples.subject == person))
        if rows.size >= templates + probes:
            enrolled.append(rows[:templates])
            rest = rows[templates:]
            groups = min(_MOST_PROBES, rest.size // probes)
            searched += [(int(person), part) for part in _cut(rest, probes, groups)]
    if len(enrolled) < 2:
        return None
    rows = np.concatenate(enrolled)
    made = [pooled(samples, part) for _, part in searched]
    vectors = np.stack([vector for vector, _ in made])
    quality = np.array([value for _, value in made])
    who = np.array([person for person, _ in searched], dtype=np.int64)
    subjects, table = score_table(
        vectors,
        samples.vectors[rows],
        samples.subject[rows],
        AGGREGATES[modality],
        samples.cohort,
    )
    same = who[:, None] == subjects[None, :]
    first = np.broadcast_to(who[:, None], table.shape)
    second = np.broadcast_to(subjects[None, :], table.shape)
    spread = np.broadcast_to(quality[:, None], table.shape)
    return table.ravel(), same.ravel(), first.ravel(), second.ravel(), spread.ravel()


def _cut(rows: Integers, size: int, groups: int) -> list[Integers]:
    return [rows[n * size : (n + 1) * size] for n in range(groups)]


def effective_trials(pairs: PairScores, seed: int, replicates: int = 100) -> tuple[float, float]:
    """How many independent comparisons the mated and the non-mated ones are worth.

    Mated: from the spread of an FNMR of about 5 % when people are drawn again, n = p (1 - p) /
    variance. Non-mated: comparisons of the same two people count once. Both are far fewer than
    there are scores (ISO/IEC 19795-1, annex B).
    """
    same = pairs.same
    hits = (pairs.genuine < np.quantile(pairs.genuine, 0.05)).astype(np.float64)
    person = pairs.a[same]
    rates = [
        float(np.average(hits, weights=drawn[person]))
        for drawn in draws(pairs.people, seed, replicates)
        if drawn[person].any()
    ]
    rate, variance = float(np.mean(rates)), float(np.var(rates))
    most = float(hits.size)
    mated = min(most, rate * (1 - rate) / variance) if variance > 0 else most
    return mated, different_pairs(pairs)


def different_pairs(pairs: PairScores) -> float:
    """How many different pairs of people were compared."""
    low, high = np.minimum(pairs.a, pairs.b), np.maximum(pairs.a, pairs.b)
    other = low != high
    return float(np.unique(low[other] * pairs.people + high[other]).size)
