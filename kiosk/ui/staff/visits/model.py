"""The table of visits: what was decided, filtered in one place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QObject

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import percent, say
from kiosk.ui.toolkit.tables import RowModel

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


class VisitsModel(RowModel[DecisionRecord]):
    """Decisions, newest first, that fit result and name."""

    titles = TITLES
    middle = frozenset({Column.FACE, Column.VOICE, Column.SURE})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.everything: Sequence[DecisionRecord] = ()
        self._kind, self._sought = "", ""

    def show(self, records: Sequence[DecisionRecord]) -> None:
        """Take what the gallery says."""
        self.everything = records
        self._choose()

    def narrow(self, kind: str, sought: str) -> None:
        """An outcome, CORRECTED or nothing, and a part of a name."""
        self._kind, self._sought = kind, sought.strip().casefold()
        self._choose()

    def key(self, row: DecisionRecord) -> int:
        """Number in the gallery."""
        return row.decision_id

    def _choose(self) -> None:
        self.put([record for record in self.everything if self._fits(record)])

    def _fits(self, record: DecisionRecord) -> bool:
        if self._sought not in record.name.casefold():
            return False
        if self._kind == CORRECTED:
            return record.correction is not None
        return not self._kind or record.outcome.value == self._kind

    def cell(self, row: DecisionRecord, column: int) -> str:
        """What is told of a decision."""
        if column == Column.TIME:
            return f"{row.time.astimezone():%m-%d %H:%M:%S}"
        if column == Column.RESULT:
            wrong = row.correction is not None
            return say(w.CORRECTED) if wrong else say(w.OUTCOMES[row.outcome])
        if column == Column.WHO:
            return row.name or "–"
        if column == Column.SURE:
            sure = row.outcome is not DecisionOutcome.UNUSABLE
            return percent(row.probability) if sure else "–"
        llr = row.face_llr if column == Column.FACE else row.voice_llr
        return "–" if llr is None else f"{llr:+.1f}"
