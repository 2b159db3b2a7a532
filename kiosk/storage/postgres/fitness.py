"""Whether a server is fit for a fleet: what `kiosk fleet serve-check` looks at."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.storage.postgres.administration import version_of
from kiosk.storage.postgres.connection import Connection, reporting
from kiosk.storage.postgres.schema import STEPS

_OLDEST = 150000
_PGVECTOR = (0, 7)
"""The first that has halfvec."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    remedy: str = ""


def findings(owner: Connection) -> list[Finding]:
    """All of them. Raises FleetError."""
    with reporting():
        return [
            _version(owner),
            _pgvector(owner),
            _schema(owner),
            _tls(owner),
            _durable(owner),
            _standbys(owner),
            _archive(owner),
            _room(owner),
        ]


def _value(owner: Connection, name: str) -> str:
    row = owner.execute("SELECT current_setting(%s, true)", [name]).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def _version(owner: Connection) -> Finding:
    found = owner.info.server_version
    return Finding(
        f"PostgreSQL {found // 10000}.{found % 10000}",
        found >= _OLDEST,
        "Update the server to PostgreSQL 15 or newer.",
    )


def _pgvector(owner: Connection) -> Finding:
    row = owner.execute(
        "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if row is None:
        return Finding("pgvector is missing", False, "Install pgvector 0.7 or newer at the server.")
    version = tuple(int(part) for part in str(row[0]).split(".")[:2])
    return Finding(f"pgvector {row[0]}", version >= _PGVECTOR, "Update pgvector to 0.7 or newer.")


def _schema(owner: Connection) -> Finding:
    version = version_of(owner)
    what = f"schema of version {version}" if version else "no fleet in this database yet"
    return Finding(what, version == len(STEPS), "Run `kiosk fleet init`.")


def _tls(owner: Connection) -> Finding:
    on = _value(owner, "ssl") == "on" or bool(owner.pgconn.ssl_in_use)
    return Finding(
        "TLS is on" if on else "TLS is off",
        on,
        "Set ssl = on with a certificate, and hostssl alone in pg_hba.conf (docs/fleet.md).",
    )


def _durable(owner: Connection) -> Finding:
    weak = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if _value(owner, name) == "off"
    ]
    return Finding(
        f"{', '.join(weak)} off" if weak else "what is kept is on the disk",
        not weak,
        "Switch them on: else what was acknowledged can be lost.",
    )


def _standbys(owner: Connection) -> Finding:
    row = owner.execute(
        "SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) "
        "FROM pg_stat_replication"
    ).fetchone()
    every, synchronous = row or (0, 0)
    return Finding(
        f"{every} standbys, {synchronous} of them synchronous",
        synchronous > 0,
        "Without a synchronous standby the last changes can be lost with the server; kiosks tell "
        "them again (docs/fleet.md).",
    )


def _archive(owner: Connection) -> Finding:
    on = _value(owner, "archive_mode") in ("on", "always")
    failed = owner.execute(
        "SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver"
    ).fetchone()
    failing = bool(failed and failed[0])
    what = "WAL is archived" if on else "WAL is not archived"
    return Finding(
        f"{what}, and the last try failed" if failing else what,
        on and not failing,
        "Set archive_mode and archive_command: without them there is no way back to a moment.",
    )


def _room(owner: Connection) -> Finding:
    (most,) = owner.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
    counted = owner.execute("SELECT to_regclass('kiosk.kiosks')").fetchone()
    kiosks = 0
    if counted and counted[0]:
        row = owner.execute("SELECT count(*) FROM kiosk.kiosks WHERE revoked IS NULL").fetchone()
        kiosks = int(row[0]) if row else 0
    return Finding(
        f"{kiosks} kiosks, {most} connections at most",
        most >= kiosks + 10,
        "Raise max_connections, or put PgBouncer (session mode) before the server.",
    )
