"""What light, distance, sensors and codecs do to a view of a face, drawn at random.

Views are (height, width) of luminance or (height, width, 3) of colours, uint8, as wide as high.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

View = NDArray[np.uint8]
Generator = np.random.Generator


def _over_colours(plane: NDArray[np.float32], view: View) -> NDArray[np.float32]:
    """A plane (height, width) that can be multiplied with the view."""
    return plane if view.ndim == 2 else plane[..., None]


def lit(view: View, rng: Generator, brighter: float) -> View:
    """Another exposure: gamma, contrast, and up to `brighter` levels more or less."""
    gamma, gain = rng.uniform(0.6, 1.6), rng.uniform(0.6, 1.4)
    offset = rng.uniform(-brighter, brighter)
    table = 255 * (np.arange(256) / 255) ** gamma * gain + offset
    return np.asarray(cv2.LUT(view, np.clip(table, 0, 255).astype(np.uint8)), dtype=np.uint8)


def shadowed(view: View, rng: Generator, darkest: float, lightest: float) -> View:
    """A soft edge of shadow across the view, down to a share between `darkest` and `lightest`."""
    angle, dark = rng.uniform(0, 2 * np.pi), rng.uniform(darkest, lightest)
    ramp = np.linspace(-1, 1, view.shape[0], dtype=np.float32)
    slope = np.cos(angle) * ramp[None] + np.sin(angle) * ramp[:, None]
    gain = dark + (1 - dark) / (1 + np.exp(-4 * (slope + rng.uniform(-0.4, 0.4))))
    return np.asarray(view * _over_colours(gain, view), dtype=np.uint8)


def far(view: View, rng: Generator, least: float) -> View:
    """From a distance: shrunk to a share between `least` and 0.6, and enlarged again."""
    side = view.shape[0]
    small = int(side * rng.uniform(least, 0.6))
    shrunk = cv2.resize(view, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (side, side)), dtype=np.uint8)


def grainy(view: View, rng: Generator, least: float, most: float) -> View:
    """Noise of a sensor, of a deviation between `least` and `most` levels, alike in all colours."""
    grain = _over_colours(rng.standard_normal(view.shape[:2], dtype=np.float32), view)
    return np.clip(view + grain * rng.uniform(least, most), 0, 255).astype(np.uint8)


def compressed(view: View, rng: Generator, worst: int) -> View:
    """Through JPEG of a quality between `worst` and 80."""
    quality = int(rng.integers(worst, 80))
    _, data = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), dtype=np.uint8)


def covered(view: View, rng: Generator, least: float, most: float) -> View:
    """Something in front of it, of one colour, its sides `least` to `most` of the view's."""
    side = view.shape[0]
    height, width = (int(side * rng.uniform(least, most)) for _ in range(2))
    top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
    hidden = view.copy()
    hidden[top : top + height, left : left + width] = rng.integers(0, 256, view.shape[2:] or None)
    return hidden
