"""Collections of recordings: folders and indexes in, items with a subject each out.

`read_collection` understands, for a path given by the operator:

- a folder per person with pictures, sounds or clips, at any depth; an `images/` around them is
  allowed (LFW), and `pairs.csv` beside it (columns a, b, same and perhaps fold) names the
  comparisons to make;
- an index: a CSV, or a folder with `index.csv` or `test.csv`, with the column file and one of
  subject, speaker or person; perhaps group, race, gender, age and emotion; the files lie beside it
  or in a ZIP of its name. Without a subject every file is another person;
- a flat folder: `email-number.mp4` belongs to `email`, any other file to nobody else.
"""

from __future__ import annotations

import csv
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath

from kiosk.capture.picture import ENDINGS
from kiosk.core.errors import InputError

_REMEDY = "Give a folder per person or an index CSV; see kiosk evaluate --help."
_SUBJECT = ("subject", "speaker", "person")
_RACES = ("white", "black", "asian", "indian", "other")
"""UTKFace's race codes 0-4 (Zhang et al., CVPR 2017)."""
_NUMBERED = re.compile(r"^(?P<subject>.+)-\d+$")


class Kind(StrEnum):
    """What a file holds."""

    PICTURE = "picture"
    SOUND = "sound"
    CLIP = "clip"


_SUFFIXES = {
    Kind.PICTURE: ENDINGS,
    Kind.SOUND: {".wav", ".flac", ".opus", ".ogg", ".mp3", ".m4a", ".aac"},
    Kind.CLIP: {".mp4", ".mpg", ".mpeg", ".webm", ".mkv", ".mov", ".avi"},
}


@lru_cache(maxsize=4)
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)  # reading its directory takes longer than reading a picture


@dataclass(frozen=True)
class Item:
    """A file, or a member of a ZIP, and whom it shows.

    `group` is a label for differential figures, `condition` something like an emotion.
    """

    path: Path
    subject: str
    kind: Kind
    member: str = ""
    group: str = ""
    gender: str = ""
    condition: str = ""
    age: int | None = None

    @property
    def name(self) -> str:
        """How a message on the console names it."""
        return self.member or f"{self.path.parent.name}/{self.path.name}"

    def content(self) -> bytes:
        """Its bytes. Raises OSError, KeyError or zipfile.BadZipFile."""
        return _archive(self.path).read(self.member) if self.member else self.path.read_bytes()


@dataclass(frozen=True)
class Pair:
    """A comparison to make: two places in the collection's items."""

    a: int
    b: int
    same: bool
    fold: int = 0


@dataclass(frozen=True)
class Collection:
    """Items in a fixed order. Without `known_subjects` each file counts as another person.

    `development` says that the project's own networks have learnt from some of these people."""

    name: str
    items: tuple[Item, ...]
    pairs: tuple[Pair, ...] = ()
    known_subjects: bool = True
    development: bool = False

    def of(self, *kinds: Kind) -> Collection:
        """Only some kinds of files; raises InputError if there are none. Pairs stay only when
        nothing is left out."""
        return self.where(lambda item: item.kind in kinds, " and ".join(kinds))

    def where(self, wanted: Callable[[Item], bool], what: str) -> Collection:
        """Only the items `wanted`; raises InputError naming `what` if there are none."""
        items = tuple(item for item in self.items if wanted(item))
        if len(items) == len(self.items):
            return self
        if not items:
            raise InputError(f"{self.name} holds no {what}.", _REMEDY)
        return replace(self, items=items, pairs=())

    def subjects(self) -> dict[str, list[int]]:
        """Places of each subject's items, in the order of the collection."""
        found: dict[str, list[int]] = {}
        for place, item in enumerate(self.items):
            found.setdefault(item.subject, []).append(place)
        return found

    def limited(self, limit: int | None) -> Collection:
        """A quick sample: about `limit` items of whole subjects, those with most files first, and
        the comparisons left among them. With folds, the first comparisons of every fold."""
        if limit is None or limit >= len(self.items):
            return self
        kept = self._of_pairs(limit) if self.pairs else self._of_subjects(limit)
        places = {old: new for new, old in enumerate(sorted(kept))}
        pairs = tuple(
            replace(pair, a=places[pair.a], b=places[pair.b])
            for pair in self.pairs
            if pair.a in places and pair.b in places
        )
        return replace(self, items=tuple(self.items[k] for k in sorted(kept)), pairs=pairs)

    def _of_pairs(self, limit: int) -> set[int]:
        """Mated and non-mated comparisons of all folds in turn, so that no kind is left out."""
        kinds: dict[tuple[int, bool], list[Pair]] = {}
        for pair in self.pairs:
            kinds.setdefault((pair.fold, pair.same), []).append(pair)
        kept: set[int] = set()
        for turn in range(max(map(len, kinds.values()))):
            for group in kinds.values():
                if turn < len(group) and len(kept) < limit:
                    kept |= {group[turn].a, group[turn].b}
        return kept

    def _of_subjects(self, limit: int) -> set[int]:
        kept: set[int] = set()
        for places in sorted(self.subjects().values(), key=len, reverse=True):
            if len(kept) < limit:
                kept |= set(places[:20])
        return kept


