"""Who may ask for what: tokens with a role, kept as hashes in a file of mode 0600.

A token is 32 random bytes, so that its SHA-256 is as safe as a slow hash of a passphrase and
checking one costs nothing. The file is read anew whenever it has changed: a token that is revoked
stops at once, in every service that runs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.core.errors import InputError, StorageError
from kiosk.server.refusals import NotAllowed

FILE_NAME = "tokens.json"
"""Beside the gallery's key."""
PREFIX = "kiosk_"
LONGEST_LABEL = 100
_REMEDY = "Send `Authorization: Bearer TOKEN`; `kiosk serve token add` makes one."


class Role(StrEnum):
    """What a token allows; each allows what the ones before it do."""

    IDENTIFY = "identify"
    ENROL = "enrol"
    ADMIN = "admin"

    def allows(self, needed: Role) -> bool:
        """Whether this role suffices."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Token:
    """One token as it is kept; the token itself is told once and kept nowhere."""

    token_id: str
    label: str
    role: Role
    sha256: str
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def state(self, now: datetime) -> str:
        """valid, expired or revoked."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and now >= self.expires else "valid"


class TokenFile:
    """The tokens of one installation."""

    def __init__(self, file: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file = file
        self._now = now
        self._stamp: tuple[int, int] | None = None
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        """All of them, oldest first. Raises StorageError."""
        self._refresh()
        return list(self._tokens)

    def add(self, label: str, role: Role, days: float | None) -> tuple[Token, str]:
        """Make a token that counts for so many days, or until it is revoked; returns it and what is
        to be sent. Raises InputError, StorageError."""
        label = " ".join(label.split())
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise InputError(
                "The label of the token cannot be used.",
                f"Give at most {LONGEST_LABEL} letters that say who uses it.",
            )
        text = PREFIX + secrets.token_urlsafe(32)
        now = self._now()
        expires = now + timedelta(days=days) if days is not None else None
        token = Token(secrets.token_hex(4), label, role, _hash(text), now, expires)
        self._write([*self.tokens(), token])
        return token, text

    def revoke(self, token_id: str) -> Token:
        """Let a token count no more. Raises InputError for an unknown one, StorageError."""
        tokens = self.tokens()
        found = next((each for each in tokens if each.token_id == token_id), None)
        if found is None:
            raise InputError(
                f"There is no token {token_id}.", "`kiosk serve token list` shows them."
            )
        gone = replace(found, revoked=found.revoked or self._now())
        self._write([gone if each is found else each for each in tokens])
        return gone

    def check(self, text: str) -> Token:
        """The token behind what was sent. Raises NotAllowed, StorageError."""
        sent = _hash(text)
        found = [each for each in self.tokens() if hmac.compare_digest(each.sha256, sent)]
        if not found:
            raise NotAllowed("The token is not known.", _REMEDY)
        state = found[0].state(self._now())
        if state == "revoked":
            raise NotAllowed("The token was revoked.", _REMEDY)
        if state == "expired":
            raise NotAllowed("The token has expired.", _REMEDY)
        return found[0]

    def _refresh(self) -> None:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._tokens, self._stamp = [], None
            return
        except OSError as error:
            raise self._unreadable() from error
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp == self._stamp:
            return
        try:
            listed = json.loads(self._file.read_text("utf-8"))
            self._tokens = [_token_of(each) for each in listed["tokens"]]
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ) as error:
            raise self._unreadable() from error
        self._stamp = stamp

    def _write(self, tokens: list[Token]) -> None:
        draft = self._file.with_suffix(".new")
        listed = {"tokens": [_facts(each) for each in tokens]}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opened, "w", encoding="utf-8") as out:
                json.dump(listed, out, ensure_ascii=False, indent=1)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self._file)
        except OSError as error:
            raise StorageError("The tokens cannot be kept.", f"{error.strerror}.") from error
        self._stamp = None

    def _unreadable(self) -> StorageError:
        return StorageError(
            f"{self._file.name} with the tokens cannot be read.",
            "Delete it, and make new tokens with `kiosk serve token add`.",
        )


def no_token() -> NotAllowed:
    """For who sent none where one is needed."""
    return NotAllowed("There is no token.", _REMEDY)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _facts(token: Token) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(token).items()
    }


def _token_of(facts: dict[str, Any]) -> Token:
    times = {
        key: datetime.fromisoformat(facts[key]) if facts.get(key) else None
        for key in ("created", "expires", "revoked")
    }
    return Token(**{**facts, **times, "role": Role(facts["role"])})
