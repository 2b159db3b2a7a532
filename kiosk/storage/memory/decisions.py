"""The record of decisions in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.core.attendance import AttendedVisit
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.outgoing import EventChannel
from kiosk.core.records import (
    UNKNOWN_CIRCUMSTANCES,
    CallState,
    Circumstances,
    Correction,
    Corrector,
    DecisionRecord,
    ReportedMismatch,
    StaffCall,
)
from kiosk.core.samples import Probe
from kiosk.storage.memory.outbox import MemoryOutbox
from kiosk.storage.refusals import decision_gone, nothing_to_learn


@dataclass
class _Kept:
    """A decision, the enrolment it taught and the probes kept with it; the record's name is filled
    in when it is read."""

    record: DecisionRecord
    circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES
    taught: int | None = None
    probes: dict[tuple[Modality, str], Probe] = field(default_factory=dict)

    def add(self, probes: Sequence[Probe]) -> None:
        """What is there already stays."""
        for probe in probes:
            self.probes.setdefault((probe.modality, probe.model_id), replace(probe, sample_count=1))


class MemoryDecisions:
    """Implements `ports.gallery.DecisionStore`; `name_of` gives None for who is not enrolled."""

    def __init__(self, now: Callable[[], datetime], name_of: Callable[[int], str | None]) -> None:
        self._now = now
        self._name_of = name_of
        self._kept: dict[int, _Kept] = {}
        self._last = 0
        self._call: StaffCall | None = None
        self._calls = 0
        self.outbox = MemoryOutbox(now, self._find_record)

    def record(
        self,
        decision: Decision,
        probes: Sequence[Probe] = (),
        channels: Sequence[EventChannel] = (),
        circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES,
    ) -> int:
        """Keep a decision; a top candidate removed in the meantime is left out."""
        self._last += 1
        top = decision.top
        enrolled = top is not None and self._name_of(top.subject_id) is not None
        record = DecisionRecord(
            decision_id=self._last,
            time=self._now(),
            outcome=decision.outcome,
            subject_id=top.subject_id if top is not None and enrolled else None,
            probability=float(decision.probability),
            fused_llr=top.fused_llr if top else None,
            face_score=top.face_score if top else None,
            face_llr=top.face_llr if top else None,
            voice_score=top.voice_score if top else None,
            voice_llr=top.voice_llr if top else None,
            conflict=decision.conflict,
            reason=decision.reason.value,
            with_face=Modality.FACE in decision.modalities,
            with_voice=Modality.VOICE in decision.modalities,
            liveness=circumstances.liveness,
            from_devices=circumstances.from_devices,
        )
        kept = self._kept[self._last] = _Kept(record, circumstances)
        kept.add(probes)
        self.outbox.put(record, channels)
        return self._last

    def _find_record(self, decision_id: int) -> DecisionRecord | None:
        kept = self._kept.get(decision_id)
        return self._named(kept.record) if kept is not None else None

    def decisions(
        self,
        limit: int = 100,
        since: datetime | None = None,
        subject_id: int | None = None,
        before: int | None = None,
    ) -> list[DecisionRecord]:
        """The last `limit`, newest first; those from `since` on, of one subject, kept before the
        one of the id `before`, if asked."""
        found = [
            self._named(kept.record)
            for kept in self._newest()
            if (since is None or kept.record.time >= since)
            and subject_id in (None, kept.record.subject_id)
            and (before is None or kept.record.decision_id < before)
        ]
        return found[:limit]

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong; a later word replaces an earlier one."""
        kept = self._kept.get(decision_id)
        if kept is None:
            raise decision_gone()
        if subject_id is not None and self._name_of(subject_id) is None:
            raise BugError("a correction names a subject that is not enrolled")
        kept.record = replace(kept.record, correction=Correction(self._now(), by, subject_id))
        kept.add(probes)

    def teach(self, decision_id: int) -> int:
        """The subject whom a decision identified. Raises InputError if it cannot teach."""
        kept = self._kept.get(decision_id)
        subject_id = kept.record.subject_id if kept is not None else None
        able = kept is not None and subject_id is not None and _identified(kept.record, subject_id)
        if kept is None or subject_id is None or not able or kept.record.learnt:
            raise nothing_to_learn()
        return subject_id

    def mark_taught(self, decision_id: int, enrolment_id: int) -> None:
        """Remember which enrolment a decision brought."""
        kept = self._kept[decision_id]
        kept.taught, kept.record = enrolment_id, replace(kept.record, learnt=True)

    def taught_by(self, decision_id: int) -> int | None:
        """The enrolment that a decision brought."""
        return self._kept[decision_id].taught

    def kept_of(self, decision_id: int) -> tuple[int | None, list[Probe]]:
        """Whom a decision named, and what was kept with it."""
        kept = self._kept.get(decision_id)
        if kept is None:
            return None, []
        return kept.record.subject_id, list(kept.probes.values())

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""
        if decision_id in self._kept:
            kept = self._kept[decision_id]
            kept.record = replace(kept.record, correction=None)

    def reported_mismatches(self, modality: Modality, model_id: str) -> list[ReportedMismatch]:
        """The kept probes of corrected decisions that named a subject wrongly."""
        found = []
        for number, kept in sorted(self._kept.items()):
            subject, correction = kept.record.subject_id, kept.record.correction
            probe = kept.probes.get((modality, model_id))
            wrongly = correction is not None and correction.subject_id != subject
            if probe is not None and correction is not None and subject is not None and wrongly:
                found.append(
                    ReportedMismatch(
                        subject,
                        number,
                        modality,
                        model_id,
                        probe.vector,
                        probe.quality,
                        correction.by,
                    )
                )
        return found

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """The kept probes of the last `limit` visits that identified a subject, not corrected."""
        visits = [kept for kept in self._newest() if _identified(kept.record, subject_id)]
        return [probe for kept in visits[:limit] for probe in kept.probes.values()]

    def attended(self, since: datetime, before: datetime) -> list[AttendedVisit]:
        """The visits between two moments that count and that nobody called wrong, oldest first."""
        return [
            AttendedVisit(
                number,
                kept.record.subject_id,
                kept.record.time,
                kept.circumstances.clock_moved,
            )
            for number, kept in sorted(self._kept.items())
            if kept.circumstances.attended
            and kept.record.correction is None
            and kept.record.subject_id is not None
            and since <= kept.record.time < before
        ]

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""
        old = [number for number, kept in self._kept.items() if kept.record.time < before]
        for number in old:
            del self._kept[number]
        self.outbox.forget_calls(before)
        if self._call is not None and self._call.time < before:
            self._call = None
        return len(old)

    def call_staff(self, channels: Sequence[EventChannel] = ()) -> StaffCall:
        """Somebody calls, or calls once more."""
        now = self._now()
        if self._call is None:
            self._calls += 1
            self._call = StaffCall(self._calls, now)
        self.outbox.put(replace(self._call, time=now), channels)
        return self._call

    def end_call(
        self, call_id: int, state: CallState, channels: Sequence[EventChannel] = ()
    ) -> None:
        """It was taken back or answered; of one that is over already nothing changes."""
        now, open_call = self._now(), self._call
        if open_call is not None and open_call.call_id == call_id:
            self._call = None
            self.outbox.put(StaffCall(call_id, now, state), channels)

    def open_call(self) -> StaffCall | None:
        """The call that nobody answered yet and nobody took back."""
        return self._call

    def last_seen(self, subject_id: int) -> datetime | None:
        """When a subject was last identified, and nobody said that it was wrong."""
        times = (k.record.time for k in self._kept.values() if _identified(k.record, subject_id))
        return max(times, default=None)

    def forget_subject(self, subject_id: int) -> None:
        """Decisions about somebody go with them, and their probes under decisions that named
        somebody else; who named them as the right one named nobody."""
        self._kept = {n: k for n, k in self._kept.items() if k.record.subject_id != subject_id}
        for kept in self._kept.values():
            correction = kept.record.correction
            if correction is not None and correction.subject_id == subject_id:
                kept.probes.clear()
        self._correct_to(subject_id, None)

    def move_subject(self, old: int, new: int) -> None:
        """What was said about one subject was said about another."""
        for kept in self._kept.values():
            if kept.record.subject_id == old:
                kept.record = replace(kept.record, subject_id=new)
        self._correct_to(old, new)

    def _correct_to(self, old: int, new: int | None) -> None:
        for kept in self._kept.values():
            correction = kept.record.correction
            if correction is not None and correction.subject_id == old:
                kept.record = replace(kept.record, correction=replace(correction, subject_id=new))

    def _newest(self) -> list[_Kept]:
        order = sorted(self._kept.values(), key=lambda k: (k.record.time, k.record.decision_id))
        return order[::-1]

    def _named(self, record: DecisionRecord) -> DecisionRecord:
        name = self._name_of(record.subject_id) if record.subject_id is not None else None
        return replace(record, name=name or "")


def _identified(record: DecisionRecord, subject_id: int) -> bool:
    right = record.outcome is DecisionOutcome.IDENTIFIED and record.correction is None
    return right and record.subject_id == subject_id
