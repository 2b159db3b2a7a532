"""Landmarks in pictures that are already cut to one face, as the collections of faces are.

A search looks for faces anywhere; here the face is known to fill the picture, so O-Net alone tries
a few squares in its middle and looks again in the likeliest. A quarter of the time of a search,
and it finds faces in 48 pixels that a search misses.
"""

from __future__ import annotations

import numpy as np

from kiosk.core.media import Image, Points
from kiosk.core.samples import Box
from kiosk.inference.face.detection import Detection, FaceDetector

_SHARES = (1.0, 0.85, 0.7)
"""Of the picture's shorter side: the squares tried."""

_USUAL = np.array([[0.31, 0.34], [0.70, 0.34], [0.50, 0.57], [0.33, 0.745], [0.67, 0.742]])
"""Where the landmarks lie in such pictures, as shares of width and height: medians over 300
pictures of UTKFace and FER2013."""


def cut_face(detector: FaceDetector, image: Image) -> Detection | None:
    """The one face of `image` (height, width, 3), None where O-Net sees none."""
    tried = [detector.refine(image, _middle(image, share)) for share in _SHARES]
    seen = [face for face in tried if face is not None]
    if not seen:
        return None
    best = max(seen, key=lambda face: face.probability)
    return detector.refine(image, best.box) or best


def usual_points(image: Image) -> Points:
    """Where the landmarks of such a picture would lie if it were like most."""
    height, width = image.shape[:2]
    return np.asarray(_USUAL * [width, height], dtype=np.float32)


def _middle(image: Image, share: float) -> Box:
    height, width = image.shape[:2]
    side = share * min(height, width)
    return Box((width - side) / 2, (height - side) / 2, side, side)
