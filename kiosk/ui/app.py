"""Runs the screens: application, bridge, engine, window, and an orderly end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import datetime
from types import FrameType

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QScreen, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.core.declared.events import chosen_channels
from kiosk.core.errors import BugError
from kiosk.core.events import Fault
from kiosk.core.ports.capture import Clock
from kiosk.core.settings import Settings
from kiosk.recognition.visit import Publish
from kiosk.runtime.engine import Engine
from kiosk.runtime.passphrase import Passphrase
from kiosk.runtime.service_manager import ServiceManager
from kiosk.ui.engine.bridge import Bridge, Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.engine.staff_calls import StaffCalls
from kiosk.ui.engine.visit_control import VisitControl
from kiosk.ui.engine.watchdog import Watchdog
from kiosk.ui.staff.window import AdminWindow
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.monitors import ChosenMonitor
from kiosk.ui.toolkit.qt_gc import GuiGarbage
from kiosk.ui.toolkit.qt_messages import qt_messages_logged
from kiosk.ui.toolkit.theme import load_fonts, use_colours
from kiosk.ui.visitor.prompts import ECHO_SECONDS, FOLDER, Prompter
from kiosk.ui.visitor.screen_care import ScreenCare
from kiosk.ui.visitor.walkup import WalkUp
from kiosk.ui.visitor.window import WalkUpWindow

TICK_MS = 200
"""Time-outs are looked at this often; Python's signal handlers run then, too."""
BEGIN_MS = 30
"""So long after the first painting models are loaded; other widgets are painted meanwhile."""
UNSEEN_MS = 3000
"""A window that nobody paints, because another covers it, does not hold the kiosk up longer."""
DESK_SHARE = 0.85
DESK_SHAPE = (9, 16)
CHIME = FOLDER / "call.ogg"
RESTART = 75
"""Exit code of a screen that wants to begin again (EX_TEMPFAIL of sysexits.h)."""


class FirstPainting(QObject):
    """Says when a widget is painted for the first time."""

    came = Signal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look on, and keep nothing from the widget."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self.came.emit()
        return False


class WalkUpApp(QObject):
    """The walk-up screen with its engine; `show` begins, `close` ends everything it began."""

    def __init__(
        self,
        engine_factory: Callable[[Publish], Engine],
        settings: Settings,
        preview: Mailbox,
        client: GalleryClient,
        clock: Clock,
        services: Services | None = None,
        tell_fault: Callable[[Fault], None] = lambda fault: None,
    ) -> None:
        super().__init__()
        load_fonts()
        use_colours(settings.accent_colour, settings.ground_colour)
        self._services = services
        self.bridge = Bridge()
        self.engine = engine_factory(self.bridge.publish)
        self.language = Language(settings.language)
        control = VisitControl(self.engine.tell)
        self.model = WalkUp(settings, control, clock)
        self.bridge.arrived.connect(self.model.take)
        listener = services.called if services is not None else _unheard
        self.calls = StaffCalls(client, chosen_channels(settings), self, listener=listener)
        self.calls.rang.connect(self._ring)
        self._control = control
        self.window = WalkUpWindow(
            self.model, settings, preview, self.language, client.session, self.calls
        )
        client.serve(self.engine.send)
        passphrase = Passphrase.of(settings)
        self.admin = AdminWindow(
            client, passphrase, settings, self.language, services, preview, self.calls
        )
        self.bridge.arrived.connect(self.admin.take)
        self.admin.restart.connect(self._restart)
        self.admin.leave_kiosk.connect(self._leave)
        self.window.leave.connect(self.ask_to_leave)
        self.window.retry.connect(self._restart)
        self.admin.adopted.connect(self.adopt)
        self.prompter = self._make_prompter(settings, control)
        self.watchdog = Watchdog(ServiceManager(), self.engine.send)
        self.bridge.arrived.connect(self.watchdog.take)
        self.care = ScreenCare(self.window, settings, clock)
        self.model.changed.connect(self.care.follow)
        self.care.slept.connect(self.model.suspend)
        self.care.woken.connect(self.model.go_on)
        self.care.shifted.connect(self.window.move_by)
        self.monitor = ChosenMonitor(settings.monitor, tell_fault)
        self.monitor.changed.connect(self._move_to)
        self.window.staff.connect(self.open_admin)
        self.admin.closed.connect(self.model.go_on)
        self.admin.closed.connect(self._staff_gone)
        self._begin = QTimer()
        self._begin.setSingleShot(True)
        self._begin.setInterval(UNSEEN_MS)
        self._begin.timeout.connect(self._start_engine)
        self._painting = FirstPainting()
        self._painting.came.connect(self._begin_soon)
        self._timer = QTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.model.tick)
        self._timer.timeout.connect(self.care.tick)
        self._timer.timeout.connect(self.calls.tick)
        self._client = client
        self._timer.timeout.connect(self._look_round)

    @Slot()
    def _look_round(self) -> None:
        """What nobody tells the screens of by themselves."""
        if self._client.session.ready:
            self.model.prepared()
        if self._services is not None:
            self.window.reading.show_reading(self._services.reading())

    @Slot()
    def _ring(self) -> None:
        """A call is heard where there is a speaker; the visit does not take it for a voice."""
        if self._services is not None and self._services.speaker is not None:
            seconds = self._services.speaker.say(CHIME)
            if seconds:
                self._control.mute_for(seconds + ECHO_SECONDS)

    def _make_prompter(self, settings: Settings, control: VisitControl) -> Prompter | None:
        if self._services is None or self._services.speaker is None:
            return None
        prompter = Prompter(
            self.model, self.language, self._services.speaker, control.mute_for, self
        )
        prompter.enabled = settings.prompts
        prompter.spoken.connect(self.window.caption.tell)
        self.model.forgotten.connect(self.window.caption.fall_silent)
        return prompter

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """Take what of new settings the screens can follow at once."""
        self.model.adopt(settings)
        self.window.adopt(settings)
        self.care.adopt(settings)
        if self.prompter is not None:
            self.prompter.enabled = settings.prompts

    @Slot()
    def _restart(self) -> None:
        QApplication.exit(RESTART)

    @Slot()
    def _leave(self) -> None:
        self.admin.close()
        QApplication.quit()

    @Slot()
    def ask_to_leave(self) -> None:
        """Ending the kiosk stands behind the gate, as the pages for staff do; a window on a desk
        can be closed by anybody anyway."""
        if self.window.held:
            self.open_admin(leaving=True)
        else:
            QApplication.quit()

    @Slot()
    def open_admin(self, *, leaving: bool = False) -> None:
        """The admin screens stand where the walk-up screen stands."""
        self.care.keep_awake(awake=True)
        self.model.suspend()
        if self.window.isFullScreen():
            self.admin.setScreen(self.window.screen())
            fill_screen(self.admin)
        else:
            self.admin.setGeometry(self.window.geometry())
            self.admin.show()
        self.admin.begin(leaving=leaving)
        self.admin.activateWindow()

    @Slot()
    def _staff_gone(self) -> None:
        self.care.keep_awake(awake=False)

    def hold(self) -> None:
        """From now on nothing lies over the screens, and they have no frame to take them by."""
        for window in (self.window, self.admin):
            window.setWindowFlags(
                window.windowFlags()
                | Qt.WindowType.FramelessWindowHint
                | Qt.WindowType.WindowStaysOnTopHint
            )

    def show(self, size: QSize | None) -> None:
        """Show the window, full screen without a size, and start the engine behind it: once the
        screen is painted, for loading models would hold that up."""
        self.window.installEventFilter(self._painting)
        monitor = self.monitor.begin()
        self.care.begin()
        if size is None:
            self.window.held = True
            self.window.setScreen(monitor)
            fill_screen(self.window)
        else:
            self.window.resize(size)
            self.window.show()
        self._timer.start()
        self._begin.start()

    @Slot(object)
    def _move_to(self, monitor: QScreen) -> None:
        """The chosen monitor came, or it went; a window on a desk stays where it was put."""
        for window in (self.window, self.admin):
            if window.isFullScreen():
                window.showNormal()
                window.setScreen(monitor)
                fill_screen(window)

    @Slot()
    def _begin_soon(self) -> None:
        self._begin.start(BEGIN_MS)

    @Slot()
    def _start_engine(self) -> None:
        self.engine.start()

    def close(self) -> None:
        """Stop the engine, close the window, forget."""
        self.watchdog.end()
        self.care.end()
        self._timer.stop()
        self._begin.stop()
        self.admin.forget_draft()  # files that are still being read would hold the engine up
        try:
            self.engine.stop()
        except BugError:
            # Models that are still loading cannot be interrupted; they end with the process.
            if self.model.view.ready:
                raise
        finally:
            self.bridge.arrived.disconnect(self.watchdog.take)
            self.bridge.arrived.disconnect(self.model.take)
            self.bridge.arrived.disconnect(self.admin.take)
            if self._services is not None and self._services.speaker is not None:
                self._services.speaker.close()
            self.admin.close()
            self.window.held = False
            self.window.close()
            self.language.close()
            use_colours()


