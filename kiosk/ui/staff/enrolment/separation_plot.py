"""How well new templates stand apart, drawn: two rows of dots and the threshold between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.enrolment.review import Separation
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.theme import Scale, font, theme

MARGIN = 0.12
"""Of the range of scores, left free at both ends."""
TEXT = 0.75


class SeparationPlot(QWidget, Scaled):
    """Scores from left (unlike) to right (alike): the person's own above, the nearest other's
    below; apart when the line of the threshold stands between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shown: Separation | None = None
        self._body = 20.0

    def rescale(self, scale: Scale) -> None:
        """Two rows of a line and a half."""
        self._body = scale.body
        self.setFixedHeight(scale.px(2.4 if scale.low else 4.2 if scale.portrait else 3.0))

    def show_separation(self, separation: Separation) -> None:
        """Draw this."""
        self._shown = separation
        self.setAccessibleName(f"{say(w.OWN)}, {self._nearest()}")
        self.update()

    def _nearest(self) -> str:
        assert self._shown is not None
        return say(w.NEAREST, name=self._shown.nearest) if self._shown.nearest else say(w.ALONE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Ground, threshold, both rows."""
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        labels = [say(w.OWN), self._nearest()]
        area = QRectF(self.rect())
        row = area.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("sunken"))
        painter.drawRoundedRect(area, 0.5 * self._body, 0.5 * self._body)
        plot = area.adjusted(0.36 * area.width(), 0, -0.5 * self._body, 0)
        low, high = self._range(shown)

        def place(score: float) -> float:
            return plot.x() + plot.width() * (score - low) / (high - low)

        line = place(shown.threshold)
        painter.setPen(QPen(theme().colour("ink_soft"), max(1.5, 0.08 * self._body)))
        painter.drawLine(QPointF(line, area.top() + 4), QPointF(line, area.bottom() - 4))
        rows: tuple[tuple[Sequence[float], str], ...] = (
            (shown.own, "accent"),
            (shown.others, "caution"),
        )
        for number, (scores, colour) in enumerate(rows):
            middle = area.top() + row * (number + 0.5)
            self._label(painter, QRectF(area.x(), middle - row / 2, plot.x(), row), labels[number])
            # Filled and hollow: colour is never the only difference.
            painter.setPen(QPen(theme().colour(colour), max(1.5, 0.1 * self._body)))
            fill = theme().colour(colour, 0.75)
            painter.setBrush(fill if number == 0 else Qt.BrushStyle.NoBrush)
            for score in scores:
                painter.drawEllipse(
                    QPointF(place(score), middle), 0.28 * self._body, 0.28 * self._body
                )
        painter.end()

    def _range(self, shown: Separation) -> tuple[float, float]:
        scores = [*shown.own, *shown.others, shown.threshold]
        low, high = min(scores), max(scores)
        margin = MARGIN * (high - low) or 1.0
        return low - margin, high + margin

    def _label(self, painter: QPainter, area: QRectF, text: str) -> None:
        made = font(TEXT * self._body)
        painter.setFont(made)
        painter.setPen(theme().colour("ink"))
        inner = area.adjusted(0.6 * self._body, 0, -0.3 * self._body, 0)
        elided = QFontMetricsF(made).elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, flags, elided)
