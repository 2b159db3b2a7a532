"""Scores measured against a cohort: people who stand for nobody, in pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix

Floats = NDArray[np.float64]

CohortSimilarity = NDArray[np.float32]
"""(rows,): mean of a vector's largest cosines to a cohort."""

_COHORT_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Cohort:
    """Vectors that stand for nobody, (k, dims), against which scores of one model are measured.

    Look-alikes crowd together in an embedding, some groups of people more than others, and one
    threshold on cosines errs more often on them. What a cosine counts is how far it rises above
    the `top` nearest of the cohort, seen from the probe and from the template. That is the adaptive
    symmetric normalisation of Matejka et al., "Analysis of Score Normalization in Multilingual
    Speaker Recognition" (Interspeech 2017), without its division by the deviations, which makes
    scores of different people harder to rank (docs/accuracy.md).
    """

    vectors: Matrix
    top: int = 20

    def cohort_similarity(self, rows: Matrix) -> CohortSimilarity:
        """Of unit vectors (rows, dims); in blocks, so that memory does not grow with a gallery."""
        found = np.empty(len(rows), np.float32)
        top = min(self.top, len(self.vectors))
        for start in range(0, len(rows), _COHORT_BLOCK):
            cosines = rows[start : start + _COHORT_BLOCK] @ self.vectors.T
            nearest = np.partition(cosines, -top, axis=1)[:, -top:]
            found[start : start + len(cosines)] = nearest.mean(axis=1)
        return found

    def normalise(
        self, cosines: NDArray[np.floating], probes: CohortSimilarity, templates: CohortSimilarity
    ) -> Floats:
        """Normalised scores; the three shapes broadcast."""
        return np.asarray(cosines - (probes + templates) / 2, dtype=np.float64)
