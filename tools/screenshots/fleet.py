"""Pictures of the page of a fleet's kiosks: all in order, something amiss, the line cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kiosk.core.errors import FleetUnreachable
from kiosk.core.fleet import FleetBoard, KioskLine
from kiosk.ui.staff.kiosks.page import KiosksPage

NOW = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
OWN, STOLEN = "door-1", "door-4"


def line(number: int, name: str, sites: list[str], **changes: object) -> KioskLine:
    """A kiosk on which nothing is missing, but for the changes."""
    values: dict[str, object] = {
        "kiosk": UUID(int=number),
        "name": name,
        "sites": sites,
        "ring": number % 3,
        "program": "0.1.0",
        "joined": NOW - timedelta(days=200),
        "contact": NOW - timedelta(seconds=3 + number),
        "skew": 0.2,
        "waiting": 0,
        "oldest": None,
        "people": 10_214,
        "behind": 0,
        "unconfirmed": 0,
        "left": None,
        "revoked": None,
        "destroyed": None,
    }
    return KioskLine(**{**values, **changes})  # type: ignore[arg-type]


def kiosks() -> tuple[KioskLine, ...]:
    """Seven, of which four want somebody."""
    late, gone = NOW - timedelta(hours=5), NOW - timedelta(days=3)
    return (
        line(1, OWN, ["본사"]),
        line(2, "door-2", ["본사"], light="red"),
        line(3, "연구동 2층 현관", ["본사", "연구동"], behind=12, unconfirmed=1,
             unconfirmed_since=late, contact=late),
        line(4, STOLEN, ["plant"], contact=gone, waiting=3, oldest=gone, behind=841,
             unconfirmed=4, unconfirmed_since=gone + timedelta(hours=2)),
        line(5, "door-5", ["plant"], waiting=1, oldest=NOW - timedelta(minutes=1), skew=780.0),
        line(6, "door-6", ["plant"], joined=None, contact=None, waiting=None, people=None,
             program=""),
        line(7, "door-0", ["plant"], revoked=gone, destroyed=gone + timedelta(hours=6)),
    )  # fmt: skip


class FixedFleet:
    """A fleet that stands still, with a line that is cut when it is told so."""

    cut = False

    def is_member(self) -> bool:
        """Always."""
        return True

    def look(self) -> FleetBoard:
        """The same as ever."""
        current = {"본사": NOW - timedelta(minutes=14), "연구동": None}
        if self.cut:
            error = FleetUnreachable("The server of the fleet cannot be reached.", "Wait.")
            return FleetBoard(OWN, NOW, 3, NOW, current, problem=error)
        return FleetBoard(OWN, NOW - timedelta(minutes=14), kiosks=kiosks(), at=NOW)

    def revoke(self, name: str, role: str, password: str, tell: Callable[[float], None]) -> int:
        """Nobody is put out."""
        raise FleetUnreachable("The server of the fleet cannot be reached.", "Wait.")


class FleetStates:
    """The page step by step."""

    def __init__(self, page: KiosksPage, fleet: FixedFleet, show: Callable[[], None]) -> None:
        self.page, self.fleet, self.show = page, fleet, show

    def all_kiosks(self) -> None:
        """One is chosen that nobody heard of for days."""
        self.show()
        self.page.show_board(self.fleet.look())
        row = self.page.model.row_of(STOLEN)
        assert row is not None
        self.page.table.selectRow(row)

    def one(self) -> None:
        """Its card, where there is no room for it beside the table."""
        self.page.open_card()

    def revoke(self) -> None:
        """Before it is put out."""
        self.page.card.revoke_button.click()

    def cut(self) -> None:
        """The line is cut, and what is shown is older."""
        self.page.form.hide()
        self.page.close_card()
        self.fleet.cut = True
        self.page.show_board(self.fleet.look())

    def steps(self) -> dict[str, Callable[[], None]]:
        """By the name of the picture."""
        return {
            "kiosks": self.all_kiosks,
            "kiosks-one": self.one,
            "kiosks-revoke": self.revoke,
            "kiosks-cut": self.cut,
        }
