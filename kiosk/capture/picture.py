"""The one picture decoder: whatever takes part in a visit, an evaluation or a training run sees a
picture as it is made here, so that what is measured is what runs.

A picture comes out upright, in eight bits of red, green and blue, no side longer than 1920 pixels.
Larger ones are shrunk to the mean colour of the area each new pixel covers.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageOps

from kiosk.core.errors import InputError
from kiosk.core.media import Image

LONGEST_SIDE = 1920
"""Pixels; larger pictures are made smaller."""
MAX_PIXELS = 64_000_000
"""A picture beyond this is a damaged header, not a camera (8K has 33 million)."""
DECODER = "picture-2"
"""Part of the key of whatever is kept of a picture; another way of decoding gets a new number."""
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
REMEDY = "Give jpg, png, webp, bmp or tiff pictures."

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_UNREADABLE = (OSError, ValueError, SyntaxError, MemoryError, Pictures.DecompressionBombError)
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N", "I")


def is_picture(path: Path) -> bool:
    """Whether the content, whatever the name, begins like a picture."""
    try:
        with warnings.catch_warnings(action="ignore"):
            Pictures.open(path, formats=_FORMATS).close()
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return False
    return True


def decode_picture(source: Path | bytes, name: str, longest: int = LONGEST_SIDE) -> Image:
    """RGB (height, width, 3) of a file, or of a file's content, that messages call `name`.

    Raises:
        InputError: that is not a whole picture, or has more than 64 million pixels.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        # Pillow warns of metadata it does not understand; the picture is what counts.
        with warnings.catch_warnings(action="ignore"), Pictures.open(file, formats=_FORMATS) as raw:
            if raw.width * raw.height > MAX_PIXELS:
                raise InputError(f"{name} is too large.", "Make it smaller than 64 megapixels.")
            raw.draft("RGB", (longest, longest))
            upright = ImageOps.exif_transpose(raw)
            return shrunk(_eight_bits(upright), longest)
    except _UNREADABLE as error:
        raise InputError(f"{name} is not a readable picture.", REMEDY) from error


def _eight_bits(picture: Pictures.Image) -> Image:
    """RGB of any mode. Of sixteen bits a pixel the upper eight are kept; converted by the library
    they would all be white."""
    if picture.mode in _SIXTEEN_BITS:
        levels = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255)
        return np.repeat(levels[..., None], 3, axis=2).astype(np.uint8)
    return np.asarray(picture.convert("RGB"), dtype=np.uint8)


def shrunk(image: Image, longest: int = LONGEST_SIDE) -> Image:
    """The picture, no side longer than `longest`."""
    width, height = shrunk_size(image.shape[1], image.shape[0], longest)
    if (height, width) == image.shape[:2]:
        return image
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def shrunk_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height of the same shape, neither longer than `longest` nor less than one."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
