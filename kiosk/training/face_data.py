"""Face pictures for training: the field's usual layouts in, one file of aligned crops out.

`list_pictures` understands, for a path given by the operator:

- a folder per person, at any depth below it (LFW, VGGFace2; YouTube Faces' person/video/frame);
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
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.errors import InputError
from kiosk.inference.alignment import CHIP_150, Image, Points, align

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
MARGIN = 13
CROP = CHIP_150.grown(MARGIN)
"""What the cache holds: the chip with room for jitter and for the teacher's wider view."""

_LONGEST_SIDE = 640
_SMALLEST_FACE = 0.3  # of the shorter side: pictures of people, not of crowds


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
        """RGB (height, width, 3), longest side at most 640.

        Raises:
            ValueError: not a picture.
            OSError: not readable.
        """
        data = _archive(self.path).read(self.member) if self.member else self.path.read_bytes()
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        if bgr is None:
            raise ValueError("not a picture that can be decoded")
        shrink = _LONGEST_SIDE / max(bgr.shape[:2])
        if shrink < 1:
            bgr = cv2.resize(bgr, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


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
        from facenet_pytorch import MTCNN  # its import takes seconds

        self._detector = MTCNN(keep_all=True, post_process=False, device=torch.device("cpu"))

    def __call__(self, image: Image) -> Points | None:
        """Points (5, 2) in `image` (height, width, 3) RGB, or None where no face is seen."""
        height, width = image.shape[:2]
        self._detector.min_face_size = max(20, int(_SMALLEST_FACE * min(height, width)))
        try:
            boxes, _, points = self._detector.detect(image, landmarks=True)
        except RuntimeError:  # the detector's empty stages end in a torch error on tiny pictures
            return None
        if boxes is None:
            return None
        corners = np.asarray(boxes, dtype=np.float64)
        centres = (corners[:, :2] + corners[:, 2:]) / 2
        nearest = int(np.linalg.norm(centres - [width / 2, height / 2], axis=1).argmin())
        return np.asarray(points[nearest], dtype=np.float64)


@dataclass(frozen=True)
class FaceSet:
    """Aligned crops (n, 176, 176, 3) uint8, memory-mapped, and the person number of each (n,)."""

    crops: NDArray[np.uint8]
    persons: NDArray[np.int64]
    skipped: int

    def __len__(self) -> int:
        return len(self.crops)


@dataclass
class _Writer:
    """Appends crops to a raw file and their persons to JSON Lines, so a kill loses one picture."""

    folder: Path

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
        if data.stat().st_size < kept * CROP.size**2 * 3:
            return 0
        log.write_text("".join(lines), encoding="utf-8")
        with data.open("r+b") as handle:
            handle.truncate(kept * CROP.size**2 * 3)
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
                crop, why = _crop(picture, find)
                if crop is None:
                    tell(f"skipped {picture.name}: {why}")
                else:
                    data.write(crop.tobytes())
                    data.flush()
                log.write(json.dumps({"person": picture.person, "skipped": why}) + "\n")
                log.flush()
                yield number


def _crop(picture: Picture, find: LandmarkFinder) -> tuple[Image | None, str]:
    try:
        image = picture.read()
        points = find(image)
        return (None, "no face found") if points is None else (align(image, points, CROP), "")
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as problem:
        return None, str(problem)


def _digest(pictures: Sequence[Picture]) -> str:
    listing = "\n".join(f"{p.name}\t{p.person}" for p in pictures)
    return hashlib.sha256(f"{CROP.size} {CROP.points.tolist()}\n{listing}".encode()).hexdigest()[
        :16
    ]


def prepare(
    pictures: Sequence[Picture],
    cache: Path,
    *,
    tell: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FaceSet:
    """Align `pictures` once into `cache`, or take what an earlier call left there and go on.

    Raises:
        InputError: no face in any of them.
    """
    folder = cache / f"faces-{_digest(pictures)}"
    folder.mkdir(parents=True, exist_ok=True)
    find = LandmarkFinder()
    for number in _Writer(folder).run(pictures, find, tell):
        progress(number, len(pictures))
    return _open(folder)


def _open(folder: Path) -> FaceSet:
    rows = [
        json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    names = [row["person"] for row in rows if not row["skipped"]]
    if not names:
        raise InputError("No face was found in any picture", remedy="Check --data.")
    crops = np.memmap(
        folder / "crops.raw", np.uint8, "r", shape=(len(names), CROP.size, CROP.size, 3)
    )
    _, persons = np.unique(names, return_inverse=True)
    return FaceSet(crops, persons.astype(np.int64), len(rows) - len(names))
