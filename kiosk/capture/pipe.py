"""Media that comes through a pipe: standard input, or a FIFO. It can be read once and forwards."""

from __future__ import annotations

import os
import re
import select
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
from av.container import InputContainer

from kiosk.capture.base import BaseSource, Event, Sample
from kiosk.capture.decode import (
    STREAM_OPTIONS,
    DecodingErrors,
    Track,
    choose_stream,
    demand_only,
    origin_of,
)
from kiosk.capture.interleaver import Interleaver
from kiosk.capture.media import RECORDED_FORMATS
from kiosk.core.errors import InputError
from kiosk.core.media import NoticeKind, SourceNotice

STANDARD_INPUT = "-"
_PCM = re.compile(r"pcm:(?P<rate>\d{4,6}):(?P<place>.+)", re.DOTALL)
_LOOK = 200
"""Milliseconds after which a wait for data looks whether the source was closed."""
_REMEDY = (
    "Send matroska, mpegts, wav, flac or mp3 (of an mp4 the index must be at its beginning), or "
    "sixteen-bit samples of one channel with --source pcm:16000:-."
)


def piped(text: str) -> PipeSource | None:
    """The source of `-`, of a FIFO's path, or of `pcm:RATE:` and one of them; None for any other
    text. Raises InputError where standard input is a terminal."""
    raw = _PCM.fullmatch(text)
    place = raw["place"] if raw else text
    if place != STANDARD_INPUT and not _is_fifo(Path(place).expanduser()):
        return None
    if place == STANDARD_INPUT and os.isatty(0):
        raise InputError("Standard input is a terminal.", "Send a recording through a pipe.")
    path = None if place == STANDARD_INPUT else Path(place).expanduser()
    return PipeSource(path, int(raw["rate"]) if raw else None)


def _is_fifo(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):
        return False


class PipeSource(BaseSource):
    """A pipe as a source: decoded in the caller's thread, no faster than it is asked for.

    `path` is a FIFO, None standard input; with `pcm_rate` (hertz) it carries bare samples of
    sixteen bits, least byte first, of one channel. Times start at 0. `events` raises InputError
    where nothing can be decoded.
    """

    recorded = True

    def __init__(self, path: Path | None, pcm_rate: int | None = None) -> None:
        super().__init__()
        self.name = "Standard input" if path is None else path.name
        self._path = path
        self._pcm_rate = pcm_rate
        self._closed = threading.Event()

    def events(self) -> Iterator[Event]:
        """Frames and sound in the order of their times, then perhaps a notice."""
        with ExitStack() as opened:
            reader = opened.enter_context(_Reader(self._path, self._closed))
            try:
                container = opened.enter_context(_open_container(reader, self._pcm_rate))
            except DecodingErrors as error:
                if self._closed.is_set():
                    return
                raise self._unreadable() from error
            tracks = _tracks(container)
            for sample in _samples(container, tracks):
                if self._closed.is_set():
                    return
                self.show(sample)
                yield sample
            yield from self._verdict(tracks)

    def close(self) -> None:
        """End `events`, also while it waits for data."""
        self._closed.set()

    def _verdict(self, tracks: dict[int, Track]) -> Iterator[SourceNotice]:
        damaged = sum(track.damaged for track in tracks.values())
        if not any(track.count for track in tracks.values()):
            if not self._closed.is_set():
                raise self._unreadable()
        elif damaged:
            yield SourceNotice(
                NoticeKind.DAMAGED,
                f"{self.name} is damaged: {damaged} parts could not be decoded; the rest was used.",
                "Send it again if the result is poor.",
            )

    def _unreadable(self) -> InputError:
        return InputError(f"{self.name} sends nothing that can be read in one go.", _REMEDY)


class _Reader:
    """What PyAV reads from: has `read` and no `seek`."""

    def __init__(self, path: Path | None, closed: threading.Event) -> None:
        self._own = path is not None
        # Without NONBLOCK to open would wait for the writer, and could not be closed meanwhile.
        self._number = 0 if path is None else os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._closed = closed
        self._poll = select.poll()
        self._poll.register(self._number, select.POLLIN)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end."""
        while not self._closed.is_set():
            if self._poll.poll(_LOOK):
                return os.read(self._number, size)
        return b""

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._own:
            os.close(self._number)


def _open_container(reader: _Reader, pcm_rate: int | None) -> InputContainer:
    if pcm_rate is not None:
        form = {"sample_rate": str(pcm_rate), "ch_layout": "mono"}
        return av.open(reader, "r", format="s16le", options=form)
    return av.open(
        reader,
        "r",
        options=STREAM_OPTIONS,
        container_options={"format_whitelist": RECORDED_FORMATS},
        metadata_errors="replace",
    )


def _tracks(container: InputContainer) -> dict[int, Track]:
    found = [choose_stream(container, kind) for kind in ("video", "audio")]
    streams = [stream for stream in found if stream is not None]
    demand_only(container, streams)
    origin = origin_of(container)
    return {stream.index: Track(stream, origin) for stream in streams}


def _samples(container: InputContainer, tracks: dict[int, Track]) -> Iterator[Sample]:
    order = Interleaver(len(tracks))
    try:
        for packet in container.demux([track.stream for track in tracks.values()]):
            for sample in tracks[packet.stream_index].take(packet):
                yield from order.add(sample)
    except DecodingErrors:
        for track in tracks.values():
            track.damaged += 1
    yield from order.rest()
