"""What a camera does to a face, for the attribute recipe: seeded changes of grey crops.

FER2013 has 48 pixels, a webcam has ten times that. Sharp faces are often shrunk to what FER2013
shows and both sets pass through the same blur, noise and codec, so that resolution says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.inference.face.attributes import BORDER

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


def _light(view: Grey, rng: Generator) -> Grey:
    gamma, gain, offset = rng.uniform(0.6, 1.6), rng.uniform(0.6, 1.4), rng.uniform(-35, 35)
    table = 255 * (np.arange(256) / 255) ** gamma * gain + offset
    return np.asarray(cv2.LUT(view, np.clip(table, 0, 255).astype(np.uint8)), dtype=np.uint8)


def _shadow(view: Grey, rng: Generator) -> Grey:
    angle, dark = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.85)
    ramp = np.linspace(-1, 1, view.shape[0], dtype=np.float32)
    slope = np.cos(angle) * ramp[None] + np.sin(angle) * ramp[:, None]
    gain = dark + (1 - dark) / (1 + np.exp(-4 * (slope + rng.uniform(-0.4, 0.4))))
    return np.asarray(view * gain, dtype=np.uint8)


def _low_resolution(view: Grey, rng: Generator) -> Grey:
    side = view.shape[0]
    small = int(side * rng.uniform(0.28, 0.6))
    shrunk = cv2.resize(view, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (side, side)), dtype=np.uint8)


def _blur(view: Grey, rng: Generator) -> Grey:
    across, down = rng.uniform(0.3, 2.0, 2)
    return np.asarray(
        cv2.GaussianBlur(view, (0, 0), sigmaX=float(across), sigmaY=float(down)), dtype=np.uint8
    )


def _noise(view: Grey, rng: Generator) -> Grey:
    grain = rng.standard_normal(view.shape, dtype=np.float32)
    return np.clip(view + grain * rng.uniform(2, 12), 0, 255).astype(np.uint8)


def _jpeg(view: Grey, rng: Generator) -> Grey:
    _, data = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _cover(view: Grey, rng: Generator) -> Grey:
    side = view.shape[0]
    height, width = (int(side * rng.uniform(0.1, 0.35)) for _ in range(2))
    top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
    covered = view.copy()
    covered[top : top + height, left : left + width] = rng.integers(0, 256)
    return covered


_CHANGES = {
    "cover": _cover,
    "shadow": _shadow,
    "light": _light,
    "blur": _blur,
    "low_resolution": _low_resolution,
    "noise": _noise,
    "jpeg": _jpeg,
}
"""In the order in which the world, the lens, the sensor and the codec act."""
