"""Names of subjects: one spelling for one name, whatever keyboard or file system it came from."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from kiosk.core.errors import InputError

LONGEST_NAME = 200
_JOINERS = "\u200c\u200d"
"""Format characters that spell: some Persian and Indic names cannot be written without them."""
_FORBIDDEN = {"Cc", "Cf", "Zl", "Zp"}
_BLANKS = str.maketrans(dict.fromkeys("\u2800\u3164\uffa0", " "))
"""Signs that count as letters or symbols and show nothing: blank braille, Hangul fillers."""
_FILLERS = "\u115f\u1160"
"""Hangul letters that show nothing, without which some old syllables cannot be written."""


def clean_name(text: str) -> str:
    """The name as it is stored: composed (NFC), and one space wherever white space was.

    Raises InputError if it is empty, longer than LONGEST_NAME, shows no letter or digit, cannot be
    decoded, or holds a control character, among them those that turn the direction of writing and
    so can disguise a name.
    """
    name = unicodedata.normalize("NFC", text).translate(_BLANKS).strip()
    kinds = {unicodedata.category(sign) for sign in name if sign not in _JOINERS}
    if "Cs" in kinds:
        raise InputError(
            "The name cannot be read: it is not in UTF-8.", "Rename it, or type the name again."
        )
    if kinds & _FORBIDDEN:
        raise InputError(
            "The name holds a control character.", "Give letters, digits, spaces and signs only."
        )
    name = " ".join(name.split())
    if not name:
        raise InputError("The name is empty.", "Give at least one letter.")
    if len(name) > LONGEST_NAME:
        raise InputError(
            f"The name is {len(name)} characters long.", f"Give at most {LONGEST_NAME}."
        )
    if not any(_is_seen(sign) for sign in name):
        raise InputError("The name shows no letter.", "Give at least one letter or digit.")
    return name


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN" and sign not in _FILLERS


def name_key(name: str) -> str:
    """What makes two names the same: case-folded by the Unicode rule for canonical caseless
    matching (The Unicode Standard, section 3.13, D145), however wide the spaces are."""
    folded = unicodedata.normalize("NFD", " ".join(name.split())).casefold()
    return unicodedata.normalize("NFC", folded)


def nearest_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The `count` known names most like `name`, best first; none if nothing is like it."""
    by_key = {name_key(each): each for each in known}
    keys = difflib.get_close_matches(name_key(name), by_key, n=count)
    return [by_key[key] for key in keys]
