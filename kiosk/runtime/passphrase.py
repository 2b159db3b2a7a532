"""The administrator's passphrase: argon2id, and a growing wait after wrong ones."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kiosk.core.errors import StorageError

MIN_LENGTH = 8
FREE_TRIES = 3
"""Wrong passphrases before the first wait."""
FIRST_WAIT = 15.0
"""Seconds; doubled with every further wrong one."""
LONGEST_WAIT = 900.0


class Verdict(StrEnum):
    """What became of a passphrase."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_EARLY = "too_early"
    TOO_SHORT = "too_short"


@dataclass
class _Kept:
    """What the file holds. `open_at` is wall time in seconds since 1970."""

    hash: str = ""
    failures: int = 0
    open_at: float = 0.0


class Passphrase:
    """The passphrase in one file of mode 0600. Blocks for the time argon2id takes (tens of
    milliseconds on purpose): never call `check` or `choose` on the screens' thread."""

    def __init__(
        self, file: Path, now: Callable[[], float], hasher: PasswordHasher | None = None
    ) -> None:
        self._file = file
        self._now = now
        self._hasher = hasher or PasswordHasher()

    @property
    def exists(self) -> bool:
        """Whether one was chosen."""
        return self._file.exists()

    def wait(self) -> float:
        """Seconds until the next try is allowed. Raises StorageError."""
        return max(0.0, self._read().open_at - self._now()) if self.exists else 0.0

    def choose(self, text: str) -> Verdict:
        """Set the first passphrase or another. Raises StorageError."""
        if len(text) < MIN_LENGTH:
            return Verdict.TOO_SHORT
        self._write(_Kept(self._hasher.hash(text)))
        return Verdict.RIGHT

    def check(self, text: str) -> Verdict:
        """Whether this is it; a wrong one is counted before the answer. Raises StorageError."""
        kept = self._read()
        if kept.open_at > self._now():
            return Verdict.TOO_EARLY
        try:
            self._hasher.verify(kept.hash, text)
        except InvalidHashError as error:
            raise self._damaged() from error
        except Argon2Error:
            self._count(kept)
            return Verdict.WRONG
        if kept.failures:
            self._write(_Kept(kept.hash))
        return Verdict.RIGHT

    def _count(self, kept: _Kept) -> None:
        kept.failures += 1
        beyond = kept.failures - FREE_TRIES
        if beyond >= 0:
            kept.open_at = self._now() + min(LONGEST_WAIT, FIRST_WAIT * 2.0**beyond)
        self._write(kept)

    def _read(self) -> _Kept:
        try:
            return _Kept(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise self._damaged() from error

    def _write(self, kept: _Kept) -> None:
        draft = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opened, "w", encoding="utf-8") as out:
                json.dump(asdict(kept), out)
            draft.replace(self._file)
        except OSError as error:
            raise StorageError(
                "The administrator's passphrase cannot be kept.", f"{error.strerror}."
            ) from error

    def _damaged(self) -> StorageError:
        return StorageError(
            f"{self._file.name} with the administrator's passphrase cannot be read.",
            "Delete it to choose a new one.",
        )
