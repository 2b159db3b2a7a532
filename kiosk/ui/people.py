"""The page of people: search, sort, details, rename, roll back, delete with a receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
)

from kiosk.domain import EnrolmentKind, EnrolmentRecord
from kiosk.errors import KnownError
from kiosk.ports import Gallery
from kiosk.records import PersonSummary
from kiosk.ui import words_admin as w
from kiosk.ui.admin_page import AdminPage
from kiosk.ui.controls import Button, ButtonRow, Card, words
from kiosk.ui.desk import Desk
from kiosk.ui.gate import Question
from kiosk.ui.people_model import Column, PeopleModel
from kiosk.ui.theme import Scale
from kiosk.ui.words import fault_words, say

KINDS = {
    EnrolmentKind.NEW: w.KIND_NEW,
    EnrolmentKind.ADD: w.KIND_ADD,
    EnrolmentKind.REPLACE: w.KIND_REPLACE,
    EnrolmentKind.ROLLBACK: w.KIND_ROLLBACK,
}
HISTORY_SHOWN = 6
CARD_SHARE = 0.36
HISTORY_SMALL = 1
SMALL_WIDTH = 42
"""In body sizes: below, there is no room for every column."""


@dataclass(frozen=True)
class Receipt:
    """What was deleted, without a name."""

    number: int
    count: int
    time: datetime


class PersonCard(Card):
    """One person: samples, history, and what can be done."""

    rename = Signal()
    roll_back = Signal()
    delete = Signal()

    def __init__(self) -> None:
        super().__init__(steps=0.7)
        self.shown = HISTORY_SHOWN
        self.name, self.samples, self.since = words("name"), words("body"), words("soft")
        self.history_title, self.history = words("accent"), words("soft")
        self.rename_button, self.roll_back_button = Button(), Button(sign="again")
        self.delete_button = Button()
        self.rename_button.clicked.connect(self.rename)
        self.roll_back_button.clicked.connect(self.roll_back)
        self.delete_button.clicked.connect(self.delete)
        self._words = (self.samples, self.since, self.history_title, self.history)
        self._buttons = (self.rename_button, self.roll_back_button, self.delete_button)
        self.box.addWidget(self.name)
        for part in self._words:
            self.box.addWidget(part)
        self.box.addStretch(1)
        self.buttons = ButtonRow(*self._buttons)
        self.box.addWidget(self.buttons)

    def show_person(self, person: PersonSummary | None, history: Sequence[EnrolmentRecord]) -> None:
        """Details, or the request to choose."""
        for part in (*self._words, self.buttons):
            part.setVisible(person is not None)
        if person is None:
            self.name.setText(say(w.CHOOSE))
            return
        self.name.setText(person.subject.name)
        self.samples.setText(
            say(w.DETAIL_SAMPLES, face=person.face_templates, voice=person.voice_templates)
        )
        self.since.setText(say(w.DETAIL_SINCE, date=_date(person.subject.created)))
        self.history_title.setText(say(w.HISTORY))
        self.history.setText("\n".join(_line(each) for each in history[: self.shown]))
        self.rename_button.say(say(w.RENAME))
        self.roll_back_button.say(say(w.ROLL_BACK))
        self.delete_button.say(say(w.DELETE))
        changed = {EnrolmentKind.ADD, EnrolmentKind.REPLACE}
        self.roll_back_button.setVisible(
            any(each.kind in changed and each.active for each in history)
        )
        self.buttons.arrange()


class PeoplePage(AdminPage):
    """Everyone enrolled; asks the gallery through the desk and never waits for it."""

    title = w.PEOPLE

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._waiting: dict[int, Callable[[Any], None]] = {}
        self._chosen: PersonSummary | None = None
        self._history: Sequence[EnrolmentRecord] = ()
        self._after: Callable[[str], None] = _nothing
        self.model = PeopleModel(self)
        self.heading, self.count = words("title"), words("soft")
        self.search, self.table, self.card = QLineEdit(), QTableView(), PersonCard()
        self.question = Question(self)
        self._build()
        desk.answered.connect(self._take)

    def _build(self) -> None:
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.search.textChanged.connect(self.model.search)
        self.search.textChanged.connect(self._tell_count)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.model.modelReset.connect(self._keep_choice)
        self.card.rename.connect(self._ask_rename)
        self.card.roll_back.connect(self._ask_roll_back)
        self.card.delete.connect(self._ask_delete)
        self.question.yes.connect(self._answered)
        self.top = QHBoxLayout()
        self.top.addWidget(self.heading, 1)
        self.top.addWidget(self.search, 2)
        self.left = QVBoxLayout()
        self.left.addLayout(self.top)
        self.left.addWidget(self.table, 1)
        self.left.addWidget(self.count)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(self.left, 3)
        self.body.addWidget(self.card, 2)

    def rescale(self, scale: Scale) -> None:
        """Details beside the table, or under it on a tall screen."""
        direction = QBoxLayout.Direction
        self.body.setDirection(direction.TopToBottom if scale.portrait else direction.LeftToRight)
        aside = scale.width * CARD_SHARE
        self.card.setMinimumWidth(0 if scale.portrait else round(aside))
        self.card.setMaximumWidth(scale.width if scale.portrait else round(aside))
        self.body.setStretch(1, 0 if scale.portrait else 2)
        self.body.setSpacing(scale.gap(4))
        self.top.setSpacing(scale.gap(4))
        self.left.setSpacing(scale.gap(2))
        small = scale.width < scale.body * SMALL_WIDTH
        self.table.setColumnHidden(Column.SINCE, small)
        self.card.shown = HISTORY_SMALL if small and not scale.portrait else HISTORY_SHOWN
        self.table.verticalHeader().setDefaultSectionSize(scale.px(2.3))
        for column, bodies in ((Column.FACE, 4.4), (Column.VOICE, 4.4), (Column.SINCE, 7.6)):
            self.table.setColumnWidth(column, scale.px(bodies))

    def speak(self) -> None:
        """Words in the language of the moment."""
        self.heading.setText(say(w.PEOPLE))
        self.search.setPlaceholderText(say(w.SEARCH))
        self.search.setAccessibleName(say(w.SEARCH))
        self.table.setAccessibleName(say(w.PEOPLE))
        self.model.speak()
        self._tell_count()
        self.card.show_person(self._chosen, self._history)

    def enter(self) -> None:
        """Ask for everyone; typing searches at once."""
        self.load()
        self.search.setFocus()

    def leave(self) -> None:
        """Nobody is listed for whoever comes next."""
        self.question.hide()
        self.model.show(())

    def escape(self) -> bool:
        """Close the question."""
        shown = self.question.isVisible()
        self.question.hide()
        return shown

    # --- asking the gallery --------------------------------------------------------------

    def load(self) -> None:
        """Ask for everyone."""
        self._ask(lambda gallery: gallery.summaries(), self.show_people)

    def _ask(self, work: Callable[[Gallery], object], then: Callable[[Any], None]) -> None:
        self._waiting[self._desk.ask(work)] = then

    @Slot(int, object)
    def _take(self, ticket: int, result: object) -> None:
        then = self._waiting.pop(ticket, None)
        if then is None:
            return
        if isinstance(result, KnownError):
            self._tell_error(result)
        else:
            then(result)

    def _tell_error(self, error: KnownError) -> None:
        code, what, remedy = fault_words(type(error).__name__)
        text = f"{say(what)} {say(remedy)} ({code})\n{error}"
        self._after = _nothing
        self.question.ask(say(w.FAILED), text, say(w.DONE), "")

    def show_people(self, people: Sequence[PersonSummary]) -> None:
        """Take what the gallery says; whoever was chosen stays so."""
        self.model.show(people)
        self._tell_count()

    @Slot()
    def _keep_choice(self) -> None:
        """Whoever was chosen stays chosen while shown, whatever was sorted, sought or changed."""
        if self._chosen is None:
            return
        row = self.model.row_of(self._chosen.subject.subject_id)
        if row is None:
            self._chosen, self._history = None, ()
            self.card.show_person(None, ())
        else:
            self.table.setCurrentIndex(self.model.index(row, Column.NAME))

    @Slot()
    def _tell_count(self) -> None:
        every, shown = self.model.total, self.model.rowCount()
        said = say(w.PEOPLE_COUNT, shown=shown, all=every) if every else say(w.PEOPLE_NONE)
        self.count.setText(said)

    # --- one person ----------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not index.isValid():
            return
        person = self.model.person(index.row())
        self._chosen, self._history = person, ()
        self.card.show_person(person, ())
        name = person.subject.name

        def show(history: Sequence[EnrolmentRecord]) -> None:
            if self._chosen is person:
                self._history = history
                self.card.show_person(person, history)

        self._ask(lambda gallery: gallery.history(name), show)

    @Slot(str)
    def _answered(self, text: str) -> None:
        self._after(text)

    @Slot()
    def _ask_rename(self) -> None:
        if self._chosen is None:
            return
        old = self._chosen.subject.name

        def rename(new: str) -> None:
            self._ask(lambda gallery: gallery.rename(old, new), self._reload)

        self._after = rename
        title = say(w.RENAME_TITLE, name=old)
        self.question.ask(title, "", say(w.SAVE), say(w.KEEP), old)

    @Slot()
    def _ask_roll_back(self) -> None:
        if self._chosen is None:
            return
        name = self._chosen.subject.name

        def roll_back(_text: str) -> None:
            self._ask(lambda gallery: gallery.roll_back(name), self._reload)

        self._after = roll_back
        title = say(w.ROLL_BACK_TITLE, name=name)
        self.question.ask(title, say(w.ROLL_BACK_TEXT), say(w.ROLL_BACK), say(w.KEEP))

    @Slot()
    def _ask_delete(self) -> None:
        if self._chosen is None:
            return
        subject = self._chosen.subject

        def delete(_text: str) -> None:
            def work(gallery: Gallery) -> Receipt:
                count = gallery.remove(subject.name)
                return Receipt(subject.subject_id, count, datetime.now().astimezone())

            self._ask(work, self._show_receipt)

        self._after = delete
        title = say(w.DELETE_TITLE, name=subject.name)
        self.question.ask(title, say(w.DELETE_TEXT), say(w.DELETE), say(w.KEEP), danger=True)

    def _show_receipt(self, receipt: Receipt) -> None:
        self._reload()
        date = f"{receipt.time:%Y-%m-%d %H:%M}"
        text = say(w.RECEIPT_TEXT, number=receipt.number, date=date, count=receipt.count)
        self._after = _nothing
        self.question.ask(say(w.RECEIPT_TITLE), text, say(w.DONE), "")

    def _reload(self, _result: object = None) -> None:
        self.load()


def _nothing(_text: str) -> None:
    """After something that was only told."""


def _date(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d}"


def _line(record: EnrolmentRecord) -> str:
    kind = say(KINDS[record.kind])
    face, voice = record.face_templates, record.voice_templates
    return say(w.HISTORY_LINE, date=_date(record.time), kind=kind, face=face, voice=voice)
