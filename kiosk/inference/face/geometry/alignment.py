"""Aligned views of a face: from landmarks in a picture to the crop a network expects.

Every crop is one similarity (rotation, one scale, shift), that of `kiosk.core.face_alignment`
magnified and moved: one fit to the landmarks serves every network.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.face_alignment import REFERENCE_POINTS, REFERENCE_SIZE, Affine, similarity

Points = NDArray[np.float64]
Image = NDArray[np.uint8]

_SMALLEST_BILINEAR_SCALE = 0.6  # below this a bilinear warp skips source pixels and aliases


@dataclass(frozen=True)
class Template:
    """A square view of `size` pixels: the reference view magnified by `scale`, then moved by
    `shift` (2,), x and y in pixels."""

    size: int
    scale: float = 1.0
    shift: Points = field(default_factory=lambda: np.zeros(2), repr=False)

    @property
    def points(self) -> Points:
        """Where the five landmarks lie in the view (5, 2)."""
        return np.asarray(REFERENCE_POINTS * self.scale + self.shift, dtype=np.float64)

    def moved(self, scale: float, shift: float | Points, size: int) -> Template:
        """The view magnified by `scale`, moved by `shift` pixels, on a new canvas."""
        return Template(size, self.scale * scale, self.shift * scale + shift)

    def grown(self, margin: int) -> Template:
        """The same view with `margin` more pixels on every side."""
        return self.moved(1.0, float(margin), self.size + 2 * margin)

    def onto(self, fit: Affine) -> Affine:
        """What carries a picture's points onto this view, from what carries them onto the reference
        points."""
        matrix = self.scale * fit
        matrix[:, 2] += self.shift
        return np.asarray(matrix, dtype=np.float64)


ARCFACE_112 = Template(REFERENCE_SIZE)
CHIP_SCALE = 1.44
"""Magnification from the ArcFace view to the chip."""
CHIP_SHIFT = np.array([-5.5, -27.5])

CHIP_150 = ARCFACE_112.moved(CHIP_SCALE, CHIP_SHIFT, 150)
"""The view dlib's network knows: eyes about 52 px apart in 150, chin just inside.

It is the ArcFace view magnified and shifted, so one fit serves both.
"""


def align(
    image: Image, points: Points, template: Template, border: int = cv2.BORDER_CONSTANT
) -> Image:
    """Crop (size, size, 3) out of `image` (height, width, 3) by its landmarks `points` (5, 2); what
    lies outside the picture is black, or what OpenCV's `border` makes of it."""
    return crop(image, template.onto(similarity(points, REFERENCE_POINTS)), template.size, border)


def crop(image: Image, matrix: Affine, size: int, border: int = cv2.BORDER_CONSTANT) -> Image:
    """The view (size, size, 3) onto which `matrix` carries `image`; a picture that is much larger
    is made smaller first, so that no pixel of it is passed over."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < _SMALLEST_BILINEAR_SCALE:
        shrink = scale / _SMALLEST_BILINEAR_SCALE
        height, width = image.shape[:2]
        small = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = _after_resize(matrix, np.array([width / small[0], height / small[1]]))
    side = (size, size)
    warped = cv2.warpAffine(image, matrix, side, flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, dtype=np.uint8)


def _after_resize(matrix: Affine, factors: Points) -> Affine:
    """The same for a picture made smaller by `factors` (2,); pixels are at whole numbers, so that
    their edges lie at halves."""
    back = np.hstack([np.diag(factors), (0.5 * factors - 0.5)[:, None]])
    turn = matrix[:, :2]
    return np.hstack([turn @ back[:, :2], (turn @ back[:, 2] + matrix[:, 2])[:, None]])
