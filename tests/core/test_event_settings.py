"""Which decisions are told outside, by which channels, and what is no address."""

from __future__ import annotations

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.declared.events import chosen_channels, event_wanted
from kiosk.core.errors import SettingsError
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.outgoing import EventChannel, EventField, read_fields
from kiosk.core.settings import Settings, checked

LIVE, UNCHECKED = LivenessOutcome.LIVE, LivenessOutcome.NOT_CHECKED
NAMED = Decision(DecisionOutcome.IDENTIFIED, probability=0.9)
CONTRADICTED = Decision(DecisionOutcome.IDENTIFIED, probability=0.9, conflict=True)
STRANGER = Decision(DecisionOutcome.UNKNOWN, probability=0.2)


@pytest.mark.parametrize(
    ("when", "decision", "liveness", "devices", "stand_in", "told"),
    [
        ("every", STRANGER, UNCHECKED, False, True, True),
        ("every", NAMED, UNCHECKED, False, False, True),
        ("identified", STRANGER, LIVE, True, False, False),
        ("identified", NAMED, UNCHECKED, False, True, True),
        ("live", NAMED, LIVE, True, False, True),
        ("live", STRANGER, LIVE, True, False, False),
        ("live", CONTRADICTED, LIVE, True, False, False),
        ("live", NAMED, UNCHECKED, True, False, False),
        ("live", NAMED, LIVE, False, False, False),
        ("live", NAMED, LIVE, True, True, False),
    ],
)
def test_which_decisions_are_told(
    when: str,
    decision: Decision,
    liveness: LivenessOutcome,
    devices: bool,
    stand_in: bool,
    told: bool,
) -> None:
    settings = Settings(event_when=when)
    found = event_wanted(settings, decision, liveness, from_devices=devices, stand_in=stand_in)
    assert found is told


def test_nobody_is_told_of_who_was_named_with_less() -> None:
    for least, told in ((0.9, True), (0.901, False)):
        settings = Settings(event_when="every", event_min_probability=least)
        for decision, expected in ((NAMED, told), (STRANGER, True)):
            assert (
                event_wanted(settings, decision, LIVE, from_devices=True, stand_in=False)
                is expected
            )


def test_the_channels_that_are_switched_on() -> None:
    assert chosen_channels(Settings()) == ()
    every = Settings(
        event_webhook="https://hub.example/kiosk",
        event_mqtt="mqtts://hub.example/kiosk",
        event_command="notify --door 1",
        event_journal=True,
    )
    assert chosen_channels(every) == (
        EventChannel.WEBHOOK,
        EventChannel.MQTT,
        EventChannel.COMMAND,
        EventChannel.JOURNAL,
    )
    assert chosen_channels(Settings(event_mqtt="mqtt://hub.example")) == (EventChannel.MQTT,)


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("event_webhook", "hub.example", "like https://hub.example/kiosk"),
        ("event_webhook", "mqtt://hub.example", "like https://hub.example/kiosk"),
        ("event_webhook", "https:///kiosk", "like https://hub.example/kiosk"),
        ("event_webhook", "https://hub.example:0", "like https://hub.example/kiosk"),
        ("event_webhook", "https://hub.example:99999", "like https://hub.example/kiosk"),
        ("event_mqtt", "https://hub.example", "like mqtts://hub.example/kiosk"),
        ("event_webhook", "https://ann@hub.example", "into the file of event_secrets"),
        ("event_mqtt", "mqtts://:word@hub.example", "into the file of event_secrets"),
        ("event_command", 'notify "door', "Close it"),
        ("event_fields", "time,shoe_size", "Choose some of"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_setting(key: str, text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=f"^{key} ") as caught:
        checked(Settings(), {key: text})
    assert caught.value.key == key
    assert why in caught.value.remedy


@pytest.mark.parametrize("text", ["http://hub.example", "https://hub.example:8443/a?b=c"])
def test_addresses_that_can_be_used(text: str) -> None:
    assert Settings(event_webhook=text).event_webhook == text


def test_fields_are_read_once_each_in_their_order() -> None:
    assert read_fields(" time, name,,time ") == (EventField.TIME, EventField.NAME)
    assert read_fields("") == ()
    with pytest.raises(ValueError, match="shoe_size"):
        read_fields("shoe_size")
