"""What shells, terminals and service managers do to a process: streams that are closed, a locale
without letters, a reader that leaves, signals, memory that is refused."""

from __future__ import annotations

import codecs
import os
import select
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

INTERRUPTED = 130


def speak_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale knows ASCII alone (`LC_ALL=C`): names
    and files in Korean could not even be passed on. Returns where nothing is to be done."""
    ascii_only = codecs.lookup(sys.getfilesystemencoding()).name == "ascii"
    if not ascii_only or os.environ.get("PYTHONUTF8") == "1":
        return
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # ourselves


def open_closed_streams() -> None:
    """Streams the caller closed (`>&-`) lead nowhere: otherwise the first file that is opened, such
    as the gallery, would take their number and be written to."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            # closefd: the number must stay taken as long as the process lives.
            opened_as = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, opened_as)


def end_at_second_interrupt() -> None:
    """The first Ctrl-C ends the work in order; the second ends the process at once."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)


@dataclass
class Ending:
    """Whether somebody outside asked for the end."""

    asked: bool = False


@contextmanager
def ending(close: Callable[[], None]) -> Iterator[Ending]:
    """While this lasts, SIGTERM, SIGHUP and a reader of standard output that leaves call `close`,
    so that what runs ends as at the end of its source. On the main thread only."""
    state = Ending()

    def end(*_: object) -> None:
        state.asked = True
        # Not in the handler: the thread it interrupts may hold a lock that closing needs.
        threading.Thread(target=close, name="kiosk-ending", daemon=True).start()

    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # nohup ignores SIGHUP
    ]
    for number in numbers:
        signal.signal(number, end)
    _watch_reader(end)
    try:
        yield state
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _watch_reader(gone: Callable[[], None]) -> None:
    """A pipe tells its writer at once that nobody reads any more, to whoever asks."""
    mode = os.fstat(1).st_mode
    if not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode):
        return
    poll = select.poll()
    poll.register(1, 0)  # errors and hang-ups are always told

    def wait() -> None:
        poll.poll()
        gone()

    threading.Thread(target=wait, name="kiosk-reader", daemon=True).start()
