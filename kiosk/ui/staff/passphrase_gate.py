"""The gate of the admin screens: a passphrase every time. It is set from a shell alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QObject, QRunnable, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from kiosk.core.errors import KnownError
from kiosk.core.redaction import log_failure
from kiosk.runtime.passphrase import Answer, Passphrase, Verdict
from kiosk.ui.engine.requests import pool_of, tell
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import fault_words, say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, words
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

_log = logging.getLogger(__name__)
SECOND_MS = 1_000
SETTING_COMMAND = "kiosk admin passphrase"


class _Answers(QObject):
    """Lives on the screens' thread; the worker speaks through it."""

    arrived = Signal(object)


class _Work(QRunnable):
    """argon2id takes longer than the screens' thread may be held up."""

    def __init__(self, work: Callable[[], Answer], answers: _Answers) -> None:
        super().__init__()
        self._work, self._answers = work, answers

    def run(self) -> None:
        """On a thread of the pool."""
        try:
            result: Answer | KnownError = self._work()
        except KnownError as error:
            log_failure(_log, "The passphrase could not be checked: %s.", error)
            result = error
        tell(self._answers.arrived, result)


class PassphraseGate(QWidget, Scaled):
    """Asks for the passphrase; `opened`, with whose it is, when it was right. `tried` tells what
    became of every try."""

    opened = Signal(object)
    tried = Signal(object)
    left = Signal()

    def __init__(self, passphrase: Passphrase) -> None:
        super().__init__()
        self._passphrase = passphrase
        self._text = ""
        self._waits = QTimer(self)
        self._waits.setInterval(SECOND_MS)
        self._waits.timeout.connect(self._count)
        self._pool = pool_of(self)
        self._answers = _Answers(self)
        self._answers.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.title, self.text, self.message = words("title"), words("soft"), words("strong")
        self.field = QLineEdit()
        self.open_button, self.back_button = Button("primary"), Button()
        self._build()

    def _build(self) -> None:
        self.card = Card(steps=2)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.returnPressed.connect(self.submit)
        self.field.textEdited.connect(self._typing)
        self.open_button.clicked.connect(self.submit)
        self.back_button.clicked.connect(self.left)
        self.message.setProperty("tone", "alarm")
        buttons = ButtonRow(self.open_button, self.back_button)
        for part in (self.title, self.text, self.field, self.message, buttons):
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

    def begin(self, text: str = "") -> None:
        """An empty field with a text to be translated above it, or how a passphrase is set where
        there is none."""
        there = self._passphrase.exists
        self._waits.stop()
        self._text = text
        self.field.clear()
        self.message.clear()
        self.text.setVisible(bool(text) or not there)
        self.field.setVisible(there)
        self.open_button.setVisible(there)
        self.message.hide()
        self._hold(busy=False)
        self.retranslate()
        self.field.setFocus()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.title.setText(say(w.GATE_TITLE if self._passphrase.exists else w.GATE_NONE))
        none = say(w.GATE_NONE_TEXT, command=SETTING_COMMAND)
        self.text.setText(say(self._text) if self._text else none)
        self.field.setPlaceholderText(say(w.PASSPHRASE))
        self.field.setAccessibleName(say(w.PASSPHRASE))
        self.open_button.say(say(w.OPEN))
        self.back_button.say(say(w.CLOSE))

    @Slot()
    def submit(self) -> None:
        """Check what was typed, off this thread."""
        text = self.field.text()
        if not self._passphrase.exists:
            self.begin()
            return
        self._hold(busy=True)
        self._pool.start(_Work(lambda: self._passphrase.check(text), self._answers))

    def _hold(self, *, busy: bool) -> None:
        for part in (self.field, self.open_button):
            part.setEnabled(not busy)

    @Slot(object)
    def _take(self, result: Answer | KnownError) -> None:
        self._hold(busy=False)
        self.field.clear()
        self.field.setFocus()
        if isinstance(result, Answer):
            self.tried.emit(result)
        if isinstance(result, Answer) and result.verdict is Verdict.RIGHT:
            self.message.hide()
            self.opened.emit(result.staff)
        else:
            self._tell(self._reason(result))

    def _reason(self, result: Answer | KnownError) -> str:
        if isinstance(result, KnownError):
            code, what, remedy = fault_words(type(result).__name__)
            return f"{say(w.GATE_CLOSED)} {say(what)} {say(remedy)} ({code})"
        wait = self._wait()
        if result.verdict is Verdict.TOO_EARLY or wait:
            if self.isVisible():  # an answer may come after everybody has gone
                self._waits.start()
            return say(w.GATE_WAIT, seconds=wait)
        return say(w.GATE_WRONG)

    @Slot()
    def _typing(self) -> None:
        """Whoever types again has read what was wrong; a wait is told until it is over."""
        if not self._waits.isActive():
            self.message.hide()

    @Slot()
    def _count(self) -> None:
        """The wait goes down, and its message goes when it is over."""
        wait = self._wait()
        if wait:
            self._tell(say(w.GATE_WAIT, seconds=wait))
        else:
            self._waits.stop()
            self.message.hide()

    def _wait(self) -> int:
        try:
            return ceil(self._passphrase.wait())
        except KnownError:
            return 0

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody waits before it any more."""
        self._waits.stop()
        super().hideEvent(event)

    def refuse(self) -> None:
        """The passphrase was right, but not one for what was asked."""
        self._tell(say(w.GATE_OPERATOR))

    def _tell(self, text: str) -> None:
        self.message.setText(text)
        self.message.show()
