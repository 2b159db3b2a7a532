"""What leaves the kiosk when a visit is decided or staff are called: by which channels, and which
fields of a decision.

An event names its decision and holds nothing of it; what is sent is read from the record at the
moment of sending. So nothing is sent of who has been deleted, and nothing under an id that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.records import DecisionRecord, StaffCall

SCHEMA = "kiosk.event/1"
CALL = "call"
"""The type of an event that tells of a call for staff."""


class EventChannel(StrEnum):
    """The ways out."""

    WEBHOOK = "webhook"
    MQTT = "mqtt"
    COMMAND = "command"
    JOURNAL = "journal"


class EventField(StrEnum):
    """What can be sent of a decision; never a vector, a picture or a sound."""

    SUBJECT_ID = "subject_id"
    OUTCOME = "outcome"
    TIME = "time"
    NAME = "name"
    PROBABILITY = "probability"
    REASON = "reason"
    MODALITIES = "modalities"
    CONFLICT = "conflict"
    FUSED_LLR = "fused_llr"
    FACE_SCORE = "face_score"
    VOICE_SCORE = "voice_score"
    LIVENESS = "liveness"
    FROM_DEVICES = "from_devices"


class EventWhen(StrEnum):
    """Which decisions are told."""

    EVERY = "every"
    IDENTIFIED = "identified"
    LIVE = "live"
    """Somebody was named who was seen to live, by the camera and not in a recording, without a
    contradiction or anybody who may have stood in: what a door may listen to."""


USUAL_FIELDS = (EventField.SUBJECT_ID, EventField.OUTCOME, EventField.TIME)


class DeliveryFailure(StrEnum):
    """Why an event did not get through, in words that name nobody."""

    UNREACHABLE = "unreachable"
    """Nobody listens there, or the connection broke off."""
    TIMEOUT = "timeout"
    UNTRUSTED = "untrusted"
    """The certificate of the other side does not hold."""
    DENIED = "denied"
    """The other side does not accept our name, password or signature."""
    ANSWERED = "answered"
    """The other side answered with an error; its number is the detail."""
    ENDED = "ended"
    """The command ended with an exit code, the detail, that is not 0."""
    ABSENT = "absent"
    """There is no such program, or no journal, on this machine."""


@dataclass(frozen=True)
class Undelivered:
    """Why and since when an event, or a channel, fails; `detail` is a number or empty."""

    failure: DeliveryFailure
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.failure} {self.detail}".strip()


@dataclass(frozen=True)
class OutboxEvent:
    """One event for one channel, of a decision or of a call for staff. `uid` is the same for all
    channels and all attempts: by it a receiver tells what it has already. `given_up` is when it
    became a dead letter."""

    event_id: int
    uid: str
    channel: EventChannel
    record: DecisionRecord | StaffCall
    attempts: int
    due: datetime
    given_up: datetime | None = None
    problem: str = ""


@dataclass(frozen=True)
class ChannelStatus:
    """How a channel is: events that wait, that were given up, and that this process delivered."""

    channel: EventChannel
    waiting: int = 0
    given_up: int = 0
    delivered: int = 0
    problem: Undelivered | None = None


def read_fields(text: str) -> tuple[EventField, ...]:
    """The fields named in a text, separated by commas. Raises ValueError for an unknown one."""
    named = [word.strip() for word in text.split(",") if word.strip()]
    return tuple(dict.fromkeys(EventField(word) for word in named))


def event_body(event: OutboxEvent, fields: Sequence[EventField]) -> Mapping[str, Any]:
    """What is sent: the schema, the id, and the fields that were chosen, nothing else; of a call
    which one, when, and what became of it."""
    record = event.record
    if isinstance(record, StaffCall):
        about = {"call_id": record.call_id, "state": record.state.value, "time": _iso(record.time)}
        return {"schema": SCHEMA, "id": event.uid, "type": CALL, **about}
    told = _told(record)
    head = {"schema": SCHEMA, "id": event.uid, "type": "decision"}
    return {**head, **{field.value: told[field] for field in fields}}


def trial_body(uid: str, time: datetime) -> Mapping[str, Any]:
    """What `kiosk events test` sends: of no decision, so that no door opens for it."""
    return {"schema": SCHEMA, "id": uid, "type": "test", "time": _iso(time)}


def _told(record: DecisionRecord) -> Mapping[EventField, Any]:
    """Who stands on top of the list without being identified is nobody's business."""
    identified = record.outcome is DecisionOutcome.IDENTIFIED
    used = {Modality.FACE: record.with_face, Modality.VOICE: record.with_voice}
    return {
        EventField.SUBJECT_ID: record.subject_id if identified else None,
        EventField.OUTCOME: record.outcome.value,
        EventField.TIME: _iso(record.time),
        EventField.NAME: record.name if identified and record.name else None,
        EventField.PROBABILITY: _rounded(record.probability, 6),
        EventField.REASON: record.reason,
        EventField.MODALITIES: [each.value for each, there in used.items() if there],
        EventField.CONFLICT: record.conflict,
        EventField.FUSED_LLR: _rounded(record.fused_llr, 4),
        EventField.FACE_SCORE: _rounded(record.face_score, 4),
        EventField.VOICE_SCORE: _rounded(record.voice_score, 4),
        EventField.LIVENESS: record.liveness.value,
        EventField.FROM_DEVICES: record.from_devices,
    }


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
