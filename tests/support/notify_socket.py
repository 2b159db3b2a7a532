"""A service manager's end of sd_notify(3): a real datagram socket."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path


class NotifySocket:
    """What the manager heard."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def heard(self, limit: float = 10.0) -> str:
        """The next message. Raises TimeoutError."""
        self._socket.settimeout(limit)
        return self._socket.recv(4096).decode()

    def waiting(self) -> list[str]:
        """What came and was not read yet."""
        self._socket.setblocking(False)
        found: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(4096).decode())
        return found

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def notify_socket(folder: Path) -> Iterator[NotifySocket]:
    """A socket in this folder, whose path must be short."""
    made = NotifySocket(folder / "notify")
    try:
        yield made
    finally:
        made.close()
