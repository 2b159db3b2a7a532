"""Copies of one photograph, and pictures that are none."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.capture.images import ImagesSource, read_picture
from kiosk.capture.media import MediaSource
from kiosk.core.errors import EnrolmentRefused
from kiosk.core.media import Frame
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.copies import Copies
from kiosk.enrolment.enroller import Enroller
from kiosk.recognition.identification import Identifier
from kiosk.storage import MemoryGallery
from tests.support.paths import DEMO
from tests.support.recordings import frames
from tests.support.scripted import Script, scripted_models

STILL = DEMO / "stills" / "bawi.jpg"


def sent_on(share: float, quality: int) -> np.ndarray:
    """The still as a messenger makes it: smaller, and compressed once more."""
    with Image.open(STILL) as still:
        small = still.resize((round(still.width * share), round(still.height * share)))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def test_a_copy_is_known_however_it_was_sent_on_and_other_moments_are_not() -> None:
    copies = Copies()
    assert not copies.is_one(read_picture(STILL))
    for share, quality in ((1.0, 95), (1.0, 60), (1.0, 30), (0.7, 80), (0.5, 80)):
        assert copies.is_one(sent_on(share, quality)), (share, quality)
    film = frames(MediaSource(DEMO / "bawi-2.mp4").events())[::5]
    assert [copies.is_one(frame.image) for frame in film] == [False] * len(film)


def test_copies_in_a_folder_count_once_and_are_told(tmp_path: Path) -> None:
    models = scripted_models(Script())
    for number in range(6):
        look = np.zeros((64, 64, 3), np.uint8)
        look[32:, :, :] = 40 * min(number, 3)  # the last three are copies of the one before
        Image.fromarray(look).save(tmp_path / f"{number}.png")
    collector = Collector(models)
    collector.read(ImagesSource(tmp_path))
    assert len(collector.collected.faces) == 4
    assert collector.collected.copies == 2
    gallery = MemoryGallery()
    enroller = Enroller(models, Identifier(models, gallery, Policy()), gallery, Settings())
    with pytest.raises(EnrolmentRefused, match=r"4 usable face samples.*copies of another 2"):
        enroller.enrol("Alice", collector.collected, "file")


def test_what_stands_still_in_a_film_is_no_copy() -> None:
    collector = Collector(scripted_models(Script()))
    for k in range(50):
        collector.feed(Frame(np.zeros((64, 64, 3), np.uint8), k / 25, k))
    assert collector.collected.copies == 0
    assert len(collector.collected.faces) > 10
