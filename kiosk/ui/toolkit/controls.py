"""Small widgets of the screens: words, buttons, rows with a sign, the bar and the voice meter."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QIcon, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.samples import VoiceProgress
from kiosk.ui.toolkit.theme import Scale, font, icon, pixmap, theme

SILENCE_DBFS = -55.0
METER_BARS = 26
NAME_LINES = 3


class Scaled:
    """A widget with lengths of its own that follow the size of the window."""

    def rescale(self, scale: Scale) -> None:
        """Take the lengths of a new size."""


def words(role: str, *, centred: bool = False) -> QLabel:
    """A label that wraps; `role` is one of kiosk.qss."""
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if centred:
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Change what the style sheet selects by, and repaint if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class FitLabel(QLabel, Scaled):
    """A name as large as fits into one line; when that is too small to read, in several lines."""

    def __init__(self, role: str = "display") -> None:
        super().__init__()
        self._largest = self._smallest = 20
        self._role = role
        self._name = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def rescale(self, scale: Scale) -> None:
        """The largest size is the role's, the smallest the body's."""
        self._largest = scale.px(theme().size(self._role, scale))
        self._smallest = scale.px(1)
        self._fit()

    def say(self, name: str) -> None:
        """Show a name."""
        self._name = name
        self.setAccessibleName(name)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        large = QFontMetricsF(font(self._largest, bold=True))
        width = large.horizontalAdvance(self._name)
        share = min(1.0, (self.width() - 4) / width) if width else 1.0
        size = max(self._smallest, int(self._largest * share))
        lines, text = 1, self._name
        if self._largest * share < self._smallest:
            small = QFontMetricsF(font(self._smallest, bold=True))
            room = 0.94 * self.width()
            text = small.elidedText(text, Qt.TextElideMode.ElideRight, NAME_LINES * room)
            lines = ceil(small.horizontalAdvance(text) / room)
            text = "\N{ZERO WIDTH SPACE}".join(text)  # a line may end after any letter
        self.setStyleSheet(f"font-size: {size}px; font-weight: 700;")
        self.setText(text)
        line = QFontMetricsF(font(size, bold=True)).lineSpacing()
        self.setFixedHeight(ceil(max(large.lineSpacing(), line * lines)))


class Button(QPushButton, Scaled):
    """A button with an optional sign; `role` is primary, plain or quiet."""

    def __init__(self, role: str = "plain", sign: str = "") -> None:
        super().__init__()
        self._sign, self._alone = sign, False
        self._role = role
        self._scale: Scale | None = None
        self.setProperty("role", role)
        self.setAutoDefault(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def rescale(self, scale: Scale) -> None:
        """A sign as tall as the text."""
        self._scale = scale
        if self._sign and self._alone:
            self.setIcon(QIcon())
        elif self._sign:
            colour = {"primary": "on_accent", "quiet": "accent"}.get(self._role, "ink")
            self.setIcon(icon(self._sign, scale.px(1.15), colour))
            self.setIconSize(QSize(scale.px(1.15), scale.px(1.15)))

    def say(self, text: str, *, alone: bool = False) -> None:
        """Text and accessible name; `alone` leaves out the sign where both do not fit."""
        self._alone = alone
        signed = bool(self._sign) and not alone
        self.setText(f"\N{EN SPACE}{text}" if signed else text)
        self.setAccessibleName(text)
        if self._sign and (alone or self.icon().isNull()) and self._scale is not None:
            self.rescale(self._scale)


class BadgeButton(Button):
    """A button with a number in a circle behind its text, while there is something to do."""

    def __init__(self, role: str = "plain", sign: str = "") -> None:
        super().__init__(role, sign)
        self.number = 0
        self._side = 20

    def rescale(self, scale: Scale) -> None:
        """A circle as tall as a line."""
        super().rescale(scale)
        self._side = scale.px(1.25)

    def count(self, number: int, meaning: str) -> None:
        """Show a number, none where it is 0; `meaning` says to a screen reader what it counts."""
        self.number = number
        self.setAccessibleDescription(f"{meaning}: {number}" if number else "")
        self.updateGeometry()
        self.update()

    @property
    def _figures(self) -> str:
        return str(self.number) if self.number < 100 else "99+"

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the circle on the one side, and as much on the other."""
        hint = super().sizeHint()
        room = round(2.6 * self._side) if self.number else 0
        return QSize(hint.width() + room, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The button, then the circle."""
        super().paintEvent(event)
        if not self.number:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("caution"))
        figures = font(0.62 * self._side, bold=True)
        wide = QFontMetricsF(figures).horizontalAdvance(self._figures) + 0.5 * self._side
        width = max(float(self._side), wide)
        left = self.width() - width - 0.35 * self._side
        area = QRectF(left, (self.height() - self._side) / 2, width, self._side)
        painter.drawRoundedRect(area, self._side / 2, self._side / 2)
        painter.setFont(figures)
        painter.setPen(theme().colour("on_accent"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._figures)


class ButtonRow(QWidget, Scaled):
    """Buttons beside each other while they fit, else above each other, the main one first."""

    def __init__(self, *buttons: Button) -> None:
        super().__init__()
        self.buttons = buttons
        self._row = QBoxLayout(QBoxLayout.Direction.RightToLeft, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for button in buttons:
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._row.addWidget(button, 1)

    def rescale(self, scale: Scale) -> None:
        """Space between the buttons."""
        self._row.setSpacing(scale.gap(1.5))
        self.arrange()

    def arrange(self) -> None:
        """Choose a direction for the width there is."""
        shown = [button for button in self.buttons if not button.isHidden()]
        needed = sum(button.sizeHint().width() + self._row.spacing() for button in shown)
        beside = needed <= self.width() + self._row.spacing()
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.RightToLeft if beside else direction.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange again."""
        super().resizeEvent(event)
        self.arrange()


class SignRow(QWidget, Scaled):
    """A sign and words; with `role` a softly coloured card."""

    def __init__(self, sign: str, *, colour: str = "accent", role: str = "body") -> None:
        super().__init__()
        self._role = role
        self._sign, self._colour = sign, colour
        self._pixels = 24
        self._picture = QLabel()
        self.label = words(role)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.label, 1)

    def rescale(self, scale: Scale) -> None:
        """A sign a little taller than the text."""
        self._pixels = scale.px(1.35 * theme().size("title", scale) ** (self._role == "title"))
        self._row.setSpacing(scale.gap(1.6))
        self._draw()

    def say(self, text: str, sign: str | None = None, colour: str | None = None) -> None:
        """Words, and perhaps another sign."""
        self.label.setText(text)
        if (sign or self._sign, colour or self._colour) != (self._sign, self._colour):
            self._sign, self._colour = sign or self._sign, colour or self._colour
            self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(pixmap(self._sign, self._pixels, self._colour))


