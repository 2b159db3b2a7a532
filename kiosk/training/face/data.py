"""Face pictures for training: the field's usual layouts in, one file of aligned crops out.

`list_pictures` understands, for a path given by the operator:

- a folder per person, pictures at any depth in it (LFW, VGGFace2, YouTube Faces);
- a folder that holds `images/` with such folders;
- a CSV with a column `file` and, if known, `person`; pictures beside it, or in a ZIP of its name
  (`train.csv` and `train.zip`). A folder that holds `index.csv` counts as that CSV.

Without a column `person`, or asked for loose pictures, each picture is a person of its own.
`prepare` finds the face in each, aligns it and writes a memory-mapped array once; a picture that
cannot be read or shows no face is named, skipped and counted.
"""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.capture.picture import DECODER, ENDINGS, decode_picture
from kiosk.core.errors import InputError
from kiosk.inference.face.geometry.alignment import (
    ARCFACE_112,
    CHIP_150,
    Image,
    Points,
    Template,
    align,
)
from kiosk.inference.face.networks.facenet import mtcnn


@dataclass(frozen=True)
class CropView:
    """What the cache holds of a face: a network's view with `margin` pixels of room for jitter."""

    template: Template
    margin: int

    @property
    def crop(self) -> Template:
        """The view with its margin."""
        return self.template.grown(self.margin)


CHIP = CropView(CHIP_150, 13)
"""The chip; the teacher's wider view lacks some forehead in it."""
ARCFACE = CropView(ARCFACE_112, 10)
CROP = CHIP.crop

_FRAME = (
    0.25  # black added around: on tightly cut faces the detector misplaces landmarks without it
)
_SMALLEST_FACE = 0.4  # of the shorter side: pictures of people, not of crowds


UNREADABLE = (InputError, ValueError, OSError, KeyError, zipfile.BadZipFile)
"""What a picture that has to be left out ends in."""


@lru_cache(maxsize=4)
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)  # reading its directory takes longer than reading a picture


@dataclass(frozen=True)
class Picture:
    """A picture still on disk: a file or a member of a ZIP; `person` is unique across sources."""

    path: Path
    person: str
    member: str = ""

    @property
    def name(self) -> str:
        """How messages name it."""
        return f"{self.path}:{self.member}" if self.member else str(self.path)

    def read(self) -> Image:
        """RGB (height, width, 3) as the kiosk sees it.

        Raises:
            InputError: not a picture.
            OSError, KeyError, zipfile.BadZipFile: not readable.
        """
        data = _archive(self.path).read(self.member) if self.member else self.path.read_bytes()
        return decode_picture(data, Path(self.member or self.path.name).name)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.is_file()


def _from_csv(path: Path) -> list[Picture]:
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    if rows and "file" not in rows[0]:
        raise InputError(f"{path} has no column 'file'", remedy="It must name the pictures.")
    archive = path.with_suffix(".zip")
    pictures = []
    for row in rows:
        person = f"{path}/{row.get('person') or row['file']}"
        if archive.is_file():
            pictures.append(Picture(archive, person, row["file"]))
        else:
            pictures.append(Picture(path.parent / row["file"], person))
    return pictures


def _from_folder(root: Path, loose: bool) -> list[Picture]:
    pictures = []
    for path in sorted(filter(_is_picture, root.rglob("*"))):
        inside = path.relative_to(root).parts
        person = inside[0] if len(inside) > 1 and not loose else "/".join(inside)
        pictures.append(Picture(path, f"{root}/{person}"))
    return pictures


