"""From a sentence to words, and from each word to the numbers of its parts.

A word is what stands between blanks, of Latin letters or of Hangul, or one emoji. Its parts are
its n-grams: of letters, for Hangul of jamo, so that endings of verbs are parts of their own; for an
emoji the words of its Unicode name ("face with tears of joy"). Parts are not looked up in a list
but numbered by a hash (Bojanowski et al. 2017, arXiv:1607.04606), so no word is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

LONGEST_WORD = 40
_LATIN = "a-z\u00df-\u00f6\u00f8-\u024f"
_HANGUL = "\uac00-\ud7a3\u3131-\u318e"
_SYMBOLS = "\u203c-\u2049\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff"
_TOKEN = re.compile(f"[{_LATIN}]+(?:'[{_LATIN}]+)*|[{_HANGUL}]+|[{_SYMBOLS}]|[!?]+|\\.\\.+|[0-9]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d]")
_WORDY = re.compile(f"[{_LATIN}{_HANGUL}{_SYMBOLS}]")
_KOREAN = re.compile(f"[{_HANGUL}]")
_SYMBOL = re.compile(f"[{_SYMBOLS}]")


def words_of(text: str) -> list[str]:
    """Words, emoji and what marks a sentence's tone, in lower case; what is drawn out is cut to
    three of a letter and numbers are all the same. Other scripts are left out."""
    plain = unicodedata.normalize("NFC", _SKIN.sub("", text).replace("\u2019", "'")).lower()
    plain = _REPEATED.sub(r"\1\1\1", plain)
    return ["0" if word[0].isdigit() else word for word in _TOKEN.findall(plain)]


def is_wordy(word: str) -> bool:
    """Whether it is a word or an emoji and not just a mark or a number."""
    return bool(_WORDY.match(word))


def korean_share(words: list[str]) -> float:
    """Which part of the words with letters is Hangul, 0..1; one half where none has letters."""
    lettered = [word for word in words if is_wordy(word) and not _SYMBOL.match(word)]
    if not lettered:
        return 0.5
    return sum(bool(_KOREAN.match(word)) for word in lettered) / len(lettered)


@lru_cache(maxsize=50_000)
def parts_of(word: str, buckets: int) -> tuple[int, ...]:
    """The numbers of a word's parts, each below `buckets`; the whole word is the first."""
    return tuple(crc32(part.encode()) % buckets for part in _spelt(word[:LONGEST_WORD]))


def pair_of(first: str, second: str, buckets: int) -> int:
    """The number of two neighbouring words taken together."""
    return crc32(f"{first} {second}".encode()) % buckets


def _spelt(word: str) -> Iterator[str]:
    yield f"<{word}>"
    if _SYMBOL.match(word):
        yield from (f"<{part}>" for part in unicodedata.name(word, "").lower().split())
    elif _KOREAN.match(word):
        yield from _grams(f"<{word}>", 1, 3)
        yield from _grams(f"<{unicodedata.normalize('NFD', word)}>", 3, 7)
    elif len(word) > 1:
        yield from _grams(f"<{word}>", 3, 5)


def _grams(word: str, shortest: int, longest: int) -> Iterator[str]:
    for length in range(shortest, min(longest, len(word) - 1) + 1):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]
