"""The live picture as in a mirror, with the outline that follows the face."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from kiosk.core.media import Frame
from kiosk.core.samples import FaceOutcome, FaceReport
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.theme import Scale, paint_icon, theme

DISPLAY_MS = 16
OUTLINE_GROWTH = 1.3
"""How far outside the face the outline runs."""
TURN_MS = 1600
FOLLOW = 0.35
"""Share of the way to the face that the outline goes with every picture drawn."""


def cover(image_width: int, image_height: int, width: float, height: float) -> QRectF:
    """The part of a picture that fills an area of another shape, from its middle."""
    if image_width * height > image_height * width:
        part = image_height * width / height
        return QRectF((image_width - part) / 2, 0, part, image_height)
    part = image_width * height / width
    return QRectF(0, (image_height - part) / 2, image_width, part)


class CameraPreview(QWidget, Scaled):
    """Paints the newest frame of a mailbox at display rate while it is visible.

    `gathered` is drawn as the coloured part of the outline, 0..1.
    """

    def __init__(self, mailbox: Mailbox, *, moves: bool = True, ground: str = "ground") -> None:
        super().__init__()
        self._ground = ground
        self._mailbox = mailbox
        self._moves = moves
        self._frame: Frame | None = None
        self._image = QImage()
        self._face: FaceReport | None = None
        self._outline: QRectF | None = None
        self._gathered = self._shown_gathered = 0.0
        self._thinking = False
        self._turn = 0.0
        self._body = 20
        self._radius = 20
        self.painted = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(DISPLAY_MS)
        self._timer.timeout.connect(self.advance)

    def rescale(self, scale: Scale) -> None:
        """Corners and strokes."""
        self._body = scale.px(1)
        self._radius = scale.px(theme().shape["stage_radius"])

    def follow(self, face: FaceReport | None, gathered: float, *, thinking: bool = False) -> None:
        """The newest look at a face, and how much of what is needed has been gathered; while
        thinking a light runs round the outline."""
        self._thinking = thinking
        self._face = face
        self._gathered = min(1.0, max(0.0, gathered))

    @Slot()
    def forget(self) -> None:
        """Drop the picture and all that was known about the face."""
        self._mailbox.take()
        self._frame, self._image = None, QImage()
        self._face = self._outline = None
        self._gathered = self._shown_gathered = 0.0
        self.update()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to draw."""
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is drawn for nobody."""
        self._timer.stop()

    @Slot()
    def advance(self) -> None:
        """Take a new frame if there is one, and move the outline a step."""
        frame = self._mailbox.take()
        if frame is not None:
            height, width = frame.image.shape[:2]
            self._frame = frame  # owns the memory the picture shows
            self._image = QImage(
                frame.image.data, width, height, width * 3, QImage.Format.Format_RGB888
            )
        if self._glide() or frame is not None:
            self.update()

    def _glide(self) -> bool:
        """Move the outline a step towards the face; whether anything moved."""
        goal = self._goal()
        before = (self._outline, self._shown_gathered, self._turn)
        if self._thinking and self._moves:
            self._turn = (self._turn + DISPLAY_MS / TURN_MS) % 1
        step = FOLLOW if self._moves else 1.0
        self._shown_gathered += (self._gathered - self._shown_gathered) * step
        if goal is None or self._outline is None:
            self._outline = goal
        else:
            now = self._outline
            self._outline = QRectF(
                now.x() + (goal.x() - now.x()) * step,
                now.y() + (goal.y() - now.y()) * step,
                now.width() + (goal.width() - now.width()) * step,
                now.height() + (goal.height() - now.height()) * step,
            )
        return before != (self._outline, self._shown_gathered, self._turn)

    def _goal(self) -> QRectF | None:
        """Where the outline belongs, in this widget's pixels, mirrored."""
        face = self._face
        if face is None or face.box is None or self._image.isNull():
            return None
        width, height = face.size
        part = cover(width, height, self.width(), self.height())
        scale = self.width() / part.width()
        box = face.box
        centre = QPointF(box.x + box.width / 2 - part.x(), box.y + box.height / 2 - part.y())
        side_x, side_y = box.width * OUTLINE_GROWTH * scale, box.height * OUTLINE_GROWTH * scale
        left = self.width() - centre.x() * scale - side_x / 2
        return QRectF(left, centre.y() * scale - side_y / 2, side_x, side_y)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Picture, corners, outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        if self._image.isNull():
            painter.fillRect(area, theme().colour("sunken"))
            side = self._body * 3.0
            spot = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
            paint_icon(painter, "camera", spot, "glaze")
        else:
            part = cover(self._image.width(), self._image.height(), area.width(), area.height())
            painter.save()
            painter.translate(area.width(), 0)
            painter.scale(-1, 1)
            painter.drawImage(area, self._image, part)
            painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._image.isNull():
            self._paint_outline(painter)
        self._round_corners(painter, area)
        self.painted += 1

    def _round_corners(self, painter: QPainter, area: QRectF) -> None:
        outside, inside = QPainterPath(), QPainterPath()
        outside.addRect(area.adjusted(-1, -1, 1, 1))
        inside.addRoundedRect(area, self._radius, self._radius)
        painter.fillPath(outside.subtracted(inside), theme().colour(self._ground))

    def _paint_outline(self, painter: QPainter) -> None:
        good = self._face is not None and self._face.outcome is FaceOutcome.USABLE
        outline = self._outline
        if outline is None:
            self._stroke(painter, self._place_for_a_face(), "surface", 0.10, dashed=True)
            return
        radius = 0.46 * min(outline.width(), outline.height())
        rounded = QPainterPath()
        rounded.addRoundedRect(outline, radius, radius)
        self._stroke(painter, rounded, "night", 0.34, alpha=0.28)
        self._stroke(painter, rounded, "surface", 0.24 if good else 0.14, dashed=not good)
        if self._shown_gathered > 0.01:
            self._stroke_part(painter, rounded, "accent", self._shown_gathered, 0.0)
        if self._thinking:
            self._stroke_part(painter, rounded, "glaze", 0.16, self._turn)

    def _place_for_a_face(self) -> QPainterPath:
        """A dashed outline where a face should come."""
        height = 0.56 * min(self.height(), self.width() * 1.2)
        width = height * 0.78
        centre = QPointF(self.width() / 2, self.height() * 0.48)
        path = QPainterPath()
        path.addRoundedRect(
            QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height),
            0.46 * width,
            0.46 * width,
        )
        return path

    def _stroke(
        self,
        painter: QPainter,
        path: QPainterPath,
        colour: str,
        width: float,
        *,
        alpha: float = 1.0,
        dashed: bool = False,
    ) -> None:
        pen = QPen(theme().colour(colour, alpha), max(2.0, width * self._body))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if dashed:
            pen.setDashPattern([3, 3.4])
        painter.strokePath(path, pen)

    def _stroke_part(
        self, painter: QPainter, path: QPainterPath, colour: str, share: float, begin: float
    ) -> None:
        """A `share` of an outline from `begin` on, inside its light rim."""
        width = max(2.0, 0.15 * self._body)
        pen = QPen(theme().colour(colour), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        length = path.length() / width
        pen.setDashPattern([max(0.01, length * share), length * (1 - share) + 0.01])
        pen.setDashOffset(-begin * length)
        painter.strokePath(path, pen)
