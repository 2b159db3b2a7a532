"""Room kept for deleting on a full disk: a change writes a journal first, also one that only
deletes, and whoever is to be forgotten must not wait for an administrator."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

SIZE = 1 << 20
"""Bytes: the journal of a deletion is far smaller."""


def reserve_file(database: Path) -> Path:
    """The file whose room is given up."""
    return database.with_name(f".{database.name}.reserve")


def keep_room(database: Path) -> None:
    """Make sure of the room, where the disk has it and we may write."""
    file = reserve_file(database)
    with suppress(OSError):
        if file.exists() and file.stat().st_size >= SIZE:
            return
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            file.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def give_up_room(database: Path) -> bool:
    """Let the room go; whether there was any."""
    try:
        reserve_file(database).unlink()
    except OSError:
        return False
    return True
