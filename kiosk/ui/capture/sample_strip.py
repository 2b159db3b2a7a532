"""The samples taken so far: one tile to a pose and to speech, each as full as it is good."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.core.media import Modality
from kiosk.enrolment.guided_capture import CaptureProgress, Goal, Kept
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings.visitor import VOICE, per_hundred, say
from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.theme import Scale, font, theme

TEXT = 0.72
"""Of the body text."""


class SampleStrip(QWidget, Scaled):
    """Six tiles: a title, the mean quality in per cent, and a bar for each sample."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._kept: Sequence[Kept] = ()
        self._now: Goal | None = None
        self._left_out: Sequence[Goal] = ()
        self._shown: tuple[tuple[Kept, ...], Goal | None, tuple[Goal, ...], str] | None = None
        self._body = 20.0

    def rescale(self, scale: Scale) -> None:
        """As tall as three lines."""
        self._body = scale.body
        self.setFixedHeight(scale.px(3.3))

    def show_progress(self, progress: CaptureProgress) -> None:
        """Take what was kept. It is told after every picture, and seldom anything new: only then is
        it drawn again."""
        shown = (progress.kept, progress.goal, progress.left_out, say(w.SAMPLES))
        if shown == self._shown:
            return
        self._shown = shown
        self._kept, self._now, self._left_out, name = shown
        self.setAccessibleName(name)
        self.setAccessibleDescription(self.told())
        self.update()

    def told(self) -> str:
        """The same in words, for screen readers."""
        tiles = [*((say(w.GOALS_SHORT[goal]), self._of(goal)) for goal in Goal)]
        tiles.append((say(VOICE), self._of(None)))
        return ", ".join(f"{title}: {self._words(kept)}" for title, kept in tiles if kept)

    def _of(self, goal: Goal | None) -> list[Kept]:
        if goal is None:
            return [kept for kept in self._kept if kept.modality is Modality.VOICE]
        return [kept for kept in self._kept if kept.goal is goal]

    def _words(self, kept: Sequence[Kept]) -> str:
        mean = sum(each.quality for each in kept) / len(kept)
        return say(w.QUALITY, percent=round(100 * mean))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Tile by tile."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        goals: list[Goal | None] = [*Goal, None]
        gap = 0.35 * self._body
        width = (self.width() - gap * (len(goals) - 1)) / len(goals)
        for number, goal in enumerate(goals):
            area = QRectF(number * (width + gap), 0, width, self.height())
            self._paint_tile(painter, area, goal)
        painter.end()

    def _paint_tile(self, painter: QPainter, area: QRectF, goal: Goal | None) -> None:
        kept = self._of(goal)
        here = goal is not None and goal is self._now
        colour = "accent_soft" if kept or here else "sunken"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(colour))
        radius = 0.5 * self._body
        painter.drawRoundedRect(area, radius, radius)
        title = say(VOICE) if goal is None else say(w.GOALS_SHORT[goal])
        below = per_hundred(round(100 * sum(k.quality for k in kept) / len(kept))) if kept else "–"
        if goal in self._left_out and not kept:
            below = say(w.LEFT_OUT)
        third = area.height() / 3
        ink = "accent_deep" if kept or here else "ink_soft"
        self._line(painter, area.adjusted(0, 0.15 * third, 0, -1.85 * third), title, ink, bold=True)
        self._line(painter, area.adjusted(0, 1.0 * third, 0, -1.0 * third), below, ink)
        self._bars(painter, area.adjusted(radius, 2.1 * third, -radius, -0.3 * third), kept)

    def _line(
        self, painter: QPainter, area: QRectF, text: str, colour: str, *, bold: bool = False
    ) -> None:
        size = TEXT * self._body
        wide = QFontMetricsF(font(size, bold=bold)).horizontalAdvance(text)
        size *= min(1.0, 0.92 * area.width() / max(wide, 1.0))
        painter.setFont(font(size, bold=bold))
        painter.setPen(theme().colour(colour))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _bars(self, painter: QPainter, area: QRectF, kept: Sequence[Kept]) -> None:
        if not kept:
            return
        step = area.width() / len(kept)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("accent"))
        for number, each in enumerate(kept):
            height = max(2.0, each.quality * area.height())
            bar = QRectF(area.x() + number * step, area.bottom() - height, step * 0.7, height)
            painter.drawRoundedRect(bar, 2, 2)
