"""The one picture decoder: what it makes of colour, depth, orientation and size."""

from __future__ import annotations

import io
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kiosk.capture.decode import picture
from kiosk.capture.images import read_picture
from kiosk.capture.picture import DECODER, decode_picture, shrunk
from kiosk.core.errors import InputError
from kiosk.datasets.collections import Item, Kind
from kiosk.evaluation.extraction.extract import picture_key, picture_of
from kiosk.training.face.data import Picture


def _waves(width: int, height: int) -> NDArray[np.uint8]:
    """Colours that change slowly, so that every way of shrinking by area gives the same."""
    x, y = np.meshgrid(np.linspace(0, 6, width), np.linspace(0, 4, height))
    waves = np.stack([np.sin(x + y), np.cos(x), np.sin(y)], axis=2)
    return np.asarray(127 + 100 * waves, dtype=np.uint8)


def test_a_visit_an_evaluation_and_a_training_see_the_same_pixels(tmp_path: Path) -> None:
    """What is measured must be what runs: the three read one file, turned and larger than 4096."""
    turned = Image.fromarray(_waves(5200, 3000))
    exif = turned.getexif()
    exif[0x0112] = 6
    path = tmp_path / "person.jpg"
    turned.save(path, exif=exif)
    visit = read_picture(path)
    item = Item(path, "somebody", Kind.PICTURE)
    assert visit.shape == (4096, 2363, 3)
    assert np.array_equal(visit, picture_of(item, item.content()))
    assert np.array_equal(visit, Picture(path, "somebody").read())


def test_sixteen_bits_keep_their_upper_eight() -> None:
    levels = np.linspace(0, 65_535, 256).astype(np.uint16)
    for suffix in ("PNG", "TIFF"):
        file = io.BytesIO()
        Image.fromarray(np.tile(levels, (4, 1))).save(file, suffix)
        found = decode_picture(file.getvalue(), "grey")
        assert np.array_equal(found[0, :, 0], levels >> 8), suffix
        assert np.array_equal(found[..., 0], found[..., 2])


def test_sixteen_bits_of_colour_keep_their_upper_eight() -> None:
    colours = np.zeros((2, 3, 3), np.uint16)
    colours[..., 0], colours[..., 2] = 0x80FF, 0x20FF  # OpenCV writes blue first
    done, content = cv2.imencode(".png", colours)
    assert done
    found = decode_picture(content.tobytes(), "colour")
    assert found[0, 0].tolist() == [0x20, 0, 0x80]


def test_a_shrunk_picture_is_the_mean_of_the_area() -> None:
    board = np.indices((400, 400)).sum(0) % 2 * 255
    board = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    small = shrunk(board, 100)
    assert small.shape == (100, 100, 3)
    assert small.min() == small.max() == 128
    assert shrunk(board, 400) is board
    assert shrunk(np.zeros((1, 5000, 3), np.uint8)).shape == (1, 1920, 3)


def test_a_frame_of_a_film_is_shrunk_as_a_picture_is() -> None:
    waves = _waves(2880, 1620)
    frame = av.VideoFrame.from_ndarray(waves, format="rgb24")
    difference = np.abs(picture(frame).astype(int) - shrunk(waves).astype(int))
    assert difference.max() <= 2


def test_what_is_no_picture_is_named() -> None:
    for content in (b"", b"nothing"):
        with pytest.raises(InputError, match=r"face\.png is not a readable picture"):
            decode_picture(content, "face.png")
    with pytest.raises(InputError, match=r"face\.png is damaged: its content cannot be decoded"):
        decode_picture(b"\x89PNG\r\n\x1a\n", "face.png")


def test_what_is_kept_of_a_picture_is_kept_for_this_decoder() -> None:
    assert picture_key(b"content") != picture_key(b"other content")
    assert DECODER.startswith("picture-")
