"""The running kiosk writes down how it is, so that `kiosk status` and a watchdog can tell.

A small file beside the database, mode 0600, renewed every few seconds by a thread of its own and
taken away at the end. It holds the verdict, counts and times, and nothing of anybody. A kiosk that
hangs or was killed leaves it behind, and its age tells.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from kiosk.core.fleet import FleetStatus
from kiosk.core.settings import Settings
from kiosk.core.status import Light, RuntimeStatus, Trouble, Verdict

NAME = "status.json"
EVERY = 5.0
"""Seconds between two writings."""
FRESH = 20.0
"""Seconds after which the kiosk that wrote it no longer runs, or hangs."""
_PATIENCE = 10.0

Wall = Callable[[], float]


def status_path(settings: Settings) -> Path:
    """Where the kiosk of these settings writes."""
    return settings.database.parent / NAME


@dataclass(frozen=True)
class KioskStatus:
    """What was written: the verdict, seconds since the start, visits decided, and when."""

    verdict: Verdict
    running_seconds: float
    visits: int
    dropped: int
    lost_sound: float
    written: float
    fleet: dict[str, Any] | None = None
    """How it stands with its fleet: see `core.fleet.FleetStatus`."""

    def is_fresh(self, now: float) -> bool:
        """Whether the kiosk that wrote it still runs."""
        return 0 <= now - self.written <= FRESH


def read_status(file: Path) -> KioskStatus | None:
    """What was written last; None where nothing readable is."""
    try:
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
        seen = found.pop("verdict")
        troubles = tuple(Trouble(each) for each in seen["troubles"])
        made = Verdict(Light(seen["light"]), troubles, tuple(seen["codes"]))
        return KioskStatus(made, **found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class Examined(Protocol):
    """The part of a `HealthService` that is written down."""

    def pulse(self) -> RuntimeStatus:
        """How the running kiosk is."""

    def verdict(self) -> Verdict:
        """Green, amber or red."""


class StatusWriter:
    """Writes while it is entered; a full disk or a folder that is gone is no reason to stop."""

    def __init__(self, file: Path, health: Examined, wall: Wall = time.time) -> None:
        self._file, self._health, self._wall = file, health, wall
        self._stop = threading.Event()
        self._one = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="kiosk-status", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE)
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            with suppress(OSError):
                self.write()
            if self._stop.wait(EVERY):
                return

    def write(self) -> None:
        """Once, whole or not at all; from any thread. Raises OSError."""
        with self._one:
            self._write()

    def _write(self) -> None:
        pulse = self._health.pulse()
        status = KioskStatus(
            self._health.verdict(),
            round(pulse.running_seconds, 1),
            pulse.visits,
            pulse.dropped,
            round(pulse.lost_sound, 1),
            self._wall(),
            _fleet(pulse.fleet),
        )
        draft = self._file.with_suffix(".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(asdict(status), opened)
        draft.replace(self._file)


def _fleet(status: FleetStatus | None) -> dict[str, Any] | None:
    if status is None:
        return None
    contact = status.contact.isoformat() if status.contact else None
    return {**asdict(status), "state": status.state.value, "contact": contact}
