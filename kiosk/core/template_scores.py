"""How several templates of a subject make one score, in every search and every evaluation alike.

A face is compared with the *centroid* of a subject's templates: their mean, at length one, as a
probe is the mean of its pictures. What is peculiar to one picture cancels out, so that the right
person scores higher, and strangers no higher (docs/accuracy.md has the comparison with the best
template, the mean of scores and a blend of both). With a single template all of them are the same.
A voice keeps the blend of best and mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kiosk.core.cohort import Cohort
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.scoring import Aggregate, Floats, Ids, subject_scores

AGGREGATES: Mapping[Modality, Aggregate] = {
    Modality.FACE: Aggregate.CENTROID,
    Modality.VOICE: Aggregate.BLEND,
}
SHORTEST = 1e-6
"""Templates that point everywhere have no mean direction; their centroid resembles nobody."""


def sums_of(rows: Matrix, place: Ids) -> tuple[Ids, Matrix]:
    """The places that occur, ascending, and the sum of the rows at each."""
    order = np.argsort(place, kind="stable")
    found, first = np.unique(place[order], return_index=True)
    return found, np.add.reduceat(rows[order], first, axis=0)


def at_length_one(sums: Matrix) -> Matrix:
    """Rows at length one; those without direction stay as good as nought."""
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(norms, SHORTEST), dtype=np.float32)


def score_table(
    probes: Matrix,
    templates: Matrix,
    subject: Ids,
    aggregate: Aggregate,
    cohort: Cohort | None = None,
) -> tuple[Ids, Floats]:
    """Subjects (subjects,) ascending, and the score of each probe against each, (probes, subjects).

    `subject` (templates,) says whose each template is.
    """
    if aggregate is not Aggregate.CENTROID:
        table = _scores(probes, templates, cohort)
        rows = [subject_scores(subject, row, aggregate) for row in table]
        return rows[0][0], np.stack([scores for _, scores in rows])
    subjects, sums = sums_of(templates, subject)
    return subjects, _scores(probes, at_length_one(sums), cohort)


def subject_score(
    probe: Vector, templates: Matrix, aggregate: Aggregate, cohort: Cohort | None = None
) -> float:
    """Of a probe with one subject's templates (templates, dims)."""
    nobody = np.zeros(len(templates), dtype=np.int64)
    return float(score_table(probe[None], templates, nobody, aggregate, cohort)[1][0, 0])


def _scores(probes: Matrix, rows: Matrix, cohort: Cohort | None) -> Floats:
    table = np.asarray(probes @ rows.T, dtype=np.float64)
    if cohort is None:
        return table
    seen = cohort.cohort_similarity(probes)[:, None], cohort.cohort_similarity(rows)[None]
    return cohort.normalise(table, *seen)
