"""What is done at one kiosk is at the others, and a visit is answered from its own gallery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiosk.core.media import Modality
from kiosk.core.records import Consent, Origin
from kiosk.storage.sqlite import fleet_state
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import firsts, meet_all, same
from tests.support.storage_support import ADD, NEW, REPLACE, VOICE, template

AGREED = Consent(datetime(2026, 1, 1, tzinfo=UTC), "1", "en", "I agree.", "Ms Kim")


def test_every_change_of_a_person_reaches_another_kiosk(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    gallery = one.gallery
    gallery.enrol("Ann", [template(1), template(2, VOICE)], NEW, "second floor", AGREED, b"jpeg")
    gallery.enrol("Bob", [template(3)], NEW, origin=Origin.SELF)
    gallery.enrol("Eve", [template(9)], NEW)
    meet_all(one, two)
    same(one, two)
    assert two.seeds("Ann") == firsts(1, 2)
    for change in (
        lambda: gallery.enrol("Ann", [template(4)], ADD, "third floor"),
        lambda: gallery.enrol("Ann", [template(5)], REPLACE),
        lambda: gallery.roll_back("Ann"),
        lambda: gallery.confirm("Bob"),
        lambda: gallery.rename("Bob", "Robert"),
        lambda: gallery.give_consent("Robert", AGREED),
        lambda: gallery.withdraw_consent("Ann"),
        lambda: gallery.keep_withdrawn("Ann", "labour law"),
        lambda: gallery.join("Robert", "Eve"),
        lambda: gallery.remove("Ann"),
    ):
        change()
        meet_all(one, two, rounds=1)
        same(one, two)
    assert two.names() == ["Robert"]


def test_what_was_merged_can_be_rolled_back_elsewhere(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.enrol("Ann", 1)
    one.enrol("Annie", 2)
    meet_all(one, two)
    one.gallery.join("Ann", "Annie")
    meet_all(one, two)
    assert two.seeds("Ann") == firsts(1, 2)
    two.gallery.roll_back("Ann")
    meet_all(two, one)
    assert one.seeds("Ann") == two.seeds("Ann") == firsts(1)
    same(one, two)


def test_two_ways_of_one_subject_come_to_one_state(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.enrol("Ann", 1)
    meet_all(one, two)
    one.gallery.enrol("Ann", [template(2)], ADD)
    two.gallery.enrol("Ann", [template(3, VOICE)], ADD)
    two.gallery.give_consent("Ann", AGREED)
    meet_all(one, two)
    same(one, two)
    assert one.seeds("Ann") == firsts(1, 2, 3)


def test_a_running_engine_notices_what_was_taken_over(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    assert two.gallery.population([(Modality.FACE, "net")]) == 0
    one.enrol("Ann")
    meet_all(one, two, rounds=1)
    assert two.gallery.population([(Modality.FACE, "net")]) == 1
    one.gallery.give_consent("Ann", AGREED)
    one.gallery.withdraw_consent("Ann")
    meet_all(one, two, rounds=1)
    assert two.gallery.population([(Modality.FACE, "net")]) == 0


def test_a_kiosk_has_the_people_of_its_sites_alone(new_kiosk: NewKiosk) -> None:
    one, two = new_kiosk("one"), new_kiosk("two", sites=("annex",))
    both = new_kiosk("both", sites=("annex", "main"))
    one.enrol("Ann")
    two.enrol("Bob")
    meet_all(one, two, both)
    assert (one.names(), two.names(), both.names()) == (["Ann"], ["Bob"], ["Ann", "Bob"])
    with both.place.owner() as owner:
        owner.execute("DELETE FROM kiosk.memberships WHERE NOT home")
    both.meet()
    assert both.names() == ["Bob"]
    assert one.names() == ["Ann"]


def test_whoever_was_enrolled_before_joining_is_told(new_kiosk: NewKiosk) -> None:
    one = new_kiosk("one")
    one.enrol("Ann")
    one.sync.close()
    assert fleet_state.waiting(one.gallery.database).count == 1
    one.meet()
    assert fleet_state.waiting(one.gallery.database).count == 0


def test_a_snapshot_goes_on_in_the_middle(
    new_kiosk: NewKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.runtime.fleet import sync

    monkeypatch.setattr(sync, "PAGE", 3)
    one = new_kiosk("one")
    for number in range(10):
        one.enrol(f"Person {number}", number)
    one.meet()
    two = new_kiosk("two")
    heard = []

    class Cut(Exception):
        pass

    def cut(done: int, of: int) -> None:
        heard.append((done, of))
        if len(heard) == 2:
            raise Cut

    two.sync._tell = cut
    with pytest.raises(Cut):
        two.meet()
    assert len(two.names()) == 6
    one.gallery.remove("Person 0")
    one.gallery.rename("Person 9", "Somebody")
    one.meet()
    two.sync.close()
    two.sync = two.line()
    two.meet()
    same(one, two)
    assert heard == [(3, 10), (6, 10)]
