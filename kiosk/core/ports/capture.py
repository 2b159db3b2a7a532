"""What the kiosk asks of cameras, microphones, sources and loudspeakers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from kiosk.core.media import (
    AudioChunk,
    Frame,
    SourceNotice,
)

FrameListener: TypeAlias = Callable[[Frame], None]
ProgressCallback: TypeAlias = Callable[[float], None]
"""Hears which share of long work is done, 0..1."""


class Clock(Protocol):
    """Wall time that a test can turn by hand."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""

    def wait(self, seconds: float) -> bool:
        """Wait, and return early with True when stopped."""


class Camera(Protocol):
    """Pictures from one place."""

    name: str

    def open(self) -> None:
        """Raises CaptureError: DeviceMissing, DeviceBusy, DeviceForbidden, StreamLost."""

    def read(self) -> Frame | None:
        """The next picture, None at the end. Blocks a second at most, then raises DeviceSilent."""

    def close(self) -> None:
        """Release the device; closing twice is allowed."""


class Microphone(Protocol):
    """Sound from one place."""

    name: str

    def open(self) -> None:
        """Raises CaptureError: DeviceMissing, DeviceBusy, DeviceForbidden, StreamLost."""

    def read(self) -> AudioChunk | None:
        """The next stretch of sound, None at the end. Blocks a second at most, then raises
        DeviceSilent."""

    def close(self) -> None:
        """Release the device; closing twice is allowed."""


class Source(AbstractContextManager["Source"], Protocol):
    """Picture and sound of one visit place in the order of their timestamps.

    `live` sources drop frames nobody took (`dropped` counts them) and sound only where whoever
    takes it is seconds behind (`lost_sound` counts those); recorded ones deliver everything as fast
    as it is asked for. `preview`, when set, is called from the
    capture thread with every frame, dropped or not.
    """

    live: bool
    dropped: int
    lost_sound: float
    preview: FrameListener | None

    def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
        """Everything in order, until the end or `close`. Raises CaptureError or InputError if it
        cannot even begin."""

    def close(self) -> None:
        """Stop threads and release devices; may be called from another thread, wakes `events`."""


@runtime_checkable
class Recording(Protocol):
    """A source that may come to an end by itself: whether it does (`recorded`), after how many
    seconds (`length`), where that is known before, and which time its first moment has (`begins`):
    what a server plays has times of the clock."""

    recorded: bool
    length: float | None
    begins: float


def is_recorded(source: Source) -> bool:
    """Whether a source comes to an end by itself."""
    return isinstance(source, Recording) and source.recorded


def length_of(source: Source) -> float | None:
    """Seconds of a recording, where they are known."""
    return source.length if isinstance(source, Recording) else None


def begin_of(source: Source) -> float:
    """The time of a recording's first moment."""
    return source.begins if isinstance(source, Recording) else 0.0


class EventSink(Protocol):
    """What a source is fed into: a visit, or who stands before one."""

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source."""

    def finish(self) -> None:
        """The source ended."""


class Speaker(Protocol):
    """Says prompts aloud."""

    def say(self, file: Path) -> float:
        """Begin to play a recording in place of what is playing; returns its seconds, 0 where no
        sound can be played. Returns at once."""

    def stop(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Fall silent for good."""
