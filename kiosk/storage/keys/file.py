"""The gallery's key: 32 random bytes in a file that nobody else can read."""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from kiosk.core.errors import StorageError

_KEY = re.compile(r"[0-9a-f]{64}")


def read_key(file: Path) -> str:
    """The key, 64 hexadecimal digits.

    Raises StorageError if the file cannot be read, can be read by others, or holds no key.
    """
    try:
        others = stat.S_IMODE(file.stat().st_mode) & 0o077
        text = file.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        others, text = 0, ""
    except OSError as error:
        raise StorageError(
            f"The key file {file} cannot be read: {error.strerror}.",
            "Check key_file in the settings and who owns the file.",
        ) from error
    if others and os.name == "posix":
        raise StorageError(
            f"The key file {file} can be read by other accounts.", f"Run: chmod 600 '{file}'"
        )
    if not _KEY.fullmatch(text):
        raise StorageError(
            f"The key file {file} holds no key (64 hexadecimal digits).",
            "Put the right key file back from your backup.",
        )
    return text


def make_key(file: Path) -> str:
    """Make a new key file, mode 0600, in a folder only its owner can enter; returns the key.

    The file appears whole or not at all, and never in place of another: of two processes that
    start together one makes the key and the other reads it.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        _write_private(draft, secrets.token_hex(32) + "\n")
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise StorageError(
            f"The key file {file} cannot be made: {error.strerror}.",
            "Name a folder you may write with key_file in the settings.",
        ) from error
    return read_key(file)


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
