"""Where capture threads leave what the engine takes: a one-slot mailbox for frames, a queue for
sound, both in the order of their times."""

from __future__ import annotations

import threading
from collections import deque

from kiosk.capture.base import Event
from kiosk.core.media import AudioChunk, Frame, SourceNotice

SOUND_LIMIT = 5.0
"""Seconds by which sound may be older than what is newest: more than a visit asks of speech, and
less than it takes one person to go and the next to be recognised."""

ROOM = 32
"""Pieces of sound a patient producer leaves before it waits."""


class Exchange:
    """Putting does not block unless it is asked to; `get` blocks until there is something or all
    producers have finished.

    A frame that nobody took is replaced by the next one. Sound and notices are never lost, but for
    sound that is `sound_limit` seconds older than the newest sound or frame: whoever takes is then
    so far behind that what was said may belong to nobody who is still there, and pictures must not
    wait for it. `lost_sound` counts its seconds.
    """

    def __init__(self, producers: int, sound_limit: float = SOUND_LIMIT) -> None:
        self.lost_sound = 0.0
        self._sound_limit = sound_limit
        self._ready = threading.Condition()
        self._producers = producers
        self._frame: Frame | None = None
        self._queue: deque[AudioChunk | SourceNotice] = deque()
        self._error: Exception | None = None
        self._closed = False

    def put(self, event: Event, *, patient: bool = False) -> bool:
        """Leave something; True when it pushed out a frame that nobody took. A `patient` producer,
        which must be the only one, waits until there is room, and so pushes nothing out."""
        with self._ready:
            if patient:
                self._ready.wait_for(self._has_room)
            dropped = isinstance(event, Frame) and self._frame is not None
            if isinstance(event, Frame):
                self._frame = event
            else:
                self._queue.append(event)
            self._forget_sound_older_than(event)
            self._ready.notify_all()
            return dropped

    def finish(self, error: Exception | None = None) -> None:
        """One producer has ended; an error is raised by `get` once the rest was taken."""
        with self._ready:
            self._producers -= 1
            if error is not None and self._error is None:
                self._error = error
            self._ready.notify_all()

    def close(self) -> None:
        """Wake `get`, which returns None from now on."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def get(self) -> Event | None:
        """The next event by time, None at the end. Raises what a producer failed with."""
        with self._ready:
            self._ready.wait_for(self._something)
            if self._closed:
                return None
            if self._frame is None and not self._queue:
                if self._error is not None:
                    raise self._error
                return None
            return self._take()

    def _forget_sound_older_than(self, newest: Event) -> None:
        if isinstance(newest, SourceNotice):
            return
        ends = newest.time + (newest.seconds if isinstance(newest, AudioChunk) else 0.0)
        bound = ends - self._sound_limit
        while self._queue and isinstance(oldest := self._queue[0], AudioChunk):
            if oldest.time >= bound:
                return
            self.lost_sound += oldest.seconds
            self._queue.popleft()

    def _has_room(self) -> bool:
        return self._closed or (self._frame is None and len(self._queue) < ROOM)

    def _something(self) -> bool:
        ended = self._closed or self._error is not None or self._producers <= 0
        return ended or self._frame is not None or bool(self._queue)

    def _take(self) -> Event:
        self._ready.notify_all()  # a patient producer waits for this
        head = self._queue[0] if self._queue else None
        if head is None or (
            self._frame is not None
            and isinstance(head, AudioChunk)
            and self._frame.time < head.time
        ):
            frame, self._frame = self._frame, None
            assert frame is not None
            return frame
        return self._queue.popleft()
