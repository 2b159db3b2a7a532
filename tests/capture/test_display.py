"""Recordings that say how they are to be shown: mirrored, turned, with pixels that are not square.

Each is one of the demo people's, stored another way; it must come out as the original does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from kiosk.capture.display import shown_size
from kiosk.capture.media import MediaSource
from kiosk.core.media import Frame, Image
from tests.support.paths import DEMO

CLIP = DEMO / "bawi-2.mp4"
MIRRORED: dict[str, tuple[tuple[int, ...], Callable[[Image], Image]]] = {
    "hflip": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "vflip": ((1, 0, 0, -1), lambda image: image[::-1]),
    "half a turn": ((-1, 0, 0, -1), lambda image: image[::-1, ::-1]),
    "clockwise": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "anticlockwise": ((0, -1, 1, 0), lambda image: np.rot90(image)),
    "transposed": ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
    "transposed the other way": ((0, -1, -1, 0), lambda image: np.rot90(image)[:, ::-1]),
    "none": ((0, 0, 0, 0), lambda image: image),
}
"""The matrix a b c d, and what it does to a picture."""


def first_picture(path: Path) -> Image:
    """The first frame of a recording."""
    with MediaSource(path) as source:
        return next(event.image for event in source.events() if isinstance(event, Frame))


def with_matrix(path: Path, axes: tuple[int, ...]) -> Path:
    """The demo clip with another matrix in the header of its picture's track."""
    content = bytearray(CLIP.read_bytes())
    a, b, c, d = (value << 16 for value in axes)
    at = content.find(b"tkhd")
    while at >= 0:
        if struct.unpack_from(">I", content, at + 80)[0]:  # the sound's track is not wide
            struct.pack_into(">9i", content, at + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
        at = content.find(b"tkhd", at + 4)
    path.write_bytes(content)
    return path


def test_a_display_matrix_is_followed(tmp_path: Path) -> None:
    stored = first_picture(CLIP)
    wrong = []
    for name, (axes, seen) in MIRRORED.items():
        shown = first_picture(with_matrix(tmp_path / "clip.mp4", axes))
        if not np.array_equal(shown, seen(stored)):
            wrong.append(name)
    assert wrong == []


def squeezed(path: Path, size: tuple[int, int], aspect: Fraction, codec: str) -> Path:
    """The first frames of the demo clip in fewer columns or rows, and what a pixel then is."""
    with av.open(str(CLIP)) as given, av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 8_000_000
        stream.codec_context.sample_aspect_ratio = aspect
        for number, frame in zip(range(3), given.decode(video=0), strict=False):
            small = frame.reformat(*size, "yuv420p", interpolation="AREA")
            small.pts, small.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(small))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("share", "aspect", "name"),
    [
        ((0.5, 1.0), Fraction(2), "half.mp4"),
        ((0.75, 1.0), Fraction(4, 3), "hdv.mpg"),
        ((0.6875, 1.0), Fraction(16, 11), "pal.avi"),
        ((1.0, 0.5), Fraction(1, 2), "tall.mkv"),
    ],
)
def test_pixels_that_are_not_square_are_shown_square(
    tmp_path: Path, share: tuple[float, float], aspect: Fraction, name: str
) -> None:
    codec = {".mp4": "libx264", ".mpg": "mpeg2video", ".avi": "mpeg4", ".mkv": "mpeg4"}
    stored = first_picture(CLIP)
    height, width = stored.shape[:2]
    size = (round(width * share[0] / 2) * 2, round(height * share[1] / 2) * 2)
    path = squeezed(tmp_path / name, size, aspect, codec[Path(name).suffix])
    shown = first_picture(path)
    assert abs(shown.shape[0] - height) <= 1
    assert abs(shown.shape[1] - width) <= 3  # mpeg has only some ratios: 4:3 of the whole picture
    rows, columns = min(height, shown.shape[0]), min(width, shown.shape[1])
    apart = np.abs(shown[:rows, :columns].astype(int) - stored[:rows, :columns])
    assert apart.mean() < 8


def test_an_aspect_that_cannot_be_is_not_believed() -> None:
    square = {shown_size(64, 48, aspect) for aspect in (None, Fraction(0), Fraction(1))}
    absurd = {shown_size(64, 48, aspect) for aspect in (Fraction(6), Fraction(1, 6))}
    assert square == absurd == {(64, 48)}
    assert shown_size(64, 48, Fraction(2)) == (128, 48)
    assert shown_size(64, 48, Fraction(1, 2)) == (64, 96)
