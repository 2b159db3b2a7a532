"""What may be written of a value or an error into a log that holds nothing about anybody.

Everything is withheld unless it is known to be harmless: numbers, members of the program's own
enumerations, classes, and texts that the code itself calls `Public`. Of an error remain its class,
what the system said by number or constant, and the places in the code; never its text, for that
may hold the name of a person or of a file that is called after one.
"""

from __future__ import annotations

import errno
import re
import sysconfig
import traceback
from collections.abc import Iterator
from enum import Enum
from functools import cache, lru_cache
from logging import ERROR, WARNING, Logger
from numbers import Real
from pathlib import Path

from kiosk.core.errors import KioskError, KnownError

ELSEWHERE = "(elsewhere)"
"""In place of a file that belongs neither to the program nor to Python nor to a package."""
FRAMES_KEPT = 40
"""Of each end of a traceback: an endless recursion would fill the log."""
_WORD = re.compile(r"[\w.<>+-]{1,80}", re.ASCII)
_PACKAGE = re.compile(r"kiosk/(\w+)[/.]")


class Public(str):
    """A text that names nobody and may be written: a model, a version, a key of the settings.

    Whoever makes one vouches for it. Never for what a person typed, for a path, or for the name of
    a device.
    """

    __slots__ = ()


def redacted(value: object) -> object:
    """The value as it may be written: itself, its harmless part, or only its type in brackets."""
    if isinstance(value, Enum):
        return one_line(str(value.value))
    if value is None or isinstance(value, Real):
        return value
    if isinstance(value, Public):
        return one_line(value)
    if isinstance(value, type):
        return plain_word(value.__name__)
    if isinstance(value, BaseException):
        return describe(value)
    return f"({plain_word(type(value).__name__)})"


def one_line(text: str) -> str:
    """Without line ends and control characters, which could forge an entry."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def plain_word(text: str) -> str:
    """An identifier as code has it; anything else is withheld."""
    return text if _WORD.fullmatch(text) else "(withheld)"


def log_failure(log: Logger, what: str, error: BaseException) -> None:
    """Write that something ended by an error, with its traceback: a warning where the error is the
    environment's, else an error. `what` is a constant text with one %s for the error."""
    level = WARNING if isinstance(error, KnownError) else ERROR
    log.log(level, what, error, exc_info=error, stacklevel=2)


def describe(error: BaseException) -> str:
    """Class, harmless detail and place of an error: "InputError (exit code 3) at
    kiosk/capture/media.py:57"."""
    detail = _detail(error)
    places = [f"{file}:{line}" for file, line, _name in _frames(error) if file != ELSEWHERE]
    where = f" at {places[-1]}" if places else ""
    return f"{code_of(error)}{f' ({detail})' if detail else ''}{where}"


def code_of(error: BaseException) -> str:
    """The name of the error's class, by which screens and documents explain it."""
    return plain_word(type(error).__name__)


def package_of(error: BaseException) -> str:
    """The package of the program in which an error arose, "kiosk" where none took part."""
    found = [_PACKAGE.match(file) for file, _line, _name in _frames(error)]
    inner = [match[1] for match in found if match is not None]
    return f"kiosk.{inner[-1]}" if inner else "kiosk"


def trace_lines(error: BaseException) -> list[str]:
    """The traceback of an error and of those behind it, the first cause first: places and
    functions; no text of an error, no line of code, no variable."""
    lines: list[str] = []
    for each in reversed(list(_chain(error))):
        lines.append(describe(each))
        frames = _frames(each)
        left_out = len(frames) - 2 * FRAMES_KEPT
        if left_out > 0:
            frames = [*frames[:FRAMES_KEPT], *frames[-FRAMES_KEPT:]]
        lines += [f"  {frame_line(*frame)}" for frame in frames]
        if left_out > 0:
            lines.append(f"  {left_out} places in the middle are left out")
    return lines


def frame_line(file: str, line: int, name: str) -> str:
    """One place: file and line, and the function where the file is known."""
    return f"{file}:{line}" if file == ELSEWHERE else f"{file}:{line} in {plain_word(name)}"


@lru_cache(1024)
def place(file: str) -> str:
    """A file of code relative to where it is installed; of any other only that it is elsewhere."""
    if re.fullmatch(r"<frozen [\w.]+>", file):
        return file
    path = Path(file)
    for root, under in _roots():
        if path.is_relative_to(root):
            return (under / path.relative_to(root)).as_posix()
    return ELSEWHERE


@cache
def _roots() -> tuple[tuple[Path, Path], ...]:
    """Folders of code and how they are called; the innermost first. Of a checkout only the package
    counts: anything may lie beside it."""
    own = Path(__file__).parents[1]
    paths = sysconfig.get_paths()
    installed = {Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    others = sorted(installed, key=lambda path: len(path.parts), reverse=True)
    return ((own, Path("kiosk")), *((path, Path()) for path in others))


def _frames(error: BaseException) -> list[tuple[str, int, str]]:
    """File, line and function of every frame, outermost first."""
    return [
        (place(frame.f_code.co_filename), line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it arose from, and the members of a group; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        behind = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if behind is not None:
            waiting.append(behind)


def _detail(error: BaseException) -> str:
    """What is known by number or constant, and so cannot hold a name."""
    if isinstance(error, KioskError):
        return f"exit code {error.exit_code}"
    if isinstance(error, OSError) and error.errno is not None:
        return errno.errorcode.get(error.errno, str(error.errno))
    if isinstance(error, ImportError) and error.name:
        return plain_word(error.name)
    if isinstance(error, UnicodeError):
        return plain_word(str(getattr(error, "encoding", "")))
    return plain_word(name) if (name := getattr(error, "sqlite_errorname", "")) else ""
