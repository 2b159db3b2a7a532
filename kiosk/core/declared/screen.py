"""What visitors see and hear, and for how long."""

from __future__ import annotations

from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Number, Text
from kiosk.core.declared.groups import CONFIG, ON_OFF, SCREEN, SECONDS, TIMES


@dataclass(frozen=True, config=CONFIG)
class ScreenSettings:
    """What visitors see and hear, and for how long."""

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
            choices=ON_OFF,
            at_once=True,
        ),
    ] = True
    staff_call: Annotated[
        bool,
        Declared(
            SCREEN,
            Text("Call for staff", "직원 호출"),
            Text(
                "Every page has a button by which a visitor calls staff. Off only where nobody can "
                "come.",
                "모든 화면에 방문자가 직원을 부르는 버튼이 있습니다. 올 사람이 없는 곳에서만 "
                "끄세요.",
            ),
            more=Text(
                "The call is an event of the type call, a notice on the pages for staff, amber "
                "under `kiosk status`, and a sound.",
                "호출은 call 이벤트, 직원 화면의 알림, `kiosk status`의 주황색, 소리로 알립니다.",
            ),
            choices=ON_OFF,
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
            unit=SECONDS,
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
            unit=SECONDS,
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
            unit=SECONDS,
        ),
    ] = 12.0
