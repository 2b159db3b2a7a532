"""What a visit publishes: answers, what can be done after one without a name, and faults."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.decisions import Decision, DecisionOutcome, DecisionReason
from kiosk.core.estimates import AttributeEstimate
from kiosk.core.events import Fault, VisitDecision
from kiosk.core.liveness import Liveness
from kiosk.core.media import Modality, NoticeKind, SourceNotice
from kiosk.core.samples import FaceOutcome, FaceSample, Hint, Probe
from kiosk.recognition.spoken_request import NOT_READ
from kiosk.recognition.turn_request import NOT_TURNED
from kiosk.recognition.visit_evidence import VisitEvidence

_REMEDIES = {NOT_TURNED: Hint.LOOK_LONGER, NOT_READ: Hint.SPEAK}
"""What a visitor can do of whom it could not be said that they live, by the reason."""


@dataclass(frozen=True)
class Answer:
    """An early or the final answer, from which probes, and the seconds it took."""

    decision: Decision
    probes: tuple[Probe, ...]
    final: bool
    liveness: Liveness
    latency: float


def decision_event(
    visit: tuple[int, float],
    answer: Answer,
    evidence: VisitEvidence,
    estimates: tuple[AttributeEstimate, ...],
) -> VisitDecision:
    """The answer as it is published; `visit` is its number and the time on the source's clock."""
    number, time = visit
    quality = {probe.modality: probe.quality for probe in answer.probes}
    unusable = answer.decision.outcome is DecisionOutcome.UNUSABLE
    return VisitDecision(
        number,
        time,
        answer.decision,
        answer.final,
        quality.get(Modality.FACE),
        quality.get(Modality.VOICE),
        len(evidence.faces),
        evidence.speech_seconds,
        dict(evidence.outcomes),
        _remedy(answer, evidence.hint) if unusable else None,
        answer.latency,
        estimates,
        answer.liveness,
    )


def _remedy(answer: Answer, hint: Hint | None) -> Hint | None:
    """What the visitor can do after an answer without one."""
    if hint is not None or answer.decision.reason is not DecisionReason.NOT_CHECKED:
        return hint
    return _REMEDIES.get(answer.liveness.reason, Hint.HOLD_STILL)


def fault_of(notice: SourceNotice) -> Fault:
    """A device that is lost, or is there again."""
    lost = notice.kind is NoticeKind.LOST
    restored = notice.kind is NoticeKind.RESTORED
    return Fault(
        notice.text, notice.remedy, notice.modality, restored, code=notice.code, tried=lost
    )


def is_usable(sample: FaceSample) -> bool:
    """Whether a face can be compared."""
    return sample.outcome is FaceOutcome.USABLE and sample.located is not None
