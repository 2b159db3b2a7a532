"""Copies of the gallery by the hour, on a thread of their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kiosk.core.errors import KnownError
from kiosk.core.events import Fault
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings

EVERY = 3600.0
"""Seconds between two copies."""
_JOIN = 30.0
_log = logging.getLogger(__name__)


@contextmanager
def backing_up(settings: Settings, tell: Callable[[Fault], None]) -> Iterator[None]:
    """While this lasts a copy is made at once and every hour, if the operator named a folder; one
    that cannot be made is told, once, and once when it can be again."""
    if settings.backup_folder == Path():
        yield
        return
    stop = threading.Event()
    copier = _Copier(settings, tell)

    def run() -> None:
        copier.copy()
        while not stop.wait(EVERY):
            copier.copy()

    thread = threading.Thread(target=run, name="kiosk-backup", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_JOIN)


class _Copier:
    def __init__(self, settings: Settings, tell: Callable[[Fault], None]) -> None:
        self._settings, self._tell, self._failing = settings, tell, False

    def copy(self) -> None:
        """Make one; visitors are answered whatever comes of it."""
        from kiosk.storage.sqlite.backups import back_up

        settings = self._settings
        try:
            back_up(settings.database, settings.key_file, settings.backup_folder, datetime.now(UTC))
        except KnownError as error:
            if not self._failing:
                log_failure(_log, "A copy of the gallery cannot be made: %s.", error)
                self._tell(Fault(error.text, error.remedy, code="BackupError"))
            self._failing = True
            return
        if self._failing:
            self._tell(Fault("Copies can be made again.", "", restored=True, code="BackupError"))
        self._failing = False
