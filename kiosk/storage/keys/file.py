"""The gallery's key: 32 random bytes, and where they are kept.

The key file says where: it holds the key itself, or the name of an entry of the system's keyring,
or the key under a passphrase that is asked for at the start. While a key is made or exchanged the
new one lies beside it (`next_file`), so that a kiosk that is cut off finds both.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import os
import re
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.core.errors import StorageError
from kiosk.storage.keys import keyrings
from kiosk.storage.keys.private import (
    make_folder,
    put_private,
    read_private,
    require_safe_folder,
    sync_folder,
)
from kiosk.storage.keys.wrapping import WrongPassphrase, unwrap, wrap

CREDENTIAL = "kiosk-passphrase"
"""Under this name the service manager may lend the passphrase."""
_KEY = re.compile(r"[0-9a-f]{64}")
_ENTRY = re.compile(r"gallery-[0-9a-f]{16}")
_PURPOSE = "kiosk gallery key"
_VERSION = 1
_unwrapped: dict[tuple[str, str], tuple[str, str]] = {}
"""Key and passphrase by file and content: a process asks once."""


class Keeping(StrEnum):
    """Where a key is kept."""

    FILE = "file"
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 - the word, not one


@dataclass(frozen=True)
class KeptKey:
    """A key as its file keeps it; `entry` is that of the keyring, if there."""

    key: str
    keeping: Keeping
    entry: str = ""
    passphrase: str = ""

    def __repr__(self) -> str:
        return f"KeptKey({self.keeping})"


def read_key(file: Path) -> str:
    """The key, 64 hexadecimal digits. Raises StorageError as `read_kept`."""
    return read_kept(file).key


def read_kept(file: Path) -> KeptKey:
    """The key and where it is kept.

    Raises StorageError if the file cannot be read, can be read by others, or leads to no key.
    """
    text = read_private(file, "The key file", "key_file").strip()
    require_safe_folder(file.parent, "the key")
    if _KEY.fullmatch(text):
        return KeptKey(text, Keeping.FILE)
    form = _form(file, text)
    if form["kind"] == Keeping.KEYRING and _ENTRY.fullmatch(str(form.get("entry"))):
        return KeptKey(_checked(file, keyrings.get(form["entry"])), Keeping.KEYRING, form["entry"])
    if form["kind"] == Keeping.PASSPHRASE:
        key, passphrase = _under_passphrase(file, text, form)
        return KeptKey(_checked(file, key), Keeping.PASSPHRASE, passphrase=passphrase)
    raise _no_key(file)


def keeping_of(file: Path) -> Keeping:
    """Where the key is kept; asks nobody for it. Raises StorageError."""
    text = read_private(file, "The key file", "key_file").strip()
    if _KEY.fullmatch(text):
        return Keeping.FILE
    try:
        return Keeping(_form(file, text)["kind"])
    except ValueError as error:
        raise _no_key(file) from error


def new_key() -> str:
    """64 random hexadecimal digits."""
    return secrets.token_hex(32)


def fingerprint(key: str) -> str:
    """Tells keys apart without telling them."""
    return hmac.digest(bytes.fromhex(key), _PURPOSE.encode(), hashlib.sha256)[:8].hex()


def next_file(file: Path) -> Path:
    """Where a key lies that is not in force yet."""
    return file.with_name(file.name + ".next")


def make_key(file: Path) -> str:
    """Make a key file of mode 0600, in a folder only its owner can enter; returns the key.

    The file appears whole or not at all, and never in place of another: of two processes that
    start together one makes the key and the other reads it.
    """
    keep_key(file, new_key(), Keeping.FILE)
    return read_key(file)


def keep_key(
    file: Path, key: str, keeping: Keeping, passphrase: str = "", *, replace: bool = False
) -> None:
    """Write a key file. Raises StorageError."""
    entry = f"gallery-{secrets.token_hex(8)}"
    if keeping is Keeping.KEYRING:
        keyrings.put(entry, key)
    try:
        make_folder(file.parent)
        ours = put_private(file, _written(key, keeping, passphrase, entry), replace=replace)
    except OSError as error:
        raise StorageError(
            f"The key file {file} cannot be made: {error.strerror}.",
            "Name a folder you may write with key_file in the settings.",
        ) from error
    if keeping is Keeping.KEYRING and not ours:
        keyrings.forget(entry)


def promote(file: Path) -> None:
    """The next key comes into force; who comes second finds that done. Raises StorageError."""
    before = _entry(file)
    with suppress(FileNotFoundError):
        try:
            next_file(file).replace(file)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StorageError(
                f"The new key cannot take the place of {file}: {error.strerror}.",
                "Make its folder writable and start again: until then both keys are kept.",
            ) from error
        sync_folder(file.parent)
        if before:
            keyrings.forget(before)


def destroy_key(file: Path) -> None:
    """Nobody opens with it any more what it opened: written over, and taken away. Raises
    StorageError."""
    try:
        for each in (file, next_file(file)):
            if each.exists():
                entry = _entry(each)
                with each.open("r+b") as stream:
                    stream.write(secrets.token_bytes(each.stat().st_size))
                    os.fsync(stream.fileno())
                each.unlink()
                if entry:
                    keyrings.forget(entry)
        sync_folder(file.parent)
    except OSError as error:
        raise StorageError(
            f"The key file {file} cannot be destroyed: {error.strerror}.", "Delete it by hand."
        ) from error


def _written(key: str, keeping: Keeping, passphrase: str, entry: str) -> str:
    if keeping is Keeping.FILE:
        return key + "\n"
    form: dict[str, Any] = {"kiosk_key": _VERSION, "kind": keeping.value}
    if keeping is Keeping.KEYRING:
        form["entry"] = entry
    else:
        form |= wrap(bytes.fromhex(key), passphrase, _PURPOSE)
    return json.dumps(form, indent=1) + "\n"


def _entry(file: Path) -> str:
    """Where in the keyring the key of a file lies, if there."""
    if not file.exists() or keeping_of(file) is not Keeping.KEYRING:
        return ""
    text = read_private(file, "The key file", "key_file")
    return str(_form(file, text).get("entry", ""))


def _form(file: Path, text: str) -> dict[str, Any]:
    try:
        form = json.loads(text)
        if form["kiosk_key"] != _VERSION or not isinstance(form["kind"], str):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_key(file) from error
    assert isinstance(form, dict)
    return form


def _checked(file: Path, key: str) -> str:
    if not _KEY.fullmatch(key):
        raise _no_key(file)
    return key


def _no_key(file: Path) -> StorageError:
    return StorageError(
        f"The key file {file} holds no key (64 hexadecimal digits).",
        "Put the right key file back from your backup.",
    )


def _under_passphrase(file: Path, text: str, form: dict[str, Any]) -> tuple[str, str]:
    known = _unwrapped.get((str(file), text))
    if known is not None:
        return known
    passphrase = _passphrase_at_start(file)
    try:
        found = unwrap(form, passphrase, _PURPOSE).hex(), passphrase
    except WrongPassphrase as error:
        raise StorageError(
            f"The passphrase does not open the key file {file}.", "Start again and give it."
        ) from error
    _unwrapped[str(file), text] = found
    return found


def _passphrase_at_start(file: Path) -> str:
    """Lent by the service manager, or asked for in the terminal. Raises StorageError."""
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(lent) / CREDENTIAL if lent else None
    if credential is not None and credential.exists():
        return read_private(credential, "The passphrase", "the service").rstrip("\n")
    if sys.stdin is None or not sys.stdin.isatty():
        raise StorageError(
            f"The key file {file} opens with a passphrase, and nobody can be asked for it here.",
            f"Start in a terminal, or lend the credential {CREDENTIAL} to the service.",
        )
    return getpass.getpass("Passphrase of the gallery's key: ")
