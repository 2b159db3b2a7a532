"""Made-up pictures, landmarks and a teacher: face recipes run without people or networks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from kiosk.inference.face.geometry.alignment import ARCFACE_112, Image, Points


def picture(number: int, side: int = 40) -> Image:
    """A seeded smooth pattern, other for each number."""
    coarse = np.random.default_rng(number).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (side, side)), dtype=np.uint8)


def save(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture(number))


class FixedFinder:
    """Five points in the middle of any picture, so that no detector is needed."""

    def __call__(self, image: Image) -> Points:
        return np.asarray(ARCFACE_112.points * (image.shape[0] / 112))


class TinyTeacher(nn.Module):
    """Coarse colours as an embedding (8,): enough to be learnt from."""

    dims = 8

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        grid = functional.adaptive_avg_pool2d(crops.permute(0, 3, 1, 2).float() - 127.5, 2)
        return functional.normalize(grid.flatten(1)[:, :8])


def tell_nobody(text: str) -> None:
    """Messages of a preparation that are not looked at."""
