"""Faces with their surroundings, and the samples a network is taught with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.datasets.presentations import PadPresentation
from kiosk.inference.liveness.picture import surroundings
from kiosk.training.pad.simulation import Random, camera, simulate

SURROUNDINGS = 4.0
"""Sides of what is kept of a picture, in those of the face's box."""
MOST_SIDE = 320
PICTURES_A_CLIP = 8

FindFace = Callable[[Image], Box | None]
Read = Callable[[PadPresentation], Sequence[Frame]]


@dataclass(frozen=True, eq=False)
class KnownFace:
    """A face with its surroundings as JPEG, where it is in them, and whether it is alive.

    `source` is what it is drawn with equal chance by: a device, or a collection; `presentation` is
    the same for pictures of one presentation.
    """

    jpeg: bytes
    box: Box
    living: bool
    kind: str
    subject: str
    source: str
    group: str = ""
    presentation: str = ""

    @property
    def image(self) -> Image:
        """(height, width, 3) RGB."""
        data = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(data, dtype=np.uint8)[:, :, ::-1])


@dataclass(frozen=True, eq=False)
class Sample:
    """A crop (80, 80, 3), and 1 for a living face, 0 for an attack."""

    crop: Image
    living: float


def known_faces(
    presentations: Sequence[PadPresentation], read: Read, find: FindFace
) -> Iterator[KnownFace]:
    """The faces of presentations, a few of each; pictures without one are left out."""
    for number, shown in enumerate(presentations):
        for frame in read(shown):
            box = find(frame.image)
            if box is not None:
                yield _known(frame.image, box, shown, f"{shown.collection} {number}")


def some(count: int) -> list[int]:
    """Places of the pictures that are taken of `count`, evenly spread."""
    step = max(1.0, count / PICTURES_A_CLIP)
    return [int(k * step) for k in range(min(count, PICTURES_A_CLIP))]


def _known(image: Image, box: Box, shown: PadPresentation, presentation: str) -> KnownFace:
    height, width = image.shape[:2]
    x, y = box.x + box.width / 2, box.y + box.height / 2
    across, down = box.width * SURROUNDINGS / 2, box.height * SURROUNDINGS / 2
    left, top = int(max(0.0, x - across)), int(max(0.0, y - down))
    cut = image[top : int(min(height, y + down)), left : int(min(width, x + across))]
    scale = min(1.0, MOST_SIDE / max(cut.shape[:2]))
    small = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    place = Box(
        (box.x - left) * scale, (box.y - top) * scale, box.width * scale, box.height * scale
    )
    source = shown.device or shown.kind
    return KnownFace(
        data.tobytes(),
        place,
        shown.bona_fide,
        shown.kind,
        shown.subject,
        source,
        shown.group,
        presentation,
    )


class Sampler:
    """Draws samples: half living, half attacks, every source as often as every other.

    `simulated` is the share of simulated attacks among attacks. Raises ValueError without a living
    face.
    """

    def __init__(self, faces: Sequence[KnownFace], simulated: float, seed: int) -> None:
        self._living = _by_source([face for face in faces if face.living])
        self._attacks = _by_source([face for face in faces if not face.living])
        if not self._living:
            raise ValueError("there is no living face")
        self._simulated = simulated if self._attacks else 1.0
        self._random: Random = np.random.default_rng(seed)

    def draw(self) -> Sample:
        """The next sample."""
        random = self._random
        if random.random() < 0.5:
            face = self._one(self._living)
            return self._seen(face.image, face.box, 1.0)
        if random.random() < self._simulated:
            face, behind = self._one(self._living), self._one(self._living)
            made = simulate(face.image, face.box, behind.image, random)
            return self._seen(made.image, made.box, 0.0)
        face = self._one(self._attacks)
        return self._seen(face.image, face.box, 0.0)

    def _one(self, table: list[list[KnownFace]]) -> KnownFace:
        faces = table[int(self._random.integers(len(table)))]
        return faces[int(self._random.integers(len(faces)))]

    def _seen(self, image: Image, box: Box, living: float) -> Sample:
        """By some camera, the box a little off, perhaps mirrored."""
        random = self._random
        if random.random() < 0.85:
            image = camera(image, random)
        off = random.normal(0, 0.05, 4)
        box = Box(
            box.x + off[0] * box.width,
            box.y + off[1] * box.height,
            box.width * (1 + off[2]),
            box.height * (1 + off[3]),
        )
        crop = surroundings(image, box)
        return Sample(crop[:, ::-1].copy() if random.random() < 0.5 else crop, living)


def _by_source(faces: Sequence[KnownFace]) -> list[list[KnownFace]]:
    table: dict[str, list[KnownFace]] = {}
    for face in faces:
        table.setdefault(face.source, []).append(face)
    return list(table.values())
