"""How far a long command is: a bar on a terminal, a line now and then in a log file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from enum import Enum
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

SECONDS_BETWEEN_LINES = 30.0
"""A log file has no bar: there a line so often, and none for work that is done sooner."""

Item = TypeVar("Item")

_TITLE = TextColumn("{task.description}", markup=False)
_NOTE = TextColumn("{task.fields[note]}", markup=False)


def _counted() -> tuple[ProgressColumn, ...]:
    return _TITLE, BarColumn(), MofNCompleteColumn(), _NOTE, TimeRemainingColumn()


def _weighed() -> tuple[ProgressColumn, ...]:
    return _TITLE, BarColumn(), DownloadColumn(), _NOTE, TimeRemainingColumn()


def _shared() -> tuple[ProgressColumn, ...]:
    return _TITLE, BarColumn(), TaskProgressColumn(), _NOTE, TimeRemainingColumn()


def _endless() -> tuple[ProgressColumn, ...]:
    return SpinnerColumn(), _TITLE, _NOTE, TimeElapsedColumn()


class Counted(Enum):
    """What a bar counts."""

    ITEMS = "items"
    BYTES = "bytes"
    SHARE = "share"
    """0..1 of all of it."""
    SECONDS = "seconds"
    """Without a known end."""


_COLUMNS = {
    Counted.ITEMS: _counted,
    Counted.BYTES: _weighed,
    Counted.SHARE: _shared,
    Counted.SECONDS: _endless,
}


class Bar:
    """One piece of work, and how much of it is done. Use it as a context; `console` prints above
    the bar.

    `total` may come later or never. With `keep` the finished bar stays on the terminal.
    """

    def __init__(
        self,
        console: Console,
        title: str,
        total: float | None = None,
        *,
        counted: Counted = Counted.ITEMS,
        keep: bool = False,
    ) -> None:
        self._progress = Progress(
            *_COLUMNS[counted](), console=console, transient=not keep, refresh_per_second=2
        )
        self._title, self._done, self._total = title, 0.0, total
        self._task = self._progress.add_task(title, total=total, note="")
        self._spoke = time.monotonic()

    @property
    def console(self) -> Console:
        """Where lines may be printed while the bar is shown."""
        return self._progress.console

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def tell(self, done: float, total: float | None = None, note: str = "") -> None:
        """Say how much is `done`, of which `total` if that is new, and a `note` behind it."""
        self._done, self._total = done, self._total if total is None else total
        self._progress.update(self._task, completed=done, total=self._total, note=note)
        self._speak(note)

    def advance(self, note: str = "") -> None:
        """Say that one more is done."""
        self.tell(self._done + 1, note=note)

    def _speak(self, note: str) -> None:
        now = time.monotonic()
        if self.console.is_terminal or now - self._spoke < SECONDS_BETWEEN_LINES:
            return
        self._spoke = now
        total = "" if self._total is None else f"/{self._total:g}"
        line = f"{self._title} {self._done:g}{total} {note}".rstrip()
        self.console.print(line, markup=False, highlight=False)


def track(items: Sequence[Item], title: str, console: Console) -> Iterator[Item]:
    """The items one after the other, with a bar that is gone when they are done."""
    with Bar(console, title, len(items)) as bar:
        for number, item in enumerate(items):
            yield item
            bar.tell(number + 1)
