"""Words that deny, so that a text can be read with and without them.

A network that says the same of "never happy" as of "happy" has overlooked the denial, and what it
says is not sure. The words are found, not understood: "never been so happy" has one too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENGLISH = re.compile(
    "^(not|never|no|none|nobody|nothing|neither|nor|hardly|without|cannot|aint|.+n't|"
    "(do|does|did|is|was|are|were|ca|could|wo|would|have|has)nt)$"
)
_KOREAN = re.compile("^(안|전혀|결코|아니|아냐|아닌|아닙|없)|않|못해|못했|못하")
_GREETINGS = re.compile("^(안녕|안내|안심|안전|안정|안경|안타|안쓰|안부|안개|안방|없이)")
"""Words that only begin like a denial."""


def denies(word: str) -> bool:
    """Whether a word (lower case, NFC) denies something."""
    if _ENGLISH.match(word):
        return True
    return bool(_KOREAN.search(word)) and not _GREETINGS.match(word)


def affirmed(words: Sequence[str]) -> list[str]:
    """The words without those that deny; of a Korean verb that is denied at its head the rest."""
    found = []
    for word in words:
        if not denies(word):
            found.append(word)
        elif word[0] == "안" and len(word) > 2:
            found.append(word[1:])
    return found
