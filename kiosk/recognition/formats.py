"""Decisions as lines of text, for people, programs and the ancestors' clients.

Three formats: `text` for reading, `json` (one object a line, schema in docs/schema/headless.json)
and `codes` (one object a line with the numeric keys of the ancestors). Every line is flushed when
it is made.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import IntEnum
from typing import Any

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.events import Fault, VisitDecision
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.samples import FaceOutcome
from kiosk.recognition import estimate_formats

SCHEMA = "kiosk.headless/1"


class Code(IntEnum):
    """The ancestors' keys of identity answers."""

    FUSED = 100001
    FACE = 100002
    VOICE = 100003


_NO_ANSWER = {
    DecisionOutcome.UNUSABLE,
    DecisionOutcome.CONTRADICTED,
    DecisionOutcome.NOT_LIVE,
}
"""Neither a name nor a stranger: null for the ancestors' clients, who take any word for a name."""


def wall_time(moment: datetime) -> str:
    """ISO 8601 with milliseconds and the distance to UTC."""
    return moment.isoformat(timespec="milliseconds")


def as_text(event: VisitDecision, at: datetime | None = None) -> str:
    """One line for people; `at` is when it is written, by the wall clock."""
    decision = event.decision
    used = "+".join(decision.modalities) or "nothing usable"
    when = [wall_time(at)] if at is not None else []
    parts = [*when, f"{event.time:8.2f} s", f"visit {event.visit}", decision.outcome.value]
    if decision.top and decision.outcome is DecisionOutcome.IDENTIFIED:
        parts.append(f"{decision.top.name} ({percent(decision.probability)})")
    parts.append(f"by {used}")
    if decision.conflict:
        parts.append("face and voice disagree")
    if decision.reason:
        parts.append(decision.reason.replace("_", " "))
    parts += _doubts(event)
    if event.hint:
        parts.append(f"hint: {event.hint.value.replace('_', ' ')}")
    fused = estimate_formats.fused(event.attributes)
    if fused is not None:
        parts.append(f"estimates: {estimate_formats.as_text(fused)}")
    return "  ".join(parts) + ("" if event.final else "  (early)")


def _doubts(event: VisitDecision) -> list[str]:
    """What the check for living people adds to an answer that stands."""
    decision, unchecked = event.decision, event.liveness.outcome is LivenessOutcome.NOT_CHECKED
    if event.final and unchecked and decision.outcome is DecisionOutcome.IDENTIFIED:
        return ["not checked for a living person"]
    doubted = event.liveness.outcome is LivenessOutcome.NOT_LIVE
    if not doubted or event.decision.outcome is DecisionOutcome.NOT_LIVE:
        return []
    return [f"perhaps no living person ({event.liveness.reason.replace('_', ' ')})"]


def percent(probability: float) -> str:
    """A probability in words that do not promise more than there is: never 100 %."""
    return "over 99.9 %" if probability > 0.999 else f"{100 * probability:.1f} %"


def as_json(event: VisitDecision, at: datetime | None = None) -> str:
    """One object of the published schema; `at` as in `as_text`."""
    return json.dumps(decision_as_dict(event) | _when(at), ensure_ascii=False)


def _when(at: datetime | None) -> dict[str, str]:
    return {} if at is None else {"at": wall_time(at)}


def decision_as_dict(event: VisitDecision) -> dict[str, Any]:
    """The object behind `as_json`, without the wall clock."""
    decision = event.decision
    return {
        "schema": SCHEMA,
        "type": "decision",
        "visit": event.visit,
        "time": round(event.time, 3),
        "final": event.final,
        **_said(decision),
        "modalities": [modality.value for modality in decision.modalities],
        "conflict": decision.conflict,
        "face": _said(decision.face) if decision.face else None,
        "voice": _said(decision.voice) if decision.voice else None,
        "candidates": [_candidate(candidate) for candidate in decision.candidates],
        "face_quality": _rounded(event.face_quality),
        "voice_quality": _rounded(event.voice_quality),
        "good_frames": event.good_frames,
        "speech_seconds": round(event.speech_seconds, 2),
        "face_outcomes": {str(int(code)): n for code, n in sorted(event.face_outcomes.items())},
        "hint": event.hint.value if event.hint else None,
        "latency": round(event.latency, 4),
        "attributes": [estimate_formats.as_dict(made) for made in event.attributes],
        "liveness": _liveness(event.liveness),
    }


