"""Which of several processes sends: two that sent the same events would mix up their order."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kiosk.core.outgoing import EventChannel


def lease_file(database: Path, channel: EventChannel) -> Path:
    """An empty file beside the database; it means nothing but by its lock."""
    return database.with_name(f"{database.name}-{channel}.lock")


class Lease:
    """The right to send, held by one process at a time; the system takes it from one that dies."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Whether it is ours, now or since before. Raises OSError where the file cannot be made."""
        if self._handle is not None:
            return True
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Let another have it; twice is allowed."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
