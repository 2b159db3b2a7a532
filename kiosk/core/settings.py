"""Every setting, declared once: type, range, choices, default and text in two languages.

The file, the environment, `--set`, the settings page, `kiosk settings` and docs/settings.md come
from this table.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path
from pydantic import ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from kiosk.core.declaration import (
    Declared,
    Group,
    Number,
    Place,
    Setting,
    Switch,
    Text,
    Whole,
)
from kiosk.core.errors import SettingsError
from kiosk.core.outgoing import USUAL_FIELDS, EventField, read_fields

DEVICES = Group("devices", Text("Devices", "장치"))
RECOGNITION = Group("recognition", Text("Recognition", "인식"))
MODELS = Group("models", Text("Models", "모델"))
ATTRIBUTES = Group("attributes", Text("Estimates", "추정"))
SCREEN = Group("screen", Text("Screen", "화면"))
TIMES = Group("times", Text("Times", "시간"))
DATA = Group("data", Text("Data", "데이터"))
SERVICE = Group("service", Text("Files and logs", "파일과 로그"), on_page=False)
"""Where things lie is for whoever installs the kiosk, not for the page."""
HTTP = Group("http", Text("HTTP service", "HTTP 서비스"), on_page=False)
"""Of `kiosk serve`."""
EVENTS = Group("events", Text("Events out", "이벤트 보내기"), on_page=False)
"""What leaves the kiosk, and what it starts."""
GROUPS = (DEVICES, RECOGNITION, MODELS, ATTRIBUTES, SCREEN, TIMES, DATA, SERVICE, HTTP, EVENTS)

_WEB, _MQTT = ("http", "https"), ("mqtt", "mqtts")
_AUTO = Text("Automatic", "자동")
_ON, _OFF = Text("On", "켜기"), Text("Off", "끄기")
_ON_OFF = {"true": _ON, "false": _OFF}
_YES_NO = {"true": Text("Yes", "예"), "false": Text("No", "아니요")}
_SWITCH = {"auto": _AUTO, "on": _ON, "off": _OFF}
_SECONDS = Text("seconds", "초")
_PICTURES = Text("pictures", "장")
_GOOD_NETWORKS = Text(
    "Automatic: by the networks that are good enough at it; on: by the others as well.",
    "자동이면 충분히 정확한 모델만 추정하고, 켜면 다른 모델도 추정합니다.",
)
_OTHER_MODEL = Text(
    "A name of `kiosk models list`; auto takes the best that is present.",
    "`kiosk models list`에 나오는 이름입니다. auto이면 있는 것 중 가장 좋은 모델을 씁니다.",
)


@dataclass(frozen=True, config=ConfigDict(extra="forbid", coerce_numbers_to_str=True))
class Settings:
    """Everything an operator can choose. Seconds, pixels and shares of one throughout.

    Raises SettingsError for a value that is not possible.
    """

    camera: Annotated[
        str,
        Declared(
            DEVICES,
            Text("Camera", "카메라"),
            Text(
                "Looks at visitors. Automatic takes the first one.",
                "방문자를 봅니다. 자동이면 첫 번째 카메라를 씁니다.",
            ),
            more=Text(
                "A number or a part of the camera's name; auto: the first; none: no camera.",
                "번호나 카메라 이름의 일부입니다. auto이면 첫 번째, none이면 쓰지 않습니다.",
            ),
        ),
    ] = "auto"
    microphone: Annotated[
        str,
        Declared(
            DEVICES,
            Text("Microphone", "마이크"),
            Text(
                "Listens to visitors. Automatic takes the system's default.",
                "방문자의 말을 듣습니다. 자동이면 시스템 기본 마이크를 씁니다.",
            ),
            more=Text(
                "A part of the microphone's name; auto: the system's default; none: no microphone.",
                "마이크 이름의 일부입니다. auto이면 시스템 기본, none이면 쓰지 않습니다.",
            ),
        ),
    ] = "auto"

    stranger_named_once_in: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text(
                "Strangers named: at most one in",
                "모르는 사람을 잘못 부르는 비율: 최대 몇 명 중 1명",
            ),
            Text(
                "Of so many strangers at most one may be taken for somebody. Higher is stricter, "
                "and more enrolled people are asked again.",
                "모르는 사람 몇 명 중 최대 1명까지 등록된 사람으로 잘못 볼 수 있는지입니다. "
                "높을수록 엄격하고, 등록된 사람에게 다시 묻는 일이 늘어납니다.",
            ),
            more=Text(
                "The least evidence for a name follows from it, from how many people are enrolled "
                "and from whether face, voice or both are there; the settings page tells what the "
                "data support and what it costs.",
                "이 값과 등록 인원, 얼굴·음성 유무에 따라 이름을 말하는 데 필요한 최소 증거가 "
                "정해집니다. 자료가 뒷받침하는 한계와 그 대가는 설정 화면에 나옵니다.",
            ),
            range=(2, 1_000_000),
        ),
    ] = 100.0
    min_probability: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("How sure to be", "확신 기준"),
            Text(
                "A visitor is named only from this probability on. Higher is stricter.",
                "이 확률 이상일 때만 이름을 말합니다. 높을수록 엄격합니다.",
            ),
            more=Text(
                "The probability is bounded by what the development data support, which a large "
                "gallery uses up: 0.5 asks for no more than that a name is likelier than none.",
                "확률은 개발 자료가 뒷받침하는 만큼만 올라가며, 등록 인원이 많으면 낮아집니다. "
                "0.5는 이름이 맞을 가능성이 틀릴 가능성보다 크면 된다는 뜻입니다.",
            ),
            range=(0.5, 0.99999),
        ),
    ] = 0.5
    min_llr: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Least evidence", "판단 기준 강도"),
            Text(
                "How much must speak for a name. 0: as the number of strangers above asks for.",
                "이름을 말하려면 근거가 얼마나 뚜렷해야 하는지입니다. 0이면 위의 낯선 사람 수에 "
                "따라 정해집니다.",
            ),
            more=Text(
                "The least fused log-likelihood ratio at which a visitor is identified; 0: what "
                "stranger_named_once_in asks for.",
                "방문자를 식별하는 데 필요한 최소 융합 로그 가능도비입니다. 0이면 "
                "stranger_named_once_in 값에 따라 정해집니다.",
            ),
            range=(-20, 40),
        ),
    ] = 0.0
    min_margin: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Distance to the second", "2순위와의 차이"),
            Text(
                "How much more must speak for the first than for the next person.",
                "1순위가 다음 사람보다 얼마나 더 앞서야 하는지입니다.",
            ),
            more=Text(
                "The least distance in log-likelihood ratio to the second candidate.",
                "두 번째 후보와의 최소 로그 가능도비 차이입니다.",
            ),
            range=(0, 40),
        ),
    ] = 2.0
    liveness: Annotated[
        str,
        Declared(
            RECOGNITION,
            Text("Living people alone", "실제 사람 확인"),
            Text(
                "Photographs, screens and foreign voices are told from people.",
                "사진, 화면, 다른 사람의 목소리를 실제 사람과 구별합니다.",
            ),
            more=Text(
                "Required, nobody is named by a face that is not a living one or was not seen long "
                "enough; warning only, the doubt is told beside the answer. Automatic: required "
                "where a camera is live, warning for recordings.",
                "필수이면 실제 얼굴이 아니거나 충분히 보지 못한 얼굴로는 이름을 알리지 않습니다. "
                "경고만이면 결과와 함께 의심을 알립니다. 자동은 카메라에서는 필수, 녹화에서는 "
                "경고입니다.",
            ),
            choices={
                "auto": Text("Automatic", "자동"),
                "off": Text("Off", "끄기"),
                "warn": Text("Warning only", "경고만"),
                "require": Text("Required", "필수"),
            },
        ),
    ] = "auto"
    liveness_request: Annotated[
        str,
        Declared(
            RECOGNITION,
            Text("Ask to turn the head", "고개 돌리기 요청"),
            Text(
                "Who cannot be told from a picture is asked to turn the head, left or right at "
                "random.",
                "사진과 구별하기 어려운 방문자에게 고개를 왼쪽이나 오른쪽으로 돌려 달라고 합니다.",
            ),
            more=Text(
                "A photograph cannot, and a film does not know which side comes. It counts where a "
                "living person is required, and takes up to six seconds.",
                "사진은 고개를 돌릴 수 없고, 영상은 어느 쪽을 요청할지 알 수 없습니다. 실제 사람 "
                "확인이 필수일 때만 쓰이며 최대 6초가 걸립니다.",
            ),
            choices={
                "off": Text("Never", "안 함"),
                "when-unsure": Text("When unsure", "불확실할 때"),
                "always": Text("Always", "항상"),
            },
        ),
    ] = "when-unsure"
    photograph_passes_once_in: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text(
                "Photographs let through: at most one in", "통과되는 사진의 비율: 최대 몇 장 중 1장"
            ),
            Text(
                "Of so many photographs held before the camera at most one may be taken for a "
                "person. Higher is stricter, and more people are asked again.",
                "카메라에 댄 사진 몇 장 중 최대 1장까지 실제 사람으로 볼 수 있는지입니다. 높을수록 "
                "엄격하고, 실제 사람에게 다시 묻는 일이 늘어납니다.",
            ),
            more=Text(
                "The least score of a living person follows from it and from photographs that were "
                "measured; no more is promised than these can support, and what it costs is told.",
                "이 값과 측정한 사진 자료에 따라 실제 사람으로 보는 최소 점수가 정해집니다. 자료가 "
                "뒷받침하는 것 이상은 약속하지 않으며, 그 대가도 함께 보여 줍니다.",
            ),
            range=(2, 10_000),
        ),
    ] = 10.0
    known_share: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Share of enrolled visitors", "등록된 방문자 비율"),
            Text(
                "How many of those who come are enrolled: 0.9 means nine in ten.",
                "오는 사람 중 등록된 사람의 비율입니다. 0.9는 열 명 중 아홉 명입니다.",
            ),
            range=(0.001, 0.999),
        ),
    ] = 0.9
    good_frames: Annotated[
        Whole,
        Declared(
            RECOGNITION,
            Text("Pictures of a face", "얼굴 사진 수"),
            Text(
                "Good pictures gathered before the face is compared.",
                "얼굴을 비교하기 전에 모으는 좋은 사진 수입니다.",
            ),
            range=(1, 50),
            unit=_PICTURES,
        ),
    ] = 5
    speech_seconds: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Speech", "말하는 시간"),
            Text(
                "Speech gathered before the voice is compared.",
                "목소리를 비교하기 전에 모으는 말의 길이입니다.",
            ),
            range=(0.5, 30),
            unit=_SECONDS,
        ),
    ] = 3.0
    min_face: Annotated[
        Whole,
        Declared(
            RECOGNITION,
            Text("Smallest face", "가장 작은 얼굴"),
            Text(
                "Width from which a face counts; people farther away are not looked at.",
                "이 너비 이상의 얼굴만 봅니다. 더 멀리 있는 사람은 보지 않습니다.",
            ),
            range=(20, 1000),
            unit=Text("pixels", "픽셀"),
        ),
    ] = 60

    face_model: Annotated[
        str,
        Declared(
            MODELS,
            Text("Face recogniser", "얼굴 인식 모델"),
            Text(
                "People enrolled with another one are not recognised by this one.",
                "다른 모델로 등록한 사람은 이 모델로 알아보지 못합니다.",
            ),
            more=_OTHER_MODEL,
        ),
    ] = "auto"
    voice_model: Annotated[
        str,
        Declared(
            MODELS,
            Text("Voice recogniser", "목소리 인식 모델"),
            Text(
                "People enrolled with another one are not recognised by this one.",
                "다른 모델로 등록한 사람은 이 모델로 알아보지 못합니다.",
            ),
            more=_OTHER_MODEL,
        ),
    ] = "auto"
    device: Annotated[
        str,
        Declared(
            MODELS,
            Text("Processor", "프로세서"),
            Text(
                "Where the models run. Automatic takes a graphics card if there is one.",
                "모델을 돌리는 곳입니다. 자동이면 그래픽 카드가 있을 때 그것을 씁니다.",
            ),
            choices={
                "auto": _AUTO,
                "cpu": Text("Processor only", "프로세서만"),
                "cuda": Text("Graphics card", "그래픽 카드"),
            },
        ),
    ] = "auto"
    threads: Annotated[
        Whole,
        Declared(
            MODELS,
            Text("Threads", "스레드"),
            Text(
                "How many processor cores the models may use.",
                "모델이 쓸 수 있는 프로세서 코어 수입니다.",
            ),
            range=(1, 64),
        ),
    ] = 2
    detect_every: Annotated[
        Whole,
        Declared(
            MODELS,
            Text("Search for faces", "얼굴 찾기 간격"),
            Text(
                "Pictures between two searches while a face is followed.",
                "얼굴을 따라가는 동안 다시 찾기까지의 영상 수입니다.",
            ),
            range=(1, 100),
            unit=_PICTURES,
        ),
    ] = 8

    profile: Annotated[
        str,
        Declared(
            ATTRIBUTES,
            Text("Place", "설치 장소"),
            Text(
                "At work and in education the law forbids estimating emotion.",
                "직장과 교육 기관에서는 법으로 감정 추정이 금지되어 있습니다.",
            ),
            more=Text(
                "Regulation (EU) 2024/1689, Article 5(1)(f).",
                "유럽연합 규정 2024/1689 제5조 제1항 (f)입니다.",
            ),
            choices={
                "standard": Text("Elsewhere", "그 밖의 곳"),
                "workplace": Text("At work", "직장"),
                "education": Text("In education", "교육 기관"),
            },
        ),
    ] = "standard"
    emotion: Annotated[
        Switch,
        Declared(
            ATTRIBUTES,
            Text("Emotion", "감정"),
            Text(
                "Estimated. Automatic: where the place permits it.",
                "추정합니다. 자동이면 설치 장소가 허용할 때만 합니다.",
            ),
            more=_GOOD_NETWORKS,
            choices=_SWITCH,
        ),
    ] = "auto"
    age: Annotated[
        Switch,
        Declared(
            ATTRIBUTES,
            Text("Age", "나이"),
            Text(
                "Estimated as a range of years.",
                "나이 범위로 추정합니다.",
            ),
            more=_GOOD_NETWORKS,
            choices=_SWITCH,
        ),
    ] = "auto"
    gender: Annotated[
        Switch,
        Declared(
            ATTRIBUTES,
            Text("Gender", "성별"),
            Text(
                "Estimated with how sure it is.",
                "확신 정도와 함께 추정합니다.",
            ),
            more=_GOOD_NETWORKS,
            choices=_SWITCH,
        ),
    ] = "auto"

    show_estimates: Annotated[
        str,
        Declared(
            ATTRIBUTES,
            Text("Estimates on the screen", "추정 결과 표시"),
            Text(
                "Small, under the name of somebody who is recognised, and only what is sure.",
                "알아본 분의 이름 아래에 확실한 것만 작게 보여 줍니다.",
            ),
            more=Text(
                "Visitors who are not recognised are shown none. Headless, the codes and the "
                "service tell them in any case.",
                "알아보지 못한 분에게는 보여 주지 않습니다. 화면 없는 실행, 코드, 서비스에서는 "
                "언제나 알려 줍니다.",
            ),
            choices={
                "shown": Text("Shown", "보이기"),
                "touch": Text("Shown on a touch", "누르면 보이기"),
                "hidden": Text("Hidden", "숨기기"),
            },
            at_once=True,
        ),
    ] = "shown"

    language: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Language", "언어"),
            Text(
                "What visitors find first; they can switch at any moment.",
                "방문자가 처음 보는 언어입니다. 언제든 바꿀 수 있습니다.",
            ),
            choices={"ko": Text("Korean", "한국어"), "en": Text("English", "영어")},
            at_once=True,
        ),
    ] = "ko"
    start: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Beginning of a visit", "방문의 시작"),
            Text(
                "By touch nothing is looked at or listened to before Start is pressed.",
                "터치로 시작하면 시작을 누르기 전에는 보거나 듣지 않습니다.",
            ),
            choices={
                "touch": Text("By touch", "터치로"),
                "walk_up": Text("By stepping up", "다가오면"),
            },
        ),
    ] = "touch"
    prompts: Annotated[
        bool,
        Declared(
            SCREEN,
            Text("Spoken prompts", "음성 안내"),
            Text(
                "Says aloud what to do, for people who cannot see the screen.",
                "화면을 볼 수 없는 분을 위해 할 일을 소리로 알려 줍니다.",
            ),
            choices=_ON_OFF,
            at_once=True,
        ),
    ] = True
    screen_inches: Annotated[
        Number,
        Declared(
            SCREEN,
            Text("Size of the screen", "화면 크기"),
            Text(
                "Its diagonal. Letters are made large enough for it.",
                "화면의 대각선 길이입니다. 글자 크기를 여기에 맞춥니다.",
            ),
            range=(5, 120),
            unit=Text("inches", "인치"),
            at_once=True,
        ),
    ] = 27.0
    controls: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Place of the buttons", "버튼 위치"),
            Text(
                "On a tall screen. Low is better for people who sit.",
                "세로 화면에서의 위치입니다. 앉은 분에게는 아래가 편합니다.",
            ),
            choices={"low": Text("Low", "아래"), "high": Text("High", "위")},
            at_once=True,
        ),
    ] = "low"
    motion: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Motion", "움직임"),
            Text(
                "Reduced: nothing on the screen moves by itself.",
                "줄이면 화면에서 저절로 움직이는 것이 없습니다.",
            ),
            choices={"full": Text("Full", "그대로"), "reduced": Text("Reduced", "줄임")},
        ),
    ] = "full"

    result_seconds: Annotated[
        Number,
        Declared(
            TIMES,
            Text("A result stays", "결과 표시 시간"),
            Text(
                "Then it is cleared. Visitors are warned before and can ask for more.",
                "시간이 지나면 지웁니다. 그 전에 알려 주며 더 달라고 할 수 있습니다.",
            ),
            more=Text("Counted from the last touch.", "마지막으로 만진 때부터 셉니다."),
            range=(5, 600),
            unit=_SECONDS,
            at_once=True,
        ),
    ] = 25.0
    visit_end: Annotated[
        Number,
        Declared(
            TIMES,
            Text("End of a visit", "방문의 끝"),
            Text(
                "So long after nobody is seen any more, the visit is forgotten.",
                "아무도 보이지 않고 이만큼 지나면 방문을 잊습니다.",
            ),
            range=(0.1, 60),
            unit=_SECONDS,
        ),
    ] = 1.5
    speech_limit: Annotated[
        Number,
        Declared(
            TIMES,
            Text("Waiting for speech", "말 기다리기"),
            Text(
                "After so long the kiosk decides with what it has heard.",
                "이만큼 지나면 그때까지 들은 것으로 판단합니다.",
            ),
            range=(1, 120),
            unit=_SECONDS,
        ),
    ] = 12.0

    keep_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Keep decisions", "판단 보관 기간"),
            Text(
                "Older ones are deleted, together with their corrections.",
                "더 오래된 판단은 정정 기록과 함께 지웁니다.",
            ),
            range=(1, 3650),
            unit=Text("days", "일"),
            at_once=True,
        ),
    ] = 90
    withdrawn_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Delete after consent is taken back", "동의 철회 후 삭제"),
            Text(
                "Whoever takes consent back is compared no more at once, and deleted after so long "
                "unless a legal ground is on record.",
                "동의를 철회하면 바로 비교 대상에서 빠지고, 법적 보관 근거가 기록되지 않으면 "
                "이 기간 뒤에 삭제합니다.",
            ),
            range=(0, 30),
            unit=Text("days", "일"),
        ),
    ] = 3
    keep_probes: Annotated[
        bool,
        Declared(
            DATA,
            Text("Keep templates of visits", "방문 인식 정보 보관"),
            Text(
                "To compare before a re-registration. Otherwise only of denied visits.",
                "재등록 전에 비교하는 데 씁니다. 아니면 본인이 아니라고 한 방문만 보관합니다.",
            ),
            choices=_YES_NO,
        ),
    ] = False
    keep_pictures: Annotated[
        bool,
        Declared(
            DATA,
            Text("Keep enrolment pictures", "등록 사진 보관"),
            Text(
                "A small picture of the face for staff. The text of consent says so.",
                "직원이 볼 작은 얼굴 사진. 동의서에도 적힙니다.",
            ),
            more=Text(
                "Where it is false, pictures that were kept are deleted at the next start.",
                "false이면 보관하던 사진을 다음에 시작할 때 지웁니다.",
            ),
            choices=_YES_NO,
        ),
    ] = False
    learn_from_visits: Annotated[
        bool,
        Declared(
            DATA,
            Text("Learn from visits", "방문에서 배우기"),
            Text(
                "A visit beyond doubt adds a face template, at most one a day and the newest "
                "three. The page of people shows and forgets them.",
                "의심의 여지가 없는 방문이면 얼굴 인식 정보를 하루에 하나까지 더하고 최근 세 개만 "
                "둡니다. 등록자 화면에서 보고 지울 수 있습니다.",
            ),
            more=Text(
                "Only of living people who were named with room to spare by what staff enrolled; "
                "never in its place. `kiosk gallery forget-learnt` takes it back.",
                "실제 사람임이 확인되고 직원이 등록한 인식 정보만으로도 확실할 때만 배우며, 등록된 "
                "것을 바꾸지 않습니다. `kiosk gallery forget-learnt`로 되돌립니다.",
            ),
            choices=_YES_NO,
        ),
    ] = False
    self_enrolment: Annotated[
        bool,
        Declared(
            DATA,
            Text("Self-enrolment", "직접 등록"),
            Text(
                "Who is not known may enrol themselves and counts at once. The page of people "
                "marks them until you have checked them.",
                "등록되지 않은 사람이 스스로 등록하며, 바로 쓰입니다. "
                "확인하실 때까지 등록자 화면에 표시됩니다.",
            ),
            more=Text(
                "With their consent, and as long as few such enrolments wait for staff.",
                "본인이 동의하고, 직원의 확인을 기다리는 등록이 많지 않을 때만 할 수 있습니다.",
            ),
            choices=_ON_OFF,
        ),
    ] = False
    enrol_faces: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Pictures for an enrolment", "등록할 사진 수"),
            Text(
                "Good pictures needed before somebody can be enrolled.",
                "등록하는 데 필요한 좋은 사진 수입니다.",
            ),
            range=(1, 100),
            unit=_PICTURES,
        ),
    ] = 5
    enrol_speech: Annotated[
        Number,
        Declared(
            DATA,
            Text("Speech for an enrolment", "등록할 말 길이"),
            Text(
                "Speech needed before somebody can be enrolled with their voice.",
                "목소리를 등록하는 데 필요한 말의 길이입니다.",
            ),
            range=(0.5, 120),
            unit=_SECONDS,
        ),
    ] = 3.0

    database: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Gallery", "갤러리"),
            Text("The encrypted gallery.", "암호화된 갤러리 파일입니다."),
            more=Text(
                "Empty: gallery.db in the user's data folder.",
                "비어 있으면 사용자 데이터 폴더의 gallery.db입니다.",
            ),
        ),
    ] = Path()
    key_file: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Key of the gallery", "갤러리 열쇠"),
            Text(
                "A file of mode 0600, kept apart from the gallery.",
                "권한이 0600인 파일이며 갤러리와 따로 둡니다.",
            ),
            more=Text(
                "Empty: gallery.key in the user's configuration folder.",
                "비어 있으면 사용자 설정 폴더의 gallery.key입니다.",
            ),
        ),
    ] = Path()
    models: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Folder of models", "모델 폴더"),
            Text(
                "Where `kiosk models fetch` puts weights.",
                "`kiosk models fetch`가 가중치를 두는 곳입니다.",
            ),
            more=Text(
                "Empty: models/ in the user's data folder.",
                "비어 있으면 사용자 데이터 폴더의 models/입니다.",
            ),
        ),
    ] = Path()
    log_level: Annotated[
        str,
        Declared(
            SERVICE,
            Text("Detail of the log", "로그 수준"),
            Text("What is written into the log.", "로그에 적는 내용의 수준입니다."),
            choices={
                "debug": Text("Everything", "모두"),
                "info": Text("What happens", "일어난 일"),
                "warning": Text("What may be wrong", "이상할 수 있는 일"),
                "error": Text("What is wrong", "잘못된 일"),
            },
        ),
    ] = "info"

    service_address: Annotated[
        str,
        Declared(
            HTTP,
            Text("Address", "주소"),
            Text(
                "Where `kiosk serve` listens. Any address but this machine's own needs TLS and a "
                "token.",
                "`kiosk serve`가 듣는 주소입니다. 이 기기 자신이 아니면 TLS와 토큰이 필요합니다.",
            ),
        ),
    ] = "127.0.0.1"
    service_port: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Port", "포트"),
            Text(
                "Of the address that `kiosk serve` listens at; 0 takes a free one.",
                "`kiosk serve`가 듣는 포트입니다. 0이면 비어 있는 포트를 씁니다.",
            ),
            range=(0, 65535),
        ),
    ] = 8790
    service_certificate: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Certificate", "인증서"),
            Text("For TLS, a file in PEM form.", "TLS에 쓰는 PEM 형식 파일입니다."),
            more=Text(
                "Empty: service.crt beside the gallery's key, where `kiosk serve certificate` "
                "puts one.",
                "비어 있으면 갤러리 열쇠 옆의 service.crt이며, `kiosk serve certificate`가 여기에 "
                "만듭니다.",
            ),
        ),
    ] = Path()
    service_certificate_key: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Key of the certificate", "인증서 열쇠"),
            Text("A file in PEM form, of mode 0600.", "권한이 0600인 PEM 형식 파일입니다."),
            more=Text(
                "Empty: service.key beside the gallery's key.",
                "비어 있으면 갤러리 열쇠 옆의 service.key입니다.",
            ),
        ),
    ] = Path()
    service_megabytes: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Largest request", "요청의 최대 크기"),
            Text("What one request may send.", "한 요청이 보낼 수 있는 크기입니다."),
            range=(1, 10_000),
            unit=Text("megabytes", "메가바이트"),
        ),
    ] = 200
    service_seconds: Annotated[
        Number,
        Declared(
            HTTP,
            Text("Longest recording", "녹화의 최대 길이"),
            Text(
                "Of one request; the work on it may take twice as long.",
                "한 요청의 녹화 길이입니다. 처리에는 그 두 배까지 걸릴 수 있습니다.",
            ),
            range=(1, 3600),
            unit=_SECONDS,
        ),
    ] = 120.0
    service_queue: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Requests that wait", "대기 요청 수"),
            Text(
                "So many may wait for the models; the next is told when to come again.",
                "이만큼까지 모델을 기다릴 수 있으며, 그 다음 요청에는 다시 올 때를 알려 줍니다.",
            ),
            range=(1, 1000),
        ),
    ] = 16
    service_rate: Annotated[
        Number,
        Declared(
            HTTP,
            Text("Requests a second", "초당 요청 수"),
            Text(
                "So many may come from one address; four times as many at once.",
                "한 주소에서 올 수 있는 수입니다. 한꺼번에는 네 배까지 됩니다.",
            ),
            range=(0.1, 100_000),
        ),
    ] = 100.0
    ancestor_requests: Annotated[
        bool,
        Declared(
            HTTP,
            Text("Requests of the ancestors", "이전 시스템 요청"),
            Text(
                "Answers clients of the older systems as those did. They name files on this "
                "machine and send no token.",
                "이전 시스템의 클라이언트에 예전과 같이 답합니다. 이 기기의 파일을 지정하며 토큰을 "
                "보내지 않습니다.",
            ),
            more=Text(
                "Whoever reaches the service can then have every file below ancestor_folder read, "
                "and enrol whom they like under any name.",
                "서비스에 접속할 수 있는 사람은 누구나 ancestor_folder 아래의 파일을 읽게 하고 "
                "아무 이름으로나 등록할 수 있습니다.",
            ),
            choices=_ON_OFF,
        ),
    ] = False
    ancestor_folder: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Folder of the ancestors' requests", "이전 시스템 요청 폴더"),
            Text(
                "Only files below it are read for them; any other path is refused.",
                "이 폴더 아래의 파일만 읽으며 다른 경로는 거부합니다.",
            ),
        ),
    ] = Path()
    ancestor_order: Annotated[
        str,
        Declared(
            HTTP,
            Text("Order of the ancestors' answers", "이전 시스템 답의 순서"),
            Text(
                "Which of 100001 to 100003 is the answer of face and voice together.",
                "100001~100003 중 얼굴과 목소리를 합친 답이 어느 것인지입니다.",
            ),
            choices={
                "fused_first": Text("Fused, face, voice (as described)", "융합, 얼굴, 목소리"),
                "fused_last": Text(
                    "Face, voice, fused (one published server)", "얼굴, 목소리, 융합"
                ),
            },
        ),
    ] = "fused_first"
    event_webhook: Annotated[
        str,
        Declared(
            EVENTS,
            Text("Webhook", "웹훅"),
            Text(
                "The address to which every decision is posted, signed.",
                "판단이 나올 때마다 서명하여 보낼 주소입니다.",
            ),
            more=Text(
                "http:// or https://; empty: none. The secret stands in event_secrets, "
                "`kiosk events secret` makes one.",
                "http:// 또는 https://이며, 비어 있으면 보내지 않습니다. 비밀 값은 event_secrets에 "
                "두며 `kiosk events secret`으로 만듭니다.",
            ),
        ),
    ] = ""
    event_mqtt: Annotated[
        str,
        Declared(
            EVENTS,
            Text("MQTT broker", "MQTT 브로커"),
            Text(
                "The broker to which every decision is published; Home Assistant finds it.",
                "판단을 발행할 브로커이며, Home Assistant 자동 검색도 알립니다.",
            ),
            more=Text(
                "mqtt://HOST:PORT/TOPIC, or mqtts:// with TLS; the topic is kiosk where none is "
                "given; empty: none. Name and password stand in event_secrets.",
                "mqtt://HOST:PORT/TOPIC 또는 TLS를 쓰는 mqtts://입니다. 토픽이 없으면 kiosk이고, "
                "비어 있으면 발행하지 않습니다. 이름과 암호는 event_secrets에 둡니다.",
            ),
        ),
    ] = ""
    event_command: Annotated[
        str,
        Declared(
            EVENTS,
            Text("Command", "명령"),
            Text(
                "Run for every decision, which stands on its standard input as JSON.",
                "판단이 나올 때마다 실행하며, 판단은 표준 입력에 JSON으로 들어갑니다.",
            ),
            more=Text(
                "Program and arguments, started without a shell; exit code 0 means done; empty: "
                "none.",
                "셸 없이 실행하는 프로그램과 인수입니다. 종료 코드 0이면 끝난 것이고, 비어 있으면 "
                "실행하지 않습니다.",
            ),
        ),
    ] = ""
    event_journal: Annotated[
        bool,
        Declared(
            EVENTS,
            Text("Journal", "저널"),
            Text(
                "Writes every decision into the journal of systemd.",
                "판단을 systemd 저널에 적습니다.",
            ),
            choices=_YES_NO,
        ),
    ] = False
    event_fields: Annotated[
        str,
        Declared(
            EVENTS,
            Text("What is sent", "보내는 내용"),
            Text(
                "The fields of a decision that leave the kiosk, separated by commas.",
                "키오스크 밖으로 보내는 판단의 항목이며 쉼표로 구분합니다.",
            ),
            more=Text(
                f"Of {', '.join(EventField)}. Vectors, pictures and sounds are never sent.",
                f"{', '.join(EventField)} 중에서 고릅니다. 벡터, 사진, 소리는 보내지 않습니다.",
            ),
        ),
    ] = ",".join(USUAL_FIELDS)
    event_timeout: Annotated[
        Number,
        Declared(
            EVENTS,
            Text("Time for one attempt", "한 번 시도하는 시간"),
            Text(
                "After so long an attempt has failed and a command is ended.",
                "이만큼 지나면 실패로 보고 명령은 끝냅니다.",
            ),
            range=(0.1, 300),
            unit=_SECONDS,
        ),
    ] = 10.0
    event_secrets: Annotated[
        Place,
        Declared(
            EVENTS,
            Text("Secrets of the channels", "채널의 비밀 값"),
            Text(
                "A TOML file of mode 0600 with secret, names, passwords and certificates.",
                "비밀 값, 이름, 암호, 인증서가 적힌 권한 0600의 TOML 파일입니다.",
            ),
            more=Text(
                "Empty: events.toml in the user's configuration folder.",
                "비어 있으면 사용자 설정 폴더의 events.toml입니다.",
            ),
        ),
    ] = Path()

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, given: object, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        try:
            return handler(given)
        except ValidationError as error:
            raise what_is_wrong(error) from error

    def __post_init__(self) -> None:
        data = user_data_path("kiosk", appauthor=False)
        self._default("database", data / "gallery.db")
        self._default("key_file", user_config_path("kiosk", appauthor=False) / "gallery.key")
        self._default("models", data / "models")
        self._default("event_secrets", user_config_path("kiosk", appauthor=False) / "events.toml")
        self._check_events()
        if self.camera == self.microphone == "none":
            raise SettingsError(
                "microphone is 'none', and so is camera.",
                "Choose one, or auto for either.",
                key="microphone",
            )
        if self.emotion == "on" and self.profile != "standard":
            raise SettingsError(
                f"emotion is 'on', which the profile {self.profile!r} forbids "
                "(Regulation (EU) 2024/1689, Article 5(1)(f)).",
                "Leave emotion at auto or off, or choose another profile.",
                key="emotion",
            )

    def _check_events(self) -> None:
        for key, schemes in (("event_webhook", _WEB), ("event_mqtt", _MQTT)):
            _check_address(key, getattr(self, key), schemes)
        try:
            shlex.split(self.event_command)
        except ValueError as error:
            raise SettingsError(
                "event_command has a quotation that does not end.",
                "Close it; there is no shell behind it.",
                key="event_command",
            ) from error
        try:
            read_fields(self.event_fields)
        except ValueError as error:
            raise SettingsError(
                f"event_fields is {self.event_fields!r}.",
                f"Choose some of {', '.join(EventField)}, with commas between them.",
                key="event_fields",
            ) from error

    def _default(self, key: str, path: Path) -> None:
        if getattr(self, key) == Path():
            object.__setattr__(self, key, path)


def _check_address(key: str, text: str, schemes: tuple[str, str]) -> None:
    """Raises SettingsError for what is no address, and for one with a password in it."""
    if not text:
        return
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        example = f"{schemes[1]}://hub.example/kiosk"
        raise SettingsError(f"{key} is {text!r}.", f"Give an address like {example}.", key=key)
    if parts.username or parts.password:
        remedy = "Name and password belong into the file of event_secrets."
        raise SettingsError(f"{key} holds a name or a password.", remedy, key=key)


@cache
def all_settings() -> Mapping[str, Setting]:
    """Every setting by its key, in the order of the table."""
    hints = get_type_hints(Settings, include_extras=True)
    found = {}
    for field in fields(Settings):
        kind, *notes = get_args(hints[field.name])
        declared = next(note for note in notes if isinstance(note, Declared))
        found[field.name] = Setting(field.name, kind, field.default, declared)
    return found


@cache
def old_names() -> Mapping[str, str]:
    """What settings were called before, to what they are called now."""
    return {old: key for key, each in all_settings().items() for old in each.declared.old_names}


def checked(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with some values, perhaps written as text, changed. Raises SettingsError."""
    return replace(settings, **{old_names().get(key, key): changes[key] for key in changes})


def find_setting(key: str) -> Setting:
    """The setting of this name, old or new. Raises SettingsError that names the nearest."""
    found = all_settings().get(old_names().get(key, key))
    if found is None:
        raise no_such_setting(key)
    return found


def no_such_setting(key: str) -> SettingsError:
    """The error for a key that nothing is called by."""
    near = nearest(key, [*all_settings(), *old_names()])
    remedy = f"Did you mean {near}? " if near else ""
    return SettingsError(
        f"There is no setting {key!r}.", f"{remedy}`kiosk settings list` names them all.", key=key
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelt most like this one, if any is."""
    return next(iter(difflib.get_close_matches(word, list(known), 1)), None)


def what_is_wrong(error: ValidationError) -> SettingsError:
    """The first thing that pydantic found, in our words."""
    first = error.errors(include_url=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if key not in all_settings():
        return no_such_setting(key)
    return SettingsError(f"{key} is {first['input']!r}.", all_settings()[key].needs, key=key)
