"""The thread that follows the fleet while the kiosk runs, and a kiosk that is put out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import pytest
from psycopg.errors import InsufficientPrivilege

from kiosk.core.errors import StorageError
from kiosk.core.fleet import FleetState, FleetStatus
from kiosk.core.media import Modality
from kiosk.core.records import Consent
from kiosk.core.settings import Settings
from kiosk.core.status import Light, RuntimeStatus, Trouble, Verdict
from kiosk.inference import manifest
from kiosk.runtime.fleet.service import apply_settings, following, wrong_clock
from kiosk.runtime.status_file import StatusWriter, status_path
from kiosk.server.service import Service
from kiosk.storage.postgres.administration import (
    audit_problems,
    overview,
    reseal,
    revoke,
    roll_out,
    set_ring,
)
from kiosk.storage.postgres.connection import ServerAddress, connect
from kiosk.storage.postgres.parts import Body
from kiosk.storage.postgres.sealing import Sealing
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk, meet_all
from tests.support.postgres import CentralPlace
from tests.support.storage_support import NEW, open_in, template

PATIENCE = 120.0


class Heard:
    """What the thread tells."""

    def __init__(self) -> None:
        self.said: queue.Queue[FleetStatus] = queue.Queue()
        self.last: FleetStatus | None = None

    def until(self, wanted: Callable[[FleetStatus], bool]) -> FleetStatus:
        while True:
            self.last = self.said.get(timeout=PATIENCE)
            if wanted(self.last):
                return self.last


@contextmanager
def running(kiosk: FleetKiosk, server: str | None = None) -> Iterator[Heard]:
    """The kiosk's own thread in the place of the rounds that tests make."""
    kiosk.sync.close()
    heard = Heard()
    with following(settings_of(kiosk, server), heard.said.put):
        yield heard


def settings_of(kiosk: FleetKiosk, server: str | None = None) -> Settings:
    return Settings(
        database=kiosk.folder / "data" / "gallery.db",
        key_file=kiosk.folder / "config" / "gallery.key",
        fleet_server=server or kiosk.server,
    )


