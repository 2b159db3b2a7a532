"""Which source a text means."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kiosk.capture.base import BaseSource
from kiosk.capture.images import ImagesSource
from kiosk.capture.live import DeviceSource, Paced
from kiosk.capture.media import MediaSource
from kiosk.capture.sources import open_source
from kiosk.capture.streams import StreamSource
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from tests.support.recordings import frames, make_clip, sounds


@pytest.mark.parametrize(
    "url", ["rtsp://h/x", "rtmp://h/a?listen=1", "http://h:8080/", "HTTPS://h/"]
)
def test_address(url: str) -> None:
    assert isinstance(open_source(url), StreamSource)


def test_file_folder_and_picture(tmp_path: Path) -> None:
    film = make_clip(tmp_path / "film.mp4")
    picture = tmp_path / "picture.jpg"
    Image.new("RGB", (5, 5)).save(picture)
    assert isinstance(open_source(str(film)), MediaSource)
    assert isinstance(open_source(film.as_uri()), MediaSource)
    assert isinstance(open_source(str(picture)), ImagesSource)
    assert isinstance(open_source(str(picture.rename(tmp_path / "not_a.mp4"))), ImagesSource)
    assert isinstance(open_source(str(tmp_path)), ImagesSource)
    assert isinstance(open_source(str(film), realtime=True), Paced)


@pytest.mark.parametrize("name", ["한국어 이름.mp4", "ü" * 100 + ".mp4", "a:b%20#?.mp4", "-x.mp4"])
def test_any_name_is_read(tmp_path: Path, name: str) -> None:
    film = make_clip(tmp_path / "film.mp4", seconds=0.2).rename(tmp_path / name)
    for text in (str(film), film.as_uri()):
        events = list(open_source(text).events())
        assert frames(events)
        assert sounds(events)


def threads(source: BaseSource) -> set[str]:
    assert isinstance(source, DeviceSource)
    return set(source.workers())


def test_devices() -> None:
    assert threads(open_source()) == {"kiosk-camera", "kiosk-microphone"}
    assert threads(open_source(camera="1")) == {"kiosk-camera"}
    assert threads(open_source("camera", microphone="x")) == {"kiosk-microphone"}


BOTH = {"kiosk-camera", "kiosk-microphone"}


@pytest.mark.parametrize(
    ("camera", "microphone", "expected"),
    [
        (None, None, BOTH),
        ("0", None, {"kiosk-camera"}),
        (None, "desk", {"kiosk-microphone"}),
        ("0", "none", {"kiosk-camera"}),
        ("none", "desk", {"kiosk-microphone"}),
        (None, "none", {"kiosk-camera"}),
        ("none", None, {"kiosk-microphone"}),
    ],
)
def test_none_is_no_device(camera: str | None, microphone: str | None, expected: set[str]) -> None:
    source = composition.open_source(Settings(), None, camera=camera, microphone=microphone)
    assert isinstance(source, BaseSource)
    assert threads(source) == expected


def test_the_stream_of_the_settings_comes_before_their_devices() -> None:
    settings = Settings(stream="rtsp://camera.example/1")
    assert isinstance(composition.open_source(settings, None), StreamSource)
    named = composition.open_source(settings, None, camera="0")
    assert isinstance(named, BaseSource)
    assert threads(named) == {"kiosk-camera"}


def test_settings_decide_which_device_is_left() -> None:
    source = composition.open_source(Settings(microphone="none"), None)
    assert isinstance(source, BaseSource)
    assert threads(source) == {"kiosk-camera"}


@pytest.mark.parametrize(
    ("settings", "camera", "microphone"),
    [(Settings(), "none", "none"), (Settings(camera="none"), None, "none")],
)
def test_no_device_at_all_is_said(
    settings: Settings, camera: str | None, microphone: str | None
) -> None:
    with pytest.raises(InputError, match="neither camera nor microphone"):
        composition.open_source(settings, None, camera=camera, microphone=microphone)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The name of the source is empty."),
        ("ftp://host/film.mp4", "Streams of the kind ftp:// are not known."),
        ("nowhere/film.mp4", "There is no file or folder film.mp4."),
        ("rtsp://", "That is not the address of a stream."),
    ],
)
def test_what_cannot_be_a_source(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        open_source(text)
    assert caught.value.text == message
    assert caught.value.remedy


def test_no_device_beside_a_recording() -> None:
    with pytest.raises(InputError, match="cannot be combined"):
        open_source("film.mp4", microphone="x")
