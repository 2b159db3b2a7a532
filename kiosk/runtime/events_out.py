"""Puts the ways out together: which are switched on, with what secrets, and who sends."""

from __future__ import annotations

import hashlib
import ipaddress
import shlex
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from kiosk.core.declared.events import chosen_channels
from kiosk.core.errors import SettingsError
from kiosk.core.outgoing import EventChannel, read_fields
from kiosk.core.settings import Settings
from kiosk.runtime.delivery.channel import Channel
from kiosk.runtime.delivery.lease import Lease, lease_file
from kiosk.runtime.delivery.secret_file import Secrets, read_secrets
from kiosk.runtime.delivery.sender import Backoff, Sender, Tell

Wake = Callable[[], None]
"""Called after a decision is kept; returns at once."""


@contextmanager
def delivering(
    settings: Settings, tell: Tell = lambda status: None, backoff: Backoff | None = None
) -> Iterator[Wake]:
    """While this lasts, what stands in the outbox is sent by every channel that is switched on;
    gives what wakes the senders. The gallery has to be open or made. Raises SettingsError."""
    from kiosk import storage

    senders = [
        Sender(
            channel,
            lambda: storage.open_outbox(settings.database, settings.key_file),
            Lease(lease_file(settings.database, channel.name)),
            read_fields(settings.event_fields),
            tell,
            backoff,
        )
        for channel in build_channels(settings)
    ]

    def wake() -> None:
        for sender in senders:
            sender.wake()

    for sender in senders:
        sender.start()
    try:
        yield wake
    finally:
        for sender in senders:
            sender.stop()


def build_channels(settings: Settings) -> list[Channel]:
    """Every channel that is switched on. Raises SettingsError where a secret is missing."""
    chosen = chosen_channels(settings)
    secrets = read_secrets(settings.event_secrets) if chosen else Secrets()
    return [_BUILDERS[each](settings, secrets) for each in chosen]


def exposed(settings: Settings, channel: EventChannel) -> str:
    """What to do where events go over a network that everybody on it can read; empty where they
    do not."""
    addresses = {
        EventChannel.WEBHOOK: settings.event_webhook,
        EventChannel.MQTT: settings.event_mqtt,
    }
    parts = urlsplit(addresses.get(channel, ""))
    if parts.scheme not in ("http", "mqtt") or _is_here(parts.hostname or ""):
        return ""
    return f"Everybody on the network can read it: use {parts.scheme}s://."


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _webhook(settings: Settings, secrets: Secrets) -> Channel:
    from kiosk.runtime.delivery.webhook import Webhook

    key = secrets.signing_key(settings.event_secrets)
    ca_file = secrets.path("webhook_ca")
    try:
        return Webhook(settings.event_webhook, key, settings.event_timeout, ca_file)
    except ssl.SSLError as error:
        raise SettingsError(
            f"webhook_ca: {ca_file} holds no certificate.", "Name a PEM file.", key="event_secrets"
        ) from error


def _mqtt(settings: Settings, secrets: Secrets) -> Channel:
    from kiosk.runtime.delivery.mqtt import BrokerAccess, Mqtt

    access = BrokerAccess(
        secrets.mqtt_username,
        secrets.mqtt_password,
        secrets.path("mqtt_ca"),
        secrets.path("mqtt_certificate"),
        secrets.path("mqtt_key"),
    )
    fields = read_fields(settings.event_fields)
    return Mqtt(settings.event_mqtt, access, settings.event_timeout, _client_id(settings), fields)


def _client_id(settings: Settings) -> str:
    """The same at every start of this kiosk, and of no other."""
    place = f"{socket.gethostname()}:{settings.database.resolve()}"
    return f"kiosk-{hashlib.blake2b(place.encode(), digest_size=6).hexdigest()}"


def _command(settings: Settings, _secrets: Secrets) -> Channel:
    from kiosk.runtime.delivery.command import Command

    return Command(shlex.split(settings.event_command), settings.event_timeout)


def _journal(settings: Settings, _secrets: Secrets) -> Channel:
    from kiosk.runtime.delivery.journal import Journal

    return Journal(timeout=settings.event_timeout)


_BUILDERS: dict[EventChannel, Callable[[Settings, Secrets], Channel]] = {
    EventChannel.WEBHOOK: _webhook,
    EventChannel.MQTT: _mqtt,
    EventChannel.COMMAND: _command,
    EventChannel.JOURNAL: _journal,
}
