"""Text from outside as it may be shown: names of files and folders, of devices and streams, what an
archive holds. Nothing in it moves a terminal's cursor, colours it or turns the way of writing."""

from __future__ import annotations

import unicodedata

_KEPT = "\u200c\u200d"
"""Joiners, without which some scripts and signs cannot be written."""
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def shown(text: str) -> str:
    """One line of `text`: what would act instead of being seen is written as its escape."""
    return "".join(sign if _is_plain(sign) else _escaped(sign) for sign in text)


def _is_plain(sign: str) -> bool:
    return " " <= sign <= "~" or sign in _KEPT or unicodedata.category(sign) not in _HIDDEN


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
