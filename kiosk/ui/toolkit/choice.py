"""A row of buttons of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class Choice(QComboBox):
    """A choice among values with words; the wheel scrolls the page and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def offer(self, values: Sequence[tuple[str, str]], chosen: str) -> None:
        """Values with their words; what is chosen is offered even if it is not among them."""
        self.blockSignals(True)
        self.clear()
        known = {value for value, _ in values}
        for value, text in (*values, *(() if chosen in known else ((chosen, chosen),))):
            self.addItem(text, value)
        self.setCurrentIndex(self.findData(chosen))
        self.blockSignals(False)

    @property
    def value(self) -> str:
        """What is chosen."""
        return str(self.currentData())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave it to the page."""
        event.ignore()
