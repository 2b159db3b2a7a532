"""A copy of the gallery's key under a passphrase, for a drawer somewhere else."""

from __future__ import annotations

import json
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.storage.keys.file import fingerprint
from kiosk.storage.keys.private import put_private
from kiosk.storage.keys.wrapping import unwrap, wrap

_PURPOSE = "kiosk key backup"
_LARGEST = 64 * 1024


def write_backup(key: str, file: Path, passphrase: str) -> None:
    """Write a copy, never over another file. Raises InputError."""
    form = {"kiosk_key_backup": 1, "fingerprint": fingerprint(key)}
    text = json.dumps(form | wrap(bytes.fromhex(key), passphrase, _PURPOSE), indent=1) + "\n"
    try:
        written = put_private(file, text, replace=False)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name a file in another folder."
        ) from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file.")


def read_backup(file: Path, passphrase: str) -> str:
    """The key in a copy. Raises InputError, also for a wrong passphrase; StorageError."""
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
    key = unwrap(form, passphrase, _PURPOSE).hex()
    if fingerprint(key) != form.get("fingerprint"):
        raise InputError(f"{file} is damaged.", "Take another copy.")
    return key
