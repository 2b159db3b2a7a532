"""The page of visits: what was decided, with scores, corrections, charts, and a table to save."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.errors import KnownError, StorageError
from kiosk.core.media import Modality
from kiosk.core.negatives import CorrectionCost
from kiosk.core.own_files import OwnFiles
from kiosk.core.records import Corrector, DecisionRecord
from kiosk.core.settings import Settings
from kiosk.recognition.operating_point import threshold
from kiosk.recognition.visit_statistics import as_csv, corrected_of
from kiosk.runtime.places import file_places
from kiosk.runtime.policy import policy
from kiosk.ui.engine.clients import GalleryClient, RecordsWork, VisitRecords
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.staff.file_picker import FilePicker
from kiosk.ui.staff.person_picker import PersonPicker
from kiosk.ui.staff.visits.card import VisitCard
from kiosk.ui.staff.visits.charts import (
    hours_bars,
    hours_words,
    score_bars,
    score_words,
    unknown_bars,
    unknown_words,
)
from kiosk.ui.staff.visits.model import CORRECTED, Column, VisitsModel
from kiosk.ui.strings import staff
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.charts import Chart
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import Button, set_property, words
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.tables import ListPage, list_rows, place_beside
from kiosk.ui.toolkit.theme import Scale

MOST_VISITS = 20_000
CHARTS = 1
"""Where the charts lie in the stack."""
SMALL_WIDTH = 60
"""In body sizes: below, the table and a visit do not stand beside each other."""


@dataclass(frozen=True)
class Kept:
    """What the gallery says: decisions, everybody's name, how many are enrolled."""

    records: Sequence[DecisionRecord]
    names: Mapping[int, str]


