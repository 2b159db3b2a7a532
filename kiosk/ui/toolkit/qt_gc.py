"""Cyclic garbage is collected on the GUI thread alone.

Python collects on whichever thread happens to allocate. When that is the engine's, Qt objects that
lie in cycles are destroyed on a thread they do not belong to, and the process dies. So automatic
collection is off while screens are open, and a timer of the GUI thread does it instead.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 2_000
FULL_EVERY = 30
"""Young objects are looked at every time, all of them every so many times."""


class GuiGarbage(QObject):
    """Takes over from Python's own collector until `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer()
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @Slot()
    def collect(self) -> None:
        """Collect what is due."""
        self._count += 1
        gc.collect(2 if self._count % FULL_EVERY == 0 else 1)

    def close(self) -> None:
        """Collect everything and give back to Python's own collector."""
        self._timer.stop()
        gc.collect()
        if self._was_enabled:
            gc.enable()
