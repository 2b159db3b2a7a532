"""What a camera does to a face, for the attribute recipe: seeded changes of grey crops.

FER2013 has 48 pixels, a webcam has ten times that. Sharp faces are often shrunk to what FER2013
shows and both sets pass through the same blur, noise and codec, so that resolution says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.inference.face.attributes import BORDER
from kiosk.training.degradations import compressed, covered, far, grainy, lit, shadowed

Grey = NDArray[np.uint8]
Generator = np.random.Generator


@dataclass(frozen=True)
class ViewConfig:
    """How often, per picture, each thing happens, and how far faces move; 0 turns it off."""

    degrees: float = 10.0
    zoom: float = 0.1
    shift: float = 4.0
    narrow: float = 0.1
    """Up to this share the face is narrowed, as a turned head is."""
    light: float = 0.5
    shadow: float = 0.1
    low_resolution: float = 0.3
    blur: float = 0.12
    noise: float = 0.12
    jpeg: float = 0.1
    cover: float = 0.12


def worn_view(crop: Grey, size: int, config: ViewConfig, rng: Generator) -> Grey:
    """An augmented view (size, size) out of a cached crop."""
    view = _moved(crop, size, config, rng)
    for name, change in _CHANGES.items():
        if rng.random() < getattr(config, name):
            view = change(view, rng)
    return view


def plain_view(crop: Grey, size: int) -> Grey:
    """The view as the kiosk cuts it."""
    edge = (crop.shape[0] - size) // 2
    return np.ascontiguousarray(crop[edge : edge + size, edge : edge + size])


def _moved(crop: Grey, size: int, config: ViewConfig, rng: Generator) -> Grey:
    centre, middle = (crop.shape[0] - 1) / 2, (size - 1) / 2
    angle = np.deg2rad(rng.uniform(-config.degrees, config.degrees))
    scale = 1 + rng.uniform(-config.zoom, config.zoom)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[0] *= 1 - rng.uniform(0, config.narrow)
    turn[0, 1] += rng.uniform(-0.06, 0.06)
    if rng.random() < 0.5:
        turn[0] *= -1
    offset = middle - turn @ [centre, centre] + rng.uniform(-config.shift, config.shift, 2)
    matrix = np.hstack([turn, offset[:, None]])
    return np.asarray(cv2.warpAffine(crop, matrix, (size, size), borderMode=BORDER), dtype=np.uint8)


def _blur(view: Grey, rng: Generator) -> Grey:
    across, down = rng.uniform(0.3, 2.0, 2)
    return np.asarray(
        cv2.GaussianBlur(view, (0, 0), sigmaX=float(across), sigmaY=float(down)), dtype=np.uint8
    )


_CHANGES: dict[str, Callable[[Grey, Generator], Grey]] = {
    "cover": partial(covered, least=0.1, most=0.35),
    "shadow": partial(shadowed, darkest=0.35, lightest=0.85),
    "light": partial(lit, brighter=35),
    "blur": _blur,
    "low_resolution": partial(far, least=0.28),
    "noise": partial(grainy, least=2, most=12),
    "jpeg": partial(compressed, worst=20),
}
"""In the order in which the world, the lens, the sensor and the codec act."""
