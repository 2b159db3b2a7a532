"""A keyed turn of the space in which templates lie: a template that leaked can be revoked.

Vectors of one model are multiplied by an orthogonal matrix that only the holder of a key can make.
Lengths and angles stay, so that every score between vectors turned alike is what it was; vectors
turned by different keys have nothing to do with each other (`kiosk gallery rekey`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix

_SEED = 32
_PURPOSE = b"kiosk template transform 1"
_DRAWS = 12
"""Uniform numbers summed to one that is nearly normal (Irwin-Hall): integers alone, the same on
every machine and with every version of a library."""


def new_seed() -> bytes:
    """A key that nobody can guess."""
    return secrets.token_bytes(_SEED)


def fingerprint(seed: bytes) -> str:
    """Tells keys apart without telling them."""
    return hmac.digest(seed, _PURPOSE, hashlib.sha256)[:8].hex()


@dataclass(eq=False)
class TemplateTransform:
    """The turn of one key; each model and size has a matrix of its own, made when first needed."""

    seed: bytes = field(repr=False)
    _made: dict[tuple[str, int], NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def apply(self, rows: NDArray[Any], model_id: str) -> Matrix:
        """Vectors (dims,) or (rows, dims) as they are stored and compared."""
        turned = np.asarray(rows, np.float64) @ self._matrix(model_id, rows.shape[-1]).T
        return turned.astype(np.float32)

    def undo(self, rows: NDArray[Any], model_id: str) -> Matrix:
        """What they were before, but for the rounding of single precision."""
        back = np.asarray(rows, np.float64) @ self._matrix(model_id, rows.shape[-1])
        return back.astype(np.float32)

    def _matrix(self, model_id: str, dims: int) -> NDArray[np.float64]:
        known = self._made.get((model_id, dims))
        if known is None:
            known = self._made[model_id, dims] = _orthogonal(self.seed, model_id, dims)
        return known


def _orthogonal(seed: bytes, model_id: str, dims: int) -> NDArray[np.float64]:
    """Uniform among all orthogonal matrices, as QR of normal numbers with the signs settled gives
    (Mezzadri, "How to generate random matrices from the classical compact groups", 2007)."""
    stream = hashlib.shake_256(hmac.digest(seed, f"{model_id}|{dims}".encode(), hashlib.sha256))
    draws = np.frombuffer(stream.digest(2 * _DRAWS * dims * dims), "<u2").reshape(dims, dims, -1)
    normal = draws.sum(axis=2, dtype=np.int64) - _DRAWS * 65535 // 2
    turn, triangle = np.linalg.qr(normal.astype(np.float64) / 65536)
    return np.asarray(turn * np.where(np.diagonal(triangle) < 0, -1.0, 1.0))
