"""The real pictures a composite is mixed from, with 86 landmarks; in memory and cache only.

SCUT-FBP5500 comes with its landmarks. The UTKFace pictures get them in two steps: dlib's 68 points,
then the linear map from 68 to 86 that SCUT-FBP5500 teaches (there both sets of points are known).
"""

from __future__ import annotations

import csv
import io
import pickle
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Shape = NDArray[np.float32]

PERMITTED = {"AF": 1500, "AM": 1500, "CF": 550, "CM": 550}
"""The highest picture number of each SCUT-FBP5500 group that may be used for development."""

UTK_ZOOM = 2.0
"""UTKFace pictures are 128 px wide; dlib's detector wants larger faces."""
RACES = ("white", "black", "asian", "indian", "other")
UTK_GROUPS = {
    ("asian", "male"): (48, 75),
    ("asian", "female"): (42, 75),
    ("black", "female"): (22, 45),
    ("indian", "male"): (22, 45),
}
"""Youngest and oldest of the groups taken from there."""
UTK_LIMIT = 700
"""Pictures of one group; more only cost time."""


@dataclass(frozen=True, eq=False)
class Source:
    """One picture: `group` is SCUT's (AF, AM, CF, CM) or race-gender, `points` (86, 2)."""

    name: str
    group: str
    age: int
    image: Image
    points: Shape


def scut_points(path: Path) -> Shape:
    """The (86, 2) points of one landmark file: a 4-byte count, then little-endian floats."""
    return np.frombuffer(path.read_bytes()[4:][: 86 * 8], "<f4").reshape(86, 2).copy()


def scut(pictures: Path, landmarks: Path) -> Iterator[Source]:
    """Every permitted SCUT-FBP5500 picture that is really 350 px and has landmarks."""
    for path in sorted(pictures.glob("*.jpg")):
        group, number = path.stem[:2], int(path.stem[2:])
        if number > PERMITTED.get(group, 0):
            continue
        image = cv2.imread(str(path))
        marks = landmarks / f"{path.stem}.pts"
        if image is not None and marks.stat().st_size >= 4 + 86 * 8:  # one file is cut short
            yield Source(path.stem, group, 25, image, scut_points(marks))


def utk_pictures(folder: Path) -> Iterator[tuple[str, str, int, Image]]:
    """Name, race-gender, age and picture of the UTKFace people of the groups wanted."""
    count: Counter[tuple[str, str]] = Counter()
    rows = csv.DictReader(io.StringIO((folder / "train.csv").read_text()))
    with zipfile.ZipFile(folder / "train.zip") as archive:
        for row in rows:
            group = RACES[int(row["race"])], row["gender"]
            youngest, oldest = UTK_GROUPS.get(group, (1, 0))
            if not youngest <= int(row["age"]) <= oldest or count[group] >= UTK_LIMIT:
                continue
            count[group] += 1
            packed = np.frombuffer(archive.read(row["file"]), np.uint8)
            image = cv2.imdecode(packed, cv2.IMREAD_COLOR)
            yield row["file"], "-".join(group), int(row["age"]), image


class Landmarker:
    """dlib's 68 points of the one frontal face in a picture. Needs `pip install dlib-bin`."""

    def __init__(self, model: Path) -> None:
        import dlib

        self._detect = dlib.get_frontal_face_detector()
        self._predict = dlib.shape_predictor(str(model))

    def __call__(self, image: Image) -> Shape | None:
        """(68, 2) in pixels; None without exactly one face."""
        rgb = np.ascontiguousarray(image[..., ::-1])
        boxes = self._detect(rgb, 0)
        if len(boxes) != 1:
            return None
        shape = self._predict(rgb, boxes[0])
        return np.array([(p.x, p.y) for p in shape.parts()], np.float32)


def standard(points: Shape) -> tuple[Shape, Shape, float]:
    """Points moved to their centre and scaled to unit spread; also the centre and the spread."""
    centre = points.mean(0)
    spread = float(np.sqrt(((points - centre) ** 2).sum(1).mean()))
    return (points - centre) / spread, centre, spread


def fit_map(pairs: list[tuple[Shape, Shape]], ridge: float = 0.03) -> NDArray[np.float64]:
    """The (137, 172) least-squares map from 68 standardised points to 86 in the same frame."""
    rows, targets = [], []
    for given, wanted in pairs:
        unit, centre, spread = standard(given)
        rows.append(np.append(unit.ravel(), 1.0))
        targets.append(((wanted - centre) / spread).ravel())
    a, b = np.array(rows, np.float64), np.array(targets, np.float64)
    return np.linalg.solve(a.T @ a + ridge * np.eye(a.shape[1]), a.T @ b)


def apply_map(given: Shape, matrix: NDArray[np.float64]) -> Shape:
    """86 points out of 68."""
    unit, centre, spread = standard(given)
    moved = (np.append(unit.ravel(), 1.0) @ matrix).reshape(86, 2)
    return (moved * spread + centre).astype(np.float32)


def gather(
    shared: Path, pictures: Path, landmarks: Path, model: Path, every: int = 8
) -> list[Source]:
    """All sources. Every `every`-th SCUT picture teaches the map; takes minutes, so cache it."""
    find = Landmarker(model)
    found = list(scut(pictures, landmarks))
    pairs = [(p, s.points) for s in found[::every] if (p := find(s.image)) is not None]
    matrix = fit_map(pairs)
    for name, group, age, image in utk_pictures(shared / "data/faces/utkface"):
        large = cv2.resize(image, None, fx=UTK_ZOOM, fy=UTK_ZOOM, interpolation=cv2.INTER_CUBIC)
        seen = find(large)
        if seen is not None:
            found.append(
                Source(name, group, age, image, (apply_map(seen, matrix) + 0.5) / UTK_ZOOM - 0.5)
            )
    return found


class Store:
    """The sources by group, found once and then kept in a folder outside the checkout."""

    def __init__(
        self, folder: Path, shared: Path | None = None, scut_folder: Path | None = None
    ) -> None:
        self.folder, self._shared, self._scut = folder, shared, scut_folder

    def _path(self, group: str) -> Path:
        return self.folder / f"sources-{group}.pkl"

    def sources(self, group: str) -> list[Source]:
        """All pictures of one group."""
        if not self._path(group).exists():
            self._fill()
        rows = pickle.loads(self._path(group).read_bytes())  # noqa: S301 - our own file
        return [Source(*row) for row in rows]

    def _fill(self) -> None:
        if self._shared is None or self._scut is None:
            raise SystemExit("No sources in the cache: run `python tools/demo_people` first.")
        import face_recognition_models

        model = Path(face_recognition_models.pose_predictor_model_location())
        found = gather(self._shared, self._scut / "Images", self._scut / "facial landmark", model)
        for group in {source.group for source in found}:
            rows = [(s.name, s.group, s.age, s.image, s.points) for s in found if s.group == group]
            self._path(group).write_bytes(pickle.dumps(rows))