def _unheard(_since: datetime | None) -> None:
    """Nobody counts calls."""


def fill_screen(window: QWidget) -> None:
    """Full screen, on a kiosk without a window manager as well: nobody else would enlarge it.

    Without a frame: under Wayland Qt draws one itself, with a button that closes the kiosk.
    """
    window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    window.setGeometry(window.screen().geometry())
    window.showFullScreen()


def desk_size(available: QSize) -> QSize:
    """A tall window that fits a desk's screen."""
    across, down = DESK_SHAPE
    unit = DESK_SHARE * min(available.width() / across, available.height() / down)
    return QSize(round(across * unit), round(down * unit))


def run_walk_up(
    engine_factory: Callable[[Publish], Engine],
    settings: Settings,
    preview: Mailbox,
    client: GalleryClient,
    clock: Clock,
    services: Services | None = None,
    tell_fault: Callable[[Fault], None] = lambda fault: None,
    *,
    windowed: bool,
    held: bool = False,
) -> int:
    """Run the walk-up screen until it is closed; returns the exit code, RESTART where staff want
    it to begin again with what they set.

    `engine_factory` makes an engine that is not started yet; its source gives every frame to
    `preview.put`, and gives its gallery to `client.attach`. `tell_fault` hears what is wrong with
    the screen itself, for staff.
    """
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    garbage = GuiGarbage()
    with qt_messages_logged():
        app = WalkUpApp(engine_factory, settings, preview, client, clock, services, tell_fault)
        if held:
            app.hold()
        return _run(qt, app, garbage, windowed=windowed)


def _run(qt: QApplication, app: WalkUpApp, garbage: GuiGarbage, *, windowed: bool) -> int:
    quit_keys = QShortcut(QKeySequence("Ctrl+Shift+Q"), app.window)
    quit_keys.activated.connect(app.ask_to_leave)
    before = _quit_on_signals(qt)
    try:
        app.show(desk_size(qt.primaryScreen().availableSize()) if windowed else None)
        return qt.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        app.close()
        garbage.close()


def _quit_on_signals(qt: QApplication) -> dict[signal.Signals, signal._HANDLER]:
    """Ctrl+C and a service manager's stop end the screen in an orderly way."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        qt.quit()

    return {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
