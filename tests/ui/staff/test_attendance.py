"""The page of the attendance on a real gallery: a day, corrections, months to take away."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.greetings import Greeting
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.ports.audit import Act
from kiosk.core.records import Circumstances
from kiosk.runtime.passphrase import Role
from kiosk.ui.staff.attendance.model import Column, Shown
from kiosk.ui.staff.attendance.page import AttendancePage
from kiosk.ui.strings import attendance as w
from tests.support.office_support import MachineOffice, OpenMachine, badly_placed, press, words_on
from tests.support.storage_support import NEW, template
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, settle

ANN, BORI = "Ann", "보리"
NOON = datetime(2026, 6, 17, 12).astimezone()
"""Now, as the page has it: the day must not change while a test runs."""
COUNTS = Circumstances(LivenessOutcome.LIVE, from_devices=True, attended=True)


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenMachine]:
    """Ann came at 9:05 and at 11:30 of yesterday, Bori not at all."""
    made: list[MachineOffice] = []

    def make(size: QSize = LANDSCAPE, language: str = "en", *, on: str = "true") -> MachineOffice:
        given = {"attendance": on, "greetings": on}
        office = MachineOffice(tmp_path / str(len(made)), qtbot, size, language, given=given)
        made.append(office)
        office.window.attendance._now = lambda: NOON
        for number, name in enumerate((ANN, BORI), start=1):
            office.gallery.enrol(name, [template(number)], NEW)
        yesterday = NOON - timedelta(days=1)
        for hour, minute in ((9, 5), (11, 30)):
            moment = yesterday.replace(hour=hour, minute=minute)
            monkeypatch.setattr(office.gallery, "_now", lambda moment=moment: moment)
            top = Candidate(1, ANN, 8.0, 0.99)
            office.gallery.record(
                Decision(DecisionOutcome.IDENTIFIED, (top,), probability=0.99),
                circumstances=COUNTS,
            )
        monkeypatch.undo()
        return office

    yield make
    for each in made:
        each.close()


def yesterday(made: MachineOffice) -> AttendancePage:
    page = made.window.attendance
    made.window.turn_to(page)
    settle()
    press(page.before_button)
    settle()
    return page


def row(page: AttendancePage, number: int = 0) -> list[str]:
    return [str(page.model.data(page.model.index(number, column))) for column in Column]


def show(page: AttendancePage, whom: Shown) -> None:
    page.whom.setCurrentIndex(page.whom.findData(whom.value))
    settle()


def fill_in(page: AttendancePage, first: str, last: str, reason: str) -> None:
    page.table.setCurrentIndex(page.model.index(0, Column.NAME))
    press(page.card.correct_button)
    page.form.first.setText(first)
    page.form.last.setText(last)
    page.form.field.setText(reason)
    press(page.form.yes_button)
    settle()


def test_a_day_tells_who_was_here(office: OpenMachine) -> None:
    page = yesterday(office())
    assert row(page) == [ANN, "09:05", "11:30", "2", ""]
    assert "1 of 2" in page.count.text()
    show(page, Shown.EVERYBODY)
    assert [row(page, number)[0] for number in range(2)] == [ANN, BORI]
    assert row(page, 1)[1:] == ["–", "–", "–", ""]
    press(page.today_button)
    settle()
    assert page.count.text() == w.NOBODY
    assert not page.after_button.isEnabled()


def test_a_correction_is_kept_by_whom_it_was_made_and_nothing_seen_is_lost(
    office: OpenMachine,
) -> None:
    made = office()
    made.gallery.actor = "staff 3"
    page = yesterday(made)
    fill_in(page, "08:55", "11:45", "came by the back door")
    assert not page.form.isVisible()
    assert row(page) == [ANN, "08:55", "11:45", "2", w.CORRECTED]
    told = words_on(page.card)
    assert "Seen from 09:05 to 11:30" in told
    assert "staff 3: 08:55 to 11:45. came by the back door" in told
    (kept,) = made.gallery.attendance_corrections(date.min, date.max)
    assert (kept.by, kept.subject_id) == ("staff 3", 1)
    show(page, Shown.TO_LOOK_AT)
    assert len(page.model.shown) == 1
    press(page.card.correct_button)
    press(page.form.absent)
    page.form.field.setText("it was her sister")
    press(page.form.yes_button)
    settle()
    assert row(page)[1:3] == ["–", "–"]
    assert len(made.gallery.attendance_corrections(date.min, date.max)) == 2
    assert "0" not in page.count.text()


@pytest.mark.parametrize(
    ("first", "last", "reason", "fault"),
    [
        ("9", "11:00", "x", w.FAULT_TIMES),
        ("11:00", "09:00", "x", w.FAULT_TIMES),
        ("09:00", "", "x", w.FAULT_TIMES),
        ("09:00", "11:00", "  ", w.FAULT_REASON),
    ],
)
def test_what_cannot_be_kept_stays_in_the_form(
    office: OpenMachine, first: str, last: str, reason: str, fault: str
) -> None:
    made = office()
    page = yesterday(made)
    fill_in(page, first, last, reason)
    assert page.form.isVisible()
    assert page.form.fault.text().startswith(fault.split("{", 1)[0])
    assert page.form.first.text() == first
    assert made.gallery.attendance_corrections(date.min, date.max) == []
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.form.isVisible()


def test_a_month_is_written_where_staff_choose_and_the_record_says_so(
    office: OpenMachine, tmp_path: Path, qtbot: QtBot
) -> None:
    made = office()
    page = yesterday(made)
    press(page.xlsx_button)
    file = tmp_path / "month"
    made.answer_dialog(file)
    qtbot.waitUntil(page.question.isVisible)
    written = file.with_suffix(".xlsx")
    assert zipfile.is_zipfile(written)
    assert written.stat().st_mode & 0o777 == 0o600
    assert str(written) in page.question.text.text()
    assert Act.EXPORTED in [each.act for each in made.gallery.trail(3)]
    page.question.hide()
    page.export(Path(made.settings.database), ".csv", f"{NOON:%Y-%m}")
    qtbot.waitUntil(page.question.isVisible)
    assert "(IN-1)" in page.question.text.text()
    assert made.gallery.subjects()


def test_the_page_is_there_where_attendance_is_on_and_for_whom_it_may_be(
    office: OpenMachine,
) -> None:
    off = office(on="false").window
    assert off.attendance not in off.allowed()
    window = office().window
    assert window.attendance in window.allowed()
    window.limit_to(Role.ENROLLER)
    assert window.attendance not in window.allowed()
    window.limit_to(Role.AUDITOR)
    assert window.attendance in window.allowed()
    made = office()
    page = yesterday(made)
    made.window.limit_to(Role.AUDITOR)
    page.table.setCurrentIndex(page.model.index(0, Column.NAME))
    assert not page.card.buttons.isVisible()


def test_leaving_forgets_who_was_here(office: OpenMachine) -> None:
    made = office()
    page = yesterday(made)
    page.table.setCurrentIndex(page.model.index(0, Column.NAME))
    made.window.turn_to(made.window.people)
    assert not page.model.everybody
    assert ANN not in words_on(page.card)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL])
def test_every_word_fits(office: OpenMachine, size: QSize, language: str) -> None:
    made = office(size, language)
    page = yesterday(made)
    show(page, Shown.EVERYBODY)
    page.table.setCurrentIndex(page.model.index(0, Column.NAME))
    settle()
    assert badly_placed(made.window) == []
    press(page.card.correct_button)
    settle()
    assert badly_placed(made.window) == []


def test_a_line_of_greeting_is_set_on_the_page_of_people(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    people = made.window.people
    made.window.turn_to(people)
    qtbot.waitUntil(lambda: people.model.row_named(ANN) is not None)
    people.table.setCurrentIndex(people.model.index(people.model.row_named(ANN) or 0, 0))
    settle()
    form = people.work.greeting_form

    def set_line(text: str, how: str, day: str = "") -> None:
        people.offer_more()
        press(people.work.greeting_button)
        settle()
        form.field.setText(text)
        form.how.setCurrentIndex(form.how.findData(how))
        form.day.setText(day)
        press(form.yes_button)
        settle()

    set_line("A parcel", "once")
    assert made.gallery.greeting_of(1) == Greeting("A parcel", once=True)
    set_line("Too late", "until", "2020-01-01")
    assert form.isVisible()
    assert form.fault.isVisible()
    assert form.field.text() == "Too late"
    form.day.setText("2999-01-01")
    press(form.yes_button)
    settle()
    assert made.gallery.greeting_of(1) == Greeting("Too late", until=date(2999, 1, 1))
    set_line("", "always")
    assert made.gallery.greeting_of(1) is None
