"""Finding a real face and its landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.samples import Box
from kiosk.inference.face.detection import Detection, _in_planes
from kiosk.inference.face.tracking import overlap
from tests.support import faces


@pytest.fixture(scope="module")
def found() -> Detection:
    (face,) = faces.detector().search(faces.portrait())
    return face


def test_landmarks_are_where_the_face_is(found: Detection) -> None:
    left, right, nose, mouth_left, mouth_right = found.landmarks
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < mouth_right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    assert 150 < found.box.width < 220
    assert found.probability > 0.99


def test_refining_agrees_with_searching(found: Detection) -> None:
    refined = faces.detector().refine(faces.portrait(), found.box)
    assert refined is not None
    eyes = np.linalg.norm(found.landmarks[1] - found.landmarks[0])
    error = np.linalg.norm(refined.landmarks - found.landmarks, axis=1).mean() / eyes
    assert error < 0.06
    assert refined.features is not None
    assert refined.features.shape == (256,)


@pytest.mark.parametrize(("x", "y"), [(0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)])
def test_refining_mends_a_box_that_is_off(found: Detection, x: float, y: float) -> None:
    box = found.box
    side = box.height
    off = Box(box.x + x * side, box.y + y * side, box.width, box.height)
    refined = faces.detector().refine(faces.portrait(), off)
    assert refined is not None
    assert overlap(refined.box, box) > 0.75


def test_nothing_is_found_where_there_is_nobody() -> None:
    assert faces.detector().search(faces.blank()) == []
    assert faces.detector().refine(faces.blank(), Box(100, 100, 150, 180)) is None


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 2000, 3), (2000, 1, 3), (21, 21, 3)])
def test_odd_pictures_hold_no_face(shape: tuple[int, int, int]) -> None:
    assert faces.detector().search(np.zeros(shape, dtype=np.uint8)) == []


def test_a_large_picture_is_searched_small_and_answered_large() -> None:
    (face,) = faces.detector().search(faces.scaled(faces.portrait(), 3.0))
    assert 450 < face.box.width < 660


def test_somebody_far_away_in_a_large_still_is_found_and_measured_at_its_own_scale() -> None:
    """Telephones take 4000 pixels and more; shrunk to a film's this face would be too small."""
    still = np.full((3000, 4000, 3), 110, np.uint8)
    person = faces.scaled(faces.portrait(), 0.55)
    still[1500 : 1500 + person.shape[0], 1800 : 1800 + person.shape[1]] = person
    (face,) = faces.detector().search(still)
    assert 80 < face.box.width < 125
    assert 1800 < face.centre[0] < 1800 + person.shape[1]
    shrunk = faces.detector().search(faces.scaled(still, 0.48))
    assert all(each.box.width < 60 for each in shrunk)


@pytest.mark.parametrize("share", [0.2, 0.35])
def test_a_face_cut_off_is_found_and_reaches_outside(found: Detection, share: float) -> None:
    cut = int(found.box.x + share * found.box.width)
    (face,) = faces.detector().search(np.ascontiguousarray(faces.portrait()[:, cut:]))
    assert face.box.x < -0.5 * share * found.box.width


def test_a_picture_in_planes_is_the_same_picture(rng: np.random.Generator) -> None:
    """Another order in memory alone, in which the cascade makes its smaller pictures faster."""
    image = rng.integers(0, 256, (7, 5, 3), dtype=np.uint8)
    planes = _in_planes(image)
    assert np.array_equal(planes.numpy(), image)
    assert planes.permute(2, 0, 1).is_contiguous()
