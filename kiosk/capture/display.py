"""How a container wants its pictures shown: turned, mirrored, with pixels that are not square.

Telephones store pictures lying and some front cameras mirrored, with a display matrix that says so
(ISO/IEC 14496-12, track header); television and tape store fewer columns than a player shows.
"""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

from kiosk.core.media import Image

WIDEST = 5
"""Width of a pixel over its height beyond which, or below the inverse of which, a header is taken
for damaged; the widest in use is 2 (half-width tape formats)."""
_MATRIX = struct.Struct("=9i")


def shown_size(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height a player shows of pixels `aspect` times as wide as high.

    The short side is stretched, never the long one squeezed: nothing that was stored is lost.
    """
    if not aspect or not Fraction(1, WIDEST) <= aspect <= WIDEST:
        return width, height
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)


def upright(image: Image, frame: VideoFrame) -> Image:
    """`image`, made of `frame`, as the frame's display matrix says it is to be seen.

    Turns are taken to the nearest quarter; a matrix that is none leaves the picture as it is.
    """
    (a, b), (c, d) = _axes(frame)
    if abs(b) + abs(c) > abs(a) + abs(d):
        # The stored columns are the rows seen: the matrix takes (x, y) to (c y, b x).
        image = image.transpose(1, 0, 2)
        across, down = c, b
    else:
        across, down = a, d
    image = image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]
    return np.ascontiguousarray(image, dtype=np.uint8)


def _axes(frame: VideoFrame) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where one pixel to the right and one down lead, times 65,536."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(data, SideData) or data.buffer_size < _MATRIX.size:
        return (1, 0), (0, 1)
    a, b, _, c, d, *_ = _MATRIX.unpack_from(bytes(data))
    return (a, b), (c, d)
