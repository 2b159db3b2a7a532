"""Which monitor shows the kiosk, where there are several."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QScreen

from kiosk.core.events import Fault
from kiosk.runtime.verdict import MONITOR

AUTO = "auto"


def find_monitor(wanted: str, monitors: Sequence[QScreen]) -> QScreen | None:
    """The one of this number, name, or a name that begins so, in any case; None if there is none,
    or several begin so."""
    word = wanted.strip().casefold()
    if word.isdecimal():
        return monitors[int(word)] if int(word) < len(monitors) else None
    names = [(each.name().casefold(), each) for each in monitors]
    exact = [each for name, each in names if name == word]
    near = [each for name, each in names if name.startswith(word)]
    found = exact or near
    return found[0] if len(found) == 1 else None


class ChosenMonitor(QObject):
    """The monitor of the setting, or the first until it is there. `changed` with the one that
    shows the kiosk from now on; `tell` hears that it is missing, and that it came back."""

    changed = Signal(object)

    def __init__(self, wanted: str, tell: Callable[[Fault], None]) -> None:
        super().__init__()
        self._wanted, self._tell = wanted, tell
        self._missing = False
        self._now: QScreen | None = None

    def begin(self) -> QScreen:
        """The monitor to begin with; from now on those that come and go are followed."""
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self.look)
        application.screenRemoved.connect(self.look)
        self._now = self.choose(QGuiApplication.screens(), QGuiApplication.primaryScreen())
        return self._now

    def choose(self, monitors: Sequence[QScreen], first: QScreen) -> QScreen:
        """The one that is wanted, or the first with a notice for staff."""
        found = first if self._wanted == AUTO else find_monitor(self._wanted, monitors)
        missing = found is None
        if missing is not self._missing:
            self._missing = missing
            text = "The chosen monitor is not there; the first one shows the kiosk."
            if not missing:
                text = "The chosen monitor is there."
            remedy = "" if not missing else "Plug it in, or choose another in the settings."
            self._tell(Fault(text, remedy, restored=not missing, code=MONITOR))
        return found or first

    @Slot(object)
    def look(self, _monitor: object = None) -> None:
        """One came or went."""
        monitors = QGuiApplication.screens()
        if not monitors:
            return
        chosen = self.choose(monitors, QGuiApplication.primaryScreen())
        if chosen is not self._now:
            self._now = chosen
            self.changed.emit(chosen)