def list_pictures(source: Path, *, loose: bool = False) -> list[Picture]:
    """All pictures below `source`, in a fixed order; `loose` ignores folders as persons.

    Raises:
        InputError: nothing there, or no picture in it.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist", remedy="Give a folder or an index CSV.")
    if source.is_file() or (source / "index.csv").is_file():
        pictures = _from_csv(source if source.is_file() else source / "index.csv")
    else:
        pictures = _from_folder(
            source / "images" if (source / "images").is_dir() else source, loose
        )
    if not pictures:
        raise InputError(f"{source} holds no picture", remedy="Give a folder per person.")
    return pictures


class LandmarkFinder:
    """MTCNN on one picture: the five points of its most central face."""

    def __init__(self) -> None:
        self._detector = mtcnn(keep_all=True, post_process=False, device=torch.device("cpu"))

    def __call__(self, image: Image) -> Points | None:
        """Points (5, 2) in `image` (height, width, 3) RGB, or None where no face is seen."""
        edge = int(_FRAME * min(image.shape[:2]))
        framed = np.asarray(cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_CONSTANT))
        height, width = framed.shape[:2]
        self._detector.min_face_size = max(20, int(_SMALLEST_FACE * min(image.shape[:2])))
        try:
            boxes, _, points = self._detector.detect(framed, landmarks=True)
        except RuntimeError:  # the detector's empty stages end in a torch error on tiny pictures
            return None
        if boxes is None:
            return None
        corners = np.asarray(boxes, dtype=np.float64)
        centres = (corners[:, :2] + corners[:, 2:]) / 2
        nearest = int(np.linalg.norm(centres - [width / 2, height / 2], axis=1).argmin())
        return np.asarray(points[nearest], dtype=np.float64) - edge


@dataclass(frozen=True)
class FaceSet:
    """Aligned crops of several sources, memory-mapped, and the person number of each.

    `parts` are arrays (n, side, side, 3) uint8 of `view` with its margin, `folders` where they and
    what is derived from them lie, `rows` the chosen rows counted through all parts, `persons`
    (len(rows),).
    """

    parts: tuple[NDArray[np.uint8], ...]
    folders: tuple[Path, ...]
    rows: NDArray[np.int64]
    persons: NDArray[np.int64]
    skipped: int
    view: CropView = CHIP

    def __len__(self) -> int:
        return len(self.rows)

    def crop(self, number: int) -> Image:
        """The crop (side, side, 3) at place `number`."""
        row = int(self.rows[number])
        for part in self.parts:
            if row < len(part):
                return np.asarray(part[row])
            row -= len(part)
        raise IndexError(number)

    def subset(self, chosen: NDArray[np.bool_]) -> FaceSet:
        """The faces where `chosen` (len,) is true."""
        return replace(self, rows=self.rows[chosen], persons=self.persons[chosen])


@dataclass
class _Writer:
    """Appends crops to a raw file and their persons to JSON Lines, so a kill loses one picture."""

    folder: Path
    view: CropView = CHIP

    def done(self) -> int:
        """Pictures already dealt with."""
        log = self.folder / "log.jsonl"
        if not log.exists():
            return 0
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines.pop()
        kept = sum(1 for line in lines if json.loads(line)["skipped"] == "")
        data = self.folder / "crops.raw"
        whole = kept * self.view.crop.size**2 * 3
        if data.stat().st_size < whole:
            return 0
        log.write_text("".join(lines), encoding="utf-8")
        with data.open("r+b") as handle:
            handle.truncate(whole)
        return len(lines)

    def run(
        self, pictures: Sequence[Picture], find: LandmarkFinder, tell: Callable[[str], None]
    ) -> Iterator[int]:
        """Deal with `pictures` after those already done; yields how many are done so far."""
        first = self.done()
        mode = "a" if first else "w"
        with (
            (self.folder / "crops.raw").open(f"{mode}b") as data,
            (self.folder / "log.jsonl").open(mode) as log,
        ):
            for number, picture in enumerate(pictures[first:], first + 1):
                crop, why = _crop(picture, find, self.view.crop)
                if crop is None:
                    tell(f"skipped {picture.name}: {why}")
                else:
                    data.write(crop.tobytes())
                    data.flush()
                log.write(json.dumps({"person": picture.person, "skipped": why}) + "\n")
                log.flush()
                yield number


def _crop(picture: Picture, find: LandmarkFinder, template: Template) -> tuple[Image | None, str]:
    try:
        image = picture.read()
        points = find(image)
        return (None, "no face found") if points is None else (align(image, points, template), "")
    except UNREADABLE as problem:
        return None, str(problem)


def _digest(pictures: Sequence[Picture], crop: Template) -> str:
    listing = "\n".join(f"{p.name}\t{p.person}" for p in pictures)
    text = f"{DECODER} {crop.size} {crop.points.tolist()}\n{listing}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def prepare(
    sources: Sequence[Sequence[Picture]],
    cache: Path,
    *,
    tell: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda done, total: None,
    view: CropView = CHIP,
) -> FaceSet:
    """Align the pictures of each source once into `cache`; an earlier call's work is taken over.

    `tell` gets a line for every picture left out, `progress` the pictures done and their total.

    Raises:
        InputError: no face in any of them.
    """
    total, before = sum(map(len, sources)), 0
    folders = []
    for pictures in sources:
        folder = cache / f"faces-{_digest(pictures, view.crop)}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in _Writer(folder, view).run(pictures, LandmarkFinder(), tell):
            progress(before + number, total)
        before += len(pictures)
        folders.append(folder)
    return _open(folders, view)


def _open(folders: Sequence[Path], view: CropView) -> FaceSet:
    names: list[str] = []
    parts = []
    skipped = 0
    for folder in folders:
        lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        found = [row["person"] for row in map(json.loads, lines) if not row["skipped"]]
        skipped += len(lines) - len(found)
        names += found
        if found:
            shape = (len(found), view.crop.size, view.crop.size, 3)
            parts.append(np.memmap(folder / "crops.raw", np.uint8, "r", shape=shape))
    if not names:
        raise InputError("No face was found in any picture", remedy="Check --data.")
    _, persons = np.unique(names, return_inverse=True)
    kept = tuple(folder for folder in folders if (folder / "crops.raw").stat().st_size)
    rows = np.arange(len(names), dtype=np.int64)
    return FaceSet(tuple(parts), kept, rows, persons.astype(np.int64), skipped, view)
