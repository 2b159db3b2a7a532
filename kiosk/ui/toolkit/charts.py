"""Bars, painted by hand: two kinds of counts, a mark, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Card, Scaled, words
from kiosk.ui.toolkit.theme import Scale, font, theme

FULL, OPEN = "accent", "glaze"
_LABEL_GAP = 1.6
"""In body sizes: how near labels of the axis may stand."""
NUMBERED = 12
"""So many bars that are not empty have their number written over them."""


@dataclass(frozen=True)
class Bars:
    """What a chart shows. `full` and `open` (bars,) stand on each other; `labels` (bars,) are under
    them, as many as there is room for; `legend` names the two kinds; `mark` is a place among the
    bars, 0..bars, with its words."""

    full: Sequence[float]
    open: Sequence[float] = ()
    labels: Sequence[str] = ()
    legend: tuple[str, str] = ("", "")
    mark: float | None = None
    mark_words: str = ""

    @property
    def sums(self) -> list[float]:
        """How high each bar is."""
        opened = self.open or [0.0] * len(self.full)
        return [full + more for full, more in zip(self.full, opened, strict=True)]

    @property
    def numbered(self) -> bool:
        """Whether there are so few that each has its number over it."""
        return sum(map(bool, self.sums)) <= NUMBERED


def ticks(highest: float) -> list[int]:
    """Round whole numbers from 0 to at least the highest bar, four steps or fewer."""
    steps = (digit * 10**power for power in range(12) for digit in (1, 2, 5))
    step = next(each for each in steps if highest <= 4 * each)
    return list(range(0, step * max(1, ceil(highest / step)) + 1, step))


class Plot(QWidget, Scaled):
    """Paints bars; says nothing where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.bars = Bars(())
        self._body = 20.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def rescale(self, scale: Scale) -> None:
        """Letters as large as all others."""
        self._body = scale.body
        self.setMinimumHeight(scale.px(8))

    def show_bars(self, bars: Bars) -> None:
        """Take what to show."""
        self.bars = bars
        self.setAccessibleDescription(_in_words(bars))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Legend, bars, axis, mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self._body))
        if not any(self.bars.sums):
            painter.setPen(theme().colour("ink_soft"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, say(w.CHART_EMPTY))
            return
        line = QFontMetricsF(painter.font()).lineSpacing()
        above = line * (2.3 if any(self.bars.legend) else 1.3)
        if self.bars.mark is not None and self.bars.numbered:
            above += line  # the highest bar's number, then the words of the mark
        steps = ticks(max(self.bars.sums))
        aside = max(QFontMetricsF(painter.font()).horizontalAdvance(f"{n:,}") for n in steps)
        aside += 0.5 * self._body
        tall = self.height() - above - 1.4 * line
        area = QRectF(aside, above, self.width() - aside, tall)
        self._paint_legend(painter, line)
        self._paint_ticks(painter, area, steps, line)
        self._paint_bars(painter, area, steps[-1])
        self._paint_axis(painter, area, line)
        if self.bars.mark is not None:
            self._paint_mark(painter, area, line)

    def _paint_legend(self, painter: QPainter, line: float) -> None:
        at = 0.0
        metrics = QFontMetricsF(painter.font())
        side = 0.6 * line
        for text, kind in zip(self.bars.legend, (FULL, OPEN), strict=True):
            if text:
                box = QRectF(QPointF(at, (line - side) / 2), QSizeF(side, side))
                self._paint_box(painter, box, kind)
                painter.setPen(theme().colour("ink"))
                spot = QRectF(at + 1.5 * side, 0, self.width(), line)
                painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter, text)
                at += 3 * side + metrics.horizontalAdvance(text)

    def _paint_box(self, painter: QPainter, box: QRectF, kind: str) -> None:
        """Full, or open with a rim: not by colour alone."""
        if kind == FULL:
            painter.fillRect(box, theme().colour(FULL))
            return
        painter.fillRect(box, theme().colour(OPEN, 0.35))
        painter.setPen(QPen(theme().colour("accent_deep"), max(1.0, 0.06 * self._body)))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_ticks(
        self, painter: QPainter, area: QRectF, steps: Sequence[int], line: float
    ) -> None:
        """Lines across, with their numbers beside the bars."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number in steps:
            y = area.bottom() - area.height() * number / steps[-1]
            painter.setPen(QPen(theme().colour("line"), 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme().colour("ink_soft"))
            spot = QRectF(0, y - line / 2, area.left() - 0.4 * self._body, line)
            painter.drawText(spot, right, f"{number:,}")

    def _paint_bars(self, painter: QPainter, area: QRectF, highest: float) -> None:
        bars = self.bars
        opened = bars.open or [0.0] * len(bars.full)
        step = area.width() / len(bars.full)
        for number, (full, more) in enumerate(zip(bars.full, opened, strict=True)):
            left, width = area.left() + number * step + 0.12 * step, 0.76 * step
            height = area.height() * full / highest
            rest = area.height() * more / highest
            if full:
                box = QRectF(left, area.bottom() - height, width, height)
                self._paint_box(painter, box, FULL)
            if more:
                box = QRectF(left, area.bottom() - height - rest, width, rest)
                self._paint_box(painter, box, OPEN)
            if bars.numbered and full + more:
                self._paint_number(
                    painter, left + width / 2, area.bottom() - height - rest, full + more
                )

    def _paint_number(self, painter: QPainter, x: float, y: float, number: float) -> None:
        """Over its bar, where a bar is wide enough for it."""
        metrics, text = QFontMetricsF(painter.font()), f"{number:,.0f}"
        wide, tall = metrics.horizontalAdvance(text), metrics.lineSpacing()
        painter.setPen(theme().colour("ink"))
        spot = QRectF(x - wide / 2, y - tall, wide + 1, tall)
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_axis(self, painter: QPainter, area: QRectF, line: float) -> None:
        painter.setPen(QPen(theme().colour("line"), max(1.0, 0.06 * self._body)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(theme().colour("ink_soft"))
        metrics = QFontMetricsF(painter.font())
        step = area.width() / max(1, len(self.bars.full))
        free = area.left()
        for number, text in enumerate(self.bars.labels):
            width = metrics.horizontalAdvance(text)
            left = area.left() + (number + 0.5) * step - width / 2
            if left >= free and left + width <= area.right() + 1:
                spot = QRectF(left, area.bottom() + 0.2 * line, width + 1, line)
                painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)
                free = left + width + _LABEL_GAP * self._body

    def _paint_mark(self, painter: QPainter, area: QRectF, line: float) -> None:
        step = area.width() / len(self.bars.full)
        x = area.left() + step * (self.bars.mark or 0)
        pen = QPen(theme().colour("alarm"), max(2.0, 0.1 * self._body), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, area.top() - 0.2 * line), QPointF(x, area.bottom()))
        painter.setPen(theme().colour("alarm"))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.bars.mark_words)
        left = min(max(area.left(), x - width / 2), area.right() - width)
        over = 2.25 if self.bars.numbered else 1.25
        spot = QRectF(left, area.top() - over * line, width + 1, line)
        painter.drawText(spot, Qt.AlignmentFlag.AlignLeft, self.bars.mark_words)


class Chart(Card):
    """A heading over a plot."""

    def __init__(self) -> None:
        super().__init__(steps=1)
        self.heading, self.text, self.plot = words("strong"), words("soft"), Plot()
        self.box.addWidget(self.heading)
        self.box.addWidget(self.text)
        self.box.addWidget(self.plot, 1)

    def tell(self, heading: str, bars: Bars, text: str = "") -> None:
        """Show bars under a heading, and what they say."""
        self.heading.setText(heading)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.plot.setAccessibleName(heading)
        self.plot.show_bars(bars)


def _in_words(bars: Bars) -> str:
    """For screen readers: every bar that is not empty."""
    parts = [
        f"{label}: {height:g}"
        for label, height in zip(bars.labels, bars.sums, strict=False)
        if height
    ]
    return ", ".join([*parts, bars.mark_words] if bars.mark_words else parts)
