"""Uploaded files as one visit, within the bounds of time the operator set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import FrameListener, Source
from kiosk.core.shown_text import shown
from kiosk.server.refusals import TooLarge
from kiosk.server.worker import Task

Event = Frame | AudioChunk | SourceNotice
OpenFile = Callable[[Path], Source]
GAP = 0.2
"""Seconds between the end of one file and the beginning of the next, as between pictures of a
folder."""


@dataclass(frozen=True)
class MediaLimits:
    """Seconds of recordings in one request, and seconds of work on them."""

    seconds: float
    work_seconds: float


class Playing:
    """Implements `Source`: the files of one request after another, on one clock that goes on. Ends
    where nobody waits any more. Raises TooLarge where a bound is passed."""

    live = False

    def __init__(
        self,
        files: Sequence[Path],
        open_file: OpenFile,
        limits: MediaLimits,
        task: Task[object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = in_order(files)
        self._open = open_file
        self._limits = limits
        self._task = task
        self._clock = clock
        self._opened: Source | None = None
        self._closed = False
        self.dropped = 0
        self.lost_sound = 0.0
        self.preview: FrameListener | None = None
        self.notices: list[str] = []
        self.seconds = 0.0

    def events(self) -> Iterator[Event]:
        """Everything of every file. Raises InputError, TooLarge, Interrupted."""
        until = self._clock() + self._limits.work_seconds
        offset = 0.0
        for number, file in enumerate(self._files):
            with self._open(file) as source:
                self._opened = source
                for event in source.events():
                    if self._closed:
                        return
                    yield self._checked(event, offset, until)
            offset = self.seconds + GAP
            self._task.progress = (number + 1) / len(self._files)

    def _checked(self, event: Event, offset: float, until: float) -> Event:
        self._task.check()
        if self._clock() > until:
            raise TooLarge(
                f"The work on this request took more than {self._limits.work_seconds:g} s.",
                "Send a shorter or smaller recording.",
            )
        if isinstance(event, SourceNotice):
            self.notices.append(event.text)
            return event
        moved = replace(event, time=event.time + offset) if offset else event
        self.seconds = max(self.seconds, moved.time)
        if moved.time > self._limits.seconds:
            raise TooLarge(
                f"The recording is longer than {self._limits.seconds:g} s.",
                "Send a shorter part, or raise service_seconds in the settings.",
            )
        return moved

    def close(self) -> None:
        """End `events` after the current sample."""
        self._closed = True
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Playing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def in_order(files: Sequence[Path]) -> list[Path]:
    """Pictures before recordings, else as they came: a visit begins with a face, and what is said
    long before one is seen belongs to somebody else."""
    from kiosk.capture.picture import is_picture

    if len(files) < 2:
        return list(files)
    return sorted(files, key=lambda file: not is_picture(file))


def name_of(file: Path) -> str:
    """What the client calls a file."""
    return shown(file.name)
