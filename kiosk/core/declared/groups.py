"""The groups that settings are shown in, and the words that several declarations use."""

from __future__ import annotations

from pydantic import ConfigDict

from kiosk.core.declaration import Group, Text

CONFIG = ConfigDict(extra="forbid", coerce_numbers_to_str=True, str_strip_whitespace=True)
"""Of every part of the settings. Blanks around a text mean nothing: a text of blanks is empty."""

DEVICES = Group("devices", Text("Devices", "장치"))
RECOGNITION = Group("recognition", Text("Recognition", "인식"))
MODELS = Group("models", Text("Models", "모델"))
ATTRIBUTES = Group("attributes", Text("Estimates", "추정"))
SCREEN = Group("screen", Text("Screen", "화면"))
TIMES = Group("times", Text("Times", "시간"))
DATA = Group("data", Text("Data", "데이터"))
BRAND = Group("brand", Text("Brand", "로고와 색"))
"""Whose kiosk it is."""
USES = Group("uses", Text("Uses", "용도"))
"""What a kiosk is used for beside telling who somebody is: off at first."""
SERVICE = Group("service", Text("Files and logs", "파일과 로그"), on_page=False)
"""Where things lie is for whoever installs the kiosk, not for the page."""
HTTP = Group("http", Text("HTTP service", "HTTP 서비스"), on_page=False)
"""Of `kiosk serve`."""
EVENTS = Group("events", Text("Events out", "이벤트 보내기"), on_page=False)
"""What leaves the kiosk, and what it starts."""
FLEET = Group("fleet", Text("Fleet", "여러 대 함께 쓰기"), on_page=False)
"""Many kiosks with one gallery."""
GROUPS = (
    DEVICES,
    RECOGNITION,
    MODELS,
    ATTRIBUTES,
    SCREEN,
    TIMES,
    DATA,
    USES,
    BRAND,
    SERVICE,
    HTTP,
    EVENTS,
    FLEET,
)

AUTO = Text("Automatic", "자동")
ON, OFF = Text("On", "켜기"), Text("Off", "끄기")
ON_OFF = {"true": ON, "false": OFF}
YES_NO = {"true": Text("Yes", "예"), "false": Text("No", "아니요")}
SWITCH = {"auto": AUTO, "on": ON, "off": OFF}
SECONDS = Text("seconds", "초")
PICTURES = Text("pictures", "장")
GOOD_NETWORKS = Text(
    "Automatic: by the networks that are good enough at it; on: by the others as well.",
    "자동이면 충분히 정확한 모델만 추정하고, 켜면 다른 모델도 추정합니다.",
)
OTHER_MODEL = Text(
    "A name of `kiosk models list`; auto takes the best that is present.",
    "`kiosk models list`에 나오는 이름입니다. auto이면 있는 것 중 가장 좋은 모델을 씁니다.",
)
