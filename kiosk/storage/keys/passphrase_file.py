"""A secret in a file of its own under a passphrase: written once, read back with its true fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kiosk.core.errors import InputError
from kiosk.storage.keys.private import put_private
from kiosk.storage.keys.wrapping import unwrap, wrap

_LARGEST = 64 * 1024
"""Bytes of such a file that are read at most."""


def write_wrapped(
    file: Path, mark: str, told: dict[str, Any], secret: bytes, passphrase: str, purpose: str
) -> None:
    """Write `secret` under a passphrase, never over another file. Raises InputError.

    `mark` is the key by which `read_wrapped` knows the file, `told` what stands in it in clear.
    """
    form = {mark: 1, **told, **wrap(secret, passphrase, purpose)}
    try:
        written = put_private(file, json.dumps(form, indent=1) + "\n", replace=False)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name a file in another folder."
        ) from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file.")


def read_wrapped(
    file: Path, mark: str, passphrase: str, purpose: str, *, otherwise: InputError
) -> tuple[dict[str, Any], bytes]:
    """What stands in clear, and the secret.

    Raises `otherwise` for a file that `write_wrapped` did not make with this mark, InputError where
    it cannot be read or the passphrase does not fit, and StorageError where it is damaged.
    """
    try:
        if file.stat().st_size > _LARGEST or not file.is_file():
            raise ValueError
        form = json.loads(file.read_text("utf-8"))
        if form[mark] != 1:
            raise ValueError
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise otherwise from error
    return form, unwrap(form, passphrase, purpose)
