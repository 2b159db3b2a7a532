"""The line between kiosk and server: TLS, refusals, and what is done while it is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core.errors import FleetError, FleetUnreachable, KnownError, SettingsError
from kiosk.storage.postgres.connection import Connection, ServerAddress, connect
from kiosk.storage.sqlite import fleet_state
from kiosk.storage.sqlite.database import transaction
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk, firsts, meet_all
from tests.support.line import Line, certificate
from tests.support.postgres import CentralPlace
from tests.support.storage_support import ADD, NEW, template


@pytest.fixture
def pem(tmp_path: Path) -> tuple[Path, Path]:
    return certificate(tmp_path / "tls")


@pytest.fixture
def line(place: CentralPlace, pem: tuple[Path, Path]) -> Iterator[Line]:
    opened = Line(place.server, pem)
    yield opened
    opened.close()


def refused(attempt: Callable[[], Connection]) -> KnownError:
    with pytest.raises(KnownError) as caught:
        attempt().close()
    assert caught.value.remedy
    return caught.value


def test_over_a_network_the_certificate_is_checked(
    place: CentralPlace, line: Line, pem: tuple[Path, Path], tmp_path: Path
) -> None:
    credentials = place.invite()
    address = ServerAddress(
        line.address(place.database), credentials.role, credentials.password, pem[0]
    )
    with connect(address) as opened:
        assert opened.pgconn.ssl_in_use
    other, _ = certificate(tmp_path / "other")
    assert "certificate" in refused(lambda: connect(replace(address, authority=other))).text
    assert "certificate" in refused(lambda: connect(replace(address, authority=Path()))).text
    wrong = replace(address, password="not this one")
    assert "password" in refused(lambda: connect(wrong)).text
    elsewhere = replace(address, server=line.address("nowhere"))
    assert "database" in refused(lambda: connect(elsewhere)).text
    plain = Line(place.server)
    try:
        without = replace(address, server=plain.address(place.database))
        assert "TLS" in refused(lambda: connect(without)).text
    finally:
        plain.close()
    line.cut()
    assert isinstance(refused(lambda: connect(address)), FleetUnreachable)


@pytest.mark.parametrize(
    "server",
    [
        "gallery.example",
        "postgresql://ann:secret@gallery.example/kiosk",
        "postgresql://gallery.example/kiosk?sslmode=disable",
        "postgresql://[::1/kiosk",
    ],
)
def test_an_address_that_would_be_weaker_is_refused(server: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ServerAddress(server).parameters()
    assert caught.value.key == "fleet_server"
    assert "secret" not in str(caught.value.remedy)


def test_a_role_sees_the_rows_of_its_sites_alone(place: CentralPlace) -> None:
    here, there = place.invite("here", ["main"]), place.invite("there", ["annex"])
    with place.connect(here) as opened, place.connect(there) as other:
        for connection, site in ((opened, "main"), (other, "annex")):
            connection.execute(
                """INSERT INTO kiosk.removed (site, subject, seq) VALUES (%s,
                   gen_random_uuid(), 1)""",
                [site],
            )
            rows = connection.execute("SELECT site FROM kiosk.removed").fetchall()
            assert rows == [(site,)]
            assert connection.execute("SELECT site FROM kiosk.sites").fetchall() == [(site,)]
        for statement in (
            "INSERT INTO kiosk.removed (site, subject, seq) VALUES ('annex', gen_random_uuid(), 2)",
            "UPDATE kiosk.changes SET act = 'change'",
            "DELETE FROM kiosk.operations",
            "SELECT * FROM kiosk.kiosks",
            "SELECT * FROM kiosk.audit_lines",
            "INSERT INTO kiosk.names (tag, subject, site) VALUES ('x', gen_random_uuid(), 'main')",
            "SELECT kiosk.make_site('mine')",
        ):
            with pytest.raises(Exception, match=r"permission denied|row-level security"):
                opened.execute(statement)


def test_whatever_is_done_without_a_line_is_told_later_and_once(
    place: CentralPlace, line: Line, pem: tuple[Path, Path], new_kiosk: NewKiosk
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    over(line, pem, two)
    line.torn = True
    one.enrol("Ann")
    one.meet()
    two.meet()
    line.cut()
    two.gallery.enrol("Bob", [template(2)], NEW)
    two.gallery.rename("Ann", "Anna")
    with pytest.raises(FleetUnreachable):
        two.meet()
    two.sync.close()
    assert two.names() == ["Anna", "Bob"]
    assert fleet_state.waiting(two.gallery.database).count == 2
    line.mend()
    two.meet()
    assert fleet_state.waiting(two.gallery.database).count == 0
    one.meet()
    assert one.names() == ["Anna", "Bob"]


def test_what_was_done_although_the_answer_was_lost_is_done_once(
    place: CentralPlace, line: Line, pem: tuple[Path, Path], new_kiosk: NewKiosk
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    over(line, pem, two)
    two.enrol("Ann")
    two.gallery.enrol("Ann", [template(2)], ADD)
    line.unanswered = b"COMMIT"
    with pytest.raises(FleetUnreachable):
        two.meet()
    assert fleet_state.waiting(two.gallery.database).count == 2
    with place.owner() as owner:
        assert owner.execute("SELECT count(*) FROM kiosk.operations").fetchone() == (2,)
    two.sync.close()
    two.meet()
    one.meet()
    with place.owner() as owner:
        assert owner.execute("SELECT count(*) FROM kiosk.operations").fetchone() == (2,)
    assert fleet_state.waiting(two.gallery.database).count == 0
    assert (one.names(), one.seeds("Ann")) == (["Ann"], two.seeds("Ann"))


def test_kiosks_that_overtake_each_other_come_to_one_state(
    place: CentralPlace, line: Line, pem: tuple[Path, Path], new_kiosk: NewKiosk
) -> None:
    kiosks = [new_kiosk(name) for name in ("one", "two", "three")]
    kiosks[0].enrol("Ann")
    for each in kiosks:
        over(line, pem, each)
        each.meet()
    line.jitter, line.torn = 0.004, True
    for number, each in enumerate(kiosks):
        each.gallery.rename("Ann", f"Ann {number}")
        each.gallery.enrol(f"Ann {number}", [template(number + 1)], ADD)
        each.enrol("Bob", number + 5)
    with ThreadPoolExecutor(len(kiosks)) as pool:
        list(pool.map(FleetKiosk.meet, kiosks))
    line.jitter = 0.0
    meet_all(*kiosks)
    names = kiosks[0].names()
    assert len(names) == 4
    assert [name for name in names if name.startswith("Bob")] == ["Bob", "Bob (2)", "Bob (3)"]
    for each in kiosks:
        assert each.names() == names
        assert each.gallery.problems() == []
        assert each.seeds(names[0]) == firsts(1, 1, 2, 3)
        assert fleet_state.waiting(each.gallery.database).count == 0


def over(line: Line, pem: tuple[Path, Path], kiosk: FleetKiosk) -> None:
    """From now on a kiosk speaks to its server over this line."""
    kiosk.sync.close()
    kiosk.sync._address = replace(
        kiosk.sync._address, server=line.address(kiosk.place.database), authority=pem[0]
    )


def test_a_kiosk_that_is_there_twice_or_put_back_is_named(new_kiosk: NewKiosk) -> None:
    one = new_kiosk("one")
    one.enrol("Ann")
    one.meet()
    again = one.line()
    one.enrol("Bob", 2)
    one.meet()
    again.greet()  # the same machine: what it says comes from the same gallery
    again.close()
    again = one.line()
    form = fleet_state.member_form(one.gallery.database)
    one.meet()
    with transaction(one.gallery.database):  # as a copy of the gallery from before would have it
        fleet_state.keep_member(one.gallery.database, form or {})
    with pytest.raises(FleetError, match="put back from an older copy") as caught:
        again.greet()
    assert "kiosk fleet sync --restored" in caught.value.remedy
    again.restored()
    again.greet()
    again.close()
    one.meet()
