"""`kiosk events`: what waits to be sent, what was given up, and whether the other side answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kiosk.core.declared.events import chosen_channels
from kiosk.core.errors import DeliveryError, InputError, SettingsError
from kiosk.core.outgoing import (
    DeliveryFailure,
    EventChannel,
    OutboxEvent,
    event_body,
    read_fields,
    trial_body,
)
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.runtime.delivery.channel import Channel

REMEDIES: Mapping[DeliveryFailure, str] = {
    DeliveryFailure.UNREACHABLE: "Check the address, and that the other side runs.",
    DeliveryFailure.TIMEOUT: "Check the other side, or give it more time with event_timeout.",
    DeliveryFailure.UNTRUSTED: "Name its authority as webhook_ca or mqtt_ca in event_secrets.",
    DeliveryFailure.DENIED: "Check name, password or secret in event_secrets.",
    DeliveryFailure.ANSWERED: "See the log of the other side.",
    DeliveryFailure.ENDED: "Run the command by hand and see what it says.",
    DeliveryFailure.ABSENT: "Check event_command; the journal needs a system with systemd.",
}


@click.group()
def events() -> None:
    """See, try and mend what is sent of every decision.

    Where events go stands in the settings event_webhook, event_mqtt, event_command and
    event_journal, what they hold in event_fields. An event waits in the encrypted gallery until it
    has arrived; one that the other side refuses, or that fails for three days, is given up and
    kept until you retry or drop it.

    \b
    Examples:
      kiosk events test
      kiosk events list --given-up
      kiosk events retry
      kiosk events drop 17 18
    """


@events.command("list")
@click.option("--given-up", is_flag=True, help="Only those that were given up.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with what would be sent.")
@click.pass_obj
def list_events(settings: Settings, given_up: bool, as_json: bool) -> None:
    """Show what waits and what was given up, oldest first.

    \b
    kiosk events list --json
    """
    from kiosk import storage

    outbox = storage.open_outbox(settings.database, settings.key_file)
    try:
        found = [each for each in outbox.events() if each.given_up or not given_up]
    finally:
        outbox.close()
    if as_json:
        told = [_as_dict(each, settings) for each in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Nothing waits and nothing was given up.")
        return
    table = Table("id", "channel", "decided", "attempts", "state", "problem", box=None)
    for each in found:
        state = "given up" if each.given_up else f"next at {each.due.astimezone():%H:%M:%S}"
        decided = f"{each.record.time.astimezone():%Y-%m-%d %H:%M:%S}"
        row = (each.event_id, each.channel, decided, each.attempts, state, each.problem)
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@events.command()
@click.argument("event_ids", nargs=-1, type=int, metavar="[ID]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def retry(settings: Settings, event_ids: tuple[int, ...], as_json: bool) -> None:
    """Let events that were given up, those of these IDs or all, be sent again.

    A running kiosk sends them within seconds, else the next one that is started.

    \b
    kiosk events retry
    """
    from kiosk import storage

    outbox = storage.open_outbox(settings.database, settings.key_file)
    try:
        _require([each for each in outbox.events() if each.given_up], event_ids)
        count = outbox.retry(event_ids or None)
    finally:
        outbox.close()
    click.echo(json.dumps({"waiting": count}) if as_json else f"{count} events wait again.")


@events.command()
@click.argument("event_ids", nargs=-1, type=int, metavar="[ID]...")
@click.option("--given-up", is_flag=True, help="All that were given up.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def drop(settings: Settings, event_ids: tuple[int, ...], given_up: bool, as_json: bool) -> None:
    """Forget events, which are then never sent; their decisions stay.

    \b
    kiosk events drop 17
    """
    from kiosk import storage

    if not event_ids and not given_up:
        raise InputError("No event is named.", "Give IDs of `kiosk events list`, or --given-up.")
    outbox = storage.open_outbox(settings.database, settings.key_file)
    try:
        kept = outbox.events()
        _require(kept, event_ids)
        dead = [each.event_id for each in kept if each.given_up and given_up]
        count = outbox.drop({*event_ids, *dead})
    finally:
        outbox.close()
    click.echo(json.dumps({"dropped": count}) if as_json else f"{count} events are dropped.")


@events.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def test(settings: Settings, as_json: bool) -> None:
    """Send a test event by every channel that is switched on, and say what the other side answers.

    It is of the type "test", names nobody and is tried once. Exit code 9 if one did not arrive.

    \b
    kiosk events test
    """
    from kiosk.runtime.events_out import build_channels

    if not chosen_channels(settings):
        raise SettingsError(
            "No way out is switched on.",
            "Set event_webhook, event_mqtt, event_command or event_journal.",
            key="event_webhook",
        )
    told = [_tried(channel) for channel in build_channels(settings)]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for each in told:
            click.echo(f"{each['channel']}: {each['answer'] or each['problem']}")
    failed = [each for each in told if each["problem"]]
    if failed:
        names = ", ".join(each["channel"] for each in failed)
        remedy = " ".join(dict.fromkeys(each["remedy"] for each in failed))
        raise DeliveryError(f"The test event did not arrive by {names}.", remedy)


@events.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def secret(settings: Settings, as_json: bool) -> None:
    """Make the secret by which webhooks are signed, and show it once for the receiver.

    It is kept in the file of event_secrets, mode 0600.

    \b
    kiosk events secret
    """
    from kiosk.runtime.delivery.secret_file import make_secret

    made = make_secret(settings.event_secrets)
    click.echo(json.dumps({"secret": made}) if as_json else made)
    click.echo(f"kiosk: kept in {settings.event_secrets}; give it to the receiver.", err=True)


def _tried(channel: Channel) -> dict[str, Any]:
    from kiosk.runtime.delivery.channel import NotDelivered

    uid = str(uuid4())
    told = {"channel": str(channel.name), "id": uid, "answer": "", "problem": "", "remedy": ""}
    try:
        told["answer"] = channel.send(uid, trial_body(uid, datetime.now(UTC)))
    except NotDelivered as error:
        told["problem"] = str(error.problem)
        told["remedy"] = REMEDIES[error.problem.failure]
    finally:
        channel.close()
    return told


def _require(kept: Sequence[OutboxEvent], event_ids: Sequence[int]) -> None:
    """Raises InputError for an id that none of them has."""
    known = {each.event_id for each in kept}
    missing = [str(number) for number in event_ids if number not in known]
    if missing:
        raise InputError(
            f"There is no such event: {', '.join(missing)}.", "See `kiosk events list`."
        )


def _as_dict(event: OutboxEvent, settings: Settings) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "channel": str(EventChannel(event.channel)),
        "attempts": event.attempts,
        "due": event.due.isoformat(),
        "given_up": event.given_up.isoformat() if event.given_up else None,
        "problem": event.problem,
        "body": event_body(event, read_fields(settings.event_fields)),
    }
