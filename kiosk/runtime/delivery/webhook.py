"""Posts events to an address, signed as Standard Webhooks 1.0 says.

https://github.com/standard-webhooks/standard-webhooks: the headers webhook-id, webhook-timestamp
and webhook-signature, where the last is "v1," and the base64 of HMAC-SHA256 over id, timestamp and
body with full stops between them. Libraries of many languages check it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from kiosk import __version__
from kiosk.core.outgoing import DeliveryFailure, EventChannel
from kiosk.runtime.delivery.channel import Body, NotDelivered

REFUSALS = {400, 410, 413, 415, 422}
"""Answers that say that this event will never be taken; after any other it is sent again."""
LONGEST_PAUSE = 3600.0
"""Seconds that a receiver may ask for at most."""


class Webhook:
    """Implements `Channel`. The connection stays open between events; no redirection is followed
    and no proxy of the environment used."""

    name = EventChannel.WEBHOOK

    def __init__(
        self,
        address: str,
        secret: bytes,
        timeout: float,
        ca_file: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._address, self._secret, self._clock = address, secret, clock
        trusted = ssl.create_default_context(cafile=ca_file) if ca_file is not None else True
        self._client = httpx.Client(timeout=timeout, verify=trusted, trust_env=False)

    def send(self, uid: str, body: Body) -> str:
        """See `Channel`: any answer from 200 to 299 means that it has arrived."""
        content = json.dumps(body, ensure_ascii=False).encode()
        stamp = int(self._clock())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"kiosk/{__version__}",
            "webhook-id": uid,
            "webhook-timestamp": str(stamp),
            "webhook-signature": f"v1,{signature(self._secret, uid, stamp, content)}",
        }
        try:
            # The answer's own body is of no use and might be without end: it is not read.
            with self._client.stream(
                "POST", self._address, content=content, headers=headers
            ) as answer:
                _judge(answer)
                return f"{answer.status_code} {answer.reason_phrase}".strip()
        except httpx.TimeoutException as error:
            raise NotDelivered(DeliveryFailure.TIMEOUT) from error
        except httpx.HTTPError as error:
            untrusted = any(isinstance(each, ssl.SSLError) for each in _causes(error))
            failure = DeliveryFailure.UNTRUSTED if untrusted else DeliveryFailure.UNREACHABLE
            raise NotDelivered(failure) from error

    def close(self) -> None:
        """See `Channel`."""
        self._client.close()


def signature(secret: bytes, uid: str, stamp: int, content: bytes) -> str:
    """Base64 of the HMAC-SHA256 that the receiver compares."""
    signed = f"{uid}.{stamp}.".encode() + content
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode("ascii")


def _judge(answer: httpx.Response) -> None:
    """Raises NotDelivered for an answer that is none of success."""
    code = answer.status_code
    if answer.is_success:
        return
    failure = DeliveryFailure.DENIED if code in (401, 403) else DeliveryFailure.ANSWERED
    after = 0.0
    with suppress(ValueError):
        after = min(LONGEST_PAUSE, float(answer.headers.get("retry-after", "0")))
    raise NotDelivered(failure, str(code), refused=code in REFUSALS, after=after)


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
