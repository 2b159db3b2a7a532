"""Plain Korean sentences and emoji for each emotion, written for the kiosk.

Comments under articles seldom say how somebody feels in so many words; people in front of a screen
do. These sentences teach those words. No figure is measured on them.
"""

from __future__ import annotations

import numpy as np

from kiosk.core.estimates import Emotion
from kiosk.datasets.text_emotions import EMOTIONS, KOTE_LABELS, Sentences

_PREFIXES = ("", "나 ", "나는 지금 너무 ", "오늘 정말 ", "진짜 ", "요즘 ", "아 ", "지금 좀 ")
_SUFFIXES = ("", "요", ".", "!", " ㅠㅠ")
_SAD_MARK = " ㅠㅠ"

_FEELINGS = {
    Emotion.HAPPINESS: "행복해|기뻐|좋아|신나|즐거워|기분 좋아|기분이 최고야|고마워|감사해|사랑해|"
    "뿌듯해|설레|만족해|재밌어|재미있어|편안해|마음이 놓여|다행이야|자랑스러워|반가워|웃음이 나|"
    "기대돼|감동받았어|행복한 하루야|좋은 일이 생겼어|흐뭇해|든든해|날아갈 것 같아|합격해서 기뻐",
    Emotion.ANGER: "화나|화가 나|짜증나|짜증 나|열받아|분해|억울해|화가 나서 미치겠어|"
    "분노가 치밀어|성질나|빡쳐|어이없어|약올라|못 참겠어|신경질 나|불쾌해|괘씸해|"
    "속이 부글부글 끓어|미워|너 때문에 화났어|불만이야|따지고 싶어|왜 자꾸 그래|그만 좀 해|"
    "울화통이 터져|격분했어",
    Emotion.DISGUST: "역겨워|징그러워|더러워|구역질 나|토할 것 같아|혐오스러워|끔찍하게 싫어|"
    "불결해|꼴도 보기 싫어|냄새가 고약해|메스꺼워|밥맛이야|소름 끼치게 싫어|추잡해|비위 상해|"
    "경멸해|한심해|질색이야|속이 울렁거려|쳐다보기도 싫어|정떨어져|극혐이야|거북해",
    Emotion.FEAR: "무서워|두려워|겁나|겁이 나|불안해|걱정돼|걱정이야|떨려|초조해|공포스러워|"
    "무서워 죽겠어|긴장돼|오싹해|섬뜩해|큰일 날까 봐 무서워|잠이 안 올 만큼 불안해|조마조마해|"
    "혼자 있기 무서워|앞날이 걱정돼|무서운 꿈을 꿨어|등골이 서늘해|불길해|살려 줘|도망치고 싶어",
    Emotion.SADNESS: "슬퍼|우울해|눈물이 나|눈물 나|외로워|속상해|서러워|서운해|마음이 아파|"
    "가슴이 아파|울고 싶어|실망했어|허전해|힘들어|괴로워|절망적이야|비참해|쓸쓸해|그리워|"
    "후회돼|미안해|안타까워|불쌍해|아쉬워|기운이 없어|행복하지 않아|헤어져서 슬퍼|마음이 무거워|"
    "슬픈 하루야|죽고 싶을 만큼 힘들어|상처받았어|우울한 기분이야",
    Emotion.SURPRISE: "놀라워|놀랐어|깜짝 놀랐어|깜짝이야|충격이야|믿을 수가 없어|믿기지 않아|"
    "신기해|이게 무슨 일이야|당황스러워|황당해|뜻밖이야|예상 못 했어|어머나|세상에|헐 대박|"
    "이럴 수가|정말이야|말도 안 돼|놀라서 말이 안 나와|얼떨떨해|어리둥절해|상상도 못 했어",
}
_PLAIN = (
    "안녕하세요|오늘은 회의가 있습니다|밥 먹었어요|지금 집에 가는 중이야|내일은 월요일입니다|"
    "회의는 다섯 시에 시작합니다|이 제품은 삼만 원입니다|문은 왼쪽에 있어요|전화번호를 알려 주세요|"
    "버스를 타고 왔어요|오늘 날씨는 흐림입니다|점심은 비빔밥입니다|책을 읽고 있어요|"
    "물 한 잔 주세요|이름은 김입니다|서울에 살고 있어요|주문은 어디에서 하나요|세 시까지 오세요|"
    "자료를 보냈습니다|파일을 첨부합니다|그냥 그래|별일 없어|보통이야|괜찮아|아무 생각 없어|"
    "무슨 뜻인가요|어디로 가면 되나요|내일 다시 오겠습니다|확인했습니다|네 알겠습니다|"
    "회사에 출근했어요|컴퓨터를 켰다|사진은 두 장입니다|열차는 두 시에 출발한다|학교에 다녀요|"
    "여기 앉으세요|종이에 이름을 쓰세요|커피 한 잔 마셨어요|숙제를 하고 있어|우체국은 옆 건물이에요"
)
_EMOJI = {
    Emotion.HAPPINESS: "😀 😃 😄 😁 😆 😊 🙂 🥰 😍 😘 ❤ 💕 👍 🎉 😂 🤣 ☺ 🤗 ㅎㅎ ㅋㅋㅋ ^^",
    Emotion.ANGER: "😠 😡 🤬 👿 💢 😤",
    Emotion.DISGUST: "🤢 🤮 😖 💩",
    Emotion.FEAR: "😨 😰 😱 😧 🫣 ㄷㄷ ㄷㄷㄷ",
    Emotion.NEUTRAL: "😐 😑 😶",
    Emotion.SADNESS: "😢 😭 😞 😔 🙁 ☹ 💔 😿 😥 ㅠㅠ ㅜㅜ ㅠ",
    Emotion.SURPRISE: "😮 😯 😲 🤯 😳 ㄴㅇㄱ",
}


def own_phrases() -> list[tuple[str, Emotion]]:
    """Every sentence with its emotion, in a fixed order."""
    found = [(text, Emotion.NEUTRAL) for text in _PLAIN.split("|")]
    for emotion, feelings in _FEELINGS.items():
        for place, feeling in enumerate(feelings.split("|")):
            found += [(text, emotion) for text in _spoken(feeling, place, emotion)]
    for emotion, marks in _EMOJI.items():
        found += [(text, emotion) for mark in marks.split() for text in (mark, mark * 2)]
    return found


def _spoken(feeling: str, place: int, emotion: Emotion) -> list[str]:
    """The feeling with every prefix, endings in turn; nobody cries with joy or anger here."""
    endings = [each for each in _SUFFIXES if each != _SAD_MARK or emotion is Emotion.SADNESS]
    return [
        prefix + feeling + endings[(place + number) % len(endings)]
        for number, prefix in enumerate(_PREFIXES)
    ]


def phrases() -> Sentences:
    """The kiosk's own Korean sentences, each with one emotion."""
    pairs = own_phrases()
    texts = tuple(text for text, _ in pairs)
    named = np.zeros((len(pairs), len(EMOTIONS)), bool)
    named[np.arange(len(pairs)), [EMOTIONS.index(emotion) for _, emotion in pairs]] = True
    nothing, korean = np.zeros((len(pairs), KOTE_LABELS), bool), np.ones(len(pairs), bool)
    return Sentences(texts, named, named.astype(np.float64), nothing, korean, texts)
