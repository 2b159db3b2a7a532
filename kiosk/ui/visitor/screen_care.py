"""The first screen at rest: it dims when nobody is there, and is dark outside its hours.

A dark screen looks at nobody and listens to nobody, so that nobody who only walks by wakes it; a
touch or a key does, and the visit that follows is one like by day. A visit that is under way when
the hours end is never cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.core.declared.brand import lit_hours
from kiosk.core.ports.capture import Clock
from kiosk.core.settings import Settings
from kiosk.ui.visitor.walkup import Page, View

MINUTE = 60.0
WOKEN_SECONDS = 60.0
"""So long a screen that was woken outside its hours waits for somebody before it is dark again."""
RESTING = {Page.ATTRACT, Page.FAULT}
"""Pages on which nobody is in the middle of anything."""
DIMMED = 150
"""How black lies over a dimmed screen, of 255: two fifths of its light are left."""
SHIFTS = ((0, 0), (3, 1), (1, 3), (-2, 2), (-3, -1), (-1, -3), (2, -2))
"""Pixels to the right and down, one after the other while the screen is dimmed: no edge stays where
it is for long, and nobody sees it move."""
SHIFT_SECONDS = 60.0
_SIGNS_OF_LIFE = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.TouchBegin,
    QEvent.Type.Wheel,
}


class Light(StrEnum):
    """How lit the screen is."""

    FULL = "full"
    DIM = "dim"
    DARK = "dark"


def _wall() -> datetime:
    return datetime.now().astimezone()


class ScreenCare(QWidget):
    """Lies over the walk-up window. `slept` when it goes dark, `woken` when a touch lights it,
    `shifted` with how far everything is moved."""

    slept = Signal()
    woken = Signal()
    shifted = Signal(int, int)

    def __init__(
        self,
        window: QWidget,
        settings: Settings,
        clock: Clock,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        super().__init__(window)
        self._window, self._clock, self._wall = window, clock, wall
        self.light = Light.FULL
        self._page = Page.ATTRACT
        self._idle_since = clock.monotonic()
        self._woken_at: float | None = None
        self._shift = 0
        self._kept_awake = False
        self.adopt(settings)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def adopt(self, settings: Settings) -> None:
        """Hours and patience may have changed."""
        self._hours = lit_hours(settings)
        self._dim_after = settings.dim_after * MINUTE

    def begin(self) -> None:
        """From now on touches are noticed."""
        _application().installEventFilter(self)

    def end(self) -> None:
        """No more."""
        _application().removeEventFilter(self)
        self.hide()

    def keep_awake(self, *, awake: bool) -> None:
        """Staff are at work in front of the screen, or have finished."""
        self._kept_awake = awake
        self._stir()
        if self._woken_at is not None:
            self._woken_at = self._idle_since

    def follow(self, view: View) -> None:
        """Somebody on a page is no idle screen."""
        if view.page is not self._page:
            self._page = view.page
            self._stir()

    def tick(self) -> None:
        """Called a few times a second."""
        resting = self._window.isVisible() and self._page in RESTING
        if self._kept_awake or not resting:
            self._light_up(Light.FULL)
            return
        now = self._clock.monotonic()
        if self._sleeps(now):
            self._light_up(Light.DARK)
            return
        if self.light is Light.DARK:
            self._idle_since = now  # the hours begin: whoever comes finds a lit screen
        idle = now - self._idle_since
        if self._dim_after and idle >= self._dim_after:
            self._light_up(Light.DIM)
            self._move(int((idle - self._dim_after) // SHIFT_SECONDS) + 1)
        else:
            self._light_up(Light.FULL)

    def _sleeps(self, now: float) -> bool:
        if self._hours.lit(self._wall()):
            self._woken_at = None
            return False
        return self._woken_at is None or now - max(self._woken_at, self._idle_since) > WOKEN_SECONDS

    def _light_up(self, light: Light) -> None:
        if light is self.light:
            return
        before, self.light = self.light, light
        self.setGeometry(self._window.rect())
        self.setVisible(light is not Light.FULL)
        self.raise_()
        self.update()
        if light is not Light.DIM:
            self._move(0)
        if light is Light.DARK:
            self._woken_at = None
            self._window.setCursor(Qt.CursorShape.BlankCursor)
            self.slept.emit()
        elif before is Light.DARK:
            self._window.unsetCursor()
            self.woken.emit()

    def _move(self, step: int) -> None:
        if step != self._shift:
            self._shift = step
            self.shifted.emit(*SHIFTS[step % len(SHIFTS)])

    def _stir(self) -> None:
        self._idle_since = self._clock.monotonic()
        if self.light is Light.DIM:
            self._light_up(Light.FULL)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """A touch lights the screen. On a dark one it does nothing else: nobody saw what lies
        under the finger."""
        if event.type() not in _SIGNS_OF_LIFE or not isinstance(watched, QWidget):
            return False
        dark = self.light is Light.DARK and watched.window() is self._window.window()
        self._stir()
        if dark:
            self._woken_at = self._clock.monotonic()
            self._light_up(Light.FULL)
        return dark

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Black, or a shade of it."""
        black = 255 if self.light is Light.DARK else DIMMED
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, black))


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
