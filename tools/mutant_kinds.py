"""Changes that mutmut makes and that can change no behaviour, told by their kind.

A change is looked at as what it takes out of the words of a function and what it puts in their
place. Each kind below is one rule; whatever no rule tells stays in the sample.
"""

from __future__ import annotations

import codecs
import io
import re
import textwrap
import tokenize
from dataclasses import dataclass
from enum import StrEnum

_LAYOUT = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.COMMENT,
    tokenize.ENDMARKER,
}
_SQL = re.compile(r"\"(FROM|WHERE|ATTACH|DETACH|VACUUM|REINDEX)\b[^':]*\"")
_SENTENCE = re.compile(r"\"[A-Z][a-z ].* .*\"")
_EINSUM = re.compile(r"\"[a-z.]+(,[a-z.]+)*->[a-z.]*\"")


class Kind(StrEnum):
    """Why a change tells nothing of the tests."""

    STRICT = "strict= of a zip: every such zip here goes over parts that are made equally long"
    CODEC = "the letter case of a codec's name"
    SQL = "the letter case of SQL that names no column of a result, no text and no parameter"
    EINSUM = "the letter case of all labels of an einsum"
    WORDS = "letters of a sentence for people"


@dataclass(frozen=True)
class Change:
    """What stood there, what stands there now, and the words before it."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    before: tuple[str, ...]


def words(source: str) -> tuple[str, ...]:
    """The words of a piece of Python, without its layout and comments."""
    lines = io.StringIO(textwrap.dedent(source)).readline
    return tuple(
        each.string for each in tokenize.generate_tokens(lines) if each.type not in _LAYOUT
    )


def change(original: str, mutant: str) -> Change:
    """The one place in which two functions differ."""
    one, two = words(original), words(mutant)
    shorter = min(len(one), len(two))
    begin = next((i for i in range(shorter) if one[i] != two[i]), shorter)
    rest = shorter - begin
    end = next((i for i in range(rest) if one[-1 - i] != two[-1 - i]), rest)
    return Change(one[begin : len(one) - end], two[begin : len(two) - end], one[:begin])


def kind(change: Change) -> Kind | None:
    """The kind of a change that nothing can tell; None for all others."""
    old, new, before = change.old, change.new, change.before
    strict = before[-2:] == ("strict", "=") or (old[:2] == ("strict", "=") and not new)
    if strict and "Emotion" not in before[-10:]:  # whose shares come from somewhere else
        return Kind.STRICT
    if len(old) != 1 or len(new) != 1 or not old[0].endswith('"'):
        return None
    was, now = old[0], new[0]
    if _SENTENCE.fullmatch(was) and was.lower() == now.replace("XX", "").lower():
        return Kind.WORDS
    if was.lower() != now.lower():
        return None
    if _SQL.fullmatch(was):
        return Kind.SQL
    if _EINSUM.fullmatch(was):
        return Kind.EINSUM
    return Kind.CODEC if _same_codec(was, now) else None


def _same_codec(one: str, two: str) -> bool:
    try:
        return codecs.lookup(one.strip('"')) == codecs.lookup(two.strip('"'))
    except LookupError:
        return False
