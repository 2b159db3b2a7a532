"""Where screens ask the gallery: the question runs on the engine's thread, the answer comes back on
the screens'."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.errors import KnownError, StorageError
from kiosk.ports import Gallery

Work = Callable[[Gallery], object]
Send = Callable[[Callable[[], None]], None]


class Desk(QObject):
    """`ask` returns a ticket at once; `answered` brings it back with the result or a KnownError."""

    answered = Signal(int, object)
    _arrived = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gallery: Gallery | None = None
        self._send: Send | None = None
        self._lock = threading.Lock()
        self._tickets = count(1)
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def serve(self, send: Send) -> None:
        """Give the engine's `send`."""
        self._send = send

    def attach(self, gallery: Gallery | None) -> None:
        """From the engine's thread: the gallery while it is open, None afterwards."""
        with self._lock:
            self._gallery = gallery

    def ask(self, work: Work) -> int:
        """Have something done with the gallery."""
        ticket = next(self._tickets)
        with self._lock:
            ready = self._gallery is not None and self._send is not None
        if ready and self._send is not None:
            self._send(lambda: self._do(ticket, work))
        else:
            text = "The gallery is not open."
            self._arrived.emit(ticket, StorageError(text, "Wait until the kiosk is ready."))
        return ticket

    def _do(self, ticket: int, work: Work) -> None:
        with self._lock:
            gallery = self._gallery
        try:
            if gallery is None:
                raise StorageError("The gallery is closed.", "Start the kiosk again.")
            result = work(gallery)
        except KnownError as error:
            self._arrived.emit(ticket, error)
        else:
            self._arrived.emit(ticket, result)

    @Slot(int, object)
    def _hand_over(self, ticket: int, result: object) -> None:
        self.answered.emit(ticket, result)
