"""`kiosk serve`: uvicorn on one address, with TLS and tokens where others reach it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.core.errors import InputError, SettingsError
from kiosk.core.settings import Settings
from kiosk.server.app import application
from kiosk.server.certificate import certificate_files, check_certificate
from kiosk.server.service import Service

_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEEP_ALIVE = 15
"""Seconds a connection may be idle between two requests."""
MOST_CONNECTIONS = 1000
HEAD_SECONDS = 20.0
"""From the first byte of a request, or from connecting, to the end of its head."""
GRACE = 10
"""Seconds that requests under way have when the service is to end."""


@dataclass(frozen=True)
class Binding:
    """Where to listen; with certificate and key by TLS."""

    address: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    require_token: bool = False

    @property
    def local(self) -> bool:
        """Whether only this machine is listened to."""
        return is_loopback(self.address)


def binding_of(settings: Settings, *, tls: bool, require_token: bool, tokens: int) -> Binding:
    """What the settings ask for. Raises SettingsError for an address beyond this machine without
    certificate or without any token."""
    address, port = settings.service_address, settings.service_port
    if is_loopback(address) and not tls:
        return Binding(address, port, require_token=require_token)
    certificate, key = certificate_files(settings)
    check_certificate(certificate, key)
    if not is_loopback(address) and not tokens:
        raise SettingsError(
            f"Whoever reaches {address} would be let in: there is no token.",
            "Make one with `kiosk serve token add`.",
            key="service_address",
        )
    return Binding(address, port, certificate, key, require_token)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own and nobody else reaches it."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def run(
    settings: Settings,
    binding: Binding,
    listening: Callable[[str], None],
    service: Service | None = None,
    made_server: Callable[[uvicorn.Server], None] = lambda server: None,
) -> None:
    """Serve until a signal comes; `listening` is told the address once requests are taken,
    `made_server` hears before what can be told to end. Raises InputError where the address cannot
    be had, StorageError."""
    opened = _socket(binding)
    made = service or Service(settings, local=binding.local, require_token=binding.require_token)
    server = _Server(_config(made, binding), lambda: listening(_url(binding, opened)))
    made_server(server)
    try:
        asyncio.run(server.serve([opened]))
    finally:
        opened.close()
    if not server.started:
        raise SettingsError("The service could not be started.", "The log says why: kiosk doctor.")


def _socket(binding: Binding) -> socket.socket:
    """Bound here and not by uvicorn, which would end the process where that fails."""
    try:
        found = socket.getaddrinfo(
            binding.address, binding.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _kind, _protocol, _name, place = found[0]
        return socket.create_server(place[:2], family=family, backlog=512)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"{binding.address} port {binding.port} cannot be listened to: "
            f"{getattr(error, 'strerror', None) or error}.",
            "Choose another with --address and --port, or end what listens there.",
        ) from error


def _url(binding: Binding, opened: socket.socket) -> str:
    scheme = "http" if binding.certificate is None else "https"
    host = f"[{binding.address}]" if ":" in binding.address else binding.address
    return f"{scheme}://{host}:{opened.getsockname()[1]}"


def _config(service: Service, binding: Binding) -> uvicorn.Config:
    return uvicorn.Config(
        application(service),
        log_config=None,  # our own log, in which nobody is named
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="on",
        http=_Protocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=32_768,
        ssl_certfile=binding.certificate,
        ssl_keyfile=binding.key,
    )


class _Protocol(H11Protocol):
    """Lets nobody hold a connection by a request whose head never ends: uvicorn waits for it."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As uvicorn; the head has to come in time."""
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """As uvicorn; the time runs while a head is incomplete."""
        super().data_received(data)
        if self._waits_for_head():
            self._expect_head()
        elif self._late is not None:
            self._late.cancel()
            self._late = None

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _waits_for_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _too_late(self) -> None:
        self._late = None
        if self._waits_for_head() and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Tells when it listens, and takes a signal for a wish to end and not for an error."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn, then tell."""
        await super().startup(sockets)
        if self.started:
            self._listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals end the service in order, also of a process that is no terminal's."""
        before: dict[int, Any] = {}
        for number in _SIGNALS:
            try:
                before[number] = signal.signal(number, self.handle_exit)
            except ValueError:  # not the main thread: whoever began this ends it
                break
        try:
            yield
        finally:
            for taken, handler in before.items():
                signal.signal(taken, handler)
