"""What every request passes: where it comes from, which version its client speaks, how often it
comes; and what every answer carries.

Plain ASGI, so that bodies and streams pass through untouched. Nothing here reads a body.
"""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

from kiosk.core.errors import KnownError
from kiosk.core.redaction import Public
from kiosk.server.problems import MEDIA_TYPE, encoded, headers_of, problem_of, status_of
from kiosk.server.refusals import ForeignPage, OldClient, WrongHost
from kiosk.server.words import preferred

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kiosk.server.service import Service

_log = logging.getLogger(__name__)
API_VERSION = 1
VERSION = f"/v{API_VERSION}"
CLIENT_HEADER = "kiosk-client"
"""A client says here which version of the interface it speaks."""
_LOCAL_HOST = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_OWN_SITE = {"same-origin", "none"}
_GUARDED = ("/v1", "/metrics")
"""Addresses that a page of another site may not even be led to."""
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_always(message, scope)
            await send(message)

        headers = _headers(scope)
        try:
            self._check(scope, headers)
        except KnownError as error:
            await _refuse(error, headers, answer)
        else:
            await self._app(scope, receive, answer)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        if self._service.local and not _LOCAL_HOST.fullmatch(headers.get("host", "")):
            raise WrongHost(
                "The request names another host than this service.",
                "Use the address that `kiosk serve` prints.",
            )
        if _is_foreign(scope, headers):
            raise ForeignPage(
                "A page of another site asked for this.",
                "Open the service's own page, or send the request from a program.",
            )
        _check_client(headers.get(CLIENT_HEADER))
        client = scope.get("client")
        self._service.rates.take(str(client[0]) if client else "")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log it by its pattern: an address may hold what nobody is to read."""
        pattern = _pattern(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._service.counters.answered(pattern, method, status, seconds)
        told = Public(method), Public(pattern), status, seconds * 1000
        _log.debug("%s %s: %d after %.1f ms.", *told)


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _pattern(scope: Scope) -> str:
    """The pattern behind an address, "other" where there is none. A route knows its own part of it
    and not under which version it was included."""
    own = str(getattr(scope.get("route"), "path", ""))
    if not own:
        return "other"
    versioned = str(scope["path"]).startswith(VERSION) and not own.startswith(VERSION)
    return f"{VERSION}{own}" if versioned else own


def _headers(scope: Scope) -> dict[str, str]:
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def _is_foreign(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether a browser says that a page of another site is behind the request. Programs say
    nothing of the kind. A link that leads to our own page is no request of that page."""
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return True
    site = headers.get("sec-fetch-site")
    if site is None or site in _OWN_SITE:
        return False
    led = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in ("GET", "HEAD")
    return not led or str(scope["path"]).startswith(_GUARDED)


def _check_client(stated: str | None) -> None:
    """Raises OldClient for a client that says it speaks another version."""
    if stated is None:
        return
    theirs = stated.partition(" ")[0].partition("/")[2] or stated
    number = theirs.partition(".")[0]
    if number == str(API_VERSION):
        return
    newer = number.isdecimal() and len(number) < 9 and int(number) > API_VERSION
    raise OldClient(
        f"The client speaks version {theirs[:20]} of the interface, the service version "
        f"{API_VERSION}.",
        "Update the service." if newer else "Update the client.",
        {"Upgrade": f"kiosk/{API_VERSION}", "Connection": "Upgrade"},
    )


def _with_always(message: Message, scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those every answer has unless it says otherwise."""
    given = list(message.get("headers", ()))
    there = {key.lower() for key, _value in given}
    added = [each for each in _ALWAYS if each[0] not in there]
    if scope["scheme"] == "https":
        added.append(_TLS_ONLY)
    return [*given, *added]


async def _refuse(error: KnownError, headers: dict[str, str], send: Send) -> None:
    body = encoded(problem_of(error, preferred(headers.get("accept-language", ""))))
    told = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        **{key.lower(): value for key, value in headers_of(error).items()},
    }
    await send(
        {
            "type": "http.response.start",
            "status": status_of(error),
            "headers": [(key.encode(), value.encode()) for key, value in told.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})
