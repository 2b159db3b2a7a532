"""Things drawn over faces, so that a covered face can be told from a free one.

Real masks are in data sets; hands, dark glasses, scarves and telephones in the way are not, so they
are drawn onto free faces: a filled shape in a colour of its own, or of the person's own skin, with
shading and grain. Every cover hides the mouth, the nose and mouth, or an eye.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Image, Points

Mask = NDArray[np.uint8]
Generator = np.random.Generator


class FaceFrame:
    """Draws in the face's own coordinates: eyes at (-0.5, 0) and (0.5, 0), mouth near (0, 1.07)."""

    def __init__(self, landmarks: Points) -> None:
        points = landmarks.astype(np.float64)
        self.origin = points[:2].mean(axis=0)
        self.right = points[1] - points[0]
        self.down = (points[3:].mean(axis=0) - self.origin) / 1.07

    def at(self, shape: NDArray[np.float64]) -> NDArray[np.int32]:
        """Face coordinates (points, 2) in pixels."""
        place = self.origin + shape[:, :1] * self.right + shape[:, 1:] * self.down
        return np.asarray(np.round(place), dtype=np.int32)

    def fill(self, mask: Mask, shape: NDArray[np.float64]) -> None:
        """Fill a polygon of face coordinates."""
        cv2.fillPoly(mask, [self.at(shape)], 255)


def _ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([rx * np.cos(angle), ry * np.sin(angle)], axis=1)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(circle @ rotation.T + [x, y])


def _mouth_cover(face: FaceFrame, mask: Mask, rng: Generator) -> None:
    """A mask or scarf: over the mouth, mostly over the nose too."""
    top = rng.uniform(0.25, 0.8)
    side = rng.uniform(0.75, 1.05)
    corners = [[-side, top], [0, top - 0.15], [side, top], [side * 0.8, 1.6], [0, 2.0]]
    face.fill(mask, np.array([*corners, [-side * 0.8, 1.6]]))


def _hand(face: FaceFrame, mask: Mask, rng: Generator) -> None:
    """Four fingers side by side over mouth or an eye."""
    x, y = (rng.uniform(-0.3, 0.3), rng.uniform(0.8, 1.2))
    if rng.random() < 0.4:
        x, y = rng.choice([-0.5, 0.5]), rng.uniform(-0.1, 0.3)
    turn = rng.uniform(-1.2, 1.2)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    for number in range(4):
        centre = np.array([x, y]) + across * (number - 1.5) * 0.21
        centre = centre + along * rng.uniform(-0.12, 0.12)
        face.fill(mask, _ellipse(centre[0], centre[1], rng.uniform(0.7, 1.0), 0.125, turn))


def _dark_glasses(face: FaceFrame, mask: Mask, rng: Generator) -> None:
    wide, high = rng.uniform(0.34, 0.46), rng.uniform(0.22, 0.34)
    for x in (-0.5, 0.5):
        face.fill(mask, _ellipse(x, 0.04, wide, high))
    face.fill(mask, np.array([[-0.2, -0.06], [0.2, -0.06], [0.2, 0.02], [-0.2, 0.02]]))


def _thing(face: FaceFrame, mask: Mask, rng: Generator) -> None:
    """A telephone, cup or microphone in front of mouth or eye."""
    x, y = rng.uniform(-0.3, 0.3), rng.uniform(0.9, 1.3)
    if rng.random() < 0.3:
        x, y = rng.choice([-0.5, 0.5]), rng.uniform(-0.1, 0.1)
    width, height, turn = rng.uniform(0.3, 0.6), rng.uniform(0.35, 0.9), rng.uniform(-0.7, 0.7)
    box = np.array([[-width, -height], [width, -height], [width, height], [-width, height]])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    face.fill(mask, box @ rotation.T + [x, y])


def _skin(image: Image, face: FaceFrame, rng: Generator) -> NDArray[np.float64]:
    """The colour of a cheek, a little lighter or darker."""
    x, y = face.at(np.array([[rng.choice([-0.5, 0.5]), 0.55]]))[0]
    height, width = image.shape[:2]
    patch = image[max(0, y - 3) : min(height, y + 4), max(0, x - 3) : min(width, x + 4)]
    colour = patch.reshape(-1, 3).mean(axis=0) if patch.size else np.array([150.0, 110.0, 90.0])
    return np.asarray(colour * rng.uniform(0.75, 1.2))


def _paint(
    image: Image, mask: Mask, colour: NDArray[np.float64], rng: Generator
) -> NDArray[np.uint8]:
    """Blend a shaded, grainy surface of this colour in where the mask is set."""
    height, width = image.shape[:2]
    shade = rng.uniform(0.6, 1.3, size=(4, 4)).astype(np.float32)
    light = cv2.resize(shade, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    grain = rng.normal(0, rng.uniform(1, 8), size=(height, width, 1))
    surface = np.clip(colour * light + grain, 0, 255)
    alpha = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None] / 255.0
    return np.asarray(np.round(image * (1 - alpha) + surface * alpha), dtype=np.uint8)


_KINDS: tuple[tuple[Callable[[FaceFrame, Mask, Generator], None], str], ...] = (
    (_mouth_cover, "any"),
    (_hand, "skin"),
    (_dark_glasses, "dark"),
    (_thing, "any"),
)


def cover(image: Image, landmarks: Points, rng: Generator) -> Image:
    """The picture with one thing drawn over the face."""
    draw, paint = _KINDS[rng.integers(len(_KINDS))]
    face = FaceFrame(landmarks)
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    draw(face, mask, rng)
    if paint == "skin":
        colour = _skin(image, face, rng)
    elif paint == "dark":
        colour = rng.uniform(5, 60) * np.ones(3)
    else:
        colour = rng.uniform(0, 255, size=3)
    return _paint(image, mask, colour, rng)
