"""The table of a fleet's kiosks: what is to be acted on stands first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from kiosk.core.fleet import KioskLine
from kiosk.core.status import Light
from kiosk.runtime.fleet.standing import light_of
from kiosk.ui.strings import kiosks as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.tables import DISPLAY, Index, RowModel
from kiosk.ui.toolkit.theme import pixmap


class Column(IntEnum):
    """What is told of a kiosk."""

    NAME = 0
    STATE = 1
    SITES = 2
    CONTACT = 3
    BEHIND = 4
    WAITING = 5
    UNCONFIRMED = 6


TITLES = {
    Column.NAME: staff.COLUMN_NAME,
    Column.STATE: w.COLUMN_STATE,
    Column.SITES: w.COLUMN_SITES,
    Column.CONTACT: w.COLUMN_CONTACT,
    Column.BEHIND: w.COLUMN_BEHIND,
    Column.WAITING: w.COLUMN_WAITING,
    Column.UNCONFIRMED: w.COLUMN_UNCONFIRMED,
}
SIGNS: dict[Light | None, tuple[str, str]] = {
    Light.GREEN: ("check", "accent"),
    Light.AMBER: ("fault", "caution"),
    Light.RED: ("fault", "alarm"),
    None: ("erase", "ink_soft"),
}
"""A sign and its colour: a state is told by word, sign and colour."""
_GRAVEST = (Light.RED, Light.AMBER, Light.GREEN, None)
_UNITS = ((w.DAYS_AGO, 86400), (w.HOURS_AGO, 3600), (w.MINUTES_AGO, 60))


def ago(time: datetime | None, now: datetime) -> str:
    """How long it is past, in the unit that has at least two of it."""
    if time is None:
        return say(w.NEVER)
    seconds = max(0, int((now - time) / timedelta(seconds=1)))
    for words, size in _UNITS:
        if seconds >= 2 * size:
            return say(words, count=seconds // size)
    return say(w.SECONDS_AGO, count=seconds)


class KiosksModel(RowModel[KioskLine]):
    """Kiosks, gravest state first, then by name; `now` is the time that ages are counted to."""

    titles = TITLES
    middle = frozenset({Column.BEHIND, Column.WAITING, Column.UNCONFIRMED})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.own, self.now = "", datetime.now(UTC)
        self.sign_pixels = 16

    def show(self, lines: Sequence[KioskLine], own: str, now: datetime) -> None:
        """Take what the server says; `own` is this kiosk's name."""
        self.own, self.now = own, now
        self.put(sorted(lines, key=lambda line: (_GRAVEST.index(light_of(line, now)), line.name)))

    def key(self, row: KioskLine) -> str:
        """Name, of which a fleet has each once."""
        return row.name

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Beside the texts the sign of a state."""
        if role == Qt.ItemDataRole.DecorationRole and index.column() == Column.STATE:
            sign, colour = SIGNS[light_of(self.shown[index.row()], self.now)]
            return pixmap(sign, self.sign_pixels, colour)
        return super().data(index, role)

    def cell(self, row: KioskLine, column: int) -> str:
        """What is told of a kiosk."""
        if column == Column.NAME:
            return say(w.THIS_ONE, name=row.name) if row.name == self.own else row.name
        if column == Column.STATE:
            return say(w.LIGHTS[light_of(row, self.now)])
        if column == Column.SITES:
            return ", ".join(row.sites)
        if column == Column.CONTACT:
            return ago(row.contact, self.now)
        count = {Column.BEHIND: row.behind, Column.WAITING: row.waiting}.get(
            Column(column), row.unconfirmed
        )
        return "–" if not count else str(count)
