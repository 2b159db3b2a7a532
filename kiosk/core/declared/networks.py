"""Which networks run and how, and which attributes they estimate."""

from __future__ import annotations

from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Switch, Text, Whole
from kiosk.core.declared.groups import (
    ATTRIBUTES,
    AUTO,
    CONFIG,
    GOOD_NETWORKS,
    MODELS,
    OTHER_MODEL,
    PICTURES,
    SWITCH,
)


@dataclass(frozen=True, config=CONFIG)
class NetworkSettings:
    """Which networks run and how, and which attributes they estimate."""

    face_model: Annotated[
        str,
        Declared(
            MODELS,
            Text("Face recogniser", "얼굴 인식 모델"),
            Text(
                "People enrolled with another one are not recognised by this one.",
                "다른 모델로 등록한 사람은 이 모델로 알아보지 못합니다.",
            ),
            more=OTHER_MODEL,
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
            more=OTHER_MODEL,
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
                "auto": AUTO,
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
            unit=PICTURES,
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
            more=GOOD_NETWORKS,
            choices=SWITCH,
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
            more=GOOD_NETWORKS,
            choices=SWITCH,
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
            more=GOOD_NETWORKS,
            choices=SWITCH,
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
