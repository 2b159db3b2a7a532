"""The record of decisions: outcome, scores and time; never a picture or a sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from kiosk.domain import Candidate, Decision, DecisionOutcome, Modality


@dataclass(frozen=True)
class DecisionRecord:
    """One decision as it was kept. Scores are those of the top candidate, None where the modality
    was missing; `subject_id` is that candidate, identified or not."""

    decision_id: int
    time: datetime
    outcome: DecisionOutcome
    subject_id: int | None
    probability: float
    fused_llr: float | None
    face_score: float | None
    face_llr: float | None
    voice_score: float | None
    voice_llr: float | None
    conflict: bool
    reason: str
    with_face: bool
    with_voice: bool


def as_text(time: datetime) -> str:
    """A moment as stored: ISO 8601 in UTC, of one length, so that text sorts as time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def insert_decision(database: Database, decision: Decision, time: datetime) -> None:
    """Keep one decision. A top candidate removed in the meantime is left out of it."""
    top = decision.top
    database.execute(
        """INSERT INTO decisions (time, outcome, subject_id, probability, fused_llr, face_score,
               face_llr, voice_score, voice_llr, conflict, reason, with_face, with_voice)
           VALUES (?, ?, (SELECT subject_id FROM subjects WHERE subject_id = ?),
               ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            as_text(time),
            decision.outcome.value,
            top.subject_id if top else None,
            float(decision.probability),
            *_scores(top),
            int(decision.conflict),
            decision.reason,
            int(Modality.FACE in decision.modalities),
            int(Modality.VOICE in decision.modalities),
        ],
    )


def newest_decisions(database: Database, limit: int) -> list[DecisionRecord]:
    """The last `limit` decisions, newest first."""
    rows = database.query(
        "SELECT * FROM decisions ORDER BY time DESC, decision_id DESC LIMIT ?", [limit]
    )
    return [_record(row) for row in rows]


def delete_decisions(database: Database, before: datetime) -> int:
    """Forget decisions older than `before`; returns how many."""
    cursor = database.execute("DELETE FROM decisions WHERE time < ?", [as_text(before)])
    return int(cursor.rowcount)


def _scores(top: Candidate | None) -> list[float | None]:
    if top is None:
        return [None] * 5
    scores = (top.fused_llr, top.face_score, top.face_llr, top.voice_score, top.voice_llr)
    # NumPy's own numbers are unknown to SQLite.
    return [None if score is None else float(score) for score in scores]


def _record(row: dict[str, Any]) -> DecisionRecord:
    parsed = {
        "time": datetime.fromisoformat(row["time"]),
        "outcome": DecisionOutcome(row["outcome"]),
        **{key: bool(row[key]) for key in ("conflict", "with_face", "with_voice")},
    }
    return DecisionRecord(**{**row, **parsed})
