"""Templates as bytes: IEEE 754 half precision, little-endian.

Half precision moves the cosine of two 512-dimensional unit vectors by 7e-6 on average and 5e-5 at
most, far below what tells two people apart (docs/storage.md has the figures, int8 beside them).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Vector

STORED = np.dtype("<f2")
LENGTH_TOLERANCE = 5e-3
"""How far from one the length of a stored vector may be; rounding alone stays below 1e-3."""


def encode(vector: Vector) -> bytes:
    """A unit vector (dims,) as it is stored. Raises BugError if it is no unit vector."""
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 and vector.size else 0.0
    if not abs(length - 1.0) <= LENGTH_TOLERANCE:
        raise BugError(f"a template of shape {vector.shape} and length {length:.4f}")
    return vector.astype(STORED).tobytes()


def decode(blobs: Sequence[bytes], dims: int) -> Matrix:
    """Stored vectors as a matrix (len(blobs), dims) whose rows have length one again."""
    halves = np.frombuffer(b"".join(blobs), dtype=STORED).reshape(len(blobs), dims)
    rows = halves.astype(np.float32)
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, np.newaxis]
    return rows
