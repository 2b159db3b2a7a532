"""Where a network stream is, and why it cannot be had."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import av

from kiosk.core.declared.recognition import STREAM_PORTS as PORTS
from kiosk.core.errors import InputError, StreamLost

_SERVER = "Check the address and that the server is running."


@dataclass(frozen=True)
class Address:
    """Where a stream is; `listen` waits there for somebody who sends."""

    url: str
    listen: bool = False

    @classmethod
    def parse(cls, text: str) -> Address:
        """`listen=1` in the query makes a listener. Raises InputError for what is no address."""
        try:
            parts = urlsplit(text)
            valid = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            raise InputError(
                "That is not the address of a stream.",
                "Give rtsp://, rtmp:// or http:// with a host, for example rtsp://host:554/name.",
            )
        query = parse_qsl(parts.query, keep_blank_values=True)
        if ("listen", "1") not in query:
            return cls(text)
        rest = urlencode([pair for pair in query if pair != ("listen", "1")])
        return cls(urlunsplit(parts._replace(query=rest)), listen=True)

    @property
    def scheme(self) -> str:
        """rtsp, rtmp, http, or one of them with s."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """Name or number; the machine itself where the address means all its interfaces."""
        host = urlsplit(self.url).hostname or ""
        try:
            anywhere = ip_address(host).is_unspecified
        except ValueError:
            anywhere = False
        return "localhost" if anywhere else host

    @property
    def port(self) -> int:
        """The one given, or the scheme's own."""
        return urlsplit(self.url).port or PORTS[self.scheme]

    @property
    def shown(self) -> str:
        """Fit for a log: without user, password and query."""
        return f"{self.scheme}://{self.host}:{self.port}{urlsplit(self.url).path}"

    def check_free(self) -> None:
        """Raises StreamLost unless this machine can listen there."""
        try:
            with socket.create_server((self.host, self.port)):
                pass
        except OSError as error:
            raise StreamLost(
                f"Cannot listen at {self.shown}: {_bind_failure(error)}.",
                "Choose another port, above 1024, and an address of this machine.",
            ) from error

    def knock(self) -> None:
        """Call our own listener and hang up, so that it stops waiting."""
        with suppress(OSError):  # nobody listens any more, which is what was wanted
            socket.create_connection((self.host, self.port), 0.5).close()


def explain(error: Exception, address: Address, limit: float) -> StreamLost:
    """The error of a failed connection, with its remedy; `limit` is how long was waited."""
    text, remedy = _reason(error, address, limit)
    return StreamLost(f"{address.shown} {text}.", remedy)


def _reason(error: Exception, address: Address, limit: float) -> tuple[str, str]:
    match error:
        case av.error.ConnectionRefusedError():
            return (
                "refused the connection",
                f"Start the server there; nothing listens at port {address.port}.",
            )
        case TimeoutError() | av.error.ExitError():
            return f"did not answer within {limit:g} s", _SERVER
        case av.error.HTTPNotFoundError():
            return "does not exist on that server (404)", "Check the path after the host."
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return (
                "wants a user and password",
                "Put them into the address: rtsp://user:password@host.",
            )
        case av.error.HTTPError():
            return "was answered with an error by the server", _SERVER
        case av.error.InvalidDataError() | ValueError():
            return "sends nothing that is picture or sound", "Check the path after the host."
    if not _resolves(address):
        return "has an unknown host", "Check the spelling of the host and the network."
    return "cannot be reached", _SERVER


def _resolves(address: Address) -> bool:
    try:
        return bool(socket.getaddrinfo(address.host, address.port))
    except OSError:
        return False


def _bind_failure(error: OSError) -> str:
    reasons = {
        errno.EADDRINUSE: "the port is used by another program",
        errno.EACCES: "the port is reserved",
        errno.EADDRNOTAVAIL: "the address is not of this machine",
    }
    return reasons.get(error.errno or 0, "the address cannot be used")
