"""The engine's inbox: commands and what the source gives, in one place, taken by one thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import Source

Command: TypeAlias = Callable[[], None]
SourceEvent: TypeAlias = Frame | AudioChunk | SourceNotice


@dataclass(frozen=True)
class SourceEnd:
    """The source gives nothing any more, because of `error` if there is one."""

    error: Exception | None = None


class Inbox:
    """Commands in the order in which they were sent, and one place for the source's next event.

    A command overtakes what the source has to give, so that it is carried out as soon as what runs
    now is done. The place for events holds one: `offer` returns when that was taken and the next is
    asked for. So a recording is read no faster than it is looked at, and of a live source, which
    keeps the newest frame and every sound until it is asked, the engine gets the newest frame.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._commands: deque[Command] = deque()
        self._event: SourceEvent | SourceEnd | None = None
        self._asked = False
        self._refusing = False
        self._closed = False

    def send(self, command: Command) -> None:
        """From any thread; returns at once."""
        with self._changed:
            self._commands.append(command)
            self._changed.notify_all()

    def offer(self, event: SourceEvent) -> bool:
        """From the source's thread; waits until the engine asks for the event after this one.
        False when no more events are wanted."""
        with self._changed:
            if not self._refusing:
                self._asked = False
                self._event = event
                self._changed.notify_all()
                self._changed.wait_for(
                    lambda: self._refusing or (self._asked and self._event is None)
                )
            return not self._refusing

    def end(self, error: Exception | None = None) -> None:
        """From the source's thread: nothing comes any more."""
        with self._changed:
            if not self._refusing:
                self._event = SourceEnd(error)
                self._changed.notify_all()

    def take(self) -> Command | SourceEvent | SourceEnd | None:
        """The next thing to do, waited for; None once the inbox is closed."""
        with self._changed:
            if not self._closed and not self._commands:
                self._asked = True
                self._changed.notify_all()
                self._changed.wait_for(self._something)
            if self._closed:
                return None
            if self._commands:
                return self._commands.popleft()
            event, self._event = self._event, None
            self._asked = False
            return event

    def _something(self) -> bool:
        return self._closed or bool(self._commands) or self._event is not None

    def refuse_events(self) -> None:
        """Only commands are taken from now on; who offers an event is sent away."""
        with self._changed:
            self._refusing = True
            self._event = None
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing is taken any more; everybody who waits is woken."""
        with self._changed:
            self._closed = self._refusing = True
            self._changed.notify_all()


class SourcePump:
    """The thread (`kiosk-source`) that carries what a source gives into the inbox.

    It alone waits for the devices, so that the engine waits for nothing but its inbox.
    """

    def __init__(self, source: Source, inbox: Inbox) -> None:
        self._source = source
        self._inbox = inbox
        self._thread = threading.Thread(target=self._work, name="kiosk-source", daemon=True)

    def start(self) -> None:
        """Begin; the source opens its devices on the pump's thread."""
        self._thread.start()

    def stop(self, limit: float) -> bool:
        """Close the source and wait for the thread `limit` seconds; whether it has ended."""
        self._inbox.refuse_events()
        self._source.close()
        self._thread.join(limit)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            with self._source:
                for event in self._source.events():
                    if not self._inbox.offer(event):
                        return
        except Exception as error:  # belongs to the engine: it tells the screens
            self._inbox.end(error)
        else:
            self._inbox.end()
