"""Publishes events to an MQTT 5 broker, and tells Home Assistant how to show them.

Every decision is published once more until the broker has acknowledged it (QoS 1); whether the
kiosk is there stands on a topic of its own, which the broker itself turns to "offline".
"""

from __future__ import annotations

import json
import queue
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.core.outgoing import CALL, DeliveryFailure, EventChannel
from kiosk.runtime.delivery.channel import Body, NotDelivered
from kiosk.runtime.delivery.home_assistant import discovery

DEFAULT_TOPIC = "kiosk"
PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEP_ALIVE = 30
"""Seconds after which a broker that is silent is asked whether it is still there."""
LOOPBACK = "127.0.0.1"
_FAILED = 0x80
_DENIED = {0x86, 0x87, 0x8C}
"""Bad user name or password, not authorized, bad authentication method."""


@dataclass(frozen=True)
class BrokerAccess:
    """With what the broker lets us in."""

    username: str = ""
    password: str = ""
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class _Address:
    host: str
    port: int
    tls: bool
    topic: str


def read_address(text: str) -> _Address:
    """The parts of mqtt://HOST:PORT/TOPIC."""
    parts = urlsplit(text)
    topic = unquote(parts.path).strip("/") or DEFAULT_TOPIC
    port = parts.port or PORTS[parts.scheme]
    return _Address(parts.hostname or "", port, parts.scheme == "mqtts", topic)


class Mqtt:
    """Implements `Channel`. `client_id` is the same at every start; `fields` are those sent, by
    which Home Assistant is told what to expect."""

    name = EventChannel.MQTT

    def __init__(
        self,
        address: str,
        access: BrokerAccess,
        timeout: float,
        client_id: str,
        fields: Sequence[str],
    ) -> None:
        self._address, self._access = read_address(address), access
        self._timeout, self._client_id = timeout, client_id
        self._client: Client | None = None
        self._answers: queue.Queue[tuple[int, ReasonCode]] = queue.Queue()
        self._connected: queue.Queue[ReasonCode | None] = queue.Queue()
        topic = self._address.topic
        self.status_topic, self.decision_topic = f"{topic}/status", f"{topic}/decision"
        self.call_topic = f"{topic}/{CALL}"
        self._announced = discovery(topic, client_id, fields)

    def send(self, uid: str, body: Body) -> str:
        """See `Channel`: acknowledged by the broker."""
        client = self._client
        if client is None or not client.is_connected():
            self.close()
            client = self._connect()
        try:
            return self._publish(client, uid, body)
        except NotDelivered:
            self.close()  # else paho would send what was not acknowledged beside our own attempt
            raise

    def close(self) -> None:
        """See `Channel`; the broker is told that the kiosk has gone."""
        client, self._client = self._client, None
        if client is None:
            return
        if client.is_connected():
            client.publish(self.status_topic, "offline", qos=0, retain=True)
        client.disconnect()
        client.loop_stop()

    def _publish(self, client: Client, uid: str, body: Body) -> str:
        properties = _new_properties(PacketTypes.PUBLISH)
        properties.ContentType = "application/json"
        properties.UserProperty = ("id", uid)
        content = json.dumps(body, ensure_ascii=False).encode()
        topic = self.call_topic if body["type"] == CALL else self.decision_topic
        made = client.publish(topic, content, qos=1, properties=properties)
        if made.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise NotDelivered(DeliveryFailure.UNREACHABLE)
        code = self._answer_to(made.mid)
        if code.value >= _FAILED:
            failure = DeliveryFailure.DENIED if code.value in _DENIED else DeliveryFailure.ANSWERED
            raise NotDelivered(failure, str(code.value))
        return str(code)

    def _answer_to(self, mid: int) -> ReasonCode:
        """The broker's acknowledgement of one message; others are of what was given up before."""
        end = time.monotonic() + self._timeout
        while (left := end - time.monotonic()) > 0:
            with suppress(queue.Empty):
                number, code = self._answers.get(timeout=left)
                if number == mid:
                    return code
        raise NotDelivered(DeliveryFailure.TIMEOUT)

    def _connect(self) -> Client:
        client = self._new_client()
        self._connected = queue.Queue()
        try:
            # paho binds before it connects: to every interface, unless it is told which.
            own = LOOPBACK if self._address.host in ("localhost", LOOPBACK) else ""
            client.connect(self._address.host, self._address.port, KEEP_ALIVE, bind_address=own)
        except TimeoutError as error:
            raise NotDelivered(DeliveryFailure.TIMEOUT) from error
        except ssl.SSLError as error:
            raise NotDelivered(DeliveryFailure.UNTRUSTED) from error
        except OSError as error:
            raise NotDelivered(DeliveryFailure.UNREACHABLE) from error
        self._client = client
        client.loop_start()
        try:
            code = self._connected.get(timeout=self._timeout)
        except queue.Empty:
            self.close()
            raise NotDelivered(DeliveryFailure.TIMEOUT) from None
        if code is None or code.value >= _FAILED:
            self.close()
            raise _not_let_in(code)
        return client

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.connect_timeout = self._timeout
        access = self._access
        if self._address.tls:
            client.tls_set(
                str(access.ca_file) if access.ca_file else None,
                str(access.certificate) if access.certificate else None,
                str(access.key) if access.key else None,
            )
        if access.username:
            client.username_pw_set(access.username, access.password or None)
        client.will_set(self.status_topic, "offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    # --- on paho's own thread, also after it has connected anew by itself ---------------------

    def _on_connect(
        self,
        client: Client,
        _data: Any,
        _flags: ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.value < _FAILED:
            for topic, content in self._announced.items():
                client.publish(topic, json.dumps(content), qos=0, retain=True)
            client.publish(self.status_topic, "online", qos=0, retain=True)
        self._connected.put(code)

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        _code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._connected.put(None)

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _properties: Properties
    ) -> None:
        self._answers.put((mid, code))


_new_properties: Callable[[int], Properties] = Properties
"""The class, which paho left without types."""


def _not_let_in(code: ReasonCode | None) -> NotDelivered:
    if code is None:
        return NotDelivered(DeliveryFailure.UNREACHABLE)
    failure = DeliveryFailure.DENIED if code.value in _DENIED else DeliveryFailure.ANSWERED
    return NotDelivered(failure, str(code.value))
