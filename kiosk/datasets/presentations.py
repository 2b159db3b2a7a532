"""Presentations to a camera: living people and attacks, as an index names them.

An index is a CSV, or a folder with `index.csv`, with the columns file and kind, and perhaps
subject, device, group and presentation. `kind` is `bona_fide` or any word for a kind of attack
("print", "screen", "screen_video"). A clip is a presentation; pictures with the same word in
`presentation` are one, in the order of the index; any other picture is one of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Item, Kind, kind_of

BONA_FIDE = "bona_fide"
_REMEDY = "Give a CSV with the columns file and kind; see kiosk evaluate pad --help."


@dataclass(frozen=True)
class PadPresentation:
    """What was held before the camera at once: one clip, or pictures in order.

    `subject` is whom it shows, `device` what it was made with or shown on; empty where unknown.
    `times` are the seconds at which its pictures were taken, one for each, where that is known.
    `use` is "learn", "choose" (between networks) or "measure" where a collection says so.
    """

    kind: str
    items: tuple[Item, ...]
    subject: str
    device: str = ""
    group: str = ""
    times: tuple[float, ...] = ()
    use: str = ""
    collection: str = ""

    @property
    def bona_fide(self) -> bool:
        """Whether a living person stood there."""
        return self.kind == BONA_FIDE

    @property
    def clip(self) -> bool:
        """Whether it is a recording and not pictures."""
        return self.items[0].kind is Kind.CLIP


def read_presentations(path: Path) -> list[PadPresentation]:
    """All presentations of an index, in its order. Raises InputError."""
    index = path / "index.csv" if path.is_dir() else path
    if not index.is_file():
        raise InputError(f"There is no {index.name} at {path}.", _REMEDY)
    try:
        with index.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{index.name} cannot be read: {error}.", _REMEDY) from error
    for column in ("file", "kind"):
        if not rows or column not in rows[0]:
            raise InputError(f"{index.name} has no column {column!r}, or no line.", _REMEDY)
    gathered: dict[str, list[tuple[Item, Mapping[str, str]]]] = {}
    for number, row in enumerate(rows):
        item = _item(row, index.parent)
        if item is not None:
            gathered.setdefault(_key(row, item, number), []).append((item, row))
    found = [_presentation(parts) for parts in gathered.values()]
    if not found:
        raise InputError(f"{index.name} names no picture and no clip.", _REMEDY)
    return found


def _item(row: Mapping[str, str], folder: Path) -> Item | None:
    kind = kind_of(row["file"])
    if kind not in (Kind.PICTURE, Kind.CLIP):
        return None
    subject = row.get("subject") or row["file"]
    return Item(folder / row["file"], subject, kind, group=row.get("group") or "")


def _key(row: Mapping[str, str], item: Item, number: int) -> str:
    name = row.get("presentation") or ""
    if item.kind is Kind.CLIP or not name:
        return f"line {number}"
    return f"named {name} {row['kind']} {item.subject}"


def _presentation(parts: list[tuple[Item, Mapping[str, str]]]) -> PadPresentation:
    first, row = parts[0]
    items = tuple(item for item, _ in parts)
    return PadPresentation(
        row["kind"].strip(), items, first.subject, row.get("device") or "", first.group
    )
