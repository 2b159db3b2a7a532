import numpy as np
import pytest

from kiosk.core.errors import BugError
from kiosk.core.media import Vector
from kiosk.storage.resident.vectors import decode, encode
from tests.support.storage_support import unit


def test_half_precision_keeps_the_cosine() -> None:
    vectors = np.stack([unit(seed, 512) for seed in range(300)])
    stored = decode([encode(vector) for vector in vectors], 512)
    assert np.abs(vectors @ vectors.T - stored @ stored.T).max() < 1.5e-4


def test_stored_vectors_have_length_one_again() -> None:
    stored = decode([encode(unit(seed, 512)) for seed in range(100)], 512)
    assert np.abs(np.linalg.norm(stored, axis=1) - 1).max() < 1e-6


@pytest.mark.parametrize(
    "vector",
    [
        np.zeros(8, np.float32),
        np.full(8, np.nan, np.float32),
        np.ones(8, np.float32),
        np.eye(3, dtype=np.float32),
        np.empty(0, np.float32),
    ],
)
def test_what_is_no_unit_vector_is_never_stored(vector: Vector) -> None:
    with pytest.raises(BugError):
        encode(vector)
