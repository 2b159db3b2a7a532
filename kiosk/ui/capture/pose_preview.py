"""The preview of guided capture: five rings round the face, and a dot that follows the head."""

from __future__ import annotations

from math import sin, tau

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from kiosk.enrolment.guided_capture import DIRECTIONS, CaptureProgress, Goal, Step
from kiosk.ui.capture.camera_preview import DISPLAY_MS, CameraPreview
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.toolkit.theme import paint_icon, theme

REACH = 0.36
"""Of the shorter side: how far from the middle the rings stand."""
FOLLOW_DOT = 0.3
PULSE_MS = 1200
RING, MOST = 1.25, 0.085
"""Radius of a ring in body sizes, and at most of the shorter side."""
DOT = 0.4
"""Of a ring."""


class PosePreview(CameraPreview):
    """Draws where the head is turned and where it should be, as in a mirror."""

    def __init__(self, mailbox: Mailbox, *, moves: bool = True) -> None:
        super().__init__(mailbox, moves=moves)
        self._goal_now: Goal | None = None
        self._done: set[Goal] = set()
        self._aim: QPointF | None = None
        self._dot: QPointF | None = None
        self._pulse = 0.0

    def guide(self, progress: CaptureProgress) -> None:
        """Take where capture stands."""
        self._goal_now = progress.goal if progress.step is Step.POSES else None
        self._done = {kept.goal for kept in progress.kept if kept.goal is not None}
        self._done -= {self._goal_now} if self._goal_now else set()
        turned = progress.turned
        seen = turned is not None and progress.face is not None and progress.face.box is not None
        # In a mirror a person's left is on the left; up is up.
        self._aim = QPointF(-turned[0], -turned[1]) if seen and turned is not None else None
        share = progress.share if progress.step is Step.POSES else 0.0
        self.follow(progress.face, share)

    def forget(self) -> None:
        """Drop the picture and the guidance."""
        self._goal_now, self._aim, self._dot = None, None, None
        self._done = set()
        super().forget()

    def _glide(self) -> bool:
        moved = super()._glide()
        before = (self._dot, self._pulse)
        if self._moves and self._goal_now is not None:
            self._pulse = (self._pulse + DISPLAY_MS / PULSE_MS) % 1
        if self._aim is None or self._dot is None:
            self._dot = self._aim
        else:
            step = FOLLOW_DOT if self._moves else 1.0
            self._dot = self._dot + (self._aim - self._dot) * step
        return moved or before != (self._dot, self._pulse)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Picture and outline, then rings and dot."""
        super().paintEvent(event)
        if self._goal_now is None or self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for goal in Goal:
            self._paint_ring(painter, goal)
        if self._dot is not None:
            self._paint_dot(painter, self._dot)
        painter.end()

    def _place(self, goal: Goal) -> QPointF:
        across, up = DIRECTIONS[goal]
        return self._point(QPointF(-across, -up))

    def _point(self, turned: QPointF) -> QPointF:
        reach = REACH * min(self.width(), self.height())
        limited = QPointF(max(-1.2, min(1.2, turned.x())), max(-1.2, min(1.2, turned.y())))
        middle = QPointF(self.width() / 2, self.height() / 2)
        return middle + limited * reach

    def _paint_ring(self, painter: QPainter, goal: Goal) -> None:
        place, radius = self._place(goal), self._radius_of_rings
        here = goal is self._goal_now
        if goal in self._done:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("accent"))
            painter.drawEllipse(place, radius * 0.72, radius * 0.72)
            side = radius * 0.95
            sign = QRectF(place.x() - side / 2, place.y() - side / 2, side, side)
            paint_icon(painter, "check", sign, "on_accent")
            return
        if here:
            radius *= 1.15 + 0.12 * sin(tau * self._pulse)
        painter.setBrush(theme().colour("night", 0.35))
        width = max(2.0, (0.26 if here else 0.1) * self._body)
        pen = QPen(theme().colour("surface" if here else "glaze", 1.0 if here else 0.8), width)
        painter.setPen(pen)
        painter.drawEllipse(place, radius, radius)

    @property
    def _radius_of_rings(self) -> float:
        return min(RING * self._body, MOST * min(self.width(), self.height()))

    def _paint_dot(self, painter: QPainter, dot: QPointF) -> None:
        place, radius = self._point(dot), DOT * self._radius_of_rings
        painter.setPen(QPen(theme().colour("surface"), max(2.0, 0.12 * self._body)))
        painter.setBrush(theme().colour("accent"))
        painter.drawEllipse(place, radius, radius)
