"""Folders of pictures: each a frame, bad ones skipped and counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.capture.images import ImagesSource, read_picture
from kiosk.capture.picture import is_picture
from kiosk.core.errors import InputError
from kiosk.core.media import Frame, NoticeKind, SourceNotice
from tests.support.recordings import make_clip


def write_picture(path: Path, size: tuple[int, int] = (40, 30), colour: str = "red") -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff"])
def test_a_single_picture_is_one_frame(tmp_path: Path, suffix: str) -> None:
    path = write_picture(tmp_path / f"picture{suffix}")
    [frame] = ImagesSource(path).events()
    assert isinstance(frame, Frame)
    assert frame.image.shape == (30, 40, 3)
    assert frame.image[15, 20].astype(int) == pytest.approx([255, 0, 0], abs=3)
    assert is_picture(path)


def test_a_folder_gives_its_pictures_by_name_and_in_time(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        write_picture(tmp_path / f"{number}.png", size=(10 + number, 10))
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "._0.png").write_bytes(b"what macOS keeps beside a picture")
    found = [event for event in ImagesSource(tmp_path).events() if isinstance(event, Frame)]
    assert [frame.image.shape[1] for frame in found] == [10, 11, 12]
    assert [frame.time for frame in found] == pytest.approx([0, 0.2, 0.4])
    assert [frame.index for frame in found] == [0, 1, 2]


def test_one_bad_picture_among_many_is_skipped_and_counted(tmp_path: Path) -> None:
    for number in range(200):
        write_picture(tmp_path / f"{number:03}.jpg", size=(8, 8))
    bad = tmp_path / "100.jpg"
    bad.write_bytes(bad.read_bytes()[:100])
    source = ImagesSource(tmp_path)
    events = list(source.events())
    [notice] = [event for event in events if isinstance(event, SourceNotice)]
    assert notice.kind is NoticeKind.DAMAGED
    assert notice.text == "Skipped: 100.jpg is damaged: its content cannot be decoded."
    assert (source.skipped, len(events)) == (1, 200)


def test_a_picture_is_turned_as_its_metadata_say(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "lying.jpg", exif=exif)
    assert read_picture(tmp_path / "lying.jpg").shape == (40, 20, 3)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_every_kind_of_pixel_becomes_colour(tmp_path: Path, mode: str) -> None:
    suffix = ".tiff" if mode == "CMYK" else ".png"
    Image.new(mode, (5, 4)).save(tmp_path / f"picture{suffix}")
    image = read_picture(tmp_path / f"picture{suffix}")
    assert image.shape == (4, 5, 3)
    assert image.dtype == np.uint8


def test_huge_and_tiny_pictures(tmp_path: Path) -> None:
    assert read_picture(write_picture(tmp_path / "8k.jpg", (7680, 4320))).shape == (2304, 4096, 3)
    assert read_picture(write_picture(tmp_path / "tiny.png", (1, 1))).shape == (1, 1, 3)
    with pytest.raises(InputError, match="too large"):
        read_picture(write_picture(tmp_path / "bomb.png", (9000, 8000)))


def test_folders_without_a_picture(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no pictures"):
        list(ImagesSource(tmp_path).events())
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match="No picture in"):
        list(ImagesSource(tmp_path).events())
    with pytest.raises(InputError, match="There is no file or folder"):
        list(ImagesSource(tmp_path / "nowhere").events())


def test_a_film_is_no_picture(tmp_path: Path) -> None:
    assert not is_picture(make_clip(tmp_path / "film.mp4").rename(tmp_path / "film.jpg"))


@settings(
    max_examples=100, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    suffix=st.sampled_from([".jpg", ".png", ".webp", ".bmp", ".tiff"]),
    changes=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=30),
    kept=st.integers(1, 600),
)
def test_damaged_pictures_give_pixels_or_an_input_error(
    tmp_path: Path, suffix: str, changes: list[tuple[int, int]], kept: int
) -> None:
    path = write_picture(tmp_path / f"fuzzed{suffix}", size=(20, 20))
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content[:kept])
    try:
        image = read_picture(path)
    except InputError:
        return
    assert image.dtype == np.uint8
    assert image.shape[2] == 3
