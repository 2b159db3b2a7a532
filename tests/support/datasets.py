"""Collections a test writes to disk."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as Pillow

_CHANGE = 20
"""Levels of 255 by which a square differs from its picture."""


def picture(shade: int, size: int = 24, moment: int | None = None) -> bytes:
    """Of one shade, but for a lighter square and a darker one below it where it was taken at some
    `moment` (0..29): pictures of two moments are no copies of each other and have one mean."""
    buffer = io.BytesIO()
    made = Pillow.new("RGB", (size, size), (shade, shade, shade))
    if moment is not None:
        side = size // 6
        top, left = (side * place for place in divmod(moment, 6))
        for down, other in ((0, shade + _CHANGE), (side, max(0, shade - _CHANGE))):
            box = (left, top + down, left + side, top + down + side)
            made.paste((other, other, other), box)
    made.save(buffer, "PNG")
    return buffer.getvalue()


def write(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
