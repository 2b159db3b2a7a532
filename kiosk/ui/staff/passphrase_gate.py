"""The gate of the admin screens: choose the passphrase once, give it every time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from kiosk.core.errors import KnownError
from kiosk.core.redaction import log_failure
from kiosk.runtime.passphrase import MIN_LENGTH, Passphrase, Verdict
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import fault_words, say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, words
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

_log = logging.getLogger(__name__)


class _Answers(QObject):
    """Lives on the screens' thread; the worker speaks through it."""

    arrived = Signal(object)


class _Work(QRunnable):
    """argon2id takes longer than the screens' thread may be held up."""

    def __init__(self, work: Callable[[], Verdict], answers: _Answers) -> None:
        super().__init__()
        self._work, self._answers = work, answers

    def run(self) -> None:
        """On a thread of the pool."""
        try:
            result: Verdict | KnownError = self._work()
        except KnownError as error:
            log_failure(_log, "The passphrase could not be checked: %s.", error)
            result = error
        self._answers.arrived.emit(result)


class PassphraseGate(QWidget, Scaled):
    """Asks for the passphrase; `opened` when it was right."""

    opened = Signal()
    left = Signal()

    def __init__(self, passphrase: Passphrase) -> None:
        super().__init__()
        self._passphrase = passphrase
        self._pool = QThreadPool(self)
        self._answers = _Answers(self)
        self._answers.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._first = not passphrase.exists
        self.title, self.text, self.message = words("title"), words("soft"), words("strong")
        self.field, self.again = QLineEdit(), QLineEdit()
        self.open_button, self.back_button = Button("primary"), Button()
        self._build()

    def _build(self) -> None:
        self.card = Card(steps=2)
        for field in (self.field, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.returnPressed.connect(self.submit)
        self.open_button.clicked.connect(self.submit)
        self.back_button.clicked.connect(self.left)
        self.message.setProperty("tone", "alarm")
        buttons = ButtonRow(self.open_button, self.back_button)
        for part in (self.title, self.text, self.field, self.again, self.message, buttons):
            self.card.box.addWidget(part)
        inside = QWidget()
        self._box = QVBoxLayout(inside)
        self._box.addStretch(1)
        self._box.addWidget(self.card)
        self._box.addStretch(2)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolling(inside))  # beside a keyboard a small screen has little room

    def rescale(self, scale: Scale) -> None:
        """A card in the upper middle."""
        side = max(scale.gap(4), (scale.width - scale.px(30)) // 2)
        self._box.setContentsMargins(side, 0, side, 0)

    def begin(self) -> None:
        """Empty fields, fit for a first choice or for a later visit."""
        self._first = not self._passphrase.exists
        self.field.clear()
        self.again.clear()
        self.message.clear()
        self.again.setVisible(self._first)
        self.text.setVisible(self._first)
        self.message.hide()
        self._hold(busy=False)
        self.retranslate()
        self.field.setFocus()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.title.setText(say(w.GATE_FIRST if self._first else w.GATE_TITLE))
        self.text.setText(say(w.GATE_FIRST_TEXT, length=MIN_LENGTH))
        for field, name in ((self.field, w.PASSPHRASE), (self.again, w.PASSPHRASE_AGAIN)):
            field.setPlaceholderText(say(name))
            field.setAccessibleName(say(name))
        self.open_button.say(say(w.OPEN))
        self.back_button.say(say(w.CLOSE))

    @Slot()
    def submit(self) -> None:
        """Check or choose what was typed, off this thread."""
        text = self.field.text()
        if self._first and text != self.again.text():
            self._tell(say(w.GATE_DIFFERENT))
            return
        work = self._passphrase.choose if self._first else self._passphrase.check
        self._hold(busy=True)
        self._pool.start(_Work(lambda: work(text), self._answers))

    def _hold(self, *, busy: bool) -> None:
        for part in (self.field, self.again, self.open_button):
            part.setEnabled(not busy)

    @Slot(object)
    def _take(self, result: Verdict | KnownError) -> None:
        self._hold(busy=False)
        self.field.clear()
        self.again.clear()
        self.field.setFocus()
        if result is Verdict.RIGHT:
            self.message.hide()
            self.opened.emit()
        else:
            self._tell(self._reason(result))

    def _reason(self, result: Verdict | KnownError) -> str:
        if isinstance(result, KnownError):
            code, what, remedy = fault_words(type(result).__name__)
            return f"{say(what)} {say(remedy)} ({code})"
        wait = ceil(self._passphrase.wait())
        if result is Verdict.TOO_EARLY or wait:
            return say(w.GATE_WAIT, seconds=wait)
        if result is Verdict.TOO_SHORT:
            return say(w.GATE_SHORT, length=MIN_LENGTH)
        return say(w.GATE_WRONG)

    def _tell(self, text: str) -> None:
        self.message.setText(text)
        self.message.show()