class VisitsPage(ListPage[DecisionRecord]):
    """Asks the gallery through its client and never waits for it; `person` when staff want to see
    the one whom a visit named."""

    title = w.VISITS
    person = Signal(str)

    def __init__(self, client: GalleryClient, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._asker: Requester[RecordsWork] = Requester(client, self)
        self.tasks = BackgroundTasks(self)
        self._writer: Requester[Work] = Requester(self.tasks, self)
        self._names: Mapping[int, str] = {}
        self.model = VisitsModel(self)
        self.period, self.kind, self.search = Choice(), Choice(), QLineEdit()
        self.list_tab, self.chart_tab = Button("quiet"), Button("quiet")
        self.table, self.card, self.count = QTableView(), VisitCard(), words("soft")
        self.hours, self.scores, self.unknown = Chart(), Chart(), Chart()
        self.export_button = Button()
        self.question, self.picker = Question(self), PersonPicker(self)
        self._after: Callable[[], None] = _nothing
        self.question.yes.connect(self._answered)
        self.files = FilePicker(self, partial(file_places, settings))
        self._build()
        self._connect()

    def _build(self) -> None:
        self.top = QHBoxLayout()
        for tab in (self.list_tab, self.chart_tab):
            tab.setProperty("place", "bar")
            self.top.addWidget(tab)
        for part in (self.period, self.kind, self.search):
            self.top.addWidget(part, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._list())
        self.stack.addWidget(self._charts())
        below = QHBoxLayout()
        below.addWidget(self.count, 1)
        below.addWidget(self.export_button)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addLayout(self.top)
        self.box.addWidget(self.stack, 1)
        self.box.addLayout(below)

    def _list(self) -> QWidget:
        list_rows(self.table, self.model, Column.WHO)
        inside = QWidget()
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.table, 3)
        self.body.addWidget(self.card, 2)
        return inside

    def _charts(self) -> QWidget:
        inside = QWidget()
        self.plots = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self.plots.setContentsMargins(0, 0, 0, 0)
        for chart in (self.hours, self.scores, self.unknown):
            self.plots.addWidget(chart, 1)
        return scrolling(inside, by_keys=True)

    def _connect(self) -> None:
        self.list_tab.clicked.connect(self.show_list)
        self.chart_tab.clicked.connect(self.show_charts)
        self.period.currentIndexChanged.connect(self.load)
        self.kind.currentIndexChanged.connect(self._narrow)
        self.search.textChanged.connect(self._narrow)
        self._follow_choice(self.model)
        self.card.wrong.connect(self._ask_wrong)
        self.card.take_back.connect(self._take_back)
        self.card.person.connect(self.person)
        self.card.back.connect(self.close_card)
        self.table.clicked.connect(self.open_card)
        self.table.activated.connect(self.open_card)
        self.export_button.clicked.connect(self._ask_export)
        self._asker.failed.connect(self._tell_error)
        self._writer.failed.connect(self._tell_error)

    def rescale(self, scale: Scale) -> None:
        """Details beside the table or under it; charts likewise."""
        direction = QBoxLayout.Direction
        flow = direction.TopToBottom if scale.portrait else direction.LeftToRight
        narrow = scale.width < scale.body * SMALL_WIDTH
        self.plots.setDirection(direction.TopToBottom if narrow else flow)
        place_beside(self.body, self.card, scale)
        for layout, steps in ((self.body, 3), (self.plots, 3), (self.top, 2), (self.box, 2)):
            layout.setSpacing(scale.gap(steps))
        self._alone = narrow and not scale.portrait
        if self._alone:
            self.card.setMaximumWidth(scale.width)
        self.card.list_button.setVisible(self._alone)
        self._place()
        self.table.verticalHeader().setDefaultSectionSize(scale.px(2.3))
        widths = {Column.TIME: 8.4, Column.RESULT: 8.0 if self._alone else 9.2}
        scores = (3.5, 4.1, 5.0) if self._alone else (4.2, 4.2, 6.2)
        widths |= dict(zip((Column.FACE, Column.VOICE, Column.SURE), scores, strict=True))
        for column, bodies in widths.items():
            self.table.setColumnWidth(column, scale.px(bodies))

    # --- coming and going ------------------------------------------------------------------

    def enter(self) -> None:
        """Ask for the newest."""
        self.close_card()
        self.show_list()
        self.load()
        self.table.setFocus()

    def leave(self) -> None:
        """Nobody's visits are listed for whoever comes next."""
        self.escape()
        self._chosen = None
        self._asker.forget()
        self.search.clear()
        self.show_kept(Kept((), {}))

    def escape(self) -> bool:
        """Close what lies over the page."""
        over = (self.question, self.picker, self.files)
        shown = any(each.isVisible() for each in over)
        for each in over:
            each.hide()
        opened = self._alone and self._opened
        if not shown:
            self.close_card()
        return shown or opened

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """What is kept for how long may have changed."""
        self._settings = settings

    @Slot()
    def show_list(self) -> None:
        """The table."""
        self._turn_to(0)

    @Slot()
    def show_charts(self) -> None:
        """The charts."""
        self._turn_to(CHARTS)
        self._draw()

    def _turn_to(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        for number, tab in enumerate((self.list_tab, self.chart_tab)):
            set_property(tab, "tab", "here" if number == place else "")

    @Slot()
    def load(self) -> None:
        """Ask for the decisions of the time chosen."""
        days = int(self.period.value) if self.period.count() else 0
        since = datetime.now(UTC) - timedelta(days=days) if days else None

        def work(gallery: VisitRecords) -> Kept:
            names = {each.subject_id: each.name for each in gallery.subjects()}
            return Kept(gallery.decisions(MOST_VISITS, since), names)

        self._asker.ask(work, self.show_kept)

    def show_kept(self, kept: Kept) -> None:
        """Take what the gallery says; the visit that was chosen stays so."""
        self._names = kept.names
        self.model.show(kept.records)

    @Slot()
    def _narrow(self) -> None:
        self.model.narrow(self.kind.value if self.kind.count() else "", self.search.text())

    # --- words -----------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.list_tab.say(say(w.LIST))
        self.chart_tab.say(say(w.CHARTS))
        self.export_button.say(say(w.EXPORT))
        period = self.period.value if self.period.count() else "7"
        kind = self.kind.value if self.kind.count() else ""
        self.period.offer([(days, say(name)) for days, name in w.PERIODS.items()], period)
        outcomes = [(each.value, say(name)) for each, name in w.OUTCOMES.items()]
        every = [("", say(w.EVERY_RESULT)), *outcomes, (CORRECTED, say(w.CORRECTED))]
        self.kind.offer(every, kind)
        self.search.setPlaceholderText(say(staff.SEARCH))
        for part, name in (
            (self.period, w.PERIOD),
            (self.kind, w.FILTER),
            (self.search, staff.SEARCH),
            (self.table, w.VISITS),
        ):
            part.setAccessibleName(say(name))
        self.model.retranslate()
        self._tell()

    def _tell(self) -> None:
        """Count, card and charts of what is shown."""
        shown, every = len(self.model.shown), len(self.model.everything)
        count = say(w.COUNT, shown=shown, all=every) if every else say(w.NO_VISITS)
        self.count.setText(f"{count} {say(w.KEPT_FOR, days=self._settings.keep_days)}")
        self.export_button.setEnabled(shown > 0)
        self._show_card()
        if self.stack.currentIndex() == CHARTS:
            self._draw()

    def _draw(self) -> None:
        """Charts are only made for somebody who looks at them."""
        needed, records = self._needed(), self.model.shown
        self.hours.tell(say(w.CHART_HOURS), hours_bars(records), hours_words(records))
        bars = score_bars(records, needed)
        self.scores.tell(say(w.CHART_SCORES), bars, score_words(records, needed))
        self.unknown.tell(say(w.CHART_UNKNOWN), unknown_bars(records), unknown_words(records))

    def _show_card(self) -> None:
        chosen = self._chosen
        corrected, truly = 0, ""
        if chosen is not None:
            corrected = corrected_of(self.model.everything).get(chosen.subject_id or -1, 0)
            if chosen.correction is not None:
                truly = self._names.get(chosen.correction.subject_id or -1, "")
        self.card.show_visit(chosen, self._needed(chosen), corrected, truly)

    def _needed(self, record: DecisionRecord | None = None) -> float:
        """The evidence that identifies somebody with the settings and people of now, from what a
        visit gave; without one, from face and voice."""
        gave = {Modality.FACE, Modality.VOICE}
        if record is not None:
            parts = ((Modality.FACE, record.with_face), (Modality.VOICE, record.with_voice))
            gave = {modality for modality, there in parts if there} or gave
        modalities = tuple(modality for modality in Modality if modality in gave)
        return threshold(policy(self._settings), modalities, max(1, len(self._names)))

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        self._tell_only(say(staff.FAILED), error_words(error))

    def _tell_only(self, title: str, text: str) -> None:
        self._after = _nothing
        self.question.ask(title, text, say(staff.DONE), "")

    # --- one visit -------------------------------------------------------------------------

    @Slot()
    def _ask_wrong(self) -> None:
        if self._chosen is None:
            return
        decision = self._chosen.decision_id

        def mark(truly: int | None) -> None:
            self._asker.ask(
                lambda gallery: gallery.correction_cost(decision),
                lambda cost: self._confirm_wrong(decision, truly, cost),
            )

        named = self._chosen.subject_id
        others = {number: name for number, name in self._names.items() if number != named}
        title, text = say(w.WRONG_TITLE), say(w.WRONG_TEXT)
        self.picker.ask(title, text, others, mark, nobody=say(w.WRONG_NOBODY))

    def _confirm_wrong(self, decision: int, truly: int | None, cost: CorrectionCost) -> None:
        """Staff see what it takes from whoever was named before they say so."""

        def work(gallery: VisitRecords) -> None:
            gallery.mark_wrong(decision, Corrector.STAFF, truly)

        self._after = lambda: self._asker.ask(work, self._reload)
        name = self._names.get(self._chosen.subject_id or 0, "") if self._chosen else ""
        if not name:  # it named nobody: there is nobody to take anything from
            self._answered("")
            return
        words = w.COST_LOST if cost.kept else w.COST_NOTHING
        text = w.COST_OWN if cost.own else words
        told = say(text, name=name, lost=cost.lost, count=cost.templates)
        self.question.ask(say(w.COST_TITLE), told, say(w.WRONG), say(staff.KEEP))

    @Slot(str)
    def _answered(self, _text: str) -> None:
        after, self._after = self._after, _nothing
        after()

    @Slot()
    def _take_back(self) -> None:
        if self._chosen is not None:
            decision = self._chosen.decision_id
            self._asker.ask(lambda gallery: gallery.unmark_wrong(decision), self._reload)

    def _reload(self, _result: object = None) -> None:
        self.load()

    # --- a table to take away --------------------------------------------------------------

    @Slot()
    def _ask_export(self) -> None:
        name = f"kiosk-visits-{datetime.now().astimezone():%Y%m%d}.csv"
        note = say(w.EXPORT_TEXT, count=len(self.model.shown))
        self.files.choose_target(say(w.EXPORT_TITLE), name, self._export, note)

    def _export(self, files: Sequence[Path]) -> None:
        records, names, file = list(self.model.shown), dict(self._names), files[0]

        def work() -> str:
            OwnFiles.of(self._settings).refuse(file)
            write_private(file, as_csv(records, names))
            return say(w.EXPORT_WHERE, count=len(records), file=file.name)

        self._writer.ask(work, self._tell_saved)

    def _tell_saved(self, text: str) -> None:
        self._tell_only(say(w.EXPORT_DONE), text)


def write_private(file: Path, text: str) -> None:
    """For its owner alone; the mark at the beginning lets spreadsheets know that it is UTF-8.

    Raises StorageError.
    """
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8-sig", newline="") as out:
            out.write(text)
    except OSError as error:
        raise StorageError(
            f"The table cannot be written: {error.strerror}.", "Name another place."
        ) from error


def _nothing() -> None:
    """After something that was only told."""
