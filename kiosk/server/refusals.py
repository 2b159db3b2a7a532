"""What the service itself refuses, each with the status it answers with.

What visits, enrolment and the gallery refuse keeps its own class and text, as on the command line;
`problems` says with which status.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.core.errors import InputError, KnownError


class RequestRefused(KnownError):
    """A request that is not carried out; `headers` belong to the answer."""

    status = 400

    def __init__(self, text: str, remedy: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text, remedy)
        self.headers = dict(headers or {})


class BadRequest(RequestRefused):
    """The request is not made as the interface asks."""


class Incomplete(RequestRefused):
    """The request broke off before its end."""


class NotAllowed(RequestRefused):
    """No token, or none that counts."""

    status = 401

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text, remedy, {"WWW-Authenticate": 'Bearer realm="kiosk"'})


class WrongRole(RequestRefused):
    """The token is of somebody who may not do this."""

    status = 403


class ForeignPage(RequestRefused):
    """The request comes from a page of another site."""

    status = 403


class PathRefused(RequestRefused):
    """A path that leads out of the folder the operator has named."""

    status = 403


class NoSuchThing(RequestRefused):
    """An address behind which there is nothing."""

    status = 404


class WrongMethod(RequestRefused):
    """There is something, and it is asked for in another way."""

    status = 405


class TooSlow(RequestRefused):
    """The request was not there in time."""

    status = 408


class TooLarge(RequestRefused):
    """More than the operator allows."""

    status = 413


class WrongType(RequestRefused):
    """A body of a kind that is not read here."""

    status = 415


class WrongHost(RequestRefused):
    """The request is meant for another host, as far as its name says."""

    status = 421


class Invalid(RequestRefused):
    """A field that is missing or cannot be."""

    status = 422


class OldClient(RequestRefused):
    """The client speaks a version of the interface that is not spoken here."""

    status = 426


class Busy(RequestRefused):
    """Everything is taken; `seconds` is when it is worth another try."""

    status = 429

    def __init__(self, text: str, remedy: str, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        super().__init__(text, remedy, {"Retry-After": str(self.seconds)})


class UnknownSubject(InputError):
    """Nobody of that id or name is enrolled."""


class NameTaken(InputError):
    """Somebody of that name is enrolled already."""


class NothingToUndo(InputError):
    """There is no re-enrolment, or no consent, to take back."""
