"""Cameras: found by name, refused with a name for why, read through OpenCV."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.capture import stillness, webcam
from kiosk.capture.live import DeviceSource
from kiosk.capture.webcam import FIRST, CameraInfo, Places, Webcam, is_black, list_cameras
from kiosk.core.errors import CaptureError, DeviceBusy, DeviceForbidden, DeviceMissing, DeviceSilent
from kiosk.core.media import Frame, Modality, NoticeKind
from tests.support.recordings import frames, make_clip, notices
from tests.support.servers import TurnedClock, collect

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


class Driver:
    """What OpenCV opens, at the boundary to a device that a test machine has not: each time it is
    opened it gives the next of its films, and the last again and again."""

    opened: ClassVar[list[int]] = []
    films: ClassVar[list[list[NDArray[np.uint8]]]] = []

    def __init__(self, number: int) -> None:
        self._pictures = iter(self.films[min(len(self.opened), len(self.films) - 1)])
        self.opened.append(number)

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return True

    def set(self, key: int, value: float) -> bool:
        return True

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        picture = next(self._pictures, None)
        return picture is not None, picture

    def release(self) -> None:
        pass


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> type[Driver]:
    Driver.opened, Driver.films = [], []
    monkeypatch.setattr(cv2, "VideoCapture", Driver)
    return Driver


def scenes(
    count: int, *, moving: bool, size: tuple[int, int] = (48, 64)
) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(count)
    kept = rng.integers(0, 255, (*size, 3), dtype=np.uint8)
    return [
        rng.integers(0, 255, (*size, 3), dtype=np.uint8) if moving else kept for _ in range(count)
    ]


def test_a_frozen_camera_is_told_opened_again_and_is_back_when_it_moves(
    driver: type[Driver], monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(webcam, "FROZEN_LIMIT", 1e-9)
    monkeypatch.setattr(webcam, "SILENCE_REPORTED_EVERY", 0.0)
    monkeypatch.setattr(stillness, "THAW", 1e-4)
    frozen = scenes(20, moving=False)
    driver.films = [scenes(3, moving=True) + frozen, frozen, scenes(100, moving=True)]
    source = DeviceSource(Webcam("60", places=places), clock=TurnedClock())
    lost, restored = notices(collect(source, lambda events: len(notices(events)) == 2))
    assert lost.kind is NoticeKind.LOST
    assert lost.text == "Camera 60 gives the same picture again and again."
    assert (lost.code, lost.modality) == ("DeviceSilent", Modality.FACE)
    assert (restored.kind, restored.modality) == (NoticeKind.RESTORED, Modality.FACE)
    assert len(driver.opened) >= 3


def test_a_camera_that_comes_back_under_another_number_is_found(
    driver: type[Driver], places: Places
) -> None:
    driver.films = [scenes(1, moving=True)]
    camera = Webcam("61", places=places)
    camera.open()
    (places.names / "video61").rename(places.names / "video63")
    camera.open()
    (places.names / "video60").rename(places.names / "video61")  # another camera took its number
    camera.open()
    assert driver.opened == [61, 63, 63]


def test_the_first_camera_is_whichever_is_there(driver: type[Driver], places: Places) -> None:
    driver.films = [scenes(1, moving=True)]
    camera = Webcam(FIRST, places=places)
    camera.open()
    (places.names / "video60" / "index").unlink()
    (places.names / "video60").rename(places.names.parent / "gone")
    camera.open()
    assert driver.opened == [60, 61]


def test_without_any_camera_the_first_is_missing(tmp_path: Path) -> None:
    error = failure(Webcam(FIRST, places=Places(tmp_path, tmp_path / "nowhere")))
    assert (type(error), error.text) == (DeviceMissing, "There is no camera.")


def test_pictures_may_change_their_size_on_the_way(driver: type[Driver], places: Places) -> None:
    driver.films = [scenes(2, moving=True) + scenes(2, moving=True, size=(90, 160))]
    camera = Webcam("60", places=places)
    camera.open()
    found = [camera.read() for _ in range(4)]
    assert [frame.image.shape[:2] for frame in found if frame] == [(48, 64)] * 2 + [(90, 160)] * 2


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
