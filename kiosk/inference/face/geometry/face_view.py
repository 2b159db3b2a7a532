"""The surroundings of a face, so that aligning it never pays for the whole picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Image, Points
from kiosk.inference.face.geometry.alignment import Template, align, similarity

_EDGE = 2.0
"""Pixels of the view added all round, for interpolation."""


def face_view(
    image: Image, landmarks: Points, template: Template, border: int = cv2.BORDER_CONSTANT
) -> Image:
    """The aligned face (size, size, 3), as `align` gives it from the whole picture."""
    return align(*surroundings(image, landmarks, template), template, border)


def surroundings(
    image: Image, landmarks: Points, template: Template
) -> tuple[Image, NDArray[np.float64]]:
    """The part of `image` the template shows, not copied, and the landmarks in it; the whole
    picture if the template lies beside it."""
    points = landmarks.astype(np.float64)
    back = cv2.invertAffineTransform(similarity(points, template))
    low, high = -_EDGE, template.size + _EDGE
    corners = np.array([[low, low, 1], [high, low, 1], [high, high, 1], [low, high, 1]]) @ back.T
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, image.shape[1]), min(bottom, image.shape[0])
    if right - left < 2 or bottom - top < 2:
        return image, points
    return image[top:bottom, left:right], points - [left, top]
