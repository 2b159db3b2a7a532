"""The table of visits: what was decided, filtered in one place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import percent, say

Index = QModelIndex | QPersistentModelIndex
CORRECTED = "corrected"
"""The filter for decisions that somebody said were wrong; the others are outcomes, "" is all."""


class Column(IntEnum):
    """What is told of a visit."""

    TIME = 0
    RESULT = 1
    WHO = 2
    FACE = 3
    VOICE = 4
    SURE = 5


TITLES = {
    Column.TIME: w.COLUMN_TIME,
    Column.RESULT: w.COLUMN_RESULT,
    Column.WHO: w.COLUMN_WHO,
    Column.FACE: w.COLUMN_FACE,
    Column.VOICE: w.COLUMN_VOICE,
    Column.SURE: w.COLUMN_SURE,
}
_MIDDLE = {Column.FACE, Column.VOICE, Column.SURE}
_ROOT = QModelIndex()


class VisitsModel(QAbstractTableModel):
    """Decisions, newest first, that fit result and name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.everything: Sequence[DecisionRecord] = ()
        self.shown: Sequence[DecisionRecord] = ()
        self._kind, self._sought = "", ""

    def show(self, records: Sequence[DecisionRecord]) -> None:
        """Take what the gallery says."""
        self.everything = records
        self._choose()

    def narrow(self, kind: str, sought: str) -> None:
        """An outcome, CORRECTED or nothing, and a part of a name."""
        self._kind, self._sought = kind, sought.strip().casefold()
        self._choose()

    def row_of(self, decision_id: int) -> int | None:
        """Where a decision stands, if shown."""
        rows = (k for k, each in enumerate(self.shown) if each.decision_id == decision_id)
        return next(rows, None)

    def _choose(self) -> None:
        self.beginResetModel()
        self.shown = [record for record in self.everything if self._fits(record)]
        self.endResetModel()

    def _fits(self, record: DecisionRecord) -> bool:
        if self._sought not in record.name.casefold():
            return False
        if self._kind == CORRECTED:
            return record.correction is not None
        return not self._kind or record.outcome.value == self._kind

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self.shown:
            last = self.index(len(self.shown) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many visits."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Texts, and numbers in the middle."""
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.shown[index.row()], column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _MIDDLE:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def _text(self, record: DecisionRecord, column: Column) -> str:
        if column is Column.TIME:
            return f"{record.time.astimezone():%m-%d %H:%M:%S}"
        if column is Column.RESULT:
            wrong = record.correction is not None
            return say(w.CORRECTED) if wrong else say(w.OUTCOMES[record.outcome])
        if column is Column.WHO:
            return record.name or "–"
        if column is Column.SURE:
            sure = record.outcome is not DecisionOutcome.UNUSABLE
            return percent(record.probability) if sure else "–"
        score = record.face_score if column is Column.FACE else record.voice_score
        return "–" if score is None else f"{score:.2f}"

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Titles in the language in use."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(TITLES[Column(section)])
        if role == Qt.ItemDataRole.TextAlignmentRole and Column(section) not in _MIDDLE:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
