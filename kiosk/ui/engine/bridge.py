"""From other threads to the screens: a one-slot mailbox for pictures, a bridge for results."""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.core.events import VisitProgress
from kiosk.core.media import Frame


class Mailbox:
    """Holds the newest frame. `put` never waits for anybody; what was not taken is replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self.replaced = 0

    def put(self, frame: Frame) -> None:
        """From the capture thread."""
        with self._lock:
            self.replaced += self._frame is not None
            self._frame = frame

    def take(self) -> Frame | None:
        """The newest frame if there is one that was not taken yet."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame


class Bridge(QObject):
    """Lives on the GUI thread; `publish` may be called from any other.

    Progress (`replaceable`) that the screens had no time to show is replaced by newer progress;
    decisions and faults are all delivered, in order.
    """

    arrived = Signal(object)
    _wake = Signal()

    def __init__(
        self, parent: QObject | None = None, replaceable: type[object] = VisitProgress
    ) -> None:
        super().__init__(parent)
        self._replaceable = replaceable
        self._lock = threading.Lock()
        self._waiting: deque[object] = deque()
        self._wake.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def publish(self, event: object) -> None:
        """Hand over an event; returns at once."""
        with self._lock:
            idle = not self._waiting
            newest = None if idle else self._waiting[-1]
            if isinstance(event, self._replaceable) and isinstance(newest, self._replaceable):
                self._waiting.pop()
            self._waiting.append(event)
        if idle:
            self._wake.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            events, self._waiting = self._waiting, deque()
        for event in events:
            self.arrived.emit(event)
