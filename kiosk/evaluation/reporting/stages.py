"""What a long measurement is at: a line when a stage begins, with the time the last one took."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console

Clock = Callable[[], float]


class Stages:
    """The stages of one run, in their order; `seconds` of each that is over."""

    def __init__(self, console: Console, clock: Clock = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._current, self._began = "", clock()
        self.seconds: dict[str, float] = {}

    def begin(self, name: str) -> None:
        """The stage before is over, and this one begins."""
        self.end()
        self._current, self._began = name, self._clock()
        self._console.print(f"{len(self.seconds) + 1}. {name} ...", markup=False, highlight=False)

    def end(self) -> None:
        """The last stage is over."""
        if self._current:
            took = self._clock() - self._began
            self.seconds[self._current] = round(took, 1)
            text = f"   {self._current}: {took:.1f} s"
            self._console.print(text, markup=False, highlight=False)
        self._current = ""
