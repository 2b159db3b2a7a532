"""Hints that hold long enough to be read."""

from __future__ import annotations

from kiosk.core.samples import Hint

HINT_SECONDS = 0.4
"""A hint is changed once the next has held this long: words that flicker cannot be read."""


class SteadyHint:
    """The hint to show, from that of each look: another when it has held.

    To somebody who has just come the first is shown at once, and goes when nothing has been wrong
    for a while. To somebody who `follows` an instruction already, who passes through looks that are
    of no use, it comes when it has held, and goes at once when nothing is wrong.
    """

    def __init__(self, *, follows: bool = False) -> None:
        self._follows = follows
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._shown: Hint | None = None
        self._newest: Hint | None = None
        self._since = 0.0

    def settle(self, hint: Hint | None, time: float) -> Hint | None:
        """Take the hint of a look at `time`; returns the one to show."""
        if hint is not self._newest:
            self._newest, self._since = hint, time
        at_once = hint is None if self._follows else self._shown is None
        if at_once or time - self._since >= HINT_SECONDS:
            self._shown = hint
        return self._shown
