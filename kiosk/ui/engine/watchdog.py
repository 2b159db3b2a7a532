"""Signs of life for the service manager: the screen asks for one, the engine's thread gives it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from kiosk.core.events import VisitEvent
from kiosk.runtime.inbox import Command
from kiosk.runtime.service_manager import ServiceManager


class Watchdog(QObject):
    """Tells the manager that both threads work. A screen that hangs no longer asks, an engine that
    hangs no longer answers: either way the manager hears nothing and starts the kiosk anew."""

    def __init__(self, manager: ServiceManager, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._manager = manager
        self._send = send
        self._ready = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)

    @Slot(object)
    def take(self, _event: VisitEvent) -> None:
        """The engine's first event says that it works, or what it lacks: the screen is there."""
        if self._ready:
            return
        self._ready = True
        self._manager.ready()
        if self._manager.ping_every is not None:
            self._timer.start(round(1000 * self._manager.ping_every))

    @Slot()
    def ask(self) -> None:
        """Have the engine's thread give the next sign of life."""
        self._send(self._manager.alive)

    def end(self) -> None:
        """The kiosk ends; nothing more is asked."""
        self._timer.stop()
        self._manager.ending()
