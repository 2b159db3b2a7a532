"""Pictures of an operator for the screens: a logo, and one in the place of the welcome drawing.

They are read in one way when they are chosen and when they are shown, so that what was accepted is
what is seen.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.core.errors import SettingsError

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = ("PNG", "JPEG", "WEBP")
LARGEST_FILE = 20_000_000
"""Bytes."""
LARGEST_SIDE, SMALLEST_SIDE = 8_192, 32
PICTURES = ("logo", "attract_picture")
"""The settings that name one."""


def read_brand_picture(key: str, place: str) -> Image:
    """The picture whole, in RGBA, turned as it says. Raises SettingsError with the cause."""
    file = Path(place).expanduser()
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise _refused(key, f"{file} is no file", "Name a picture.")
        with file.open("rb") as opened:
            begin = opened.read(512)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise _refused(key, f"{file} cannot be read: {why}", "Check it.") from error
    if b"<svg" in begin or file.suffix.lower() in (".svg", ".svgz"):
        remedy = "Export it as PNG with a clear ground, 600 pixels high or more."
        raise _refused(key, f"{file.name} is SVG, which is not taken: it can hold programs", remedy)
    if size > LARGEST_FILE:
        remedy = f"Give one of at most {LARGEST_FILE // 1_000_000} MB."
        raise _refused(key, f"{file.name} has {size / 1e6:.0f} MB", remedy)
    return _decoded(key, file)


def _decoded(key: str, file: Path) -> Image:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=KINDS) as opened:
                if max(opened.size) > LARGEST_SIDE or min(opened.size) < SMALLEST_SIDE:
                    width, height = opened.size
                    remedy = f"Give one with sides from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels."
                    raise _refused(key, f"{file.name} is of {width} x {height} pixels", remedy)
                opened.load()
                return ImageOps.exif_transpose(opened).convert("RGBA")
    except UnidentifiedImageError as error:
        remedy = "Give PNG, JPEG or WebP."
        raise _refused(key, f"{file.name} is no picture of a kind that is taken", remedy) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(key, f"{file.name} has too many pixels", "Give a smaller one.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _refused(key, f"{file.name} is damaged", "Export it again.") from error


def _refused(key: str, text: str, remedy: str) -> SettingsError:
    return SettingsError(f"{key}: {text}.", remedy, key=key)
