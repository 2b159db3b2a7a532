"""The similarity that carries a face onto the reference points."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.core.face_alignment import REFERENCE_POINTS, Affine, similarity


def moved(degrees: float, scale: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """The reference points elsewhere in a picture: turned, scaled, shifted."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(scale * REFERENCE_POINTS @ turn.T + np.array(shift))


def carried(fit: Affine, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ fit[:, :2].T + fit[:, 2])


def test_a_face_that_was_turned_scaled_and_shifted_is_carried_back() -> None:
    for degrees, scale, shift in ((0, 1, (0, 0)), (25, 2.5, (300, -40)), (-170, 0.3, (5, 900))):
        points = moved(degrees, scale, shift)
        fit = similarity(points, REFERENCE_POINTS)
        assert np.allclose(carried(fit, points), REFERENCE_POINTS, atol=1e-6)
        assert np.sqrt(np.linalg.det(fit[:, :2])) == pytest.approx(1 / scale)


def test_the_fit_has_the_least_squares() -> None:
    points = moved(12, 1.7, (40, 20)) + np.random.default_rng(3).normal(0, 4, (5, 2))
    fit = similarity(points, REFERENCE_POINTS)

    def error(changed: Affine) -> float:
        return float(((carried(changed, points) - REFERENCE_POINTS) ** 2).sum())

    a, b = fit[0, 0], fit[1, 0]
    assert np.allclose(fit[:, :2], [[a, -b], [b, a]])  # nothing but turn and scale
    for da, db, dx, dy in np.vstack([np.eye(4), -np.eye(4)]) * 1e-3:
        beside = np.array([[a + da, -(b + db), fit[0, 2] + dx], [b + db, a + da, fit[1, 2] + dy]])
        assert error(beside) > error(fit)


def test_a_mirrored_face_is_never_mirrored_back() -> None:
    mirrored = REFERENCE_POINTS * np.array([-1.0, 1.0])
    fit = similarity(mirrored, REFERENCE_POINTS)
    assert np.linalg.det(fit[:, :2]) > 0
    assert not np.allclose(carried(fit, mirrored), REFERENCE_POINTS, atol=5)


def test_points_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="one point"):
        similarity(np.full((5, 2), 40.0), REFERENCE_POINTS)
