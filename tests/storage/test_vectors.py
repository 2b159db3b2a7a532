import numpy as np
import pytest

from kiosk.core.errors import BugError
from kiosk.core.media import Vector
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage.resident.packing import packed, packed_lengths, unpacked
from kiosk.storage.resident.vectors import PLAIN, TurnedForm, decode, encode
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


@pytest.mark.parametrize("dims", [3, 16, 192, 321, 512])
def test_turned_and_packed_every_bit_comes_back(dims: int) -> None:
    rows = np.stack([unit(seed, dims) for seed in range(400)])
    rows[0], rows[1] = 0, 0
    rows[0, 0], rows[1, :2] = 1.0, np.sqrt(0.5)
    halves = PLAIN.halves([encode(row) for row in rows], dims, "net")
    form = TurnedForm(TemplateTransform(b"\x05" * 32))
    blobs = form.of_halves(halves, "net")
    assert np.array_equal(form.halves(blobs, dims, "net"), halves)
    assert np.array_equal(np.stack([form.halves([b], dims, "net")[0] for b in blobs]), halves)
    assert {len(blob) for blob in blobs} <= set(packed_lengths(dims))
    assert all(abs((form.lengths([blob], dims)[0] or 0.0) - 1) < 1e-3 for blob in blobs)


def test_packed_vectors_keep_every_score() -> None:
    rows = np.stack([unit(seed, 512) for seed in range(500)])
    blobs = packed(rows)
    assert sum(len(blob) == packed_lengths(512)[0] for blob in blobs) > 490
    again = unpacked(blobs, 512)
    again /= np.linalg.norm(again, axis=1, keepdims=True)
    assert np.abs(again @ again.T - rows @ rows.T).max() < 4e-6  # 0.00000 where it is printed


def test_a_blob_of_another_length_is_no_vector() -> None:
    form = TurnedForm(TemplateTransform(b"\x05" * 32))
    for length in (0, 7, 1024, packed_lengths(512)[0] - 1):
        assert form.lengths([bytes(length)] * 2, 512) == [None, None]
    with pytest.raises(ValueError, match="7 bytes"):
        unpacked([bytes(7)], 512)
