"""The centroids of subjects' templates, kept as sums: a change costs what changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.core.cohort import Cohort, CohortSimilarity
from kiosk.core.media import Matrix, Vector
from kiosk.core.scoring import Ids
from kiosk.core.template_scores import SHORTEST, at_length_one, sums_of


class SubjectCentroids:
    """By subject number (see `SubjectNumbers`): the sum of the templates and its length."""

    def __init__(self) -> None:
        self._sums = np.empty((0, 0), np.float32)
        self._norms = np.empty(0, np.float32)
        self._crowding: CohortSimilarity = np.empty(0, np.float32)
        self._cohort: Cohort | None = None

    def add(self, numbers: Ids, rows: Matrix) -> None:
        """Templates (templates, dims) and whose each is."""
        if not len(numbers):
            return
        if self._sums.shape[1] != rows.shape[1]:
            self._sums = np.zeros((0, rows.shape[1]), np.float32)
            self._norms = np.empty(0, np.float32)
        self._make_room(int(numbers.max()) + 1)
        touched, sums = sums_of(rows, numbers)
        self._sums[touched] += sums
        self._measure(touched)

    def take(self, number: int, row: Vector, *, last: bool) -> None:
        """One template less; with the `last` nothing is left of rounding either."""
        self._sums[number] = 0.0 if last else self._sums[number] - row
        self._measure(np.array([number]))

    def cosines(self, numbers: Ids, probe: Vector) -> NDArray[np.float32]:
        """Of a unit vector with the centroids of these subjects."""
        if 2 * len(numbers) > len(self._sums):  # taking rows out costs more than multiplying them
            every: NDArray[np.float32] = self._sums @ probe
            return every[numbers] / self._norms[numbers]
        found: NDArray[np.float32] = self._sums[numbers] @ probe
        return found / self._norms[numbers]

    def cohort_similarity(self, numbers: Ids, cohort: Cohort) -> CohortSimilarity:
        """Mean cosine of these centroids to their nearest in the cohort; kept, and completed for
        what has changed since. Another cohort begins anew."""
        if cohort is not self._cohort:
            self._cohort = cohort
            self._crowding[:] = np.nan
        stale = numbers[np.isnan(self._crowding[numbers])]
        if stale.size:
            self._crowding[stale] = cohort.cohort_similarity(at_length_one(self._sums[stale]))
        return self._crowding[numbers]

    def _measure(self, numbers: Ids) -> None:
        norms = np.linalg.norm(self._sums[numbers], axis=1)
        self._norms[numbers] = np.maximum(norms, SHORTEST)
        self._crowding[numbers] = np.nan

    def _make_room(self, needed: int) -> None:
        have = len(self._sums)
        if needed <= have:
            return
        more = max(needed, 2 * have) - have
        self._sums = np.pad(self._sums, ((0, more), (0, 0)))
        self._norms = np.pad(self._norms, (0, more), constant_values=SHORTEST)
        self._crowding = np.pad(self._crowding, (0, more), constant_values=np.nan)[
            : len(self._sums)
        ]
