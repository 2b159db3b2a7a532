"""How many requests one client may send: a bucket that fills at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from kiosk.server.refusals import Busy

BURST_SECONDS = 4.0
"""So much of the rate may come at once."""
MOST_CLIENTS = 4096
"""Remembered; whoever has been quiet longest is forgotten, with a full bucket."""


class Rates:
    """Requests a second, for each client; on the thread of the event loop."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = max(1.0, rate * BURST_SECONDS)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count a request. Raises Busy where there were too many."""
        now = self._clock()
        left, seen = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - seen) * self._rate)
        enough = left >= 1.0
        self._left[client] = (left - 1.0 if enough else left, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        if not enough:
            wait = max(1, round((1.0 - left) / self._rate))
            raise Busy(
                f"More than {self._rate:g} requests a second came from here.",
                f"Try again in {wait} s.",
                wait,
            )
