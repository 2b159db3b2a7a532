"""Hints that hold long enough to be read."""

from __future__ import annotations

from kiosk.core.samples import Hint

HINT_SECONDS = 0.4
"""A hint is changed once the next has held this long: words that flicker cannot be read."""


class SteadyHint:
    """The hint to show, from that of each look: the first at once, another when it has held."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with the next hint at once."""
        self._shown: Hint | None = None
        self._newest: Hint | None = None
        self._since = 0.0

    def settle(self, hint: Hint | None, time: float) -> Hint | None:
        """Take the hint of a look at `time`; returns the one to show."""
        if hint is not self._newest:
            self._newest, self._since = hint, time
        if self._shown is None or time - self._since >= HINT_SECONDS:
            self._shown = hint
        return self._shown
