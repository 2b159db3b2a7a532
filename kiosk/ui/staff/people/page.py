"""The page of people: the table, details of one, and the ways to enrol, export and import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.events import Fault
from kiosk.core.expiry import ExpiryRule
from kiosk.core.own_files import OwnFiles
from kiosk.core.records import PersonSummary
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentRecord
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.staff.file_picker import Places
from kiosk.ui.staff.people.actions import PeopleWork
from kiosk.ui.staff.people.card import HISTORY_SHOWN, PersonCard
from kiosk.ui.staff.people.model import Column, PeopleModel, Shown
from kiosk.ui.strings import enrolment as enrol
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import fault_words, say
from kiosk.ui.toolkit.controls import BadgeButton, Button, Card, SignRow, words
from kiosk.ui.toolkit.tables import ListPage, list_rows, place_beside
from kiosk.ui.toolkit.theme import Scale

HISTORY_SMALL = 3
SMALL_WIDTH = 42
"""In body sizes: below, the table and a person do not stand beside each other."""
LEAST_HEIGHT = 14
"""In body sizes: below, there is no room for details of a person."""
QUEUE_ROW, ROW = 4.6, 2.3
"""In body sizes: whom staff look at is shown larger."""
WIDTHS = {
    Column.CHECK: (2.4, 2.1),
    Column.FACE: (4.2, 3.5),
    Column.VOICE: (4.2, 4.1),
    Column.SEEN: (7.4, 6.6),
    Column.CONSENT: (7.4, 6.5),
    Column.SINCE: (7.4, 6.6),
}
"""In body sizes, and on a small screen."""


class PeoplePage(ListPage[PersonSummary]):
    """Everyone enrolled; asks the gallery through its client and never waits for it.

    `enrol` for somebody new (None) or a person to be re-registered.
    """

    title = w.PEOPLE
    enrol = Signal(object)

    def __init__(self, client: GalleryClient, own_files: OwnFiles, places: Places) -> None:
        super().__init__()
        self._told = False
        self._wanted, self._small, self._least, self._body = "", False, 0, 20
        self._history: Sequence[EnrolmentRecord] = ()
        self._fault: Fault | None = None
        self.model = PeopleModel(self)
        self.heading, self.count = words("title"), words("soft")
        self.search, self.table, self.card = QLineEdit(), QTableView(), PersonCard()
        self.banner, self.fault_row = Card("caution"), SignRow("fault", colour="caution")
        self.banner.box.addWidget(self.fault_row)
        self.banner.hide()
        self.enrol_button = Button("primary", "face")
        self.import_button, self.export_button = Button("quiet"), Button("quiet")
        self.check_button, self.soon_button = BadgeButton(), BadgeButton()
        for button in (self.check_button, self.soon_button):
            button.setCheckable(True)
        self.work = PeopleWork(client, self, own_files, lambda: self.model.everyone, places)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._build_table()
        self.top = QHBoxLayout()
        self.top.addWidget(self.heading, 1)
        self.top.addWidget(self.search, 2)
        self.top.addWidget(self.enrol_button)
        self.under = QHBoxLayout()
        self.under.addWidget(self.count, 1)
        for button in (
            self.check_button,
            self.soon_button,
            self.import_button,
            self.export_button,
        ):
            button.setProperty("place", "bar")
            self.under.addWidget(button)
        self.listing = QWidget()
        self.left = QVBoxLayout(self.listing)
        self.left.setContentsMargins(0, 0, 0, 0)
        self.left.addWidget(self.banner)
        self.left.addLayout(self.top)
        self.left.addWidget(self.table, 1)
        self.left.addLayout(self.under)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.listing, 3)
        self.body.addWidget(self.card, 2)

    def carry(self, *, everybody: bool) -> None:
        """Whether everybody may be carried out of this kiosk, or people into it."""
        self.import_button.setVisible(everybody)
        self.export_button.setVisible(everybody)

    def _build_table(self) -> None:
        list_rows(self.table, self.model, Column.NAME)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().moveSection(Column.CHECK, 0)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.model.search)
        self.search.textChanged.connect(self._tell_count)
        self._follow_choice(self.model)
        self.model.modelReset.connect(self._ask_pictures)
        self.table.verticalScrollBar().valueChanged.connect(self._ask_pictures)
        self.card.re_register.connect(self._re_register)
        self.card.roll_back.connect(self.work.ask_roll_back)
        self.card.more.connect(self.offer_more)
        self.card.confirm.connect(self.work.confirm)
        self.card.back.connect(self.close_card)
        self.table.clicked.connect(self.open_card)
        self.table.activated.connect(self.open_card)
        self.check_button.toggled.connect(self._show_queue)
        self.soon_button.toggled.connect(self._show_soon)
        self.enrol_button.clicked.connect(self._enrol)
        self.export_button.clicked.connect(self.work.ask_export)
        self.import_button.clicked.connect(self.work.ask_import)
        self.work.changed.connect(self.load)

    def rescale(self, scale: Scale) -> None:
        """Details beside the table, or under it on a tall screen."""
        place_beside(self.body, self.card, scale)
        self.body.setSpacing(scale.gap(4))
        self.top.setSpacing(scale.gap(2))
        self.left.setSpacing(scale.gap(2))
        self._least, self._body = scale.px(LEAST_HEIGHT), scale.px(1)
        small = self._small = scale.width < scale.body * SMALL_WIDTH
        self._alone = small and not scale.portrait
        self.enrol_button.say(say(enrol.ENROL_SHORT if small else enrol.ENROL))
        self.heading.setVisible(not small)
        self.card.shown = HISTORY_SMALL if self._alone else HISTORY_SHOWN
        self._size_rows()
        self.table.horizontalHeader().setMinimumSectionSize(scale.px(WIDTHS[Column.CHECK][1]))
        for column, widths in WIDTHS.items():
            self.table.setColumnWidth(column, scale.px(widths[self._alone]))
        if self._alone:
            self.card.setMaximumWidth(scale.width)
        self.card.list_button.setVisible(self._alone)
        self._place()

    def _size_rows(self) -> None:
        row = QUEUE_ROW if self.check_button.isChecked() else ROW
        self.table.verticalHeader().setDefaultSectionSize(round(row * self._body))
        side = round((row - (0.8 if self._alone else 0.4)) * self._body)
        self.table.setIconSize(QSize(side, side))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Beside a keyboard a small screen has room for the table alone."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Table and person beside each other; where there is no room for both, one of them."""
        tall = self.height() >= self._least
        opened = self._alone and self._opened and tall
        self.listing.setVisible(not opened)
        self.card.setVisible(opened if self._alone else tall)

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.heading.setText(say(w.PEOPLE))
        self.search.setPlaceholderText(say(w.SEARCH))
        self.search.setAccessibleName(say(w.SEARCH))
        self.table.setAccessibleName(say(w.PEOPLE))
        self.enrol_button.say(say(enrol.ENROL_SHORT if self._small else enrol.ENROL))
        self.import_button.say(say(w.IMPORT))
        self.export_button.say(say(w.EXPORT))
        self.model.retranslate()
        self.work.retranslate()
        self.check_button.say(say(w.TO_CHECK))
        self.soon_button.say(say(w.EXPIRING))
        self._tell_count()
        self._show_card()
        self.show_fault(self._fault)

    def enter(self) -> None:
        """Ask for everyone; typing searches at once."""
        self.close_card()
        self.load()
        self.search.setFocus()

    def leave(self) -> None:
        """Nobody is listed for whoever comes next."""
        self.work.leave()
        self.check_button.setChecked(False)
        self.soon_button.setChecked(False)
        self.search.clear()
        self.model.show(())

    def escape(self) -> bool:
        """Close what lies over the page, or over the table."""
        if self.work.hide():
            return True
        opened = self._alone and self._opened
        self.close_card()
        return opened

    def show_fault(self, fault: Fault | None) -> None:
        """What is out of order, with code and remedy: here staff can read it in peace."""
        self._fault = fault
        self.banner.setVisible(fault is not None)
        if fault is not None:
            code, what, remedy = fault_words(fault.code)
            text = say(w.OUT_OF_ORDER, what=say(what), remedy=say(remedy), code=code)
            self.fault_row.say(text)

    # --- everyone ------------------------------------------------------------------------

    @Slot(str)
    def load(self, choose: str = "") -> None:
        """Ask for everyone; then somebody of this name is chosen."""
        self._wanted = choose
        self.work.ask(lambda gallery: gallery.summaries(), self.show_people)

    def show_people(self, people: Sequence[PersonSummary]) -> None:
        """Take what the gallery says; whoever was chosen stays so."""
        self._told = True
        self.model.show(people)
        if self._wanted:
            self._select(self._wanted)
        self._tell_count()

    def _select(self, name: str) -> None:
        self.search.clear()
        row = self.model.row_named(name)
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, Column.NAME))
            self.open_card()

    @Slot()
    def _keep_choice(self) -> None:
        """Whoever was chosen stays chosen while shown, whatever was sorted, sought or changed."""
        if self._chosen is None:
            return
        row = self.model.row_of(self._chosen.subject.subject_id)
        if row is None:
            self._chosen, self._history = None, ()
            self.card.show_person(None, ())
            self.work.choose(None)
            self.close_card()
        else:
            self.table.setCurrentIndex(self.model.index(row, Column.NAME))

    @Slot()
    def _ask_pictures(self) -> None:
        """Of those who can be seen, where the operator keeps any."""
        first = max(0, self.table.rowAt(0))
        high = max(1, self.table.verticalHeader().defaultSectionSize())
        shown = range(first, first + self.table.viewport().height() // high + 2)
        if lacking := self.model.lacking(shown):
            self.work.ask(lambda gallery: gallery.pictures(lacking), self._put_pictures)

    def _put_pictures(self, pictures: Mapping[int, bytes]) -> None:
        self.model.put_pictures(pictures)
        self._show_picture()

    def _show_picture(self) -> None:
        chosen = self._chosen
        number = None if chosen is None else chosen.subject.subject_id
        self.card.show_picture(None if number is None else self.model.picture(number))

    @Slot(bool)
    def _show_queue(self, only: bool) -> None:
        """Whom staff have to look at, and nobody else."""
        if only:
            self.soon_button.setChecked(False)
        self._show_only()
        self._size_rows()
        self._tell_count()
        if only and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, Column.NAME))

    @Slot(bool)
    def _show_soon(self, only: bool) -> None:
        """Who is about to be deleted, and nobody else."""
        if only:
            self.check_button.setChecked(False)
        self._show_only()
        self._tell_count()

    def _show_only(self) -> None:
        if self.soon_button.isChecked():
            self.model.show_only(Shown.EXPIRING)
        else:
            waiting = self.check_button.isChecked()
            self.model.show_only(Shown.WAITING if waiting else Shown.EVERYONE)

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """Settings in force from now on: by them people are deleted, and staff are told before."""
        self.model.expire_by(ExpiryRule.of(settings))
        self._tell_count()
        self._show_card()

    @Slot()
    def _tell_count(self) -> None:
        every, shown = self.model.total, self.model.rowCount()
        waiting, queue = self.model.waiting, self.check_button.isChecked()
        self.check_button.count(waiting, say(w.TO_CHECK))
        self.check_button.setVisible(waiting > 0 or queue)
        soon, listed = self.model.expiring, self.soon_button.isChecked()
        self.soon_button.count(soon, say(w.EXPIRING))
        self.soon_button.setVisible(soon > 0 or listed)
        nobody = w.PEOPLE_NONE if self._told else w.PEOPLE_LOADING
        said = say(w.PEOPLE_COUNT, shown=shown, all=every) if every else say(nobody)
        if queue and not waiting:
            said = say(w.TO_CHECK_NONE)
        if listed and not soon:
            said = say(w.EXPIRING_NONE)
        self.count.setText(said)

    # --- one person ----------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not index.isValid():
            return
        person = self.model.person(index.row())
        self._chosen, self._history = person, ()
        self._show_card()
        consent = person.consent
        consented = consent is not None and consent.withdrawn is None
        self.work.choose(person.subject, consented=consented)
        self._show_picture()
        name = person.subject.name

        def show(history: Sequence[EnrolmentRecord]) -> None:
            if self._chosen is person:
                self.show_history(history)

        self.work.ask(lambda gallery: gallery.history(name), show)

    def show_history(self, history: Sequence[EnrolmentRecord]) -> None:
        """Of whoever is chosen."""
        self._history = history
        self.work.show_history(history)
        self._show_card()

    def _show_card(self) -> None:
        """Whoever is chosen, with what staff should know of them."""
        person = self._chosen
        self.card.show_person(person, self._history)
        if person is not None:
            ends, by_visit = self.model.end_of(person), self.model.kept_by_a_visit(person)
            self.card.warn(self.model.alike(person), ends, by_visit=by_visit)

    @Slot()
    def _enrol(self) -> None:
        self.enrol.emit(None)

    @Slot()
    def offer_more(self) -> None:
        """The menu."""
        self.work.offer()

    @Slot()
    def _re_register(self) -> None:
        if self._chosen is not None:
            self.enrol.emit(self._chosen)
