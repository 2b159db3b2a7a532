"""A copy of the gallery's key under a passphrase, for a drawer somewhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.storage.keys.file import fingerprint
from kiosk.storage.keys.private import put_private
from kiosk.storage.keys.wrapping import unwrap, wrap

_PURPOSE = "kiosk key backup"
_LARGEST = 64 * 1024
_KEY = 32
"""Bytes of each of the two keys."""


@dataclass(frozen=True)
class KeyCopy:
    """The gallery's key and the one its templates are turned by, None where they are plain."""

    key: str = field(repr=False)
    seed: bytes | None = field(repr=False)


def write_backup(copy: KeyCopy, file: Path, passphrase: str) -> None:
    """Write a copy, never over another file. Raises InputError."""
    form = {"kiosk_key_backup": 1, "fingerprint": fingerprint(copy.key)}
    secret = bytes.fromhex(copy.key) + (copy.seed or b"")
    text = json.dumps(form | wrap(secret, passphrase, _PURPOSE), indent=1) + "\n"
    try:
        written = put_private(file, text, replace=False)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name a file in another folder."
        ) from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file.")


def read_backup(file: Path, passphrase: str) -> KeyCopy:
    """The keys in a copy. Raises InputError, also for a wrong passphrase; StorageError."""
    try:
        if file.stat().st_size > _LARGEST or not file.is_file():
            raise ValueError
        form = json.loads(file.read_text("utf-8"))
        if form["kiosk_key_backup"] != 1:
            raise ValueError
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{file} is no copy of a key.", "Give a file made by `kiosk key backup`."
        ) from error
    secret = unwrap(form, passphrase, _PURPOSE)
    key, seed = secret[:_KEY].hex(), secret[_KEY:]
    if len(secret) not in (_KEY, 2 * _KEY) or fingerprint(key) != form.get("fingerprint"):
        raise InputError(f"{file} is damaged.", "Take another copy.")
    return KeyCopy(key, seed or None)
