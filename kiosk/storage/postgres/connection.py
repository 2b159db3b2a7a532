"""Connections to the server of a fleet, and its errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import psycopg
from psycopg import conninfo
from psycopg.rows import TupleRow

from kiosk.core.errors import (
    BugError,
    DiskFull,
    FleetError,
    FleetUnreachable,
    KioskError,
    NewerDatabase,
    SettingsError,
)

Connection: TypeAlias = psycopg.Connection[TupleRow]
_PATIENCE = 5
"""Seconds for a connection to come about."""
_SILENCE = 10
"""Seconds without an answer from the other end after which a line counts as cut."""
_GOES_ON = "The kiosk goes on answering from its own gallery and tries again by itself."


@dataclass(frozen=True)
class ServerAddress:
    """Where the server of a fleet is, and as whom to speak to it. Over a network always with TLS
    and a certificate that is checked; `authority` is the file of who signed it, empty for those
    that the system trusts. Of several hosts a `reading` connection goes to a standby, if one
    answers."""

    server: str
    role: str = ""
    password: str = field(default="", repr=False)
    authority: Path = Path()
    reading: bool = False

    def parameters(self) -> dict[str, str | int]:
        """As libpq reads them. Raises SettingsError for an address that is none."""
        given = parsed(self.server)
        host = str(given.get("host", ""))
        found: dict[str, str | int] = {
            "connect_timeout": _PATIENCE,
            "keepalives_idle": _SILENCE,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": _SILENCE * 1000,
            "application_name": "kiosk",
            "target_session_attrs": "prefer-standby" if self.reading else "read-write",
            **given,
        }
        if not is_local(host):
            found |= {"sslmode": "verify-full", "gssencmode": "disable"}
            authority = str(self.authority)
            found["sslrootcert"] = authority if authority not in ("", ".") else "system"
        if self.role:
            found["user"] = self.role
        if self.password:
            found["password"] = self.password
        return found


def parsed(server: str) -> dict[str, str]:
    """The parts of an address. Raises SettingsError for one that cannot be used, or that holds a
    password."""
    example = "postgresql://gallery.example:5432/kiosk"
    if not server.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            f"fleet_server is {server!r}.", f"Give an address like {example}.", key="fleet_server"
        )
    try:
        found = {name: str(value) for name, value in conninfo.conninfo_to_dict(server).items()}
    except psycopg.ProgrammingError as error:
        raise SettingsError(
            f"fleet_server is {server!r}.", f"Give an address like {example}.", key="fleet_server"
        ) from error
    weaker = {"password", "sslmode", "sslrootcert", "user"} & found.keys()
    if weaker:
        raise SettingsError(
            f"fleet_server holds {', '.join(sorted(weaker))}.",
            "Name and password come with `kiosk fleet join`; TLS is always on.",
            key="fleet_server",
        )
    return found


def is_local(host: str) -> bool:
    """Whether a server is spoken to by a socket of this machine."""
    return bool(host) and all(each.startswith(("/", "@")) for each in host.split(","))


def connect(address: ServerAddress) -> Connection:
    """A connection on which each statement is kept at once, unless it is in a transaction. The
    caller closes it. Raises FleetError and its children, SettingsError."""
    parameters = address.parameters()
    with reporting():
        opened = psycopg.connect(autocommit=True, **parameters)  # type: ignore[arg-type]
    if not is_local(str(parameters.get("host", ""))) and not opened.pgconn.ssl_in_use:
        opened.close()
        raise FleetError("The server of the fleet spoke without TLS.", "Switch TLS on there.")
    return opened


@contextmanager
def reporting() -> Iterator[None]:
    """Turns the server's errors into ours."""
    try:
        yield
    except psycopg.Error as error:
        raise translated(error) from error


@contextmanager
def one_view(connection: Connection) -> Iterator[None]:
    """What is read inside is of one moment, and nothing is changed."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


WRONG_LOGIN = "The server of the fleet refused the password of this kiosk."
NOT_LET_IN = "The server of the fleet does not let this kiosk in."
_BY_TEXT = (
    (
        r"password authentication failed|no password supplied",
        WRONG_LOGIN,
        "Join the fleet anew: `kiosk fleet invite` there, `kiosk fleet join` here.",
    ),
    (
        r"certificate verify failed|certificate authority|does not match host name|"
        r"root certificate",
        "The certificate of the fleet's server is not the one expected.",
        "Check fleet_server and fleet_authority, and whether the clock of this machine is right.",
    ),
    (
        r"server does not support SSL",
        "The server of the fleet speaks without TLS.",
        "Switch TLS on there (docs/fleet.md, The server).",
    ),
    (
        r"is not permitted to log in|role .* does not exist|no pg_hba.conf entry",
        NOT_LET_IN,
        "Ask whoever runs it whether this kiosk was revoked; join anew with a new invitation.",
    ),
    (
        r"database .* does not exist",
        "The server has no such database.",
        "Check fleet_server; `kiosk fleet init` fills an empty database.",
    ),
    (
        r"too many (clients|connections)|remaining connection slots",
        "The server of the fleet takes no more connections.",
        f"Raise max_connections there, or put PgBouncer before it. {_GOES_ON}",
    ),
    (
        r"session is read-only|not read-write",
        "No server of the fleet takes changes: those that answer are standbys.",
        f"Promote one (docs/fleet.md, Recovery). {_GOES_ON}",
    ),
)


def translated(error: psycopg.Error) -> KioskError:
    """Our error for one of the server's."""
    state, text = error.sqlstate or "", str(error)
    if state == "53100":
        return DiskFull(
            "The disk of the fleet's server is full; nothing of the last change was kept.",
            f"Make room there: what was done here waits. {_GOES_ON}",
        )
    if state in ("42P01", "3F000", "42883"):
        return FleetError(
            "The database of the fleet is empty or of another version.",
            "Run `kiosk fleet init` against it, which also brings an older one up.",
        )
    if state == "42501":
        return FleetError(
            "The server of the fleet does not allow this to this kiosk.",
            "It may be of another site, or revoked: see `kiosk fleet status`.",
        )
    if state.startswith(("57P", "08", "25006")) or state in ("53300", "40001", "40P01", "57014"):
        return FleetUnreachable("The server of the fleet is not ready.", _GOES_ON)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        for pattern, said, remedy in _BY_TEXT:
            if re.search(pattern, text):
                kind = (
                    FleetUnreachable if "remaining" in pattern or "read" in pattern else FleetError
                )
                return kind(said, remedy)
        return FleetUnreachable("The server of the fleet cannot be reached.", _GOES_ON)
    return BugError(f"the server of the fleet refused a statement: {state} {type(error).__name__}")


def require_version(found: int, known: int) -> None:
    """Raises NewerDatabase or FleetError where the server's schema is of another version."""
    if found > known:
        raise NewerDatabase(
            f"The server of the fleet is of version {found}; this kiosk knows {known}.",
            f"Update this kiosk. {_GOES_ON}",
        )
    if found < known:
        raise FleetError(
            f"The server of the fleet is of version {found}; this kiosk needs {known}.",
            "Run `kiosk fleet init` against the server, which brings it up.",
        )
