"""The surroundings of a face, so that aligning it never pays for the whole picture."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.core.face_alignment import Affine
from kiosk.core.media import Image
from kiosk.core.samples import LocatedFace
from kiosk.inference.face.geometry.alignment import Template, crop

_EDGE = 2.0
"""Pixels of the view added all round, for interpolation."""


def face_view(face: LocatedFace, template: Template, border: int = cv2.BORDER_CONSTANT) -> Image:
    """The aligned face (size, size, 3), as `align` gives it from the whole picture."""
    part, matrix = surroundings(face.image, template.onto(face.fit), template.size)
    return crop(part, matrix, template.size, border)


def surroundings(image: Image, matrix: Affine, size: int) -> tuple[Image, Affine]:
    """The part of `image` that `matrix` carries onto a view of `size` pixels, not copied, and what
    carries the part; the whole picture if the view lies beside it."""
    back = cv2.invertAffineTransform(matrix)
    low, high = -_EDGE, size + _EDGE
    corners = np.array([[low, low, 1], [high, low, 1], [high, high, 1], [low, high, 1]]) @ back.T
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, image.shape[1]), min(bottom, image.shape[0])
    if right - left < 2 or bottom - top < 2:
        return image, matrix
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ np.array([left, top], dtype=np.float64)
    return image[top:bottom, left:right], moved
