"""Turned vectors in eighteen bits a number, so that three rows of 512 numbers share a page.

A row is its scale (single precision), then the upper sixteen bits of every number, then the lower
two, four numbers to a byte. One number is off by a third of the scale at most in the mean square,
which is a tenth of half a step between the numbers that plain vectors consist of
(`on_grid`): undoing the turn and rounding gives these back to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix

_SCALE = np.dtype("<f4")
_UPPER = np.dtype("<i2")
_LARGEST = (1 << 17) - 1
_FOUR = 4
_STEPS = 1 << 17
"""Plain numbers are halves that are multiples of one part in so many: what halves are anyway from
1/128 on, and finer than they need to be below."""
_FEWEST = 320
"""Numbers from which a row is packed: with fewer, three rows share a page as they are."""
_HIGHEST = 0.25
"""A row with a number beyond is kept in single precision: its scale would be too coarse."""


def on_grid(rows: NDArray[np.floating]) -> NDArray[np.float16]:
    """Rounded to the halves that every kept vector consists of."""
    small = np.rint(rows.astype(np.float64) * _STEPS) / _STEPS
    return np.where(np.abs(rows) < 1 / 128, small, rows).astype("<f2")


def packed(rows: Matrix) -> list[bytes]:
    """Rows (rows, dims) as they are stored: packed, or in single precision where packing would
    save nothing or lose bits."""
    highest = np.abs(rows).max(axis=1)
    fits = (highest > 0) & (highest <= _HIGHEST) & (rows.shape[1] >= _FEWEST)
    tight = iter(_packed(rows[fits], highest[fits]) if fits.any() else ())
    return [next(tight) if fit else row.tobytes() for fit, row in zip(fits, rows, strict=True)]


def unpacked(blobs: Sequence[bytes], dims: int) -> Matrix:
    """What was packed, (len(blobs), dims). Raises ValueError for a blob of another length."""
    lengths = {len(blob) for blob in blobs}
    if len(lengths) <= 1:
        return _read(blobs, dims, lengths.pop() if lengths else 0)
    rows = np.empty((len(blobs), dims), np.float32)
    for length in lengths:
        places = [place for place, blob in enumerate(blobs) if len(blob) == length]
        rows[places] = _read([blobs[place] for place in places], dims, length)
    return rows


def packed_lengths(dims: int) -> tuple[int, int]:
    """Bytes of a stored row of so many numbers: packed, and in single precision."""
    return _SCALE.itemsize + _UPPER.itemsize * dims + -(-dims // _FOUR), 4 * dims


def _packed(rows: Matrix, highest: NDArray[np.floating]) -> list[bytes]:
    count, dims = rows.shape
    scale = (highest / _LARGEST).astype(_SCALE)
    steps = np.rint(rows.astype(np.float64) / scale[:, np.newaxis]).astype(np.int32)
    low = np.zeros((count, -(-dims // _FOUR) * _FOUR), np.uint8)
    low[:, :dims] = steps & 3
    low = low.reshape(count, -1, _FOUR)
    quarters = low[:, :, 0] | low[:, :, 1] << 2 | low[:, :, 2] << 4 | low[:, :, 3] << 6
    parts = (_bytes(scale[:, np.newaxis]), _bytes((steps >> 2).astype(_UPPER)), quarters)
    return [row.tobytes() for row in np.concatenate(parts, axis=1)]


def _read(blobs: Sequence[bytes], dims: int, length: int) -> Matrix:
    tight, wide = packed_lengths(dims)
    every = np.frombuffer(b"".join(blobs), np.uint8).reshape(len(blobs), length)
    if length == wide:
        return np.ascontiguousarray(every).view("<f4").astype(np.float32)
    if length != tight:
        raise ValueError(f"{length} bytes for {dims} numbers")
    upper = _SCALE.itemsize + _UPPER.itemsize * dims
    heads = np.ascontiguousarray(every[:, : _SCALE.itemsize]).view(_SCALE)
    rows = np.ascontiguousarray(every[:, _SCALE.itemsize : upper]).view(_UPPER).astype(np.float32)
    rows *= np.float32(_FOUR)
    for place in range(_FOUR):
        held = rows[:, place::_FOUR]
        held += ((every[:, upper:] >> (2 * place)) & 3)[:, : held.shape[1]]
    rows *= heads
    return rows


def _bytes(rows: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(rows).view(np.uint8)
