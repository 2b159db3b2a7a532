"""What the kiosk tells the service manager that started it: ready, alive, ending.

systemd reads datagrams from the socket that it names in NOTIFY_SOCKET (sd_notify(3)). Without one
nothing is told. Nothing of a visit is ever among it.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)

PINGS_PER_LIMIT = 3
"""So often within the watchdog's limit the kiosk says that it is alive."""


class ServiceManager:
    """The manager that an environment names, or nobody."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        self._address = _address(found.get("NOTIFY_SOCKET", ""))
        self.watchdog = _limit(found) if self._address else None
        """Seconds within which a sign of life is wanted; None for never."""

    @property
    def ping_every(self) -> float | None:
        """Seconds between two signs of life."""
        return None if self.watchdog is None else self.watchdog / PINGS_PER_LIMIT

    def ready(self) -> None:
        """The kiosk does its work, or shows why it cannot."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The watchdog's time begins anew."""
        self._tell("WATCHDOG=1")

    def ending(self) -> None:
        """The kiosk was asked to end and does."""
        self._tell("STOPPING=1")

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.settimeout(1.0)
                sender.connect(self._address)
                sender.sendall(text.encode())
        except OSError as error:
            _log.warning("the service manager does not listen: %s", type(error).__name__)


def _address(text: str) -> str:
    """The socket's address; `@` stands for the abstract name space. Others are not for us."""
    if text.startswith("@"):
        return "\0" + text[1:]
    return text if text.startswith("/") else ""


def _limit(environment: Mapping[str, str]) -> float | None:
    """The watchdog's limit in seconds, where it is meant for this process."""
    whose = environment.get("WATCHDOG_PID", "")
    limit = environment.get("WATCHDOG_USEC", "")
    if not limit.isdecimal() or int(limit) == 0 or (whose and whose != str(os.getpid())):
        return None
    return int(limit) / 1e6
