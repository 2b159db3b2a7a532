"""The page of people: columns, consent, merging, receipts, archives, many people, faults."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.events import Fault
from kiosk.core.expiry import ExpiryRule
from kiosk.core.records import Consent, PersonSummary
from kiosk.core.subjects import Subject
from kiosk.enrolment.portrait import jpeg
from kiosk.ui.staff.people.model import Column, PeopleModel
from kiosk.ui.strings import staff as w
from kiosk.ui.strings import visitor as visitor
from tests.support.people_office import OpenPeople, PeopleOffice, press, words_on
from tests.support.storage_support import ADD, FACE, NEW, VOICE, open_in, template, templates
from tests.support.ui_support import LANDSCAPE, settle

WHEN = datetime(2026, 9, 1, tzinfo=UTC)
AGREED = Consent(WHEN, "1", "ko", "text")
PASSPHRASE = "열두 글자가 넘는 암호문"


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenPeople]:
    made: list[PeopleOffice] = []

    def make(size: QSize = LANDSCAPE, language: str = "en") -> PeopleOffice:
        made.append(PeopleOffice(tmp_path / str(len(made)), qtbot, size, language))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def three(office: OpenPeople) -> PeopleOffice:
    """Ann with consent, seen once; Ben and Carl without."""
    made = office()
    made.gallery.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW, consent=AGREED)
    made.gallery.enrol("Ben", templates([4]), NEW)
    made.gallery.enrol("Carl", templates([5]), NEW)
    top = Candidate(1, "", 5.5, 0.99, face_score=0.7, face_llr=5.5)
    made.gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99))
    made.people.load()
    made.qtbot.waitUntil(lambda: made.people.model.total == 3)
    return made


def answer(made: PeopleOffice, text: str | None = None) -> None:
    """Yes to the question that is asked."""
    question = made.people.work.question
    made.qtbot.waitUntil(question.isVisible)
    if text is not None:
        question.field.setText(text)
    press(question.yes_button)
    settle()


def pick(made: PeopleOffice, sought: str) -> None:
    """Somebody from the list that is searched."""
    picker = made.people.work.picker
    picker.search.setText(sought)
    press(picker.choose_button)
    settle()


def cell(model: PeopleModel, row: int, column: Column) -> str:
    return str(model.data(model.index(row, column)))


def test_consent_and_last_visit_are_told(three: PeopleOffice) -> None:
    model = three.people.model
    seen = three.gallery.decisions()[0].time.astimezone()
    assert cell(model, 0, Column.SEEN) == f"{seen:%Y-%m-%d}"
    assert cell(model, 0, Column.CONSENT) == w.CONSENT_YES
    assert cell(model, 1, Column.SEEN) == "–"
    assert cell(model, 1, Column.CONSENT) == w.CONSENT_NO
    three.choose("Ann")
    assert f"Consent given on {WHEN.astimezone():%Y-%m-%d}, text 1" in words_on(three.people.card)


@pytest.mark.parametrize("column", list(Column))
def test_every_column_sorts(three: PeopleOffice, column: Column) -> None:
    model = three.people.model
    model.sort(column, Qt.SortOrder.AscendingOrder)
    up = [cell(model, row, column) for row in range(3)]
    model.sort(column, Qt.SortOrder.DescendingOrder)
    assert [cell(model, row, column) for row in range(3)] == up[::-1]


def test_consent_taken_back_is_put_on_record(three: PeopleOffice) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    press(three.people.work.withdraw_button)
    answer(three)
    assert three.gallery.consents("Ann")[0].withdrawn is not None
    three.qtbot.waitUntil(lambda: "taken back" in words_on(three.people.card))
    press(three.people.card.more_button)
    assert not three.people.work.withdraw_button.isVisible()


def test_what_visits_taught_is_shown_and_forgotten(three: PeopleOffice) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    assert not three.people.work.forget_learnt_button.isVisible()
    three.people.work.hide()
    top = Candidate(three.gallery.subject("Ann").subject_id, "Ann", 12.0, 0.99, face_llr=12.0)
    decision = three.gallery.record(Decision(DecisionOutcome.IDENTIFIED, (top,), probability=0.99))
    three.gallery.learn(decision, template(9, model_id="learnt", source="learnt"), 3)
    three.choose("Ben")
    three.choose("Ann")
    three.qtbot.waitUntil(lambda: w.KIND_LEARNT in words_on(three.people.card))
    press(three.people.card.more_button)
    press(three.people.work.forget_learnt_button)
    answer(three)
    three.qtbot.waitUntil(lambda: not three.gallery.forget_learnt("Ann"))
    assert "learnt" not in {t.source for t in three.gallery.templates(top.subject_id)}


def test_two_people_are_merged_after_two_questions(three: PeopleOffice) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    press(three.people.work.merge_button)
    pick(three, "ben")
    three.qtbot.waitUntil(lambda: "Merge Ben into Ann" in words_on(three.people.work.question))
    assert three.people.work.question.no_button.hasFocus()
    assert len(three.gallery.subjects()) == 3
    answer(three)
    three.qtbot.waitUntil(lambda: three.people.model.total == 2)
    assert three.people.model.row_named("Ben") is None
    three.qtbot.waitUntil(lambda: "3 face, 1 voice" in words_on(three.people.card))


def test_nobody_of_that_name_to_merge_with(three: PeopleOffice) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    press(three.people.work.merge_button)
    picker = three.people.work.picker
    picker.search.setText("Zoe")
    assert picker.none.isVisible()
    assert not picker.choose_button.isEnabled()
    picker.search.setText("Ann")  # nobody is merged with themselves
    assert picker.none.isVisible()
    press(picker.back_button)
    assert len(three.gallery.subjects()) == 3


def test_the_receipt_of_a_deletion_is_kept_without_a_name(
    three: PeopleOffice, tmp_path: Path
) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    press(three.people.work.delete_button)
    answer(three)
    three.qtbot.waitUntil(lambda: w.RECEIPT_TITLE in words_on(three.people.work.question))
    answer(three)
    receipt = tmp_path / "receipt.txt"
    three.answer_dialog(receipt)
    text = receipt.read_text("utf-8")
    assert "Subject number: 1" in text
    assert "Templates overwritten: 3" in text
    assert "Decisions deleted: 1" in text
    assert "Consents deleted: 1" in text
    assert "Ann" not in text
    assert [each.name for each in three.gallery.subjects()] == ["Ben", "Carl"]


def test_export_and_import_with_progress(three: PeopleOffice, tmp_path: Path) -> None:
    three.gallery.enrol("Ann", [template(k) for k in range(10, 1600)], ADD)
    file = tmp_path / "people.kiosk"
    shares: list[float] = []
    three.people.work.working.share.connect(shares.append)
    press(three.people.export_button)
    three.answer_dialog(file)
    answer(three, PASSPHRASE)
    three.qtbot.waitUntil(lambda: w.CARRIED_OUT in words_on(three.people.work.question))
    assert not three.people.work.working.isVisible()
    assert shares[-1] == 1.0
    assert len(shares) == 2
    press(three.people.work.question.yes_button)
    for subject in three.gallery.subjects():
        three.gallery.remove(subject.name)
    press(three.people.import_button)
    three.answer_dialog(file)
    answer(three, PASSPHRASE)
    three.qtbot.waitUntil(three.people.work.incoming.isVisible)
    assert three.gallery.subjects() == []
    press(three.people.work.incoming.take_button)
    three.qtbot.waitUntil(lambda: w.CARRIED_IN in words_on(three.people.work.question))
    three.qtbot.waitUntil(lambda: three.people.model.total == 3)
    assert three.gallery.consents("Ann") == [AGREED]


def archive_of(folder: Path, *people: tuple[str, int]) -> Path:
    """Made by another kiosk, of names and what they look like."""
    there = open_in(folder / "there")
    for name, seed in people:
        there.enrol(name, templates([seed]), NEW, consent=AGREED)
    there.export(folder / "people.kiosk", PASSPHRASE)
    there.close()
    return folder / "people.kiosk"


def looked_at(office: PeopleOffice, file: Path) -> list[str]:
    """What staff read of those who would come in."""
    press(office.people.import_button)
    office.answer_dialog(file)
    answer(office, PASSPHRASE)
    shown = office.people.work.incoming
    office.qtbot.waitUntil(shown.isVisible)
    return [shown.list.item(row).text() for row in range(shown.list.count())]


def test_staff_see_who_would_come_in_before_anybody_does(
    three: PeopleOffice, tmp_path: Path
) -> None:
    own = three.gallery.templates(1)[0].vector  # of Ann
    twin = open_in(tmp_path / "twin")
    twin.enrol("Zoe", [replace(template(1), vector=own)], NEW)
    twin.enrol("Bеn", templates([77]), NEW)  # with a Cyrillic letter
    twin.export(tmp_path / "twin.kiosk", PASSPHRASE)
    twin.close()
    first, second = looked_at(three, tmp_path / "twin.kiosk")
    assert first.startswith("Bеn\n")
    assert first.endswith("The name looks like “Ben”, who is enrolled here.")
    assert second.startswith("Zoe\nTemplates: 1 · no consent on record\nNearest here: Ann (score 0")
    shown = three.people.work.incoming
    assert "People in the archive: 2. It is not signed" in shown.text.text()
    assert shown.focusWidget() is shown.leave_button  # the harmless answer is the nearer one
    press(shown.leave_button)
    assert not shown.isVisible()
    assert len(three.gallery.subjects()) == 3
    assert shown.list.count() == 0


def test_a_name_that_is_taken_is_named_and_nobody_comes_in(
    three: PeopleOffice, tmp_path: Path
) -> None:
    first, second = looked_at(three, archive_of(tmp_path, ("Dora", 9), ("ann", 8)))
    assert first.startswith("ann\nTemplates: 1 · consent on record")
    assert first.endswith("Somebody of this name is enrolled here.")
    assert "Somebody" not in second
    shown = three.people.work.incoming
    assert shown.blocked.isVisible()
    assert not shown.take_button.isEnabled()


def test_a_signature_that_does_not_fit_shows_nobody(three: PeopleOffice, tmp_path: Path) -> None:
    file = archive_of(tmp_path, ("Dora", 9))
    file.with_name("people.kiosk.sig").write_text("{}")
    press(three.people.import_button)
    three.answer_dialog(file)
    answer(three, PASSPHRASE)
    three.qtbot.waitUntil(lambda: w.FAILED in words_on(three.people.work.question))
    assert not three.people.work.incoming.isVisible()


# --- deleted soon ------------------------------------------------------------------------------


def test_staff_are_told_who_is_deleted_soon(three: PeopleOffice) -> None:
    page = three.people
    assert not page.soon_button.isVisible()
    now = three.gallery.subjects()[0].created
    page.model.expire_by(ExpiryRule(enrolled_days=10), lambda: now)
    page.adopt(replace(three.settings, expire_enrolled_days=10))
    assert page.soon_button.number == 3
    three.choose("Ann")
    day = f"{(now + timedelta(days=10)).astimezone():%Y-%m-%d}"
    assert f"Will be deleted on {day} without a new consent" in words_on(page.card)
    page.adopt(replace(three.settings, expire_enrolled_days=40))
    assert page.soon_button.number == 0
    assert "Will be deleted" not in words_on(page.card)


def test_who_was_seen_stays_and_the_others_are_listed(three: PeopleOffice) -> None:
    page = three.people
    ann, ben, carl = page.model.everyone
    now = ben.subject.created + timedelta(days=25)
    seen = replace(ann, last_seen=now)
    page.model.expire_by(ExpiryRule(unseen_days=30), lambda: now)
    page.show_people((seen, replace(ben, last_seen=None), replace(carl, last_seen=None)))
    assert page.soon_button.number == 2
    page.soon_button.click()
    shown = [page.model.person(row).subject.name for row in range(page.model.rowCount())]
    assert shown == ["Ben", "Carl"]
    cell = page.model.index(0, Column.CHECK)
    assert page.model.data(cell, Qt.ItemDataRole.AccessibleTextRole) == w.EXPIRING
    three.choose("Ben")
    assert "if not seen before" in words_on(page.card)
    page.model.expire_by(ExpiryRule())
    page.show_people(page.model.everyone)
    assert w.EXPIRING_NONE in page.count.text()
    page.soon_button.click()
    assert page.model.rowCount() == 3


def test_a_name_that_looks_like_another_is_told(three: PeopleOffice) -> None:
    three.gallery.enrol("Саrl", templates([44]), NEW)  # two Cyrillic letters
    three.people.load()
    three.choose("Саrl")
    assert "The name looks like “Carl”." in words_on(three.people.card)
    three.choose("Ben")
    assert "looks like" not in words_on(three.people.card)


def test_a_wrong_passphrase_imports_nobody(three: PeopleOffice, tmp_path: Path) -> None:
    there = open_in(tmp_path / "there")
    there.enrol("Dora", templates([9]), NEW)
    there.export(tmp_path / "dora", PASSPHRASE)
    there.close()
    press(three.people.import_button)
    three.answer_dialog(tmp_path / "dora")
    answer(three, "not the passphrase")
    three.qtbot.waitUntil(lambda: w.FAILED in words_on(three.people.work.question))
    assert not three.people.work.working.isVisible()
    assert len(three.gallery.subjects()) == 3


def test_leaving_closes_dialogs_and_menus(three: PeopleOffice) -> None:
    three.choose("Ann")
    press(three.people.card.more_button)
    assert three.people.escape()
    press(three.people.export_button)
    three.people.leave()
    settle()
    assert three.people.model.total == 0
    assert not three.people.work.menu.isVisible()


# --- out of order ------------------------------------------------------------------------------


def test_staff_read_what_is_out_of_order(three: PeopleOffice) -> None:
    three.window.take(Fault("x", "y", code="ModelError"))
    code, what, remedy = visitor.FAULTS["ModelError"]
    text = words_on(three.people.banner)
    assert all(part in text for part in (code, what, remedy))
    three.window.take(Fault("x", "y", restored=True))
    assert not three.people.banner.isVisible()


def test_without_models_people_are_there_and_enrolment_says_it_is_not_ready(
    three: PeopleOffice,
) -> None:
    three.client.session.attach(None)
    assert three.people.model.total == 3
    three.fill_in("Dora")
    press(three.enrolment.form.camera_button)
    three.qtbot.waitUntil(three.enrolment.question.isVisible)
    assert visitor.FAULTS["NotReady"][0] in words_on(three.enrolment.question)


# --- many --------------------------------------------------------------------------------------


def crowd(count: int) -> list[PersonSummary]:
    """People who do not exist."""
    return [
        PersonSummary(
            Subject(k, f"Person {k:05}", WHEN + timedelta(minutes=k)),
            5,
            k % 3,
            WHEN + timedelta(days=k % 90) if k % 4 else None,
            replace(AGREED, time=WHEN + timedelta(minutes=k)) if k % 5 else None,
        )
        for k in range(count)
    ]


def test_a_thousand_people_from_a_real_gallery(office: OpenPeople) -> None:
    made = office()
    made.gallery.database.execute("PRAGMA synchronous = OFF")
    for number in range(1000):
        made.gallery.enrol(f"Person {number:04}", [template(number)], NEW)
    made.people.load()
    made.qtbot.waitUntil(lambda: made.people.model.total == 1000)
    made.people.search.setText("person 099")
    assert made.people.model.rowCount() == 10
    made.people.search.clear()
    made.people.table.scrollToBottom()
    settle()
    last = made.people.table.rowAt(made.people.table.viewport().height() - 4)
    assert made.people.model.person(last).subject.name == "Person 0999"


def test_ten_thousand_people_are_sorted_and_sought_at_once(office: OpenPeople) -> None:
    made = office()
    made.people.model.show(crowd(10_000))
    settle()
    began = time.thread_time()  # of the processor, however much else it has to do
    for column in Column:
        made.people.model.sort(column, Qt.SortOrder.DescendingOrder)
    made.people.search.setText("099")
    assert made.people.model.rowCount() == 120
    assert time.thread_time() - began < 2.0


# --- pictures ----------------------------------------------------------------------------------


def test_pictures_are_shown_where_they_are_kept(three: PeopleOffice) -> None:
    model = three.people.model
    assert model.data(model.index(0, Column.NAME), Qt.ItemDataRole.DecorationRole) is None
    coded = jpeg(np.full((90, 90, 3), 120, np.uint8))
    three.gallery.enrol("Ann", [template(8)], ADD, picture=coded)
    three.people.load()

    def shown() -> bool:
        return model.data(model.index(0, Column.NAME), Qt.ItemDataRole.DecorationRole) is not None

    three.qtbot.waitUntil(shown)
    assert model.data(model.index(1, Column.NAME), Qt.ItemDataRole.DecorationRole) is None


def test_pictures_are_asked_for_as_they_are_scrolled_to(office: OpenPeople) -> None:
    made = office()
    made.people.model.show(crowd(1000))
    settle()
    asked = len(made.people.model.lacking(range(1000)))
    assert 900 < asked < 1000