def until(wanted: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    limit, tick = PATIENCE, threading.Event()
    while not wanted():
        assert limit > 0
        tick.wait(0.05)
        limit -= 0.05


def test_a_change_reaches_a_running_kiosk_by_itself(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    with running(one) as first, running(two) as second:
        first.until(lambda status: status.state is FleetState.CURRENT)
        second.until(lambda status: status.state is FleetState.CURRENT)
        one.enrol("Ann")
        until(lambda: two.names() == ["Ann"])
        two.gallery.rename("Ann", "Anna")
        until(lambda: one.names() == ["Anna"])


def test_a_server_that_goes_and_comes_back_is_followed_again(
    new_kiosk: NewKiosk, place_server_restart: Callable[[str], None]
) -> None:
    one = new_kiosk("one")
    with running(one) as heard:
        heard.until(lambda status: status.state is FleetState.CURRENT)
        place_server_restart("stop")
        gone = heard.until(lambda status: status.state is FleetState.UNREACHABLE)
        assert gone.remedy.startswith("The kiosk goes on")
        assert gone.contact is not None
        one.enrol("Ann")
        assert one.gallery.population([(Modality.FACE, "net")]) == 1
        place_server_restart("start")
        heard.until(lambda status: status.state is FleetState.CURRENT and not status.waiting)
    two = new_kiosk("two")
    two.meet()
    assert two.names() == ["Ann"]


@pytest.fixture
def place_server_restart(place: CentralPlace) -> Iterator[Callable[[str], None]]:
    """Stops the server as a power cut would, and starts it again."""
    server = place.server

    def do(what: str) -> None:
        if what == "stop":
            with server.owner() as owner:  # the tests' server keeps nothing at once by itself
                owner.execute("CHECKPOINT")
            server.stop()
        else:
            server.start()

    yield do
    if server.process is None:
        server.start()


def test_a_stolen_kiosk_destroys_what_it_has_when_it_asks(new_kiosk: NewKiosk) -> None:
    one, stolen = new_kiosk("one"), new_kiosk("stolen")
    agreed = Consent(datetime(2026, 1, 1, tzinfo=UTC), "1", "en", "I agree.")
    one.gallery.enrol("Ann", [template(1)], NEW, consent=agreed, picture=b"jpeg")
    meet_all(one, stolen)
    with one.place.owner() as owner:
        one.sync.greet()
        sealing = revoke(owner, "stolen", one.sync.sealing)
        assert reseal(owner, sealing) > 0
        assert reseal(owner, sealing) == 0
        one.sync.again()
        with pytest.raises(StorageError, match="key number 2"):
            one.sync.round()
        one.meet()  # it has the new key
        assert one.sync.member.keys.newest == 2
        only = Sealing(sealing.keys.only(2))
        for subject, body in owner.execute("SELECT subject, body FROM kiosk.subjects").fetchall():
            assert Body.opened(only, subject, body).name == "Ann"
        (line,) = [each for each in overview(owner) if each.name == "stolen"]
        assert line.revoked
        assert not line.destroyed
        assert stolen.names() == ["Ann"]
        with running(stolen) as heard:
            heard.until(lambda status: status.state is FleetState.REVOKED)
        assert stolen.names() == []
        assert not (stolen.folder / "config" / "gallery.key").exists()
        (line,) = [each for each in overview(owner) if each.name == "stolen"]
        assert line.destroyed
    opened = open_in(stolen.folder)
    assert opened.subjects() == []
    opened.close()


@pytest.mark.parametrize("how", ["revoked", "left"])
def test_whoever_is_out_is_told_nothing_and_changes_nothing(new_kiosk: NewKiosk, how: str) -> None:
    one, gone = new_kiosk("one"), new_kiosk("gone")
    one.enrol("Ann")
    meet_all(one, gone)
    with one.place.owner() as owner:
        before = owner.execute("SELECT tag, subject, site FROM kiosk.names").fetchall()
        ((tag, subject, site),) = before
        if how == "revoked":
            revoke(owner, "gone", one.sync.sealing)
        else:
            gone.sync.connection.execute("SELECT kiosk.leave()")
        asked: tuple[tuple[LiteralString, list[object]], ...] = (
            ("SELECT * FROM kiosk.overview()", []),
            ("SELECT kiosk.name_taken(%s)", [tag]),
            ("SELECT kiosk.release_name(%s)", [subject]),
            ("SELECT kiosk.claim_name(%s, %s, %s)", [b"x" * 32, subject, site]),
            ("SELECT kiosk.model_number('face', 'junk', 7)", []),
            ("SELECT * FROM kiosk.sites", []),
            ("SELECT * FROM kiosk.retention", []),
        )
        for query, values in asked:
            with (
                connect(
                    ServerAddress(gone.server, gone.sync.member.role, gone.sync.member.password)
                ) as line,
                pytest.raises(InsufficientPrivilege),
            ):
                line.execute(query, values)
        assert owner.execute("SELECT tag, subject, site FROM kiosk.names").fetchall() == before


def test_settings_reach_the_kiosks_of_a_ring(new_kiosk: NewKiosk, tmp_path: Path) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    with one.place.owner() as owner:
        set_ring(owner, "two", 1)
        number = roll_out(owner, {"result_seconds": 20}, 0)
        assert one.sync.rollouts() == [(number, {"result_seconds": 20})]
        assert two.sync.rollouts() == []
        file = tmp_path / "kiosk.toml"
        one.sync.rolled_out(number, apply_settings({"result_seconds": 20}, file))
        assert "result_seconds = 20" in file.read_text()
        assert one.sync.rollouts() == []
    assert "each kiosk's own" in apply_settings({"fleet_server": "x"}, file)
    assert apply_settings({"result_seconds": -1}, file)
    assert "= 20" in file.read_text()


def test_a_model_is_taken_only_where_its_file_is(tmp_path: Path) -> None:
    file, own = tmp_path / "kiosk.toml", Settings(models=tmp_path / "none")
    fetched = next(
        name
        for name, entry in manifest.embedders(Modality.FACE).items()
        if entry.origin in (manifest.Origin.FETCH, manifest.Origin.USER)
    )
    assert "update" in apply_settings({"face_model": "of-tomorrow"}, file, own).lower()
    lacking = apply_settings({"face_model": fetched}, file, own)
    assert "missing" in lacking
    assert fetched in lacking
    assert not file.exists()
    assert apply_settings({"face_model": "face-mobile", "voice_model": "auto"}, file, own) == ""
    assert 'face_model = "face-mobile"' in file.read_text()


def test_the_records_of_all_kiosks_are_verified_together(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.enrol("Ann")
    meet_all(one, two)
    with one.place.owner() as owner:
        count = owner.execute("SELECT count(*) FROM kiosk.audit_lines").fetchone()
        assert count is not None
        assert count[0] > 4
        assert audit_problems(owner) == []
        owner.execute("UPDATE kiosk.audit_lines SET act = 'left' WHERE line = 2")
        assert len(audit_problems(owner)) == 2
        owner.execute("DELETE FROM kiosk.audit_lines WHERE line = 2")
        assert all("lines 2 to 2 are missing" in each for each in audit_problems(owner))


def test_clocks_that_differ_are_told() -> None:
    assert wrong_clock(20.0) == ("", "")
    assert "2.0 hours ahead of" in wrong_clock(7200.0)[0]
    assert "2.0 hours behind" in wrong_clock(-7200.0)[0]


def test_the_service_counts_how_it_stands(new_kiosk: NewKiosk) -> None:
    one = new_kiosk("one")
    one.sync.close()
    service = Service(settings_of(one), local=True)
    assert "kiosk_fleet_current 0.0" in service.counters.text().decode()
    with following(service.settings, service.steps.fleet):
        until(lambda: "kiosk_fleet_current 1.0" in service.counters.text().decode())
    told = service.counters.text().decode()
    assert "kiosk_fleet_waiting 0.0" in told
    assert "kiosk_fleet_contact_timestamp_seconds 1." in told
    assert "kiosk_fleet" not in Service(Settings(), local=True).counters.text().decode()


def test_what_the_running_kiosk_says_of_itself_reaches_the_server(
    place: CentralPlace, new_kiosk: NewKiosk
) -> None:
    kiosk = new_kiosk("door")
    file = status_path(settings_of(kiosk))

    def told() -> tuple[str, bool]:
        with place.owner() as owner:
            row = owner.execute(
                """SELECT light, started < clock_timestamp() - interval '59 minutes'
                   FROM kiosk.kiosks WHERE name = 'door'"""
            ).fetchone()
            assert row is not None
            (line,) = overview(owner)
        assert line.light == row[0]
        return row[0], bool(row[1])

    with StatusWriter(file, Sick()), running(kiosk):
        until(lambda: told() == ("red", True))
    with running(kiosk):  # its screens have ended, and wrote no more
        until(lambda: told()[0] == "")


class Sick:
    """A kiosk that has been running for an hour and is out of order."""

    def pulse(self) -> RuntimeStatus:
        return replace(RuntimeStatus(), running_seconds=3600.0)

    def verdict(self) -> Verdict:
        return Verdict(Light.RED, (Trouble.OUT_OF_ORDER,), ())
