"""Whose kiosk it is: logo, colours and words of the first screen; and which screen, and when."""

from __future__ import annotations

from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.colours import branded, theme_colours
from kiosk.core.declaration import Declared, Text, Whole
from kiosk.core.declared.groups import BRAND, CONFIG, SCREEN
from kiosk.core.errors import InputError, SettingsError
from kiosk.core.hours import Hours, read_hours
from kiosk.core.typed_lines import one_line

BETWEEN = "|"
"""Stands between the Korean and the English of a text."""
LONGEST_TITLE, LONGEST_TEXT = 24, 60
_BOTH = Text(
    "One text for both languages, or Korean | English. At most {most} characters each.",
    "두 언어에 같은 글을 쓰거나, 한국어 | English로 적습니다. 각각 {most}자까지입니다.",
)


def _both(most: int) -> Text:
    return Text(_BOTH.english.format(most=most), _BOTH.korean.format(most=most))


@dataclass(frozen=True, config=CONFIG)
class BrandSettings:
    """Whose kiosk it is, on which screen, and when that is lit."""

    logo: Annotated[
        str,
        Declared(
            BRAND,
            Text("Logo", "로고"),
            Text(
                "A PNG, JPEG or WebP file, shown at the top of the visitors' screen; empty: none.",
                "방문자 화면 위쪽에 보일 PNG, JPEG, WebP 파일입니다. 비어 있으면 없습니다.",
            ),
            more=Text(
                "From 32 to 8192 pixels a side and 20 MB; SVG is not taken. A file that goes "
                "missing later leaves its place empty.",
                "한 변 32~8192픽셀, 20 MB까지이며 SVG는 받지 않습니다. 나중에 파일이 없어지면 "
                "자리를 비워 둡니다.",
            ),
        ),
    ] = ""
    accent_colour: Annotated[
        str,
        Declared(
            BRAND,
            Text("Colour of buttons and signs", "버튼과 표시의 색"),
            Text(
                "As #RRGGBB; empty: that of the kiosk. One that cannot be read is refused.",
                "#RRGGBB로 적습니다. 비어 있으면 기본 색이며, 읽기 어려운 색은 받지 않습니다.",
            ),
            more=Text(
                "Text needs a contrast of 4.5:1 and a border of 3:1 (WCAG 2.2); what was too near "
                "is named.",
                "글자는 4.5:1, 테두리는 3:1의 대비가 필요하며(WCAG 2.2), 부족한 곳을 알려 줍니다.",
            ),
        ),
    ] = ""
    ground_colour: Annotated[
        str,
        Declared(
            BRAND,
            Text("Colour of the ground", "바탕색"),
            Text(
                "Behind everything, as #RRGGBB; empty: that of the kiosk.",
                "모든 것의 뒤에 깔리는 색이며 #RRGGBB로 적습니다. 비어 있으면 기본 색입니다.",
            ),
        ),
    ] = ""
    attract_title: Annotated[
        str,
        Declared(
            BRAND,
            Text("Heading of the first screen", "첫 화면의 제목"),
            Text(
                "In the place of the kiosk's own; empty: that.",
                "기본 제목 대신 보입니다. 비어 있으면 기본 제목입니다.",
            ),
            more=_both(LONGEST_TITLE),
            at_once=True,
        ),
    ] = ""
    attract_text: Annotated[
        str,
        Declared(
            BRAND,
            Text("Words of the first screen", "첫 화면의 글"),
            Text(
                "Below the heading, in the place of the kiosk's own; empty: those.",
                "기본 글 대신 제목 아래에 보입니다. 비어 있으면 기본 글입니다.",
            ),
            more=_both(LONGEST_TEXT),
            at_once=True,
        ),
    ] = ""
    attract_picture: Annotated[
        str,
        Declared(
            BRAND,
            Text("Picture of the first screen", "첫 화면의 사진"),
            Text(
                "A PNG, JPEG or WebP file in the place of the drawing; empty: the drawing.",
                "기본 그림 대신 보일 PNG, JPEG, WebP 파일입니다. 비어 있으면 기본 그림입니다.",
            ),
        ),
    ] = ""
    monitor: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Monitor", "모니터"),
            Text(
                "Name or number of the one that shows the kiosk, where there are several.",
                "모니터가 여럿일 때 키오스크를 보일 모니터의 이름이나 번호입니다.",
            ),
            more=Text(
                "auto: the first. One that is not there is said under Health, and the first shows "
                "the kiosk until it comes.",
                "auto이면 첫 모니터입니다. 없으면 상태 화면에 알리고, 연결될 때까지 첫 모니터에 "
                "보입니다.",
            ),
        ),
    ] = "auto"
    screen_hours: Annotated[
        str,
        Declared(
            SCREEN,
            Text("Hours of the screen", "화면을 켜는 시간"),
            Text(
                "Outside them the screen is dark and nothing is looked at; a touch wakes it. "
                "Empty: always lit.",
                "그 밖의 시간에는 화면이 어둡고 아무것도 보지 않으며, 만지면 켜집니다. 비어 "
                "있으면 늘 켜져 있습니다.",
            ),
            more=Text(
                "Like Mo-Fr 07:30-19:00; Sa 09:00-13:00. By the clock of the machine.",
                "월-금 07:30-19:00; 토 09:00-13:00처럼 적습니다. 기기의 시계를 따릅니다.",
            ),
            at_once=True,
        ),
    ] = ""
    dim_after: Annotated[
        Whole,
        Declared(
            SCREEN,
            Text("Dim when idle", "쉬는 화면 어둡게"),
            Text(
                "After so long without anybody the first screen dims, and moves by a hair now and "
                "then, so that it does not burn in; 0: never.",
                "이만큼 아무도 없으면 첫 화면이 어두워지고, 잔상이 남지 않도록 이따금 조금씩 "
                "움직입니다. 0이면 그대로 둡니다.",
            ),
            range=(0, 240),
            unit=Text("minutes", "분"),
            at_once=True,
        ),
    ] = 10

    def check_brand(self) -> None:
        """Raises SettingsError for colours that cannot be read, texts that do not fit, and hours
        that are none. Pictures are looked at where they are chosen, for their files may go."""
        branded(theme_colours(), self.accent_colour, self.ground_colour)
        for key, most in (("attract_title", LONGEST_TITLE), ("attract_text", LONGEST_TEXT)):
            in_both(key, getattr(self, key), most)
        lit_hours(self)


def in_both(key: str, text: str, most: int) -> tuple[str, str] | None:
    """Korean and English of a text, None for an empty one. Raises SettingsError."""
    if not text.strip():
        return None
    korean, between, english = text.partition(BETWEEN)
    try:
        if not between:
            korean = english = one_line(text, most, key)
        return one_line(korean, most, key), one_line(english, most, key)
    except InputError as error:
        raise SettingsError(error.text, error.remedy, key=key) from error


def lit_hours(settings: BrandSettings) -> Hours:
    """When the screen is lit. Raises SettingsError."""
    try:
        return read_hours(settings.screen_hours)
    except InputError as error:
        text = f"screen_hours: {error.text}"
        raise SettingsError(text, error.remedy, key="screen_hours") from error
