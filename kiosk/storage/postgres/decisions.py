"""The record of decisions in the central gallery: outcome, scores, time, sealed but for the time.

A kiosk keeps its own decisions in its own gallery; these are of whoever works with the central one
directly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import BugError
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.outgoing import EventChannel
from kiosk.core.records import (
    UNKNOWN_CIRCUMSTANCES,
    Circumstances,
    Correction,
    Corrector,
    DecisionRecord,
    ReportedMismatch,
)
from kiosk.core.retention_clock import RetentionClock
from kiosk.core.samples import Probe
from kiosk.storage.postgres.connection import Connection, reporting
from kiosk.storage.postgres.sealing import Sealed, Sealing
from kiosk.storage.refusals import decision_gone, nothing_to_learn
from kiosk.storage.resident.vectors import PLAIN, STORED, encode

_KEPT = """SELECT decision, row_id, time, decisions.subject, number, subjects.body, decisions.body,
        corrected, corrected_by, corrected_to, learnt
    FROM kiosk.decisions LEFT JOIN kiosk.subjects USING (subject)"""


class CentralDecisions:
    """Implements `ports.gallery.DecisionStore` but for the two that delete people."""

    _connection: Connection
    _sealing: Sealing
    _site: str
    _now: Callable[[], datetime]

    def _number(self, subject: UUID) -> int | None:
        raise NotImplementedError

    def _uid(self, subject_id: int) -> UUID | None:
        raise NotImplementedError

    def _name_of(self, subject: UUID, sealed: bytes) -> str:
        raise NotImplementedError

    def _model(self, modality: Modality, model_id: str, dims: int) -> int:
        raise NotImplementedError

    def record(
        self,
        decision: Decision,
        probes: Sequence[Probe] = (),
        channels: Sequence[EventChannel] = (),
        circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES,
    ) -> int:
        """Keep a decision; a top candidate removed in the meantime is left out. Events are told by
        the kiosk's own gallery alone."""
        if channels:
            raise BugError("events of the central gallery")
        top = decision.top
        row, subject = uuid4(), self._uid(top.subject_id) if top is not None else None
        identified = decision.outcome is DecisionOutcome.IDENTIFIED
        with reporting(), self._connection.transaction():
            found = self._connection.execute(
                """INSERT INTO kiosk.decisions (site, row_id, time, subject, identified, body)
                   VALUES (%s, %s, %s, %s, %s, %s) RETURNING decision""",
                [
                    self._site,
                    row,
                    self._now(),
                    subject,
                    identified,
                    self._sealing.seal(Sealed.DECISION, row, _body(decision, circumstances)),
                ],
            ).fetchone()
            assert found is not None
            self._keep_probes(found[0], row, probes)
        return int(found[0])

    def _keep_probes(self, decision_id: int, row: UUID, probes: Sequence[Probe]) -> None:
        """What is there already stays."""
        for probe in probes:
            value = json.dumps(float(probe.quality)).encode() + b"\n" + encode(probe.vector)
            self._connection.execute(
                """INSERT INTO kiosk.probes (site, decision, model, sealed)
                   VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                [
                    self._site,
                    decision_id,
                    self._model(probe.modality, probe.model_id, probe.vector.size),
                    self._sealing.seal(Sealed.PROBE, row, value),
                ],
            )

    def decisions(
        self,
        limit: int = 100,
        since: datetime | None = None,
        subject_id: int | None = None,
        before: int | None = None,
    ) -> list[DecisionRecord]:
        """The last `limit`, newest first; those from `since` on, of one subject, kept before the
        one of the id `before`, if asked."""
        with reporting():
            rows = self._connection.execute(
                _KEPT
                + """ WHERE (%(since)s::timestamptz IS NULL OR time >= %(since)s)
                        AND (%(subject)s::bigint IS NULL OR number = %(subject)s)
                        AND (%(before)s::bigint IS NULL OR decision < %(before)s)
                      ORDER BY time DESC, decision DESC LIMIT %(limit)s""",
                {"since": since, "subject": subject_id, "before": before, "limit": limit},
            ).fetchall()
        return [self._as_record(row) for row in rows]

    def _as_record(self, row: tuple[Any, ...]) -> DecisionRecord:
        decision, row_id, time, subject, number, named, sealed, when, by, to, learnt = row
        form = json.loads(self._sealing.open(Sealed.DECISION, row_id, sealed))
        corrected = to and self._number(to)
        return DecisionRecord(
            **{
                **form,
                "decision_id": decision,
                "time": time,
                "outcome": DecisionOutcome(form["outcome"]),
                "liveness": LivenessOutcome(form["liveness"]),
                "subject_id": number,
                "name": self._name_of(subject, named) if named is not None else "",
                "correction": Correction(when, Corrector(by), corrected or None) if by else None,
                "learnt": learnt is not None,
            }
        )

    def _correct(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None,
        probes: Sequence[Probe],
    ) -> UUID | None:
        """Write the correction down; returns the enrolment that the decision taught."""
        to = None if subject_id is None else self._uid(subject_id)
        if subject_id is not None and to is None:
            raise BugError("a correction names a subject that is not enrolled")
        row = self._connection.execute(
            """UPDATE kiosk.decisions SET corrected = %s, corrected_by = %s, corrected_to = %s
               WHERE decision = %s RETURNING row_id, learnt""",
            [self._now(), by.value, to, decision_id],
        ).fetchone()
        if row is None:
            raise decision_gone()
        self._keep_probes(decision_id, row[0], probes)
        found: UUID | None = row[1]
        return found

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""
        with reporting():
            self._connection.execute(
                """UPDATE kiosk.decisions SET corrected = NULL, corrected_by = NULL,
                       corrected_to = NULL WHERE decision = %s""",
                [decision_id],
            )

    def _taught(self, decision_id: int) -> UUID:
        """The subject whom a decision identified. Raises InputError if it cannot teach."""
        row = self._connection.execute(
            """SELECT subject FROM kiosk.decisions JOIN kiosk.subjects USING (subject)
               WHERE decision = %s AND identified AND corrected IS NULL AND learnt IS NULL""",
            [decision_id],
        ).fetchone()
        if row is None:
            raise nothing_to_learn()
        found: UUID = row[0]
        return found

    def reported_mismatches(self, modality: Modality, model_id: str) -> list[ReportedMismatch]:
        """The kept probes of corrected decisions that named a subject wrongly."""
        with reporting():
            rows = self._connection.execute(
                """SELECT number, decision, row_id, sealed, dims, corrected_by
                   FROM kiosk.decisions JOIN kiosk.probes USING (site, decision)
                   JOIN kiosk.models USING (model) JOIN kiosk.subjects USING (subject)
                   WHERE modality = %s AND model_id = %s AND corrected IS NOT NULL
                       AND (corrected_to IS NULL OR corrected_to <> subject) ORDER BY decision""",
                [modality.value, model_id],
            ).fetchall()
        found = []
        for number, decision, row_id, sealed, dims, by in rows:
            probe = self._probe(row_id, sealed, dims, modality, model_id)
            found.append(
                ReportedMismatch(
                    number,
                    decision,
                    modality,
                    model_id,
                    probe.vector,
                    probe.quality,
                    Corrector(by),
                )
            )
        return found

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """The kept probes of the last `limit` visits that identified a subject, not corrected."""
        with reporting():
            rows = self._connection.execute(
                """SELECT row_id, sealed, dims, modality, model_id FROM
                       (SELECT site, decision, row_id FROM kiosk.decisions
                        WHERE subject = %s AND identified AND corrected IS NULL
                        ORDER BY time DESC LIMIT %s) AS last
                   JOIN kiosk.probes USING (site, decision) JOIN kiosk.models USING (model)""",
                [self._uid(subject_id), limit],
            ).fetchall()
        return [
            self._probe(row_id, sealed, dims, Modality(modality), model_id)
            for row_id, sealed, dims, modality, model_id in rows
        ]

    def _probe(
        self, row: UUID, sealed: bytes, dims: int, modality: Modality, model_id: str
    ) -> Probe:
        head, _, halves = self._sealing.open(Sealed.PROBE, row, sealed).partition(b"\n")
        assert len(halves) == dims * STORED.itemsize
        vector = PLAIN.decode([halves], dims, model_id)[0]
        return Probe(modality, model_id, vector, float(head), 1)

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""
        with reporting():
            return self._connection.execute(
                "DELETE FROM kiosk.decisions WHERE time < %s", [before]
            ).rowcount

    def time_for_deletions(self, wall: datetime, now: Moment) -> datetime:
        """What time it is for whatever is deleted after so many days."""
        with reporting(), self._connection.transaction():
            row = self._connection.execute(
                "SELECT trusted, boot, seconds, doubt FROM kiosk.retention FOR UPDATE"
            ).fetchone()
            clock = RetentionClock(wall, now) if row is None else _clock(*row)
            clock = clock.advanced(wall, now)
            self._connection.execute(
                """INSERT INTO kiosk.retention (one, trusted, boot, seconds, doubt)
                   VALUES (1, %s, %s, %s, %s) ON CONFLICT (one) DO UPDATE SET
                   trusted = EXCLUDED.trusted, boot = EXCLUDED.boot, seconds = EXCLUDED.seconds,
                   doubt = EXCLUDED.doubt""",
                [clock.trusted, clock.moment.boot, clock.moment.seconds, clock.doubt],
            )
        return clock.trusted

    def _last_seen(self) -> dict[UUID, datetime]:
        rows = self._connection.execute(
            """SELECT subject, max(time) FROM kiosk.decisions
               WHERE identified AND corrected IS NULL AND subject IS NOT NULL GROUP BY subject"""
        )
        return dict(rows.fetchall())


def _clock(trusted: datetime, boot: str, seconds: float, doubt: float) -> RetentionClock:
    return RetentionClock(trusted, Moment(boot, seconds), doubt)


def _body(decision: Decision, circumstances: Circumstances) -> bytes:
    top = decision.top
    scores = ("fused_llr", "face_score", "face_llr", "voice_score", "voice_llr")
    form: dict[str, Any] = {
        name: None if top is None else _plain(asdict(top)[name]) for name in scores
    }
    form |= {
        "outcome": decision.outcome.value,
        "probability": float(decision.probability),
        "conflict": bool(decision.conflict),
        "reason": decision.reason.value,
        "with_face": Modality.FACE in decision.modalities,
        "with_voice": Modality.VOICE in decision.modalities,
        "liveness": circumstances.liveness.value,
        "from_devices": circumstances.from_devices,
    }
    return json.dumps(form).encode()


def _plain(score: float | None) -> float | None:
    return None if score is None else float(score)
