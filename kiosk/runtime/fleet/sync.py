"""One round of a kiosk with its fleet: tell what was done here, take over what was done elsewhere.

The replica is the kiosk's own gallery, so that a visit asks nothing of the network. What is told is
told before anything is taken over; see docs/fleet.md for what is decided where two kiosks crossed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

from kiosk.core.errors import BugError, FleetError, FleetRevoked
from kiosk.core.fleet import KioskLine, Outcome, Person
from kiosk.core.ports.audit import Act
from kiosk.runtime.fleet.membership import Membership, not_a_member
from kiosk.storage.postgres.administration import change_password, overview
from kiosk.storage.postgres.connection import (
    Connection,
    ServerAddress,
    connect,
    reporting,
    require_version,
)
from kiosk.storage.postgres.feed import CentralReader, FeedPruned, ServerIsOlder
from kiosk.storage.postgres.operations import CHANNEL, CentralWriter
from kiosk.storage.postgres.parts import Held
from kiosk.storage.postgres.schema import STEPS
from kiosk.storage.postgres.sealing import Sealing, unwrap_with
from kiosk.storage.sqlite import fleet_outbox, fleet_state
from kiosk.storage.sqlite.database import reporting as reporting_here
from kiosk.storage.sqlite.database import transaction
from kiosk.storage.sqlite.fleet_state import Following
from kiosk.storage.sqlite.gallery import SqlGallery
from kiosk.storage.sqlite.replica import Gone, Replica

AT_ONCE = 50
"""Operations that are told in one transaction."""
PAGE = 2000
"""People that are taken over in one, """
WHOLE = 200
"""and how many of them with more than their name, note and the like, which takes much longer: a
visit that is to be kept waits for it."""
KEPT = timedelta(days=30)
"""How long what was told is kept, should the server be put back from an older copy."""
WRONG_CLOCK = 300.0
"""Seconds that the clocks of kiosk and server may differ before it is said."""
NOTED = timedelta(seconds=30)
"""How exactly it is kept when the replica was last current."""


@dataclass(frozen=True)
class Standing:
    """How this kiosk stands with its fleet after a round."""

    contact: datetime
    waiting: int
    behind: int
    skew: float
    people: int = 0


def load_membership(gallery: SqlGallery) -> Membership:
    """Raises FleetError outside of a fleet."""
    with reporting_here():
        form = fleet_state.member_form(gallery.database)
    if form is None:
        raise not_a_member()
    return Membership.of_form(form)


class FleetSync:
    """One kiosk's line to its fleet, for one thread, with a gallery of its own. `tell` hears how
    much was taken over of how much. Every method raises FleetError and its children, StorageError.
    """

    def __init__(
        self,
        gallery: SqlGallery,
        server: str,
        authority: ServerAddress | None = None,
        *,
        keep_pictures: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tell: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self._gallery, self._now, self._tell = gallery, now, tell
        self.member = load_membership(gallery)
        base = authority or ServerAddress(server)
        self._address = replace(
            base, server=server, role=self.member.role, password=self.member.password
        )
        self._replica = Replica(gallery, keep_pictures=keep_pictures, now=now)
        self._connection: Connection | None = None
        self._looked_at: Connection | None = None
        self._noted: dict[str, datetime] = {}
        self._skew = 0.0

    def close(self) -> None:
        """Let the connection go; twice is allowed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def connection(self) -> Connection:
        """The line, opened where there is none."""
        if self._connection is None:
            self._connection = connect(self._address)
            try:
                with reporting():
                    self._connection.execute(f"LISTEN {CHANNEL}")
            except BaseException:
                self.close()
                raise
        return self._connection

    # --- meeting -----------------------------------------------------------------------------

    def greet(self) -> None:
        """Say who this is and how it stands; take new keys. Raises FleetRevoked, and FleetError for
        a server of another version, another fleet, or a kiosk that is there twice."""
        self._require_same_schema()
        verdict, epoch, fleet = self._said_hello()
        if verdict == "other" and load_membership(self._gallery) != self.member:
            verdict, epoch, fleet = self._said_hello()  # another process of this kiosk was here
        self._require_welcome(verdict, fleet)
        self._keep(self.member.stepped())
        if epoch > self.member.keys.newest:
            self._take_keys()

    def _said_hello(self) -> tuple[str, int, UUID]:
        self.member = load_membership(self._gallery)
        self._keep(self.member.stepping())
        waiting = self.waiting()
        with reporting():
            row = self.connection.execute(
                """SELECT verdict, skew, epoch, fleet
                   FROM kiosk.hello(%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                [
                    self.member.known,
                    self.member.coming,
                    self.member.turn + 1,
                    version("kiosk"),
                    len(STEPS),
                    self._now(),
                    waiting.count,
                    waiting.oldest,
                    self._people(),
                ],
            ).fetchone()
        assert row is not None
        verdict, self._skew, epoch, fleet = row
        return verdict, epoch, fleet

    def _require_same_schema(self) -> None:
        with reporting():
            row = self.connection.execute("SELECT version FROM kiosk.fleet").fetchone()
        require_version(row[0] if row else 0, len(STEPS))

    def _require_welcome(self, verdict: str, fleet: UUID) -> None:
        if verdict == "revoked":
            raise FleetRevoked(
                "This kiosk was revoked: what it had of the fleet is destroyed.",
                "Ask whoever runs the fleet for a new invitation.",
            )
        if verdict == "other":
            raise FleetError(
                "The fleet knows a newer state of this kiosk: it was put back from an older copy, "
                "or another machine goes by its name.",
                "If it was put back, run `kiosk fleet sync --restored`. If there are two, give one "
                "an invitation of its own: `kiosk fleet leave --here`, then `kiosk fleet join`.",
            )
        if verdict != "welcome" or fleet != self.member.fleet:
            raise FleetError(
                "The server does not know this kiosk, or is that of another fleet.",
                "Check fleet_server; or join with a new invitation.",
            )

    def restored(self) -> None:
        """Go on from here: the kiosk was put back from a copy and is the only one of its name."""
        member = replace(self.member, known=None, coming=None).stepping()
        self._keep(member)
        with reporting():
            row = self.connection.execute("SELECT kiosk.resume(%s)", [member.coming]).fetchone()
        if row is None or row[0] is None:
            raise FleetError(
                "The server does not know this kiosk any more.", "Join with a new invitation."
            )
        self._keep(replace(member.stepped(), turn=row[0]))

    def introduce(self) -> None:
        """After joining: a password that nobody else has seen, and this kiosk's own key."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        public = X25519PrivateKey.from_private_bytes(self.member.private).public_key()
        with reporting():
            self.connection.execute("SELECT kiosk.introduce(%s)", [public.public_bytes_raw()])
        password = secrets.token_urlsafe(32)
        # Kept first beside the old one: cut off between the two, either opens.
        with transaction(self._gallery.database):
            form = self.member.as_form() | {"next_password": password}
            fleet_state.keep_member(self._gallery.database, form)
        change_password(self.connection, self.member.role, password)
        self._keep(replace(self.member, password=password))
        self._address = replace(self._address, password=password)

    def _take_keys(self) -> None:
        keys = self.member.keys
        with reporting():
            rows = self.connection.execute(
                "SELECT epoch, wrapped FROM kiosk.new_keys(%s)", [keys.newest]
            ).fetchall()
        for epoch, wrapped in rows:
            keys = keys.with_epoch(epoch, unwrap_with(self.member.private, wrapped))
        self._keep(replace(self.member, keys=keys))

    def _keep(self, member: Membership) -> None:
        if member != self.member:
            self.member = member
            with transaction(self._gallery.database):
                fleet_state.keep_member(self._gallery.database, member.as_form())

    # --- one round ---------------------------------------------------------------------------

    def round(self) -> Standing:
        """Tell what waits, then take over what is new at every site of this kiosk."""
        self.push()
        reader = CentralReader(self.connection, self.sealing)
        behind = 0
        sites = reader.sites()
        self._drop_others(sites)
        for site in sites:
            behind += self._follow(reader, site)
        self.gather_record()
        return Standing(self._now(), self.waiting().count, behind, self._skew, self._people())

    @property
    def sealing(self) -> Sealing:
        """With the keys that this kiosk has now."""
        return Sealing(self.member.keys)

    def push(self) -> int:
        """Tell the fleet what waits here, in its order; returns how much was told."""
        writer = CentralWriter(
            self.connection, self.sealing, self.member.privacy, self.member.kiosk
        )
        database, told = self._gallery.database, 0
        if self._looked_at is not self._connection:
            self._look_for_lost()
        while True:
            with reporting_here():
                some = fleet_outbox.waiting_operations(database, AT_ONCE)
            if not some:
                return told
            try:
                done = writer.apply(some)
            except BugError:
                if len(some) == 1:
                    raise
                done = writer.apply(some[:1])  # the others shall not wait for the one that fails
            with transaction(database):
                for operation, each in zip(some, done, strict=False):
                    if each.outcome is Outcome.UNKNOWN:
                        fleet_outbox.tell_whole(database, operation, self._now())
                    else:
                        fleet_outbox.acknowledge(database, each, self._now())
                fleet_outbox.forget_told(database, self._now() - KEPT)
            told += len(done)

    def _look_for_lost(self) -> None:
        """Once for each connection: whether the server still has what it had kept. Operations are
        told in order, so that where the last of them is there the others are."""
        database = self._gallery.database
        with reporting_here():
            newest = fleet_outbox.told(database, 1)
        if newest and self._missing(newest):
            with reporting_here():
                kept = fleet_outbox.told(database)
            with transaction(database):
                fleet_outbox.tell_again(database, self._missing(kept))
        self._looked_at = self._connection

    def _missing(self, operations: list[UUID]) -> list[UUID]:
        with reporting():
            rows = self.connection.execute(
                """SELECT operation FROM unnest(%s) AS told (operation) WHERE NOT EXISTS
                   (SELECT 1 FROM kiosk.operations AS kept
                    WHERE kept.operation = told.operation)""",
                [operations],
            ).fetchall()
        return [row[0] for row in rows]

    def _drop_others(self, sites: list[str]) -> None:
        for site in fleet_state.current_since(self._gallery.database):
            if site not in sites:
                self._replica.drop_site(site)

    def _follow(self, reader: CentralReader, site: str) -> int:
        """Take over what is new at a site; returns how many changes are missing still."""
        with reporting_here():
            place = fleet_state.following(self._gallery.database, site)
        if place is None:
            place = self._replica.begin_round(reader.head(site))
        if place.reached is not None:
            place = self._take_all(reader, place)
        try:
            place, head = self._take_news(reader, place)
        except (FeedPruned, ServerIsOlder) as error:
            older = isinstance(error, ServerIsOlder)
            place = self._replica.begin_round(reader.head(site), retell=older)
            place, head = self._take_news(reader, self._take_all(reader, place))
        self._confirm(place, head)
        return head - place.point.seq

    def _take_all(self, reader: CentralReader, place: Following) -> Following:
        """Everybody of a site, page by page, from where it was left."""
        site, done = place.point.site, 0
        of = self._count(site)
        while place.reached is not None:
            page = reader.page(site, place.reached, PAGE, self._replica.marks, WHOLE)
            filled = self._filled(reader, page.people)
            last = page.last
            if last is None:
                self._replica.take(filled, (), place)
                self._replica.finish_round(place)
                place = replace(place, reached=None, retell=False)
            else:
                place = replace(place, reached=last)
                self._replica.take(filled, (), place)
            done += len(filled)
            self._tell(done, max(done, of))
        return place

    def _count(self, site: str) -> int:
        with reporting():
            row = self.connection.execute(
                "SELECT count(*) FROM kiosk.subjects WHERE site = %s", [site]
            ).fetchone()
        return int(row[0]) if row else 0

    def _take_news(self, reader: CentralReader, place: Following) -> tuple[Following, int]:
        stretch, done = reader.stretch(place.point), 0
        while done < len(stretch.subjects):
            news = reader.news(stretch, done, self._replica.marks, PAGE, WHOLE)
            done += news.done
            gone = [Gone(*each) for each in news.removed]
            place = replace(place, point=news.point)
            self._replica.take(self._filled(reader, news.people), gone, place)
            self._tell(done, len(stretch.subjects))
        return place, stretch.end.seq

    def _filled(self, reader: CentralReader, people: Sequence[Held]) -> list[Person]:
        persons = [each.person for each in people]
        known = self._replica.known_templates(each.uid for each in persons if not each.bare)
        return reader.filled(persons, known)

    def _confirm(self, place: Following, head: int) -> None:
        """The server learns what is here, on the disk of this kiosk; and when it was."""
        site, now = place.point.site, self._now()
        with reporting():
            self.connection.execute("SELECT kiosk.confirm(%s, %s)", [site, place.point.seq])
        before = self._noted.get(site)
        if place.point.seq >= head and (before is None or now - before > NOTED):
            with transaction(self._gallery.database):
                fleet_state.was_current(self._gallery.database, site, now)
            self._noted[site] = now

    # --- running it --------------------------------------------------------------------------

    def gather_record(self) -> int:
        """The server gets the chain of what was done here, without its facts; how many lines."""
        with reporting():
            row = self.connection.execute("SELECT kiosk.gathered()").fetchone()
        last, sent = int(row[0]) if row else 0, 0
        while True:
            with reporting_here():
                lines = self._gallery.database.execute(
                    "SELECT line, time, act, digest, link FROM trail WHERE line > ? "
                    "ORDER BY line LIMIT 1000",
                    [last],
                ).fetchall()
            if not lines:
                return sent
            with reporting():
                self.connection.execute(
                    "SELECT kiosk.gather(%s::bigint[], %s, %s, %s, %s)",
                    [list(column) for column in zip(*lines, strict=True)],
                )
            last, sent = lines[-1][0], sent + len(lines)

    def rollouts(self) -> list[tuple[int, dict[str, Any]]]:
        """Settings that this kiosk is to have and has not tried yet, oldest first."""
        with reporting():
            return self.connection.execute("SELECT * FROM kiosk.my_rollouts()").fetchall()

    def rolled_out(self, number: int, problem: str) -> None:
        """They were written, or what was wrong with them."""
        with reporting():
            self.connection.execute("SELECT kiosk.rolled_out(%s, %s)", [number, problem])

    def confirm_destroyed(self) -> None:
        """After it was revoked: nothing of the fleet is left here that opens."""
        with reporting():
            self.connection.execute("SELECT kiosk.confirm_destroyed()")

    def overview(self) -> list[KioskLine]:
        """Every kiosk that shares a site with this one."""
        return overview(self.connection)

    def show(self, light: str, running_seconds: float) -> None:
        """Say how this kiosk is (`kiosk.core.status.Light`, empty where that is not known), and for
        how long it has been running."""
        with reporting():
            self.connection.execute("SELECT kiosk.show(%s, %s)", [light, running_seconds])

    def server_time(self) -> datetime:
        """What the server's clock shows."""
        with reporting():
            row = self.connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        return row[0]  # type: ignore[no-any-return]

    def again(self) -> None:
        """Take everybody over anew, although nothing seems to be missing."""
        reader = CentralReader(self.connection, self.sealing)
        for site in reader.sites():
            self._replica.begin_round(reader.head(site))

    # --- waiting -----------------------------------------------------------------------------

    def listen(self, seconds: float) -> bool:
        """Wait so long at most; whether there is something new at the server."""
        with reporting():
            return bool(list(self.connection.notifies(timeout=seconds, stop_after=1)))

    def waiting(self) -> fleet_state.Waiting:
        """What the fleet has not been told yet."""
        with reporting_here():
            return fleet_state.waiting(self._gallery.database)

    def _people(self) -> int:
        with reporting_here():
            (count,) = self._gallery.database.execute("SELECT count(*) FROM subjects").fetchone()
        return int(count)

    def leave(self) -> None:
        """Out of the fleet, with its word; people stay here."""
        with reporting():
            self.connection.execute("SELECT kiosk.leave()")
        self.close()
        leave_here(self._gallery)


def join(gallery: SqlGallery, member: Membership) -> int:
    """From now on this gallery belongs to a fleet; whoever is enrolled here is to be told to it.
    Returns how many. Raises FleetError if it belongs to one already."""
    with reporting_here():
        if fleet_state.is_member(gallery.database):
            raise FleetError("This kiosk belongs to a fleet already.", "Leave that one first.")
    with gallery.from_fleet() as notes:
        fleet_state.keep_member(gallery.database, member.as_form())
        told = fleet_outbox.queue_everybody(gallery.database, datetime.now(UTC))
        notes.add(Act.FLEET, what="joined", name=member.name)
    return told


def leave_here(gallery: SqlGallery) -> None:
    """Forget the fleet, whatever the server knows; people stay here."""
    with gallery.from_fleet() as notes:
        fleet_state.forget_member(gallery.database)
        notes.add(Act.FLEET, what="left")
