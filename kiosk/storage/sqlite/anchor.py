"""Where the record stands, kept outside the gallery: whoever shortens the record or puts an older
gallery back is seen by it.

A file of fixed size with two places that are written in turn, so that it can be written on a full
disk and a write that is cut off leaves the one before.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import StorageError
from kiosk.storage.keys.private import make_folder

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

_PLACE = 512
"""Bytes: a sector, which disks write whole."""
_SUM = 16


@dataclass(frozen=True)
class Point:
    """The number and the link of a line of the record."""

    number: int
    link: str


NOWHERE = Point(0, "")


@dataclass(frozen=True)
class Standing:
    """`head` is the last line that was kept; `coming` one that was about to be."""

    turn: int
    head: Point
    coming: Point | None = None

    def fits(self, last: Point) -> bool:
        """Whether a record that ends there is the one this was written for."""
        return last in (self.head, self.coming)


class Anchor:
    """The file. For one process at a time within `held`."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def held(self) -> Iterator[int]:
        """The open file, which nobody else changes meanwhile. Raises StorageError."""
        try:
            if not self.file.parent.is_dir():
                make_folder(self.file.parent)
            descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def read(self) -> Standing | None:
        """Where the record stands; None where the file is missing or holds nothing readable."""
        try:
            with self.file.open("rb") as opened:
                content = opened.read(2 * _PLACE)
        except OSError:
            return None
        found = [_standing(content[at : at + _PLACE]) for at in (0, _PLACE)]
        return max((each for each in found if each is not None), key=_turn, default=None)

    def write(
        self, descriptor: int, head: Point, coming: Point | None = None, *, wait: bool = True
    ) -> None:
        """Write it down; on the disk when this returns, unless nobody waits. Raises
        StorageError."""
        before = self.read()
        turn = before.turn + 1 if before else 1
        body = json.dumps(
            [turn, head.number, head.link, *([coming.number, coming.link] if coming else [])]
        ).encode()
        place = (_sum(body) + b" " + body).ljust(_PLACE)
        try:
            if os.fstat(descriptor).st_size < 2 * _PLACE:
                os.pwrite(descriptor, b" " * (2 * _PLACE), 0)
            os.pwrite(descriptor, place, (turn % 2) * _PLACE)
            if wait:
                os.fsync(descriptor)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"The anchor of the record {self.file} cannot be written: {error.strerror}.",
            "Make its folder writable for the kiosk's account: nothing is changed unrecorded.",
        )


def _standing(place: bytes) -> Standing | None:
    total, _, body = place.rstrip().partition(b" ")
    if total != _sum(body):
        return None
    values = json.loads(body)
    coming = Point(values[3], values[4]) if len(values) > 3 else None
    return Standing(values[0], Point(values[1], values[2]), coming)


def _sum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:_SUM].encode()


def _turn(standing: Standing) -> int:
    return standing.turn
