"""Recipe of the cover head: `python -m kiosk.training.face.occlusion --help`.

Each free face is seen four times: as it is, in a poor picture, with something drawn over it, and
both. So blur, dark and tilt say nothing about covers, and what does is left for the regression.
A fifth of the people is held out and printed about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from safetensors.numpy import save
from sklearn.linear_model import LogisticRegression

from kiosk.core.errors import InputError
from kiosk.core.media import Image
from kiosk.core.progress import track
from kiosk.datasets.splits import kept_from_cover
from kiosk.inference.face.detection import Detection, FaceDetector
from kiosk.training.face.data import UNREADABLE, Picture, list_pictures
from kiosk.training.face.occlusion_synthesis import cover
from kiosk.training.loop import write_atomically

MARGIN = 0.15
"""Added on each side: faces in data sets are often cut closer than the detector likes."""
REGULARISATION = 1.0
"""scikit-learn's C; the features lie within a few tenths of zero, so less would fit nothing."""
_MIN_FACE = 60
_SEED = 1


@dataclass
class Examples:
    """What the regression learns from: features (256,), covered or not, person, kind."""

    features: list[NDArray[np.float32]] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    person: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)

    def add(self, face: Detection | None, covered: bool, person: str, kind: str) -> None:
        """Take one view; one the detector no longer calls a face teaches nothing."""
        if face is not None and face.features is not None:
            self.features.append(face.features)
            self.covered.append(covered)
            self.person.append(person)
            self.kind.append(kind)


def poorer(image: Image, rng: np.random.Generator) -> Image:
    """The picture darker, blurred, grainy or tilted, each sometimes."""
    height, width = image.shape[:2]
    out = image.astype(np.float32)
    if rng.random() < 0.5:
        out *= rng.uniform(0.2, 1.4)
    if rng.random() < 0.5:
        spread = rng.uniform(0.5, 0.02 * min(height, width))
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), spread), dtype=np.float32)
    if rng.random() < 0.5:
        out += rng.normal(0, rng.uniform(1, 10), size=out.shape)
    if rng.random() < 0.5:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-35, 35), 1.0)
        tilted = cv2.warpAffine(out, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        out = np.asarray(tilted, dtype=np.float32)
    return np.asarray(np.clip(out, 0, 255), dtype=np.uint8)


def look(
    detector: FaceDetector, picture: Picture, covered: bool, rng: np.random.Generator
) -> Iterator[tuple[Detection | None, bool, str]]:
    """The views of one picture: face, covered, kind."""
    image = picture.read()
    edge = round(MARGIN * max(image.shape[:2]))
    image = np.asarray(
        cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_REFLECT_101), dtype=np.uint8
    )
    found = detector.search(image)
    face = detector.refine(image, found[0].box) if found else None
    if face is None:
        return
    yield face, covered, "real"
    yield _again(detector, poorer(image, rng), face), covered, "real, poor picture"
    if not covered:
        drawn = cover(image, face.landmarks, rng)
        yield _again(detector, drawn, face), True, "drawn"
        yield _again(detector, poorer(drawn, rng), face), True, "drawn, poor picture"


def _again(detector: FaceDetector, image: Image, face: Detection) -> Detection | None:
    """The face near where it was; a tilt round the middle moves it less than O-Net minds."""
    return detector.refine(image, face.box)


def gather(
    detector: FaceDetector, pictures: Iterable[tuple[Picture, bool]], rng: np.random.Generator
) -> Examples:
    """The views of all pictures; unreadable ones are left out."""
    examples = Examples()
    for picture, covered in pictures:
        try:
            for face, is_covered, kind in look(detector, picture, covered, rng):
                examples.add(face, is_covered, picture.person, kind)
        except UNREADABLE:
            continue
    return examples


def fit(examples: Examples) -> tuple[NDArray[np.float32], float]:
    """Weights (256,) and offset, free and covered counting alike."""
    model = LogisticRegression(C=REGULARISATION, max_iter=5000, class_weight="balanced")
    model.fit(np.stack(examples.features), np.array(examples.covered))
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def part(examples: Examples, chosen: NDArray[np.bool_]) -> Examples:
    """Those rows."""
    rows = np.flatnonzero(chosen)
    return Examples(
        [examples.features[row] for row in rows],
        [examples.covered[row] for row in rows],
        [examples.person[row] for row in rows],
        [examples.kind[row] for row in rows],
    )


def report(examples: Examples) -> str:
    """By kind, how many of the held-out people's views are called covered at one half."""
    held = kept_from_cover(examples.person)
    is_held = np.array([person in held for person in examples.person])
    weight, offset = fit(part(examples, ~is_held))
    tested = part(examples, is_held)
    called = np.stack(tested.features) @ weight + offset > 0
    lines = []
    for covered in (False, True):
        for kind in sorted(set(tested.kind)):
            rows = [
                c == covered and k == kind for c, k in zip(tested.covered, tested.kind, strict=True)
            ]
            if any(rows):
                share = float(called[np.array(rows)].mean())
                word = "covered" if covered else "free"
                lines.append(f"{word}, {kind}: {share:.1%} of {sum(rows)} called covered")
    return "\n".join(lines)


def _sample(source: Path, limit: int, rng: np.random.Generator) -> list[Picture]:
    pictures = list_pictures(source)
    order = rng.permutation(len(pictures))[:limit]
    return [pictures[number] for number in order]


@click.command()
@click.option("--free", "free", type=click.Path(path_type=Path), multiple=True, required=True)
@click.option("--covered", type=click.Path(path_type=Path), multiple=True, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The head's file.")
@click.option("--limit", default=1600, help="Pictures of each source.", show_default=True)
def main(free: tuple[Path, ...], covered: tuple[Path, ...], out: Path, limit: int) -> None:
    """Make weights/face-cover.safetensors from folders of free and of covered faces.

    \b
    Example:
      python -m kiosk.training.face.occlusion --free lfw --free utkface/train.csv \\
        --covered masks/with_mask --out weights/face-cover.safetensors
    """
    rng = np.random.default_rng(_SEED)
    wanted = [(p, False) for source in free for p in _sample(source, limit, rng)]
    wanted += [(p, True) for source in covered for p in _sample(source, limit, rng)]
    detector = FaceDetector(_MIN_FACE)
    examples = gather(detector, track(wanted, "looking at faces", Console(stderr=True)), rng)
    if len(set(examples.covered)) < 2:
        raise InputError("There are no faces of both kinds.", "Give other folders.")
    click.echo(report(examples))
    weight, offset = fit(examples)
    write_atomically(out, save({"weight": weight, "offset": np.array([offset], dtype=np.float32)}))


if __name__ == "__main__":
    main()
