"""`kiosk events`: what waits, what was given up, and whether the other side answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from kiosk.cli.events import REMEDIES
from kiosk.cli.main import cli
from kiosk.core.errors import DeliveryError, InputError, SettingsError
from kiosk.core.outgoing import DeliveryFailure, EventChannel, EventField, event_body, trial_body
from kiosk.storage import SqlGallery, open_outbox
from tests.support.paths import ROOT
from tests.support.receivers import SECRET, HttpReceiver, identified
from tests.support.storage_support import NEW, open_in, template

WEBHOOK = EventChannel.WEBHOOK


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[SqlGallery]:
    made = open_in(tmp_path)
    made.enrol("김민준", [template(1)], NEW)
    yield made
    made.close()


def events(folder: Path, *arguments: str, **pairs: str) -> Result:
    usual = {
        "database": str(folder / "data" / "gallery.db"),
        "key_file": str(folder / "config" / "gallery.key"),
        "event_secrets": str(folder / "events.toml"),
    }
    given = [word for key, value in (usual | pairs).items() for word in ("--set", f"{key}={value}")]
    return CliRunner().invoke(cli, [*given, "events", *arguments])


def give_up(folder: Path) -> int:
    """The first event becomes a dead letter; returns its id."""
    outbox = open_outbox(folder / "data" / "gallery.db", folder / "config" / "gallery.key")
    event = outbox.first_waiting(WEBHOOK)
    assert event is not None
    outbox.give_up(event.event_id, "answered 422")
    outbox.close()
    return event.event_id


def listed(folder: Path, *arguments: str) -> list[int]:
    result = events(folder, "list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [each["event_id"] for each in json.loads(result.stdout)]


def test_what_was_given_up_is_listed_retried_and_dropped(
    tmp_path: Path, gallery: SqlGallery
) -> None:
    for _ in range(3):
        gallery.record(identified(1, "김민준"), (), (WEBHOOK,))
    dead = give_up(tmp_path)
    assert "answered 422" in events(tmp_path, "list").stdout
    assert len(listed(tmp_path)) == 3
    assert listed(tmp_path, "--given-up") == [dead]
    assert "1 events wait again" in events(tmp_path, "retry", str(dead)).stdout
    assert listed(tmp_path, "--given-up") == []
    give_up(tmp_path)
    assert "1 events are dropped" in events(tmp_path, "drop", "--given-up").stdout
    assert json.loads(events(tmp_path, "retry", "--json").stdout) == {"waiting": 0}
    assert json.loads(events(tmp_path, "drop", "--given-up", "--json").stdout) == {"dropped": 0}
    assert len(listed(tmp_path)) == 2
    assert len(gallery.decisions()) == 3


def test_an_empty_outbox_is_said(tmp_path: Path, gallery: SqlGallery) -> None:
    assert "Nothing waits" in events(tmp_path, "list").stdout


def test_the_list_tells_what_would_be_sent_and_no_more(tmp_path: Path, gallery: SqlGallery) -> None:
    gallery.record(identified(1, "김민준"), (), (WEBHOOK,))
    assert "김민준" not in events(tmp_path, "list", "--json").stdout
    named = events(tmp_path, "list", "--json", event_fields="name,outcome").stdout
    (told,) = json.loads(named)
    assert set(told["body"]) == {"schema", "id", "type", "name", "outcome"}


def test_every_body_fits_the_published_schema(tmp_path: Path, gallery: SqlGallery) -> None:
    gallery.record(identified(1, "김민준"), (), (WEBHOOK,))
    outbox = open_outbox(tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key")
    (event,) = outbox.events()
    outbox.close()
    schema = json.loads((ROOT / "docs" / "schema" / "event.json").read_text("utf-8"))
    check = jsonschema.Draft202012Validator(schema).validate
    for fields in ((), tuple(EventField), (EventField.OUTCOME,)):
        check(event_body(event, fields))
    check(trial_body(event.uid, event.record.time))
    assert set(EventField) <= set(schema["properties"])
    with pytest.raises(jsonschema.ValidationError):
        check({**event_body(event, ()), "vector": [0.1]})


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("retry", "99"), InputError),
        (("drop", "99"), InputError),
        (("drop",), InputError),
        (("test",), SettingsError),
    ],
)
def test_what_cannot_be_done_is_refused(
    arguments: tuple[str, ...], kind: type[Exception], tmp_path: Path, gallery: SqlGallery
) -> None:
    assert isinstance(events(tmp_path, *arguments).exception, kind)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("event_webhook", "ftp://hub.example"),
        ("event_webhook", "hub.example/x"),
        ("event_webhook", "https://kiosk:secret@hub.example"),
        ("event_mqtt", "mqtt://"),
        ("event_mqtt", "mqtt://hub.example:99999"),
        ("event_command", "open 'door"),
        ("event_fields", "subject_id,vector"),
    ],
)
def test_a_wrong_setting_is_named(key: str, value: str, tmp_path: Path) -> None:
    error = events(tmp_path, "list", **{key: value}).exception
    assert isinstance(error, SettingsError)
    assert error.key == key
    assert "secret" not in error.text


def test_every_failure_has_a_remedy() -> None:
    assert set(REMEDIES) == set(DeliveryFailure)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[HttpReceiver]:
    made = HttpReceiver(tmp_path)
    made.start()
    yield made
    made.kill()


def test_a_test_event_says_what_the_other_side_answered(
    tmp_path: Path, receiver: HttpReceiver
) -> None:
    (tmp_path / "events.toml").write_text(f'webhook_secret = "whsec_{SECRET}"\n')
    (tmp_path / "events.toml").chmod(0o600)
    good = events(tmp_path, "test", event_webhook=receiver.address)
    assert good.exit_code == 0, good.output
    assert good.stdout == "webhook: 204 No Content\n"
    (body,) = receiver.received()
    assert (body["type"], set(body)) == ("test", {"schema", "id", "type", "time"})
    pairs = {"event_webhook": f"{receiver.address}refuse", "event_command": "/no/such/program"}
    bad = events(tmp_path, "test", "--json", **pairs)
    assert isinstance(bad.exception, DeliveryError)
    assert bad.exception.exit_code == 9
    told = {each["channel"]: each["problem"] for each in json.loads(bad.stdout)}
    assert told == {"webhook": "answered 422", "command": "absent"}


def test_a_secret_is_made_for_the_receiver(tmp_path: Path) -> None:
    missing = events(tmp_path, "test", event_webhook="http://127.0.0.1:9/")
    assert isinstance(missing.exception, SettingsError)
    assert "kiosk events secret" in missing.exception.remedy
    made = events(tmp_path, "secret")
    assert made.stdout.startswith("whsec_")
    assert made.stdout.strip() in (tmp_path / "events.toml").read_text()