def read_collection(path: Path) -> Collection:
    """What lies at `path`; see the top of this file. Raises InputError."""
    if not path.exists():
        raise InputError(f"There is no {path}.", _REMEDY)
    index = _index_of(path)
    try:
        found = _from_index(index) if index else _from_folder(path)
        found = replace(found, development=is_development(path))
        pairs = path / "pairs.csv"
        return _with_pairs(found, path, pairs) if pairs.is_file() else found
    except (OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} cannot be read: {error}.", _REMEDY) from error


def _index_of(path: Path) -> Path | None:
    if path.is_file():
        return path
    named = (path / name for name in ("index.csv", "test.csv"))
    return next((index for index in named if index.is_file()), None)


def kind_of(name: str) -> Kind | None:
    """By the ending; None for a file of another sort."""
    suffix = PurePosixPath(name).suffix.lower()
    return next((kind for kind, known in _SUFFIXES.items() if suffix in known), None)


def _rows(path: Path, needed: Iterable[str]) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as handle:
        reader = csv.DictReader(handle)
        missing = set(needed) - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{path.name} has no column {sorted(missing)[0]!r}.", _REMEDY)
        return list(reader)


def _from_index(path: Path) -> Collection:
    rows = _rows(path, ["file"])
    archive = path.with_suffix(".zip")
    column = next((name for name in _SUBJECT if rows and name in rows[0]), None)
    items = [
        _item(row, column, path.parent, archive if archive.is_file() else None) for row in rows
    ]
    found = tuple(item for item in items if item is not None)
    return _checked(Collection(_name(path), found, known_subjects=column is not None), path)


def _name(path: Path) -> str:
    return path.parent.name if path.stem in ("index", "test", "train") else path.stem


def _item(
    row: Mapping[str, str], column: str | None, folder: Path, archive: Path | None
) -> Item | None:
    file = row["file"]
    kind = kind_of(file)
    if kind is None:
        return None
    age = row.get("age", "")
    return Item(
        path=archive or folder / file,
        subject=row[column] if column else file,
        kind=kind,
        member=file if archive else "",
        group=row.get("group") or _race(row.get("race", "")),
        gender=row.get("gender", ""),
        condition=row.get("emotion", ""),
        age=int(age) if age.isdigit() else None,
    )


def _race(code: str) -> str:
    return _RACES[int(code)] if code.isdigit() and int(code) < len(_RACES) else code


def _from_folder(path: Path) -> Collection:
    root = path / "images" if (path / "images").is_dir() else path
    items = []
    for file in sorted(root.rglob("*")):
        kind = kind_of(file.name)
        if kind is None or not file.is_file() or file.name.startswith("."):
            continue
        parts = file.relative_to(root).parts
        subject = parts[0] if len(parts) > 1 else _flat_subject(file.stem)
        items.append(Item(file, subject, kind))
    return _checked(Collection(path.name, tuple(items)), path)


def _flat_subject(stem: str) -> str:
    numbered = _NUMBERED.match(stem)
    return numbered["subject"] if numbered else stem


def _checked(found: Collection, path: Path) -> Collection:
    if not found.items:
        raise InputError(f"{path.name} holds no picture, sound or clip.", _REMEDY)
    return found


def _with_pairs(found: Collection, folder: Path, path: Path) -> Collection:
    root = folder / "images" if (folder / "images").is_dir() else folder
    places = {item.path.relative_to(root).as_posix(): n for n, item in enumerate(found.items)}
    rows = _rows(path, ["a", "b", "same"])
    unknown = [row for row in rows if row["a"] not in places or row["b"] not in places]
    if unknown:
        raise InputError(
            f"{path.name} names {len(unknown)} comparisons of files that are not there.",
            "Give the whole collection, or take those lines out.",
        )
    pairs = tuple(
        Pair(places[row["a"]], places[row["b"]], row["same"] == "1", int(row.get("fold") or 0))
        for row in rows
    )
    return replace(found, pairs=pairs)


def is_development(path: Path) -> bool:
    """Whether recordings are those the project's networks were made with: what lies below the
    folder of the shared ones, or a copy of one of its sets, by its index."""
    root = shared_data().resolve()
    if path.resolve().is_relative_to(root):
        return True
    index = _index_of(path)
    if index is None or not index.is_file():
        return False
    twins = root.rglob(f"*{path.suffix}") if path.is_file() else root.glob(f"*/*/{index.name}")
    return any(_same(index, twin) for twin in twins if twin.is_file())


def _same(one: Path, other: Path) -> bool:
    """Whether two files have the same content."""
    alike = one.stat().st_size == other.stat().st_size
    return alike and one.read_bytes() == other.read_bytes()


def shared_data() -> Path:
    """The recordings beside the clone, or where KIOSK_SHARED says."""
    beside = Path(__file__).resolve().parents[3] / "shared"
    return Path(os.environ.get("KIOSK_SHARED", beside)) / "data"
