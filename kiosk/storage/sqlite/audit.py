"""The record of decisions: outcome, scores and time; never a picture or a sound.

Probes are kept with a decision only where asked for; those of a decision that was corrected are the
negatives of the subject it named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.records import (
    UNKNOWN_CIRCUMSTANCES,
    Circumstances,
    Correction,
    Corrector,
    DecisionRecord,
    ReportedMismatch,
)
from kiosk.core.samples import Probe
from kiosk.storage.refusals import decision_gone
from kiosk.storage.sqlite.rows import as_text, model_row
from kiosk.storage.sqlite.vector_forms import form_of


def insert_decision(
    database: Database,
    decision: Decision,
    time: datetime,
    circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES,
) -> int:
    """Keep one decision; returns its id. A top candidate removed in the meantime is left out."""
    top = decision.top
    cursor = database.execute(
        """INSERT INTO decisions (time, outcome, subject_id, probability, fused_llr, face_score,
               face_llr, voice_score, voice_llr, conflict, reason, with_face, with_voice, liveness,
               from_devices)
           VALUES (?, ?, (SELECT subject_id FROM subjects WHERE subject_id = ?),
               ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
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
            circumstances.liveness.value,
            int(circumstances.from_devices),
        ],
    )
    return int(cursor.lastrowid or 0)


def insert_probes(database: Database, decision_id: int, probes: Sequence[Probe]) -> None:
    """Keep what a decision was made from; what is there already stays."""
    for probe in probes:
        model = model_row(database, probe.modality, probe.model_id, probe.vector.size)
        database.execute(
            """INSERT OR IGNORE INTO probes (decision_id, model, vector, quality)
               VALUES (?, ?, ?, ?)""",
            [
                decision_id,
                model,
                form_of(database).encode(probe.vector, probe.model_id),
                float(probe.quality),
            ],
        )


_DECISIONS = """SELECT decisions.*, coalesce(name, '') AS name,
        corrected, corrected_by, corrected_to
    FROM decisions LEFT JOIN subjects USING (subject_id) LEFT JOIN corrections USING (decision_id)
    WHERE time >= ?1 AND (?2 IS NULL OR subject_id = ?2) AND (?4 IS NULL OR decision_id < ?4)
    ORDER BY time DESC, decision_id DESC LIMIT ?3"""


def newest_decisions(
    database: Database,
    limit: int,
    since: datetime | None = None,
    subject_id: int | None = None,
    before: int | None = None,
) -> list[DecisionRecord]:
    """The last `limit` decisions, newest first; those from `since` on, of one subject, kept before
    the one of the id `before`, if asked."""
    values = [as_text(since) if since else "", subject_id, limit, before]
    rows = database.query(_DECISIONS, values)
    return [as_record(row) for row in rows]


def correct_decision(database: Database, decision_id: int, correction: Correction) -> None:
    """Write down that a decision was wrong; a later word replaces an earlier one.

    Raises InputError if the decision is not kept any more.
    """
    found = database.execute(
        "SELECT 1 FROM decisions WHERE decision_id = ?", [decision_id]
    ).fetchone()
    if found is None:
        raise decision_gone()
    database.execute(
        """INSERT INTO corrections (decision_id, corrected, corrected_by, corrected_to)
           VALUES (?, ?, ?, ?) ON CONFLICT (decision_id) DO UPDATE SET
               corrected = excluded.corrected, corrected_by = excluded.corrected_by,
               corrected_to = excluded.corrected_to""",
        [decision_id, as_text(correction.time), correction.by.value, correction.subject_id],
    )


def uncorrect_decision(database: Database, decision_id: int) -> None:
    """Take a correction back."""
    database.execute("DELETE FROM corrections WHERE decision_id = ?", [decision_id])


