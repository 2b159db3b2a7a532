"""From a picture to an outcome code, with the real detector on a real face."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.core import samples
from kiosk.core.face_alignment import similarity
from kiosk.core.media import Frame, Image, Points
from kiosk.core.samples import FaceOutcome, Hint
from kiosk.core.settings import Settings
from kiosk.inference.face.attributes import view_template
from kiosk.inference.face.geometry.alignment import ARCFACE_112, CHIP_150
from kiosk.inference.face.geometry.face_view import face_view
from kiosk.inference.face.pipeline import TrackedFacePipeline
from tests.support import faces

CUT = 60


@pytest.fixture
def path() -> TrackedFacePipeline:
    return TrackedFacePipeline(faces.detector(), Settings())


def blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 9), dtype=np.uint8)


def lit(image: Image, factor: float) -> Image:
    return np.asarray(np.clip(image * factor, 0, 255), dtype=np.uint8)


def test_a_portrait_is_usable(path: TrackedFacePipeline) -> None:
    sample = path.look(Frame(faces.portrait(), 0.0))
    assert (sample.outcome, sample.hint, sample.face_count) == (FaceOutcome.USABLE, None, 1)
    assert sample.quality > 0.85
    assert sample.pose is not None
    assert abs(sample.pose.yaw) < 10
    assert sample.box is not None
    assert sample.landmarks is not None


def test_nobody(path: TrackedFacePipeline) -> None:
    sample = path.look(Frame(faces.blank(), 0.0))
    assert (sample.outcome, sample.hint) == (FaceOutcome.NO_FACE, Hint.STEP_UP)
    assert (sample.box, sample.landmarks, sample.pose) == (None, None, None)


SPOILT: dict[str, Callable[[Image], Image]] = {
    "two": lambda image: np.hstack([image, image]),
    "cut": lambda image: np.ascontiguousarray(image[:, 175 + CUT :]),
    "small": lambda image: faces.scaled(image, 0.28),
    "tilted": lambda image: faces.turned(image, 55),
    "dark": lambda image: lit(image, 0.1),
    "bright": lambda image: lit(image, 4.0),
    "blurred": blurred,
}


@pytest.mark.parametrize(
    ("kind", "outcome", "hint"),
    [
        ("two", FaceOutcome.SEVERAL_FACES, Hint.ONE_PERSON),
        ("cut", FaceOutcome.CUT_OFF, Hint.MOVE_TO_CENTRE),
        ("small", FaceOutcome.TOO_SMALL, Hint.COME_CLOSER),
        ("tilted", FaceOutcome.TURNED_OR_COVERED, Hint.LOOK_HERE),
        ("dark", FaceOutcome.POOR_PICTURE, Hint.MORE_LIGHT),
        ("bright", FaceOutcome.POOR_PICTURE, Hint.LESS_LIGHT),
        ("blurred", FaceOutcome.POOR_PICTURE, Hint.HOLD_STILL),
    ],
)
def test_spoilt_pictures(
    path: TrackedFacePipeline, kind: str, outcome: FaceOutcome, hint: Hint
) -> None:
    sample = path.look(Frame(SPOILT[kind](faces.portrait()), 0.0))
    assert (sample.outcome, sample.hint) == (outcome, hint)


def masked(image: Image) -> Image:
    """A medical mask, drawn from the landmarks."""
    (face,) = faces.detector().search(image)
    eyes, mouth = face.landmarks[:2], face.landmarks[3:]
    centre, across = eyes.mean(axis=0), eyes[1] - eyes[0]
    down = (mouth.mean(axis=0) - centre) / 1.07
    corners = [(-0.85, 0.4), (0, 0.3), (0.85, 0.4), (0.7, 1.5), (0, 1.9), (-0.7, 1.5)]
    polygon = np.array([centre + x * across + y * down for x, y in corners])
    picture = image.copy()
    cv2.fillPoly(picture, [np.round(polygon).astype(np.int32)], (180, 205, 215))
    return picture


def test_a_mask_is_noticed(path: TrackedFacePipeline) -> None:
    sample = path.look(Frame(masked(faces.portrait()), 0.0))
    assert (sample.outcome, sample.hint) == (FaceOutcome.TURNED_OR_COVERED, Hint.UNCOVER_FACE)


def test_reset_begins_a_new_track(path: TrackedFacePipeline) -> None:
    first = path.look(Frame(faces.portrait(), 0.0))
    path.reset()
    second = path.look(Frame(faces.portrait(), 0.04))
    assert second.track == first.track + 1


def test_someone_far_behind_does_not_disturb(path: TrackedFacePipeline) -> None:
    picture = np.full((600, 768, 3), 90, dtype=np.uint8)
    picture[:, :512] = faces.portrait()
    picture[:300, 512:] = faces.scaled(faces.portrait(), 0.5)
    sample = path.look(Frame(picture, 0.0))
    assert (sample.outcome, sample.face_count) == (FaceOutcome.USABLE, 2)


def read_frames(clip: Path) -> list[Frame]:
    with av.open(str(clip)) as container:
        decoded = enumerate(container.decode(video=0))
        return [
            Frame(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8), number / 25, number)
            for number, picture in decoded
        ]


@pytest.mark.shared
def test_talking_heads_are_followed_as_one_track(shared: Path, path: TrackedFacePipeline) -> None:
    for clip in sorted((shared / "data" / "clips" / "grid").glob("*.mpg"))[:3]:
        path.reset()
        samples = [path.look(frame) for frame in read_frames(clip)]
        assert len({sample.track for sample in samples}) == 1
        usable = sum(sample.outcome is FaceOutcome.USABLE for sample in samples)
        assert usable >= 0.9 * len(samples)


@pytest.mark.shared
def test_following_agrees_with_searching_every_frame(shared: Path) -> None:
    clip = sorted((shared / "data" / "clips" / "grid").glob("*.mpg"))[0]
    path = TrackedFacePipeline(faces.detector(), Settings())
    errors = []
    for frame in read_frames(clip)[:40]:
        sample = path.look(frame)
        (full,) = faces.detector().search(frame.image)
        assert sample.landmarks is not None
        eyes = np.linalg.norm(full.landmarks[1] - full.landmarks[0])
        errors.append(np.linalg.norm(sample.landmarks - full.landmarks, axis=1).mean() / eyes)
    assert np.mean(errors) < 0.035
    assert np.max(errors) < 0.1


def test_one_fit_of_a_face_serves_detector_embedder_and_attributes(
    path: TrackedFacePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits: list[Points] = []

    def counted(points: Points, target: NDArray[np.float64]) -> NDArray[np.float64]:
        fits.append(points)
        return similarity(points, target)

    monkeypatch.setattr(samples, "similarity", counted)
    sample = path.look(Frame(faces.portrait(), 0.0))
    assert sample.located is not None
    for template in (ARCFACE_112, CHIP_150, view_template(104), ARCFACE_112):
        face_view(sample.located, template)
    assert len(fits) == 1
