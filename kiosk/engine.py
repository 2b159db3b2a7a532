"""The thread on which visits run for the screens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from kiosk.domain import Fault
from kiosk.errors import BugError, KnownError
from kiosk.ports import Source
from kiosk.visit import Publish, Visit, run_visits

Command = Callable[[], None]


class Engine:
    """One thread that owns models and database and runs visits; screens send it commands.

    `prepare` is entered on the engine's thread and gives the source and the visit: models are
    loaded there, behind the first screen, and closed there. `publish` is called there as well.
    """

    def __init__(
        self,
        prepare: Callable[[Publish], AbstractContextManager[tuple[Source, Visit]]],
        publish: Publish,
    ) -> None:
        self._prepare = prepare
        self._publish = publish
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._source: Source | None = None
        self._visit: Visit | None = None
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
            if self._visit is not None:
                act(self._visit)

        self.send(command)

    def stop(self, limit: float = 5.0) -> None:
        """Stop and join within `limit` seconds. Raises BugError if the thread does not end."""
        self._stop.set()
        source = self._source
        if source is not None:
            source.close()
        if self._thread.is_alive():
            self._thread.join(limit)
            if self._thread.is_alive():
                raise BugError("the engine's thread did not stop")

    def _work(self) -> None:
        try:
            with self._prepare(self._publish) as (self._source, self._visit):
                self._between_events()
                if not self._stop.is_set():
                    run_visits(self._source, self._visit, self._between_events)
                if not self._stop.is_set():
                    text = "The recording or stream has ended."
                    self._publish(Fault(text, "Start the kiosk again.", code="SourceEnded"))
        except KnownError as error:
            self._publish(Fault(error.text, error.remedy, code=type(error).__name__))
        except Exception as error:
            # A fault on the screen, never a dead thread; only its type, for a text may hold data.
            text = f"Internal error ({type(error).__name__})."
            self._publish(Fault(text, "Restart the kiosk.", code="BugError"))
            raise

    def _between_events(self) -> bool:
        while not self._commands.empty():  # this thread is the only one that takes
            self._commands.get()()
        return not self._stop.is_set()
