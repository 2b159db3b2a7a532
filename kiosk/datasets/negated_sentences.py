"""Composed sentences that deny a feeling or affirm it, Korean and English, written for the kiosk.

What people write under articles denies a feeling too seldom to teach it. A template is put together
with every word of its language; templates and words are each on one side: what is held out never
teaches, and is measured in three parts (new templates, new words, both new). Affirmations, some of
them with the very words of a negation ("never been so happy", "안 그래도 슬퍼"), stand beside the
negations, so that a network cannot do with hearing "not".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kiosk.core.estimates import Emotion
from kiosk.datasets.text_emotions import EMOTIONS, KOTE_LABELS, Sentences

H, A, D = Emotion.HAPPINESS, Emotion.ANGER, Emotion.DISGUST
F, S, W = Emotion.FEAR, Emotion.SADNESS, Emotion.SURPRISE
_NEUTRAL = Emotion.NEUTRAL

DENIED: dict[Emotion, dict[Emotion, float]] = {
    H: {S: 0.5, _NEUTRAL: 0.3, A: 0.1, D: 0.1},
    A: {_NEUTRAL: 0.75, H: 0.25},
    D: {_NEUTRAL: 0.75, H: 0.25},
    F: {_NEUTRAL: 0.7, H: 0.3},
    S: {_NEUTRAL: 0.6, H: 0.4},
    W: {_NEUTRAL: 0.9, D: 0.1},
}
"""What is left of a feeling that is denied. Who is not happy need not be sad; who is not afraid
feels nothing that was said."""


class Side(StrEnum):
    """Where a template or a word belongs."""

    LEARNT = "learnt"
    HELD = "held out"


# A Korean word in four forms: ending a sentence, stem before -지, before a noun, before -ㄹ.
KOREAN_WORDS: dict[Side, dict[Emotion, str]] = {
    Side.LEARNT: {
        H: "행복해 행복하 행복한 행복할|기뻐 기쁘 기쁜 기쁠|좋아 좋 좋은 좋을|"
        "신나 신나 신나는 신날|즐거워 즐겁 즐거운 즐거울|재밌어 재밌 재밌는 재밌을|"
        "고마워 고맙 고마운 고마울|설레 설레 설레는 설렐|"
        "만족스러워 만족스럽 만족스러운 만족스러울|반가워 반갑 반가운 반가울|"
        "편안해 편안하 편안한 편안할",
        A: "화나 화나 화난 화날|짜증나 짜증나 짜증난 짜증날|열받아 열받 열받은 열받을|"
        "억울해 억울하 억울한 억울할|분해 분하 분한 분할|불쾌해 불쾌하 불쾌한 불쾌할|"
        "미워 밉 미운 미울|성질나 성질나 성질난 성질날",
        D: "역겨워 역겹 역겨운 역겨울|징그러워 징그럽 징그러운 징그러울|"
        "더러워 더럽 더러운 더러울|혐오스러워 혐오스럽 혐오스러운 혐오스러울|"
        "불결해 불결하 불결한 불결할|한심해 한심하 한심한 한심할",
        F: "무서워 무섭 무서운 무서울|두려워 두렵 두려운 두려울|불안해 불안하 불안한 불안할|"
        "겁나 겁나 겁나는 겁날|떨려 떨리 떨리는 떨릴|초조해 초조하 초조한 초조할|"
        "걱정돼 걱정되 걱정되는 걱정될|공포스러워 공포스럽 공포스러운 공포스러울",
        S: "슬퍼 슬프 슬픈 슬플|우울해 우울하 우울한 우울할|외로워 외롭 외로운 외로울|"
        "힘들어 힘들 힘든 힘들|속상해 속상하 속상한 속상할|서러워 서럽 서러운 서러울|"
        "괴로워 괴롭 괴로운 괴로울|아쉬워 아쉽 아쉬운 아쉬울",
        W: "놀라워 놀랍 놀라운 놀라울|신기해 신기하 신기한 신기할|"
        "당황스러워 당황스럽 당황스러운 당황스러울|충격적이야 충격적이 충격적인 충격적일",
    },
    Side.HELD: {
        H: "뿌듯해 뿌듯하 뿌듯한 뿌듯할|흐뭇해 흐뭇하 흐뭇한 흐뭇할|유쾌해 유쾌하 유쾌한 유쾌할|"
        "자랑스러워 자랑스럽 자랑스러운 자랑스러울",
        A: "괘씸해 괘씸하 괘씸한 괘씸할|빡쳐 빡치 빡친 빡칠|약올라 약오르 약오른 약오를",
        D: "메스꺼워 메스껍 메스꺼운 메스꺼울|추잡해 추잡하 추잡한 추잡할",
        F: "섬뜩해 섬뜩하 섬뜩한 섬뜩할|조마조마해 조마조마하 조마조마한 조마조마할|"
        "긴장돼 긴장되 긴장되는 긴장될",
        S: "서운해 서운하 서운한 서운할|쓸쓸해 쓸쓸하 쓸쓸한 쓸쓸할|비참해 비참하 비참한 비참할",
        W: "황당해 황당하 황당한 황당할|얼떨떨해 얼떨떨하 얼떨떨한 얼떨떨할",
    },
}

ENGLISH_WORDS: dict[Side, dict[Emotion, str]] = {
    Side.LEARNT: {
        H: "happy glad excited pleased proud grateful relieved joyful content",
        A: "angry mad annoyed pissed outraged bitter",
        D: "disgusted revolted sickened appalled",
        F: "scared afraid worried anxious fearful",
        S: "sad upset lonely hurt unhappy disappointed",
        W: "surprised shocked confused stunned",
    },
    Side.HELD: {
        H: "thrilled delighted cheerful",
        A: "furious irritated resentful",
        D: "repulsed nauseated",
        F: "terrified nervous frightened",
        S: "miserable depressed heartbroken",
        W: "amazed astonished",
    },
}

_FORMS = ("해", "하", "한", "할")
KOREAN_DENIALS = {
    Side.LEARNT: "안 {해}|안{해}|나 안 {해}|진짜 안 {해}|이제 안 {해}요|별로 안 {해}|"
    "그렇게 안 {해}|오늘은 안 {해}|{하}지 않아|{하}지 않아요|{하}지 않습니다|{하}지가 않네|"
    "{하}지 않았어|{하}지는 않아|전혀 {하}지 않아|그다지 {하}지 않다|나는 {하}지 않다|"
    "{한} 건 아니야|{한} 기분은 아니에요|{할} 리가 없어|{할} 이유가 없어|그 일로 {하}진 않았어요|"
    "이젠 하나도 {하}지가 않아|아무렇지도 않아 안 {해}|{한} 일이 없어|조금도 안 {해}|{하}진 않아|"
    "절대로 안 {해}|결코 안 {해}요|요즘 안 {해}|{한} 게 아니야|{하}지도 않아|안 {해} 정말|"
    "{할} 게 없어",
    Side.HELD: "하나도 안 {해}|조금도 {하}지 않아요|{한} 적이 없어|{하}진 않더라|"
    "{할} 일은 없어요|절대 {하}지 않을 거야|결코 {하}지 않다|요즘은 통 {하}지가 않아|"
    "{한} 게 아니라고|안 {해} 진짜로|{하}지도 않고 아무 느낌이 없어",
}
KOREAN_AFFIRMATIONS = {
    Side.LEARNT: "나 너무 {해}|정말 {해}|오늘 아주 {해}요|{해} 죽겠어|{한} 하루였어|"
    "안 그래도 {해}|안녕하세요 저 {해}요|집 안에 있으니까 {해}|{하}지 않을 수가 없어|"
    "얼마나 {한}지 몰라|{해} 미치겠네|아 진짜 {해}|나는 {해}|이렇게 {한} 적은 처음이야|"
    "{한} 마음뿐이야|안 {할} 수가 없어|그 말을 듣고 {해}",
    Side.HELD: "오늘따라 {해}|왜 이렇게 {해}|이보다 더 {할} 수는 없어|말도 못 하게 {해}|"
    "안 그런 척해도 {해}|어제부터 계속 {해}|참 {한} 날이네",
}
ENGLISH_DENIALS = {
    Side.LEARNT: "not {}|not {} at all|i am not {}|i'm not {}|im not {}|i am not {} at all|"
    "i don't feel {}|i do not feel {} about it|i wasn't {}|he is not {}|she isn't {}|"
    "we are not {} about this|nobody is {}|i never feel {}|she doesn't seem {}|"
    "i can't say i'm {}|not very {}|not exactly {}|hardly {}|i'm no longer {}|"
    "this did not make me {}|far from {}|it isn't making me {}|they were not {}|"
    "i'm not that {} anymore|you are not {}, are you|never felt {}|don't be {}|"
    "i've never been {} there|she never gets {}|no one here is {}|none of them seemed {}|"
    "nothing makes me {}|you won't get {} from that|he ain't {} either|not even a bit {}|"
    "there's no need to feel {}|he said it without feeling {}|neither sad nor {}|"
    "in no case am i {}|anything other than {}|i haven't felt {} for weeks|cannot be {}",
    Side.HELD: "never {}|i was never {}|in no way {}|anything but {}|i have not been {} lately|"
    "none of us were {}|i would not call myself {}|ain't {}|i'm not even {}|no reason to be {}|"
    "without being {}|i won't be {}",
}
ENGLISH_AFFIRMATIONS = {
    Side.LEARNT: "i am {}|i'm so {}|so {}|really {} today|feeling {}|i can't stop being {}|"
    "never been so {}|couldn't be more {}|no doubt i am {}|i'm not kidding, i'm {}|"
    "why am i so {}|she was {}|this makes me {}|they are all {}|it is not a lie that i am {}|"
    "i was {} the whole day|not only {} but also tired",
    Side.HELD: "i have never felt this {}|i'm {}, no joke|can't help being {}|"
    "extremely {} right now|not gonna lie, i'm {}|everybody here is {}|we are {} again",
}


@dataclass(frozen=True)
class Composed:
    """A sentence that denies or affirms `emotion`, and where its template and word belong."""

    text: str
    emotion: Emotion
    denied: bool
    korean: bool
    template: Side
    word: Side
    said: str
    """The word, as it ends a sentence."""

    @property
    def part(self) -> str:
        """What of it is new to a network that learnt from `learnt`."""
        new = [n for n, s in (("template", self.template), ("word", self.word)) if s is Side.HELD]
        return " and ".join(new) or "nothing"


def composed() -> list[Composed]:
    """Every sentence, in a fixed order."""
    found = []
    for denied, korean, english in (
        (True, KOREAN_DENIALS, ENGLISH_DENIALS),
        (False, KOREAN_AFFIRMATIONS, ENGLISH_AFFIRMATIONS),
    ):
        for template in Side:
            for word in Side:
                found += _filled(korean, KOREAN_WORDS, template, word, denied, True)
                found += _filled(english, ENGLISH_WORDS, template, word, denied, False)
    return found


def learnt() -> Sentences:
    """What teaches: learnt templates with learnt words."""
    return as_sentences([each for each in composed() if each.part == "nothing"])


def held_out() -> list[Composed]:
    """What is measured: a new template, a new word, or both."""
    return [each for each in composed() if each.part != "nothing"]


def _filled(
    templates: dict[Side, str],
    words: dict[Side, dict[Emotion, str]],
    template: Side,
    word: Side,
    denied: bool,
    korean: bool,
) -> list[Composed]:
    return [
        Composed(
            _put(pattern, form, korean),
            emotion,
            denied,
            korean,
            template,
            word,
            form.split()[0],
        )
        for emotion, row in words[word].items()
        for form in (row.split("|") if korean else row.split())
        for pattern in templates[template].split("|")
    ]


def _put(pattern: str, word: str, korean: bool) -> str:
    if not korean:
        return pattern.format(word)
    return pattern.format(**dict(zip(_FORMS, word.split(), strict=True)))


def as_sentences(rows: list[Composed]) -> Sentences:
    """With the shares of the seven that are left of what is said."""
    shares = [DENIED[each.emotion] if each.denied else {each.emotion: 1.0} for each in rows]
    return shared([each.text for each in rows], shares, np.array([each.korean for each in rows]))


def shared(texts: list[str], shares: list[dict[Emotion, float]], korean: np.ndarray) -> Sentences:
    """Texts with shares of their own; each is its own key."""
    share = np.zeros((len(texts), len(EMOTIONS)))
    for place, row in enumerate(shares):
        for emotion, amount in row.items():
            share[place, EMOTIONS.index(emotion)] = amount
    labels = np.zeros((len(texts), KOTE_LABELS), bool)
    return Sentences(tuple(texts), share > 0, share, labels, korean, tuple(texts))
