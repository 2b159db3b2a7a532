"""Cameras: found by name, refused with a name for why, read through OpenCV."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture import webcam
from kiosk.capture.live import DeviceSource
from kiosk.capture.webcam import CameraInfo, Places, Webcam, is_black, list_cameras
from kiosk.core.errors import CaptureError, DeviceBusy, DeviceForbidden, DeviceMissing, DeviceSilent
from kiosk.core.media import Frame
from tests.support.recordings import frames, make_clip

NOBODY = 65534


@pytest.fixture
def places() -> Iterator[Places]:
    """A /dev and a /sys with two cameras, one of them with a second node for metadata."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        places = Places(devices=root / "dev", names=root / "sys")
        places.devices.mkdir()
        for number, index, name in (
            (62, 1, "Door camera"),
            (61, 0, "Door camera"),
            (60, 0, "Desk"),
        ):
            node = places.names / f"video{number}"
            node.mkdir(parents=True)
            (node / "index").write_text(f"{index}\n")
            (node / "name").write_text(f"{name}\n")
        yield places


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may do everything; nobody may not."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(me)


def failure(camera: Webcam) -> CaptureError:
    with pytest.raises(CaptureError) as caught:
        camera.open()
    assert caught.value.remedy
    return caught.value


def test_cameras_are_listed_once_each(places: Places) -> None:
    assert list_cameras(places) == [CameraInfo(60, "Desk"), CameraInfo(61, "Door camera")]


def test_no_camera_is_an_empty_list(tmp_path: Path) -> None:
    assert list_cameras(Places(tmp_path, tmp_path / "nowhere")) == []


def test_unknown_name_tells_the_known_ones(places: Places) -> None:
    error = failure(Webcam("window", places=places))
    assert type(error) is DeviceMissing
    assert "60 (Desk), 61 (Door camera)" in error.remedy


@pytest.mark.parametrize("name", ["61", "door CAMERA"])
def test_camera_that_is_not_plugged_in(places: Places, name: str) -> None:
    error = failure(Webcam(name, places=places))
    assert type(error) is DeviceMissing
    assert error.text == f"There is no Camera {name}."


def test_camera_that_another_program_holds(places: Places) -> None:
    (places.devices / "video61").touch()
    assert type(failure(Webcam("door", places=places))) is DeviceBusy


def test_camera_by_its_path(places: Places) -> None:
    node = places.devices / "video61"
    node.touch()
    assert type(failure(Webcam(str(node), places=places))) is DeviceBusy


def test_camera_that_may_not_be_used(places: Places) -> None:
    node = places.devices / "video61"
    node.touch()
    node.chmod(0)
    with as_nobody():
        error = failure(Webcam("door", places=places))
    assert type(error) is DeviceForbidden
    assert "video" in error.remedy


def test_pictures_come_through_opencv(tmp_path: Path) -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[:, :, 0] = 255
    camera = Webcam(str(make_clip(tmp_path / "film.mp4", painter=lambda _: red, rate=None)))
    camera.open()
    before = time.monotonic()
    found = list(iter(camera.read, None))
    camera.close()
    camera.close()
    assert [frame.index for frame in found] == list(range(25))
    assert all(before <= frame.time <= time.monotonic() for frame in found)
    assert found[0].image.shape == (48, 64, 3)
    assert found[0].image[20, 20].astype(int) == pytest.approx([255, 0, 0], abs=10)


def test_file_that_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no film")
    assert type(failure(Webcam(str(tmp_path / "text")))) is DeviceMissing


def test_only_black_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webcam, "BLACK_LIMIT", 0)
    monkeypatch.setattr(webcam, "SILENCE_REPORTED_EVERY", 0)
    black = np.zeros((48, 64, 3), np.uint8)
    camera = Webcam(str(make_clip(tmp_path / "black.mp4", painter=lambda _: black, rate=None)))
    camera.open()
    with pytest.raises(DeviceSilent, match="only black pictures"):
        camera.read()
    camera.close()


def test_black_is_not_merely_dark() -> None:
    dark = np.full((40, 40, 3), 10, np.uint8)
    assert is_black(dark)
    dark[16, 16] = 60
    assert not is_black(dark)


def test_reading_a_closed_camera_is_an_error() -> None:
    with pytest.raises(DeviceMissing, match="is not open"):
        Webcam().read()


def test_source_shows_every_picture_and_counts_the_dropped(tmp_path: Path) -> None:
    shown: list[Frame] = []
    source = DeviceSource(Webcam(str(make_clip(tmp_path / "film.mp4", rate=None))))
    source.preview = shown.append
    taken = frames(source.events())
    assert len(shown) == 25
    assert len(taken) + source.dropped == 25
    assert source.live


def test_source_raises_what_hinders_the_camera(places: Places) -> None:
    with pytest.raises(DeviceMissing), DeviceSource(Webcam("61", places=places)) as source:
        list(source.events())
