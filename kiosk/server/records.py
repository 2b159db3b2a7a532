"""Records of the gallery as JSON."""

from __future__ import annotations

from typing import Any

from kiosk.core.records import DecisionRecord


def decision_line(record: DecisionRecord) -> dict[str, Any]:
    """One decision as it is told."""
    correction = record.correction
    return {
        "decision_id": record.decision_id,
        "time": record.time.isoformat(),
        "outcome": record.outcome.value,
        "subject_id": record.subject_id,
        "name": record.name,
        "probability": record.probability,
        "fused_llr": record.fused_llr,
        "face_score": record.face_score,
        "face_llr": record.face_llr,
        "voice_score": record.voice_score,
        "voice_llr": record.voice_llr,
        "conflict": record.conflict,
        "reason": record.reason,
        "with_face": record.with_face,
        "with_voice": record.with_voice,
        "corrected_by": correction.by.value if correction is not None else None,
        "corrected_to": correction.subject_id if correction is not None else None,
    }
