"""Several samples of one visit as one probe, in pure NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Modality
from kiosk.core.samples import Embedding, Probe

OUTLIER_COSINE = 0.3
"""How far below the median similarity to the others a sample may lie before it is dropped."""


def normalise(vectors: NDArray[np.floating]) -> Matrix:
    """Rows (or the one vector) at length one; a zero row is a BugError, never silently kept."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.all(np.isfinite(norms)) or np.any(norms < 1e-9):
        raise BugError("an embedding has no direction")
    return np.asarray(vectors / norms, dtype=np.float32)


def keep_consistent(matrix: Matrix) -> NDArray[np.bool_]:
    """Which rows agree with the rest: (rows,) of bool.

    A row is an outlier when its median cosine to the others lies OUTLIER_COSINE below the median
    of all; with fewer than three rows nobody can be told to be the odd one.
    """
    if len(matrix) < 3:
        return np.ones(len(matrix), dtype=np.bool_)
    similarity = matrix @ matrix.T
    np.fill_diagonal(similarity, np.nan)
    typical = np.nanmedian(similarity, axis=1)
    return np.asarray(typical >= np.median(typical) - OUTLIER_COSINE, dtype=np.bool_)


def pool(embeddings: Sequence[Embedding], modality: Modality, model_id: str) -> Probe:
    """Several samples of one visit as one probe: quality-weighted mean of the consistent ones."""
    matrix = np.stack([embedding.vector for embedding in embeddings])
    quality = np.array([embedding.quality for embedding in embeddings], dtype=np.float64)
    kept = keep_consistent(matrix)
    matrix, quality = matrix[kept], quality[kept]
    weights = np.maximum(quality, 1e-3)
    mean = (matrix * weights[:, None]).sum(axis=0) / weights.sum()
    average = float((quality * weights).sum() / weights.sum())
    return Probe(modality, model_id, normalise(mean), average, len(matrix))
