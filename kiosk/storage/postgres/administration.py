"""What the owner of the central gallery does: makes it, lets kiosks in, and puts them out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb

from kiosk.core.errors import FleetError, InputError, NewerDatabase
from kiosk.core.fleet import KioskLine, Privacy
from kiosk.core.ports.audit import Act
from kiosk.storage.postgres.connection import Connection, reporting
from kiosk.storage.postgres.schema import DESTROYED, HELLO, STEPS, rights
from kiosk.storage.postgres.sealing import Sealed, Sealing, wrap_for
from kiosk.storage.sqlite.anchor import NOWHERE
from kiosk.storage.sqlite.trail import chained

_ONLY_ONE = 0x4B494F53
"""Advisory lock: two that bring up the same server wait for each other."""


@dataclass(frozen=True)
class Credentials:
    """What lets one kiosk in."""

    kiosk: UUID
    role: str
    password: str = field(repr=False)


def version_of(owner: Connection) -> int:
    """The version of a central gallery; 0 for a database that holds none. Raises FleetError."""
    with reporting():
        found = owner.execute("SELECT to_regclass('kiosk.fleet')").fetchone()
        if found is None or found[0] is None:
            return 0
        row = owner.execute("SELECT version FROM kiosk.fleet").fetchone()
    return int(row[0]) if row else 0


def bring_up(owner: Connection, privacy: Privacy, sites: Sequence[str] = ()) -> UUID:
    """Make the schema in an empty database, or bring an older one to this version; add sites.
    Returns the fleet. Raises FleetError, NewerDatabase."""
    with reporting(), owner.transaction():
        owner.execute("SELECT pg_advisory_xact_lock(%s)", [_ONLY_ONE])
        version = version_of(owner)
        if version > len(STEPS):
            raise NewerDatabase(
                f"The server of the fleet is of version {version}; this program knows "
                f"{len(STEPS)}.",
                "Update this program.",
            )
        if not version:
            _begin(owner, privacy)
        for step in STEPS[max(version, 1) :]:
            owner.execute(step)
        fleet, members, kept = _fleet(owner)
        if kept is not privacy:
            raise FleetError(
                f"This fleet is {kept}, and stays so.",
                "Begin another one in another database for the other kind.",
            )
        owner.execute(rights(sql.Identifier(members).as_string(owner)))
        owner.execute("UPDATE kiosk.fleet SET version = %s", [len(STEPS)])
        have = {row[0] for row in owner.execute("SELECT site FROM kiosk.sites")}
        for site in dict.fromkeys(sites):
            if site not in have:
                owner.execute("SELECT kiosk.make_site(%s)", [site])
    return fleet


def _begin(owner: Connection, privacy: Privacy) -> None:
    fleet = uuid4()
    members = f"kiosk_fleet_{fleet.hex[:12]}"
    owner.execute("CREATE EXTENSION IF NOT EXISTS vector")
    owner.execute("CREATE SCHEMA kiosk")
    owner.execute(STEPS[0])
    owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(members)))
    owner.execute(
        "INSERT INTO kiosk.fleet (one, fleet, version, privacy, members) VALUES (1, %s, 1, %s, %s)",
        [fleet, privacy.value, members],
    )


def _fleet(owner: Connection) -> tuple[UUID, str, Privacy]:
    row = owner.execute("SELECT fleet, members, privacy FROM kiosk.fleet").fetchone()
    if row is None:
        raise FleetError("The database of the fleet is empty.", "Run `kiosk fleet init`.")
    return row[0], str(row[1]), Privacy(row[2])


def invite(owner: Connection, name: str, sites: Sequence[str]) -> Credentials:
    """Make a role for a new kiosk, which sees the people of these sites; whoever it enrols is of
    the first. Raises InputError for a name that is taken, or a site that is not there."""
    kiosk, password = uuid4(), secrets.token_urlsafe(32)
    with reporting(), owner.transaction():
        _, members, _ = _fleet(owner)
        role = f"{members}_{kiosk.hex[:12]}"
        if owner.execute("SELECT 1 FROM kiosk.kiosks WHERE name = %s", [name]).fetchone():
            raise InputError(f"The fleet has a kiosk named {name} already.", "Give another name.")
        known = {row[0] for row in owner.execute("SELECT site FROM kiosk.sites")}
        for site in sites:
            if site not in known:
                raise InputError(
                    f"The fleet has no site {site}.",
                    f"It has {', '.join(sorted(known))}; `kiosk fleet init --site` adds one.",
                )
        owner.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                sql.Identifier(role),
                sql.Literal(scrambled(owner, password, role)),
                sql.Identifier(members),
            )
        )
        owner.execute(
            "INSERT INTO kiosk.kiosks (kiosk, name, role) VALUES (%s, %s, %s)", [kiosk, name, role]
        )
        for place, site in enumerate(dict.fromkeys(sites)):
            owner.execute(
                "INSERT INTO kiosk.memberships (kiosk, site, home) VALUES (%s, %s, %s)",
                [kiosk, site, place == 0],
            )
    return Credentials(kiosk, role, password)


def revoke(owner: Connection, name: str, sealing: Sealing) -> Sealing:
    """Put a kiosk out at once: nothing of the fleet is shown to it any more, and a new key begins
    that it never gets. It may still ask, and is told to destroy what it has. Returns the sealing
    with the new key; `reseal` then does away with the old one. Raises InputError."""
    with reporting(), owner.transaction():
        _, members, _ = _fleet(owner)
        row = owner.execute(
            "SELECT kiosk, role FROM kiosk.kiosks WHERE name = %s FOR UPDATE", [name]
        ).fetchone()
        if row is None:
            raise InputError(f"The fleet has no kiosk named {name}.", "See `kiosk fleet status`.")
        kiosk, role = row
        owner.execute(
            "UPDATE kiosk.kiosks SET revoked = coalesce(revoked, clock_timestamp()) "
            "WHERE kiosk = %s",
            [kiosk],
        )
        owner.execute("DELETE FROM kiosk.key_wraps WHERE kiosk = %s", [kiosk])
        epoch = sealing.keys.newest + 1
        key = secrets.token_bytes(32)
        rest = owner.execute(
            "SELECT kiosk, public_key FROM kiosk.kiosks "
            "WHERE revoked IS NULL AND left_at IS NULL AND public_key IS NOT NULL"
        ).fetchall()
        for other, public in rest:
            owner.execute(
                "INSERT INTO kiosk.key_wraps (kiosk, epoch, wrapped) VALUES (%s, %s, %s)",
                [other, epoch, wrap_for(public, key)],
            )
        owner.execute("UPDATE kiosk.fleet SET epoch = %s", [epoch])
        _only_told_to_destroy(owner, members, role)
    with reporting():
        owner.execute(
            # Until they are gone the one connection that is left to it is taken.
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
            [role],
        )
    return Sealing(sealing.keys.with_epoch(epoch, key))


def _only_told_to_destroy(owner: Connection, members: str, role: str) -> None:
    """From now on a role may ask how it stands, be told, and say that it did what it was told."""
    may = (
        "REVOKE {members} FROM {role}",
        "GRANT USAGE ON SCHEMA kiosk TO {role}",
        "GRANT SELECT ON kiosk.fleet TO {role}",
        f"GRANT EXECUTE ON FUNCTION kiosk.{HELLO}, kiosk.{DESTROYED} TO {{role}}",
        "ALTER ROLE {role} CONNECTION LIMIT 1",
    )
    for each in may:
        owner.execute(sql.SQL(each).format(**_names(members=members, role=role)))


_SEALED = (
    ("subjects", "subject", "subject", "body", Sealed.BODY),
    ("subjects", "subject", "subject", "picture", Sealed.PICTURE),
    ("templates", "template", "template", "sealed", Sealed.TEMPLATE),
    ("consents", "consent", "consent", "body", Sealed.CONSENT),
    ("decisions", "row_id", "row_id", "body", Sealed.DECISION),
    ("operations", "operation", "operation", "told", Sealed.NOTICE),
)
"""Table, key, what a value is bound to, column, and what it is."""
_AT_ONCE = 500


def reseal(
    owner: Connection, sealing: Sealing, tell: Callable[[int], None] = lambda n: None
) -> int:
    """Seal anew, with the newest key, whatever is sealed with an older one; afterwards the older
    ones open nothing at the server. Cut off at any moment, it can be called again. Returns how many
    values."""
    done = 0
    for table, key, bound, column, what in _SEALED:
        query = sql.SQL(
            """SELECT {key}, {bound}, {column} FROM kiosk.{table} WHERE {column} IS NOT NULL
               AND get_byte({column}, 0) * 256 + get_byte({column}, 1) < %s LIMIT %s FOR UPDATE"""
        ).format(**_names(table=table, key=key, bound=bound, column=column))
        update = sql.SQL("UPDATE kiosk.{table} SET {column} = %s WHERE {key} = %s").format(
            **_names(table=table, key=key, column=column)
        )
        while True:
            with reporting(), owner.transaction():
                rows = owner.execute(query, [sealing.keys.newest, _AT_ONCE]).fetchall()
                fresh = [
                    (sealing.seal(what, row, sealing.open(what, row, value)), key_value)
                    for key_value, row, value in rows
                ]
                if fresh:
                    owner.cursor().executemany(update, fresh)
            if not rows:
                break
            done += len(rows)
            tell(done)
    with reporting():
        # Probes hang on a decision and are few: those of an older key go.
        done += owner.execute(
            "DELETE FROM kiosk.probes WHERE get_byte(sealed, 0) * 256 + get_byte(sealed, 1) < %s",
            [sealing.keys.newest],
        ).rowcount
    return done


def _names(**names: str) -> dict[str, sql.Identifier]:
    return {each: sql.Identifier(name) for each, name in names.items()}


def overview(connection: Connection) -> list[KioskLine]:
    """Every kiosk, or for a kiosk those that share a site with it, by name."""
    with reporting():
        return [KioskLine(*row) for row in connection.execute("SELECT * FROM kiosk.overview()")]


def set_ring(owner: Connection, name: str, ring: int) -> None:
    """In which ring a kiosk gets what is rolled out. Raises InputError."""
    with reporting():
        done = owner.execute("UPDATE kiosk.kiosks SET ring = %s WHERE name = %s", [ring, name])
    if not done.rowcount:
        raise InputError(f"The fleet has no kiosk named {name}.", "See `kiosk fleet status`.")


def roll_out(owner: Connection, settings: Mapping[str, object], ring: int) -> int:
    """Settings for every kiosk of a ring up to this one; returns the number of the rollout."""
    with reporting():
        row = owner.execute(
            "INSERT INTO kiosk.rollouts (settings, ring) VALUES (%s, %s) RETURNING rollout",
            [Jsonb(dict(settings)), ring],
        ).fetchone()
    assert row is not None
    return int(row[0])


@dataclass(frozen=True)
class RolloutLine:
    """How far a rollout is: its keys, up to which ring, and at how many of how many kiosks."""

    rollout: int
    ring: int
    settings: tuple[str, ...]
    done: int
    refused: int
    kiosks: int


def rollouts(owner: Connection) -> list[RolloutLine]:
    """All there were, oldest first."""
    with reporting():
        rows = owner.execute(
            """SELECT r.rollout, r.ring, r.settings, count(d.kiosk),
                   count(*) FILTER (WHERE d.problem <> ''),
                   (SELECT count(*) FROM kiosk.kiosks k WHERE k.ring <= r.ring
                    AND k.revoked IS NULL AND k.left_at IS NULL)
               FROM kiosk.rollouts r LEFT JOIN kiosk.rollout_results d USING (rollout)
               GROUP BY r.rollout ORDER BY r.rollout"""
        ).fetchall()
    return [
        RolloutLine(number, ring, tuple(sorted(settings)), *counts)
        for number, ring, settings, *counts in rows
    ]


def widen(owner: Connection, rollout: int, ring: int) -> None:
    """A rollout goes on to further rings. Raises InputError."""
    with reporting():
        done = owner.execute(
            "UPDATE kiosk.rollouts SET ring = greatest(ring, %s) WHERE rollout = %s",
            [ring, rollout],
        )
    if not done.rowcount:
        raise InputError(f"There is no rollout {rollout}.", "See `kiosk fleet rollout`.")


def audit_problems(owner: Connection) -> list[str]:
    """What is wrong with the records gathered from all kiosks, one line each."""
    found, last, name_before = [], (0, NOWHERE.link), ""
    with reporting():
        rows = owner.execute(
            """SELECT name, line, time, act, digest, link FROM kiosk.audit_lines
               JOIN kiosk.kiosks USING (kiosk) ORDER BY name, line"""
        ).fetchall()
    for name, line, time, act, digest, link in rows:
        if name != name_before:
            last, name_before = (0, NOWHERE.link), name
        if line != last[0] + 1:
            found.append(f"{name}: lines {last[0] + 1} to {line - 1} are missing")
        elif chained(last[1], line, time, act, digest) != link:
            found.append(f"{name}: line {line} does not follow from the one before")
        if act == Act.BROKEN:
            found.append(f"{name}: line {line} says that the record was broken before it")
        last = (line, link)
    return found


def prune(owner: Connection, before: datetime) -> int:
    """Forget changes that are older than this and that every kiosk has confirmed or can take over
    by a snapshot; the removals they tell of stay. Returns how many."""
    with reporting(), owner.transaction():
        done = owner.execute("DELETE FROM kiosk.changes WHERE at < %s", [before]).rowcount
        owner.execute(
            """UPDATE kiosk.sites SET horizon = greatest(horizon, coalesce(
                   (SELECT min(seq) - 1 FROM kiosk.changes AS kept
                    WHERE kept.site = sites.site), head))"""
        )
    return done


def scrambled(connection: Connection, password: str, role: str) -> str:
    """A password as the server keeps it, so that no log of statements ever sees it."""
    made = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


def change_password(connection: Connection, role: str, password: str) -> None:
    """A kiosk gives itself another password, so that what was in its invitation opens nothing."""
    with reporting():
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(scrambled(connection, password, role))
            )
        )
