"""The table of people: a model over what the gallery says, searched and sorted in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QIcon, QPixmap

from kiosk.core.expiry import WARNED_DAYS, ExpiryRule
from kiosk.core.name_skeleton import name_skeleton
from kiosk.core.records import Origin, PersonSummary
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.tables import DISPLAY, Index, RowModel
from kiosk.ui.toolkit.theme import icon


class Column(IntEnum):
    """What is told of a person."""

    NAME = 0
    FACE = 1
    VOICE = 2
    SEEN = 3
    CONSENT = 4
    SINCE = 5
    CHECK = 6
    """A sign while staff have something to do; it stands first."""


TITLES = {
    Column.NAME: w.COLUMN_NAME,
    Column.FACE: w.COLUMN_FACE,
    Column.VOICE: w.COLUMN_VOICE,
    Column.SEEN: w.COLUMN_SEEN,
    Column.CONSENT: w.COLUMN_CONSENT,
    Column.SINCE: w.COLUMN_SINCE,
    Column.CHECK: "",
}
_NEVER = datetime.min.replace(tzinfo=UTC)
_KEYS: dict[Column, Callable[[PersonSummary], Any]] = {
    Column.NAME: lambda person: person.subject.name.casefold(),
    Column.FACE: lambda person: person.face_templates,
    Column.VOICE: lambda person: person.voice_templates,
    Column.SEEN: lambda person: person.last_seen or _NEVER,
    Column.CONSENT: lambda person: _consent_word(person),
    Column.SINCE: lambda person: person.subject.created,
    Column.CHECK: lambda person: (not _waits(person), person.subject.name.casefold()),
}
CHECK_PIXELS = 64
"""A sign is drawn smaller, never larger."""


class Shown(Enum):
    """Of whom the table tells."""

    EVERYONE = "everyone"
    WAITING = "waiting"
    """Whoever enrolled themselves and whom staff have not looked at."""
    EXPIRING = "expiring"
    """Whoever is about to be deleted by the settings."""


def _waits(person: PersonSummary) -> bool:
    """Whether somebody enrolled themselves and staff have not looked at them."""
    return person.origin is Origin.SELF


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _consent_word(person: PersonSummary) -> str:
    if person.consent is None:
        return w.CONSENT_NO
    return w.CONSENT_YES if person.consent.withdrawn is None else w.CONSENT_BACK


class PeopleModel(RowModel[PersonSummary]):
    """Everyone enrolled whose name holds what is sought, in the order asked for.

    It sorts and searches itself: a proxy of Qt's would call `data` a hundred thousand times for ten
    thousand people.
    """

    titles = TITLES
    middle = frozenset(Column) - {Column.NAME}

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._everyone: Sequence[PersonSummary] = ()
        self._pictures: dict[int, QIcon | None] = {}
        self._sought, self._shown = "", Shown.EVERYONE
        self._rule, self._now = ExpiryRule(), _utc_now
        self._ends: dict[int, datetime] = {}
        self._by, self._descending = Column.NAME, False

    @property
    def total(self) -> int:
        """How many there are, sought or not."""
        return len(self._everyone)

    @property
    def waiting(self) -> int:
        """How many enrolled themselves whom staff have not checked."""
        return sum(map(_waits, self._everyone))

    @property
    def expiring(self) -> int:
        """How many are deleted within `WARNED_DAYS`."""
        return len(self._ends)

    def expire_by(self, rule: ExpiryRule, now: Callable[[], datetime] | None = None) -> None:
        """By which rule people are deleted."""
        self._rule, self._now = rule, now or self._now
        self._find_ends()
        self._arrange()

    def end_of(self, person: PersonSummary) -> datetime | None:
        """When somebody is deleted, where that is soon."""
        return self._ends.get(person.subject.subject_id)

    def kept_by_a_visit(self, person: PersonSummary) -> bool:
        """Whether a visit keeps them."""
        return self._rule.kept_by_a_visit(person)

    def alike(self, person: PersonSummary) -> str:
        """Somebody else whose name looks the same."""
        own = name_skeleton(person.subject.name)
        others = (each.subject for each in self._everyone if each is not person)
        return next((each.name for each in others if name_skeleton(each.name) == own), "")

    @property
    def everyone(self) -> Sequence[PersonSummary]:
        """All there are, sought or not."""
        return self._everyone

    def show(self, people: Sequence[PersonSummary]) -> None:
        """Take what the gallery says."""
        self._everyone = people
        self._find_ends()
        self._pictures.clear()
        self._arrange()

    @Slot(str)
    def search(self, text: str) -> None:
        """Show those whose name holds this, in any case."""
        self._sought = text.strip().casefold()
        self._arrange()

    def show_only(self, shown: Shown) -> None:
        """Show only some, or everyone."""
        self._shown = shown
        self._arrange()

    def _find_ends(self) -> None:
        soon = self._now() + timedelta(days=WARNED_DAYS)
        found = self._rule.ending(self._everyone, soon) if self._rule.wanted else []
        self._ends = {person.subject.subject_id: end for end, person in found}

    def _is_shown(self, person: PersonSummary) -> bool:
        if self._shown is Shown.EXPIRING:
            return self.end_of(person) is not None
        return self._shown is Shown.EVERYONE or _waits(person)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column."""
        self._by, self._descending = Column(column), order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def key(self, row: PersonSummary) -> int:
        """Number in the gallery."""
        return row.subject.subject_id

    def row_named(self, name: str) -> int | None:
        """Where somebody of this name stands, if shown."""
        rows = (k for k, each in enumerate(self.shown) if each.subject.name == name)
        return next(rows, None)

    def lacking(self, rows: range) -> list[int]:
        """The ids of those in these rows whose pictures were not asked for yet; now they are."""
        ids = [self.shown[row].subject.subject_id for row in rows if row < len(self.shown)]
        new = [each for each in ids if each not in self._pictures]
        self._pictures.update(dict.fromkeys(new))
        return new

    def picture(self, subject_id: int) -> QIcon | None:
        """What is kept of somebody, if it has come."""
        return self._pictures.get(subject_id)

    def put_pictures(self, pictures: Mapping[int, bytes]) -> None:
        """Take pictures as they are kept, JPEG by subject id."""
        for subject_id, jpeg in pictures.items():
            made = QPixmap()
            made.loadFromData(jpeg)
            sized = QIcon(made)  # unlike a pixmap it is drawn at the table's icon size
            sized.addPixmap(made, QIcon.Mode.Selected)
            self._pictures[subject_id] = sized
        if pictures:
            last = self.index(max(0, self.rowCount() - 1), Column.NAME)
            decoration = [Qt.ItemDataRole.DecorationRole]
            self.dataChanged.emit(self.index(0, Column.NAME), last, decoration)

    def _arrange(self) -> None:
        found = [
            person
            for person in self._everyone
            if self._sought in person.subject.name.casefold() and self._is_shown(person)
        ]
        self.put(sorted(found, key=_KEYS[self._by], reverse=self._descending))

    def person(self, row: int) -> PersonSummary:
        """Who stands in a row."""
        return self.shown[row]

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Texts, pictures of people and the sign that somebody waits."""
        person = self.shown[index.row()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == Column.NAME:
            return self._pictures.get(person.subject.subject_id)
        if index.column() == Column.CHECK and _waits(person):
            if role == Qt.ItemDataRole.DecorationRole:
                return icon("question", CHECK_PIXELS, "caution")
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return say(w.TO_CHECK)
        if index.column() == Column.CHECK and self.end_of(person) is not None:
            if role == Qt.ItemDataRole.DecorationRole:
                return icon("clock", CHECK_PIXELS, "caution")
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return say(w.EXPIRING)
        return super().data(index, role)

    def cell(self, row: PersonSummary, column: int) -> str:
        """What is told of somebody."""
        if column == Column.NAME:
            return row.subject.name
        if column == Column.CHECK:
            return ""
        if column == Column.CONSENT:
            return say(_consent_word(row))
        if column in (Column.SINCE, Column.SEEN):
            time = row.subject.created if column == Column.SINCE else row.last_seen
            return f"{time.astimezone():%Y-%m-%d}" if time is not None else "–"
        number = row.face_templates if column == Column.FACE else row.voice_templates
        return str(number) if number else "–"
