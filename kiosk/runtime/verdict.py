"""Green, amber or red: how the kiosk is, for the screens, `kiosk status` and the bundle alike.

Red: nobody can be identified as the kiosk is meant to. Amber: it works, and somebody should look at
it soon. What is wrong is named, worst first, and each has a remedy.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.declaration import Text
from kiosk.core.media import Modality
from kiosk.core.status import (
    FaultRecord,
    HostStatus,
    Light,
    RuntimeStatus,
    Trouble,
    Verdict,
)

LEAST_DISK, LOW_DISK = 50_000_000, 1_000_000_000
"""Bytes: on less nothing can be written; on less there is soon no room."""
LEAST_SOUND = 0.5
"""Seconds of sound left out in the last minutes that are worth a word."""
SLOWEST = 4.0
"""Pictures looked at in a second; with fewer a visit waits for them."""
BUSY_SHARE = 0.25
"""Of the camera's pictures; below it the machine is too busy, however few the camera gives."""
HOT = 95.0
"""Degrees Celsius at which processors slow themselves down."""
DEVICES = frozenset(
    {
        "DeviceMissing",
        "DeviceBusy",
        "DeviceForbidden",
        "DeviceSilent",
        "StreamLost",
        "SourceLost",
        "SourceEnded",
        "CaptureError",
    }
)
"""Faults of cameras, microphones and streams; every other one puts the kiosk out of order."""
MONITOR = "MonitorMissing"
"""The fault of a chosen monitor that is not there: another one shows the kiosk meanwhile."""
LIGHTS: dict[Light, Text] = {
    Light.GREEN: Text("All is well.", "정상입니다."),
    Light.AMBER: Text("It works; please see to this soon.", "작동하지만 곧 살펴봐 주세요."),
    Light.RED: Text("It is out of order.", "작동하지 않습니다."),
}
TROUBLES: dict[Trouble, tuple[Text, Text]] = {
    Trouble.DEVICE_LOST: (
        Text("A camera or microphone is missing.", "카메라나 마이크 연결이 끊겼습니다."),
        Text(
            "Check its cable; the kiosk goes on by itself once it is back.",
            "케이블을 확인하세요. 다시 연결되면 저절로 이어집니다.",
        ),
    ),
    Trouble.DEVICE_SILENT: (
        Text(
            "The camera shows nothing new, or the microphone is silent.",
            "카메라 화면이 멈췄거나 마이크에서 소리가 나지 않습니다.",
        ),
        Text(
            "Uncover the lens, switch the microphone on; else unplug it and plug it in again.",
            "렌즈를 가린 것을 치우고 마이크를 켜세요. 그래도 안 되면 뽑았다가 다시 꽂으세요.",
        ),
    ),
    Trouble.OUT_OF_ORDER: (
        Text("A part of the kiosk does not work.", "키오스크의 일부가 작동하지 않습니다."),
        Text(
            "See the last faults, or write diagnostics for whoever mends the kiosk.",
            "최근 장애를 확인하거나, 고치는 사람에게 보낼 진단 파일을 만드세요.",
        ),
    ),
    Trouble.DISK_FULL: (
        Text("The disk is full.", "디스크가 가득 찼습니다."),
        Text("Make room on the disk now.", "지금 디스크 공간을 비우세요."),
    ),
    Trouble.DISK_LOW: (
        Text("The disk is nearly full.", "디스크 공간이 얼마 남지 않았습니다."),
        Text("Make room on the disk.", "디스크 공간을 비우세요."),
    ),
    Trouble.SOUND_DROPPED: (
        Text(
            "Some sound of the last minutes was not heard in time.",
            "최근 몇 분 사이에 제때 듣지 못한 소리가 있습니다.",
        ),
        Text(
            "Close other programs, or choose a smaller model.",
            "다른 프로그램을 닫거나 더 작은 모델을 고르세요.",
        ),
    ),
    Trouble.PICTURES_DROPPED: (
        Text(
            "Few of the camera's pictures are looked at: visits take longer.",
            "카메라 영상을 조금밖에 보지 못해 방문 확인이 느립니다.",
        ),
        Text(
            "Close other programs, or choose a smaller model.",
            "다른 프로그램을 닫거나 더 작은 모델을 고르세요.",
        ),
    ),
    Trouble.PEOPLE_LOST: (
        Text(
            "Some people are enrolled only with a model that is missing.",
            "없는 모델로만 등록되어 알아볼 수 없는 사람이 있습니다.",
        ),
        Text(
            "Put the model back, or enrol these people again.",
            "그 모델을 다시 넣거나 그 사람들을 다시 등록하세요.",
        ),
    ),
    Trouble.MONITOR_MISSING: (
        Text(
            "The chosen monitor is not there; another one shows the kiosk.",
            "선택한 모니터가 없어 다른 모니터에 표시하고 있습니다.",
        ),
        Text(
            "Plug it in, or choose another in the settings.",
            "모니터를 연결하거나 설정에서 다른 모니터를 고르세요.",
        ),
    ),
    Trouble.HOT: (
        Text("The machine is too hot.", "기기가 너무 뜨겁습니다."),
        Text("Give it air, and clean its fan.", "바람이 통하게 하고 환풍기를 청소하세요."),
    ),
    Trouble.STAFF_CALLED: (
        Text("A visitor called staff.", "방문자가 직원을 호출했습니다."),
        Text(
            "Go there, and say so on the pages for staff.",
            "가 보신 뒤 직원 화면에서 확인해 주세요.",
        ),
    ),
}
"""What is wrong, and what to do."""
_RED = (Trouble.OUT_OF_ORDER, Trouble.DEVICE_LOST, Trouble.DEVICE_SILENT, Trouble.DISK_FULL)


