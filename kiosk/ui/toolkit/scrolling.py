"""Scroll areas that are moved by a finger."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QScrollArea,
    QScroller,
    QWidget,
)


def by_finger(area: QAbstractScrollArea) -> None:
    """Have it scrolled by dragging what is on it as well: a scroll bar is thin for a finger."""
    QScroller.grabGesture(area.viewport())
    if isinstance(area, QAbstractItemView):
        area.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)


def scrolling(content: QWidget, *, by_keys: bool = False) -> QScrollArea:
    """Content that is scrolled up and down where it does not fit; `by_keys` where nothing on it
    takes the focus and so brings it to light."""
    area = QScrollArea()
    by_finger(area)
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.StrongFocus if by_keys else Qt.FocusPolicy.NoFocus)
    area.setProperty("reach", "keys" if by_keys else "")
    return area