class Card(QFrame, Scaled):
    """A soft surface; what stands on it goes into `box`."""

    def __init__(self, role: str = "card", *, steps: float = 1.4) -> None:
        super().__init__()
        self._steps = steps
        self.setProperty("role", role)
        self.box = QVBoxLayout(self)

    def rescale(self, scale: Scale) -> None:
        """Room inside."""
        side, above = scale.gap(2.5), scale.gap(max(1, self._steps) if scale.compact else 2.4)
        self.box.setContentsMargins(side, above, side, above)
        self.box.setSpacing(scale.gap(self._steps))


class Bar(QWidget, Scaled):
    """How much of something is there, 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        self.colour = "accent"

    def rescale(self, scale: Scale) -> None:
        """A bar of half the text's height."""
        self.setFixedHeight(scale.px(0.45))

    def fill(self, share: float) -> None:
        """Show a share."""
        if share != self.share:
            self.share = min(1.0, max(0.0, share))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Track and filling."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius, rim = self.height() / 2, max(1.0, 0.12 * self.height())
        painter.setPen(QPen(theme().colour("line"), rim))
        painter.setBrush(theme().colour("accent_soft"))
        inside = QRectF(self.rect()).adjusted(rim / 2, rim / 2, -rim / 2, -rim / 2)
        painter.drawRoundedRect(inside, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.share > 0:
            width = max(self.height(), self.width() * self.share)
            painter.setBrush(theme().colour(self.colour))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)


class VoiceMeter(QWidget, Scaled):
    """Loudness and gathered speech in one: each bar is a stretch of speech, as loud as it was;
    dots are what is still needed."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._heights = [0.0] * METER_BARS
        self._live = 0.0
        self._at = 0

    def rescale(self, scale: Scale) -> None:
        """As tall as two or three lines."""
        self.setFixedHeight(scale.px(1.2 if scale.compact else 2.6))

    def hear(self, voice: VoiceProgress | None) -> None:
        """Take where listening stands; None empties the meter."""
        if voice is None:
            self._heights, self._live, self._at = [0.0] * METER_BARS, 0.0, 0
        else:
            share = voice.speech_seconds / max(voice.needed_seconds, 0.1)
            self._live = min(1.0, max(0.0, 1 - voice.level_dbfs / SILENCE_DBFS))
            before, self._at = self._at, min(METER_BARS, int(share * METER_BARS))
            for index in range(min(before, self._at), self._at):
                self._heights[index] = max(self._heights[index], self._live, 0.15)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Bars from the left, dots for the rest."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / METER_BARS
        thick = step * 0.52
        for index in range(METER_BARS):
            loud = self._heights[index] if index < self._at else 0.0
            colour = "accent" if index < self._at else "line"
            if index == self._at:
                loud, colour = self._live, "accent_deep"
            height = max(thick, loud * self.height())
            painter.setBrush(theme().colour(colour))
            area = QRectF(
                index * step + (step - thick) / 2, (self.height() - height) / 2, thick, height
            )
            painter.drawRoundedRect(area, thick / 2, thick / 2)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Colours may have changed."""
        super().changeEvent(event)
        self.update()
