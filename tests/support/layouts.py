"""What a layout must not do: texts cut off, parts over one another."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget


def cut_off(window: QWidget) -> list[str]:
    """Words that do not fit where they stand."""
    found = []
    for part in window.findChildren(QWidget):
        if not part.isVisible() or not isinstance(part, QLabel | QAbstractButton):
            continue
        corner = part.mapTo(window, QPoint(0, 0))
        inside = window.rect().contains(part.rect().translated(corner))
        if isinstance(part, QLabel):
            if not part.text():
                continue
            needed = part.heightForWidth(part.width()) if part.wordWrap() else 0
            wide = part.wordWrap() or part.sizeHint().width() <= part.width() + 1
            longest = max(part.fontMetrics().horizontalAdvance(x) for x in part.text().split())
            fits = needed <= part.height() + 1 and wide and longest <= part.width()
        else:
            hint = part.sizeHint()
            fits = hint.width() <= part.width() + 1 and hint.height() <= part.height() + 1
        if not (inside and fits):
            found.append(part.text())
    return found


def overlapping(window: QWidget) -> list[str]:
    """Pairs of words that stand on each other."""
    parts = [
        p
        for p in window.findChildren(QWidget)
        if isinstance(p, QLabel | QAbstractButton) and p.isVisible()
    ]
    places = [(p, p.rect().translated(p.mapTo(window, QPoint(0, 0)))) for p in parts]
    return [
        f"{a.text()} / {b.text()}"
        for k, (a, place) in enumerate(places)
        for b, other in places[k + 1 :]
        if place.intersects(other)
    ]
