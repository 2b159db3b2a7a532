"""Writes events into the journal of systemd, by its native protocol.

One datagram an entry (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): NAME=VALUE lines, and for a
value that has line ends the name alone, its length in 64 bits, and the value.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from kiosk.core.outgoing import DeliveryFailure, EventChannel
from kiosk.runtime.delivery.channel import Body, NotDelivered

SOCKET = Path("/run/systemd/journal/socket")
_NOTICE = "5"


class Journal:
    """Implements `Channel`. `journalctl SYSLOG_IDENTIFIER=kiosk KIOSK_OUTCOME=identified`."""

    name = EventChannel.JOURNAL

    def __init__(self, place: Path = SOCKET, timeout: float = 10.0) -> None:
        self._place, self._timeout = place, timeout

    def send(self, uid: str, body: Body) -> str:
        """See `Channel`: an entry that the journal has taken cannot be lost on the way."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as opened:
                opened.settimeout(self._timeout)
                opened.connect(str(self._place))
                opened.send(entry(fields_of(body)))
        except TimeoutError as error:
            raise NotDelivered(DeliveryFailure.TIMEOUT) from error
        except PermissionError as error:
            raise NotDelivered(DeliveryFailure.DENIED) from error
        except OSError as error:
            raise NotDelivered(DeliveryFailure.ABSENT) from error
        return "written"

    def close(self) -> None:
        """Nothing stays open."""


def fields_of(body: Body) -> Mapping[str, str]:
    """The fields of an entry: each of the event under KIOSK_ and its name."""
    told = {f"KIOSK_{key.upper()}": _text(value) for key, value in body.items()}
    about = body.get("outcome", body.get("state", body["type"]))
    message = f"{body['type']}: {about}" if about != body["type"] else str(about)
    if body.get("subject_id") is not None:
        message += f", subject {body['subject_id']}"
    return {"MESSAGE": message, "PRIORITY": _NOTICE, "SYSLOG_IDENTIFIER": "kiosk", **told}


def entry(fields: Mapping[str, str]) -> bytes:
    """The datagram."""
    lines = []
    for name, value in fields.items():
        data = value.encode()
        if b"\n" in data:
            lines.append(name.encode() + b"\n" + struct.pack("<Q", len(data)) + data)
        else:
            lines.append(name.encode() + b"=" + data)
    return b"\n".join(lines) + b"\n"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
