"""The file of the log: rotating, read by its owner alone, and never in the way of the kiosk."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

LARGEST = 1 << 20
"""Bytes of a file before it is rotated."""
KEPT = 4
"""Older files beside the one that is written."""
RETRY = 60.0
"""Seconds before a log that could not be written is tried again."""


class LogFile(RotatingFileHandler):
    """A rotating file that several processes may write. While it cannot be written (the disk is
    full, the folder may only be read) one line on standard error says so, entries are lost, and
    everything else goes on."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
        self._clock = clock
        self._failing = False
        self._retry_at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry, or leave it while the file cannot be written."""
        if self._failing and self._clock() < self._retry_at:
            return
        super().emit(record)
        self._failing = self.stream is None

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802
        """Whether the file is full; one that another process has rotated is opened afresh first."""
        if self.stream is not None and not self._is_current(self.stream):
            self.let_go()
        return bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802
        """Put the full file aside, unless another process has done so meanwhile."""
        with _alone_in(Path(self.baseFilename).parent):
            if self.stream is None or not self._is_current(self.stream):
                self.let_go()
            else:
                super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say once what is wrong, and let go of the file."""
        error = sys.exc_info()[1]
        self.let_go()
        self._retry_at = self._clock() + RETRY
        if not self._failing:
            why = error.strerror if isinstance(error, OSError) else type(error).__name__
            say(f"The log cannot be written ({why}); the kiosk goes on without it.")
        self._failing = True

    def _open(self) -> TextIOWrapper:
        return open_private(Path(self.baseFilename))

    def _is_current(self, stream: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.fstat(stream.fileno()), Path(self.baseFilename).stat())
        except OSError:
            return False

    def let_go(self) -> None:
        """Close the file; the next entry opens it afresh. What could not be written is tried once
        more, and then lost. Never raises."""
        with suppress(OSError, ValueError):
            self.close()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """While this lasts, other processes that ask for the same folder wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def open_private(file: Path) -> TextIOWrapper:
    """A file to append to, mode 0600, its folder made with mode 0700. Raises OSError,
    also where the file is a link, which would lead what is written elsewhere."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.fchmod(handle, 0o600)
    return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")


def say(text: str) -> None:
    """One line for whoever started the program, where there is somebody."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"kiosk: {text}\n")
