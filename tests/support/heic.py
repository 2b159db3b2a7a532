"""Pictures as telephones write them: HEIC of tiles, with a turn beside them (ISO/IEC 23008-12).

No package here writes them; the tiles are single pictures of H.265 in the boxes of the standard.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from kiosk.core.media import Image

_PARAMETERS = (32, 33, 34)
"""Kinds of units that hold parameters of video, sequence and picture; lower kinds are pictures."""
_MAIN_PROFILE = bytes.fromhex("01 01 60000000 900000000000 5d f000 fc fd f8 f8 0000 0f")
"""The head of a hvcC box (ISO/IEC 14496-15, 8.3.3.1): main profile, eight bits, 4:2:0."""


def tiled_heic(image: Image, tile: int, quarter_turns: int = 0) -> bytes:
    """`image` in square tiles of `tile` pixels, whose number its sides are multiples of; shown
    turned anticlockwise by `quarter_turns`."""
    rows, columns = image.shape[0] // tile, image.shape[1] // tile
    parts = [part for row in np.split(image, rows) for part in np.split(row, columns, axis=1)]
    made = [_coded(part) for part in parts]
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, image.shape[1], image.shape[0])
    sizes = [len(content) for _, content in made] + [len(grid)]
    kind = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    length = len(_meta(made[0][0], image, tile, quarter_turns, sizes, 0))
    meta = _meta(made[0][0], image, tile, quarter_turns, sizes, len(kind) + length + 8)
    return kind + meta + _box(b"mdat", b"".join(content for _, content in made) + grid)


def _coded(part: Image) -> tuple[bytes, bytes]:
    """What the decoder must know beforehand (hvcC) and the coded picture."""
    encoder = av.CodecContext.create("libx265", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = part.shape[1], part.shape[0], "yuv420p"
    encoder.time_base = Fraction(1, 1)
    encoder.options = {"x265-params": "log-level=none:crf=12", "preset": "ultrafast"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(part), "rgb24").reformat(
        format="yuv420p"
    )
    frame.pts, frame.time_base = 0, Fraction(1, 1)
    stream = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    units = [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1")[1:]]
    sets = b"".join(
        struct.pack(">BHH", 0x80 | unit[0] >> 1, 1, len(unit)) + unit
        for unit in units
        if unit[0] >> 1 in _PARAMETERS
    )
    picture = b"".join(
        struct.pack(">I", len(unit)) + unit for unit in units if unit[0] >> 1 < min(_PARAMETERS)
    )
    return _MAIN_PROFILE + bytes([len(_PARAMETERS)]) + sets, picture


def _meta(
    decoder: bytes, image: Image, tile: int, turns: int, sizes: Sequence[int], start: int
) -> bytes:
    count = len(sizes) - 1
    grid = count + 1
    kinds = [(number, b"hvc1") for number in range(1, grid)] + [(grid, b"grid")]
    entries = [
        _full(b"infe", 2, struct.pack(">HH", number, 0) + name + b"\0") for number, name in kinds
    ]
    places = [start + sum(sizes[:place]) for place in range(len(sizes))]
    extents = [
        struct.pack(">HHHII", place + 1, 0, 1, places[place], sizes[place])
        for place in range(len(sizes))
    ]
    links = struct.pack(f">HH{count}H", grid, count, *range(1, grid))
    properties = [
        _box(b"hvcC", decoder),
        _full(b"ispe", 0, struct.pack(">II", tile, tile)),
        _full(b"ispe", 0, struct.pack(">II", image.shape[1], image.shape[0])),
        _box(b"irot", bytes([turns])),
    ]
    of_tiles = [struct.pack(">HBBB", number, 2, 0x81, 2) for number in range(1, grid)]
    of_grid = struct.pack(">HBBB", grid, 2, 3, 0x84)
    belongs = struct.pack(">I", grid) + b"".join(of_tiles) + of_grid
    return _full(
        b"meta",
        0,
        _full(b"hdlr", 0, b"\0\0\0\0pict" + b"\0" * 13)
        + _full(b"pitm", 0, struct.pack(">H", grid))
        + _full(b"iinf", 0, struct.pack(">H", grid) + b"".join(entries))
        + _full(b"iref", 0, _box(b"dimg", links))
        + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", 0, belongs))
        + _full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, grid) + b"".join(extents)),
    )


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def _full(kind: bytes, version: int, content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + content)
