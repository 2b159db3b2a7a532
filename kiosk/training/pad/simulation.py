"""Simulated presentation attacks, and what any camera does to any picture.

A picture of a face becomes paper (flat tones, print dots, a white edge), a screen (its own colours,
moire, rolling bands, a frame, reflections) or a cut-out, held before another picture, or filling
the view so that only its surface tells. Real attacks are what the network is judged by; these give
it people, light and edges that few collections have.

Pictures are RGB uint8 (height, width, 3), boxes pixels of the face; everything is seeded by the
generator given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Image
from kiosk.core.samples import Box

SHEET = 320
"""Side of a composed picture in pixels."""

Random = np.random.Generator
_Change = Callable[[Image, Random], Image]
_Floats = NDArray[np.float32]


class Surface(StrEnum):
    """What the picture is shown on."""

    PRINT = "print"
    SCREEN = "screen"
    CUT_OUT = "cut_out"


_SHARES = {Surface.PRINT: 0.4, Surface.SCREEN: 0.45, Surface.CUT_OUT: 0.15}
_WHOLE_VIEW = 0.3


@dataclass(frozen=True, eq=False)
class Simulated:
    """An attack: the picture, where the face is, and of what kind it is."""

    image: Image
    box: Box
    surface: Surface


def simulate(image: Image, box: Box, behind: Image, random: Random) -> Simulated:
    """An attack with `image` before the picture `behind`."""
    surfaces = tuple(_SHARES)
    surface = surfaces[int(random.choice(len(surfaces), p=list(_SHARES.values())))]
    if surface is not Surface.CUT_OUT and random.random() < _WHOLE_VIEW:
        shown = _screen(image, random) if surface is Surface.SCREEN else _paper(image, random)
        return Simulated(_maybe(shown, _reflection, 0.4, random), box, surface)
    return _held(image, box, behind, surface, random)


def camera(image: Image, random: Random) -> Image:
    """Resolution, blur, exposure, colour, noise and compression of some camera."""
    seen = image
    if random.random() < 0.5:
        height, width = seen.shape[:2]
        size = max(8, round(width * _within(random, 0.45, 1.0)))
        small = cv2.resize(seen, (size, max(8, size * height // width)), interpolation=3)
        seen = np.asarray(cv2.resize(small, (width, height)), dtype=np.uint8)
    if random.random() < 0.3:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), _within(random, 0.3, 1.6)), np.uint8)
    level = 255 * (seen.astype(np.float32) / 255) ** _within(random, 0.65, 1.5)
    level = (level - 128) * _within(random, 0.75, 1.25) + 128 + _within(random, -25, 25)
    level *= np.array([_within(random, 0.9, 1.1), 1, _within(random, 0.9, 1.1)], np.float32)
    if random.random() < 0.12:
        level = np.repeat(level.mean(axis=2, keepdims=True), 3, axis=2)
    if random.random() < 0.6:
        level += random.normal(0, _within(random, 0.5, 9), level.shape).astype(np.float32)
    seen = np.clip(level, 0, 255).astype(np.uint8)
    return _compressed(seen, int(_within(random, 35, 95))) if random.random() < 0.8 else seen


def _within(random: Random, low: float, high: float) -> float:
    return float(random.uniform(low, high))


def _maybe(image: Image, change: _Change, chance: float, random: Random) -> Image:
    return change(image, random) if random.random() < chance else image


def _compressed(image: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def _paper(image: Image, random: Random) -> Image:
    low, high = _within(random, 5, 50), _within(random, 170, 250)
    level = low + image.astype(np.float32) / 255 * (high - low)
    grey = level.mean(axis=2, keepdims=True)
    level = grey + (level - grey) * _within(random, 0.4, 1.0)
    level *= np.array([_within(random, 0.88, 1.08) for _ in range(3)], np.float32)
    grain = random.normal(0, 1, level.shape[:2]).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), _within(random, 0.5, 2)), np.float32)
    level += grain[..., None] * _within(random, 0, 10)
    return _maybe(np.clip(level, 0, 255).astype(np.uint8), _print_dots, 0.45, random)


def _print_dots(image: Image, random: Random) -> Image:
    x, y = _places(image)
    period, angle, depth = _within(random, 2, 5), _within(random, 0, np.pi), _within(random, 6, 36)
    out = image.astype(np.float32)
    for colour in range(3):
        cos, sin = np.cos(angle + 0.5 * colour), np.sin(angle + 0.5 * colour)
        along, across = x * cos + y * sin, y * cos - x * sin
        dots = np.cos(2 * np.pi * along / period) * np.cos(2 * np.pi * across / period)
        out[..., colour] += depth * dots
    return np.clip(out, 0, 255).astype(np.uint8)


def _screen(image: Image, random: Random) -> Image:
    level = (image.astype(np.float32) / 255) ** _within(random, 0.6, 1.3)
    level = level * _within(random, 0.75, 1.25) + _within(random, 0, 0.12)
    tint = [_within(random, 0.85, 1.02), _within(random, 0.92, 1.05), _within(random, 0.95, 1.22)]
    shown = np.clip(level * np.array(tint, np.float32) * 255, 0, 255).astype(np.uint8)
    shown = _maybe(shown, _moire, 0.65, random)
    return _maybe(shown, _bands, 0.3, random)


def _moire(image: Image, random: Random) -> Image:
    x, y = _places(image)
    out = image.astype(np.float32)
    for _ in range(int(random.integers(1, 3))):
        period, angle = _within(random, 2.2, 14), _within(random, 0, np.pi)
        bent = _within(random, 0, 0.004) * (x - image.shape[1] / 2) ** 2
        phase = (x * np.cos(angle) + y * np.sin(angle) + bent) / period * 2 * np.pi
        depth = _within(random, 3, 18)
        for colour in range(3):
            wave = np.sin(phase + colour * _within(random, 0.3, 2.1))
            out[..., colour] += depth * wave * (0.4 + out[..., colour] / 255)
    return np.clip(out, 0, 255).astype(np.uint8)


def _bands(image: Image, random: Random) -> Image:
    height = image.shape[0]
    rows = np.arange(height)[:, None, None] / (_within(random, 0.15, 1.2) * height)
    wave = np.sin(2 * np.pi * (rows + _within(random, 0, 1)))
    banded = image * (1 + _within(random, 0.04, 0.2) * wave)
    return np.asarray(np.clip(banded, 0, 255), dtype=np.uint8)


def _reflection(image: Image, random: Random) -> Image:
    height, width = image.shape[:2]
    light = np.zeros((height, width), np.float32)
    for _ in range(int(random.integers(1, 3))):
        centre = (int(_within(random, 0, width)), int(_within(random, 0, height)))
        axes = (int(_within(random, 0.05, 0.3) * width), int(_within(random, 0.04, 0.25) * height))
        turn, strength = _within(random, 0, 180), _within(random, 0.3, 1)
        cv2.ellipse(light, centre, axes, turn, 0, 360, strength, -1)
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), _within(random, 0.01, 0.08) * width))
    share = light[..., None] * _within(random, 0.3, 1)
    return np.asarray(np.clip(image + (255 - image) * share, 0, 255), dtype=np.uint8)


def _places(image: Image) -> tuple[_Floats, _Floats]:
    """The x and y of every pixel, (height, width) each."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    return x, y


