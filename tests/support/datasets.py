"""Collections a test writes to disk."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as Pillow


def picture(shade: int, size: int = 24) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", (size, size), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


def write(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
