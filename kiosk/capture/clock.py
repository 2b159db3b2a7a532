"""Wall time, and how long to wait before trying again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Protocol

from kiosk.core.ports.capture import Clock

FIRST_DELAY = 0.5
LONGEST_DELAY = 5.0


class StoppableClock(Clock, Protocol):
    """A clock whose waiting can be ended from another thread."""

    def stop(self) -> None:
        """From now on `wait` returns True at once."""


class WallClock:
    """The machine's monotonic clock."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def monotonic(self) -> float:
        """Seconds since the machine started."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """True when stopped, before or while waiting."""
        return self._stopped.wait(max(0.0, seconds))

    def stop(self) -> None:
        """End all waiting."""
        self._stopped.set()


def delays() -> Iterator[float]:
    """Seconds before each new try: doubling from FIRST_DELAY to LONGEST_DELAY, without end.

    No jitter: one kiosk has one camera, there is no herd to spread.
    """
    delay = FIRST_DELAY
    while True:
        yield delay
        delay = min(2 * delay, LONGEST_DELAY)
