"""Restart of the kiosk, restart and shut-down of the machine: each behind a question."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from kiosk.core.errors import KnownError
from kiosk.core.ports.system import MachinePower
from kiosk.core.status import PowerAct, PowerPermission
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.strings import health as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import fault_words, say
from kiosk.ui.toolkit.controls import Button
from kiosk.ui.toolkit.overlays import Choices
from kiosk.ui.toolkit.question import Question

KIOSK = "kiosk"


class PowerMenu(QObject):
    """`restart` when the kiosk is to begin again; `done` with what is about to be done."""

    restart = Signal()
    done = Signal(str)

    def __init__(self, page: QWidget, power: MachinePower | None) -> None:
        super().__init__(page)
        self._power = power
        self._after: Callable[[], None] = _nothing
        self.tasks = BackgroundTasks(self)
        self._asker: Requester[Work] = Requester(self.tasks, self)
        self._asker.failed.connect(self._tell_error)
        self.button = Button(sign="power")
        self.kiosk_button, self.restart_button = Button(), Button()
        self.shut_down_button = Button("danger")
        self.machine = {
            PowerAct.RESTART: self.restart_button,
            PowerAct.SHUT_DOWN: self.shut_down_button,
        }
        buttons = (self.kiosk_button, self.restart_button, self.shut_down_button)
        self.menu, self.question = Choices(page, buttons), Question(page)
        self.button.clicked.connect(self.offer)
        self.kiosk_button.clicked.connect(self._ask_kiosk)
        self.restart_button.clicked.connect(self._ask_restart)
        self.shut_down_button.clicked.connect(self._ask_shut_down)
        self.question.yes.connect(self._answered)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.button.say(say(w.POWER))
        self.kiosk_button.say(say(w.RESTART_KIOSK))
        self.restart_button.say(say(w.RESTART_MACHINE))
        self.shut_down_button.say(say(w.SHUT_DOWN))

    @Slot()
    def offer(self) -> None:
        """What can be done; what the machine allows is asked first."""
        self._show(PowerPermission.ABSENT)
        power = self._power
        if power is not None:
            self._asker.ask(lambda: _permission(power), self._show)

    def _show(self, permission: PowerPermission) -> None:
        allowed = permission is PowerPermission.YES
        for button in self.machine.values():
            button.setEnabled(allowed)
        text = "" if allowed else say(w.POWER_MISSING[permission.value])
        self.menu.offer(say(w.POWER), text)

    def hide(self) -> bool:
        """Close what lies over the page; whether there was something."""
        over = (self.menu, self.question)
        shown = any(each.isVisible() for each in over)
        for each in over:
            each.hide()
        return shown

    def leave(self) -> None:
        """Nobody waits for an answer any more."""
        self.hide()
        self._asker.forget()

    # --- each behind a question --------------------------------------------------------------

    @Slot()
    def _ask_kiosk(self) -> None:
        self._ask(KIOSK, w.RESTART_KIOSK, self.restart.emit)

    @Slot()
    def _ask_restart(self) -> None:
        self._ask_machine(PowerAct.RESTART, w.RESTART_MACHINE)

    @Slot()
    def _ask_shut_down(self) -> None:
        self._ask_machine(PowerAct.SHUT_DOWN, w.SHUT_DOWN)

    def _ask_machine(self, act: PowerAct, yes: str) -> None:
        power = self._power
        if power is not None:
            self._ask(act.value, yes, lambda: self._asker.ask(lambda: power.carry_out(act), _done))

    def _ask(self, what: str, yes: str, then: Callable[[], object]) -> None:
        def carry_out() -> None:
            self.done.emit(what)
            then()

        self._after = carry_out
        title, text = say(w.POWER_TITLES[what]), say(w.POWER_TEXTS[what])
        self.question.ask(title, text, say(yes), say(staff.KEEP), danger=True)

    @Slot(str)
    def _answered(self, _text: str) -> None:
        after, self._after = self._after, _nothing
        after()

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        code, what, remedy = fault_words(type(error).__name__)
        self._after = _nothing
        text = f"{say(what)} {say(remedy)} ({code})"
        self.question.ask(say(staff.FAILED), text, say(staff.DONE), "")


def _permission(power: MachinePower) -> PowerPermission:
    """One answer for both: whoever may not do the one is told why."""
    answers = [power.may(act) for act in PowerAct]
    return next((each for each in answers if each is not PowerPermission.YES), answers[0])


def _nothing() -> None:
    """After something that was only told."""


def _done(_result: object) -> None:
    """The machine ends by itself."""
