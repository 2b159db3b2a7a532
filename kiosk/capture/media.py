"""Recorded media: any file PyAV can read, with picture, sound, or both."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.stream import VideoStream

from kiosk.capture.base import BaseSource, Event, Sample
from kiosk.capture.decode import (
    STREAM_OPTIONS,
    AnyStream,
    DecodingErrors,
    Track,
    choose_stream,
    demand_only,
    origin_of,
)
from kiosk.capture.picture import ENDINGS, LONGEST_SIDE
from kiosk.capture.picture import REMEDY as PICTURE_REMEDY
from kiosk.core.errors import InputError
from kiosk.core.media import NoticeKind, SourceNotice

RECORDED_FORMATS = (
    "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,asf,wav,w64,aiff,caf,flac,ogg,mp3,aac,ac3,au,"
    "amr,h264,hevc,m4v,gif,ivf,yuv4mpegpipe,mjpeg,3gp"
)
"""Demuxers for recordings alone: a play list or session description in a file could make an offline
machine open network connections."""
_STATED_LENGTH = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flac", "avi", "wav"}
"""Formats whose header states the length, so that an early end means a truncated file."""
_REMEDY = "Give a recording such as mp4, mpg, webm, mkv, wav, flac, opus or mp3."


LARGE_PICTURE = 4_000_000
"""Pixels beyond which pictures are decoded one at a time."""


def is_there(path: Path) -> bool:
    """Whether there is a file or folder. Raises InputError where that cannot be found out: the name
    is too long, or a folder on the way may not be entered."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise InputError(f"{path.name} cannot be read.", f"{error.strerror}.") from error
    return True


def check_file(path: Path) -> None:
    """Raise InputError unless `path` is a readable file with something in it."""
    if not is_there(path):
        raise InputError(f"There is no file {path.name}.", "Check the path.")
    if path.is_dir():
        raise InputError(f"{path.name} is a folder.", "Give one recording.")
    if not path.is_file():
        raise InputError(f"{path.name} is not a regular file.", _REMEDY)
    if not path.stat().st_size:
        raise InputError(f"{path.name} is empty (0 bytes).", "Record or copy it again.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read.", f"{error.strerror}.") from error


class MediaSource(BaseSource):
    """A file as a source: decoded in the caller's thread as fast as it is asked for.

    Content decides, not the name's ending. Times start at 0. What can be decoded of a damaged file
    is delivered, then a DAMAGED notice; `events` raises InputError where nothing can be decoded.
    Pictures larger than `longest` pixels on a side are made smaller.
    """

    recorded = True

    def __init__(self, path: Path, *, longest: int = LONGEST_SIDE) -> None:
        super().__init__()
        self.path = path
        self._longest = longest
        self._closed = threading.Event()

    def events(self) -> Iterator[Event]:
        """Frames and sound in the order of their times, then perhaps a notice."""
        check_file(self.path)
        with ExitStack() as opened:
            found = [self._open(kind, opened) for kind in ("video", "audio")]
            readers = [reader for reader in found if reader is not None]
            self.length = max((reader.length for reader in readers), default=0.0) or None
            # Each stream has its own container, so the order is exact and memory bounded however
            # far apart the file stores what belongs together.
            for sample in heapq.merge(*readers, key=lambda sample: sample.time):
                if self._closed.is_set():
                    return
                self.show(sample)
                yield sample
            yield from self._verdict(readers)

    def close(self) -> None:
        """End `events` after the current sample."""
        self._closed.set()

    def _open(self, kind: str, opened: ExitStack) -> _Reader | None:
        try:
            container = opened.enter_context(_open_container(self.path))
        except DecodingErrors as error:
            raise self._unreadable() from error
        stream = choose_stream(container, kind)
        if stream is None:
            container.close()
            return None
        return _Reader(container, Track(stream, origin_of(container), self._longest))

    def _verdict(self, readers: list[_Reader]) -> Iterator[SourceNotice]:
        if not readers:
            raise InputError(f"{self.path.name} holds neither picture nor sound.", _REMEDY)
        if not any(reader.track.count for reader in readers):
            if any(reader.track.damaged for reader in readers):
                raise self._unreadable()
            raise InputError(
                f"{self.path.name} has no content (zero length).", "Record or copy it again."
            )
        damaged = sum(reader.track.damaged for reader in readers)
        if damaged or _ends_early(readers):
            what = f"{damaged} parts could not be decoded" if damaged else "it ends too early"
            yield SourceNotice(
                NoticeKind.DAMAGED,
                f"{self.path.name} is damaged: {what}; the rest was used.",
                "Record or copy it again if the result is poor.",
            )

    def _unreadable(self) -> InputError:
        if self.path.suffix.lower() in ENDINGS:
            return InputError(f"{self.path.name} is not a readable picture.", PICTURE_REMEDY)
        return InputError(f"{self.path.name} is not a readable recording.", _REMEDY)


class _Reader:
    """The samples of one stream of one container."""

    def __init__(self, container: InputContainer, track: Track) -> None:
        self.container = container
        self.track = track
        self.length = (container.duration or 0) / av.time_base
        demand_only(container, [track.stream])
        track.stream.codec_context.thread_type = _threads(track.stream)

    def __iter__(self) -> Iterator[Sample]:
        try:
            for packet in self.container.demux(self.track.stream):
                yield from self.track.take(packet)
        except DecodingErrors:
            self.track.damaged += 1


def _threads(stream: AnyStream) -> ThreadType:
    """Threads that each hold whole pictures would need gigabytes for very large ones."""
    large = isinstance(stream, VideoStream) and stream.width * stream.height > LARGE_PICTURE
    return ThreadType.SLICE if large else ThreadType.AUTO


def _open_container(path: Path) -> InputContainer:
    return av.open(
        f"file:{path}",
        "r",
        options=STREAM_OPTIONS,
        container_options={"format_whitelist": RECORDED_FORMATS, "protocol_whitelist": "file"},
        metadata_errors="replace",
    )


def _ends_early(readers: list[_Reader]) -> bool:
    if readers[0].container.format.name not in _STATED_LENGTH:
        return False
    stated = max(reader.length for reader in readers)
    return max(reader.track.end for reader in readers) < 0.95 * stated - 0.5
