"""What time it is for whatever is deleted after so many days.

A clock that jumped (an empty battery, a mistyped year) must not delete everything at one start, and
one that was set back must not keep anything longer. So a jump of more than a week is believed only
after the machine has run for a day with it; until then time goes on from where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.core.boot_clock import Moment

JUMP = timedelta(days=7)
"""A kiosk that was switched off for a week has missed no more."""
PROOF = 86_400.0
"""Seconds of running with the new time before it is believed."""


@dataclass(frozen=True)
class RetentionClock:
    """`trusted` was the time at `moment`; for `doubt` seconds the wall has said another."""

    trusted: datetime
    moment: Moment
    doubt: float = 0.0

    def advanced(self, wall: datetime, now: Moment) -> RetentionClock:
        """The clock as it is now."""
        ran = max(0.0, now.seconds - self.moment.seconds) if now.boot == self.moment.boot else 0.0
        expected = self.trusted + timedelta(seconds=ran)
        if abs(wall - expected) <= JUMP:
            return RetentionClock(max(wall, expected), now)
        doubt = self.doubt + ran
        if doubt >= PROOF:
            return RetentionClock(wall, now)
        return RetentionClock(expected, now, doubt)
