"""The table of one day: everybody, with what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from PySide6.QtCore import QObject

from kiosk.core.attendance import AttendanceDay, Calendar
from kiosk.ui.strings import attendance as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.tables import RowModel


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


class AttendanceModel(RowModel[Line]):
    """Lines of one day, by name."""

    titles = TITLES
    middle = frozenset({Column.FIRST, Column.LAST, Column.VISITS})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.calendar = Calendar()
        self.everybody: Sequence[Line] = ()
        self._whom = Shown.SEEN

    def show(self, lines: Sequence[Line]) -> None:
        """Take what the gallery says of a day."""
        self.everybody = lines
        self.narrow(self._whom)

    def narrow(self, whom: Shown) -> None:
        """Some of them, or all."""
        self._whom = whom
        self.put([each for each in self.everybody if self._fits(each)])

    def _fits(self, line: Line) -> bool:
        if self._whom is Shown.EVERYBODY:
            return True
        return line.here if self._whom is Shown.SEEN else line.to_look_at

    def key(self, row: Line) -> int:
        """Number in the gallery."""
        return row.subject_id

    def cell(self, row: Line, column: int) -> str:
        """What is told of somebody's day."""
        day = row.day
        if column == Column.NAME:
            return row.name
        if day is None:
            return "" if column == Column.NOTE else "–"
        if column == Column.VISITS:
            return str(day.visits)
        if column == Column.NOTE:
            said = [say(w.CORRECTED)] if day.corrections else []
            return ", ".join([*said, say(w.CLOCK)] if day.clock_moved else said)
        return clock(day.first if column == Column.FIRST else day.last, self.calendar)
