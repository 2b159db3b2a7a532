"""Who may open the staff pages: passphrases as argon2id, with roles, and a growing wait after wrong
ones.

Set from a shell alone (`kiosk admin`): the screen never offers to choose one. The file of the
people and that of the tries lie beside the gallery's key; if either is damaged, the pages stay
closed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kiosk.core.boot_clock import Moment, now
from kiosk.core.errors import InputError, StorageError
from kiosk.core.own_files import ADMIN_FILE, TRIES_FILE, private_folder
from kiosk.core.settings import Settings
from kiosk.core.shown_text import shown
from kiosk.core.weak import require_strong
from kiosk.storage.keys.private import make_folder, put_private, read_private
from kiosk.storage.sqlite.use import one_at_a_time

FREE_TRIES = 3
"""Wrong passphrases before the first wait."""
FIRST_WAIT = 15.0
"""Seconds; doubled with every further wrong one."""
LONGEST_WAIT = 300.0
"""Long enough against guessing (under 300 tries a day), short enough that a visitor who types
nonsense does not keep staff out."""
MOST_PEOPLE = 12
"""Every one of them costs an argon2id at each try."""
FIRST_NAME = "admin"
_VERSION = 2
_NAME = re.compile(r"[\w .-]{1,40}")


class Role(StrEnum):
    """What somebody may do behind the gate."""

    OPERATOR = "operator"
    ENROLLER = "enroller"
    AUDITOR = "auditor"


class Verdict(StrEnum):
    """What became of a passphrase."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_EARLY = "too_early"
    NOT_SET = "not_set"


@dataclass(frozen=True)
class Staff:
    """One who has a passphrase. `number` stands for them where no names are kept; it is given once
    and never again."""

    number: int
    name: str
    role: Role


@dataclass(frozen=True)
class Answer:
    """What became of a try, and whose passphrase it was."""

    verdict: Verdict
    staff: Staff | None = None


@dataclass(frozen=True)
class _Entry:
    number: int
    name: str
    role: Role
    hash: str = field(repr=False)

    @property
    def staff(self) -> Staff:
        return Staff(self.number, self.name, self.role)


@dataclass(frozen=True)
class _Tries:
    """Wrong ones in a row, and until when on the machine's own clock nobody may try again."""

    failures: int
    boot: str
    until: float


