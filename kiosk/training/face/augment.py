"""What the world, a camera and a codec do to a face: seeded changes of aligned crops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.inference.face.geometry.alignment import (
    CHIP_150,
    CHIP_SCALE,
    CHIP_SHIFT,
    Image,
    Template,
)
from kiosk.training.degradations import compressed, covered, far, grainy, lit, shadowed
from kiosk.training.face.data import ARCFACE, CHIP, CropView

Generator = np.random.Generator

_CHIP_EYES = float(np.linalg.norm(CHIP_150.points[1] - CHIP_150.points[0]))
"""Pixels between the eyes in the chip; drawn things are as large as they are there."""

_TO_ARCFACE = np.hstack([np.eye(2) / CHIP_SCALE, -(CHIP_SHIFT + CHIP.margin)[:, None] / CHIP_SCALE])


def teacher_view(crop: Image, view: CropView = CHIP) -> Image:
    """The ArcFace view (112, 112, 3) inside a cached crop of `view`."""
    if view is ARCFACE:
        return plain_view(crop, ARCFACE.template.size, view)
    soft = cv2.GaussianBlur(
        crop, (3, 3), 0.5
    )  # the view is smaller: without it fine detail aliases
    return np.asarray(cv2.warpAffine(soft, _TO_ARCFACE, (112, 112)), dtype=np.uint8)


@dataclass(frozen=True)
class AugmentConfig:
    """How often, per picture, each thing happens; 0 turns it off."""

    clean: float = 0.35
    """Share left alone but for a mirror and a pixel of jitter."""
    degrees: float = 7.0
    zoom: float = 0.07
    shift: float = 4.0
    """Pixels in the chip; landmarks of a detector wander about as much."""
    light: float = 0.6
    colour_cast: float = 0.3
    grey: float = 0.08
    shadow: float = 0.2
    low_resolution: float = 0.3
    blur: float = 0.25
    noise: float = 0.2
    jpeg: float = 0.35
    occlusion: float = 0.15
    mask: float = 0.08
    sunglasses: float = 0.08
    cap: float = 0.06
    turn: float = 0.12
    """Up to this share the face is narrowed, as a turned head is."""


def mixture(first: Image, second: Image, share: float, rng: Generator) -> Image:
    """A face of nobody: two aligned crops blended, then bent smoothly; all (176, 176, 3)."""
    blend = cv2.addWeighted(first, share, second, 1 - share, 0)
    return _bent(np.asarray(blend, dtype=np.uint8), rng)


def _bent(crop: Image, rng: Generator) -> Image:
    side = crop.shape[0]
    coarse = rng.normal(0, 2.2, (5, 5, 2)).astype(np.float32)
    field = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    bent = cv2.remap(crop, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR)
    return np.asarray(bent, dtype=np.uint8)


def student_view(
    crop: Image, size: int, config: AugmentConfig, rng: Generator, kept: CropView = CHIP
) -> Image:
    """An augmented view (size, size, 3) out of a crop as `kept` keeps it."""
    clean = rng.random() < config.clean
    view = _moved(crop, size, config, rng, 0.25 if clean else 1.0, kept)
    if clean:
        return view
    if rng.random() < config.sunglasses:
        view = _sunglasses(view, rng, kept.template)
    for name, change in _CHANGES.items():
        if rng.random() < getattr(config, name):
            view = change(view, rng)
    return view


def plain_view(crop: Image, size: int, kept: CropView = CHIP) -> Image:
    """The view as the kiosk would cut it, (size, size, 3)."""
    margin = kept.margin
    chip = crop[margin:-margin, margin:-margin]
    if chip.shape[0] == size:
        return np.ascontiguousarray(chip)
    return np.asarray(cv2.resize(chip, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _moved(
    crop: Image,
    size: int,
    config: AugmentConfig,
    rng: Generator,
    amount: float,
    kept: CropView,
) -> Image:
    chip = kept.template.size
    scale = size / chip * (1 + amount * rng.uniform(-config.zoom, config.zoom))
    angle = amount * rng.uniform(-config.degrees, config.degrees)
    centre = (kept.crop.size - 1) / 2
    turn = cv2.getRotationMatrix2D((centre, centre), angle, scale)
    matrix: NDArray[np.float64] = np.array(turn, dtype=np.float64)
    matrix[:, 2] += (size - 1) / 2 - centre + amount * rng.uniform(-1, 1, 2) * config.shift
    matrix[0, 1] += amount * rng.uniform(-0.05, 0.05)  # a little shear stands for a turned head
    matrix = _narrowed(matrix, size, 1 - amount * rng.uniform(0, config.turn))
    if rng.random() < 0.5:
        matrix = np.array([[-1.0, 0, size - 1], [0, 1, 0], [0, 0, 1]])[:2, :2] @ matrix
        matrix[0, 2] += size - 1
    return np.asarray(cv2.warpAffine(crop, matrix, (size, size)), dtype=np.uint8)


def _narrowed(matrix: NDArray[np.float64], size: int, share: float) -> NDArray[np.float64]:
    middle = (size - 1) / 2
    narrow = np.array([[share, 0, middle * (1 - share)], [0, 1, 0]])
    return np.asarray(narrow @ np.vstack([matrix, [0, 0, 1]]), dtype=np.float64)


def _colour_cast(view: Image, rng: Generator) -> Image:
    gains = rng.uniform(0.75, 1.25, 3)
    table = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(view, table[None]), dtype=np.uint8)


def _grey(view: Image, rng: Generator) -> Image:
    return np.repeat(np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, 2)


def _blur(view: Image, rng: Generator) -> Image:
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(view, (0, 0), rng.uniform(0.7, 2.2)), dtype=np.uint8)
    length = int(rng.integers(3, 10))
    turn = cv2.getRotationMatrix2D(((length - 1) / 2,) * 2, rng.uniform(0, 180), 1)
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    kernel = np.asarray(cv2.warpAffine(line, turn, (length, length)), dtype=np.float32)
    return np.asarray(
        cv2.filter2D(view, -1, kernel / max(float(kernel.sum()), 1e-3)), dtype=np.uint8
    )


def _mask(view: Image, rng: Generator) -> Image:
    side = view.shape[0]
    top = rng.uniform(0.45, 0.56)
    outline = np.array(
        [
            [0.12, top + 0.04],
            [0.5, top - 0.04],
            [0.88, top + 0.04],
            [0.85, 0.85],
            [0.5, 1.05],
            [0.15, 0.85],
        ]
    )
    points = ((outline + rng.normal(0, 0.015, outline.shape)) * side).astype(np.int32)
    colour = [
        float(value) for value in rng.choice([[235, 235, 235], [140, 190, 220], [30, 30, 35]])
    ]
    return np.asarray(cv2.fillPoly(view.copy(), [points], colour), dtype=np.uint8)


def _sunglasses(view: Image, rng: Generator, template: Template) -> Image:
    apart = float(np.linalg.norm(template.points[1] - template.points[0])) / _CHIP_EYES
    unit = apart * view.shape[0] / template.size
    eyes = template.points[:2] * (view.shape[0] / template.size) + rng.normal(0, 2 * unit, 2)
    axes = (int(rng.uniform(17, 24) * unit), int(rng.uniform(11, 18) * unit))
    dark = [float(value) for value in rng.integers(0, 70, 3)]
    drawn = view.copy()
    for x, y in eyes:
        cv2.ellipse(drawn, (int(x), int(y)), axes, 0, 0, 360, dark, -1)
    ends = [(int(x), int(y)) for x, y in eyes]
    cv2.line(drawn, ends[0], ends[1], dark, max(1, int(3 * unit)))
    solid = rng.uniform(0.75, 1.0)
    return np.asarray(cv2.addWeighted(drawn, solid, view, 1 - solid, 0), dtype=np.uint8)


def _cap(view: Image, rng: Generator) -> Image:
    side = view.shape[0]
    left, middle, right = (float(height) for height in rng.uniform(0.08, 0.24, 3))
    brim = np.array([[0, 0], [1, 0], [1, right], [0.5, middle], [0, left]]) * side
    colour = [float(value) for value in rng.integers(0, 256, 3)]
    return np.asarray(cv2.fillPoly(view.copy(), [brim.astype(np.int32)], colour), dtype=np.uint8)


_CHANGES: dict[str, Callable[[Image, Generator], Image]] = {
    "cap": _cap,
    "mask": _mask,
    "occlusion": partial(covered, least=0.12, most=0.38),
    "shadow": partial(shadowed, darkest=0.3, lightest=0.8),
    "light": partial(lit, brighter=30),
    "colour_cast": _colour_cast,
    "grey": _grey,
    "blur": _blur,
    "low_resolution": partial(far, least=0.17),
    "noise": partial(grainy, least=3, most=14),
    "jpeg": partial(compressed, worst=15),
}
"""In the order in which the world, the lens, the sensor and the codec act."""


def batch_of(views: list[Image]) -> NDArray[np.uint8]:
    """(batch, size, size, 3) from single views."""
    return np.stack(views)
