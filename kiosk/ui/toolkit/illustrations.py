"""What stands on the stage without a picture of the camera: welcome drawing, medallion."""

from __future__ import annotations

from math import sin, tau

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFontMetricsF,
    QHideEvent,
    QImage,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.theme import Scale, font, paint_icon, theme

DISPLAY_MS = 16
HOLD_MS = 3000
"""How long staff press the welcome drawing."""
RING_MS = 40
BEGUN = 0.12
"""Share of the hold from which on it is more than a touch."""


class HoldRing(QWidget):
    """Fills round a finger while it is held, so that whoever holds knows that it counts."""

    def __init__(self, stage: QWidget) -> None:
        super().__init__(stage)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hold: QTimer | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(RING_MS)
        self._timer.timeout.connect(self.update)
        self.hide()

    @property
    def share(self) -> float:
        """How much of the time is over, 0..1."""
        if self._hold is None or not self._hold.isActive():
            return 0.0
        return 1.0 - self._hold.remainingTime() / self._hold.interval()

    def follow(self, hold: QTimer, centre: QPointF, radius: float) -> None:
        """Show how far `hold` is, round a point."""
        self._hold, side = hold, round(2 * radius)
        self.setGeometry(round(centre.x() - radius), round(centre.y() - radius), side, side)
        self.show()
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Turn."""
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Rest."""
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """An arc from the top; the first moments of any touch show nothing."""
        if self.share < BEGUN:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() / 12
        pen = QPen(theme().colour("accent"), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        area = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.drawArc(area, 90 * 16, -round(self.share * 360 * 16))


class Stage(QWidget, Scaled):
    """A rounded ground that all drawings share.

    `held` when it is pressed for long: the discreet way to the admin screens, which is there on
    the welcome page and on that of a fault, whatever is broken.
    """

    held = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._radius = 20
        self._body = 20
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(HOLD_MS)
        self._hold.timeout.connect(self.held)
        self._held = HoldRing(self)
        self._hold.timeout.connect(self._held.hide)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody presses it any more."""
        self._hold.stop()
        self._held.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Perhaps staff: a ring fills while it is held."""
        self._hold.start()
        self._held.follow(self._hold, event.position(), 2.2 * self._body)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """It was only a touch."""
        self._hold.stop()
        self._held.hide()

    def rescale(self, scale: Scale) -> None:
        """Corners."""
        self._radius = scale.px(theme().shape["stage_radius"])
        self._body = scale.px(1)

    def _ground(self, painter: QPainter, top: str, bottom: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QLinearGradient(0, 0, 0, self.height())
        shade.setColorAt(0, theme().colour(top))
        shade.setColorAt(1, theme().colour(bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(QRectF(self.rect()), self._radius, self._radius)


class Welcome(Stage):
    """A face in an outline and a voice around it, breathing slowly; or an operator's picture in
    their place, filling the stage. Where the bar has no room for the logo, it stands here."""

    def __init__(self, *, moves: bool = True, picture: QImage | None = None) -> None:
        super().__init__()
        self._moves = moves and picture is None
        self._picture = picture
        self._fitted: QImage | None = None
        self.logo: QImage | None = None
        self._phase = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(DISPLAY_MS)
        self._timer.timeout.connect(self._breathe)

    @property
    def moving(self) -> bool:
        """Whether the animation runs."""
        return self._timer.isActive()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to breathe."""
        if self._moves:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Hold still."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _breathe(self) -> None:
        self._phase = (self._phase + DISPLAY_MS / theme().motion["breath_ms"]) % 1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Rings, outline, face, voice."""
        painter = QPainter(self)
        self._ground(painter, "accent_soft", "sunken")
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(self.rect()), self._radius, self._radius)
        painter.setClipPath(clip)
        if self._picture is not None:
            painter.drawImage(QPointF(0, 0), self._cut(self._picture))
        else:
            side = min(self.width(), self.height())
            centre = QPointF(self.width() / 2, self.height() * 0.5)
            self._rings(painter, centre, side)
            self._face(painter, centre, side * 0.40)
            self._voice(painter, centre, side)
        if self.logo is not None:
            self._place_logo(painter, self.logo)

    def _cut(self, picture: QImage) -> QImage:
        """The middle of the picture, as large as the stage; made anew for another size."""
        wanted = self.size() * self.devicePixelRatioF()
        if self._fitted is None or self._fitted.size() != wanted:
            kind = Qt.AspectRatioMode.KeepAspectRatioByExpanding
            large = picture.scaled(wanted, kind, Qt.TransformationMode.SmoothTransformation)
            left = (large.width() - wanted.width()) // 2
            top = (large.height() - wanted.height()) // 2
            self._fitted = large.copy(left, top, wanted.width(), wanted.height())
            self._fitted.setDevicePixelRatio(self.devicePixelRatioF())
        return self._fitted

    def _place_logo(self, painter: QPainter, logo: QImage) -> None:
        """At the top, on a ground of its own: nobody knows what the picture is like there."""
        room = QSizeF(self.width() * 0.7, 2.0 * self._body)
        size = QSizeF(logo.size()).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        pad, top = 0.4 * self._body, 0.8 * self._body
        left = (self.width() - size.width()) / 2
        plate = QRectF(left - pad, top - pad, size.width() + 2 * pad, size.height() + 2 * pad)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("ground"))
        painter.drawRoundedRect(plate, pad, pad)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(QPointF(left, top), size), logo)

    def _rings(self, painter: QPainter, centre: QPointF, side: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for index, share in enumerate((0.86, 0.64, 0.45)):
            breath = 1 + 0.018 * sin(tau * (self._phase - index * 0.12))
            painter.setBrush(theme().colour("surface", 0.30 + 0.16 * index))
            radius = side * share * breath * 0.56
            painter.drawEllipse(centre, radius, radius)

    def _face(self, painter: QPainter, centre: QPointF, side: float) -> None:
        outline = QRectF(centre.x() - side * 0.40, centre.y() - side * 0.5, side * 0.80, side)
        pen = QPen(theme().colour("accent"), side * 0.036)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(theme().colour("surface"))
        painter.drawRoundedRect(outline, side * 0.38, side * 0.38)
        eye = side * 0.038
        painter.setBrush(theme().colour("accent"))
        painter.setPen(Qt.PenStyle.NoPen)
        for direction in (-1, 1):
            spot = QPointF(centre.x() + direction * side * 0.15, centre.y() - side * 0.07)
            painter.drawEllipse(spot, eye, eye)
        painter.setPen(pen)
        smile = QRectF(centre.x() - side * 0.15, centre.y() - side * 0.06, side * 0.30, side * 0.28)
        painter.drawArc(smile, 16 * 215, 16 * 110)

    def _voice(self, painter: QPainter, centre: QPointF, side: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("glaze"))
        thick = side * 0.020
        for direction in (-1, 1):
            for index, share in enumerate((0.16, 0.10, 0.055)):
                sway = 1 + 0.22 * sin(tau * (2 * self._phase + index * 0.17))
                height = side * share * sway
                x = centre.x() + direction * side * (0.235 + index * 0.052)
                area = QRectF(x - thick / 2, centre.y() - height / 2, thick, height)
                painter.drawRoundedRect(area, thick / 2, thick / 2)


class OutcomeSign(Stage):
    """A large sign in a circle; for a result the ring around it says how sure the kiosk is."""

    def __init__(self) -> None:
        super().__init__()
        self._sign, self._tone = "check", "accent"
        self._ring: float | None = None
        self._caption = ""

    def display(self, sign: str, tone: str, ring: float | None = None, caption: str = "") -> None:
        """A sign of assets/icons in accent, caution or alarm; `ring` 0..1 and its number."""
        self._sign, self._tone, self._ring, self._caption = sign, tone, ring, caption
        self.setAccessibleName(caption)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Circle, ring, sign."""
        painter = QPainter(self)
        self._ground(painter, f"{self._tone}_soft", "sunken")
        roomy = self.width() > 14 * self._body
        side = (0.62 if roomy else 0.78) * min(self.width(), self.height())
        letters = font(max(self._body, side * 0.12), bold=True)
        caption = self._caption
        if QFontMetricsF(letters).horizontalAdvance(caption) > 0.72 * side:
            caption = ""  # the words beside say it as well
        centre = QPointF(self.rect().center())
        circle = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
        painter.setBrush(theme().colour("surface"))
        painter.drawEllipse(circle)
        if self._ring is not None:
            self._paint_ring(painter, circle)
        size = side * (0.34 if caption else 0.44)
        lift = side * (0.10 if caption else 0)
        spot = QRectF(centre.x() - size / 2, centre.y() - size / 2 - lift, size, size)
        colour = "accent" if self._tone == "accent" else self._tone
        paint_icon(painter, self._sign, spot, colour)
        if caption:
            painter.setFont(letters)
            painter.setPen(theme().colour("ink"))
            below = QRectF(circle.left(), centre.y() + side * 0.10, side, side * 0.24)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, caption)

    def _paint_ring(self, painter: QPainter, circle: QRectF) -> None:
        width = circle.width() * 0.045
        inner = circle.adjusted(width, width, -width, -width)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().colour("sunken"), width))
        painter.drawEllipse(inner)
        pen = QPen(theme().colour("accent"), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(inner, 90 * 16, -round((self._ring or 0) * 360 * 16))
