"""Words that name somebody, errors that hold them, and how they would show where they leaked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TypeVar

from kiosk.core.errors import KnownError

NAME, STEM, NOTE, DEVICE = "하늬바람", "구슬비-사진", "칠층왼쪽방", "노을의이어폰"
PASSPHRASE = "correct horse 9131826405 battery"
WRONG_PASSPHRASE = "wrong zebra 7717093528 staple"
MARKS = (NAME, STEM, NOTE, DEVICE, "horse", "9131826405", "zebra", "7717093528")
"""Numbers so long that a key or a hash in hexadecimal does not hold them by chance."""
_E = TypeVar("_E", bound=BaseException)


def leaks(content: bytes, marks: tuple[str, ...] = MARKS) -> list[str]:
    """The marks found, as they are or as an escape sequence, hexadecimal or base64 would show."""
    found = []
    for mark in marks:
        raw = mark.encode()
        forms = [raw, mark.encode("unicode_escape"), repr(raw)[2:-1].encode(), raw.hex().encode()]
        forms.append(base64.b64encode(raw)[:-4])
        found += [mark for form in forms if form in content]
    return found


def raised(error: _E) -> _E:
    """The same error with a traceback, and variables that hold names along it."""
    somebody = NAME
    try:
        raise error
    except BaseException:
        assert somebody
    return error


def marked_errors() -> list[BaseException]:
    """Errors of every kind with names in their texts."""
    behind = ValueError(NAME)
    behind.__cause__ = raised(FileNotFoundError(2, "No such file", f"{STEM}.mp4"))
    behind.add_note(NOTE)
    found: list[BaseException] = [behind, KeyError(NAME), OSError(NAME), SystemExit(NAME)]
    found += [UnicodeDecodeError("utf-8", NAME.encode(), 0, 1, NOTE), ImportError(NAME, name=NAME)]
    found += [type(NAME, (Exception,), {})(), SyntaxError(NAME, (f"{STEM}.py", 1, 1, NAME))]
    found.append(ExceptionGroup(NAME, [ValueError(NAME), raised(TypeError(NAME))]))
    return [raised(error) for error in found + list(known_errors())]


def known_errors() -> Iterator[KnownError]:
    """Every class, its own arguments aside, with names in text and remedy."""
    waiting: list[type[KnownError]] = [KnownError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "__init__" not in vars(kind) or kind is KnownError:
            yield kind(f"{STEM}.mp4 of {NAME} is broken.", f"Ask {NAME} for {NOTE}.")
