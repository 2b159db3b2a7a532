"""Questions that are answered elsewhere: on a thread of a pool, or by a client on the engine's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, SignalInstance, Slot

from kiosk.core.errors import KnownError
from kiosk.core.redaction import log_failure

Work = Callable[[], object]
Then = Callable[[Any], None]
_log = logging.getLogger(__name__)
_W = TypeVar("_W", contravariant=True)


def pool_of(owner: QObject) -> QThreadPool:
    """Threads that end with their owner. A pool that is deleted waits for what it is at, and may
    hold Python meanwhile, which that work needs: so it is waited for before, without Python."""
    pool = QThreadPool(owner)
    owner.destroyed.connect(lambda: pool.waitForDone())  # before children are deleted
    return pool


def tell(signal: SignalInstance, *result: object) -> None:
    """From a pool's thread: nobody hears it whose screen has gone meanwhile."""
    with suppress(RuntimeError):  # what PySide raises where the signal's owner is deleted
        signal.emit(*result)


class BackgroundTasks(QObject):
    """Like a client of the engine, for what may take long and needs no gallery.

    `ask` returns a ticket at once, `answered` brings it back on the screens' thread with the result
    or a KnownError.
    """

    answered = Signal(int, object)
    _arrived = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool_of(self)
        self._pool.setMaxThreadCount(1)
        self._tickets = count(1)
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def ask(self, work: Work) -> int:
        """Have something done."""
        ticket = next(self._tickets)
        self._pool.start(_BackgroundTask(ticket, work, self._arrived))
        return ticket

    def wait(self) -> None:
        """Until all is done that was asked."""
        self._pool.waitForDone()

    @Slot(int, object)
    def _hand_over(self, ticket: int, result: object) -> None:
        self.answered.emit(ticket, result)


class _BackgroundTask(QRunnable):
    def __init__(self, ticket: int, work: Work, arrived: SignalInstance) -> None:
        super().__init__()
        self._ticket, self._work, self._arrived = ticket, work, arrived

    def run(self) -> None:
        """On a thread of the pool."""
        try:
            result = self._work()
        except KnownError as error:
            log_failure(_log, "Work behind a screen ended by %s.", error)
            result = error
        except Exception as error:  # told on the page, never a question without an answer
            log_failure(_log, "Work behind a screen ended by %s.", error)
            result = KnownError(f"Internal error ({type(error).__name__}).", "Restart the kiosk.")
        tell(self._arrived, self._ticket, result)


class RequestTarget(Protocol[_W]):
    """What questions are put to: a client of the engine, or background tasks."""

    @property
    def answered(self) -> SignalInstance:
        """Ticket and result."""

    def ask(self, work: _W) -> int:
        """Have something done; returns a ticket."""


class Requester(QObject, Generic[_W]):
    """Asks for a page, and calls what the page wants done with each answer."""

    failed = Signal(object)

    def __init__(self, teller: RequestTarget[_W], parent: QObject) -> None:
        super().__init__(parent)
        self._teller = teller
        self._waiting: dict[int, Then] = {}
        teller.answered.connect(self._take)

    def ask(self, work: _W, then: Then) -> None:
        """`then` is given the result; a KnownError goes to `failed`."""
        self._waiting[self._teller.ask(work)] = then

    def forget(self) -> None:
        """Whatever still comes is not wanted any more."""
        self._waiting.clear()

    @Slot(int, object)
    def _take(self, ticket: int, result: object) -> None:
        then = self._waiting.pop(ticket, None)
        if then is None:
            return
        if isinstance(result, KnownError):
            self.failed.emit(result)
        else:
            then(result)
