"""The thread on which visits run for the screens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from kiosk.core.errors import BugError, KnownError
from kiosk.core.events import Fault
from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import Source
from kiosk.recognition.visit import Publish, Visit, run_visits

Command = Callable[[], None]


class SourceUser(Protocol):
    """Somebody else than visits who needs the camera and the microphone for a while."""

    @property
    def active(self) -> bool:
        """Whether what the source gives is for this guest."""

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source."""

    def source_ended(self) -> None:
        """Nothing will come from the source any more."""


@dataclass(frozen=True)
class VisitSetup:
    """What visits need, and who may take their place."""

    source: Source
    visit: Visit
    guest: SourceUser | None = None


Prepare: TypeAlias = Callable[[Publish], AbstractContextManager[Callable[[], VisitSetup]]]


class Engine:
    """One thread that owns models and database and runs visits; screens send it commands.

    `prepare` is entered on the engine's thread: it opens the gallery, and gives the function that
    loads the models and opens the source, called behind the first screen. When that fails, or the
    source is lost for good, there is a fault on the screen and commands are still carried out, so
    that staff can see what is wrong. `publish` is called on this thread as well.
    """

    def __init__(self, prepare: Prepare, publish: Publish) -> None:
        self._prepare = prepare
        self._publish = publish
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._stand: VisitSetup | None = None
        self._thread = threading.Thread(target=self._work, name="kiosk-engine", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Have something done on the engine's thread, between two events of the source."""
        self._commands.put(command)

    def tell(self, act: Callable[[Visit], None]) -> None:
        """Have something done to the visit: `engine.tell(Visit.rest)`."""

        def command() -> None:
            if self._stand is not None:
                act(self._stand.visit)

        self.send(command)

    @property
    def stopping(self) -> bool:
        """Whether long work on this thread should end."""
        return self._stop.is_set()

    def stop(self, limit: float = 5.0) -> None:
        """Stop and join within `limit` seconds. Raises BugError if the thread does not end."""
        self._stop.set()
        stand = self._stand
        if stand is not None:
            stand.source.close()
        self.send(lambda: None)  # wakes a thread that waits for commands
        if self._thread.is_alive():
            self._thread.join(limit)
            if self._thread.is_alive():
                raise BugError("the engine's thread did not stop")

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source, to the guest while there is one."""
        assert self._stand is not None
        guest = self._stand.guest
        if guest is not None and guest.active:
            guest.feed(event)
            if isinstance(event, SourceNotice):
                self._stand.visit.feed(event)  # a lost device is the screen's affair as well
        else:
            self._stand.visit.feed(event)

    def finish(self) -> None:
        """The source ended."""
        assert self._stand is not None
        self._stand.visit.finish()

    def _work(self) -> None:
        try:
            with self._prepare(self._publish) as begin:
                self._run(begin)
                self._serve()
        except KnownError as error:
            self._tell_fault(error)
            self._serve()
        except Exception as error:
            # A fault on the screen, never a dead thread; only its type, for a text may hold data.
            text = f"Internal error ({type(error).__name__})."
            self._publish(Fault(text, "Restart the kiosk.", code="BugError"))
            raise

    def _run(self, begin: Callable[[], VisitSetup]) -> None:
        try:
            self._stand = begin()
            if self._between_events():
                run_visits(self._stand.source, self, self._between_events)
            if not self._stop.is_set():
                text = "The recording or stream has ended."
                self._publish(Fault(text, "Start the kiosk again.", code="SourceEnded"))
        except KnownError as error:
            self._tell_fault(error)
        if self._stand is not None and self._stand.guest is not None:
            self._stand.guest.source_ended()

    def _serve(self) -> None:
        """Nothing is seen or heard any more; what the screens ask is still answered."""
        while not self._stop.is_set():
            self._commands.get()()

    def _tell_fault(self, error: KnownError) -> None:
        self._publish(Fault(error.text, error.remedy, code=type(error).__name__))

    def _between_events(self) -> bool:
        while not self._commands.empty():  # this thread is the only one that takes
            self._commands.get()()
        return not self._stop.is_set()
