"""The visits page on a real gallery: list, filters, corrections, charts, a table to take away."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import StorageError
from kiosk.core.media import Modality
from kiosk.core.records import Corrector, DecisionRecord
from kiosk.core.samples import Probe
from kiosk.ui.staff.visits.charts import (
    hours_bars,
    hours_words,
    score_bars,
    score_words,
    unknown_bars,
    unknown_words,
)
from kiosk.ui.staff.visits.model import CORRECTED, Column
from kiosk.ui.staff.visits.page import Kept, VisitsPage
from kiosk.ui.strings import visits as w
from kiosk.ui.toolkit.charts import ticks
from tests.support.office_support import MachineOffice, OpenMachine, badly_placed, press, words_on
from tests.support.storage_support import NEW, VOICE, templates
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, settle
from tools.screenshots.pages import NAMES, records

BOTH = (Modality.FACE, Modality.VOICE)
ALICE, BORI = "Alice", "보리"


def decided(outcome: DecisionOutcome, who: int, name: str, llr: float) -> Decision:
    top = Candidate(who, name, llr, 0.97, 0.61, 0.42, llr - 1, 1.0)
    known = outcome is DecisionOutcome.IDENTIFIED
    reason = DecisionReason.NONE if known else DecisionReason.BELOW_THRESHOLD
    return Decision(outcome, (top,), BOTH, 0.97, False, reason)


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenMachine]:
    """Alice was recognised twice, somebody like Bori not; one visit was of no use."""
    made: list[MachineOffice] = []

    def make(size: QSize = LANDSCAPE, language: str = "en") -> MachineOffice:
        office = MachineOffice(tmp_path / str(len(made)), qtbot, size, language)
        made.append(office)
        for seed, name in enumerate((ALICE, BORI)):
            office.gallery.enrol(name, templates([seed]) + templates([seed + 5], VOICE), NEW)
        for outcome, who, name, llr in (
            (DecisionOutcome.IDENTIFIED, 1, ALICE, 8.0),
            (DecisionOutcome.IDENTIFIED, 1, ALICE, 7.0),
            (DecisionOutcome.UNKNOWN, 2, BORI, 1.0),
        ):
            office.gallery.record(decided(outcome, who, name, llr))
        office.gallery.record(Decision(DecisionOutcome.UNUSABLE, reason=DecisionReason.NO_EVIDENCE))
        office.window.turn_to(office.window.visits)
        qtbot.waitUntil(lambda: len(office.window.visits.model.everything) == 4)
        return office

    yield make
    for each in made:
        each.close()


def pick(page: VisitsPage, value: str) -> None:
    page.kind.setCurrentIndex(page.kind.findData(value))


def choose(page: VisitsPage, row: int) -> None:
    page.table.setCurrentIndex(page.model.index(row, Column.TIME))


# --- the list ------------------------------------------------------------------------------------


def test_visits_are_listed_with_their_scores(office: OpenMachine) -> None:
    page = office().window.visits
    shown = [
        str(page.model.data(page.model.index(3, column)))
        for column in (Column.RESULT, Column.WHO, Column.FACE, Column.VOICE, Column.SURE)
    ]
    assert shown == [w.OUTCOMES[DecisionOutcome.IDENTIFIED], ALICE, "+7.0", "+1.0", "97.0 %"]
    assert "4 of 4" in page.count.text()
    assert "90 days" in page.count.text()


def test_filters(office: OpenMachine) -> None:
    page = office().window.visits
    pick(page, "unknown")
    assert [record.name for record in page.model.shown] == [BORI]
    pick(page, "")
    page.search.setText("ali")
    assert len(page.model.shown) == 2
    pick(page, CORRECTED)
    assert not page.model.shown


def test_the_time_chosen_is_asked_of_the_gallery(
    office: OpenMachine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = office()
    long_ago = datetime.now(UTC) - timedelta(days=20)
    monkeypatch.setattr(made.gallery, "_now", lambda: long_ago)
    made.gallery.record(decided(DecisionOutcome.UNKNOWN, 2, BORI, 0.5))
    page = made.window.visits
    page.period.setCurrentIndex(page.period.findData("30"))
    qtbot.waitUntil(lambda: len(page.model.everything) == 5)
    page.period.setCurrentIndex(page.period.findData("1"))
    qtbot.waitUntil(lambda: len(page.model.everything) == 4)


def test_details_say_why(office: OpenMachine) -> None:
    page = office().window.visits
    choose(page, 1)
    text = words_on(page.card)
    assert BORI in text
    assert w.REASONS[DecisionReason.BELOW_THRESHOLD] in text
    assert "Face: evidence " in text
    assert w.SUGGEST.split("{", maxsplit=1)[0] not in text


def test_leaving_forgets_who_came(office: OpenMachine) -> None:
    made = office()
    choose(made.window.visits, 1)
    made.window.turn_to(made.window.people)
    assert not made.window.visits.model.everything
    assert BORI not in made.window.visits.card.name.text()


def test_by_keyboard_alone(office: OpenMachine) -> None:
    page = office().window.visits
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert page.card.wrong_button.isVisible()


# --- this was wrong ------------------------------------------------------------------------------


def test_a_wrong_visit_is_marked_and_a_re_registration_suggested(
    office: OpenMachine, qtbot: QtBot
) -> None:
    made = office()
    page = made.window.visits
    choose(page, 2)
    press(page.card.wrong_button)
    names = [page.picker.list.item(row).text() for row in range(page.picker.list.count())]
    assert names == [BORI]  # not of whom the visit named already
    page.picker.search.setText("보")
    press(page.picker.choose_button)
    qtbot.waitUntil(page.question.isVisible)
    assert w.COST_NOTHING in words_on(page.question)
    assert made.gallery.decisions()[2].correction is None
    press(page.question.yes_button)
    qtbot.waitUntil(page.card.back_button.isVisible)
    newest = made.gallery.decisions()[2].correction
    assert newest is not None
    assert (newest.by, newest.subject_id) == (Corrector.STAFF, 2)
    text = words_on(page.card)
    assert w.WRONG_BY[Corrector.STAFF] in text
    assert w.WRONG_WAS.format(name=BORI) in text
    assert w.SUGGEST.format(name=ALICE, count=1) in text
    pick(page, CORRECTED)
    assert len(page.model.shown) == 1
    press(page.card.back_button)
    qtbot.waitUntil(lambda: made.gallery.decisions()[2].correction is None)


def test_the_suggestion_leads_to_the_person(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page, people = made.window.visits, made.window.people
    made.gallery.mark_wrong(made.gallery.decisions()[3].decision_id, Corrector.STAFF)
    page.load()
    choose(page, 3)
    qtbot.waitUntil(page.card.person_button.isVisible)
    press(page.card.person_button)
    assert made.window.pages.currentWidget() is people
    qtbot.waitUntil(lambda: ALICE in words_on(people.card))


def test_staff_see_what_a_correction_costs_and_may_leave_it(
    office: OpenMachine, qtbot: QtBot
) -> None:
    made = office()
    page = made.window.visits
    decision = made.gallery.decisions()[3]
    assert decision.subject_id is not None
    subject_id = decision.subject_id
    held = made.gallery.templates(subject_id)
    probe = Probe(held[0].modality, held[0].model_id, -held[0].vector, 1.0, 1)
    made.gallery.mark_wrong(decision.decision_id, Corrector.VISITOR, probes=[probe])
    made.gallery.unmark_wrong(decision.decision_id)
    page.load()
    choose(page, 3)
    press(page.card.wrong_button)
    press(page.picker.nobody_button)
    qtbot.waitUntil(page.question.isVisible)
    name = made.gallery.subject_name(subject_id)
    cost = made.gallery.correction_cost(decision.decision_id)
    assert (cost.kept, cost.own) == (True, False)
    told = w.COST_LOST.format(name=name, lost=cost.lost, count=len(held))
    assert told in words_on(page.question)
    press(page.question.no_button)
    assert made.gallery.decisions()[3].correction is None
    page._tell_error(StorageError("x", "y"))
    press(page.question.yes_button)  # "done", and no late yes to what was left
    settle()
    assert made.gallery.decisions()[3].correction is None


def test_nobody_enrolled_is_a_possible_answer(office: OpenMachine, qtbot: QtBot) -> None:
    made = office()
    page = made.window.visits
    choose(page, 3)
    press(page.card.wrong_button)
    assert not page.picker.choose_button.isEnabled()  # nobody is chosen by chance
    press(page.picker.nobody_button)
    qtbot.waitUntil(page.question.isVisible)
    press(page.question.yes_button)
    qtbot.waitUntil(lambda: made.gallery.decisions()[3].correction is not None)
    correction = made.gallery.decisions()[3].correction
    assert correction is not None
    assert correction.subject_id is None


def test_a_name_that_nobody_has_cannot_be_chosen(office: OpenMachine) -> None:
    made = office()
    page = made.window.visits
    choose(page, 3)
    press(page.card.wrong_button)
    page.picker.search.setText("Nobody Here")
    QTest.keyClick(page.picker.search, Qt.Key.Key_Return)
    assert page.picker.none.isVisible()
    press(page.picker.back_button)
    assert all(record.correction is None for record in made.gallery.decisions())
    assert not page.picker.list.count()  # nobody is listed for whoever comes next


# --- figures -------------------------------------------------------------------------------------


def made_up() -> list[DecisionRecord]:
    return records(NAMES)


@pytest.mark.parametrize("highest", [1, 2, 3, 4, 5, 7, 12, 99, 412, 3000])
def test_the_numbers_beside_a_chart_are_round_and_few(highest: int) -> None:
    steps = ticks(highest)
    assert steps[0] == 0
    assert highest <= steps[-1] < 2.1 * max(highest, 2)
    assert 2 <= len(steps) <= 6
    assert {step - before for before, step in pairwise(steps)} == {steps[1]}
    assert str(steps[1]).rstrip("0") in ("1", "2", "5")


def test_three_visits_are_told_one_by_one() -> None:
    three = made_up()[:3]
    assert hours_words(three).count(":") == 4  # three times of day after a colon
    assert sum(score_words(three, 5.0).count(sign) for sign in "+-") == 3
    assert w.UNKNOWN_FEW in unknown_words(three)


def test_three_thousand_visits_are_summed_up() -> None:
    many = made_up() * 12
    many = [replace(each, time=each.time - timedelta(days=k % 300)) for k, each in enumerate(many)]
    assert f"{len(many):,} visits on" in hours_words(many)
    assert "recognised visits were within 1 of what is needed" in score_words(many, 5.0)
    told = unknown_words(many)
    assert "%" in told
    assert "One bar is 28 days" in told
    assert len(unknown_bars(many).full) <= 26


def test_the_threshold_is_drawn_where_it_belongs() -> None:
    bars = score_bars(made_up(), 4.5)
    assert bars.mark is not None
    left, right = int(bars.mark), int(bars.mark) + 1
    assert (bars.labels[left], bars.labels[right]) == ("4", "5")
    assert "4.5" in bars.mark_words


def test_no_visits_make_empty_charts() -> None:
    assert not hours_bars([]).full
    assert not score_bars([], 4.0).full
    assert not unknown_bars([]).full
    assert hours_words([]) == score_words([], 4.0) == unknown_words([]) == ""


def test_charts_are_drawn(office: OpenMachine, qtbot: QtBot) -> None:
    page = office().window.visits
    page.show_kept(Kept(made_up(), dict(enumerate(NAMES))))
    press(page.chart_tab)
    settle()
    for chart in (page.hours, page.scores, page.unknown):
        picture = chart.plot.grab().toImage()
        colours = {
            picture.pixelColor(x, y).name()
            for x in range(0, picture.width(), 5)
            for y in range(0, picture.height(), 5)
        }
        assert "#0b6a5c" in colours  # bars in the accent
        assert chart.plot.accessibleDescription()


# --- a table to take away ------------------------------------------------------------------------


def test_csv_holds_what_is_shown_and_is_private(
    office: OpenMachine, qtbot: QtBot, tmp_path: Path
) -> None:
    made = office()
    page = made.window.visits
    pick(page, "identified")
    press(page.export_button)
    assert "2 visits" in page.files.note.text()
    file = tmp_path / "visits.csv"
    made.answer_dialog(file)
    qtbot.waitUntil(lambda: page.question.title.text() == w.EXPORT_DONE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert [line["name"] for line in lines] == [ALICE, ALICE]
    assert lines[0]["face_score"] == "0.6100"
    assert datetime.fromisoformat(lines[0]["time"]).tzinfo is not None


def test_a_file_that_is_there_is_replaced_only_after_that_was_said(
    office: OpenMachine, qtbot: QtBot, tmp_path: Path
) -> None:
    made = office()
    page, file = made.window.visits, tmp_path / "visits.csv"
    file.write_text("something else")
    press(page.export_button)
    made.answer_dialog(file)
    assert page.files.isVisible()
    assert file.read_text() == "something else"
    press(page.files.take_button)
    qtbot.waitUntil(lambda: page.question.title.text() == w.EXPORT_DONE)
    assert file.read_text("utf-8-sig").startswith("time,")


def test_a_folder_cannot_be_written_over(office: OpenMachine, tmp_path: Path) -> None:
    made = office()
    page = made.window.visits
    press(page.export_button)
    for name in ("../visits.csv", "a/b.csv", ".."):
        page.files.tasks.wait()
        settle()
        page.files.field.setText(name)
        press(page.files.take_button)
        assert page.files.isVisible()
    assert not list(tmp_path.glob("**/*.csv"))


@pytest.mark.parametrize("size", [LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_no_screen_loses_a_column(office: OpenMachine, size: QSize) -> None:
    page = office(size).window.visits
    assert not [column for column in Column if page.table.isColumnHidden(column)]
    settle()
    assert not page.table.horizontalScrollBar().isVisible()
    choose(page, 1)
    page.open_card()
    assert page.table.isVisible() is (size != SMALL)  # on a small screen one of them at a time
    assert page.card.isVisible()
    assert page.escape() is (size == SMALL)
    assert page.table.isVisible()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_nothing_is_cut_off(office: OpenMachine, size: QSize, language: str) -> None:
    made = office(size, language)
    page = made.window.visits
    assert not badly_placed(made.window)
    choose(page, 1)
    page.open_card()
    settle()
    assert not badly_placed(made.window)
    press(page.card.wrong_button)
    settle()
    assert not badly_placed(made.window)
    page.escape()
    page.close_card()
    page.show_charts()
    settle()
    assert not badly_placed(made.window)
