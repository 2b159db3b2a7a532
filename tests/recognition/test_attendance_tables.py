"""Tables of the attendance to take away: every column, as the clock on the wall showed it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.core.attendance import AttendanceCorrection, AttendanceDay, Calendar
from kiosk.recognition.attendance_tables import COLUMNS, SAID_COLUMNS, as_csv, as_xlsx, lines
from tests.support.workbook import cells

SEOUL = Calendar(ZoneInfo("Asia/Seoul"))
DAY = date(2026, 3, 2)


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of that day, as UTC counts it: nine hours before Seoul's clock."""
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


SEEN = AttendanceDay(1, "Ann", DAY, at(0, 5), at(8, 35), 4, clock_moved=True)
WORD = AttendanceCorrection(
    2, DAY, at(0), at(9, 30), "=forgot", datetime(2026, 3, 3, 1, 2, tzinfo=UTC), "staff 2"
)
SAID = AttendanceDay(2, "=Ben", DAY, at(1), at(2), 2, corrections=(WORD,))
ABSENT = AttendanceDay(3, "Cat", DAY)


def test_times_are_those_of_the_wall_and_what_lasted_is_time_that_passed() -> None:
    seen, said, absent = lines([SEEN, SAID, ABSENT], SEOUL)
    assert [f"{each:%H:%M}" for each in (seen.first, seen.last) if each] == ["09:05", "17:35"]
    assert (seen.seen_first, seen.seen_last) == (seen.first, seen.last)
    assert said.first == at(0)
    assert said.seen_first == at(1)
    assert said.lasted is not None
    assert said.lasted.total_seconds() == 9.5 * 3600
    assert (absent.first, absent.lasted) == (None, None)


def test_each_column_of_the_csv_is_filled() -> None:
    found = list(csv.reader(io.StringIO(as_csv([SEEN, SAID, ABSENT], SEOUL))))
    assert found == [
        list(COLUMNS),
        [
            "2026-03-02",
            "Ann",
            "2026-03-02T09:05:00+09:00",
            "2026-03-02T17:35:00+09:00",
            "8.50",
            "4",
            "0",
            "",
            "2026-03-02T09:05:00+09:00",
            "2026-03-02T17:35:00+09:00",
            "1",
        ],
        [
            "2026-03-02",
            "'=Ben",
            "2026-03-02T09:00:00+09:00",
            "2026-03-02T18:30:00+09:00",
            "9.50",
            "2",
            "1",
            "'=forgot",
            "2026-03-02T10:00:00+09:00",
            "2026-03-02T11:00:00+09:00",
            "0",
        ],
        ["2026-03-02", "Cat", "", "", "", "0", "0", "", "", "", "0"],
    ]


def test_the_workbook_holds_days_and_words_as_dates_numbers_and_text(tmp_path: Path) -> None:
    file = tmp_path / "march.xlsx"
    file.write_bytes(as_xlsx([SEEN, SAID, ABSENT], SEOUL))
    days, said = cells(file, 1), cells(file, 2)
    assert days[0] == list(COLUMNS)
    # 2026-03-02 as a spreadsheet counts days.
    midnight = 46083
    assert [float(each) for each in (days[1][0], days[1][4], days[1][5])] == [midnight, 8.5, 4]
    assert float(days[1][2]) == pytest.approx(midnight + (9 + 5 / 60) / 24)
    assert float(days[1][3]) == pytest.approx(midnight + (17 + 35 / 60) / 24)
    assert (days[2][1], days[2][6]) == ("=Ben", "1")
    assert "=forgot" in days[2]
    assert float(days[2][8]) == pytest.approx(midnight + 10 / 24)
    assert said[0] == list(SAID_COLUMNS)
    ((day, name, first, last, reason, by, made),) = said[1:]
    assert (float(day), name, reason, by) == (midnight, "=Ben", "=forgot", "staff 2")
    assert float(first) == pytest.approx(midnight + 9 / 24)
    assert float(last) == pytest.approx(midnight + 18.5 / 24)
    assert float(made) == pytest.approx(midnight + 1 + (10 + 2 / 60) / 24)


def test_the_workbook_looks_as_one_reads_it() -> None:
    """Headings are bold and stay in view, columns are wide enough, dates and times are shown so."""
    seen = datetime(2026, 11, 30, 9, 5, 7, 123456, tzinfo=UTC)
    last = seen + timedelta(hours=8)
    word = AttendanceCorrection(
        1, date(2026, 11, 30), seen, last, "=1+1", seen + timedelta(days=1), "staff 2", 3
    )
    days = [
        AttendanceDay(1, "=Ann", date(2026, 11, 30), seen, last, 2, True, (word,)),
        AttendanceDay(2, "Ben", date(2026, 11, 30), seen, seen + timedelta(hours=7.5), 1),
    ]
    content = as_xlsx(days, Calendar(ZoneInfo("Asia/Seoul")))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert re.findall(r'<sheet name="(\w+)"', parts["xl/workbook.xml"]) == [
        "attendance",
        "corrections",
    ]
    styles = parts["xl/styles.xml"]
    forms = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    inner = styles[styles.index("<cellXfs") : styles.index("</cellXfs>")]
    used = [forms.get(number) for number in re.findall(r'<xf numFmtId="(\d+)"', inner)]
    assert used == [None, None, "yyyy-mm-dd", "hh:mm", "0.00", "yyyy-mm-dd hh:mm"]
    assert styles.count("<b/>") == 1
    sheets = [parts[f"xl/worksheets/sheet{number}.xml"] for number in (1, 2)]
    for sheet in sheets:
        assert '<pane ySplit="1" topLeftCell="A2"' in sheet
    widths = [
        [
            int(float(width))
            for first, end, width in re.findall(
                r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet
            )
            for _ in range(int(first), int(end) + 1)
        ]
        for sheet in sheets
    ]
    assert widths == [
        [12, 24, 12, 12, 12, 12, 12, 40, 12, 12, 12],
        [12, 24, 12, 12, 40, 12, 18],
    ]
    styled = [
        [re.findall(r'r="([A-Z])\d+" s="(\d)"', row) for row in re.findall(r"<row.*?</row>", sheet)]
        for sheet in sheets
    ]
    assert [how for _, how in styled[0][0]] == ["1"] * 11
    assert "".join(f"{cell}{how}" for cell, how in styled[0][1]) == "A2C3D3E4I3J3"
    assert "".join(f"{cell}{how}" for cell, how in styled[1][1]) == "A2C3D3G5"
    # The nearest second of a spreadsheet's days since 1900, in Seoul.
    assert f"<v>{46356 + (18 * 3600 + 5 * 60 + 7) / 86400:.11f}"[:20] in sheets[0]
    assert "<f>" not in "".join(sheets)
