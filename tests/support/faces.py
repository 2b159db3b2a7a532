"""A real face for tests: the public-domain portrait of Grace Hopper that matplotlib carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image as Pictures

from kiosk.core.media import Frame, Image
from kiosk.inference.face.detection import FaceDetector

_PORTRAIT = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


@lru_cache(maxsize=1)
def portrait() -> Image:
    """(600, 512, 3); the face is about 180 wide and nearly frontal."""
    return np.asarray(Pictures.open(_PORTRAIT).convert("RGB"), dtype=np.uint8)


@lru_cache(maxsize=1)
def detector() -> FaceDetector:
    """The real detector, loaded once."""
    return FaceDetector(60)


def scaled(image: Image, factor: float) -> Image:
    """Smaller or larger."""
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def shifted(image: Image, x: int, y: int) -> Image:
    """Moved by whole pixels, grey where nothing was."""
    matrix = np.array([[1, 0, x], [0, 1, y]], dtype=np.float64)
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, matrix, size, borderValue=(90, 90, 90)), np.uint8)


def turned(image: Image, degrees: float) -> Image:
    """Clockwise round the face."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((265.0, 222.0), -degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height)), np.uint8)


def blank() -> Image:
    """Nobody."""
    return np.full((360, 640, 3), 120, dtype=np.uint8)


def frames(images: list[Image], step: float = 0.04) -> list[Frame]:
    """With times `step` seconds apart."""
    return [Frame(image, number * step, number) for number, image in enumerate(images)]
