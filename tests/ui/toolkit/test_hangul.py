"""Korean syllables from the letters of a keyboard: every one of them, and back."""

from __future__ import annotations

from functools import reduce

import pytest

from kiosk.ui.toolkit import hangul

PARTS = {**{pair: letters for letters, pair in hangul._PAIRS.items()}}


def typed(letters: str) -> str:
    """What stands in the field after these keys."""

    def press(text: str, letter: str) -> str:
        return text[:-1] + hangul.add(text[-1:], letter)

    return reduce(press, letters, "")


@pytest.mark.parametrize(
    ("letters", "word"),
    [
        ("ㄱㅣㅁㅎㅏㄴㅡㄹ", "김하늘"),
        ("ㅎㅗㅏㅇㅂㅗㄱㅅㅜㅇㅏ", "황복수아"),
        ("ㄷㅏㄹㄱㅇㅣ", "닭이"),
        ("ㄷㅏㄹㄱㅣ", "달기"),
        ("ㅇㅓㅂㅅㅓ", "업서"),
        ("ㄱㅏㄲㅏ", "가까"),
        ("ㅇㅢㅅㅏ", "의사"),
        ("ㅏㅣ", "ㅏㅣ"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("ㅃㅏㄸㅏ", "빠따"),
        ("ㄱㅘㄴ", "관"),
    ],
)
def test_words_as_they_are_typed(letters: str, word: str) -> None:
    assert typed(letters) == word


def test_every_syllable_can_be_typed_and_taken_apart_again() -> None:
    for number in range(0xAC00, 0xD7A4):
        sign = chr(number)
        letters = "".join(PARTS.get(part, part) for part in hangul.split(sign))
        assert typed(letters) == sign
        text = sign
        for _ in letters:
            text = hangul.drop(text)
        assert text == ""


@pytest.mark.parametrize(
    ("sign", "left"),
    [("닭", "달"), ("달", "다"), ("다", "ㄷ"), ("ㄷ", ""), ("과", "고"), ("ㄳ", "ㄱ")],
)
def test_letters_are_taken_back_one_by_one(sign: str, left: str) -> None:
    assert hangul.drop(sign) == left
