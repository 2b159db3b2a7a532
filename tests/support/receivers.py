"""The other sides of events out, real ones: an HTTP receiver and a mosquitto, to be killed."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.outgoing import ChannelStatus
from tests.support.http_receiver import LISTENING
from tests.support.paths import ROOT
from tests.support.servers import free_port, listening, stop, wait_ready

LIMIT = 60.0
"""Seconds for anything to arrive."""
OTHER_SECRET = "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3RzLCBub3QgdGhpcw=="
SECRET = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgbm90IG9mIGFueWJvZHk="
MOSQUITTO = "/usr/sbin/mosquitto"


def identified(subject_id: int, name: str) -> Decision:
    """Somebody was recognised."""
    top = Candidate(subject_id, name, 5.0, 0.99, face_score=0.71)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (Modality.FACE,), 0.99)


class HttpReceiver:
    """The program of `http_receiver`; where it was killed, `start` starts it on the same port."""

    def __init__(self, folder: Path, path: str = "/") -> None:
        self.file = folder / "received.jsonl"
        self.port = free_port()
        self.path = path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def start(self) -> None:
        arguments = (str(self.port), str(self.file), SECRET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.http_receiver", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        # Its own word for it: a sender that calls it at once may have let it die before we looked.
        assert self.next_uid() == LISTENING

    def kill(self) -> None:
        """As a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            stop(process)
            assert process.stdout is not None
            process.stdout.close()

    def next_uid(self) -> str:
        """The id of the next event, when it has arrived; empty where the receiver died."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def received(self) -> list[dict[str, Any]]:
        """Everything that arrived, duplicates as well."""
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]


def first_arrivals(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a receiver keeps that knows each id once."""
    return list({body["id"]: body for body in reversed(bodies)}.values())[::-1]


class Mosquitto:
    """A broker that keeps what it has taken, also where it is killed."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        store = folder / "store"
        store.mkdir(exist_ok=True)
        usual = ("allow_anonymous true",) if not lines else ()
        text = (
            f"listener {self.port} 127.0.0.1",
            "user root",
            "persistence true",
            f"persistence_location {store}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            *(lines or usual),
        )
        self._config.write_text("\n".join(text) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_ready(self._process, lambda: listening(self.port))

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            stop(process)


class Subscriber:
    """Listens to everything, and is given later what came while it was away."""

    def __init__(
        self, port: int, prepare: Callable[[Client], object] = lambda client: None
    ) -> None:
        self.messages: queue.Queue[MQTTMessage] = queue.Queue()
        self._ready: queue.Queue[object] = queue.Queue()
        made = Client(CallbackAPIVersion.VERSION2, "listener", protocol=MQTTProtocolVersion.MQTTv5)
        if prepare is not None:
            prepare(made)
        made.on_connect = self._on_connect
        made.on_subscribe = lambda *_: self._ready.put(True)
        made.on_message = lambda _client, _data, message: self.messages.put(message)
        made.reconnect_delay_set(1, 1)
        make: Callable[[int], Properties] = Properties
        lasting = make(PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 3600
        here = "127.0.0.1"
        made.connect(here, port, bind_address=here, clean_start=False, properties=lasting)
        made.loop_start()
        self._client = made
        self._ready.get(timeout=LIMIT)

    def _on_connect(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        _code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.subscribe("#", qos=1)

    def next_on(self, topic: str) -> MQTTMessage:
        """The next message of one topic; those of others are passed over."""
        while True:
            message = self.messages.get(timeout=LIMIT)
            if message.topic == topic:
                return message

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Told:
    """What the senders tell of themselves, to be waited for."""

    def __init__(self) -> None:
        self._queue: queue.Queue[ChannelStatus] = queue.Queue()

    def __call__(self, status: ChannelStatus) -> None:
        self._queue.put(status)

    def until(self, wanted: Callable[[ChannelStatus], bool]) -> ChannelStatus:
        """The first that is as wanted."""
        while True:
            status = self._queue.get(timeout=LIMIT)
            if wanted(status):
                return status
