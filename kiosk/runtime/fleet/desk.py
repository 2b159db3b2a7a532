"""What staff see of the fleet, and do in it: on a gallery and a line of its own, opened for each
question, so that neither the engine nor the thread that follows the fleet is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.core.errors import FleetError, InputError, KnownError
from kiosk.core.extras import require
from kiosk.core.fleet import FleetBoard
from kiosk.core.settings import Settings
from kiosk.runtime.fleet.service import open_sync

if TYPE_CHECKING:
    from kiosk.runtime.fleet.sync import FleetSync
    from kiosk.storage import SqlGallery
    from kiosk.storage.postgres.connection import Connection


class FleetDesk:
    """The FleetOffice of a kiosk whose settings name a server."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings, self._now = settings, now

    def is_member(self) -> bool:
        """Whether the gallery belongs to a fleet. Raises StorageError."""
        from kiosk.storage.sqlite import fleet_state

        with self._gallery() as gallery:
            return fleet_state.is_member(gallery.database)

    def look(self) -> FleetBoard:
        """What is known here, and what the server says if it answers. Raises StorageError."""
        from kiosk.runtime.fleet.sync import load_membership
        from kiosk.storage.sqlite import fleet_state

        asked = self._now()
        with self._gallery() as gallery:
            name = load_membership(gallery).name
            waiting = fleet_state.waiting(gallery.database)
            known = (waiting.count, waiting.oldest, fleet_state.current_since(gallery.database))
            try:
                with closing(open_sync(self._settings, gallery)) as line:
                    kiosks = tuple(line.overview())
                    return FleetBoard(name, asked, *known, kiosks, line.server_time())
            except KnownError as error:
                return FleetBoard(name, asked, *known, problem=error)

    def revoke(self, name: str, role: str, password: str, tell: Callable[[float], None]) -> int:
        """Put a kiosk out for good. Raises FleetError, InputError, StorageError."""
        with (
            self._gallery() as gallery,
            closing(connect_owner(self._settings, role, password)) as owner,
            closing(open_sync(self._settings, gallery)) as line,
        ):
            return put_out(line, owner, name, tell)

    @contextmanager
    def _gallery(self) -> Iterator[SqlGallery]:
        from kiosk import storage

        opened = storage.open_gallery(self._settings.database, self._settings.key_file)
        try:
            yield opened
        finally:
            opened.close()


def connect_owner(settings: Settings, role: str, password: str) -> Connection:
    """A connection of whoever owns the fleet's database. Raises FleetError, PackageMissing."""
    require("psycopg", "pgvector", for_what="A fleet")
    from kiosk.storage.postgres.connection import (
        NOT_LET_IN,
        WRONG_LOGIN,
        ServerAddress,
        connect,
    )

    address = ServerAddress(settings.fleet_server, role, password, settings.fleet_authority)
    try:
        return connect(address)
    except FleetError as error:
        if error.text not in (NOT_LET_IN, WRONG_LOGIN):
            raise
        raise FleetError(
            f"The server of the fleet does not let {role} in with this password.",
            "Give the role that owns the fleet's database, and its password.",
        ) from error


def put_out(
    line: FleetSync,
    owner: Connection,
    name: str,
    tell: Callable[[float], None] = lambda share: None,
) -> int:
    """The fleet goes on without a kiosk that was stolen or lost, under a key that it never gets.
    Cut off at any moment it can be done again. Returns how many values were sealed anew. Raises
    InputError for a name that is not there or this kiosk's own, FleetError."""
    from kiosk.storage.postgres.administration import reseal, revoke

    if name == line.member.name:
        raise InputError(
            f"{name} is this kiosk itself.",
            "Take it out with `kiosk fleet leave`, or put it out at another kiosk.",
        )
    line.greet()
    sealing = revoke(owner, name, line.sealing)
    line.greet()  # this kiosk has the new key before anything is sealed with it
    every = _values(owner)
    return reseal(owner, sealing, lambda done: tell(done / every))


def _values(owner: Connection) -> int:
    """About how many there are to seal, at least one."""
    from kiosk.storage.postgres.connection import reporting

    with reporting():
        row = owner.execute(
            """SELECT greatest(1, (SELECT count(*) FROM kiosk.subjects)
               + (SELECT count(*) FROM kiosk.templates) + (SELECT count(*) FROM kiosk.consents))"""
        ).fetchone()
    return int(row[0]) if row else 1
