"""Templates as bytes.

Plain ones are IEEE 754 half precision, little-endian: that moves the cosine of two 512-dimensional
unit vectors by 7e-6 on average and 5e-5 at most, far below what tells two people apart
(docs/storage.md has the figures, int8 beside them). Turned ones (`kiosk.core.template_transform`)
are those halves turned and packed (`packing`), so that undoing the turn gives exactly the halves
again, however often the key is exchanged.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Vector
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage.resident.packing import on_grid, packed, packed_lengths, unpacked

STORED = np.dtype("<f2")
LENGTH_TOLERANCE = 5e-3
"""How far from one the length of a stored vector may be; rounding alone stays below 1e-3."""


Halves: TypeAlias = NDArray[np.float16]
"""Vectors as rows, rounded once and for all when they were enrolled."""


class VectorForm(ABC):
    """How the vectors of one gallery lie in its rows."""

    transform: TemplateTransform | None = None

    @abstractmethod
    def of_halves(self, halves: Halves, model_id: str) -> list[bytes]:
        """Rows (rows, dims) as they are stored."""

    @abstractmethod
    def halves(self, blobs: Sequence[bytes], dims: int, model_id: str) -> Halves:
        """Exactly what `of_halves` was given."""

    @abstractmethod
    def as_stored(self, blobs: Sequence[bytes], dims: int) -> Matrix:
        """Rows of length one as they are searched: still turned, where they are."""

    @abstractmethod
    def lengths(self, blobs: Sequence[bytes], dims: int) -> Sequence[float | None]:
        """How long stored vectors of equal numbers of bytes are; None for each where these are no
        vectors of so many numbers."""

    def encode(self, vector: Vector, model_id: str) -> bytes:
        """A unit vector (dims,) as it is stored. Raises BugError if it is no unit vector."""
        return self.of_halves(np.frombuffer(encode(vector), STORED)[np.newaxis], model_id)[0]

    def decode(self, blobs: Sequence[bytes], dims: int, model_id: str) -> Matrix:
        """What was encoded, (len(blobs), dims), rows of length one again."""
        return _at_length_one(self.halves(blobs, dims, model_id).astype(np.float32))


class PlainForm(VectorForm):
    """Halves as they are."""

    def of_halves(self, halves: Halves, model_id: str) -> list[bytes]:
        """Implements VectorForm."""
        return [row.tobytes() for row in halves]

    def halves(self, blobs: Sequence[bytes], dims: int, model_id: str) -> Halves:
        """Implements VectorForm."""
        return np.asarray(_rows(blobs, dims, STORED), STORED)

    def as_stored(self, blobs: Sequence[bytes], dims: int) -> Matrix:
        """Implements VectorForm."""
        return decode(blobs, dims)

    def lengths(self, blobs: Sequence[bytes], dims: int) -> Sequence[float | None]:
        """Implements VectorForm."""
        if len(blobs[0]) != 2 * dims:
            return [None] * len(blobs)
        return _lengths(_rows(blobs, dims, STORED))


class TurnedForm(VectorForm):
    """Halves turned by a key, packed."""

    def __init__(self, transform: TemplateTransform) -> None:
        self.transform = transform
        self._turn = transform

    def of_halves(self, halves: Halves, model_id: str) -> list[bytes]:
        """Implements VectorForm."""
        return packed(self._turn.apply(on_grid(halves), model_id))

    def halves(self, blobs: Sequence[bytes], dims: int, model_id: str) -> Halves:
        """Implements VectorForm."""
        return on_grid(self._turn.undo(unpacked(blobs, dims), model_id))

    def as_stored(self, blobs: Sequence[bytes], dims: int) -> Matrix:
        """Implements VectorForm."""
        return _at_length_one(unpacked(blobs, dims))

    def lengths(self, blobs: Sequence[bytes], dims: int) -> Sequence[float | None]:
        """Implements VectorForm."""
        return turned_lengths(blobs, dims)


PLAIN = PlainForm()


def encode(vector: Vector) -> bytes:
    """A unit vector (dims,) as halves. Raises BugError if it is no unit vector."""
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 and vector.size else 0.0
    if not abs(length - 1.0) <= LENGTH_TOLERANCE:
        raise BugError(f"a template of shape {vector.shape} and length {length:.4f}")
    return on_grid(vector).tobytes()


def decode(blobs: Sequence[bytes], dims: int) -> Matrix:
    """Halves as a matrix (len(blobs), dims) whose rows have length one again."""
    return _at_length_one(_rows(blobs, dims, STORED).astype(np.float32))


def turned_lengths(blobs: Sequence[bytes], dims: int) -> Sequence[float | None]:
    """As `VectorForm.lengths`, of turned ones: no key is needed for it."""
    if len(blobs[0]) not in packed_lengths(dims):
        return [None] * len(blobs)
    return _lengths(unpacked(blobs, dims))


def _lengths(rows: NDArray[np.floating]) -> list[float | None]:
    return [float(each) for each in np.linalg.norm(rows.astype(np.float32), axis=1)]


def _rows(blobs: Sequence[bytes], dims: int, kind: np.dtype[np.floating]) -> NDArray[np.floating]:
    return np.frombuffer(b"".join(blobs), dtype=kind).reshape(len(blobs), dims)


def _at_length_one(rows: Matrix) -> Matrix:
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, np.newaxis]
    return rows
