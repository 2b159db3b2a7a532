"""People enrolled: subjects, their templates and their enrolment history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.core.media import Modality, Vector


@dataclass(frozen=True)
class Subject:
    """A person enrolled. `name` is unique; `note` is the operator's own text."""

    subject_id: int
    name: str
    created: datetime
    note: str = ""


@dataclass(frozen=True)
class SubjectSummary:
    """A subject and how many active templates there are of it."""

    subject: Subject
    face_templates: int
    voice_templates: int


@dataclass(frozen=True, eq=False)
class Template:
    """One stored vector of a subject; `source` says where the sample came from, never a path."""

    modality: Modality
    model_id: str
    vector: Vector
    quality: float
    source: str
    template_id: int = 0
    subject_id: int = 0
    created: datetime | None = None


class EnrolmentKind(StrEnum):
    """How an enrolment changed a subject's templates."""

    NEW = "new"
    ADD = "add"
    REPLACE = "replace"
    ROLLBACK = "rollback"
    LEARNT = "learnt"
    """A visit added a template; see `enrolment.visit_learning`."""


@dataclass(frozen=True)
class EnrolmentRecord:
    """One line of a subject's history."""

    enrolment_id: int
    subject_id: int
    kind: EnrolmentKind
    time: datetime
    face_templates: int
    voice_templates: int
    active: bool