def reported_mismatches(
    database: Database, modality: Modality, model_id: str
) -> list[ReportedMismatch]:
    """The kept probes of corrected decisions that named a subject wrongly."""
    form = form_of(database)
    rows = database.execute(
        """SELECT subject_id, decision_id, vector, dims, quality, corrected_by FROM corrections
           JOIN decisions USING (decision_id) JOIN probes USING (decision_id)
           JOIN models USING (model)
           WHERE modality = ? AND model_id = ? AND subject_id IS NOT NULL
               AND (corrected_to IS NULL OR corrected_to != subject_id)
           ORDER BY decision_id""",
        [modality.value, model_id],
    )
    return [
        ReportedMismatch(
            subject,
            decision,
            modality,
            model_id,
            form.decode([blob], dims, model_id)[0],
            quality,
            Corrector(by),
        )
        for subject, decision, blob, dims, quality, by in rows.fetchall()
    ]


def kept_of(database: Database, decision_id: int) -> tuple[int | None, list[Probe]]:
    """Whom a decision named, and what was kept with it."""
    row = database.execute(
        "SELECT subject_id FROM decisions WHERE decision_id = ?", [decision_id]
    ).fetchone()
    form = form_of(database)
    rows = database.execute(
        """SELECT modality, model_id, vector, dims, quality FROM probes JOIN models USING (model)
           WHERE decision_id = ?""",
        [decision_id],
    )
    return row[0] if row else None, [
        Probe(Modality(modality), model_id, form.decode([blob], dims, model_id)[0], quality, 1)
        for modality, model_id, blob, dims, quality in rows.fetchall()
    ]


def forget_probes(database: Database, subject_id: int) -> None:
    """Those of a subject who is about to be deleted that were kept under decisions which named
    somebody else."""
    database.execute(
        """DELETE FROM probes WHERE decision_id IN
               (SELECT decision_id FROM corrections WHERE corrected_to = ?)""",
        [subject_id],
    )


def delete_decisions(database: Database, before: datetime) -> int:
    """Forget decisions older than `before`; returns how many."""
    cursor = database.execute("DELETE FROM decisions WHERE time < ?", [as_text(before)])
    return int(cursor.rowcount)


def probes_of(database: Database, subject_id: int, limit: int) -> list[Probe]:
    """The kept probes of the last `limit` visits that identified a subject, not corrected."""
    form = form_of(database)
    rows = database.execute(
        """SELECT modality, model_id, vector, dims, quality FROM
               (SELECT decision_id FROM decisions LEFT JOIN corrections USING (decision_id)
                WHERE subject_id = ? AND outcome = 'identified' AND corrected IS NULL
                ORDER BY time DESC LIMIT ?)
           JOIN probes USING (decision_id) JOIN models USING (model)""",
        [subject_id, limit],
    )
    return [
        Probe(Modality(modality), model_id, form.decode([blob], dims, model_id)[0], quality, 1)
        for modality, model_id, blob, dims, quality in rows.fetchall()
    ]


def last_seen(database: Database) -> dict[int, datetime]:
    """When each subject was last identified, and nobody said that it was wrong."""
    rows = database.execute(
        """SELECT subject_id, max(time) FROM decisions LEFT JOIN corrections USING (decision_id)
           WHERE outcome = 'identified' AND corrected IS NULL AND subject_id IS NOT NULL
           GROUP BY subject_id"""
    )
    return {subject_id: datetime.fromisoformat(time) for subject_id, time in rows.fetchall()}


def _scores(top: Candidate | None) -> list[float | None]:
    if top is None:
        return [None] * 5
    scores = (top.fused_llr, top.face_score, top.face_llr, top.voice_score, top.voice_llr)
    # NumPy's own numbers are unknown to SQLite.
    return [None if score is None else float(score) for score in scores]


_FLAGS = ("conflict", "with_face", "with_voice", "learnt", "from_devices")


def as_record(row: dict[str, Any]) -> DecisionRecord:
    """A row of decisions with name and correction, as a value; the row is used up."""
    when, by, to = (row.pop(key) for key in ("corrected", "corrected_by", "corrected_to"))
    parsed = {
        "time": datetime.fromisoformat(row["time"]),
        "outcome": DecisionOutcome(row["outcome"]),
        "liveness": LivenessOutcome(row["liveness"]),
        **{key: bool(row[key]) for key in _FLAGS},
        "correction": Correction(datetime.fromisoformat(when), Corrector(by), to) if by else None,
    }
    return DecisionRecord(**{**row, **parsed})
