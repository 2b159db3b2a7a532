"""Whether a text is in a language that is read: Hangul is Korean, Latin letters mean little.

What is English is not asked of a model of languages but of the words the network has learnt from:
a text of words it never met cannot be judged, be it French or misspelt. The words are kept as a
Bloom filter (Bloom, "Space/time trade-offs in hash coding", CACM 13, 1970): no word that was learnt
is missed, and about one in a hundred others is taken for known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from kiosk.inference.text.units import words_of

FILTER_BYTES = 1 << 15
_HASHES = 2
_LATIN = re.compile("[a-z\u00df-\u024f]")
_HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_COUNTED = 4
"""Letters of a word that count: a long word says no more about a language than two short ones."""
ENOUGH = 0.55
"""Share of a text, by its words, that has to be Hangul or known English."""

Bytes = NDArray[np.uint8]


def filter_of(words: Iterable[str]) -> Bytes:
    """The filter (FILTER_BYTES,) that knows these words."""
    bits = np.zeros(8 * FILTER_BYTES, np.uint8)
    for word in words:
        bits[_places(word)] = 1
    return np.packbits(bits)


def is_known(word: str, known: Bytes) -> bool:
    """Whether the filter has the word, or (seldom) one like it to its hashes."""
    return all(known[place >> 3] >> (7 - (place & 7)) & 1 for place in _places(word))


def _places(word: str) -> list[int]:
    digest = blake2b(word.encode(), digest_size=4 * _HASHES).digest()
    starts = range(0, len(digest), 4)
    return [int.from_bytes(digest[at : at + 4], "big") % (8 * FILTER_BYTES) for at in starts]


def is_read(text: str, known: Bytes) -> bool:
    """Whether enough of a text is Hangul or known English; emoji and marks belong to no language,
    and a text of nothing else is read."""
    read, letters = 0, _other_letters(text)
    for word in words_of(text):
        if _HANGUL.match(word):
            read += min(len(word), _COUNTED)
            letters += min(len(word), _COUNTED)
        elif _LATIN.match(word):
            read += min(len(word), _COUNTED) * is_known(word, known)
            letters += min(len(word), _COUNTED)
    return read >= ENOUGH * letters


def english_words(text: str) -> set[str]:
    """The words of Latin letters in a text."""
    return {word for word in words_of(text) if _LATIN.match(word)}


def _other_letters(text: str) -> int:
    """Letters of scripts that are not read at all, such as Han, kana or Cyrillic."""
    plain = unicodedata.normalize("NFC", text).lower()
    return sum(
        letter.isalpha() and not _LATIN.match(letter) and not _HANGUL.match(letter)
        for letter in plain
    )
