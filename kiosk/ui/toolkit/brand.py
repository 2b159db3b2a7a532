"""An operator's logo and picture as the screens show them."""

from __future__ import annotations

import logging

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel

from kiosk.core.brand_pictures import read_brand_picture
from kiosk.core.errors import SettingsError
from kiosk.core.redaction import log_failure
from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.theme import Scale

_log = logging.getLogger(__name__)
LOGO_HEIGHT, LOGO_WIDTH = 2.2, 9.0
"""In body sizes: no larger than the bar has room for."""


def brand_image(key: str, place: str) -> QImage | None:
    """A picture of the settings; None where there is none, or it went missing: that is logged, and
    the screens go on without it."""
    if not place.strip():
        return None
    try:
        picture = read_brand_picture(key, place)
    except SettingsError as error:
        log_failure(_log, "A picture of the settings is not shown: %s.", error)
        return None
    width, height = picture.size
    data = picture.tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class Logo(QLabel, Scaled):
    """The operator's, as large as the bar lets it be; hidden where there is none."""

    def __init__(self, image: QImage | None) -> None:
        super().__init__()
        self._image = image
        self.setVisible(image is not None)

    def rescale(self, scale: Scale) -> None:
        """As tall as a button of the bar."""
        if self._image is None:
            return
        ratio = self.devicePixelRatioF()
        room = QSize(scale.px(LOGO_WIDTH), scale.px(LOGO_HEIGHT)) * ratio
        fitted = self._image.scaled(
            room,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        shown = QPixmap.fromImage(fitted)
        shown.setDevicePixelRatio(ratio)
        self.setPixmap(shown)
