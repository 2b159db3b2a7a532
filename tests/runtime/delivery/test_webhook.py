"""Webhooks against a real receiver that is killed, started again, refuses, hangs and dies."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from kiosk.core.outgoing import DeliveryFailure, EventChannel
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from kiosk.runtime.delivery.sender import Backoff
from kiosk.runtime.events_out import delivering
from kiosk.storage import SqlGallery, open_gallery, open_outbox
from tests.support.receivers import (
    OTHER_SECRET,
    SECRET,
    HttpReceiver,
    Told,
    first_arrivals,
    identified,
)
from tests.support.storage_support import NEW, template

QUICK = Backoff(0.02, 0.1)
CONTEXT = multiprocessing.get_context("forkserver")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[HttpReceiver]:
    made = HttpReceiver(tmp_path)
    yield made
    made.kill()


@pytest.fixture
def settings(tmp_path: Path, receiver: HttpReceiver) -> Settings:
    secrets = tmp_path / "events.toml"
    secrets.write_text(f'webhook_secret = "whsec_{SECRET}"\n')
    secrets.chmod(0o600)
    return Settings(
        database=tmp_path / "gallery.db",
        key_file=tmp_path / "gallery.key",
        event_webhook=receiver.address,
        event_secrets=secrets,
        event_timeout=5.0,
    )


@pytest.fixture
def gallery(settings: Settings) -> Iterator[SqlGallery]:
    made = open_gallery(settings.database, settings.key_file)
    made.enrol("Ann", [template(1)], NEW)
    yield made
    made.close()


def decide(gallery: SqlGallery, settings: Settings, count: int) -> None:
    log = VisitLog(gallery, settings)
    for _ in range(count):
        log.decided(identified(1, "Ann"), ())


def told_in_order(gallery: SqlGallery, receiver: HttpReceiver) -> bool:
    """Whether a receiver that knows each id once was told every decision in order."""
    times = [body["time"] for body in first_arrivals(receiver.received())]
    kept = [each.time.isoformat(timespec="milliseconds") for each in gallery.decisions()]
    return times == kept[::-1]


def test_what_is_decided_arrives_signed_with_the_usual_fields_alone(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.start()
    with delivering(settings) as wake:
        VisitLog(gallery, settings, recorded=wake).decided(identified(1, "Ann"), ())
        uid = receiver.next_uid()
    (body,) = receiver.received()
    assert set(body) == {"schema", "id", "type", "subject_id", "outcome", "time"}
    assert (body["id"], body["subject_id"], body["outcome"]) == (uid, 1, "identified")
    assert "Ann" not in receiver.file.read_text("utf-8")


def test_a_receiver_killed_in_the_middle_is_told_everything_in_order(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    told = Told()
    decide(gallery, settings, 20)
    with delivering(settings, told, QUICK) as wake:
        for _ in range(2):
            receiver.start()
            for _ in range(5):
                receiver.next_uid()
            receiver.kill()
            decide(gallery, settings, 5)
            wake()
            told.until(lambda status: status.problem is not None)
        receiver.start()
        told.until(lambda status: status.waiting == 0)
    assert told_in_order(gallery, receiver)
    assert len(gallery.decisions()) == 30


def test_an_event_that_was_not_answered_is_sent_again_under_its_id(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.path = "/die/3"
    told = Told()
    decide(gallery, settings, 6)
    receiver.start()
    with delivering(replace(settings, event_webhook=receiver.address), told, QUICK):
        while receiver.next_uid():
            pass
        receiver.kill()
        receiver.start()  # counts anew, and so dies once more at its third
        while receiver.next_uid():
            pass
        receiver.kill()
        receiver.start()
        told.until(lambda status: status.waiting == 0)
    received = receiver.received()
    assert len(received) > len(first_arrivals(received)) == 6
    assert told_in_order(gallery, receiver)


def send_for_ever(settings: Settings, ready: Event) -> None:
    with delivering(settings, backoff=QUICK):
        ready.set()
        CONTEXT.Event().wait()


def test_a_kiosk_killed_in_the_middle_goes_on_at_its_next_start(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    told = Told()
    decide(gallery, settings, 30)
    receiver.start()
    for _ in range(3):
        ready = CONTEXT.Event()
        process = CONTEXT.Process(target=send_for_ever, args=(settings, ready))
        process.start()
        assert ready.wait(60)
        for _ in range(4):
            receiver.next_uid()
        process.kill()
        process.join()
    with delivering(settings, told, QUICK):
        told.until(lambda status: status.waiting == 0)
    assert told_in_order(gallery, receiver)
    assert gallery.problems() == []


def test_of_two_processes_one_sends(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    first, second = Told(), Told()
    receiver.start()
    with delivering(settings, first, QUICK) as wake:
        first.until(lambda status: True)  # it has the lease
        with delivering(settings, second, QUICK) as other:
            decide(gallery, settings, 20)
            wake()
            other()
            first.until(lambda status: status.delivered == 20)
    assert len(receiver.received()) == 20


def test_what_is_refused_is_given_up_and_the_next_one_sent(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.start()
    told = Told()
    decide(gallery, settings, 2)
    refusing = replace(settings, event_webhook=f"{receiver.address}refuse")
    with delivering(refusing, told, QUICK):
        status = told.until(lambda status: status.given_up == 2)
    assert status.problem is not None
    assert (status.problem.failure, status.problem.detail) == (DeliveryFailure.ANSWERED, "422")
    outbox = open_outbox(settings.database, settings.key_file)
    assert outbox.retry() == 2
    outbox.close()
    with delivering(settings, told, QUICK):
        told.until(lambda status: status.delivered == 2)
    assert told_in_order(gallery, receiver)


@pytest.mark.parametrize(
    ("path", "failure"),
    [("busy", DeliveryFailure.ANSWERED), ("hang", DeliveryFailure.TIMEOUT)],
)
def test_a_receiver_that_cannot_now_is_asked_again(
    path: str,
    failure: DeliveryFailure,
    gallery: SqlGallery,
    settings: Settings,
    receiver: HttpReceiver,
) -> None:
    receiver.start()
    told = Told()
    decide(gallery, settings, 1)
    poor = replace(settings, event_webhook=f"{receiver.address}{path}", event_timeout=0.2)
    with delivering(poor, told, QUICK):
        status = told.until(lambda status: status.problem is not None)
    assert status.problem is not None
    assert status.problem.failure is failure
    assert (status.waiting, status.given_up) == (1, 0)


def test_a_wrong_secret_is_said_and_nothing_is_lost(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.start()
    told = Told()
    decide(gallery, settings, 1)
    settings.event_secrets.write_text(f'webhook_secret = "whsec_{OTHER_SECRET}"\n')
    with delivering(settings, told, QUICK):
        status = told.until(lambda status: status.problem is not None)
    assert status.problem is not None
    assert status.problem.failure is DeliveryFailure.DENIED
    assert receiver.received() == []


def test_a_receiver_that_hangs_delays_no_visit(
    gallery: SqlGallery, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.start()
    told = Told()
    slow = replace(settings, event_webhook=f"{receiver.address}hang", event_timeout=60.0)
    decide(gallery, slow, 1)
    with delivering(slow, told, QUICK) as wake:
        log = VisitLog(gallery, slow, recorded=wake)
        began = time.monotonic()
        for _ in range(20):
            log.decided(identified(1, "Ann"), ())
        passed = time.monotonic() - began
        receiver.kill()  # which ends the attempt
        told.until(lambda status: status.problem is not None)
    assert passed < slow.event_timeout / 2


def test_without_a_channel_no_thread_is_started(gallery: SqlGallery, tmp_path: Path) -> None:
    quiet = Settings(database=tmp_path / "gallery.db", key_file=tmp_path / "gallery.key")
    with delivering(quiet):
        decide(gallery, quiet, 1)
    outbox = open_outbox(quiet.database, quiet.key_file)
    assert outbox.counts().get(EventChannel.WEBHOOK) is None
    outbox.close()
