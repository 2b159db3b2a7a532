"""A disk that is really full, at the server and at a kiosk: small file systems of their own, where
the system lets us make them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from kiosk.core.errors import DiskFull
from kiosk.storage.sqlite import fleet_state
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk
from tests.support.postgres import CentralPlace, Server, folder_for_server
from tests.support.storage_support import NEW, template

_ALONE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
PEOPLE = 12


@contextmanager
def server_on_a_small_disk() -> Iterator[Server]:
    with folder_for_server() as folder:
        server = Server(folder)
        server.make()
        small = server.data.with_name("small")
        small.mkdir(mode=0o777)
        small.chmod(0o777)
        # PostgreSQL refuses to be root, also where that is another account's name for itself.
        server.within = (
            *_ALONE,
            f"mount -t tmpfs -o size=120m,mode=0700 none {small} && cp -a {server.data}/. {small} "
            f"&& mount --bind {small} {server.data} "
            '&& exec unshare --user --map-user=1000 --map-group=1000 "$@"',
            "sh",
        )
        server.start("max_wal_size=64MB")
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def _own_disks(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare on this system")
    command = f"mount -t tmpfs none '{tmp_path}' && unshare --user --map-user=1000 true"
    if subprocess.run([*_ALONE, command], check=False, capture_output=True).returncode:
        pytest.skip("no file system of our own on this system")


@pytest.mark.usefixtures("_own_disks")
def test_a_full_disk_at_the_server_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    with server_on_a_small_disk() as server:
        place = CentralPlace(server)
        kiosk = FleetKiosk(place, tmp_path / "one", "one")
        try:
            kiosk.gallery.enrol("Ann", [template(1, dims=512)], NEW)
            kiosk.meet()
            with place.owner() as owner:
                owner.execute("CREATE UNLOGGED TABLE filler (line text)")
                owner.execute("ALTER TABLE filler ALTER line SET STORAGE PLAIN")
                rows = 1000
                while rows:
                    try:
                        owner.execute(
                            "INSERT INTO filler SELECT repeat('x', 7000) "
                            "FROM generate_series(1, %s)",
                            [rows],
                        )
                    except psycopg.errors.DiskFull:
                        rows //= 2
                for number in range(PEOPLE):
                    kiosk.gallery.enrol(f"Person {number}", [template(number, dims=512)], NEW)
                with pytest.raises(DiskFull, match="server") as caught:
                    kiosk.meet()
                assert "goes on" in caught.value.remedy
                assert len(kiosk.names()) == PEOPLE + 1
                assert fleet_state.waiting(kiosk.gallery.database).count
                owner.execute("DROP TABLE filler")
                owner.execute("CHECKPOINT")
                kiosk.sync.close()
                kiosk.meet()
                assert not fleet_state.waiting(kiosk.gallery.database).count
                found = owner.execute("SELECT count(*) FROM kiosk.subjects").fetchone()
            assert found == (PEOPLE + 1,)
        finally:
            kiosk.close()


SCRIPT = """
import sys
from pathlib import Path
from kiosk.core.errors import DiskFull
from kiosk.runtime.fleet.sync import FleetSync
from tests.support.storage_support import open_in

folder, server = Path(sys.argv[1]), sys.argv[2]
gallery = open_in(folder)
sync = FleetSync(gallery, server)
sync.greet()
filler = folder / "filler"
try:
    with filler.open("wb") as stream:
        while True:
            stream.write(b"x" * 512)
            stream.flush()
except OSError:
    pass
try:
    sync.greet()
    sync.round()
    print("not full")
except DiskFull as error:
    print(error.text)
print([each.name for each in gallery.subjects()], gallery.problems())
filler.unlink()
sync.greet()
sync.round()
print(len(gallery.subjects()), gallery.problems(), gallery.trail_problems())
sync.close()
gallery.close()
"""


@pytest.mark.usefixtures("_own_disks")
def test_a_full_disk_at_a_kiosk_is_named_and_it_catches_up(
    new_kiosk: NewKiosk, tmp_path: Path
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.gallery.enrol("Ann", [template(1, dims=512)], NEW)
    one.meet()
    two.meet()
    for number in range(8):
        some = [template(each, dims=512) for each in range(30)]
        one.gallery.enrol(f"Person {number}", some, NEW)
    one.meet()
    two.close()
    small = tmp_path / "small"
    small.mkdir()
    command = (
        f"mount -t tmpfs -o size=4m,mode=0700 none '{small}' && cp -a '{two.folder}/.' '{small}' "
        f"&& exec '{sys.executable}' - '{small}' '{two.server}'"
    )
    done = subprocess.run(
        [*_ALONE, command], input=SCRIPT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "The disk is full; the last change was rolled back.",
        "['Ann'] []",
        "9 [] []",
    ], done.stderr
