"""The surroundings of a face, so that aligning it never pays for the whole picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.domain import Image, Points

_REACH = 5.5
"""Of the landmarks' root mean square distance from their centre: the farthest corner of the widest
view a network takes lies at 4.6."""


def surroundings(image: Image, landmarks: Points) -> tuple[Image, NDArray[np.float64]]:
    """The part of `image` any view of the face can show, not copied, and the landmarks in it."""
    centre = landmarks.mean(axis=0)
    spread = float(np.sqrt(((landmarks - centre) ** 2).sum(axis=1).mean()))
    reach = _REACH * spread + 2.0
    height, width = image.shape[:2]
    left, top = (int(max(0.0, value - reach)) for value in centre)
    right = int(min(float(width), centre[0] + reach + 1.0))
    bottom = int(min(float(height), centre[1] + reach + 1.0))
    if right - left < 2 or bottom - top < 2:
        return image, landmarks.astype(np.float64)
    return image[top:bottom, left:right], landmarks.astype(np.float64) - [left, top]
