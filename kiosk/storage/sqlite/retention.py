"""The time by which things are deleted, kept in the gallery; see `kiosk.core.retention_clock`."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from kiosk.core.boot_clock import Moment
from kiosk.core.retention_clock import RetentionClock
from kiosk.storage.sqlite.rows import as_text


def advance_clock(database: Database, wall: datetime, now: Moment) -> datetime:
    """The trusted time, kept for the next call. The first one begins at the newest decision."""
    clock = (_kept(database) or _first(database, wall, now)).advanced(wall, now)
    database.execute(
        """INSERT OR REPLACE INTO clock (only, trusted, boot, seconds, doubt)
           VALUES (1, ?, ?, ?, ?)""",
        [as_text(clock.trusted), now.boot, now.seconds, clock.doubt],
    )
    return clock.trusted


def _kept(database: Database) -> RetentionClock | None:
    row = database.execute("SELECT trusted, boot, seconds, doubt FROM clock").fetchone()
    if row is None:
        return None
    return RetentionClock(datetime.fromisoformat(row[0]), Moment(row[1], row[2]), row[3])


def _first(database: Database, wall: datetime, now: Moment) -> RetentionClock:
    (newest,) = database.execute("SELECT max(time) FROM decisions").fetchone()
    return RetentionClock(datetime.fromisoformat(newest) if newest else wall, now)
