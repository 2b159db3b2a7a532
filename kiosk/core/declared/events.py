"""What leaves the kiosk when a visit is decided, and what it starts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic.dataclasses import dataclass

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.declaration import Declared, Number, Place, Text
from kiosk.core.declared.groups import CONFIG, EVENTS, SECONDS, YES_NO
from kiosk.core.errors import SettingsError
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.outgoing import USUAL_FIELDS, EventChannel, EventField, EventWhen, read_fields

_WEB, _MQTT = ("http", "https"), ("mqtt", "mqtts")


@dataclass(frozen=True, config=CONFIG)
class EventSettings:
    """What leaves the kiosk when a visit is decided, and what it starts."""

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
            choices=YES_NO,
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
    event_when: Annotated[
        str,
        Declared(
            EVENTS,
            Text("Which decisions are sent", "보낼 판단"),
            Text(
                "For a door or a program: only those that it may act on.",
                "문이나 프로그램이 따라도 되는 판단만 보낼 수 있습니다.",
            ),
            more=Text(
                "Of a visit one final decision is sent at most. Live: named without a "
                "contradiction, seen to live before the camera, nobody may have stood in, and "
                "never out of a recording.",
                "방문마다 최종 판단을 최대 하나 보냅니다. live는 모순 없이 이름이 확인되고 카메라 "
                "앞의 실제 사람이며, 다른 사람이 대신 섰을 수 없고 녹화가 아닌 경우입니다.",
            ),
            choices={
                EventWhen.EVERY.value: Text("Every one", "모두"),
                EventWhen.IDENTIFIED.value: Text("Who was recognised", "확인된 분"),
                EventWhen.LIVE.value: Text(
                    "Who was recognised and seen to live", "확인된 실제 사람"
                ),
            },
        ),
    ] = EventWhen.EVERY.value
    event_min_probability: Annotated[
        Number,
        Declared(
            EVENTS,
            Text("Least probability sent", "보낼 최소 확률"),
            Text(
                "Somebody named with less is not told of; 0: everybody who was named.",
                "이보다 낮은 확률로 확인된 방문은 알리지 않습니다. 0이면 모두 알립니다.",
            ),
            range=(0, 1),
        ),
    ] = 0.0
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
            unit=SECONDS,
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

    def check_events(self) -> None:
        """Raises SettingsError for an address, a command or fields that cannot be used."""
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


def event_wanted(
    settings: EventSettings,
    decision: Decision,
    liveness: LivenessOutcome,
    *,
    from_devices: bool,
    stand_in: bool,
) -> bool:
    """Whether a decision is told, where any channel is switched on."""
    named = decision.outcome is DecisionOutcome.IDENTIFIED
    if named and decision.probability < settings.event_min_probability:
        return False
    if settings.event_when == EventWhen.EVERY:
        return True
    if settings.event_when == EventWhen.IDENTIFIED:
        return named
    sound = not decision.conflict and not stand_in
    return named and sound and from_devices and liveness is LivenessOutcome.LIVE


def chosen_channels(settings: EventSettings) -> tuple[EventChannel, ...]:
    """The channels that are switched on."""
    chosen = {
        EventChannel.WEBHOOK: settings.event_webhook,
        EventChannel.MQTT: settings.event_mqtt,
        EventChannel.COMMAND: settings.event_command,
        EventChannel.JOURNAL: settings.event_journal,
    }
    return tuple(channel for channel, value in chosen.items() if value)
