"""What the gallery keeps beside templates: decisions, corrections of them, consent; receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality, Vector
from kiosk.core.shown_text import shown
from kiosk.core.subjects import SubjectSummary


class Origin(StrEnum):
    """How somebody came into the gallery: staff enrolled them, or they enrolled themselves and
    staff have not looked at that yet, or have."""

    STAFF = "staff"
    SELF = "self"
    CONFIRMED = "confirmed"


class Corrector(StrEnum):
    """Who said that a decision was wrong."""

    VISITOR = "visitor"
    STAFF = "staff"


@dataclass(frozen=True)
class Correction:
    """Somebody's word that a decision was wrong. `subject_id` is who it really was; None means
    somebody else, enrolled or not."""

    time: datetime
    by: Corrector
    subject_id: int | None = None


@dataclass(frozen=True)
class DecisionRecord:
    """One decision as it was kept. Scores are those of the top candidate, None where the modality
    was missing; `subject_id` and `name` are that candidate's, identified or not; `learnt` says that
    a sample of the visit became a template, `from_devices` that camera and microphone were looked
    at and not a recording."""

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
    name: str = ""
    correction: Correction | None = None
    learnt: bool = False
    liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED
    from_devices: bool = False


@dataclass(frozen=True)
class Circumstances:
    """Under which a decision was made, as far as others act on it: whether a living person was
    seen, by camera and microphone and not in a recording, and whether the visit counts for the
    attendance (`core.attendance`), at a time that the clock can be believed or not."""

    liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED
    from_devices: bool = False
    attended: bool = False
    clock_moved: bool = False


UNKNOWN_CIRCUMSTANCES = Circumstances()
"""Of a decision about which nothing is said: others act on none of it."""


@dataclass(frozen=True, eq=False)
class ReportedMismatch:
    """A probe that was taken for `subject_id` and was not that subject, by somebody's word."""

    subject_id: int
    decision_id: int
    modality: Modality
    model_id: str
    vector: Vector
    quality: float
    by: Corrector = Corrector.STAFF


@dataclass(frozen=True)
class Consent:
    """That a subject agreed to be enrolled: when, to which text, in which language, and which
    member of staff was there (may be empty). `withdrawn` is when it was taken back."""

    time: datetime
    version: str
    language: str
    text: str
    witness: str = ""
    withdrawn: datetime | None = None


@dataclass(frozen=True)
class PersonSummary(SubjectSummary):
    """What the page of people tells of one: when last identified, the consent on record, and who
    enrolled them."""

    last_seen: datetime | None = None
    consent: Consent | None = None
    origin: Origin = Origin.STAFF


@dataclass(frozen=True)
class ArchiveReceipt:
    """What was carried from one gallery to another."""

    subjects: int
    templates: int


@dataclass(frozen=True)
class Incoming:
    """Somebody an archive would bring: whether the name is taken here, who enrolled here has the
    nearest templates (cosine of the mean), if anybody has any of the same model, and whose name
    looks like this one although it is spelt otherwise."""

    name: str
    templates: int
    consent: bool
    taken: bool
    nearest: str = ""
    score: float = 0.0
    alike: str = ""


GROUND_VERSION = "ground"
"""The version of what is on record in place of a consent: another legal ground."""
LONGEST_GROUND = 500


def stated_ground(text: str) -> str:
    """A legal ground as it is kept: one line. Raises InputError for an empty or endless one."""
    ground = " ".join(shown(text).split())
    if not ground or len(ground) > LONGEST_GROUND:
        raise InputError(
            "The ground is empty or too long.",
            f"Say in up to {LONGEST_GROUND} characters which law or contract asks for it.",
        )
    return ground


class CallState(StrEnum):
    """Where a call for staff stands."""

    CALLED = "called"
    TAKEN_BACK = "taken_back"
    """By whoever called."""
    ANSWERED = "answered"
    """By staff."""


@dataclass(frozen=True)
class StaffCall:
    """A visitor called staff, or what became of that; `time` is when. Nothing of whoever called is
    kept."""

    call_id: int
    time: datetime
    state: CallState = CallState.CALLED
