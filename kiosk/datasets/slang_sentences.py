"""Slang, bare jamo and irony, Korean and English, written for the kiosk.

Slang and jamo are words like others: a list teaches them, in several settings, of which some are
held out. Irony says the opposite of its words; what teaches it are set phrases before a mishap
("oh great, another ..."), and of these whole phrases and whole mishaps are held out. That finds
irony of this kind and no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.core.estimates import Emotion
from kiosk.datasets.negated_sentences import Side, shared
from kiosk.datasets.text_emotions import Sentences

H, A, D = Emotion.HAPPINESS, Emotion.ANGER, Emotion.DISGUST
F, N, S, W = Emotion.FEAR, Emotion.NEUTRAL, Emotion.SADNESS, Emotion.SURPRISE

KOREAN_SLANG = {
    H: "ㅋㅋ ㅋㅋㅋㅋ ㅎㅎ ㅎㅎㅎ ㅊㅋㅊㅋ ㄱㅅ ㄱㅅㄱㅅ ㅊㅊ 개꿀 개이득 꿀잼 핵꿀잼 존맛 존좋 "
    "개좋아 짱좋아 갓벽해 개신나 꿀맛 힐링된다 심쿵 럽럽",
    A: "ㅡㅡ ㅅㅂ ㅗㅗ ㅂㄷㅂㄷ 킹받네 킹받아 개빡쳐 빡침 개짜증 짱나 짱난다 딥빡 열폭 쌉극딜 "
    "개열받아",
    D: "ㅉㅉ 극혐 개극혐 으웩 웩 우웩 토나와 토나온다 개더러워 노답 혐짤",
    F: "ㄷㄷ ㄷㄷㄷ ㅎㄷㄷ 개무서워 존무 쫄려 쫄린다 후덜덜 식겁 떨린다",
    N: "ㅇㅇ ㄴㄴ ㅇㅋ ㅇㅈ ㄹㅇ ㄱㄱ ㅂㅂ ㅂㅇ ㅎㅇ ㄱㄷ ㅁㄹ",
    S: "ㅠ ㅠㅠ ㅠㅠㅠ ㅜㅜ ㅜㅜㅜ ㅈㅅ ㄲㅂ 현타 현타온다 멘탈나감 우울각 눈물각 개슬퍼 찌통 "
    "노잼 핵노잼 개노잼",
    W: "ㅁㅊ ㄴㅇㄱ 헐 헐랭 대박 미쳤다 멘붕 실화냐 레알 오마이갓 깜놀 개놀람 충격과공포",
}
ENGLISH_SLANG = {
    H: "lit|this slaps|that slaps|fire|goated|stoked|hyped|pumped|lol|lmao|haha|woohoo|yay|"
    "vibing|dope",
    A: "pissed off|ticked off|wtf|ffs|smh|salty|fuming|stfu|livid af",
    D: "eww|yuck|gross af|cringe|ick|nasty af|barf|blech",
    F: "creeped out|freaking out|shook and scared|spooked|yikes scary|panicking",
    N: "idk|brb|ok|k|btw fyi|np|ttyl",
    S: "bummed|gutted|feels bad man|down in the dumps|sobbing|big sad|heartbreak",
    W: "omg|omfg|holy cow|mind blown|no way|wow|whoa",
}
KOREAN_SETTINGS = {
    Side.LEARNT: "{}|아 {}|{}!|진짜 {}|오늘 {}|{} 진짜|와 {}",
    Side.HELD: "이거 {}|{}네|지금 완전 {}",
}
ENGLISH_SETTINGS = {
    Side.LEARNT: "{}|{}!|so {}|{} right now|man, {}",
    Side.HELD: "{} today|well {}|honestly {}",
}

IRONIC = {A: 0.55, D: 0.2, S: 0.25}
"""What is meant by praise of a mishap."""
_KOREAN_MISHAPS = {
    Side.LEARNT: "또 지각이네|또 고장 났네|비까지 오네|줄이 이렇게 기네|숙제가 산더미네|"
    "또 회의래|컴퓨터가 또 꺼졌네|버스를 놓쳤네|또 야근이네|지갑을 잃어버렸네",
    Side.HELD: "열차가 또 늦네|파일이 다 날아갔네|주말에도 출근이래|또 만석이네",
}
_KOREAN_PRAISE = {
    Side.LEARNT: "참 좋겠다, {}|아주 잘하는 짓이다, {}|잘한다 잘해, {}|대단하다 대단해, {}|"
    "{}, 아주 신나 죽겠네|퍽이나 고맙다, {}|{}, 참 고맙기도 하지",
    Side.HELD: "참도 기쁘다, {}|{}, 최고다 최고야|거 참 훌륭하네, {}",
}
_ENGLISH_MISHAPS = {
    Side.LEARNT: "another meeting|my train is late|the printer is broken again|more rain|"
    "a flat tire|another bill|the wifi is down|monday again|overtime on friday|a parking ticket",
    Side.HELD: "another delay|my phone died|they lost my luggage|homework on a weekend",
}
_ENGLISH_PRAISE = {
    Side.LEARNT: "oh great, {}|just what i needed, {}|how wonderful, {}|oh joy, {}|fantastic, {}|"
    "well isn't that nice, {}|{}, thanks a lot|yeah right, {}|oh perfect, {}",
    Side.HELD: "oh lovely, {}|wow, so happy, {}|{}, how exciting|simply the best, {}",
}


@dataclass(frozen=True)
class Worded:
    """A sentence of slang with its emotion, or an ironic one, whose `emotion` is None and whose
    words alone would be happiness."""

    text: str
    emotion: Emotion | None
    korean: bool
    held: bool


def worded() -> list[Worded]:
    """Every sentence, in a fixed order."""
    found = []
    for side in Side:
        for words, settings, korean in (
            (KOREAN_SLANG, KOREAN_SETTINGS, True),
            (ENGLISH_SLANG, ENGLISH_SETTINGS, False),
        ):
            for emotion, row in words.items():
                for word in row.split() if korean else row.split("|"):
                    texts = [setting.format(word) for setting in settings[side].split("|")]
                    found += [Worded(text, emotion, korean, side is Side.HELD) for text in texts]
        for praise, mishaps, korean in (
            (_KOREAN_PRAISE, _KOREAN_MISHAPS, True),
            (_ENGLISH_PRAISE, _ENGLISH_MISHAPS, False),
        ):
            texts = [
                phrase.format(mishap)
                for phrase in praise[side].split("|")
                for mishap in mishaps[side].split("|")
            ]
            found += [Worded(text, None, korean, side is Side.HELD) for text in texts]
    return found


def learnt() -> Sentences:
    """What teaches."""
    rows = [each for each in worded() if not each.held]
    shares = [IRONIC if each.emotion is None else {each.emotion: 1.0} for each in rows]
    return shared([each.text for each in rows], shares, np.array([each.korean for each in rows]))