class Passphrase:
    """The passphrases in one file of mode 0600. Blocks for the time argon2id takes (tens of
    milliseconds on purpose, for each who has one): never call `check` on the screens' thread."""

    def __init__(
        self,
        file: Path,
        clock: Callable[[], Moment] = now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._file = file
        self._tries = file.with_name(TRIES_FILE)
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    @classmethod
    def of(cls, settings: Settings) -> Passphrase:
        """Those of a kiosk."""
        return cls(private_folder(settings.key_file) / ADMIN_FILE)

    @property
    def exists(self) -> bool:
        """Whether anybody has one."""
        return self._file.exists()

    # --- at the gate -------------------------------------------------------------------------

    def wait(self) -> float:
        """Seconds until the next try is allowed. Raises StorageError."""
        if not self.exists:
            return 0.0
        with self._alone():
            return max(0.0, self._read_tries().until - self._clock().seconds)

    def check(self, text: str) -> Answer:
        """Whose this is. A try is counted before it is looked at, so that neither pulling the plug
        nor trying twice at once gains one. Raises StorageError."""
        if not self.exists:
            return Answer(Verdict.NOT_SET)
        with self._alone():
            entries, tries = self._read(), self._read_tries()
            if tries.until > self._clock().seconds:
                return Answer(Verdict.TOO_EARLY)
            self._write_tries(self._one_more(tries))
            found = self._match(entries, text)
            if found is None:
                return Answer(Verdict.WRONG)
            self._write_tries(self._none())
            self._rehash(entries, found, text)
            return Answer(Verdict.RIGHT, found.staff)

    # --- from a shell ------------------------------------------------------------------------

    def people(self) -> list[Staff]:
        """Everybody who has one. Raises StorageError."""
        return [entry.staff for entry in self._read()] if self.exists else []

    def choose(self, text: str, name: str = FIRST_NAME, role: Role = Role.OPERATOR) -> None:
        """Give somebody a passphrase, or another. Raises InputError for a weak one, one that is
        somebody else's, or a name that cannot be; StorageError."""
        require_strong(text)
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{shown(name)!r} is no name for staff.",
                "Take up to 40 letters, digits, blanks, dots or hyphens.",
            )
        with self._alone():
            entries = self._read() if self.exists else []
            others = [entry for entry in entries if entry.name != name]
            if len(others) >= MOST_PEOPLE:
                raise InputError(f"{MOST_PEOPLE} people have one already.", "Remove somebody.")
            if self._match(others, text) is not None:
                raise InputError("Somebody else has that passphrase.", "Choose another.")
            self._require_operator([*(each.role for each in others), role])
            number = next((each.number for each in entries if each.name == name), None)
            last = self._last_number()
            number, last = (number, last) if number is not None else (last + 1, last + 1)
            self._write([*others, _Entry(number, name, role, self._hasher.hash(text))], last)
            self._write_tries(self._none())

    def remove(self, name: str) -> None:
        """Take somebody's passphrase away. Raises InputError if it is the last of an operator."""
        with self._alone():
            entries = self._read() if self.exists else []
            left = [entry for entry in entries if entry.name != name]
            if len(left) == len(entries):
                raise InputError(
                    f"Nobody called {shown(name)} has a passphrase.", "`kiosk admin list`."
                )
            self._require_operator([each.role for each in left])
            self._write(left, self._last_number())

    def unlock(self) -> None:
        """Forget wrong tries: staff stand before a gate that somebody else has closed."""
        with self._alone():
            self._write_tries(self._none())

    # --- steps -------------------------------------------------------------------------------

    def _require_operator(self, roles: list[Role]) -> None:
        if Role.OPERATOR not in roles:
            raise InputError(
                "Nobody would be left who may do everything.", "Set that of an operator first."
            )

    def _match(self, entries: list[_Entry], text: str) -> _Entry | None:
        """Every entry is tried, found or not: the time it takes tells nothing."""
        found = None
        for entry in entries:
            try:
                self._hasher.verify(entry.hash, text)
                found = found or entry
            except InvalidHashError as error:
                raise self._damaged(self._file) from error
            except Argon2Error:
                continue
        return found

    def _rehash(self, entries: list[_Entry], found: _Entry, text: str) -> None:
        """The cost of a try has grown since the passphrase was set: keep it at today's."""
        if not self._hasher.check_needs_rehash(found.hash):
            return
        fresh = replace(found, hash=self._hasher.hash(text))
        entries = [fresh if entry is found else entry for entry in entries]
        self._write(entries, self._last_number())

    def _one_more(self, tries: _Tries) -> _Tries:
        moment, failures = self._clock(), tries.failures + 1
        beyond = failures - FREE_TRIES
        # Beyond what a float can double the wait is the longest anyway.
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(beyond, 30)) if beyond >= 0 else 0.0
        return _Tries(failures, moment.boot, moment.seconds + wait)

    def _none(self) -> _Tries:
        moment = self._clock()
        return _Tries(0, moment.boot, moment.seconds)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else reads or counts meanwhile, in this process or another."""
        if not self._file.parent.is_dir():
            try:
                make_folder(self._file.parent)
            except OSError as error:
                raise self._unwritable(error) from error
        with one_at_a_time(self._file.parent):
            yield

    def _read(self) -> list[_Entry]:
        text = read_private(self._file, "The passphrase file", "key_file")
        try:
            form = json.loads(text)
            if "version" not in form:  # as the first version wrote it
                return [_Entry(1, FIRST_NAME, Role.OPERATOR, _text(form["hash"]))]
            entries = [
                _Entry(
                    int(each["number"]),
                    _text(each["name"]),
                    Role(each["role"]),
                    _text(each["hash"]),
                )
                for each in form["people"]
            ]
            if form["version"] != _VERSION or not entries or len(entries) > MOST_PEOPLE:
                raise ValueError
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._damaged(self._file) from error
        return entries

    def _read_tries(self) -> _Tries:
        """Of another start of the machine the wait begins anew: its clock cannot be compared. Lost
        or damaged, the longest wait stands before the next try."""
        moment = self._clock()
        try:
            tries = _Tries(**json.loads(read_private(self._tries, "The file", "key_file")))
            known = isinstance(tries.failures, int) and isinstance(tries.boot, str)
            if not known or tries.failures < 0:
                raise ValueError
            until = float(tries.until)
        except (StorageError, ValueError, TypeError, RecursionError):
            tries = _Tries(FREE_TRIES + 30, "", 0.0)
            until = 0.0
        if tries.boot == moment.boot:
            return replace(tries, until=min(until, moment.seconds + LONGEST_WAIT))
        restarted = self._one_more(replace(tries, failures=tries.failures - 1))
        self._write_tries(replace(restarted, failures=tries.failures))
        return replace(restarted, failures=tries.failures)

    def _write_tries(self, tries: _Tries) -> None:
        self._put(self._tries, asdict(tries))

    def _last_number(self) -> int:
        """The highest ever given. The file was read a moment ago, or is not there."""
        if not self.exists:
            return 0
        form = json.loads(read_private(self._file, "The passphrase file", "key_file"))
        return int(form.get("last_number", 1))

    def _write(self, entries: list[_Entry], last: int) -> None:
        people = [asdict(each) for each in entries]
        self._put(self._file, {"version": _VERSION, "last_number": last, "people": people})

    def _put(self, file: Path, form: dict[str, Any]) -> None:
        try:
            put_private(file, json.dumps(form, ensure_ascii=False, indent=1) + "\n", replace=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"The passphrase file {self._file} cannot be kept: {error.strerror}.",
            "Make its folder writable for the kiosk's account, and free some space.",
        )

    def _damaged(self, file: Path) -> StorageError:
        return StorageError(
            f"The passphrase file {file} is damaged; the staff pages stay closed.",
            f"Put it back from a copy, or run: mv '{file}' '{file}.old' && kiosk admin passphrase",
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
