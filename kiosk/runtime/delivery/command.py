"""Runs a program for every event, which stands on its standard input as one line of JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from kiosk.core.outgoing import DeliveryFailure, EventChannel
from kiosk.runtime.delivery.channel import Body, NotDelivered

REFUSED_CODE = 65
"""The exit code (EX_DATAERR of sysexits.h) that says: never send this one again."""


class Command:
    """Implements `Channel`. No shell; a program that takes longer than `timeout` seconds is killed
    with all it started. What it prints is thrown away."""

    name = EventChannel.COMMAND

    def __init__(self, words: Sequence[str], timeout: float) -> None:
        self._words = list(words)
        self._timeout = timeout

    def send(self, uid: str, body: Body) -> str:
        """See `Channel`: exit code 0 means that it has arrived."""
        line = json.dumps(body, ensure_ascii=False).encode() + b"\n"
        try:
            process = subprocess.Popen(  # noqa: S603  # what the operator named
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise NotDelivered(DeliveryFailure.ABSENT) from error
        with process:
            try:
                process.communicate(line, self._timeout)
            except subprocess.TimeoutExpired as error:
                _kill(process)
                raise NotDelivered(DeliveryFailure.TIMEOUT) from error
        code = process.returncode
        if code:
            refused = code == REFUSED_CODE
            raise NotDelivered(DeliveryFailure.ENDED, str(code), refused=refused)
        return "exit code 0"

    def close(self) -> None:
        """Nothing stays open."""


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
