"""The faces a recipe learns from: found once in every collection, kept in a folder.

A collection becomes one file of small pictures with where the face is; it is made again when the
collection's files change. Pictures that cannot be read or show no face are counted and told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path

import cv2
import numpy as np

from kiosk.capture.media import MediaSource
from kiosk.capture.picture import decode_picture
from kiosk.core.errors import CaptureError, InputError
from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.datasets.collections import Kind, read_collection
from kiosk.datasets.presentations import BONA_FIDE, PadPresentation
from kiosk.datasets.tight_crops import cut_face
from kiosk.inference.face.detection import Detection, FaceDetector
from kiosk.training.pad.samples import KnownFace, known_faces, some

Tell = Callable[[str], None]
Progress = Callable[[int, int], None]

_FORMAT = 1
_SMALLEST_FACE = 40
_MOST_SEARCHED = 1280
"""Longer side to which a picture is brought before its face is looked for."""
_CUT_SIDE = 200
"""Pictures as small as this have been cut to one face."""
_MOST_SECONDS = 12.0
"""Of a clip that are looked at."""


def living_pictures(path: Path, most: int, seed: int) -> list[PadPresentation]:
    """Single pictures of living faces out of a collection, at most so many; groups count alike.

    Raises InputError.
    """
    found = read_collection(path).of(Kind.PICTURE)
    random = np.random.default_rng(seed)
    groups: dict[str, list[int]] = {}
    for place, item in enumerate(found.items):
        groups.setdefault(item.group, []).append(place)
    each = max(1, most // len(groups))
    places = sorted(
        int(place)
        for part in groups.values()
        for place in random.permutation(part)[: min(each, len(part))]
    )
    return [
        PadPresentation(
            BONA_FIDE,
            (found.items[place],),
            f"{found.name} {found.items[place].subject}",
            found.name,
            found.items[place].group,
            collection=found.name,
        )
        for place in places
    ]


def prepare(
    presentations: Sequence[PadPresentation],
    name: str,
    cache: Path,
    tell: Tell,
    progress: Progress = lambda done, total: None,
) -> list[KnownFace]:
    """The faces of one collection, from `cache` where they have been found before."""
    file = cache / f"{name}-{_digest(presentations)}.npz"
    if not file.is_file():
        finder = _Finder(tell, progress, len(presentations))
        faces = list(known_faces(presentations, finder.read, finder.find))
        tell(f"{name}: {len(faces)} faces, {finder.missed} pictures without one")
        _write(file, faces)
    return _read(file)


def _digest(presentations: Sequence[PadPresentation]) -> str:
    lines = [f"{shown.kind} {item.name}" for shown in presentations for item in shown.items]
    return hashlib.sha256("\n".join([str(_FORMAT), *lines]).encode()).hexdigest()[:16]


class _Finder:
    """Reads presentations and finds the largest face in each picture."""

    def __init__(self, tell: Tell, progress: Progress, total: int) -> None:
        self._detector = FaceDetector(_SMALLEST_FACE)
        self._tell, self._progress = tell, progress
        self._total, self._done = total, 0
        self._last: Box | None = None
        self.missed = 0

    def read(self, shown: PadPresentation) -> list[Frame]:
        """Some of its pictures; none, which is told, where it cannot be read."""
        self._done += 1
        self._last = None
        self._progress(self._done, self._total)
        try:
            return _film(shown) if shown.clip else _pictures(shown)
        except (InputError, CaptureError, OSError, ValueError, KeyError) as error:
            self._tell(f"skipped {shown.items[0].name}: {error}")
            return []

    def find(self, image: Image) -> Box | None:
        """The largest face; of a picture cut to one face, that one."""
        scale = min(1.0, _MOST_SEARCHED / max(image.shape[:2]))
        small: Image = image
        if scale < 1:
            small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale), dtype=np.uint8)
        face = self._face(small)
        if face is None:
            self.missed += 1
            return None
        self._last = face.box
        box = face.box
        return Box(box.x / scale, box.y / scale, box.width / scale, box.height / scale)

    def _face(self, image: Image) -> Detection | None:
        """Near where it was in the picture before of the same presentation, or anywhere."""
        if self._last is not None:
            near = self._detector.refine(image, self._last)
            if near is not None:
                return near
        if max(image.shape[:2]) <= _CUT_SIDE:
            return cut_face(self._detector, image)
        found = self._detector.search(image)
        return found[0] if found else None


def _pictures(shown: PadPresentation) -> list[Frame]:
    places = some(len(shown.items))
    return [
        Frame(decode_picture(shown.items[k].content(), shown.items[k].name), float(k), k)
        for k in places
    ]


def _film(shown: PadPresentation) -> list[Frame]:
    frames = []
    with MediaSource(shown.items[0].path) as source:
        for event in source.events():
            if isinstance(event, Frame):
                if event.time > _MOST_SECONDS:
                    break
                frames.append(event)
    return [frames[k] for k in some(len(frames))]


def _write(file: Path, faces: Sequence[KnownFace]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    pixels = np.frombuffer(b"".join(face.jpeg for face in faces), dtype=np.uint8)
    about = [
        [face.living, face.kind, face.subject, face.source, face.group, face.presentation]
        for face in faces
    ]
    with beside.open("wb") as handle:
        np.savez(
            handle,
            pixels=pixels,
            sizes=np.array([len(face.jpeg) for face in faces], dtype=np.int64),
            boxes=np.array([astuple(face.box) for face in faces], dtype=np.float64).reshape(-1, 4),
            about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        )
    beside.replace(file)


def _read(file: Path) -> list[KnownFace]:
    with np.load(file) as kept:
        pixels, sizes, boxes = kept["pixels"].tobytes(), kept["sizes"], kept["boxes"]
        about = json.loads(kept["about"].tobytes())
    ends = np.cumsum(sizes)
    return [
        KnownFace(pixels[int(end - size) : int(end)], Box(*map(float, box)), *words)
        for end, size, box, words in zip(ends, sizes, boxes, about, strict=True)
    ]
