"""A recording behind http whose index is at its end, from a server that cannot give parts of it.

Such a file can only be read once all of it is here. It is fetched into a file without a name, which
is gone as soon as it is closed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO

import av
from av.container import InputContainer

from kiosk.capture.address import Address
from kiosk.core.errors import StreamLost

LARGEST = 4_000_000_000
"""Bytes."""
_BOXES = {b"ftyp", b"mdat", b"wide", b"free", b"skip", b"pnot"}
"""How an mp4 or QuickTime file begins whose index (moov) is not at its beginning."""
_PIECE = 1 << 20
_FASTSTART = "Move its index to the beginning: ffmpeg -i IN -c copy -movflags +faststart OUT.mp4."


def fetch(
    address: Address, limits: tuple[float, float], closed: Callable[[], bool]
) -> IO[bytes] | None:
    """All of the file at its beginning, or None where it is no mp4. `limits` are the seconds to
    connect and to wait for more. Raises StreamLost, and what PyAV raises."""
    with ExitStack() as undone, _raw(address, limits) as container:
        kept = undone.enter_context(tempfile.TemporaryFile())
        size = 0
        for packet in container.demux():
            content = bytes(packet)
            if not size and content[4:8] not in _BOXES:
                return None
            size += len(content)
            _write(kept, content, size, address)
            if closed():
                return None
        kept.seek(0)
        undone.pop_all()
        return kept


def _raw(address: Address, limits: tuple[float, float]) -> InputContainer:
    """The bytes as they come, by the same protocols as media."""
    options = {"raw_packet_size": str(_PIECE)}
    return av.open(address.url, "r", format="data", container_options=options, timeout=limits)


def _write(kept: IO[bytes], content: bytes, size: int, address: Address) -> None:
    if size > LARGEST:
        raise StreamLost(f"{address.shown} is too large to be read without its index.", _FASTSTART)
    try:
        kept.write(content)
    except OSError as error:
        raise StreamLost(
            f"{address.shown} cannot be kept while it is read: {error.strerror}.", _FASTSTART
        ) from error
