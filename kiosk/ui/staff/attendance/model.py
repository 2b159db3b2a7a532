"""The table of one day: everybody, with what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kiosk.core.attendance import AttendanceDay, Calendar
from kiosk.ui.strings import attendance as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    """What is told of a person's day."""

    NAME = 0
    FIRST = 1
    LAST = 2
    VISITS = 3
    NOTE = 4


class Shown(StrEnum):
    """Of whom."""

    SEEN = "seen"
    EVERYBODY = "everybody"
    TO_LOOK_AT = "to_look_at"


TITLES = {
    Column.NAME: staff.COLUMN_NAME,
    Column.FIRST: w.COLUMN_FIRST,
    Column.LAST: w.COLUMN_LAST,
    Column.VISITS: w.COLUMN_VISITS,
    Column.NOTE: w.COLUMN_NOTE,
}
_MIDDLE = {Column.FIRST, Column.LAST, Column.VISITS}


@dataclass(frozen=True)
class Line:
    """One person on the day that is shown; `day` is None where nothing is known."""

    subject_id: int
    name: str
    day: AttendanceDay | None

    @property
    def here(self) -> bool:
        """Whether the person counts as having been here."""
        return self.day is not None and self.day.first is not None

    @property
    def to_look_at(self) -> bool:
        """Whether staff said something, or have to."""
        return self.day is not None and (bool(self.day.corrections) or self.day.clock_moved)


def clock(moment: datetime | None, calendar: Calendar) -> str:
    """A time as the clock on the wall shows it."""
    return "–" if moment is None else f"{calendar.local(moment):%H:%M}"


class AttendanceModel(QAbstractTableModel):
    """Lines of one day, by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.calendar = Calendar()
        self.everybody: Sequence[Line] = ()
        self.shown: Sequence[Line] = ()
        self._whom = Shown.SEEN

    def show(self, lines: Sequence[Line]) -> None:
        """Take what the gallery says of a day."""
        self.everybody = lines
        self.narrow(self._whom)

    def narrow(self, whom: Shown) -> None:
        """Some of them, or all."""
        self.beginResetModel()
        self._whom = whom
        self.shown = [each for each in self.everybody if self._fits(each)]
        self.endResetModel()

    def _fits(self, line: Line) -> bool:
        if self._whom is Shown.EVERYBODY:
            return True
        return line.here if self._whom is Shown.SEEN else line.to_look_at

    def row_of(self, subject_id: int) -> int | None:
        """Where a person stands, if shown."""
        rows = (k for k, each in enumerate(self.shown) if each.subject_id == subject_id)
        return next(rows, None)

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self.shown:
            last = self.index(len(self.shown) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many people."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Texts, and times in the middle."""
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.shown[index.row()], column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _MIDDLE:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def _text(self, line: Line, column: Column) -> str:
        day = line.day
        if column is Column.NAME:
            return line.name
        if day is None:
            return "" if column is Column.NOTE else "–"
        if column is Column.VISITS:
            return str(day.visits)
        if column is Column.NOTE:
            said = [say(w.CORRECTED)] if day.corrections else []
            return ", ".join([*said, say(w.CLOCK)] if day.clock_moved else said)
        return clock(day.first if column is Column.FIRST else day.last, self.calendar)

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Titles in the language in use."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(TITLES[Column(section)])
        if role == Qt.ItemDataRole.TextAlignmentRole and Column(section) not in _MIDDLE:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
