"""Two kiosks did different things without knowing of each other: the rules of docs/fleet.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kiosk.core.fleet import Outcome
from kiosk.core.records import Consent
from kiosk.storage.sqlite import fleet_state
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk, firsts, meet_all
from tests.support.storage_support import ADD, REPLACE, template

AGREED = Consent(datetime(2026, 1, 1, tzinfo=UTC), "1", "en", "I agree.")


def notices(kiosk: FleetKiosk) -> list[tuple[Outcome, str]]:
    return [(each.outcome, each.text) for each in fleet_state.notices(kiosk.gallery.database)]


def everybody(kiosk: FleetKiosk) -> dict[str, list[float]]:
    return {name: kiosk.seeds(name) for name in kiosk.names()}


def agree(one: FleetKiosk, two: FleetKiosk) -> dict[str, list[float]]:
    """After they have met, both have the same and are sound."""
    meet_all(one, two)
    assert everybody(one) == everybody(two)
    assert one.gallery.problems() == two.gallery.problems() == []
    return everybody(one)


@pytest.fixture
def both(new_kiosk: NewKiosk) -> tuple[FleetKiosk, FleetKiosk]:
    """Two kiosks that know Ann, Bob and Eve, enrolled with samples 1, 2 and 3."""
    one, two = new_kiosk("one"), new_kiosk("two")
    for seed, name in enumerate(("Ann", "Bob", "Eve"), start=1):
        one.enrol(name, seed)
    agree(one, two)
    return one, two


def test_one_name_at_two_kiosks_is_two_subjects(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.enrol("Kim", 4)
    two.enrol("KIM", 5)
    found = agree(one, two)
    assert (found["Kim"], found["KIM (2)"]) == (firsts(4), firsts(5))
    assert notices(two) == [(Outcome.RENAMED, "KIM (2)")]
    assert notices(one) == []
    one.gallery.join("Kim", "KIM (2)")
    assert agree(one, two)["Kim"] == firsts(4, 5)


def test_of_two_names_the_later_holds_and_the_other_is_told(
    both: tuple[FleetKiosk, FleetKiosk],
) -> None:
    one, two = both
    one.gallery.rename("Ann", "Anna")
    two.gallery.rename("Ann", "Annette")
    found = agree(one, two)
    assert found["Annette"] == firsts(1)
    assert "Anna" not in found
    assert notices(two) == [(Outcome.OVERTOOK, "Anna")]


def test_one_name_given_to_two_gets_a_number(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.rename("Ann", "Kim")
    two.gallery.rename("Bob", "Kim")
    found = agree(one, two)
    assert (found["Kim"], found["Kim (2)"]) == (firsts(1), firsts(2))
    assert notices(two) == [(Outcome.RENAMED, "Kim (2)")]


def test_names_that_were_exchanged_arrive_exchanged(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    for old, new in (("Ann", "X"), ("Bob", "Ann"), ("X", "Bob")):
        one.gallery.rename(old, new)
    found = agree(one, two)
    assert (found["Ann"], found["Bob"]) == (firsts(2), firsts(1))


@pytest.mark.parametrize(
    "change",
    [
        lambda gallery: gallery.rename("Ann", "Anna"),
        lambda gallery: gallery.enrol("Ann", [template(7)], ADD),
        lambda gallery: gallery.give_consent("Ann", AGREED),
    ],
    ids=["name", "templates", "consent"],
)
def test_whoever_is_removed_at_one_stays_removed(
    both: tuple[FleetKiosk, FleetKiosk], change: Callable[[object], None]
) -> None:
    one, two = both
    one.gallery.remove("Ann")
    change(two.gallery)
    assert set(agree(one, two)) == {"Bob", "Eve"}
    assert notices(two) == [(Outcome.GONE, "")]
    (left,) = two.gallery.database.execute(
        "SELECT count(*) FROM fleet_outbox WHERE form LIKE '%halves%' AND seq IS NULL"
    ).fetchone()
    assert not left


def test_removal_after_a_change_removes(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.rename("Ann", "Anna")
    two.gallery.remove("Ann")
    assert set(agree(one, two)) == {"Bob", "Eve"}


def test_merged_both_ways_is_one_with_everything(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.join("Ann", "Bob")
    two.gallery.join("Bob", "Ann")
    assert agree(one, two) == {"Ann": firsts(1, 2), "Eve": firsts(3)}


def test_merged_in_a_ring_is_one_with_everything(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.join("Ann", "Bob")
    two.gallery.join("Eve", "Ann")
    two.gallery.enrol("Bob", [template(8)], ADD)
    assert agree(one, two) == {"Eve": firsts(1, 2, 3, 8)}


def test_merged_at_one_and_changed_at_the_other(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.join("Ann", "Bob")
    two.gallery.enrol("Bob", [template(8)], ADD)
    assert agree(one, two)["Ann"] == firsts(1, 2, 8)


def test_merged_into_somebody_who_was_removed_stays(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.remove("Ann")
    two.gallery.join("Ann", "Bob")
    assert agree(one, two) == {"Bob": firsts(2), "Eve": firsts(3)}
    assert notices(two) == [(Outcome.GONE, "")]


def test_replaced_at_both_keeps_both_new_ones(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.enrol("Ann", [template(7)], REPLACE)
    two.gallery.enrol("Ann", [template(8)], REPLACE)
    assert agree(one, two)["Ann"] == firsts(7, 8)


def test_rolled_back_at_both_is_rolled_back_once(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.enrol("Ann", [template(7)], ADD)
    one.gallery.enrol("Ann", [template(8)], ADD)
    agree(one, two)
    one.gallery.roll_back("Ann")
    two.gallery.roll_back("Ann")
    assert agree(one, two)["Ann"] == firsts(1, 7)


def test_consent_taken_back_at_one_is_taken_back(both: tuple[FleetKiosk, FleetKiosk]) -> None:
    one, two = both
    one.gallery.give_consent("Ann", AGREED)
    agree(one, two)
    two.gallery.withdraw_consent("Ann")
    one.gallery.enrol("Ann", [template(7)], ADD)
    agree(one, two)
    for each in both:
        assert [given.withdrawn is not None for given in each.gallery.consents("Ann")] == [True]
    with one.place.owner() as owner:
        rows = owner.execute("SELECT kiosk FROM kiosk.receipts WHERE act = 'withdraw'").fetchall()
    assert len(set(rows)) == 2


def test_everything_of_a_merger_stays_when_its_kept_part_is_away(
    both: tuple[FleetKiosk, FleetKiosk],
) -> None:
    one, two = both
    two.gallery.enrol("Ann", [template(8)], ADD)
    one.gallery.join("Ann", "Bob")
    one.meet()
    two.sync.push()
    assert agree(one, two)["Ann"] == firsts(1, 2, 8)
