"""Kiosks and server killed at any moment: whatever was acknowledged is there, once, everywhere."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from kiosk.core.errors import KioskError
from kiosk.runtime.fleet.sync import FleetSync
from kiosk.storage.postgres.connection import Connection, ServerAddress, connect
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk
from tests.support.postgres import CentralPlace, folder_for_server, run
from tests.support.postgres import Server as RealServer
from tests.support.storage_support import ADD, NEW, open_in, template

KILLS = int(os.environ.get("KIOSK_FLEET_KILLS", "6"))
OPERATIONS = int(os.environ.get("KIOSK_FLEET_OPERATIONS", "0"))
"""More of them for whoever looks longer: what is killed last has kept at least so many."""


class Child:
    """A kiosk at work in a process of its own, which says what it has kept."""

    def __init__(self, kiosk: FleetKiosk, number: int) -> None:
        self._read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._read)
            try:
                work(kiosk.folder, kiosk.server, f"{kiosk.name}-{number}", write)
            finally:
                os._exit(0)
        os.close(write)
        self.said = b""

    def hear(self, seconds: float) -> None:
        ready, _, _ = select.select([self._read], [], [], seconds)
        if ready:
            self.said += os.read(self._read, 65536)

    def kill(self) -> list[str]:
        """At once; what it said until then, whole lines alone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while piece := os.read(self._read, 65536):
            self.said += piece
        os.close(self._read)
        return [line.decode() for line in self.said.split(b"\n")[:-1]]


def work(folder: Path, server: str, prefix: str, write: int) -> None:
    """Enrol one after the other, add to each, and stay in step, until somebody ends it."""
    gallery, own = open_in(folder), open_in(folder)
    sync = FleetSync(own, server)
    for number in range(10_000):
        with suppress(KioskError):
            name = f"{prefix}-{number}"
            gallery.enrol(name, [template(number)], NEW)
            os.write(write, f"{name}\n".encode())
            gallery.enrol(name, [template(number + 1)], ADD)
            os.write(write, f"{name}+\n".encode())
        try:
            sync.greet()
            sync.round()
        except KioskError:
            sync.close()


def said(children: Iterable[Child]) -> int:
    """How much they have kept."""
    return sum(child.said.count(b"\n") for child in children)


def test_what_was_acknowledged_is_there_once_everywhere(
    place: CentralPlace, new_kiosk: NewKiosk
) -> None:
    some = random.Random(7)
    kiosks = [new_kiosk(name) for name in ("one", "two", "three")]
    for each in kiosks:
        each.sync.close()
    kept: set[str] = set()
    children = {each.name: Child(each, 0) for each in kiosks}
    for kill in range(1, KILLS + 1):
        limit = time.monotonic() + some.uniform(0.2, 1.5)
        wanted = OPERATIONS * kill // KILLS
        while time.monotonic() < limit or len(kept) + said(children.values()) < wanted:
            for child in children.values():
                child.hear(0.05)
        if kill % 3 == 0:
            place.server.stop()
            place.server.start()
            continue
        struck = some.choice(kiosks)
        kept.update(children[struck.name].kill())
        children[struck.name] = Child(struck, kill)
    for child in children.values():
        kept.update(child.kill())
    for _ in range(3):
        for each in kiosks:
            each.meet()
    names = {each for each in kept if not each.endswith("+")}
    assert names
    assert len(kept) >= OPERATIONS
    for each in kiosks:
        assert each.gallery.problems() == []
        found = each.gallery.summaries()
        have = {line.subject.name: line.face_templates for line in found}
        assert names <= have.keys()
        assert not any(name.endswith(")") for name in have)  # nobody came in twice
        wrong = [name for name in names if have[name] not in (1, 2)]
        wrong += [name[:-1] for name in kept - names if have[name[:-1]] != 2]
        assert wrong == []
        assert have == {
            line.subject.name: line.face_templates for line in kiosks[0].gallery.summaries()
        }


