"""A copy of the gallery's key under a passphrase, for a drawer somewhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.storage.keys.file import fingerprint
from kiosk.storage.keys.passphrase_file import read_wrapped, write_wrapped

_PURPOSE = "kiosk key backup"
_MARK = "kiosk_key_backup"
_KEY = 32
"""Bytes of each of the two keys."""


@dataclass(frozen=True)
class KeyCopy:
    """The gallery's key and the one its templates are turned by, None where they are plain."""

    key: str = field(repr=False)
    seed: bytes | None = field(repr=False)


def write_backup(copy: KeyCopy, file: Path, passphrase: str) -> None:
    """Write a copy, never over another file. Raises InputError."""
    secret = bytes.fromhex(copy.key) + (copy.seed or b"")
    told = {"fingerprint": fingerprint(copy.key)}
    write_wrapped(file, _MARK, told, secret, passphrase, _PURPOSE)


def read_backup(file: Path, passphrase: str) -> KeyCopy:
    """The keys in a copy. Raises InputError, also for a wrong passphrase; StorageError."""
    none = InputError(f"{file} is no copy of a key.", "Give a file made by `kiosk key backup`.")
    form, secret = read_wrapped(file, _MARK, passphrase, _PURPOSE, otherwise=none)
    key, seed = secret[:_KEY].hex(), secret[_KEY:]
    if len(secret) not in (_KEY, 2 * _KEY) or fingerprint(key) != form.get("fingerprint"):
        raise InputError(f"{file} is damaged.", "Take another copy.")
    return KeyCopy(key, seed or None)
