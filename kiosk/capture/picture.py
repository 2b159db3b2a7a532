"""The one picture decoder: whatever takes part in a visit, an evaluation or a training run sees a
picture as it is made here, so that what is measured is what runs.

A picture comes out upright, in eight bits of red, green and blue, no side longer than 4096 pixels
(of a film 1920). Larger ones are shrunk to the mean colour of the area each new pixel covers; what
is transparent is white, as a page shows it.
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
from PIL import ImageFile, ImageOps, UnidentifiedImageError

from kiosk.core.errors import InputError
from kiosk.core.media import Image

LONGEST_SIDE = 1920
"""Pixels; larger pictures of a film are made smaller."""
LONGEST_STILL = 4096
"""The same of a still, in which somebody may stand far away: faces are measured at this scale."""
MAX_PIXELS = 64_000_000
"""A picture that must be decoded at more is a damaged header, not a camera (8K has 33 million). A
JPEG is decoded at up to an eighth of its sides and may have 64 times as many."""
MAX_PHONE_PIXELS = 210_000_000
"""The same of HEIC, which telephones write with up to 200 million and which only comes whole."""
DECODER = "picture-3"
"""Part of the key of whatever is kept of a picture; another way of decoding gets a new number."""
ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)
REMEDY = "Give jpg, heic, png, webp, avif, bmp or tiff pictures."

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError)
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N", "I")
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"}
"""Of HEIC and AVIF (ISO/IEC 23008-12), which films in the same container have not."""
_UNDECODABLE = "its content cannot be decoded"
_ENDS_EARLY = "it ends too early"
_END_OF_JPEG = b"\xff\xd9"

register_heif_opener(thumbnails=False)
Pictures.MAX_IMAGE_PIXELS = None  # the bounds are those above, told in plain words


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture; `damage` says in a few words what is wrong with it, if anything is."""

    image: Image
    damage: str = ""


def is_picture(path: Path) -> bool:
    """Whether the content, whatever the name, begins like a picture, also where it ends soon."""
    try:
        with warnings.catch_warnings(action="ignore"):
            Pictures.open(path, formats=_FORMATS).close()
    except _UNREADABLE:
        return _begins_like_one(path)
    return True


def _begins_like_one(source: Path | bytes) -> bool:
    """By the first bytes alone."""
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    boxed = head[4:8] == b"ftyp" and head[8:12] in _BRANDS
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return boxed or webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def decode_picture(source: Path | bytes, name: str, longest: int = LONGEST_STILL) -> Image:
    """RGB (height, width, 3) of a file, or of a file's content, that messages call `name`.

    Raises:
        InputError: that is not a whole picture, has too many pixels, or memory does not suffice.
    """
    decoded = decode_what_is_there(source, name, longest)
    if decoded.damage:
        raise _damaged(name, decoded.damage)
    return decoded.image


def decode_what_is_there(source: Path | bytes, name: str, longest: int = LONGEST_STILL) -> Decoded:
    """As `decode_picture`, but of a JPEG or PNG that ends too early what had come; the rest is grey
    or black."""
    try:
        return _decoded(source, name, longest)
    except UnidentifiedImageError as error:
        if _begins_like_one(source):
            raise _damaged(name, _UNDECODABLE) from error
        raise InputError(f"{name} is not a readable picture.", REMEDY) from error
    except MemoryError as error:
        raise InputError(
            f"There is not enough memory for the picture {name}.", "Make it smaller."
        ) from error
    except _UNREADABLE as error:
        if "truncated" not in str(error):
            raise _damaged(name, _UNDECODABLE) from error
    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        found = _decoded(content + _END_OF_JPEG, name, longest)
    except _UNREADABLE as error:
        raise _damaged(name, _ENDS_EARLY) from error
    return Decoded(found.image, _ENDS_EARLY)


def _damaged(name: str, what: str) -> InputError:
    return InputError(f"{name} is damaged: {what}.", "Copy it again, or take another picture.")


def _decoded(source: Path | bytes, name: str, longest: int) -> Decoded:
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
        cut = raw.format == "PNG" and _is_cut_off(raw)
        small = raw.reduce(2) if raw.width * raw.height > MAX_PIXELS else raw
        image = shrunk(_eight_bits(ImageOps.exif_transpose(small)), longest)
        return Decoded(image, _ENDS_EARLY if cut else "")


def _is_cut_off(raw: ImageFile.ImageFile) -> bool:
    """Whether a picture that is read row by row ends too early; what had come of it is kept.
    Raises OSError where that is next to nothing."""
    try:
        raw.load()
    except OSError as error:
        if "truncated" not in str(error) or not raw.im or not np.asarray(raw.im).any():
            raise
        raw.tile = []
        return True
    return False


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
