"""What a gallery that belongs to a fleet knows of itself: who it is there, and how far it is.

All of it lies in the gallery, encrypted with it: password and keys of the fleet open only with the
gallery's own key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlite_utils import Database

from kiosk.core.errors import StorageError
from kiosk.core.fleet import Outcome, Point
from kiosk.storage.sqlite.rows import as_text


@dataclass(frozen=True)
class Following:
    """How far a site is followed. While everybody is taken over anew, `reached` is the number of
    the last page's end; `round` counts how often that was begun. With `retell` the server was put
    back from an older copy: whom it lacks is told anew and not deleted here."""

    point: Point
    round: int
    reached: int | None
    retell: bool = False


@dataclass(frozen=True)
class Notice:
    """What became of something done here that another kiosk crossed; for staff."""

    number: int
    time: datetime
    outcome: Outcome
    subject: UUID
    text: str


@dataclass(frozen=True)
class Waiting:
    """How much is still to be told, and since when."""

    count: int
    oldest: datetime | None


def is_member(database: Database) -> bool:
    """Whether this gallery belongs to a fleet."""
    return database.execute("SELECT 1 FROM fleet_member").fetchone() is not None


def member_form(database: Database) -> dict[str, Any] | None:
    """Who this kiosk is in its fleet, as it was kept; None outside of one."""
    row = database.execute("SELECT form FROM fleet_member").fetchone()
    if row is None:
        return None
    try:
        form = json.loads(row[0])
        assert isinstance(form, dict)
    except (ValueError, AssertionError) as error:
        raise StorageError("The fleet's papers here are damaged.", "Join it again.") from error
    return form


def keep_member(database: Database, form: dict[str, Any]) -> None:
    """Keep it, in the place of what was there."""
    database.execute(
        "INSERT OR REPLACE INTO fleet_member (only, form) VALUES (1, ?)", [json.dumps(form)]
    )


def forget_member(database: Database) -> None:
    """From now on the gallery stands alone again; its people stay."""
    for table in ("fleet_member", "fleet_sites", "fleet_rows", "fleet_outbox", "fleet_notices"):
        database.execute(f"DELETE FROM {table}")  # noqa: S608


def following(database: Database, site: str) -> Following | None:
    """How far a site is followed; None if not at all yet."""
    row = database.execute(
        "SELECT seq, mark, round, reached, retell FROM fleet_sites WHERE site = ?", [site]
    ).fetchone()
    if row is None:
        return None
    seq, mark, turn, reached, retell = row
    point = Point(site, seq, UUID(mark) if mark else None)
    return Following(point, turn, reached, bool(retell))


def follow(database: Database, found: Following) -> None:
    """Keep it."""
    point = found.point
    database.execute(
        """INSERT INTO fleet_sites (site, seq, mark, round, reached, retell)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (site) DO UPDATE SET
               seq = ?2, mark = ?3, round = ?4, reached = ?5, retell = ?6""",
        [
            point.site,
            point.seq,
            point.mark.hex if point.mark else None,
            found.round,
            found.reached,
            int(found.retell),
        ],
    )


def was_current(database: Database, site: str, time: datetime) -> None:
    """At this moment nothing of a site was missing here."""
    database.execute("UPDATE fleet_sites SET current = ? WHERE site = ?", [as_text(time), site])


def current_since(database: Database) -> dict[str, datetime | None]:
    """When last nothing of each site was missing here."""
    rows = database.execute("SELECT site, current FROM fleet_sites ORDER BY site").fetchall()
    return {site: datetime.fromisoformat(time) if time else None for site, time in rows}


def forget_site(database: Database, site: str) -> None:
    """A site is not followed any more."""
    database.execute("DELETE FROM fleet_sites WHERE site = ?", [site])


def waiting(database: Database) -> Waiting:
    """What the fleet has not been told yet."""
    count, oldest = database.execute(
        "SELECT count(*), min(queued) FROM fleet_outbox WHERE seq IS NULL"
    ).fetchone()
    return Waiting(count, datetime.fromisoformat(oldest) if oldest else None)


def notices(database: Database) -> list[Notice]:
    """What staff have not put aside yet, oldest first."""
    rows = database.execute(
        "SELECT number, time, outcome, subject, text FROM fleet_notices ORDER BY number"
    )
    return [
        Notice(number, datetime.fromisoformat(time), Outcome(outcome), UUID(subject), text)
        for number, time, outcome, subject, text in rows.fetchall()
    ]


def put_notice(
    database: Database, time: datetime, outcome: Outcome, subject: UUID, text: str
) -> None:
    """One more."""
    database.execute(
        "INSERT INTO fleet_notices (time, outcome, subject, text) VALUES (?, ?, ?, ?)",
        [as_text(time), outcome.value, subject.hex, text],
    )


def drop_notices(database: Database, up_to: int) -> None:
    """Staff have seen them."""
    database.execute("DELETE FROM fleet_notices WHERE number <= ?", [up_to])
