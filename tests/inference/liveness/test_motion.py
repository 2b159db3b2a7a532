"""A photograph moved by hand, a frozen picture and a head, as optical flow sees them."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile

import numpy as np
import pytest

from kiosk.capture.media import MediaSource
from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.evaluation.pad.composed import hand_held
from kiosk.inference.liveness.motion import FlowMotion
from kiosk.recognition.motion_evidence import STILL_SCORE, motion_score
from tests.support.faces import detector
from tests.support.paths import ROOT

INTERVAL = 0.2
APART = 4
"""Pictures between the two that are compared."""


@lru_cache(maxsize=2)
def demo(name: str) -> tuple[tuple[Frame, Box], ...]:
    """Frames of a demo person, one every 0.2 s, and where the face is."""
    with MediaSource(ROOT / "assets" / "demo" / name) as source:
        pictures = (event for event in source.events() if isinstance(event, Frame))
        shown = list(takewhile(lambda frame: frame.time < 2.6, pictures))
    return boxed(shown[:: round(INTERVAL * len(shown) / 2.6)])


def boxed(frames: list[Frame]) -> tuple[tuple[Frame, Box], ...]:
    found: list[tuple[Frame, Box]] = []
    for frame in frames:
        near = detector().refine(frame.image, found[-1][1]) if found else None
        face = near or detector().search(frame.image)[0]
        found.append((frame, face.box))
    return tuple(found)


def steps(shown: tuple[tuple[Frame, Box], ...]) -> list[MotionStep]:
    motion = FlowMotion()
    pairs = zip(shown, shown[APART:], strict=False)
    return [motion.compare(one, box, two) for (one, box), (two, _) in pairs]


def wall(seed: int = 3) -> Image:
    """A picture with corners everywhere."""
    tiles = np.random.default_rng(seed).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    return np.ascontiguousarray(np.kron(tiles, np.ones((16, 16, 1), dtype=np.uint8)))


BOX = Box(270, 190, 100, 120)


def test_who_stands_nearer_is_measured_alike() -> None:
    (frame, box), (later, _) = demo("bawi-1.mp4")[0], demo("bawi-1.mp4")[APART]
    small = [Frame(one.image[::2, ::2], one.time) for one in (frame, later)]
    half = Box(box.x / 2, box.y / 2, box.width / 2, box.height / 2)
    one = FlowMotion().compare(frame, box, later)
    two = FlowMotion().compare(small[0], half, small[1])
    assert one.moved is not None
    assert two.moved == pytest.approx(one.moved, rel=0.2)


def test_a_person_who_moves_is_no_photograph() -> None:
    score = motion_score(steps(demo("bawi-1.mp4")))
    assert score is not None
    assert score > 2.0


def test_a_photograph_that_fills_the_view_and_is_moved_by_hand_is_flat() -> None:
    frame, _ = demo("bawi-1.mp4")[5]
    times = [number * INTERVAL for number in range(13)]
    scores = []
    for seed in (1, 4, 6):
        pictures = hand_held(frame.image, times, seed)
        shown = [Frame(image, time) for image, time in zip(pictures, times, strict=True)]
        scores.append(motion_score(steps(boxed(shown))))
    assert [score for score in scores if score is None or score > -1.0] == []


def test_a_frozen_picture_is_still() -> None:
    frame, box = demo("bawi-1.mp4")[0]
    assert motion_score(steps(((frame, box),) * 8)) == STILL_SCORE


def test_what_moves_before_a_wall_that_stands_moves_against_it() -> None:
    before, after = wall(), wall()
    face = before[190:310, 270:370].copy()
    after[194:314, 274:374] = face
    step = FlowMotion().compare(Frame(before, 0.0), BOX, Frame(after, 0.8))
    assert step.behind == pytest.approx(0.0, abs=0.1)
    assert step.against is not None
    assert step.moved is not None
    assert step.against == pytest.approx(step.moved, rel=0.15)
    assert step.moved == pytest.approx(np.hypot(4, 4) / 120 * 100, rel=0.1)


def test_what_moves_with_all_that_is_seen_moves_against_nothing() -> None:
    before = wall()
    after = np.roll(before, (4, 4), axis=(0, 1))
    step = FlowMotion().compare(Frame(before, 0.0), BOX, Frame(after, 0.8))
    assert step.moved is not None
    assert step.behind == pytest.approx(step.moved, abs=0.1)
    assert step.against == pytest.approx(0.0, abs=0.1)
    assert step.bend is not None
    assert step.bend < 0.1 * step.moved


def test_before_a_plain_wall_nothing_is_said_of_what_lies_behind() -> None:
    noise = np.random.default_rng(5)
    plain = [noise.integers(118, 138, (480, 640, 3), dtype=np.uint8) for _ in range(2)]
    for image, (x, y) in zip(plain, ((270, 190), (273, 192)), strict=True):
        image[y : y + 120, x : x + 100] = wall()[190:310, 270:370]
    step = FlowMotion().compare(Frame(plain[0], 0.0), BOX, Frame(plain[1], 0.8))
    assert step.moved is not None
    assert (step.against, step.behind) == (None, None)


def test_a_face_without_a_corner_says_how_much_changed_and_no_more() -> None:
    plain = np.full((480, 640, 3), 90, dtype=np.uint8)
    step = FlowMotion().compare(Frame(plain, 0.0), BOX, Frame(plain + 10, 0.8))
    assert (step.moved, step.bend, step.against, step.behind) == (None,) * 4
    assert step.change == pytest.approx(10.0, abs=0.01)


def test_a_face_at_the_edge_of_the_picture_is_looked_at_inside_it() -> None:
    image = wall()
    step = FlowMotion().compare(Frame(image, 0.0), Box(-300, -300, 100, 120), Frame(image, 0.8))
    assert step == MotionStep(0.0)