def _held(image: Image, box: Box, behind: Image, surface: Surface, random: Random) -> Simulated:
    """The flat thing before another picture: cut out with a margin, framed, tilted, lit."""
    flat, face = _flat(image, box, surface, random)
    flat, face = _framed(flat, face, surface, random)
    flat = _maybe(flat, _reflection, 0.35, random)
    move = _placing(flat, face, random)
    mask = _outline(flat, face, surface, random)
    sheet = np.asarray(cv2.resize(behind, (SHEET, SHEET)), dtype=np.uint8)
    if random.random() < 0.5:
        sheet = np.asarray(cv2.GaussianBlur(sheet, (0, 0), _within(random, 0.5, 5)), np.uint8)
    size = (SHEET, SHEET)
    cover = np.asarray(cv2.warpPerspective(mask, move, size), np.float32)[..., None] / 255
    laid = np.asarray(cv2.warpPerspective(flat, move, size), np.uint8)
    if random.random() < 0.5:
        fall = np.asarray(cv2.GaussianBlur(cover, (0, 0), _within(random, 2, 8)), np.float32)
        sheet = (sheet * (1 - fall[..., None] * _within(random, 0.1, 0.6))).astype(np.uint8)
    image = (sheet * (1 - cover) + laid * cover).astype(np.uint8)
    return Simulated(image, _moved(face, move), surface)


