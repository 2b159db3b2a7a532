"""Locks the staff pages when nobody touches them, and says so before."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, words
from kiosk.ui.toolkit.overlays import Overlay

IDLE_MS = 120_000
"""Without a touch for so long the pages lock themselves."""
WARNING_MS = 20_000
"""So long before that they ask."""
SECOND_MS = 1_000


class IdleWarning(Overlay):
    """Counts down; any touch or key keeps the pages open."""

    stay = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.text, self.stay_button = words("body"), Button("primary")
        self.card.box.addWidget(self.text)
        self.card.box.addWidget(self.stay_button)
        self.stay_button.clicked.connect(self.stay)

    def tell(self, seconds: int, *, keeps: bool) -> None:
        """So many are left; `keeps` that a draft of an enrolment is not lost."""
        self.heading.setText(say(w.IDLE_TITLE))
        text = say(w.IDLE_TEXT, seconds=seconds)
        self.text.setText(f"{text} {say(w.IDLE_DRAFT)}" if keeps else text)
        self.stay_button.say(say(w.IDLE_STAY))
        if not self.isVisible():
            self.cover()
            self.stay_button.setFocus()

    def dismiss(self) -> None:
        """Escape is a sign of somebody as well."""
        self.stay.emit()


class IdleLock(QObject):
    """`expired` when nobody has touched anything for long."""

    expired = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.keeps = False
        self.warning = IdleWarning(window)
        self.warning.stay.connect(self.alive)
        self._length = IDLE_MS
        self._end, self._quiet, self._second = QTimer(self), QTimer(self), QTimer(self)
        for timer in (self._end, self._quiet):
            timer.setSingleShot(True)
        self._second.setInterval(SECOND_MS)
        self._end.timeout.connect(self._expire)
        self._quiet.timeout.connect(self._warn)
        self._second.timeout.connect(self._count)

    def start(self, milliseconds: int = IDLE_MS) -> None:
        """From now on, for so long without a touch."""
        self._length = milliseconds
        self.alive()

    @Slot()
    def alive(self) -> None:
        """Somebody is there: the whole time again."""
        self.stop()
        self._end.start(self._length)
        if self._length > WARNING_MS:
            self._quiet.start(self._length - WARNING_MS)

    @Slot()
    def stop(self) -> None:
        """Nothing is locked any more."""
        for timer in (self._end, self._quiet, self._second):
            timer.stop()
        self.warning.hide()

    @Slot()
    def _warn(self) -> None:
        self._second.start()
        self._count()

    @Slot()
    def _count(self) -> None:
        self.warning.tell(ceil(self._end.remainingTime() / SECOND_MS), keeps=self.keeps)

    @Slot()
    def _expire(self) -> None:
        self.stop()
        self.expired.emit()