def verdict(pulse: RuntimeStatus, body: HostStatus) -> Verdict:
    """The light, what is wrong, and the codes of the faults that last."""
    codes = tuple(dict.fromkeys(each.code for each in lasting(pulse.faults)))
    troubles = [*_of_faults(codes), *_of_machine(body), *_of_running(pulse)]
    found = tuple(sorted(dict.fromkeys(troubles), key=_place))
    if not found:
        return Verdict()
    return Verdict(Light.RED if found[0] in _RED else Light.AMBER, found, codes)


def _place(trouble: Trouble) -> tuple[bool, int]:
    """What puts the kiosk out of order comes first."""
    return trouble not in _RED, list(Trouble).index(trouble)


def lasting(faults: Sequence[FaultRecord]) -> tuple[FaultRecord, ...]:
    """The faults after which what failed has not come back, newest first as they are given. What
    came back ends the earlier faults of its own kind alone: a camera that is plugged in again says
    nothing of the microphone."""
    found: list[FaultRecord] = []
    mended: set[tuple[str, Modality | None]] = set()
    for each in faults:
        if each.restored:
            mended.add(_kind(each))
        elif _kind(each) not in mended:
            found.append(each)
    return tuple(found)


def _kind(fault: FaultRecord) -> tuple[str, Modality | None]:
    """What failed: any error of one device is one kind."""
    return ("device" if fault.code in DEVICES else fault.code), fault.modality


def _of_faults(codes: Sequence[str]) -> list[Trouble]:
    found = []
    for code in codes:
        silent = code == "DeviceSilent"
        lost = Trouble.DEVICE_SILENT if silent else Trouble.DEVICE_LOST
        other = Trouble.MONITOR_MISSING if code == MONITOR else Trouble.OUT_OF_ORDER
        found.append(lost if code in DEVICES else other)
    return found


def _of_machine(body: HostStatus) -> list[Trouble]:
    found = []
    if body.disk_free is not None and body.disk_free < LOW_DISK:
        found.append(Trouble.DISK_FULL if body.disk_free < LEAST_DISK else Trouble.DISK_LOW)
    if body.temperature is not None and body.temperature >= HOT:
        found.append(Trouble.HOT)
    return found


def _of_running(pulse: RuntimeStatus) -> list[Trouble]:
    found = [Trouble.SOUND_DROPPED] if pulse.lost_recently >= LEAST_SOUND else []
    given, taken = pulse.source_rate, pulse.taken_rate
    if given and taken is not None and taken < min(SLOWEST, BUSY_SHARE * given):
        found.append(Trouble.PICTURES_DROPPED)
    if any(each.lost for each in pulse.coverage):
        found.append(Trouble.PEOPLE_LOST)
    if pulse.called is not None:
        found.append(Trouble.STAFF_CALLED)
    return found