def test_a_standby_takes_over_and_a_moment_is_gone_back_to(tmp_path: Path) -> None:
    """A primary with archive and a synchronous standby; the primary is killed and the standby
    promoted; then the archive is played back to a moment before somebody was deleted."""
    with folder_for_server() as first, folder_for_server() as second, folder_for_server() as third:
        primary, standby, restored = (RealServer(each) for each in (first, second, third))
        try:
            _take_over(primary, standby, restored, tmp_path)
        finally:
            for each in (primary, standby, restored):
                each.stop()


def _take_over(
    primary: RealServer, standby: RealServer, restored: RealServer, tmp_path: Path
) -> None:
    primary.make()
    archive = primary.folder / "archive"
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    primary.start("archive_mode=on", f"archive_command=cp %p {archive}/%f", safe=True)
    base = ("-h", primary.folder, "-p", primary.port, "-U", "owner", "-X", "stream", "-c", "fast")
    run("pg_basebackup", *base, "-D", standby.data, "-R")
    run("pg_basebackup", *base, "-D", restored.data)
    standby.start("hot_standby=on", safe=True)
    with primary.owner() as owner:
        owner.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        owner.execute("SELECT pg_reload_conf()")
    place = CentralPlace(primary)
    both = (
        f"postgresql:///{place.database}?host={primary.folder},{standby.folder}"
        f"&port={primary.port},{standby.port}"
    )
    kiosk = FleetKiosk(place, tmp_path / "one", "one", server=both)
    try:
        kiosk.enrol("Ann", 1)
        kiosk.meet()
        _searches_at_the_standby(kiosk, both)
        with primary.owner() as owner:
            owner.execute("SELECT pg_create_restore_point('before')")
        kiosk.gallery.remove("Ann")
        kiosk.enrol("Bob", 2)
        kiosk.meet()
        with primary.owner() as owner:
            owner.execute("SELECT pg_switch_wal()")
            _until(lambda: _archived(owner), primary)
        primary.stop(signal.SIGKILL)
        kiosk.sync.close()
        with standby.owner() as owner:
            owner.execute("SELECT pg_promote()")
        kiosk.meet()
        place.server = standby
        with place.owner() as owner:
            rows = owner.execute("SELECT count(*) FROM kiosk.subjects").fetchone()
            assert rows == (1,)
        kiosk.enrol("Eve", 3)
        kiosk.meet()
        assert kiosk.names() == ["Bob", "Eve"]
        (restored.data / "recovery.signal").touch()
        restored.start(
            f"restore_command=cp {archive}/%f %p",
            "recovery_target_name=before",
            "recovery_target_action=promote",
            "archive_mode=off",
            safe=True,
        )
        place.server = restored
        with restored.owner() as owner:
            _until(lambda: _promoted(owner), restored)
        with place.owner() as owner:
            rows = owner.execute("SELECT count(*) FROM kiosk.removed").fetchone()
            assert rows == (0,)
            rows = owner.execute("SELECT count(*) FROM kiosk.subjects").fetchone()
            assert rows == (1,)
    finally:
        kiosk.close()


def _searches_at_the_standby(kiosk: FleetKiosk, both: str) -> None:
    """Searches are asked of the standby, everything else of the primary."""
    member = kiosk.sync.member
    for reading in (True, False):
        with connect(ServerAddress(both, member.role, member.password, reading=reading)) as line:
            assert line.execute("SELECT pg_is_in_recovery()").fetchone() == (reading,)


def _archived(owner: Connection) -> bool:
    row = owner.execute(
        "SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) "
        "FROM pg_stat_archiver"
    ).fetchone()
    return bool(row and row[0])


def _promoted(owner: Connection) -> bool:
    return owner.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)


def _until(wanted: Callable[[], bool], server: RealServer) -> None:
    limit = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < limit
        server.wait()
