"""Feature-level fusion learns from synthetic people and is read back as it was."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.training.feature_fusion import load_fusion, train_fusion
from kiosk.training.loop import RunOptions
from tests.support.evaluation_parts import synthetic


def test_joined_vectors_tell_users_apart(tmp_path: Path) -> None:
    face, voice = synthetic(40, 5, noise=1.0), synthetic(40, 5, noise=1.0, dims=48, seed=2)
    options = RunOptions(tmp_path, epochs=2, seed=3)
    outcome = train_fusion(
        (face.vectors, face.subject), (voice.vectors, voice.subject), options, quiet(), 60
    )
    assert -outcome.best < 0.1
    join = load_fusion(tmp_path)
    joined = join(face.vectors, voice.vectors)
    np.testing.assert_allclose(np.linalg.norm(joined, axis=1), 1.0, rtol=1e-5)
    similarity = joined @ joined.T
    same = face.subject[:, None] == face.subject
    assert similarity[same].mean() > similarity[~same].mean() + 0.4


def test_same_seed_same_network(tmp_path: Path) -> None:
    face, voice = synthetic(20, 3), synthetic(20, 3, seed=2)
    found = []
    for name in ("one", "two"):
        options = RunOptions(tmp_path / name, epochs=1, seed=3)
        faces, voices = (face.vectors, face.subject), (voice.vectors, voice.subject)
        train_fusion(faces, voices, options, quiet(), 5)
        found.append(load_fusion(tmp_path / name)(face.vectors, voice.vectors))
    np.testing.assert_array_equal(found[0], found[1])


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    few, many = synthetic(5, 3), synthetic(20, 3)
    with pytest.raises(InputError, match="too few"):
        train_fusion(
            (few.vectors, few.subject), (many.vectors, many.subject), RunOptions(tmp_path), quiet()
        )


def quiet() -> Console:
    return Console(file=io.StringIO())
