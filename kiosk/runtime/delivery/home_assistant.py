"""What Home Assistant is told, so that it shows the kiosk as a device without being set up.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery: one retained message an entity. A
decision is an event there; who was identified last is a sensor where subject or name are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk import __version__
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.outgoing import CALL, EventField
from kiosk.core.records import CallState

PREFIX = "homeassistant"
"""The topic below which Home Assistant looks, unless it is told otherwise."""


def discovery(
    topic: str, client_id: str, fields: Sequence[str]
) -> Mapping[str, Mapping[str, object]]:
    """The messages by their topics; an entity for what is sent, and none for what is not."""
    common: dict[str, object] = {
        "state_topic": f"{topic}/decision",
        "availability_topic": f"{topic}/status",
        "qos": 1,
        "device": {
            "identifiers": [client_id],
            "name": topic,
            "manufacturer": "Kiosk",
            "sw_version": __version__,
        },
        "origin": {"name": "kiosk", "sw_version": __version__},
    }
    found: dict[str, Mapping[str, object]] = {
        f"{PREFIX}/event/{client_id}/call/config": {
            **common,
            "state_topic": f"{topic}/{CALL}",
            "name": "Call for staff",
            "unique_id": f"{client_id}_call",
            "icon": "mdi:hand-wave",
            "event_types": [state.value for state in CallState],
            "value_template": "{{ dict(value_json, event_type=value_json.state) | tojson }}",
        }
    }
    if EventField.OUTCOME in fields:
        found[f"{PREFIX}/event/{client_id}/decision/config"] = {
            **common,
            "name": "Decision",
            "unique_id": f"{client_id}_decision",
            "icon": "mdi:account-question",
            "event_types": [*(outcome.value for outcome in DecisionOutcome), "test"],
            # Home Assistant wants the kind of event under a name of its own.
            "value_template": "{{ dict(value_json, event_type=value_json.outcome"
            " | default(value_json.type)) | tojson }}",
        }
    for field, name in ((EventField.SUBJECT_ID, "Subject"), (EventField.NAME, "Name")):
        if field in fields:
            found[f"{PREFIX}/sensor/{client_id}/{field}/config"] = {
                **common,
                "name": name,
                "unique_id": f"{client_id}_{field}",
                "icon": "mdi:account",
                "value_template": f"{{{{ value_json.{field} | default('') }}}}",
            }
    return found
