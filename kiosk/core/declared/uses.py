"""What a kiosk is used for beside telling who somebody is; all of it is off at first."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic.dataclasses import dataclass

from kiosk.core.attendance import Calendar, read_clock, read_day
from kiosk.core.declaration import Declared, Text
from kiosk.core.declared.groups import CONFIG, ON_OFF, USES, YES_NO
from kiosk.core.errors import InputError, SettingsError
from kiosk.core.greetings import Greeting, made_greeting


@dataclass(frozen=True, config=CONFIG)
class UseSettings:
    """What a kiosk is used for beside telling who somebody is."""

    attendance: Annotated[
        bool,
        Declared(
            USES,
            Text("Attendance", "출석"),
            Text(
                "First and last visit of a person and day, for staff. The text of consent says so.",
                "사람마다 하루의 첫 방문과 마지막 방문을 직원에게 보여 줍니다. 동의서에도 "
                "적힙니다.",
            ),
            more=Text(
                "Only visits from when it is switched on, of people who were recognised before the "
                "camera; kept as long as decisions.",
                "켠 뒤에 카메라 앞에서 확인된 방문만 세며, 방문 기록과 같은 기간 동안 보관합니다.",
            ),
            choices=ON_OFF,
        ),
    ] = False
    attendance_zone: Annotated[
        str,
        Declared(
            USES,
            Text("Time zone", "시간대"),
            Text(
                "In which a day of the attendance is counted; empty: that of the machine.",
                "출석의 하루를 세는 시간대입니다. 비어 있으면 기기의 시간대입니다.",
            ),
            more=Text("A name like Asia/Seoul.", "Asia/Seoul과 같은 이름입니다."),
            at_once=True,
        ),
    ] = ""
    attendance_day_begins: Annotated[
        str,
        Declared(
            USES,
            Text("A day begins at", "하루의 시작"),
            Text(
                "Visits before it belong to the day before, for work that goes past midnight.",
                "이 시각 전의 방문은 전날에 속합니다. 자정을 넘기는 근무에 맞춥니다.",
            ),
            more=Text("HH:MM.", "HH:MM입니다."),
            at_once=True,
        ),
    ] = "00:00"
    greetings: Annotated[
        bool,
        Declared(
            USES,
            Text("Greetings", "인사말"),
            Text(
                "Shows a line to whoever was recognised: one of their own, or that for everybody.",
                "확인된 분에게 한 줄을 보여 줍니다. 그분의 인사말이나 모두를 위한 인사말입니다.",
            ),
            more=Text(
                "A line of one person is set on the page of people, or by `kiosk greeting set`.",
                "한 사람의 인사말은 등록자 화면이나 `kiosk greeting set`으로 정합니다.",
            ),
            choices=ON_OFF,
        ),
    ] = False
    greeting: Annotated[
        str,
        Declared(
            USES,
            Text("Line for everybody", "모두를 위한 인사말"),
            Text(
                "Shown to everybody recognised who has no line of their own; empty: none.",
                "자기 인사말이 없는 확인된 분 모두에게 보여 줍니다. 비어 있으면 없습니다.",
            ),
        ),
    ] = ""
    greeting_until: Annotated[
        str,
        Declared(
            USES,
            Text("Show it until", "표시 기한"),
            Text(
                "The last day of the line for everybody; empty: until it is changed.",
                "모두를 위한 인사말의 마지막 날입니다. 비어 있으면 바꿀 때까지입니다.",
            ),
            more=Text("YYYY-MM-DD.", "YYYY-MM-DD입니다."),
        ),
    ] = ""
    greeting_once: Annotated[
        bool,
        Declared(
            USES,
            Text("Show it once", "한 번만 표시"),
            Text(
                "Everybody sees the line for everybody on one visit alone.",
                "모두를 위한 인사말을 사람마다 한 번의 방문에서만 봅니다.",
            ),
            choices=YES_NO,
        ),
    ] = False

    def check_uses(self) -> None:
        """Raises SettingsError for a zone, a time, a day or a line that cannot be used."""
        attendance_calendar(self)
        common_greeting(self)


def attendance_calendar(settings: UseSettings) -> Calendar:
    """How moments become days. Raises SettingsError."""
    name = settings.attendance_zone.strip()
    try:
        zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"attendance_zone is {name!r}, which is no time zone.",
            "Give a name like Asia/Seoul, or nothing for that of the machine.",
            key="attendance_zone",
        ) from error
    return Calendar(zone, _clock(settings))


def _clock(settings: UseSettings) -> time:
    try:
        return read_clock(settings.attendance_day_begins)
    except InputError as error:
        raise SettingsError(
            f"attendance_day_begins is {settings.attendance_day_begins!r}.",
            error.remedy,
            key="attendance_day_begins",
        ) from error


def common_greeting(settings: UseSettings) -> Greeting | None:
    """The line for everybody. Raises SettingsError for one that cannot be shown."""
    until: date | None = None
    if settings.greeting_until.strip():
        try:
            until = read_day(settings.greeting_until)
        except InputError as error:
            raise SettingsError(
                f"greeting_until is {settings.greeting_until!r}.",
                error.remedy,
                key="greeting_until",
            ) from error
    if not settings.greeting.strip():
        return None
    try:
        line = made_greeting(settings.greeting)
    except InputError as error:
        raise SettingsError(error.text, error.remedy, key="greeting") from error
    return Greeting(line.text, settings.greeting_once, until)
