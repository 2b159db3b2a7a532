"""A server that was put back, is damaged or of another version: named, and the replica stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import sql

from kiosk.core.errors import FleetError, NewerDatabase, StorageError
from kiosk.storage.postgres.administration import prune
from kiosk.storage.postgres.schema import STEPS
from kiosk.storage.sqlite import fleet_outbox
from kiosk.storage.sqlite.database import transaction
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk, firsts, meet_all
from tests.support.postgres import CentralPlace
from tests.support.storage_support import ADD, template


def copied(place: CentralPlace, *kiosks: FleetKiosk) -> str:
    """A copy of the server's database, made while nobody is in it."""
    for each in kiosks:
        each.sync.close()
    name = f"{place.database}_copy"
    with place.server.owner() as owner:
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(place.database)
            )
        )
    return name


def put_back(place: CentralPlace, copy: str, *kiosks: FleetKiosk) -> None:
    """The copy takes the place of the database."""
    for each in kiosks:
        each.sync.close()
    place.drop()
    with place.server.owner() as owner:
        owner.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(copy), sql.Identifier(place.database)
            )
        )


@pytest.mark.parametrize("forgotten", [False, True], ids=["kept", "forgotten"])
def test_a_server_put_back_is_told_again_what_it_lacks(
    place: CentralPlace, new_kiosk: NewKiosk, forgotten: bool
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.enrol("Ann", 1)
    two.enrol("Bob", 2)
    meet_all(one, two)
    copy = copied(place, one, two)
    one.enrol("Eve", 3)
    two.gallery.rename("Ann", "Anna")
    one.gallery.enrol("Bob", [template(4)], ADD)
    meet_all(one, two)
    two.gallery.enrol("Eve", [template(5)], ADD)
    meet_all(one, two)
    wanted = {"Anna": firsts(1), "Bob": firsts(2, 4), "Eve": firsts(3, 5)}
    assert {name: one.seeds(name) for name in one.names()} == wanted
    if forgotten:  # what was told is not kept here any more either: whom the server lacks is told
        for each in (one, two):
            with transaction(each.gallery.database):
                fleet_outbox.forget_told(each.gallery.database, datetime.now(UTC) + timedelta(1))
    put_back(place, copy, one, two)
    for _ in range(3):
        for each in (one, two):
            each.meet()
    if forgotten:
        wanted["Ann"] = wanted.pop("Anna")  # a name alone is nothing that only a kiosk has
    for each in (one, two):
        assert each.gallery.problems() == []
        assert {name: each.seeds(name) for name in each.names()} == wanted


def test_a_gap_in_the_feed_is_named(place: CentralPlace, new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    two.meet()
    for name in ("Ann", "Bob", "Eve"):
        one.enrol(name)
    one.meet()
    with place.owner() as owner:
        owner.execute("DELETE FROM kiosk.changes WHERE seq = 2")
    with pytest.raises(FleetError, match="has a gap at 2") as caught:
        two.meet()
    assert two.names() == []
    assert "kiosk fleet sync --anew" in caught.value.remedy
    two.sync.again()
    two.meet()
    assert two.names() == ["Ann", "Bob", "Eve"]


@pytest.mark.parametrize(
    ("table", "column"),
    [("subjects", "body"), ("templates", "sealed"), ("consents", "body")],
)
def test_a_row_that_does_not_decrypt_is_named(
    place: CentralPlace, new_kiosk: NewKiosk, table: str, column: str
) -> None:
    from kiosk.core.records import Consent

    one, two = new_kiosk("one"), new_kiosk("two")
    one.enrol("Ann")
    agreed = Consent(datetime(2026, 1, 1, tzinfo=UTC), "1", "en", "I agree.")
    one.gallery.give_consent("Ann", agreed)
    one.meet()
    with place.owner() as owner:
        owner.execute(
            sql.SQL("UPDATE kiosk.{0} SET {1} = set_byte({1}, 20, get_byte({1}, 20) # 1)").format(
                sql.Identifier(table), sql.Identifier(column)
            )
        )
    with pytest.raises(StorageError, match="does not decrypt"):
        two.meet()
    assert two.names() == []


def test_a_server_of_another_version_is_named(place: CentralPlace, new_kiosk: NewKiosk) -> None:
    one = new_kiosk("one")
    one.enrol("Ann")
    with place.owner() as owner:
        owner.execute("UPDATE kiosk.fleet SET version = %s", [len(STEPS) + 1])
        with pytest.raises(NewerDatabase) as newer:
            one.meet()
        owner.execute("UPDATE kiosk.fleet SET version = %s", [len(STEPS) - 1])
        with pytest.raises(FleetError, match="this kiosk needs") as older:
            one.meet()
        owner.execute("UPDATE kiosk.fleet SET version = %s", [len(STEPS)])
    assert "Update this kiosk" in newer.value.remedy
    assert "kiosk fleet init" in older.value.remedy
    one.meet()
    assert one.names() == ["Ann"]


def test_a_kiosk_away_for_too_long_takes_everybody_over_anew(
    place: CentralPlace, new_kiosk: NewKiosk
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    for name in ("Ann", "Bob"):
        one.enrol(name)
    meet_all(one, two)
    one.gallery.remove("Ann")
    one.enrol("Eve", 3)
    two.enrol("Kim", 4)
    one.meet()
    with place.owner() as owner:
        assert prune(owner, datetime.now(UTC) + timedelta(days=1)) == 4
    two.meet()
    meet_all(one, two, rounds=1)
    assert one.names() == two.names() == ["Bob", "Eve", "Kim"]


def test_a_database_that_is_no_fleet_is_named(place: CentralPlace, new_kiosk: NewKiosk) -> None:
    one = new_kiosk("one")
    with place.owner() as owner:
        owner.execute("DROP SCHEMA kiosk CASCADE")
    with pytest.raises(FleetError, match="empty or of another version"):
        one.meet()
