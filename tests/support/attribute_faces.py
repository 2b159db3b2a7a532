"""Made-up faces with labels, for tests of the attribute network and its recipe."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.inference.face.attributes import FaceAttributeConfig, view_template
from kiosk.training.attributes.face_data import MARGIN, LabelledFaces, nothing_felt

SIZE = FaceAttributeConfig().size
SIDE = view_template(SIZE, MARGIN).size

Grey = NDArray[np.uint8]


def pattern(number: int, side: int = SIDE) -> Grey:
    """A seeded smooth pattern."""
    coarse = np.random.default_rng(number).integers(0, 256, (5, 5), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def faces(count: int) -> LabelledFaces:
    """Half with an emotion told by brightness, half with an age and a gender told so too."""
    shades = np.random.default_rng(0).integers(0, 7, count)
    crops = np.stack([pattern(n) // 4 + 27 * shade for n, shade in enumerate(shades)])
    with_emotion = np.arange(count) % 2 == 0
    nothing = np.full(count, np.nan)
    return LabelledFaces(
        crops.astype(np.uint8),
        np.where(with_emotion, shades, nothing).astype(np.float32),
        np.where(with_emotion, nothing, 10 + 10 * shades).astype(np.float32),
        np.where(with_emotion, nothing, shades > 3).astype(np.float32),
        nothing_felt(count),
    )
