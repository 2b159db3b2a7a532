"""How crops and features are left in folders: arrays without pickle, and a JSON of what they are.

Everything here is biometric data: files get mode 0600, and folders that are made 0700.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from kiosk.core.errors import InputError
from kiosk.core.media import Image, Matrix

SCHEMA = "kiosk.features/1"
ABOUT = (
    "Biometric data of the people in the recording: keep it where nobody else can read it, and "
    "delete it with their consent."
)


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all, mode 0600. Raises InputError."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w+b") as stream:
                yield stream
            draft.replace(file)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name another folder, or make room."
        ) from error


class CropFile:
    """Crops (T, side, side, 3) in one .npy, added one by one; a look without a face is black."""

    def __init__(self, stream: BinaryIO, side: int) -> None:
        self._stream, self._side = stream, side
        self._count = 0
        self._write_header()

    def add(self, crop: Image | None) -> None:
        """The next look."""
        black = np.zeros((self._side, self._side, 3), np.uint8)
        self._stream.write(np.ascontiguousarray(black if crop is None else crop).tobytes())
        self._count += 1

    def close(self) -> None:
        """Write how many there are. NumPy leaves room for that in the header."""
        begin = self._stream.tell()
        self._stream.seek(0)
        self._write_header()
        self._stream.seek(begin)

    def _write_header(self) -> None:
        shape = (self._count, self._side, self._side, 3)
        npy.write_array_header_1_0(
            self._stream, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )


def write_array(file: Path, array: Matrix) -> None:
    """One .npy. Raises InputError."""
    with written(file) as stream:
        npy.write_array(stream, array, allow_pickle=False)


def write_json(file: Path, content: Mapping[str, object]) -> None:
    """One JSON beside the arrays, with what they are and what they are not. Raises InputError."""
    told = {"schema": SCHEMA, "about": ABOUT, **content}
    with written(file) as stream:
        stream.write((json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())
