"""Spoken prompts: what to do on a page, said aloud in the language of the screen, with a caption.

While the kiosk speaks its own ears are covered, or it would take its voice for the visitor's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from kiosk.core.ports.capture import Speaker
from kiosk.ui.toolkit.controls import Card, SignRow
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.theme import ASSETS, Scale
from kiosk.ui.visitor.walkup import Page, View, WalkUp

FOLDER = ASSETS / "prompts"
WARNING = "warning"
ECHO_SECONDS = 0.3
"""How long a room goes on sounding after the kiosk has spoken."""
NARROW = 16
"""In body sizes: a picture less wide has no room for words."""
SILENT_PAGES = {Page.ATTRACT, Page.THINK}


@cache
def texts() -> dict[str, dict[str, str]]:
    """What is said, by page and language."""
    found: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "prompts.toml").read_text("utf-8"))
    return found


class Prompter(QObject):
    """Speaks when the page changes; `spoken` carries the caption and its seconds."""

    spoken = Signal(str, float)

    def __init__(
        self,
        model: WalkUp,
        language: Language,
        speaker: Speaker,
        mute_for: Callable[[float], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._language, self._speaker, self._cover_ears = language, speaker, mute_for
        self._page, self._warned = model.view.page, False
        self.enabled = True
        model.changed.connect(self.follow)

    @Slot(object)
    def follow(self, view: View) -> None:
        """Speak once when a page or the time-out question appears."""
        warned = view.warning is not None
        if view.page is not self._page:
            self._page = view.page
            self._speaker.stop()
            if view.page not in SILENT_PAGES:
                self._say(view.page.value)
        elif warned and not self._warned:
            self._say(WARNING)
        self._warned = warned

    def _say(self, name: str) -> None:
        if not self.enabled:
            return
        language = self._language.name
        seconds = self._speaker.say(FOLDER / f"{name}.{language}.ogg")
        if seconds:
            self._cover_ears(seconds + ECHO_SECONDS)
            self.spoken.emit(texts()[name][language], seconds)


class Caption(Card):
    """What is being said, while it is said: at the lower edge of the picture, or where there is
    none or too narrow a one at the upper edge of the window."""

    def __init__(self, window: QWidget, stage: QWidget) -> None:
        super().__init__("caption", steps=0)
        self.setParent(window)
        self._window, self._stage, self._side, self._least = window, stage, 0, 0
        self.row = SignRow("voice", role="strong")
        self.box.addWidget(self.row)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def rescale(self, scale: Scale) -> None:
        """Flat."""
        super().rescale(scale)
        self._side, self._least = scale.gap(2), scale.px(NARROW)
        above = scale.gap(0.5 if scale.compact else 0.8)
        self.box.setContentsMargins(self._side, above, self._side, above)

    @Slot(str, float)
    def tell(self, text: str, seconds: float) -> None:
        """Show a text for so long."""
        self.row.say(text)
        narrow = not self._stage.isVisible() or self._stage.width() < self._least
        room = self._window if narrow else self._stage
        width = room.width() - 2 * self._side
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        if narrow:
            self.setGeometry(self._side, self._side // 2, width, height)
        else:
            low = self._stage.mapTo(self._window, self._stage.rect().bottomLeft())
            self.setGeometry(low.x() + self._side, low.y() - height - self._side, width, height)
        self.show()
        self.raise_()
        self._timer.start(round(seconds * 1000))

    @Slot()
    def fall_silent(self) -> None:
        """Nothing is said any more."""
        self.hide()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Whatever hid it, nothing is left to wait for."""
        self._timer.stop()
