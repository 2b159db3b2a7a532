"""The page of the attendance: who was here on a day, corrections, and months to take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
)

from kiosk.core.attendance import AttendanceDay, Calendar, corrected_day, read_month
from kiosk.core.declared.uses import attendance_calendar
from kiosk.core.errors import InputError, KnownError
from kiosk.core.own_files import OwnFiles
from kiosk.core.ports.audit import Act
from kiosk.core.settings import Settings
from kiosk.recognition.attendance_register import register
from kiosk.runtime.attendance_export import write_attendance
from kiosk.runtime.places import file_places
from kiosk.ui.engine.clients import DeskWork, GalleryClient, PeopleDesk
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.staff.attendance.card import CorrectionForm, DayCard
from kiosk.ui.staff.attendance.model import AttendanceModel, Column, Line, Shown
from kiosk.ui.staff.file_picker import FilePicker
from kiosk.ui.strings import attendance as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import Button, words
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.tables import CARD_SHARE, TablePage, list_rows, place_beside
from kiosk.ui.toolkit.theme import Scale

CARD_SHARE_SMALL = 0.29
SMALL_WIDTH = 46
"""In body sizes: below, visits are counted on the card alone."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Board:
    """What the gallery says of one day."""

    day: date
    lines: Sequence[Line]


def _now() -> datetime:
    return datetime.now(UTC)


