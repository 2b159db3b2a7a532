"""What the kiosk asks of the gallery: subjects, templates, decisions, consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.core.decisions import Decision
from kiosk.core.media import (
    Matrix,
    Modality,
    Vector,
)
from kiosk.core.ports.capture import ProgressCallback
from kiosk.core.records import (
    ArchiveReceipt,
    Consent,
    Corrector,
    DecisionRecord,
    Origin,
    PersonSummary,
    ReportedMismatch,
)
from kiosk.core.samples import Probe
from kiosk.core.scoring import Cohort, CohortSimilarity
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template


class References(Protocol):
    """The resident templates of one modality and model, ready to be searched."""

    modality: Modality
    model_id: str

    def __len__(self) -> int:
        """How many templates."""

    def compare(self, probe: Vector) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Subject id and cosine similarity of every template, both of shape (templates,)."""

    def cohort_similarity(self, cohort: Cohort) -> CohortSimilarity:
        """Of every template, (templates,), in the order of `compare`; computed once for each."""

    def matrix(self) -> Matrix:
        """All templates, (templates, dims); a view, not to be written."""


class Enrolled(Protocol):
    """Everyone enrolled, as a comparison sees them."""

    def references(self, modality: Modality, model_id: str) -> References:
        """The resident matrix; kept current by every change made through this object."""

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id."""


class DecisionLog(Protocol):
    """What a visit tells of its end."""

    def decided(self, decision: Decision, probes: Sequence[Probe]) -> None:
        """A final decision, and what it was made from."""

    def denied(self, probes: Sequence[Probe]) -> None:
        """The visitor says that the newest decision is wrong. `probes` are its own, empty if they
        were forgotten already."""


class Gallery(Enrolled, Protocol):
    """Subjects, their templates, their history, and the record of decisions.

    Raises StorageError and its children throughout; InputError for an unknown or taken name.
    """

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""

    def subject(self, name: str) -> Subject:
        """One by name. Raises InputError with the nearest names if there is none."""

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject."""

    def enrol(
        self,
        name: str,
        templates: Sequence[Template],
        kind: EnrolmentKind,
        note: str = "",
        consent: Consent | None = None,
        picture: bytes | None = None,
        origin: Origin = Origin.STAFF,
    ) -> EnrolmentRecord:
        """NEW makes a subject of this origin, ADD adds to one, REPLACE retires the active templates
        of the modalities and models given. One transaction, with consent and picture (JPEG)."""

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest enrolment of a subject; what it replaced is active again."""

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name."""

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted."""

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, JPEG by subject id."""

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""

    def withdraw_consent(self, name: str) -> None:
        """Mark a subject's consent as taken back; the templates stay until `remove`."""

    def export(
        self, file: Path, passphrase: str, *, force: bool = False, tell: ProgressCallback = ...
    ) -> ArchiveReceipt:
        """Write everyone with their history into an archive; `tell` hears the share done, 0..1.
        Raises InputError, DiskFull."""

    def merge(self, file: Path, passphrase: str, *, tell: ProgressCallback = ...) -> ArchiveReceipt:
        """Add everyone of an archive, or nobody; `tell` hears the share done, 0..1.
        Raises InputError, NewerDatabase."""

    def record(self, decision: Decision, probes: Sequence[Probe] = ()) -> int:
        """Keep a decision: outcome, scores, time; never a picture or a sound. Probes are kept with
        it only if given. Returns its id."""

    def decisions(
        self, limit: int = 100, since: datetime | None = None, subject_id: int | None = None
    ) -> list[DecisionRecord]:
        """The last `limit` decisions, newest first, with the corrections made of them; those from
        `since` on, or with one subject on top, if asked."""

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong, and perhaps who it was. Its probes, kept before
        or given now, become negatives. Raises InputError if it is not kept any more."""

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""

    def reported_mismatches(self, modality: Modality, model_id: str) -> list[ReportedMismatch]:
        """Probes known to be of somebody else than the subject they were taken for."""

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """What the last visits that identified a subject were decided from, where it was kept."""

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""

    def close(self) -> None:
        """Close the database."""
