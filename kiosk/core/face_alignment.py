"""The one similarity that carries a face onto the reference points every aligned view is made from.

Five landmarks in this order: left eye, right eye, nose tip, left mouth corner, right mouth corner,
where left and right are the viewer's. Fit after Umeyama, "Least-squares estimation of
transformation parameters between two point patterns", PAMI 13(4), 1991; reference points of ArcFace
(Deng et al., CVPR 2019), in a square view of 112 pixels.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Affine: TypeAlias = NDArray[np.float64]
"""(2, 3): what is done to points (x, y, 1)."""

REFERENCE_SIZE = 112
"""Pixels on a side of the view the reference points lie in."""
REFERENCE_POINTS: NDArray[np.float64] = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)


def similarity(points: NDArray[np.floating], target: NDArray[np.float64]) -> Affine:
    """The rotation, one scale and shift that carry `points` (5, 2) onto `target` (5, 2) with the
    least squares. Raises ValueError where the points are fewer than two distinct ones."""
    source = np.asarray(points, dtype=np.float64)
    centre, target_centre = source.mean(0), target.mean(0)
    a, b = source - centre, target - target_centre
    spread = float((a**2).sum())
    if spread < 1e-9:
        raise ValueError("the five landmarks lie on one point")
    u, s, vt = np.linalg.svd(b.T @ a)
    turn = np.array([1.0, float(np.sign(np.linalg.det(u @ vt)))])  # never a mirror image
    rotation = (u * turn) @ vt
    scale = float((s * turn).sum()) / spread
    return np.hstack([scale * rotation, (target_centre - scale * rotation @ centre)[:, None]])
