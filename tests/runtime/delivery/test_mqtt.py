"""MQTT 5 against a real mosquitto that is killed and started again, with passwords and with TLS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kiosk.core.outgoing import DeliveryFailure
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from kiosk.runtime.delivery.sender import Backoff
from kiosk.runtime.events_out import delivering
from kiosk.storage import SqlGallery, open_gallery
from tests.support.receivers import Mosquitto, Subscriber, Told, identified
from tests.support.storage_support import NEW, template

QUICK = Backoff(0.05, 0.2)
TOPIC = "house/door"
DECISIONS, STATUS = f"{TOPIC}/decision", f"{TOPIC}/status"
Broker = Callable[..., Mosquitto]


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """On the disk, also where other tests write in memory: mosquitto acknowledges what it takes
    before it saves it, and from a gallery in memory it has taken more than it saved when it is
    killed."""
    with TemporaryDirectory(prefix="kiosk-mqtt-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made: list[Mosquitto] = []

    def start(*lines: str) -> Mosquitto:
        made.append(Mosquitto(tmp_path, *lines))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.kill()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=tmp_path / "gallery.db",
        key_file=tmp_path / "gallery.key",
        event_secrets=tmp_path / "events.toml",
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


def to(
    broker: Mosquitto, settings: Settings, scheme: str = "mqtt", host: str = "127.0.0.1"
) -> Settings:
    return replace(settings, event_mqtt=f"{scheme}://{host}:{broker.port}/{TOPIC}")


def test_a_broker_killed_in_the_middle_is_told_everything_in_order(
    gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    mosquitto, told = broker(), Told()
    settings = to(mosquitto, settings)
    decide(gallery, settings, 10)
    listener = Subscriber(mosquitto.port)
    bodies = []
    with delivering(settings, told, QUICK) as wake:
        for _ in range(2):
            bodies += [json.loads(listener.next_on(DECISIONS).payload) for _ in range(5)]
            mosquitto.kill()
            decide(gallery, settings, 5)
            wake()
            told.until(lambda status: status.problem is not None)
            mosquitto.start()
            told.until(lambda status: status.waiting == 0)
        expected = [each.time.isoformat(timespec="milliseconds") for each in gallery.decisions()]
        seen = list(dict.fromkeys(body["time"] for body in bodies))
        while len(seen) < len(expected):
            body = json.loads(listener.next_on(DECISIONS).payload)
            seen = list(dict.fromkeys([*seen, body["time"]]))
    listener.close()
    assert seen == expected[::-1]
    assert len(seen) == 20


def test_the_broker_knows_whether_the_kiosk_is_there(
    gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    mosquitto, told = broker(), Told()
    settings = to(mosquitto, settings)
    listener = Subscriber(mosquitto.port)
    decide(gallery, settings, 1)
    with delivering(settings, told, QUICK):
        assert listener.next_on(STATUS).payload == b"online"
        told.until(lambda status: status.delivered == 1)
    assert listener.next_on(STATUS).payload == b"offline"
    listener.close()


def test_home_assistant_is_told_of_what_is_sent_and_of_nothing_else(
    gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    mosquitto, told = broker(), Told()
    settings = to(mosquitto, settings)
    decide(gallery, settings, 1)
    with delivering(settings, told, QUICK):
        told.until(lambda status: status.delivered == 1)
    listener = Subscriber(mosquitto.port)
    found: dict[str, dict[str, Any]] = {}
    while len(found) < 2:
        message = listener.messages.get(timeout=30)
        if message.topic.startswith("homeassistant/"):
            assert message.retain
            found[message.topic.split("/")[1]] = json.loads(message.payload)
    listener.close()
    assert set(found) == {"event", "sensor"}
    assert found["event"]["state_topic"] == DECISIONS
    assert "identified" in found["event"]["event_types"]
    assert "subject_id" in found["sensor"]["value_template"]
    assert found["event"]["device"] == found["sensor"]["device"]
    assert "name" not in found["sensor"]["value_template"]


def failure_of(settings: Settings) -> DeliveryFailure:
    told = Told()
    with delivering(settings, told, QUICK):
        status = told.until(lambda status: status.problem is not None)
    assert status.problem is not None
    assert status.waiting == 1
    return status.problem.failure


def give_password(settings: Settings, password: str) -> None:
    settings.event_secrets.write_text(
        f'mqtt_username = "kiosk"\nmqtt_password = "{password}"\n', encoding="utf-8"
    )
    settings.event_secrets.chmod(0o600)


def test_a_broker_with_passwords_lets_in_who_knows_one(
    tmp_path: Path, gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(passwords), "kiosk", "right one"], check=True
    )
    settings = to(broker(f"password_file {passwords}", "allow_anonymous false"), settings)
    decide(gallery, settings, 1)
    assert failure_of(settings) is DeliveryFailure.DENIED
    give_password(settings, "wrong one")
    assert failure_of(settings) is DeliveryFailure.DENIED
    give_password(settings, "right one")
    told = Told()
    with delivering(settings, told, QUICK):
        told.until(lambda status: status.delivered == 1)


def test_a_topic_that_is_forbidden_is_denied(
    tmp_path: Path, gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite other/#\n")
    settings = to(broker("allow_anonymous true", f"acl_file {rules}"), settings)
    decide(gallery, settings, 1)
    assert failure_of(settings) is DeliveryFailure.DENIED


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Certificate and key of a broker on this machine, signed by itself."""
    file, key = tmp_path / "broker.pem", tmp_path / "broker.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key),
         "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


# paho leaves a socket to Python's memory where the other side is not to be trusted.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_with_tls_only_a_certificate_that_holds_is_trusted(
    gallery: SqlGallery, settings: Settings, broker: Broker, certificate: tuple[Path, Path]
) -> None:
    file, key = certificate
    lines = (f"certfile {file}", f"keyfile {key}", "allow_anonymous true")
    settings = to(broker(*lines), settings, "mqtts", "localhost")
    decide(gallery, settings, 1)
    assert failure_of(settings) is DeliveryFailure.UNTRUSTED
    settings.event_secrets.write_text(f'mqtt_ca = "{file}"\n')
    settings.event_secrets.chmod(0o600)
    told = Told()
    with delivering(settings, told, QUICK):
        told.until(lambda status: status.delivered == 1)


def test_where_nobody_listens_that_is_said(
    gallery: SqlGallery, settings: Settings, broker: Broker
) -> None:
    mosquitto = broker()
    settings = to(mosquitto, settings)
    mosquitto.kill()
    decide(gallery, settings, 1)
    assert failure_of(settings) is DeliveryFailure.UNREACHABLE
