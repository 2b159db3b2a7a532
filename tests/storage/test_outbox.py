"""What waits to be sent: put in with its decision, in order, gone with it; in every gallery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.outgoing import (
    SCHEMA,
    EventChannel,
    EventField,
    OutboxEvent,
    event_body,
    read_fields,
    trial_body,
)
from kiosk.core.ports.outbox import Outbox
from kiosk.core.records import CallState, DecisionRecord
from kiosk.storage import MemoryGallery, SqlGallery, SqlOutbox
from tests.support.receivers import identified
from tests.support.storage_support import NEW, AnyGallery, Ticking, plain_database, template

WEBHOOK, MQTT = EventChannel.WEBHOOK, EventChannel.MQTT
BOTH = (WEBHOOK, MQTT)
Pair = tuple[AnyGallery, Outbox]


def sqlite() -> Pair:
    clock = Ticking()
    gallery = SqlGallery(plain_database(), clock)
    return gallery, SqlOutbox(gallery.database, clock)


def memory() -> Pair:
    gallery = MemoryGallery(Ticking())
    return gallery, gallery.outbox


@pytest.fixture(params=[sqlite, memory])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    make: Callable[[], Pair] = request.param
    gallery, outbox = make()
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Ben", [template(2)], NEW)
    yield gallery, outbox
    gallery.close()


def of_decision(event: OutboxEvent) -> DecisionRecord:
    assert isinstance(event.record, DecisionRecord)
    return event.record


def test_each_channel_has_its_own_event_under_one_id_and_in_order(pair: Pair) -> None:
    gallery, outbox = pair
    decisions = [gallery.record(identified(1, "Ann"), (), BOTH) for _ in range(3)]
    assert len({each.uid for each in outbox.events()}) == 3
    for number in decisions:
        for channel in BOTH:
            first = outbox.first_waiting(channel)
            assert first is not None
            assert of_decision(first).decision_id == number
            outbox.delivered(first.event_id)
    assert outbox.counts() == {}


def test_without_a_channel_nothing_waits(pair: Pair) -> None:
    gallery, outbox = pair
    gallery.record(identified(1, "Ann"))
    assert outbox.events() == []


def test_what_fails_is_put_off_given_up_and_tried_again(pair: Pair) -> None:
    gallery, outbox = pair
    gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    gallery.record(identified(2, "Ben"), (), (WEBHOOK,))
    first, second = outbox.events()
    due = first.due + timedelta(minutes=1)
    outbox.postpone(first.event_id, due, "timeout")
    waiting = outbox.first_waiting(WEBHOOK)
    assert waiting is not None
    assert (waiting.event_id, waiting.due, waiting.attempts) == (first.event_id, due, 1)
    assert waiting.problem == "timeout"
    outbox.give_up(first.event_id, "answered 422")
    waiting = outbox.first_waiting(WEBHOOK)
    assert waiting is not None
    assert waiting.event_id == second.event_id
    assert outbox.counts() == {WEBHOOK: (1, 1)}
    dead = outbox.events()[0]
    assert dead.given_up is not None
    assert (dead.attempts, dead.problem) == (2, "answered 422")
    assert outbox.retry([second.event_id]) == 0
    assert outbox.retry() == 1
    waiting = outbox.first_waiting(WEBHOOK)
    assert waiting is not None
    assert (waiting.event_id, waiting.attempts) == (first.event_id, 0)
    assert outbox.drop([first.event_id, 999]) == 1
    assert outbox.counts() == {WEBHOOK: (1, 0)}


def test_nothing_is_told_of_who_was_deleted_or_whose_decision_was_forgotten(pair: Pair) -> None:
    gallery, outbox = pair
    gallery.record(identified(1, "Ann"), (), BOTH)
    gallery.record(identified(2, "Ben"), (), (WEBHOOK,))
    gallery.remove("Ann")
    assert [of_decision(each).name for each in outbox.events()] == ["Ben"]
    gallery.purge_decisions(datetime(2030, 1, 1, tzinfo=UTC))
    assert outbox.events() == []


def test_two_who_became_one_are_told_under_the_name_that_is_left(pair: Pair) -> None:
    gallery, outbox = pair
    gallery.record(identified(2, "Ben"), (), (WEBHOOK,))
    gallery.join("Ann", "Ben")
    (event,) = outbox.events()
    told = of_decision(event)
    assert (told.subject_id, told.name) == (1, "Ann")


def test_a_call_for_staff_is_told_once_more_taken_back_and_over(pair: Pair) -> None:
    gallery, outbox = pair
    assert gallery.open_call() is None
    call = gallery.call_staff(BOTH)
    again = gallery.call_staff((WEBHOOK,))
    assert gallery.open_call() == call == again
    gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    gallery.end_call(call.call_id, CallState.TAKEN_BACK, (WEBHOOK,))
    gallery.end_call(call.call_id, CallState.ANSWERED, (WEBHOOK,))  # over already
    assert gallery.open_call() is None
    told = [event_body(each, ()) for each in outbox.events()]
    assert [(each["type"], each.get("state")) for each in told] == [
        ("call", "called"),
        ("call", "called"),
        ("call", "called"),
        ("decision", None),
        ("call", "taken_back"),
    ]
    assert {each["call_id"] for each in told if each["type"] == "call"} == {call.call_id}
    assert told[0]["id"] == told[1]["id"] != told[2]["id"]
    assert told[0]["time"] < told[2]["time"] < told[4]["time"]
    assert set(told[0]) == {"schema", "id", "type", "call_id", "state", "time"}
    gallery.purge_decisions(datetime(2030, 1, 1, tzinfo=UTC))
    assert outbox.events() == []
    assert gallery.call_staff().call_id != call.call_id


def test_only_the_fields_that_were_chosen_are_told(pair: Pair) -> None:
    gallery, outbox = pair
    gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    (event,) = outbox.events()
    usual = event_body(event, read_fields("subject_id,outcome,time"))
    assert set(usual) == {"schema", "id", "type", "subject_id", "outcome", "time"}
    assert (usual["subject_id"], usual["outcome"]) == (1, "identified")
    everything = event_body(event, list(EventField))
    assert (everything["name"], everything["modalities"]) == ("Ann", ["face"])
    assert (everything["face_score"], everything["voice_score"]) == (0.71, None)


def test_of_a_stranger_the_nearest_person_is_not_told(pair: Pair) -> None:
    gallery, outbox = pair
    near = identified(1, "Ann").candidates
    gallery.record(Decision(DecisionOutcome.UNKNOWN, near), (), (WEBHOOK,))
    (event,) = outbox.events()
    told = event_body(event, list(EventField))
    assert (told["subject_id"], told["name"], told["outcome"]) == (None, None, "unknown")


def test_the_outbox_of_a_file_is_opened_beside_its_gallery(tmp_path: Path) -> None:
    places = tmp_path / "gallery.db", tmp_path / "gallery.key"
    gallery = SqlGallery.open(*places)
    gallery.enrol("Ann", [template(1)], NEW)
    number = gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    outbox = SqlOutbox.open(*places)
    (event,) = outbox.events()
    assert of_decision(event).decision_id == number
    outbox.delivered(event.event_id)
    assert outbox.counts() == {}
    outbox.close()
    outbox.close()
    gallery.close()


def test_a_decision_that_cannot_be_kept_leaves_no_event(tmp_path: Path) -> None:
    gallery = SqlGallery.open(tmp_path / "gallery.db", tmp_path / "gallery.key")
    gallery.database.execute("DROP TABLE outbox")
    with pytest.raises(Exception, match="outbox"):
        gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    assert gallery.decisions() == []
    gallery.close()


def test_the_event_of_a_trial_is_of_nobody() -> None:
    told = trial_body("abc", datetime(2026, 11, 30, 9, 5, 1, 250_999, UTC))
    time = "2026-11-30T09:05:01.250+00:00"
    assert told == {"schema": SCHEMA, "id": "abc", "type": "test", "time": time}


def test_dropped_events_are_counted_once(pair: Pair) -> None:
    gallery, outbox = pair
    for _ in range(3):
        gallery.record(identified(1, "Ann"), (), (WEBHOOK,))
    first, second, third = (each.event_id for each in outbox.events())
    assert outbox.drop([first, third, 99]) == 2
    assert [each.event_id for each in outbox.events()] == [second]
    assert outbox.drop([first]) == 0
    assert outbox.drop([]) == 0
