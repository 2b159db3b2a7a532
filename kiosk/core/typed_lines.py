"""Lines that somebody typed to be kept and shown: a reason, a greeting."""

from __future__ import annotations

import unicodedata

from kiosk.core.errors import InputError
from kiosk.core.shown_text import shown


def one_line(text: str, longest: int, what: str) -> str:
    """The line as it is kept: composed (NFC), one space wherever white space was.

    Raises InputError for an empty or endless one, and for signs that act instead of being seen.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line:
        raise InputError(f"The {what} is empty.", f"Give one of up to {longest} characters.")
    if len(line) > longest:
        remedy = f"Give at most {longest}."
        raise InputError(f"The {what} is {len(line)} characters long.", remedy)
    if shown(line) != line:
        remedy = "Give letters, digits, spaces and signs only."
        raise InputError(f"The {what} holds a control character.", remedy)
    return line
