"""The thread on which visits run for the screens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from kiosk.core.errors import BugError, KnownError
from kiosk.core.events import Fault
from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import Source
from kiosk.core.redaction import log_failure
from kiosk.core.refused_memory import is_memory_refused
from kiosk.recognition.visit import Publish, Visit
from kiosk.runtime.inbox import Command, Inbox, SourceEnd, SourceEvent, SourcePump

PUMP_LIMIT = 5.0
"""Seconds a source that was closed has to stop giving."""

_log = logging.getLogger(__name__)


class SourceUser(Protocol):
    """Somebody else than visits who needs the camera and the microphone for a while."""

    @property
    def active(self) -> bool:
        """Whether what the source gives is for this user."""

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source."""

    def source_ended(self) -> None:
        """Nothing will come from the source any more."""


@dataclass(frozen=True)
class VisitSetup:
    """What visits need, and who may take their place."""

    source: Source
    visit: Visit
    other_user: SourceUser | None = None


Prepare: TypeAlias = Callable[[Publish], AbstractContextManager[Callable[[], VisitSetup]]]


class Engine:
    """One thread that owns models and database and runs visits; screens send it commands.

    It waits for one thing only, its inbox, in which commands and the source's events arrive.
    `prepare` is entered on the engine's thread: it opens the gallery, and gives the function that
    loads the models and opens the source, called behind the first screen. When that fails, or the
    source is lost for good, there is a fault on the screen and commands are still carried out, so
    that staff can see what is wrong. `publish` is called on this thread as well.
    """

    def __init__(self, prepare: Prepare, publish: Publish) -> None:
        self._prepare = prepare
        self._publish = publish
        self._inbox = Inbox()
        self._stop = threading.Event()
        self._setup: VisitSetup | None = None
        self._pump: SourcePump | None = None
        self._thread = threading.Thread(target=self._work, name="kiosk-engine", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Have something done on the engine's thread, before the next event of the source."""
        self._inbox.send(command)

    def tell(self, act: Callable[[Visit], None]) -> None:
        """Have something done to the visit: `engine.tell(Visit.rest)`."""

        def command() -> None:
            if self._setup is not None:
                act(self._setup.visit)

        self.send(command)

    @property
    def stopping(self) -> bool:
        """Whether long work on this thread should end."""
        return self._stop.is_set()

    def stop(self, limit: float = 5.0) -> None:
        """Stop and join within `limit` seconds. Raises BugError if the thread does not end; the
        devices are let go all the same."""
        self._stop.set()
        self._inbox.close()
        if not self._thread.is_alive():
            return
        self._thread.join(limit)
        if self._thread.is_alive():
            if self._setup is not None:
                self._setup.source.close()
            raise BugError("the engine's thread did not stop")

    def _work(self) -> None:
        with ExitStack() as opened:
            try:
                begin = opened.enter_context(self._prepare(self._publish))
                self._setup = begin()
                self._pump = SourcePump(self._setup.source, self._inbox)
                self._pump.start()
            except Exception as error:
                self._tell_fault(error)
            try:
                while (item := self._inbox.take()) is not None:
                    self._carry_out(item)
            finally:
                self._let_source_go()

    def _carry_out(self, item: Command | SourceEvent | SourceEnd) -> None:
        """One thing out of the inbox. Whatever goes wrong is told, and the next is carried out."""
        try:
            if isinstance(item, SourceEnd):
                self._end_source(item.error)
            elif isinstance(item, Frame | AudioChunk | SourceNotice):
                self._feed(item)
            else:
                item()
        except Exception as error:
            self._tell_fault(error)
            if isinstance(item, Frame | AudioChunk | SourceNotice):
                self._let_source_go()

    def _feed(self, event: SourceEvent) -> None:
        """The next thing from the source, to whoever uses the source while there is one."""
        setup = self._setup
        assert setup is not None
        other_user = setup.other_user
        if other_user is not None and other_user.active:
            other_user.feed(event)
            if isinstance(event, SourceNotice):
                setup.visit.feed(event)  # a lost device is the screen's affair as well
        else:
            setup.visit.feed(event)

    def _end_source(self, error: Exception | None) -> None:
        """Nothing comes any more: the visit is decided with what there is."""
        try:
            if error is not None:
                raise error
            if self._setup is not None:
                self._setup.visit.finish()
            text = "The recording or stream has ended."
            self._publish(Fault(text, "Start the kiosk again.", code="SourceEnded"))
        finally:
            self._let_source_go()

    def _let_source_go(self) -> None:
        """Close the devices; visits see and hear nothing any more."""
        pump, self._pump = self._pump, None
        if pump is not None and not pump.stop(PUMP_LIMIT):
            _log.warning("the source's thread did not end within %s s", PUMP_LIMIT)
        if pump is not None and self._setup is not None and self._setup.other_user is not None:
            self._setup.other_user.source_ended()

    def _tell_fault(self, error: Exception) -> None:
        log_failure(_log, "Work of the engine ended by %s.", error)
        if isinstance(error, KnownError):
            self._publish(Fault(error.text, error.remedy, code=type(error).__name__))
            return
        if is_memory_refused(error):
            remedy = "Close other programs, or add memory."
            self._publish(Fault("There is not enough memory.", remedy, code="MemoryRefused"))
            return
        # A fault on the screen, never a dead thread; only its type, for a text may hold data.
        text = f"Internal error ({type(error).__name__})."
        self._publish(Fault(text, "Restart the kiosk.", code="BugError"))
