"""Korean syllables from letters and back, for a keyboard on the screen.

A modern syllable is 0xAC00 + (lead * 21 + vowel) * 28 + tail (The Unicode Standard, section 3.12,
conjoining jamo behaviour). Keys give the compatibility letters of the two-set layout.
"""

from __future__ import annotations

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
"""A space stands for none."""
_FIRST, _LAST = 0xAC00, 0xD7A3
_JOINED = (
    "ㅗㅏㅘ ㅗㅐㅙ ㅗㅣㅚ ㅜㅓㅝ ㅜㅔㅞ ㅜㅣㅟ ㅡㅣㅢ "
    "ㄱㅅㄳ ㄴㅈㄵ ㄴㅎㄶ ㄹㄱㄺ ㄹㅁㄻ ㄹㅂㄼ ㄹㅅㄽ ㄹㅌㄾ ㄹㅍㄿ ㄹㅎㅀ ㅂㅅㅄ"
)
_PAIRS = {letters[:2]: letters[2] for letters in _JOINED.split(" ")}
_PARTS = {pair: letters for letters, pair in _PAIRS.items()}


def split(sign: str) -> str:
    """The letters of one syllable: lead, vowel, and tail if it has one; a letter stays itself."""
    if not _FIRST <= ord(sign) <= _LAST:
        return sign
    rest, tail = divmod(ord(sign) - _FIRST, len(TAILS))
    lead, vowel = divmod(rest, len(VOWELS))
    return (LEADS[lead] + VOWELS[vowel] + TAILS[tail]).strip()


def syllable(lead: str, vowel: str, tail: str = " ") -> str:
    """One syllable from its letters."""
    number = (LEADS.index(lead) * len(VOWELS) + VOWELS.index(vowel)) * len(TAILS)
    return chr(_FIRST + number + TAILS.index(tail))


def add(open_sign: str, letter: str) -> str:
    """What stands in place of the syllable being written (may be empty) after one more letter: one
    sign that goes on being written, or a finished one before it."""
    if not open_sign:
        return letter
    letters = split(open_sign)
    adders = {1: _after_letter, 2: _after_vowel, 3: _after_tail}
    return adders[len(letters)](letters, letter) or open_sign + letter


def drop(open_sign: str) -> str:
    """The syllable being written without its last letter."""
    letters = split(open_sign)
    last = _PARTS.get(letters[-1], letters[-1])[:-1]
    parts = letters[:-1] + last
    return syllable(*parts) if len(parts) > 1 else parts


def _after_letter(letters: str, letter: str) -> str | None:
    """A vowel goes below a consonant, and two vowels or consonants may be one."""
    if letters in LEADS and letter in VOWELS:
        return syllable(letters, letter)
    return _PAIRS.get(letters + letter)


def _after_vowel(letters: str, letter: str) -> str | None:
    lead, vowel = list(letters)
    if letter in TAILS:
        return syllable(lead, vowel, letter)
    pair = _PAIRS.get(vowel + letter)
    return syllable(lead, pair) if pair else None


def _after_tail(letters: str, letter: str) -> str | None:
    """A vowel takes the last consonant along into a new syllable."""
    lead, vowel, tail = list(letters)
    if letter in VOWELS:
        kept, moved = list(_PARTS[tail]) if tail in _PARTS else [" ", tail]
        return syllable(lead, vowel, kept) + syllable(moved, letter)
    pair = _PAIRS.get(tail + letter)
    return syllable(lead, vowel, pair) if pair else None
