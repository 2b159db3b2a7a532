"""Five-point similarity alignment: from landmarks in a picture to the crop a network expects.

Every crop is one similarity (rotation, one scale, shift) fitted by least squares to five landmarks
in this order: left eye, right eye, nose tip, left mouth corner, right mouth corner, where left and
right are the viewer's. Fit after Umeyama, "Least-squares estimation of transformation parameters
between two point patterns", PAMI 13(4), 1991; template points of ArcFace (Deng et al., CVPR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Image = NDArray[np.uint8]

_SMALLEST_BILINEAR_SCALE = 0.6  # below this a bilinear warp skips source pixels and aliases


@dataclass(frozen=True)
class Template:
    """Where the five landmarks lie in a square crop of `size` pixels; points (5, 2) as x, y."""

    size: int
    points: Points = field(repr=False)

    def moved(self, scale: float, shift: float, size: int) -> Template:
        """The view magnified by `scale`, moved by `shift` pixels on both axes, on a new canvas."""
        return Template(size, self.points * scale + shift)

    def grown(self, margin: int) -> Template:
        """The same view with `margin` more pixels on every side."""
        return self.moved(1.0, float(margin), self.size + 2 * margin)


ARCFACE_112 = Template(
    112,
    np.array(
        [
            [38.2946, 51.6963],
            [73.5318, 51.5014],
            [56.0252, 71.7366],
            [41.5493, 92.3655],
            [70.7299, 92.2041],
        ]
    ),
)
CHIP_SCALE = 1.44
"""Magnification from the ArcFace view to the chip."""
CHIP_SHIFT = np.array([-5.5, -27.5])

CHIP_150 = Template(150, ARCFACE_112.points * CHIP_SCALE + CHIP_SHIFT)
"""The view dlib's network knows: eyes about 52 px apart in 150, chin just inside.

It is the ArcFace view magnified and shifted, so one fit serves both.
"""


def similarity(points: Points, template: Template) -> NDArray[np.float64]:
    """The (2, 3) matrix that carries picture `points` (5, 2) onto the template's.

    Raises:
        ValueError: fewer than two distinct points.
    """
    source = np.asarray(points, dtype=np.float64)
    centre, target_centre = source.mean(0), template.points.mean(0)
    a, b = source - centre, template.points - target_centre
    spread = float((a**2).sum())
    if spread < 1e-9:
        raise ValueError("the five landmarks lie on one point")
    u, s, vt = np.linalg.svd(b.T @ a)
    turn = np.array([1.0, float(np.sign(np.linalg.det(u @ vt)))])  # never a mirror image
    rotation = (u * turn) @ vt
    scale = float((s * turn).sum()) / spread
    return np.hstack([scale * rotation, (target_centre - scale * rotation @ centre)[:, None]])


def align(
    image: Image, points: Points, template: Template, border: int = cv2.BORDER_CONSTANT
) -> Image:
    """Crop (size, size, 3) out of `image` (height, width, 3); what lies outside the picture is
    black, or what OpenCV's `border` makes of it."""
    source = np.asarray(points, dtype=np.float64)
    matrix = similarity(source, template)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < _SMALLEST_BILINEAR_SCALE:
        shrink = scale / _SMALLEST_BILINEAR_SCALE
        height, width = image.shape[:2]
        small = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        source = (source + 0.5) * [small[0] / width, small[1] / height] - 0.5
        matrix = similarity(source, template)
    side = (template.size, template.size)
    warped = cv2.warpAffine(image, matrix, side, flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, dtype=np.uint8)
