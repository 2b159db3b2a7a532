"""The admin screens on a real gallery: gate, people, rename, roll back, delete."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from kiosk.core.records import Origin, PersonSummary
from kiosk.core.settings import Settings
from kiosk.core.subjects import Subject
from kiosk.runtime.passphrase import FREE_TRIES, Passphrase, Role
from kiosk.storage import SqlGallery
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.staff.people.model import Column
from kiosk.ui.staff.window import AdminWindow
from kiosk.ui.strings import staff as w
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.theme import load_fonts
from tests.support.layouts import cut_off, overlapping
from tests.support.office_support import badly_placed
from tests.support.storage_support import ADD, FACE, NEW, VOICE, open_in, templates
from tests.support.ui_support import INCHES, LANDSCAPE, PORTRAIT, SMALL, running_timers, settle
from tests.support.walk_room import type_on

LIGHT = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""The same function with little work: how much it costs is not what is tested here."""
RIGHT = "quiet river stone"
PEOPLE = ("김하늘", "이바다", "박산들")


class Office:
    """An admin window on a gallery that answers at once."""

    def __init__(self, folder: Path, size: QSize, language: str, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.gallery: SqlGallery = open_in(folder)
        for seed, name in enumerate(PEOPLE):
            both = templates([10 * seed, 10 * seed + 1]) + templates([10 * seed + 5], VOICE)
            self.gallery.enrol(name, both, NEW)
        self.client = GalleryClient()
        self.client.attach(self.gallery)
        self.client.serve(lambda command: command())
        self.folder = folder
        self.passphrase = Passphrase(folder / "admin.json", hasher=LIGHT)
        self.passphrase.choose(RIGHT)
        load_fonts()
        self.language = Language(language)
        inches = INCHES[size.width(), size.height()]
        settings = Settings(language=language, screen_inches=inches)
        self.window = AdminWindow(self.client, self.passphrase, settings, self.language)
        qtbot.addWidget(self.window)
        self.window.resize(size)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.window.begin()

    def enter(self, count: int = len(PEOPLE), secret: str = RIGHT) -> None:
        """Through the gate."""
        gate = self.window.gate
        gate.field.setText(secret)
        with self.qtbot.waitSignal(gate.opened):
            gate.submit()
        self.wait_for_people(count)

    def wait_for_people(self, count: int) -> None:
        self.qtbot.waitUntil(lambda: self.window.people.model.total == count)

    def choose(self, name: str) -> None:
        people = self.window.people
        people.search.setText(name)
        people.table.setCurrentIndex(people.model.index(0, Column.NAME))
        people.open_card()
        self.qtbot.waitUntil(lambda: bool(people.card.history.text()))

    def close(self) -> None:
        self.window.forget_draft()  # it would wait for staff to come back
        self.window.close()
        self.language.close()
        self.client.attach(None)  # as an engine that ends: an answer may come late
        self.gallery.close()
        assert not running_timers()


Open = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    made: list[Office] = []

    def make(size: QSize = LANDSCAPE, language: str = "en") -> Office:
        made.append(Office(tmp_path / str(len(made)), size, language, qtbot))
        return made[-1]

    yield make
    for each in made:
        each.close()


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words_on(window: AdminWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


# --- the gate ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_a_passphrase_nobody_is_offered_to_choose_one(
    office: Open, size: QSize, language: str
) -> None:
    made = office(size, language)
    (made.folder / "admin.json").unlink()
    made.window.begin()
    settle()
    assert "kiosk admin passphrase" in words_on(made.window)
    assert not made.window.gate.field.isVisible()
    assert not made.window.gate.open_button.isVisible()
    assert not badly_placed(made.window)
    made.window.gate.field.setText(RIGHT)
    made.window.gate.submit()
    assert made.window.pages.currentWidget() is made.window.gate
    assert not made.passphrase.exists


def test_a_damaged_passphrase_file_opens_nothing(office: Open, qtbot: QtBot) -> None:
    made = office()
    (made.folder / "admin.json").write_text("{}")
    made.window.gate.field.setText(RIGHT)
    made.window.gate.submit()
    qtbot.waitUntil(made.window.gate.message.isVisible)
    assert "stay closed" in made.window.gate.message.text()
    assert made.window.pages.currentWidget() is made.window.gate


def test_an_enroller_sees_people_and_carries_nobody_out(office: Open) -> None:
    made = office()
    made.passphrase.choose("seven green boats", "desk", Role.ENROLLER)
    made.enter(secret="seven green boats")
    window = made.window
    assert [page for page, tab in window.tabs.items() if tab.isVisible()] == [window.people]
    assert window.people.enrol_button.isVisible()
    assert not window.people.export_button.isVisible()
    assert not window.people.import_button.isVisible()


def test_an_auditor_sees_visits_and_changes_nothing(office: Open, qtbot: QtBot) -> None:
    made = office()
    made.passphrase.choose("seven green boats", "watch", Role.AUDITOR)
    window = made.window
    window.gate.field.setText("seven green boats")
    with qtbot.waitSignal(window.gate.opened):
        window.gate.submit()
    assert window.pages.currentWidget() is window.visits
    assert window.people not in [page for page, tab in window.tabs.items() if tab.isVisible()]
    assert not window.visits.card.buttons.isVisible()


def test_only_an_operator_ends_the_kiosk(office: Open, qtbot: QtBot) -> None:
    made = office()
    made.passphrase.choose("seven green boats", "desk", Role.ENROLLER)
    left: list[bool] = []
    made.window.leave_kiosk.connect(lambda: left.append(True))
    for secret in ("seven green boats", RIGHT):
        made.window.begin(leaving=True)
        made.window.gate.field.setText(secret)
        with qtbot.waitSignal(made.window.gate.opened):
            made.window.gate.submit()
        assert made.window.pages.currentWidget() is made.window.gate
    assert left == [True]


def test_nobody_is_listed_before_the_gate_is_passed(office: Open) -> None:
    made = office()
    assert made.window.pages.currentWidget() is made.window.gate
    assert made.window.people.model.rowCount() == 0


def test_wrong_passphrases_make_wait(office: Open, qtbot: QtBot) -> None:
    made = office()
    gate = made.window.gate
    for _ in range(FREE_TRIES):
        gate.field.setText("wrong guess")
        gate.submit()
        qtbot.waitUntil(gate.field.isEnabled)
    gate.field.setText(RIGHT)
    gate.submit()
    qtbot.waitUntil(lambda: gate.field.isEnabled() and "wait" in gate.message.text())
    assert made.window.pages.currentWidget() is gate


def test_closing_locks(office: Open) -> None:
    made = office()
    made.enter()
    made.window.close()
    assert made.window.people.model.rowCount() == 0
    made.window.show()
    made.window.begin()
    assert made.window.pages.currentWidget() is made.window.gate


def test_idle_locks(office: Open, qtbot: QtBot) -> None:
    made = office()
    made.enter()
    with qtbot.waitSignal(made.window.closed):
        made.window.lock_after(1)
    assert not made.window.isVisible()


# --- people ------------------------------------------------------------------------------------


def test_people_are_listed_searched_and_sorted(office: Open) -> None:
    made = office()
    made.enter()
    people = made.window.people
    first = people.model.index(0, Column.NAME)
    assert people.model.data(first) == sorted(PEOPLE)[0]
    people.search.setText("바다")
    assert people.model.rowCount() == 1
    assert "1 of 3" in people.count.text()


def test_details_and_history(office: Open) -> None:
    made = office()
    made.gallery.enrol("김하늘", templates([91]), ADD)
    made.enter()
    made.choose("김하늘")
    text = words_on(made.window)
    assert "3 face, 1 voice" in text
    assert w.KIND_NEW in text
    assert w.KIND_ADD in text


def test_rename(office: Open) -> None:
    made = office()
    made.enter()
    made.choose("김하늘")
    people = made.window.people
    press(people.card.more_button)
    press(people.work.rename_button)
    assert people.work.question.field.text() == "김하늘"
    people.work.question.field.setText("김가을")
    people.search.clear()
    press(people.work.question.yes_button)
    made.qtbot.waitUntil(lambda: people.card.name.text() == "김가을")
    assert made.gallery.subject("김가을").name == "김가을"


def test_a_taken_name_is_refused_in_words(office: Open) -> None:
    made = office()
    made.enter()
    made.choose("김하늘")
    people = made.window.people
    press(people.card.more_button)
    press(people.work.rename_button)
    people.work.question.field.setText("이바다")
    press(people.work.question.yes_button)
    made.qtbot.waitUntil(people.work.question.isVisible)
    assert people.work.question.title.text() == w.FAILED
    assert {s.name for s in made.gallery.subjects()} == set(PEOPLE)


def test_delete_needs_a_yes_and_gives_a_receipt(office: Open) -> None:
    made = office()
    made.enter()
    made.choose("이바다")
    people = made.window.people
    press(people.card.more_button)
    press(people.work.delete_button)
    assert people.work.question.no_button.hasFocus()
    press(people.work.question.no_button)
    assert len(made.gallery.subjects()) == 3
    press(people.card.more_button)
    press(people.work.delete_button)
    press(people.work.question.yes_button)
    made.wait_for_people(2)
    assert "3 templates" in people.work.question.text.text()
    assert "이바다" not in people.work.question.text.text()
    assert {s.name for s in made.gallery.subjects()} == {"김하늘", "박산들"}


def test_roll_back(office: Open) -> None:
    made = office()
    made.gallery.enrol("박산들", templates([81, 82]), ADD)
    made.enter()
    made.choose("박산들")
    people = made.window.people
    assert "4 face" in people.card.samples.text()
    press(people.card.roll_back_button)
    press(people.work.question.yes_button)
    made.qtbot.waitUntil(lambda: "2 face" in people.card.samples.text())
    made.qtbot.waitUntil(lambda: w.KIND_ROLLBACK in people.card.history.text())
    assert not people.card.roll_back_button.isVisible()


def test_without_a_gallery_the_screen_says_so(office: Open) -> None:
    made = office()
    made.client.attach(None)
    gate = made.window.gate
    gate.field.setText(RIGHT)
    gate.submit()
    made.qtbot.waitUntil(made.window.people.work.question.isVisible)
    assert "DB-9" in made.window.people.work.question.text.text()


def test_ten_thousand_people_are_filtered_at_once(office: Open) -> None:
    made = office()
    made.enter()
    people = made.window.people
    when = datetime(2026, 1, 1, tzinfo=UTC)
    crowd = [PersonSummary(Subject(k, f"Person {k:05}", when), 5, 1) for k in range(10_000)]
    people.model.show(crowd)
    settle()
    began = time.thread_time()  # of the processor, however much else it has to do
    people.search.setText("Person 0999")
    assert people.model.rowCount() == 10
    assert time.thread_time() - began < 0.5


# --- by touch alone ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_staff_get_in_and_rename_somebody_by_touch_alone(office: Open, size: QSize) -> None:
    made = office(size, "ko")
    window, keyboard = made.window, made.window.keyboard
    settle()
    assert not badly_placed(window)
    made.passphrase.choose("quietriverstone")
    QTest.mouseClick(window.gate.field, Qt.MouseButton.LeftButton)
    type_on(keyboard, "quietriverstone")
    with made.qtbot.waitSignal(window.gate.opened):
        press(window.gate.open_button)
    made.wait_for_people(len(PEOPLE))
    assert not keyboard.isVisible()
    made.choose("이바다")
    press(window.people.card.more_button)
    press(window.people.work.rename_button)
    question = window.people.work.question
    QTest.mouseClick(question.field, Qt.MouseButton.LeftButton)
    settle()
    assert not cut_off(window.keyboard)
    assert question.geometry().bottom() <= keyboard.geometry().top()
    question.field.clear()
    type_on(keyboard, "ㅎㅏㄴㅂㅏㄷㅏ")
    press(question.yes_button)
    made.qtbot.waitUntil(lambda: window.people.model.row_named("한바다") is not None)
    press(window.keyboard_button)
    assert not keyboard.isVisible()


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_a_name_is_typed_and_the_keyboard_goes(office: Open, size: QSize) -> None:
    made = office(size)
    made.enter()
    press(made.window.people.enrol_button)
    form = made.window.enrolment.form
    QTest.mouseClick(form.name, Qt.MouseButton.LeftButton)
    settle()
    assert not cut_off(made.window)
    assert not overlapping(made.window)
    type_on(made.window.keyboard, "ann")
    press(made.window.keyboard.enter_key)
    settle()
    assert form.name.text() == "ann"
    assert not made.window.keyboard.isVisible()
    assert form.card.isVisible()
    assert form.agree.hasFocus()


def test_who_types_on_a_real_keyboard_gets_none_on_the_screen(office: Open) -> None:
    made = office()
    gate, keyboard = made.window.gate, made.window.keyboard
    QTest.mouseClick(gate.field, Qt.MouseButton.LeftButton)
    assert keyboard.isVisible()
    type_on(keyboard, "a")
    assert keyboard.isVisible()
    QTest.keyClick(gate.field, Qt.Key.Key_B)
    assert not keyboard.isVisible()
    assert gate.field.text() == "ab"
    QTest.mouseClick(gate.field, Qt.MouseButton.LeftButton)
    assert not keyboard.isVisible()
    press(made.window.keyboard_button)  # and by hand again
    assert keyboard.isVisible()


# --- who enrolled themselves -------------------------------------------------------------------


def test_who_enrolled_themselves_waits_in_a_queue_until_staff_have_looked(office: Open) -> None:
    made = office()
    made.gallery.enrol("Ann", templates([91], FACE), NEW, origin=Origin.SELF)
    made.enter(len(PEOPLE) + 1)
    people, tab = made.window.people, made.window.tabs[made.window.people]
    assert tab.number == people.check_button.number == 1
    assert "1" in tab.accessibleDescription()
    row = people.model.row_named("Ann")
    assert row is not None
    sign = people.model.index(row, Column.CHECK)
    assert people.model.data(people.model.index(row, Column.NAME)) == "Ann"
    assert people.model.data(sign, int(Qt.ItemDataRole.DecorationRole)) is not None
    assert people.model.data(sign, int(Qt.ItemDataRole.AccessibleTextRole)) == w.TO_CHECK
    small = people.table.rowHeight(row)
    press(people.check_button)
    assert people.model.rowCount() == 1
    assert people.table.rowHeight(0) > 1.5 * small  # whom staff look at is shown larger
    assert w.DETAIL_SELF in words_on(made.window)
    press(people.card.confirm_button)
    made.qtbot.waitUntil(lambda: people.model.waiting == 0)
    settle()
    assert people.count.text() == w.TO_CHECK_NONE
    assert tab.number == 0
    press(people.check_button)
    assert people.check_button.isHidden()
    made.choose("Ann")
    assert w.DETAIL_CONFIRMED in words_on(made.window)
    assert not people.card.confirm_button.isVisible()


@pytest.mark.parametrize("size", [LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_no_screen_loses_a_column(office: Open, size: QSize) -> None:
    made = office(size)
    made.enter()
    settle()
    table = made.window.people.table
    assert not [column for column in Column if table.isColumnHidden(column)]
    assert not table.horizontalScrollBar().isVisible()
    header = table.horizontalHeader()
    assert header.sectionSize(Column.NAME) > 5 * table.fontMetrics().averageCharWidth()
    made.choose("김하늘")
    assert table.isVisible() is (size != SMALL)  # on a small screen one of them at a time
    assert made.window.people.card.isVisible()
    assert made.window.people.escape() is (size == SMALL)
    assert table.isVisible()


# --- shapes and languages ----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_nothing_is_cut_off(office: Open, size: QSize, language: str) -> None:
    made = office(size, language)
    settle()
    assert not cut_off(made.window)
    assert not overlapping(made.window)
    made.gallery.enrol("김하늘", templates([91], FACE), ADD)
    made.enter()
    settle()
    assert not cut_off(made.window)
    made.choose("김하늘")
    settle()
    assert not cut_off(made.window)
    assert not overlapping(made.window)
    press(made.window.people.card.more_button)
    settle()
    assert not cut_off(made.window.people.work.menu)
    press(made.window.people.work.delete_button)
    settle()
    assert not cut_off(made.window.people.work.question)
    made.window.people.close_card()
    settle()
    table = made.window.people.table
    assert table.mapTo(made.window, QPoint(0, 0)).y() + table.height() < size.height()
    assert table.height() > 4 * table.verticalHeader().defaultSectionSize()


# --- on record ---------------------------------------------------------------------------------


def test_who_came_in_what_they_opened_and_did_is_on_record(office: Open, qtbot: QtBot) -> None:
    made = office()
    gate = made.window.gate
    gate.field.setText("wrong guess")
    with qtbot.waitSignal(gate.tried):
        gate.submit()
    made.enter()
    made.gallery.rename("이바다", "한바다")
    made.window.close()
    made.gallery.rename("한바다", "이바다")
    told = [(entry.act, (entry.facts or {})["by"]) for entry in made.gallery.trail()]
    assert told[len(PEOPLE) :] == [
        ("log-in failed", "kiosk"),
        ("logged in", "staff 1"),
        ("page opened", "staff 1"),
        ("renamed", "staff 1"),
        ("left", "staff 1"),
        ("renamed", "kiosk"),
    ]
    assert made.gallery.trail_problems() == []
