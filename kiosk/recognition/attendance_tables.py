"""The attendance as tables to take away: CSV, and a workbook for spreadsheets (XLSX)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from kiosk.core.attendance import AttendanceCorrection, AttendanceDay, Calendar
from kiosk.core.spreadsheets import as_cell

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

COLUMNS = (
    "day",
    "name",
    "first",
    "last",
    "hours",
    "visits",
    "corrected",
    "reason",
    "seen_first",
    "seen_last",
    "clock_moved",
)
"""One line a person and day; what visits said stands there, corrected or not."""
SAID_COLUMNS = ("day", "name", "first", "last", "reason", "said_by", "said_at")
"""One line for every correction, those that no longer count as well."""
_WIDTHS = {"name": 24, "reason": 40, "said_at": 18, "said_by": 12}
_USUAL_WIDTH = 12


@dataclass(frozen=True)
class Line:
    """A line of the table, times as the clock on the wall showed them, with their offset."""

    day: AttendanceDay
    first: datetime | None
    last: datetime | None
    seen_first: datetime | None
    seen_last: datetime | None

    @property
    def lasted(self) -> timedelta | None:
        """From first to last as time that passed, whatever clocks were changed meanwhile."""
        first, last = self.day.first, self.day.last
        return last - first if first is not None and last is not None else None


def lines(days: Sequence[AttendanceDay], calendar: Calendar) -> list[Line]:
    """The days in local time."""

    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else calendar.local(moment)

    return [
        Line(
            each, local(each.first), local(each.last), local(each.seen_first), local(each.seen_last)
        )
        for each in days
    ]


def as_csv(days: Sequence[AttendanceDay], calendar: Calendar) -> str:
    """One line a person and day, times in ISO 8601 with their offset. Names and reasons that a
    spreadsheet would run as a formula stand behind an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in lines(days, calendar):
        day, word = line.day, line.day.corrected
        writer.writerow(
            [
                day.day.isoformat(),
                as_cell(day.name),
                _iso(line.first),
                _iso(line.last),
                "" if line.lasted is None else f"{line.lasted / timedelta(hours=1):.2f}",
                day.visits,
                int(word is not None),
                "" if word is None else as_cell(word.reason),
                _iso(line.seen_first),
                _iso(line.seen_last),
                int(day.clock_moved),
            ]
        )
    return out.getvalue()


def as_xlsx(days: Sequence[AttendanceDay], calendar: Calendar) -> bytes:
    """A workbook: the days, and every correction with its reason. Dates and times are such, and
    text is only ever text, whatever it begins with."""
    from xlsxwriter.workbook import Workbook

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(out, options) as book:
        _write_days(book, lines(days, calendar))
        _write_said(book, days, calendar)
    return out.getvalue()


class _Sheet:
    """A sheet with a heading, written cell by cell."""

    def __init__(self, book: Workbook, title: str, columns: Sequence[str]) -> None:
        self._sheet: Worksheet = book.add_worksheet(title)
        self._row = 0
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.clock = book.add_format({"num_format": "hh:mm"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.hours = book.add_format({"num_format": "0.00"})
        bold = book.add_format({"bold": True})
        for place, name in enumerate(columns):
            self._sheet.set_column(place, place, _WIDTHS.get(name, _USUAL_WIDTH))
            self._sheet.write_string(0, place, name, bold)
        self._sheet.freeze_panes(1, 0)

    def write(self, cells: Sequence[tuple[object, Format | None]]) -> None:
        """One more line; None is an empty cell."""
        self._row += 1
        for place, (value, how) in enumerate(cells):
            if isinstance(value, datetime | date):
                self._sheet.write_datetime(self._row, place, value, how)
            elif isinstance(value, bool | int | float):
                self._sheet.write_number(self._row, place, float(value), how)
            elif value is not None:
                self._sheet.write_string(self._row, place, str(value), how)


def _write_days(book: Workbook, told: Sequence[Line]) -> None:
    sheet = _Sheet(book, "attendance", COLUMNS)
    for line in told:
        day, word = line.day, line.day.corrected
        lasted = None if line.lasted is None else line.lasted / timedelta(hours=1)
        sheet.write(
            [
                (day.day, sheet.day),
                (day.name, None),
                (_naive(line.first), sheet.clock),
                (_naive(line.last), sheet.clock),
                (lasted, sheet.hours),
                (day.visits, None),
                (int(word is not None), None),
                (None if word is None else word.reason, None),
                (_naive(line.seen_first), sheet.clock),
                (_naive(line.seen_last), sheet.clock),
                (int(day.clock_moved), None),
            ]
        )


def _write_said(book: Workbook, days: Sequence[AttendanceDay], calendar: Calendar) -> None:
    sheet = _Sheet(book, "corrections", SAID_COLUMNS)
    for day, word in _said(days):
        first, last = (
            None if each is None else _naive(calendar.local(each))
            for each in (word.first, word.last)
        )
        sheet.write(
            [
                (day.day, sheet.day),
                (day.name, None),
                (first, sheet.clock),
                (last, sheet.clock),
                (word.reason, None),
                (word.by, None),
                (_naive(calendar.local(word.made)), sheet.moment),
            ]
        )


def _said(days: Sequence[AttendanceDay]) -> Iterator[tuple[AttendanceDay, AttendanceCorrection]]:
    for day in days:
        for word in day.corrections:
            yield day, word


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _naive(moment: datetime | None) -> datetime | None:
    """As a spreadsheet keeps it: it knows no offsets."""
    return None if moment is None else moment.replace(tzinfo=None, microsecond=0)
