"""The table of people: a model over what the gallery says, and a filter by name."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from kiosk.domain import SubjectSummary
from kiosk.ui import words_admin as w
from kiosk.ui.words import say

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = int(Qt.ItemDataRole.UserRole)


class Column(IntEnum):
    """What is told of a person."""

    NAME = 0
    FACE = 1
    VOICE = 2
    SINCE = 3


TITLES = {
    Column.NAME: w.COLUMN_NAME,
    Column.FACE: w.COLUMN_FACE,
    Column.VOICE: w.COLUMN_VOICE,
    Column.SINCE: w.COLUMN_SINCE,
}
_ROOT = QModelIndex()


class PeopleModel(QAbstractTableModel):
    """Everyone enrolled; replaced as a whole when the gallery changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._people: Sequence[SubjectSummary] = ()

    def show(self, people: Sequence[SubjectSummary]) -> None:
        """Take what the gallery says."""
        self.beginResetModel()
        self._people = people
        self.endResetModel()

    def speak(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def person(self, row: int) -> SubjectSummary:
        """Who stands in a row."""
        return self._people[row]

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many people."""
        return 0 if parent.isValid() else len(self._people)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Texts, numbers to the right, and values to sort by."""
        person, column = self._people[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(person, column)
        if role == SORT_ROLE:
            since = person.subject.created.timestamp()
            values = (
                person.subject.name.casefold(),
                person.face_templates,
                person.voice_templates,
                since,
            )
            return values[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (Column.FACE, Column.VOICE):
            return Qt.AlignmentFlag.AlignCenter
        return None

    def _text(self, person: SubjectSummary, column: Column) -> str:
        if column is Column.NAME:
            return person.subject.name
        if column is Column.SINCE:
            return f"{person.subject.created.astimezone():%Y-%m-%d}"
        number = person.face_templates if column is Column.FACE else person.voice_templates
        return str(number) if number else "–"

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Titles in the language of the moment."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(TITLES[Column(section)])
        return None


class PeopleFilter(QSortFilterProxyModel):
    """Search in names, whatever the case; sorted by values, not by what they look like."""

    def __init__(self, model: PeopleModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.people = model
        self.setSourceModel(model)
        self.setFilterKeyColumn(Column.NAME)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setSortRole(SORT_ROLE)

    def person(self, index: Index) -> SubjectSummary:
        """Who stands at a place of the table as it is shown."""
        return self.people.person(self.mapToSource(index).row())