def _flat(image: Image, box: Box, surface: Surface, random: Random) -> tuple[Image, Box]:
    """The part of the picture that is shown, its face 70 to 130 pixels wide, on its surface."""
    height, width = image.shape[:2]
    left = max(0, int(box.x - _within(random, 0.1, 1.3) * box.width))
    top = max(0, int(box.y - _within(random, 0.1, 1.0) * box.height))
    right = min(width, int(box.x + box.width * (1 + _within(random, 0.1, 1.3))) + 1)
    bottom = min(height, int(box.y + box.height * (1 + _within(random, 0.1, 1.3))) + 1)
    scale = _within(random, 70, 130) / box.width
    cut = image[top:bottom, left:right]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    flat = np.asarray(cv2.resize(cut, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    face = Box((box.x - left) * scale, (box.y - top) * scale, box.width * scale, box.height * scale)
    return (_screen if surface is Surface.SCREEN else _paper)(flat, random), face


def _framed(flat: Image, face: Box, surface: Surface, random: Random) -> tuple[Image, Box]:
    """A white edge of paper, the frame of a screen, or neither."""
    if random.random() > (0.85 if surface is Surface.SCREEN else 0.4):
        return flat, face
    thin, thick = int(_within(random, 2, 14)), int(_within(random, 3, 40))
    if surface is Surface.SCREEN:
        sides = (thick, thick, thin, thin) if random.random() < 0.5 else (thin, thin, thick, thick)
        level = _within(random, 0, 45) if random.random() < 0.85 else _within(random, 200, 255)
    else:
        sides, level = (thin,) * 4, _within(random, 190, 250)
    colour = (level,) * 3
    framed = cv2.copyMakeBorder(flat, *sides, cv2.BORDER_CONSTANT, value=colour)
    moved = Box(face.x + sides[2], face.y + sides[0], face.width, face.height)
    return np.asarray(framed, np.uint8), moved


def _placing(flat: Image, face: Box, random: Random) -> NDArray[np.float64]:
    """(3, 3): where the flat thing lies on the sheet, its face near the middle."""
    height, width = flat.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    loose = _within(random, 0, 0.07) * width
    centre = np.array([face.x + face.width / 2, face.y + face.height / 2], np.float32)
    turn = np.deg2rad(_within(random, -10, 10))
    cos, sin = np.cos(turn), np.sin(turn)
    turned = (corners + random.uniform(-loose, loose, (4, 2)) - centre) @ np.array(
        [[cos, sin], [-sin, cos]]
    )
    place = turned + SHEET / 2 + random.uniform(-25, 25, 2)
    move = cv2.getPerspectiveTransform(corners, place.astype(np.float32))
    return np.asarray(move, np.float64)


def _outline(flat: Image, face: Box, surface: Surface, random: Random) -> NDArray[np.uint8]:
    """255 where the thing is; a cut-out follows the head and the shoulders."""
    height, width = flat.shape[:2]
    if surface is not Surface.CUT_OUT:
        return np.full((height, width), 255, np.uint8)
    mask = np.zeros((height, width), np.uint8)
    middle = (int(face.x + face.width / 2), int(face.y + 0.45 * face.height))
    axes = (
        int(face.width * _within(random, 0.6, 0.8)),
        int(face.height * _within(random, 0.65, 0.85)),
    )
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
    chin, half = int(face.y + 0.9 * face.height), int(face.width * _within(random, 0.25, 1.2))
    cv2.rectangle(mask, (middle[0] - half, chin), (middle[0] + half, height), 255, -1)
    return mask


def _moved(face: Box, move: NDArray[np.float64]) -> Box:
    """The box round the moved corners of a box."""
    right, bottom = face.x + face.width, face.y + face.height
    corners = np.array([[face.x, face.y], [right, face.y], [right, bottom], [face.x, bottom]])
    carried = cv2.perspectiveTransform(corners[None].astype(np.float64), move)[0]
    low, high = carried.min(axis=0), carried.max(axis=0)
    width, height = high - low
    return Box(float(low[0]), float(low[1]), float(width), float(height))
