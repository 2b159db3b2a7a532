"""What a name looks like, whatever signs it is spelt with.

After the skeletons of Unicode Technical Standard 39: compatibility forms and marks that show
nothing go, letters of other scripts become the Latin letters they are drawn as, and what is hard to
tell apart in a line of text (l, I, 1; O, 0) becomes one. The table holds what a screen's typeface
makes alike, not all of the standard's.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ALIKE = {
    "a": "аɑαạ",
    "b": "ьЬв",
    "c": "сϲ",
    "d": "ԁɗ",
    "e": "еєҽε℮",
    "g": "ɡց",
    "h": "һнհ",
    "k": "кκ",
    "l": "i1|ıіїɩιӏ!í̇ǀا",
    "m": "м",
    "n": "пηո",
    "o": "0оοσօόөഠ๐",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гʀ",
    "s": "ѕꜱƽ",
    "t": "тτ",
    "u": "υսʋц",
    "v": "νѵט",
    "w": "ԝшѡω",
    "x": "хχ×",
    "y": "уүγʏ",
    "z": "ʐᴢ",
    "j": "јϳ",
    "f": "ϝք",
}
_DRAWN_AS = str.maketrans({sign: latin for latin, signs in _ALIKE.items() for sign in signs})
_SEVERAL = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters that look like one."""
_SHOWN = frozenset("LN")
_FILLERS = "\u115f\u1160"
"""Hangul letters that show nothing."""


@lru_cache(maxsize=1 << 15)  # a new name is held against everybody's
def name_skeleton(name: str) -> str:
    """Two names of one skeleton cannot be told apart at a glance. Blanks, signs and accents between
    letters count for nothing."""
    composed = unicodedata.normalize("NFKC", name).casefold()
    apart = unicodedata.normalize("NFKD", composed)
    drawn = apart.translate(_DRAWN_AS)
    for two, one in _SEVERAL:
        drawn = drawn.replace(two, one)
    kept = "".join(
        sign for sign in drawn if unicodedata.category(sign)[0] in _SHOWN and sign not in _FILLERS
    )
    return unicodedata.normalize("NFC", kept)