def fault_as_json(fault: Fault, at: datetime) -> str:
    """A fault of the same schema, told at a moment."""
    told = {
        "schema": SCHEMA,
        "type": "fault",
        "at": wall_time(at),
        "text": fault.text,
        "remedy": fault.remedy,
        "restored": fault.restored,
        "modality": fault.modality,
        "code": fault.code,
    }
    return json.dumps(told, ensure_ascii=False)


def as_codes(event: VisitDecision, at: datetime | None = None) -> str:
    """The ancestors' keys: a name, "unknown", or null where the modality is missing.
    The fused one is null as well where face and voice contradict each other.


    `face_code` is the outcome 0-6 of face preprocessing that most frames had. Attribute estimates
    follow under their own keys, by modality, each with its confidence; `confidence` is that of the
    three names, `at` as in `as_text`.
    """
    decision = event.decision
    answers = {
        str(int(Code.FUSED)): _name(decision),
        str(int(Code.FACE)): _name(decision.face),
        str(int(Code.VOICE)): _name(decision.voice),
        "face_code": int(_typical_outcome(event)),
        **_when(at),
        "confidence": {
            str(int(Code.FUSED)): _confidence(decision),
            str(int(Code.FACE)): _confidence(decision.face),
            str(int(Code.VOICE)): _confidence(decision.voice),
        },
        **estimate_formats.as_codes(event.attributes),
    }
    return json.dumps(answers, ensure_ascii=False)


def _name(decision: Decision | None) -> str | None:
    if decision is None or decision.outcome in _NO_ANSWER:
        return None
    identified = decision.outcome is DecisionOutcome.IDENTIFIED and decision.top
    return decision.top.name if identified and decision.top else "unknown"


def _confidence(decision: Decision | None) -> float | None:
    """Of the name told; of "unknown", that it is not the likeliest of those enrolled."""
    if decision is None or decision.outcome in _NO_ANSWER:
        return None
    identified = decision.outcome is DecisionOutcome.IDENTIFIED
    return round(decision.probability if identified else 1 - decision.probability, 6)


def _typical_outcome(event: VisitDecision) -> FaceOutcome:
    if event.good_frames or not event.face_outcomes:
        return FaceOutcome.USABLE if event.good_frames else FaceOutcome.NO_FACE
    return max(event.face_outcomes, key=lambda outcome: event.face_outcomes[outcome])


def _liveness(liveness: Liveness) -> dict[str, Any]:
    return {
        "outcome": liveness.outcome.value,
        "pad_score": _rounded(liveness.pad_score),
        "reason": liveness.reason,
        "channels": {
            part.channel.value: {
                "pad_score": _rounded(part.pad_score),
                "samples": part.samples,
                "seconds": round(part.seconds, 2),
                "reason": part.reason,
            }
            for part in liveness.evidence
        },
    }


def _said(decision: Decision) -> dict[str, Any]:
    identified = decision.outcome is DecisionOutcome.IDENTIFIED
    return {
        "outcome": decision.outcome.value,
        "name": _name(decision) if identified else None,
        "subject_id": decision.top.subject_id if identified and decision.top else None,
        "probability": round(decision.probability, 6),
        "reason": decision.reason,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "subject_id": candidate.subject_id,
        "name": candidate.name,
        "probability": round(candidate.probability, 6),
        "fused_llr": round(candidate.fused_llr, 4),
        "face_score": _rounded(candidate.face_score),
        "voice_score": _rounded(candidate.voice_score),
        "face_llr": _rounded(candidate.face_llr),
        "voice_llr": _rounded(candidate.voice_llr),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
