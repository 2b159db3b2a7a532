"""Who has a gallery open: many may at once, but whoever exchanges its file must be alone.

A lock of the whole process on a file beside the gallery; locks on the gallery itself are SQLite's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.core.errors import StorageError

try:
    import fcntl
except ImportError:  # a system without: the file is exchanged by whoever starts it, at their risk
    fcntl = None  # type: ignore[assignment]


def lock_file(database: Path) -> Path:
    """The file that is locked; it is always empty."""
    return database.with_name(f".{database.name}.lock")


class Use:
    """Holds the lock until `end`."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def end(self) -> None:
        """Let go; ending twice is allowed."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def shared_use(database: Path) -> Use:
    """Open beside others. Raises StorageError while somebody exchanges the file."""
    descriptor = _open(database)
    if descriptor is None or fcntl is None:
        return Use(descriptor)  # a folder that may only be read: nobody exchanges anything there
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageError(
            "The gallery is being encrypted anew or restored.", "Wait until that is done."
        ) from error
    return Use(descriptor)


def sole_use(database: Path) -> Use:
    """Alone. Raises StorageError while anybody else has the gallery open."""
    descriptor = _open(database)
    if descriptor is None:
        raise StorageError(f"The folder {database.parent} cannot be written.", "Check who owns it.")
    if fcntl is None:
        return Use(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageError(
            "A kiosk has the gallery open.", "Stop it and do this again: nothing was changed."
        ) from error
    return Use(descriptor)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Whoever opens something in a folder waits here for the one before. A folder that is not
    there is not waited for."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(database: Path) -> int | None:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(lock_file(database), flags, 0o600)
    except OSError:
        return None
