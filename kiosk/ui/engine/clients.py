"""Where screens ask the gallery and the enrolment session.

The question runs on the engine's thread, and the answer comes back on the screens'.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import count
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.core.errors import KnownError, NotReady, StorageError
from kiosk.core.ports.audit import AuditTrail
from kiosk.core.ports.gallery import (
    CallStore,
    ConsentStore,
    DecisionStore,
    EnrolmentStore,
    LearningStore,
    PeopleArchive,
    PictureStore,
    SubjectStore,
)
from kiosk.core.ports.uses import AttendanceStore, GreetingStore
from kiosk.core.redaction import log_failure
from kiosk.enrolment.guided_capture import CaptureProgress
from kiosk.enrolment.session import EnrolmentSession, Told
from kiosk.ui.engine.bridge import Bridge


class VisitRecords(SubjectStore, DecisionStore, Protocol):
    """Decisions, and the people they name: what the pages of visits and of settings ask."""


class PeopleDesk(
    VisitRecords,
    EnrolmentStore,
    LearningStore,
    PictureStore,
    ConsentStore,
    PeopleArchive,
    AttendanceStore,
    GreetingStore,
    CallStore,
    AuditTrail,
    Protocol,
):
    """What the page of people asks, and with it all that the screens of staff do: nothing of them
    searches the gallery or puts one recogniser in another's place."""


DeskWork = Callable[[PeopleDesk], object]
RecordsWork = Callable[[VisitRecords], object]
EnrolmentWork = Callable[[EnrolmentSession], object]
Send = Callable[[Callable[[], None]], None]
_Thing = TypeVar("_Thing")
_log = logging.getLogger(__name__)


class EngineClient(QObject, Generic[_Thing]):
    """`ask` returns a ticket at once; `answered` brings it back with the result or a KnownError."""

    answered = Signal(int, object)
    _arrived = Signal(int, object)
    closed_text = "That is not ready."
    closed_error: type[KnownError] = NotReady

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thing: _Thing | None = None
        self._send: Send | None = None
        self._lock = threading.Lock()
        self._tickets = count(1)
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def serve(self, send: Send) -> None:
        """Give the engine's `send`."""
        self._send = send

    def attach(self, thing: _Thing | None) -> None:
        """From the engine's thread: what questions are about while it is there, else None."""
        with self._lock:
            self._thing = thing

    @property
    def ready(self) -> bool:
        """Whether a question would be answered."""
        with self._lock:
            return self._thing is not None and self._send is not None

    def ask(self, work: Callable[[_Thing], object]) -> int:
        """Have something done."""
        ticket = next(self._tickets)
        if self.ready and self._send is not None:
            self._send(lambda: self._do(ticket, work))
        else:
            error = self.closed_error(self.closed_text, "Wait until the kiosk is ready.")
            self._arrived.emit(ticket, error)
        return ticket

    def _do(self, ticket: int, work: Callable[[_Thing], object]) -> None:
        with self._lock:
            thing = self._thing
        try:
            if thing is None:
                raise self.closed_error(self.closed_text, "Start the kiosk again.")
            result = work(thing)
        except KnownError as error:
            log_failure(_log, "A request of a screen ended by %s.", error)
            self._arrived.emit(ticket, error)
        else:
            self._arrived.emit(ticket, result)

    @Slot(int, object)
    def _hand_over(self, ticket: int, result: object) -> None:
        self.answered.emit(ticket, result)


class EnrolmentClient(EngineClient[EnrolmentSession]):
    """Questions about enrolment, and its progress on the screens' thread."""

    closed_text = "Enrolment is not ready."

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = Bridge(self, replaceable=CaptureProgress)
        self.progressed = self._bridge.arrived

    def tell(self, told: Told) -> None:
        """From the engine's thread."""
        self._bridge.publish(told)


class GalleryClient(EngineClient[PeopleDesk]):
    """Questions of staff about the gallery, and beside it the enrolment session."""

    closed_text = "The gallery is not open."
    closed_error = StorageError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = EnrolmentClient(self)

    def serve(self, send: Send) -> None:
        """Give the engine's `send`."""
        super().serve(send)
        self.session.serve(send)
