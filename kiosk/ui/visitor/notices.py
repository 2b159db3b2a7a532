"""What lies over or under a page: the time-out warning, and the notice that a part is missing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.core.events import Fault
from kiosk.core.media import Modality
from kiosk.core.status import Reading
from kiosk.ui.engine.staff_calls import StaffCalls
from kiosk.ui.strings import visitor as w
from kiosk.ui.toolkit.controls import Bar, Button, ButtonRow, Card, SignRow, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.theme import Scale


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


class ReadingCard(Card):
    """How far a recording was read that stands in the camera's place; without a bar where nobody
    knows its length."""

    def __init__(self) -> None:
        super().__init__("inset")
        self.text, self.bar = words("soft"), Bar()
        self.box.addWidget(self.text)
        self.box.addWidget(self.bar)
        self._reading: Reading | None = None
        self._compact = False
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Flatter than other cards."""
        super().rescale(scale)
        self._compact = scale.compact
        above = scale.gap(0.5 if scale.compact else 1.2)
        self.box.setContentsMargins(scale.gap(2), above, scale.gap(2), above)
        self.box.setSpacing(scale.gap(0.5))

    def show_reading(self, reading: Reading | None) -> None:
        """Show how far, or hide."""
        if reading != self._reading:
            self._reading = reading
            self.setVisible(reading is not None)
            self.retranslate()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        shown = self._reading
        if shown is None:
            return
        values = {"at": _clock(shown.position)}
        known = shown.length is not None
        if shown.length is not None:
            values["length"] = _clock(shown.length)
            self.bar.fill(shown.position / shown.length)
        self.bar.setVisible(known)
        long = w.READING if known else w.READING_ON
        short = w.READING_SHORT if known else w.READING_ON_SHORT
        self.text.setText(w.say(short if self._compact else long, **values))


def _clock(seconds: float) -> str:
    """Minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}"


class CallCard(Card):
    """That staff were called and when, what became of it, and a way to take it back. Where it does
    not fit the button of the call leads to the same."""

    def __init__(self, calls: StaffCalls) -> None:
        super().__init__("tint")
        self._calls, self._compact = calls, False
        self.fits = True
        self.row, self.back_button = SignRow("bell"), Button()
        self.back_button.setProperty("place", "bar")
        self.back_button.clicked.connect(calls.take_back)
        self._line = QHBoxLayout()
        self._line.addWidget(self.row, 1)
        self._line.addWidget(self.back_button)
        self.box.addLayout(self._line)
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Flatter than other cards."""
        super().rescale(scale)
        self._compact = scale.compact
        self.fits = scale.portrait or not scale.compact
        above = scale.gap(0.5 if scale.compact else 1.2)
        self.box.setContentsMargins(scale.gap(2), above, scale.gap(2), above)
        self._line.setSpacing(scale.gap(2))

    @property
    def words(self) -> str:
        """What is told, as it is: whether anybody beside this screen knows."""
        calls, since = self._calls, self._calls.since
        if since is None:
            return ""
        time = f"{since.astimezone():%H:%M}"
        if not calls.kept:
            return w.say(w.CALL_WAITS_SHORT if self._compact else w.CALL_WAITS, time=time)
        if self._compact:
            return w.say(w.CALLED_SHORT, time=time)
        return w.say(w.CALLED if calls.passed_on else w.CALLED_HERE, time=time)

    def retranslate(self) -> None:
        """Render the texts in the language in use; hidden while nobody is called."""
        self.row.say(self.words)
        self.back_button.say(w.say(w.CALL_BACK_SHORT if self._compact else w.CALL_BACK))
        self.setVisible(self._calls.since is not None and self.fits)


class TimeoutDialog(Modal):
    """Asks whether somebody is still there; over everything, with its own focus."""

    more = Signal()
    finish = Signal()
    call = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._seconds: int | None = None
        self.call_button = Button("quiet", "bell")
        self.call_button.clicked.connect(self.call)
        self.card = Card(steps=2.5)
        self.title = words("title", centred=True)
        self.text = words("lead", centred=True)
        self.more_button = Button("primary", "clock")
        self.finish_button = Button()
        self.more_button.clicked.connect(self.more)
        self.finish_button.clicked.connect(self.finish)
        self.buttons = ButtonRow(self.more_button, self.finish_button)
        for part in (self.title, self.text, self.buttons, self.call_button):
            self.card.box.addWidget(part)
        self._box = QVBoxLayout(self)
        self._box.addStretch(1)
        self._box.addWidget(self.card)
        self._box.addStretch(1)

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
        if seconds is None:
            self.hide()
        elif appearing:
            self.cover()
            self.more_button.setFocus(Qt.FocusReason.PopupFocusReason)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.title.setText(w.say(w.WARNING_TITLE))
        self.text.setText(w.say(w.WARNING_TEXT, seconds=self._seconds or 0))
        self.more_button.say(w.say(w.MORE_TIME))
        self.finish_button.say(w.say(w.FINISH))
        self.call_button.say(w.say(w.CALL))

    def dismiss(self) -> None:
        """Escape answers the question with no."""
        self.finish.emit()
