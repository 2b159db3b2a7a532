"""What network a test or a program uses, heard through Python's audit events.

An error alone would not do: whoever catches every exception would swallow it, and the test would
pass. So every use is noted too, and noticed when the test is over. Sockets that Qt, PortAudio or
FFmpeg open by themselves raise no such events.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

_EVENTS = {
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.getaddrinfo",
    "socket.gethostbyname",
}


_IPV6_TRIAL = ("::1", 0)
"""To this urllib3, which comes with facenet-pytorch, binds when it is imported, to see whether
there is IPv6; nobody listens there and nothing is sent."""


class NetworkUsed(RuntimeError):
    """Something went to the network that must not."""


class SocketGuard:
    """Forbids the network to one test after the other, and remembers what was tried."""

    def __init__(self) -> None:
        self._active = self._strict = False
        self._tried: list[str] = []

    @contextlib.contextmanager
    def watching(self, *, strict: bool) -> Iterator[list[str]]:
        """While this lasts, only loopback may be used, or nothing where `strict`; gives what was
        tried all the same."""
        before = self._active, self._strict, self._tried
        self._active, self._strict, self._tried = True, strict, []
        try:
            yield self._tried
        finally:
            self._active, self._strict, self._tried = before

    def used(self, event: str, host: str) -> None:
        """Something uses the network. Raises NetworkUsed where it must not."""
        if self._active and (self._strict or not is_loopback(host)):
            self._tried.append(f"{event} {host}")
            raise NetworkUsed(f"{event} {host}: tests use no network but loopback")


def listen(used: Callable[[str, str], None]) -> None:
    """From now on until the process ends, call `used` with event and host for every use of the
    internet's families of addresses. What it raises goes to whoever opened the socket."""

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            host = _host(event, arguments)
            if host is not None:
                used(event, host)

    sys.addaudithook(heard)


def _host(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The other end, or the own one of bind; None for sockets of the machine alone."""
    if event.startswith("socket.get"):
        return _text(arguments[0])
    opened, address = arguments[0], arguments[-1]
    if opened.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return None
    if event == "socket.bind" and address[:2] == _IPV6_TRIAL:
        return None
    return _text(address[0])


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, or one that never is (`.invalid`, RFC 6761): tests ask for
    its address to see what is said then. The empty one is every interface."""
    if host == "localhost" or host.endswith(".invalid"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