class AttendancePage(TablePage[Line]):
    """Asks the gallery through its client and never waits for it."""

    title = w.ATTENDANCE
    person = Signal(str)

    def __init__(
        self, client: GalleryClient, settings: Settings, now: Callable[[], datetime] = _now
    ) -> None:
        super().__init__()
        self._settings, self._now = settings, now
        self._calendar = attendance_calendar(settings)
        self._day = self._calendar.day_of(now())
        self._asker: Requester[DeskWork] = Requester(client, self)
        self.tasks = BackgroundTasks(self)
        self._writer: Requester[Work] = Requester(self.tasks, self)
        self.model = AttendanceModel(self)
        self.before_button, self.after_button = Button("quiet"), Button("quiet")
        self.today_button, self.whom = Button("quiet"), Choice()
        self.heading, self.count = words("lead"), words("soft")
        self.table, self.card = QTableView(), DayCard()
        self.xlsx_button, self.csv_button = Button(), Button("quiet")
        self.form, self.question = CorrectionForm(self), Question(self)
        self.files = FilePicker(self, partial(file_places, settings))
        self._build()
        self._connect()

    def _build(self) -> None:
        self.top = QHBoxLayout()
        for button in (self.before_button, self.after_button, self.today_button):
            button.setProperty("place", "bar")
        self.top.addWidget(self.before_button)
        self.top.addWidget(self.heading, 2)
        self.top.addWidget(self.after_button)
        self.top.addWidget(self.today_button)
        self.top.addWidget(self.whom, 1)
        self._build_table()
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.body.addWidget(self.table, 3)
        self.body.addWidget(self.card, 2)
        self.below = QHBoxLayout()
        self.below.addWidget(self.count, 1)
        self.csv_button.setProperty("place", "bar")
        self.below.addWidget(self.csv_button)
        self.below.addWidget(self.xlsx_button)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addLayout(self.top)
        self.box.addLayout(self.body, 1)
        self.box.addLayout(self.below)

    def _build_table(self) -> None:
        list_rows(self.table, self.model, Column.NAME)

    def _connect(self) -> None:
        self.before_button.clicked.connect(self._go_back)
        self.after_button.clicked.connect(self._go_on)
        self.today_button.clicked.connect(self.show_today)
        self.whom.currentIndexChanged.connect(self._narrow)
        self._follow_choice(self.model)
        self.card.correct.connect(self._ask_correction)
        self.form.tried.connect(self._correct)
        self.xlsx_button.clicked.connect(self._ask_xlsx)
        self.csv_button.clicked.connect(self._ask_csv)
        self._asker.failed.connect(self._tell_error)
        self._writer.failed.connect(self._tell_error)

    def rescale(self, scale: Scale) -> None:
        """Details beside the table or under it."""
        narrow = scale.width < scale.body * SMALL_WIDTH
        place_beside(self.body, self.card, scale, CARD_SHARE_SMALL if narrow else CARD_SHARE)
        for layout, steps in ((self.body, 3), (self.top, 2), (self.below, 2), (self.box, 2)):
            layout.setSpacing(scale.gap(steps))
        self.table.verticalHeader().setDefaultSectionSize(scale.px(2.3))
        clocks = 4.0 if narrow else 4.4
        self.table.setColumnHidden(Column.VISITS, narrow)
        widths = {Column.FIRST: clocks, Column.LAST: clocks, Column.VISITS: 4.4}
        widths[Column.NOTE] = 6.0 if narrow else 10.5
        for column, bodies in widths.items():
            self.table.setColumnWidth(column, scale.px(bodies))

    # --- coming and going ------------------------------------------------------------------

    def enter(self) -> None:
        """Today."""
        self.show_today()
        self.table.setFocus()

    def leave(self) -> None:
        """Nobody's day is shown to whoever comes next."""
        self.form.hide()
        self.question.hide()
        self._asker.forget()
        self._writer.forget()
        self._chosen = None
        self.files.hide()
        self.show_board(Board(self._day, ()))

    def escape(self) -> bool:
        """Close what lies over the page."""
        for over in (self.question, self.form, self.files):
            if over.isVisible():
                over.hide()
                return True
        return False

    @Slot(object)
    def adopt(self, settings: Settings) -> None:
        """Days may be counted otherwise."""
        self._settings = settings
        self._calendar = attendance_calendar(settings)

    # --- a day -----------------------------------------------------------------------------

    @Slot()
    def show_today(self) -> None:
        """The day that is now."""
        self._turn_to(self._calendar.day_of(self._now()))

    @Slot()
    def _go_back(self) -> None:
        self._turn_to(self._day - _A_DAY)

    @Slot()
    def _go_on(self) -> None:
        self._turn_to(min(self._day + _A_DAY, self._calendar.day_of(self._now())))

    def _turn_to(self, day: date) -> None:
        self._day = day
        self.load()

    @Slot()
    def load(self, _result: object = None) -> None:
        """Ask for everybody's day."""
        day, calendar = self._day, self._calendar

        def work(gallery: PeopleDesk) -> Board:
            known = {each.subject_id: each for each in register(gallery, calendar, day, day)}
            lines = [
                Line(each.subject_id, each.name, known.get(each.subject_id))
                for each in gallery.subjects()
            ]
            return Board(day, lines)

        self._asker.ask(work, self.show_board)

    def show_board(self, board: Board) -> None:
        """Take what the gallery says, where it is of the day that is shown."""
        if board.day == self._day:
            self.model.calendar = self._calendar
            self.model.show(board.lines)

    @Slot()
    def _narrow(self) -> None:
        self.model.narrow(Shown(self.whom.value))

    # --- words -----------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.before_button.setText("‹")
        self.before_button.setAccessibleName(say(w.BEFORE))
        self.after_button.setText("›")
        self.after_button.setAccessibleName(say(w.AFTER))
        self.today_button.say(say(w.TODAY))
        self.xlsx_button.say(say(w.EXPORT_XLSX))
        self.csv_button.say(say(w.EXPORT_CSV))
        chosen = self.whom.value if self.whom.count() else Shown.SEEN.value
        offered = ((Shown.SEEN, w.SEEN), (Shown.EVERYBODY, w.EVERYBODY))
        every = (*offered, (Shown.TO_LOOK_AT, w.TO_LOOK_AT))
        self.whom.offer([(kind.value, say(name)) for kind, name in every], chosen)
        self.whom.setAccessibleName(say(w.WHO))
        self.table.setAccessibleName(say(w.ATTENDANCE))
        self.model.retranslate()
        self._tell()

    def _tell(self) -> None:
        """Day, count and card of what is shown."""
        self.heading.setText(self._day_in_words())
        self.after_button.setEnabled(self._day < self._calendar.day_of(self._now()))
        seen, every = sum(line.here for line in self.model.everybody), len(self.model.everybody)
        self.count.setText(say(w.COUNT, seen=seen, all=every) if seen else say(w.NOBODY))
        self._show_card()

    def _show_card(self) -> None:
        self.card.show_line(self._chosen, self._calendar)

    def _day_in_words(self) -> str:
        return say(w.DAY, day=self._day.isoformat(), weekday=say(w.WEEKDAYS[self._day.weekday()]))

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        self.question.ask(say(staff.FAILED), error_words(error), say(staff.DONE), "")

    # --- corrections -----------------------------------------------------------------------

    @Slot()
    def _ask_correction(self) -> None:
        if self._chosen is not None:
            self.form.begin(self._chosen, self._day_in_words(), self._calendar)

    @Slot()
    def _correct(self) -> None:
        """Keep it, as whoever is logged in; what cannot be kept stays in the form."""
        line, day, calendar, now = self._chosen, self._day, self._calendar, self._now()
        if line is None:
            return
        who, reason = line.subject_id, self.form.reason
        first, last = self.form.times()
        try:
            corrected_day(calendar, who, day, first, last, reason, now, "")
        except InputError:
            self.form.refuse(say(w.FAULT_TIMES))
            return

        def work(gallery: PeopleDesk) -> int:
            by = gallery.actor
            word = corrected_day(calendar, who, day, first, last, reason, now, by)
            return gallery.correct_attendance(word)

        self.form.hide()
        self._asker.ask(work, self.load)

    # --- a month to take away ----------------------------------------------------------------

    @Slot()
    def _ask_xlsx(self) -> None:
        self._ask_export(".xlsx")

    @Slot()
    def _ask_csv(self) -> None:
        self._ask_export(".csv")

    def _ask_export(self, suffix: str) -> None:
        month = f"{self._day:%Y-%m}"
        name = f"attendance-{month}{suffix}"
        title = say(w.EXPORT_WHERE, month=month)
        self.files.choose_target(title, name, lambda files: self.export(files[0], suffix, month))

    def export(self, file: Path, suffix: str, month: str) -> None:
        """Write a month, which the record tells; a name without an ending gets that of its kind."""
        place = file if file.suffix else file.with_name(file.name + suffix)
        calendar = self._calendar
        first, last = read_month(month)

        def work(gallery: PeopleDesk) -> Sequence[AttendanceDay]:
            found = register(gallery, calendar, first, last)
            gallery.note(Act.EXPORTED, what="attendance", month=month, lines=len(found))
            return found

        self._asker.ask(work, lambda found: self._write(place, found, calendar))

    def _write(self, file: Path, days: Sequence[AttendanceDay], calendar: Calendar) -> None:
        own = OwnFiles.of(self._settings)

        def work() -> str:
            own.refuse(file)
            write_attendance(file, days, calendar, replace=True)
            return say(w.EXPORT_LINES, count=len(days), file=str(file))

        self._writer.ask(work, self._tell_saved)

    def _tell_saved(self, text: str) -> None:
        self.question.ask(say(w.EXPORT_DONE), text, say(staff.DONE), "")
