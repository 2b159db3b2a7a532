"""Small pictures of faces: cut out, coded, and only where the operator chose so."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.core.media import Frame
from kiosk.core.samples import Box, FaceOutcome, FaceSample
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.enrolment.portrait import SIDE, BestPortrait, jpeg, portrait
from kiosk.recognition.identification import Identifier
from tests.support.scripted import FPS, Script, picture, scripted_models, sound
from tests.support.storage_support import open_in


def seen(box: Box, quality: float = 0.5, shade: int = 40) -> FaceSample:
    """A light face on a dark ground."""
    image = np.full((360, 640, 3), shade, np.uint8)
    top, left = int(box.y), int(box.x)
    image[max(0, top) : top + int(box.height), left : left + int(box.width)] = (200, 120, 60)
    return FaceSample(Frame(image, 0.0), FaceOutcome.USABLE, None, quality, box)


@pytest.mark.parametrize(
    "box", [Box(250, 100, 120, 150), Box(0, 0, 120, 150), Box(560, 250, 80, 110)]
)
def test_a_portrait_is_square_and_shows_the_face(box: Box) -> None:
    cut = portrait(seen(box))
    assert cut.shape[0] == cut.shape[1]
    assert (cut == (200, 120, 60)).all(axis=2).mean() > 0.3


def test_a_jpeg_keeps_size_and_colours() -> None:
    coded = jpeg(portrait(seen(Box(250, 100, 120, 150))))
    assert len(coded) < 10_000
    decoded = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (SIDE, SIDE, 3)
    blue, green, red = (int(value) for value in decoded[SIDE // 2, SIDE // 2])
    assert (red, green, blue) == pytest.approx((200, 120, 60), abs=12)


def test_the_best_is_kept() -> None:
    best = BestPortrait()
    assert best.jpeg() is None
    box = Box(250, 100, 120, 150)
    best.offer(seen(box, 0.9, shade=0))
    first = best.jpeg()
    best.offer(seen(box, 0.4, shade=250))
    assert best.jpeg() == first


@pytest.mark.parametrize(("keep", "count"), [(False, 0), (True, 1)])
def test_only_where_the_operator_chose_so(tmp_path: Path, keep: bool, count: int) -> None:
    gallery, models = open_in(tmp_path), scripted_models(Script())
    collector = Collector(models)
    for k in range(4 * FPS):
        collector.feed(picture(0, k / FPS, k))
        collector.feed(sound(1, k / FPS))
    collector.flush()
    identifier = Identifier(models, gallery, Policy())
    enroller = Enroller(models, identifier, gallery, Settings(keep_pictures=keep))
    enroller.enrol("Alice", collector.collected, "file")
    assert len(gallery.pictures([1])) == count
    gallery.close()
