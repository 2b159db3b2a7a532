"""The one picture decoder: whatever takes part in a visit, an evaluation or a training run sees a
picture as it is made here, so that what is measured is what runs.

A picture comes out upright, in eight bits of red, green and blue, no side longer than 1920 pixels.
Larger ones are shrunk to the mean colour of the area each new pixel covers; what is transparent is
white, as a page shows it.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pi_heif import register_heif_opener
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from kiosk.core.errors import InputError
from kiosk.core.media import Image

LONGEST_SIDE = 1920
"""Pixels; larger pictures are made smaller."""
MAX_PIXELS = 64_000_000
"""A picture that must be decoded at more is a damaged header, not a camera (8K has 33 million). A
JPEG is decoded at up to an eighth of its sides and may have 64 times as many."""
MAX_PHONE_PIXELS = 210_000_000
"""The same of HEIC, which telephones write with up to 200 million and which only comes whole."""
DECODER = "picture-2"
"""Part of the key of whatever is kept of a picture; another way of decoding gets a new number."""
ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)
REMEDY = "Give jpg, heic, png, webp, avif, bmp or tiff pictures."

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError)
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N", "I")
_END_OF_JPEG = b"\xff\xd9"

register_heif_opener(thumbnails=False)
Pictures.MAX_IMAGE_PIXELS = None  # the bounds are those above, told in plain words


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture; `damage` says in a few words what is wrong with it, if anything is."""

    image: Image
    damage: str = ""


def is_picture(path: Path) -> bool:
    """Whether the content, whatever the name, begins like a picture."""
    try:
        with warnings.catch_warnings(action="ignore"):
            Pictures.open(path, formats=_FORMATS).close()
    except _UNREADABLE:
        return False
    return True


def decode_picture(source: Path | bytes, name: str, longest: int = LONGEST_SIDE) -> Image:
    """RGB (height, width, 3) of a file, or of a file's content, that messages call `name`.

    Raises:
        InputError: that is not a whole picture, has too many pixels, or memory does not suffice.
    """
    decoded = decode_what_is_there(source, name, longest)
    if decoded.damage:
        raise _damaged(name, decoded.damage)
    return decoded.image


def decode_what_is_there(source: Path | bytes, name: str, longest: int = LONGEST_SIDE) -> Decoded:
    """As `decode_picture`, but of a JPEG that ends too early what had come; the rest is grey."""
    try:
        return Decoded(_decoded(source, name, longest))
    except UnidentifiedImageError as error:
        raise InputError(f"{name} is not a readable picture.", REMEDY) from error
    except MemoryError as error:
        raise InputError(
            f"There is not enough memory for the picture {name}.", "Make it smaller."
        ) from error
    except _UNREADABLE as error:
        if "truncated" not in str(error):
            raise _damaged(name, "its content cannot be decoded") from error
    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        return Decoded(_decoded(content + _END_OF_JPEG, name, longest), "it ends too early")
    except _UNREADABLE as error:
        raise _damaged(name, "it ends too early") from error


def _damaged(name: str, what: str) -> InputError:
    return InputError(f"{name} is damaged: {what}.", "Copy it again, or take another picture.")


def _decoded(source: Path | bytes, name: str, longest: int) -> Image:
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    # Pillow warns of metadata it does not understand; the picture is what counts.
    with warnings.catch_warnings(action="ignore"), Pictures.open(file, formats=_FORMATS) as raw:
        size = raw.size
        raw.draft("RGB", (longest, longest))
        bound = MAX_PHONE_PIXELS if raw.format == "HEIF" else MAX_PIXELS
        if raw.width * raw.height > bound:
            raise InputError(
                f"{name} is too large: {size[0]} by {size[1]} pixels.",
                f"Make it smaller than {bound // 1_000_000} megapixels, or give it as jpg.",
            )
        small = raw.reduce(2) if raw.width * raw.height > MAX_PIXELS else raw
        return shrunk(_eight_bits(ImageOps.exif_transpose(small)), longest)


def _eight_bits(picture: Pictures.Image) -> Image:
    """RGB of any mode. Of sixteen bits a pixel the upper eight are kept; converted by the library
    they would all be white."""
    if picture.mode in _SIXTEEN_BITS:
        levels = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255)
        return np.repeat(levels[..., None], 3, axis=2).astype(np.uint8)
    if picture.has_transparency_data:
        layers = picture.convert("RGBA")
        picture = Pictures.alpha_composite(Pictures.new("RGBA", layers.size, "white"), layers)
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
