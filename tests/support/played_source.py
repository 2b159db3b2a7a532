"""A live source that delivers what the test puts in."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import FrameListener

Event = Frame | AudioChunk | SourceNotice


class PlayedSource:
    """Gives events in the order in which they were put, and nothing when nothing is put."""

    live = True
    dropped = 0
    lost_sound = 0.0

    def __init__(self) -> None:
        self.preview: FrameListener | None = None
        self._queue: queue.Queue[Event | threading.Event | None] = queue.Queue()

    def put(self, event: Event) -> None:
        self._queue.put(event)

    def mark(self) -> threading.Event:
        """Is set once whoever reads has done with everything put before and asks for more."""
        marked = threading.Event()
        self._queue.put(marked)
        return marked

    def events(self) -> Iterator[Event]:
        while (event := self._queue.get()) is not None:
            if isinstance(event, threading.Event):
                event.set()
                continue
            if self.preview is not None and isinstance(event, Frame):
                self.preview(event)
            yield event

    def close(self) -> None:
        self._queue.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()
