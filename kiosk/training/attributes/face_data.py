"""Labelled faces for the attribute recipe: index CSVs in, one array of grey aligned crops each.

A source is a CSV with a column `file` and at least one of `emotion` (a name of `Emotion`), `age`
(years) and `gender` (male or female); pictures lie beside it or in a ZIP of its name, each cut to
one face. A picture that cannot be read is named, skipped and counted; one in which O-Net sees no
face is cut where faces of such pictures usually are.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.capture.picture import DECODER
from kiosk.core.errors import InputError
from kiosk.core.estimates import Emotion
from kiosk.datasets.tight_crops import cut_face, usual_points
from kiosk.inference.face.attributes import BORDER, EMOTIONS, OLDEST, grey, view_template
from kiosk.inference.face.detection import FaceDetector
from kiosk.inference.face.geometry.alignment import align
from kiosk.training.face.data import UNREADABLE, Picture, list_pictures

MARGIN = 12
"""Pixels kept round the view, for jitter."""

_SMALLEST_FACE = 20
_GENDERS = {"female": 0.0, "male": 1.0}
_NAMES = {emotion.name.lower(): float(EMOTIONS.index(emotion)) for emotion in Emotion}


@dataclass(frozen=True)
class LabelledFaces:
    """Crops (n, side, side) uint8 of luminance with labels (n,) float32, NaN where not known:
    `emotion` the place in `EMOTIONS`, `age` in years, `male` 0 or 1; and `felt` (n, 7), what a
    teacher says of the emotion, NaN where none was asked."""

    crops: NDArray[np.uint8]
    emotion: NDArray[np.float32]
    age: NDArray[np.float32]
    male: NDArray[np.float32]
    felt: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.emotion)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> LabelledFaces:
        """Some of them, in memory."""
        return LabelledFaces(
            self.crops[chosen],
            self.emotion[chosen],
            self.age[chosen],
            self.male[chosen],
            self.felt[chosen],
        )


def joined(parts: Sequence[LabelledFaces]) -> LabelledFaces:
    """Several sources as one."""
    return LabelledFaces(
        np.concatenate([part.crops for part in parts]),
        np.concatenate([part.emotion for part in parts]),
        np.concatenate([part.age for part in parts]),
        np.concatenate([part.male for part in parts]),
        np.concatenate([part.felt for part in parts]),
    )


def read_labels(path: Path) -> NDArray[np.float32]:
    """(rows, 3) emotion, age, male of an index CSV.

    Raises:
        InputError: not there, no label column, or a label that is none; the line is named.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist.", "Give an index CSV with labels.")
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    if not rows or not {"emotion", "age", "gender"} & set(rows[0]):
        raise InputError(
            f"{path.name} has no column emotion, age or gender.", "Give an index CSV with labels."
        )
    labels = []
    for line, row in enumerate(rows, 2):
        try:
            labels.append(_labels(row))
        except (KeyError, ValueError) as problem:
            raise InputError(
                f"{path.name}, line {line}: {problem} is no label.",
                f"Emotions are {', '.join(_NAMES)}; genders male and female; ages in years.",
            ) from problem
    return np.array(labels, dtype=np.float32)


def _labels(row: Mapping[str, str]) -> tuple[float, float, float]:
    emotion, age, gender = (row.get(name) or "" for name in ("emotion", "age", "gender"))
    return (
        _NAMES[emotion] if emotion else np.nan,
        min(float(age), OLDEST) if age else np.nan,
        _GENDERS[gender] if gender else np.nan,
    )


def prepare(
    path: Path,
    size: int,
    cache: Path,
    *,
    tell: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LabelledFaces:
    """Align the faces of one source once into `cache`; views of `size` with `MARGIN` round them.

    Raises:
        InputError: no labels or no readable picture.
    """
    labels, pictures = read_labels(path), list_pictures(path)
    file = cache / f"attributes-{_digest(pictures, size)}.npz"
    if not file.is_file():
        _write(file, *crops_of(pictures, size, tell, progress))
    with np.load(file) as kept:
        crops, rows = kept["crops"], kept["rows"]
    if not len(rows):
        raise InputError(f"{path.name} names no picture that can be read.", "Check the pictures.")
    emotion, age, male = (labels[rows, column] for column in range(3))
    return LabelledFaces(crops, emotion, age, male, nothing_felt(len(rows)))


def nothing_felt(count: int) -> NDArray[np.float32]:
    """The `felt` of so many faces of which no teacher was asked."""
    return np.full((count, len(EMOTIONS)), np.nan, dtype=np.float32)


def _digest(pictures: Sequence[Picture], size: int) -> str:
    listing = "\n".join(picture.name for picture in pictures)
    return hashlib.sha256(f"{DECODER} {size} {MARGIN}\n{listing}".encode()).hexdigest()[:16]


def crops_of(
    pictures: Sequence[Picture],
    size: int,
    tell: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Crops (n, side, side), and the places of their pictures."""
    detector = FaceDetector(_SMALLEST_FACE, torch.device("cpu"))
    template = view_template(size, MARGIN)
    crops, rows = [], []
    for number, picture in enumerate(pictures):
        progress(number + 1, len(pictures))
        try:
            image = picture.read()
        except UNREADABLE as problem:
            tell(f"skipped {picture.name}: {problem}")
            continue
        face = cut_face(detector, image)
        points = usual_points(image) if face is None else face.landmarks
        crops.append(grey(align(image, points.astype(np.float64), template, BORDER)))
        rows.append(number)
    side = template.size
    found = np.stack(crops) if crops else np.empty((0, side, side), dtype=np.uint8)
    return found, np.array(rows, dtype=np.int64)


def _write(file: Path, crops: NDArray[np.uint8], rows: NDArray[np.int64]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    with beside.open("wb") as handle:
        np.savez(handle, crops=crops, rows=rows)
    beside.replace(file)
