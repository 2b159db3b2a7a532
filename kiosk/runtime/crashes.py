"""What nobody caught: errors of any thread, and crashes of the interpreter itself.

Standard error is kept by many service managers, so that the text of an error, which may hold a
name, is not shown there either, unless KIOSK_DEBUG asks for it.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from kiosk.core.redaction import Public, describe, frame_line, package_of, place
from kiosk.runtime.log_file import open_private, say

DEBUG_VARIABLE = "KIOSK_DEBUG"
"""Where it is set, Python's own report of an error is printed as well."""
_log = logging.getLogger(__name__)
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.+)$', re.MULTILINE)
_CAUSE = re.compile(
    r"Fatal Python error: (Segmentation fault|Aborted|Bus error|Illegal instruction|"
    r"Floating[- ]point exception)"
)
_LONGEST = 1 << 18
"""Bytes read of a crash report."""


@contextmanager
def watching() -> Iterator[None]:
    """While this lasts, what nobody catches is logged with its traceback."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_on_thread
    sys.unraisablehook = _unraisable
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _report(error.with_traceback(trace), "Nobody caught %s.")
    if os.environ.get(DEBUG_VARIABLE):
        sys.__excepthook__(kind, error, trace)


def _uncaught_on_thread(given: threading.ExceptHookArgs) -> None:
    error = given.exc_value
    if error is None or issubclass(given.exc_type, SystemExit):
        return
    _report(error.with_traceback(given.exc_traceback), "A thread ended by %s.")
    if os.environ.get(DEBUG_VARIABLE):
        threading.__excepthook__(given)


def _unraisable(given: Any) -> None:
    error = given.exc_value
    if isinstance(error, BaseException):
        _report(error.with_traceback(given.exc_traceback), "Nobody could be told of %s.")
    if os.environ.get(DEBUG_VARIABLE):
        sys.__unraisablehook__(given)


def _report(error: BaseException, template: str) -> None:
    logging.getLogger(package_of(error)).critical(template, error, exc_info=error)
    say(f"internal error, {describe(error)}; the log says more (kiosk doctor: where it is).")


@contextmanager
def crash_file(folder: Path) -> Iterator[None]:
    """While this lasts, a crash of the interpreter leaves its traceback in a file of this process;
    the next start logs it. Whoever has asked Python for its own report keeps that."""
    if faulthandler.is_enabled():
        yield
        return
    path = folder / f"crash-{os.getpid()}.txt"
    try:
        file = open_private(path)
    except OSError:
        yield  # the log itself says that the folder cannot be written
        return
    faulthandler.enable(file)
    try:
        yield
    finally:
        faulthandler.disable()
        with suppress(OSError):
            file.close()
            path.unlink()


def report_crashes(folder: Path) -> None:
    """Log what earlier processes left behind when they crashed, and delete it. Their files hold
    paths of the machine, the log only places in the code."""
    for path in sorted(folder.glob("crash-*.txt")):
        process = path.stem.removeprefix("crash-")
        if process.isdecimal() and _runs(int(process)):
            continue
        with suppress(OSError):
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(_LONGEST)
            path.unlink()
            if text:
                _log_crash(text)


def _log_crash(text: str) -> None:
    cause = _CAUSE.search(text)
    what = Public(cause[1]) if cause else Public("cause unknown")
    frames = [(place(file), int(line), name) for file, line, name in _FRAME.findall(text)]
    trace = [Public(frame_line(*frame)) for frame in frames]
    extra = {"trace": trace}
    _log.critical("The kiosk crashed before this start: %s.", what, extra=extra)


def _runs(process: int) -> bool:
    """Whether a process other than this one has that number and may still crash."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
