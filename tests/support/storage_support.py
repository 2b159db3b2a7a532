"""Galleries and templates for the tests of the storage room; safe to import in a forked child."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from kiosk.core.media import Modality, Vector
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.storage import MemoryGallery, SqlGallery
from kiosk.storage.sqlite.database import connect, prepared

FACE, VOICE = Modality.FACE, Modality.VOICE
NEW, ADD, REPLACE = EnrolmentKind.NEW, EnrolmentKind.ADD, EnrolmentKind.REPLACE


def unit(seed: int, dims: int = 16) -> Vector:
    """A unit vector that only this seed gives."""
    vector = np.random.default_rng(seed).standard_normal(dims).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def template(
    seed: int,
    modality: Modality = FACE,
    model_id: str = "net",
    dims: int = 16,
    source: str = "file",
) -> Template:
    return Template(modality, model_id, unit(seed, dims), 0.5, source)


def templates(seeds: Sequence[int], modality: Modality = FACE) -> list[Template]:
    return [template(seed, modality) for seed in seeds]


class Ticking:
    """A clock that moves on by a second each time it is read."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def plain_database(path: Path | str = ":memory:") -> Database:
    """The same database without encryption, for looking at its bytes or for speed."""
    return prepared(connect(path))


AnyGallery = SqlGallery | MemoryGallery
IMPLEMENTATIONS: dict[str, Callable[[Ticking], AnyGallery]] = {
    "sqlite": lambda now: SqlGallery(plain_database(), now),
    "memory": MemoryGallery,
}
"""Every gallery, empty and with a clock; what one does the others do."""


def problems_of(gallery: object) -> list[str]:
    """What is wrong with a gallery, where it can look."""
    return gallery.problems() if isinstance(gallery, SqlGallery) else []


def rows_of(gallery: object, table: str) -> int:
    """How many rows a table has, where there are tables: nothing is to be left behind."""
    return gallery.database.table(table).count if isinstance(gallery, SqlGallery) else 0


def open_in(folder: Path) -> SqlGallery:
    return SqlGallery.open(folder / "data" / "gallery.db", folder / "config" / "gallery.key")
