"""A canvas and soft shapes to paint on it."""

from __future__ import annotations

import cv2
import numpy as np
from faces import Shape
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep

WIDTH, HEIGHT = 900, 560
"""Of the canvas, pixels."""
Mask = NDArray[np.float32]


class Canvas:
    """Colour and coverage painted over each other."""

    def __init__(self) -> None:
        self.colour = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self.alpha = np.zeros((HEIGHT, WIDTH), np.float32)

    def paint(self, colour: NDArray[np.float32], mask: Mask) -> None:
        """Colour (a triple or a picture) over what is there, where mask is 1."""
        m = mask[..., None]
        self.colour = self.colour * (1 - m) + np.asarray(colour, np.float32) * m
        self.alpha = self.alpha * (1 - mask) + mask


def polygon(points: NDArray[np.floating], soft: float = 1.2) -> Mask:
    """A filled outline with soft edges."""
    out = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(out, [np.round(np.asarray(points) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), soft), np.float32)


def curve(points: NDArray[np.floating], count: int = 200, *, closed: bool = False) -> Shape:
    """A smooth line through points."""
    p = np.asarray(points, float)
    spline, _ = splprep(p.T, s=0, per=closed, k=3)
    return np.stack(splev(np.linspace(0, 1, count), spline), -1).astype(np.float32)


def smooth_noise(
    shape: tuple[int, int], sigma: tuple[float, float], rng: np.random.Generator
) -> Mask:
    """Blurred noise of mean 0 and deviation 1; sigma along x and y."""
    noise = rng.normal(size=shape).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=sigma[0], sigmaY=sigma[1])
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)
