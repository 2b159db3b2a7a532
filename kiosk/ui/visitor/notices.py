"""What lies over or under a page: the time-out warning, and the notice that a part is missing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.core.events import Fault
from kiosk.core.media import Modality
from kiosk.ui.strings import visitor as w
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, Scaled, SignRow, words
from kiosk.ui.toolkit.theme import Scale, theme


class LimitedBanner(Card):
    """One line: what does not work, that the visit can go on, and the code for staff."""

    def __init__(self) -> None:
        super().__init__("caution")
        self.row = SignRow("fault", colour="caution")
        self.box.addWidget(self.row)
        self._fault: Fault | None = None
        self._compact = False
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Flatter than other cards."""
        super().rescale(scale)
        self._compact = scale.compact
        above = scale.gap(0.5 if scale.compact else 1.2)
        self.box.setContentsMargins(scale.gap(2), above, scale.gap(2), above)

    def show_fault(self, fault: Fault | None) -> None:
        """Show or hide."""
        if fault is not self._fault:
            self._fault = fault
            self.setVisible(fault is not None)
            self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        if self._fault is None:
            return
        voice = self._fault.modality is Modality.VOICE
        long = w.LIMITED_VOICE if voice else w.LIMITED
        short = w.LIMITED_VOICE_SHORT if voice else w.LIMITED_SHORT
        code = w.fault_words(self._fault.code)[0]
        self.row.say(f"{w.say(short if self._compact else long)} ({code})")


class TimeoutDialog(QWidget, Scaled):
    """Asks whether somebody is still there; over everything, with its own focus."""

    more = Signal()
    finish = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._seconds: int | None = None
        self._window = window
        self._before: QWidget | None = None
        self.card = Card(steps=2.5)
        self.title = words("title", centred=True)
        self.text = words("lead", centred=True)
        self.more_button = Button("primary", "clock")
        self.finish_button = Button()
        self.more_button.clicked.connect(self.more)
        self.finish_button.clicked.connect(self.finish)
        self.buttons = ButtonRow(self.more_button, self.finish_button)
        for part in (self.title, self.text, self.buttons):
            self.card.box.addWidget(part)
        self._box = QVBoxLayout(self)
        self._box.addStretch(1)
        self._box.addWidget(self.card)
        self._box.addStretch(1)
        window.installEventFilter(self)
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """A card of comfortable width in the middle."""
        width = min(scale.width - scale.gap(8), scale.px(27))
        side = (scale.width - width) // 2
        self._box.setContentsMargins(side, 0, side, 0)

    def show_seconds(self, seconds: int | None) -> None:
        """Show what is left, or hide."""
        if seconds == self._seconds:
            return
        appearing = self._seconds is None
        self._seconds = seconds
        self.retranslate()
        self.setVisible(seconds is not None)
        if seconds is not None and appearing:
            self._before = self._window.focusWidget()
            self.raise_()
            self.more_button.setFocus(Qt.FocusReason.PopupFocusReason)
        elif seconds is None and self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
            self._before = None

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.title.setText(w.say(w.WARNING_TITLE))
        self.text.setText(w.say(w.WARNING_TEXT, seconds=self._seconds or 0))
        self.more_button.say(w.say(w.MORE_TIME))
        self.finish_button.say(w.say(w.FINISH))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Cover the window whatever its size."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's signature
        """Focus stays inside while the question stands."""
        other = self.finish_button if self.more_button.hasFocus() else self.more_button
        other.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape answers the question with no."""
        if event.key() == Qt.Key.Key_Escape:
            self.finish.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """What lies below steps back."""
        QPainter(self).fillRect(self.rect(), theme().colour("night", 0.55))
