"""A kiosk that was away takes over what it lacks: each person once, and what changed alone."""

from __future__ import annotations

import pytest

from kiosk.core.subjects import EnrolmentKind
from kiosk.runtime.fleet import sync
from kiosk.runtime.fleet.sync import FleetSync
from kiosk.storage.postgres.feed import CentralReader
from kiosk.storage.sqlite.replica import Replica
from tests.runtime.fleet.conftest import NewKiosk
from tests.support.fleet import FleetKiosk, firsts, meet_all, same
from tests.support.storage_support import ADD, NEW, open_in, template


@pytest.fixture
def two_kiosks(new_kiosk: NewKiosk) -> tuple[FleetKiosk, FleetKiosk]:
    """With the same four people."""
    one, two = new_kiosk("one"), new_kiosk("two")
    for number, name in enumerate(("Ann", "Bob", "Eve", "Kim")):
        one.enrol(name, number)
    meet_all(one, two)
    return one, two


def told(kiosk: FleetKiosk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """One round; of each transaction how many were told of, and of how many more than the name."""
    heard: list[tuple[int, int]] = []
    take = Replica.take

    def listened(self: Replica, persons, gone, place):  # type: ignore[no-untyped-def]
        heard.append((len(persons) + len(gone), sum(not each.bare for each in persons)))
        return take(self, persons, gone, place)

    with monkeypatch.context() as patched:
        patched.setattr(Replica, "take", listened)
        kiosk.meet()
    return heard


def test_however_often_somebody_was_changed_they_are_told_once(
    two_kiosks: tuple[FleetKiosk, FleetKiosk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = two_kiosks
    for number in range(5):
        one.gallery.rename("Ann" if not number else f"Ann {number - 1}", f"Ann {number}")
    one.gallery.enrol("Bob", [template(7)], ADD)
    one.gallery.remove("Kim")
    one.meet()
    assert told(two, monkeypatch) == [(3, 1)]
    same(one, two)
    assert two.seeds("Bob") == firsts(1, 7)
    assert told(two, monkeypatch) == []


def test_names_that_change_hands_arrive_in_one_go(
    two_kiosks: tuple[FleetKiosk, FleetKiosk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = two_kiosks
    for before, after in (("Ann", "x"), ("Bob", "Ann"), ("Eve", "Bob"), ("x", "Eve")):
        one.gallery.rename(before, after)
    one.meet()
    assert told(two, monkeypatch) == [(3, 0)]
    same(one, two)
    for before, after in (("Eve", "x"), ("Ann", "Eve"), ("x", "Ann")):
        one.gallery.rename(before, after)
    one.meet()
    two.meet()
    same(one, two)


def test_a_name_that_gave_way_and_came_back_is_right_again(
    two_kiosks: tuple[FleetKiosk, FleetKiosk],
) -> None:
    one, two = two_kiosks
    two.gallery.rename("Bob", "Ann B")
    one.gallery.rename("Ann", "Somebody")
    one.gallery.rename("Bob", "Ann")
    meet_all(one, two, rounds=3)
    same(one, two)
    two.gallery.enrol("Eve", [template(8)], ADD)
    meet_all(two, one)
    same(one, two)


def test_cut_off_it_goes_on_where_it_was(
    two_kiosks: tuple[FleetKiosk, FleetKiosk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PAGE", 2)
    monkeypatch.setattr(sync, "WHOLE", 1)
    one, two = two_kiosks
    for name in ("Ann", "Bob", "Eve", "Kim"):
        one.gallery.enrol(name, [template(9)], ADD)
    one.gallery.rename("Ann", "Anna")
    one.meet()
    seen: list[int] = []
    news = CentralReader.news

    def cut(self: CentralReader, *arguments):  # type: ignore[no-untyped-def]
        found = news(self, *arguments)
        seen.append(found.done)
        if len(seen) == 3:
            raise InterruptedError
        return found

    with monkeypatch.context() as patched:
        patched.setattr(CentralReader, "news", cut)
        with pytest.raises(InterruptedError):
            two.meet()
    assert two.seeds("Anna") == firsts(0, 9)
    assert two.seeds("Kim") == firsts(3)
    two.sync.close()
    two.sync = two.line()
    # The name of Ann comes later in the feed: she is told of again, and nothing has changed.
    assert told(two, monkeypatch) == [(1, 1), (2, 1)]
    same(one, two)


def test_pictures_come_when_the_kiosk_begins_to_keep_them(
    new_kiosk: NewKiosk,
) -> None:
    one, two = new_kiosk("one"), new_kiosk("two")
    one.gallery.enrol("Ann", [template(1)], EnrolmentKind.NEW, picture=b"jpeg")
    one.meet()
    own = open_in(two.folder)
    two.opened.append(own)
    without = FleetSync(own, two.server, keep_pictures=False)
    without.greet()
    without.round()
    without.close()
    (number,) = [each.subject_id for each in two.gallery.subjects()]
    assert two.gallery.pictures([number]) == {}
    two.sync.again()
    two.meet()
    assert two.gallery.pictures([number]) == {number: b"jpeg"}


def test_somebody_deleted_here_while_the_server_was_asked_stays_deleted(
    two_kiosks: tuple[FleetKiosk, FleetKiosk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = two_kiosks
    one.gallery.rename("Ann", "Anna")
    one.meet()
    news = CentralReader.news

    def meanwhile(self: CentralReader, *arguments):  # type: ignore[no-untyped-def]
        found = news(self, *arguments)
        two.gallery.remove("Ann")
        two.gallery.enrol("Lee", [template(6)], NEW)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(CentralReader, "news", meanwhile)
        two.meet()
    assert two.names() == ["Bob", "Eve", "Kim", "Lee"]
    meet_all(two, one)
    same(one, two)
