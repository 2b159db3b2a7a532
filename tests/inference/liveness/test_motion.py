"""A photograph moved by hand, a frozen picture and a head, as optical flow sees them."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile

import numpy as np
import pytest

from kiosk.capture.media import MediaSource
from kiosk.core.liveness import MotionStep
from kiosk.core.media import Frame
from kiosk.core.samples import Box
from kiosk.evaluation.pad.composed import hand_held
from kiosk.inference.liveness.motion import SIDE, FlowMotion
from kiosk.recognition.liveness import STILL_SCORE, motion_score
from tests.support.faces import detector
from tests.support.paths import ROOT

INTERVAL = 0.2


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
    views = [motion.view(frame, box) for frame, box in shown]
    return [motion.compare(one, two) for one, two in zip(views, views[3:], strict=False)]


def test_a_view_is_the_face_at_one_size() -> None:
    frame, box = demo("bawi-1.mp4")[0]
    small = Frame(frame.image[::2, ::2], 0.0)
    half = Box(box.x / 2, box.y / 2, box.width / 2, box.height / 2)
    one, two = FlowMotion().view(frame, box), FlowMotion().view(small, half)
    assert one.shape == two.shape == (SIDE, SIDE)
    assert float(np.abs(one.astype(float) - two).mean()) < 6.0


def test_a_person_who_moves_is_no_photograph() -> None:
    score = motion_score(steps(demo("bawi-1.mp4")))
    assert score is not None
    assert score > 1.0


def test_a_photograph_moved_by_hand_is_flat() -> None:
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


def test_a_face_without_a_corner_says_how_much_changed_and_no_more() -> None:
    plain = np.full((SIDE, SIDE), 90, dtype=np.uint8)
    step = FlowMotion().compare(plain, plain + 10)
    assert (step.bend, step.shape) == (None, None)
    assert step.change == pytest.approx(10.0, abs=0.01)
