"""Following one face: same track, few searches, no jump to somebody else unnoticed."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.media import Frame, Image
from kiosk.inference.face.detection import Detection, FaceDetector
from kiosk.inference.face.tracking import FaceTracker, likeness, nearness, overlap
from tests.support import faces


class CountingDetector(FaceDetector):
    """The real detector; counts its searches."""

    def __init__(self) -> None:
        super().__init__(60)
        self.searches = 0

    def search(self, image: Image) -> list[Detection]:
        self.searches += 1
        return super().search(image)


@pytest.fixture
def detector() -> CountingDetector:
    return CountingDetector()


def test_a_moving_face_is_followed_without_searching(detector: CountingDetector) -> None:
    images = [faces.shifted(faces.portrait(), 4 * step, 2 * step) for step in range(16)]
    tracker = FaceTracker(detector, every=8)
    followed = [tracker.follow(frame) for frame in faces.frames(images)]
    assert detector.searches == 2
    assert {one.track for one in followed if one} == {1}
    first, last = followed[0], followed[-1]
    assert first is not None
    assert last is not None
    moved = (last.face.landmarks - first.face.landmarks).mean(axis=0)
    assert np.allclose(moved, [60, 30], atol=3)


def test_stills_are_each_searched(detector: CountingDetector) -> None:
    tracker = FaceTracker(detector, every=8)
    for frame in faces.frames([faces.portrait()] * 4, step=0.2):
        tracker.follow(frame)
    assert detector.searches == 4


def test_an_empty_place_is_searched_ten_times_a_second(detector: CountingDetector) -> None:
    tracker = FaceTracker(detector, every=8)
    seen = [tracker.follow(frame) for frame in faces.frames([faces.blank()] * 25)]
    assert seen == [None] * 25
    assert detector.searches == 9


def test_another_face_in_the_same_place_is_another_track(detector: CountingDetector) -> None:
    mirrored = np.ascontiguousarray(faces.portrait()[::-1, ::-1][::-1])
    other = np.ascontiguousarray(255 - mirrored)
    tracker = FaceTracker(detector, every=100)
    first = tracker.follow(Frame(faces.portrait(), 0.0))
    second = tracker.follow(Frame(other, 0.04))
    assert first is not None
    assert second is None or second.track != first.track


def test_a_face_that_left_and_came_back_is_a_new_track(detector: CountingDetector) -> None:
    tracker = FaceTracker(detector, every=4)
    images = [faces.portrait(), faces.blank(), faces.blank(), faces.blank(), faces.portrait()]
    tracks = [f.track if f else 0 for f in map(tracker.follow, faces.frames(images))]
    assert tracks == [1, 0, 0, 0, 2]


def test_time_that_jumps_begins_anew(detector: CountingDetector) -> None:
    tracker = FaceTracker(detector, every=100)
    tracks = []
    for time in (10.0, 10.04, 3.0, 3.04, 9.0):
        followed = tracker.follow(Frame(faces.portrait(), time))
        tracks.append(followed.track if followed else 0)
    assert tracks == [1, 1, 2, 2, 3]


def test_the_nearest_of_two_is_followed(detector: CountingDetector) -> None:
    small = faces.scaled(faces.portrait(), 0.5)
    wide = np.full((600, 512 + 256, 3), 90, dtype=np.uint8)
    wide[:, :512] = faces.portrait()
    wide[:300, 512:] = small
    followed = FaceTracker(detector, every=8).follow(Frame(wide, 0.0))
    assert followed is not None
    assert followed.face.box.x < 300
    assert [other.box.x > 512 for other in followed.others] == [True]


def test_likeness_tells_a_face_from_its_mirror_and_itself() -> None:
    tracker = FaceTracker(faces.detector(), every=8)
    followed = tracker.follow(Frame(faces.portrait(), 0.0))
    assert followed is not None
    assert likeness(followed.view, followed.view) == pytest.approx(1.0, abs=1e-3)
    assert likeness(followed.view, np.ascontiguousarray(followed.view[::-1])) < 0.5


def test_overlap_and_nearness() -> None:
    (face,) = faces.detector().search(faces.portrait())
    assert overlap(face.box, face.box) == pytest.approx(1.0)
    centred = nearness(face, (2 * int(face.centre[1]), 2 * int(face.centre[0])))
    assert centred == pytest.approx(face.box.width, rel=0.01)
    assert nearness(face, (4000, 4000)) < centred
