"""What the kiosk asks of the gallery, in small ports; whoever needs one imports that one.

`TemplateSearch` compares, `SubjectStore` knows people, `EnrolmentStore` their templates and
history, `LearningStore` what visits taught; `PictureStore`, `ConsentStore` and `DecisionStore` what
is kept beside them. `PeopleArchive` carries people to another gallery, `ports.upgrade.UpgradeStore`
to another recogniser. Nobody asks for all of them: what needs two names a protocol of its own of
the two. The audit trail will be a port of its own beside this file (`kiosk/core/ports/audit.py`),
because it outlives the people and the decisions it tells of.

Every method raises StorageError and its children; InputError for an unknown or taken name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.core.boot_clock import Moment
from kiosk.core.cohort import Cohort
from kiosk.core.decisions import Decision
from kiosk.core.expiry import ExpiryRule
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.negatives import CorrectionCost
from kiosk.core.outgoing import EventChannel
from kiosk.core.ports.capture import ProgressCallback
from kiosk.core.records import (
    UNKNOWN_CIRCUMSTANCES,
    ArchiveReceipt,
    CallState,
    Circumstances,
    Consent,
    Corrector,
    DecisionRecord,
    Incoming,
    Origin,
    PersonSummary,
    ReportedMismatch,
    StaffCall,
)
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Ids, SubjectScores
from kiosk.core.signers import Signer
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template


class TemplateSearch(Protocol):
    """Compares probes with the templates in use of the same modality and model, never with others.

    A score is made of a subject's templates as `template_scores` says, less how near they and the
    probe come to the cohort where one is given.
    """

    def scores(self, probe: Probe, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """The `limit` subjects with the highest scores, and how many are left out below them."""

    def scores_of(
        self,
        probe: Probe,
        subject_ids: Ids,
        cohort: Cohort | None = None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of these subjects, ids ascending; whoever has no such template is not among them."""

    def population(self, models: Sequence[tuple[Modality, str]]) -> int:
        """How many subjects have templates of any of these models."""


class SubjectStore(Protocol):
    """Who is enrolled."""

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""

    def subject(self, name: str) -> Subject:
        """One by name. Raises InputError with the nearest names if there is none."""

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id. Raises InputError if that subject has been removed."""

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled a subject. Raises InputError if that subject has been removed."""

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name."""

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted."""

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""


class EnrolmentStore(Protocol):
    """Templates, and the enrolments they came with."""

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject, oldest first."""

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
        of the modalities and models given. All or nothing, with consent and picture (JPEG)."""

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest enrolment of a subject; what it replaced is active again."""

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""


class LearningStore(Protocol):
    """Templates that visits brought, beside the enrolled ones and never in their place."""

    def learn(self, decision_id: int, template: Template, most: int) -> EnrolmentRecord:
        """A sample of the visit that this decision identified becomes a template of its subject. Of
        the learnt templates of that model the newest `most` are kept. Raises InputError for a
        decision that is not kept, named nobody, was called wrong or has taught already."""

    def forget_learnt(self, name: str | None = None) -> int:
        """Delete what visits taught of a subject, or of everyone; returns how many templates."""


class PictureStore(Protocol):
    """Pictures of subjects, JPEG, kept only where the operator chose so."""

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, by subject id."""

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""


class ConsentStore(Protocol):
    """Who agreed to be enrolled."""

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""

    def withdraw_consent(self, name: str) -> None:
        """Mark a subject's consent as taken back; the templates stay until `remove`. Raises
        InputError if none is in force."""


class DecisionLog(Protocol):
    """What a visit tells of its end."""

    def decided(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED,
        *,
        stand_in: bool = False,
    ) -> None:
        """A final decision, what it was made from, and whether a living person was seen;
        `stand_in`: somebody else may have stood in the place of the person named."""

    def denied(self, probes: Sequence[Probe]) -> None:
        """The visitor says that the newest decision is wrong. `probes` are its own, empty if they
        were forgotten already."""


class DecisionStore(Protocol):
    """The record of decisions: outcome, scores, time; never a picture or a sound."""

    def record(
        self,
        decision: Decision,
        probes: Sequence[Probe] = (),
        channels: Sequence[EventChannel] = (),
        circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES,
    ) -> int:
        """Keep a decision; probes are kept with it only if given, and for each channel an event is
        put into the outbox (`ports.outbox`), all or nothing. Returns its id."""

    def decisions(
        self,
        limit: int = 100,
        since: datetime | None = None,
        subject_id: int | None = None,
        before: int | None = None,
    ) -> list[DecisionRecord]:
        """The last `limit` decisions, newest first, with the corrections made of them; those from
        `since` on, with one subject on top, or kept before the one of the id `before`, if asked."""

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong, and perhaps who it was. Its probes, kept before
        or given now, become negatives, and what it taught is deleted. Raises InputError if it is
        not kept any more."""

    def correction_cost(self, decision_id: int) -> CorrectionCost:
        """What calling a decision wrong would take from whom it named, to be shown before."""

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""

    def reported_mismatches(self, modality: Modality, model_id: str) -> list[ReportedMismatch]:
        """Probes known to be of somebody else than the subject they were taken for."""

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """What the last visits that identified a subject were decided from, where it was kept."""

    def purge_withdrawn(self, before: datetime) -> int:
        """Delete whoever took consent back before this, and whom no ground keeps; returns how
        many."""

    def purge_expired(self, rule: ExpiryRule, now: datetime) -> int:
        """Delete whoever's time has come by this rule; returns how many."""

    def time_for_deletions(self, wall: datetime, now: Moment) -> datetime:
        """What time it is for whatever is deleted after so many days: see `retention_clock`."""

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""


class CallStore(Protocol):
    """Calls for staff: when, and what became of them; never who."""

    def call_staff(self, channels: Sequence[EventChannel] = ()) -> StaffCall:
        """Somebody calls; for each channel an event is put into the outbox, all or nothing. While a
        call is open it is told once more, and none is added."""

    def end_call(
        self, call_id: int, state: CallState, channels: Sequence[EventChannel] = ()
    ) -> None:
        """It was taken back or answered, which is told as well; of one that is over already nothing
        changes."""

    def open_call(self) -> StaffCall | None:
        """The call that nobody answered yet and nobody took back."""


class PeopleArchive(Protocol):
    """Carries people, with templates, history and consents, to another gallery in one file."""

    def export(
        self, file: Path, passphrase: str, *, force: bool = False, tell: ProgressCallback = ...
    ) -> ArchiveReceipt:
        """Write everyone into an archive; `tell` hears the share done, 0..1. Raises InputError,
        DiskFull."""

    def preview(self, file: Path, passphrase: str) -> Sequence[Incoming]:
        """Who would come in with an archive that was checked whole, and whom they resemble; nothing
        is kept. Raises as `merge`."""

    def signer(self, file: Path) -> Signer:
        """Who made an archive, by the signature beside it. Raises InputError for one that does not
        fit."""

    def merge(self, file: Path, passphrase: str, *, tell: ProgressCallback = ...) -> ArchiveReceipt:
        """Add everyone of an archive, or nobody; `tell` hears the share done, 0..1.
        Raises InputError, NewerDatabase."""


class PeopleStore(SubjectStore, EnrolmentStore, Protocol):
    """Everyone enrolled, as an enrolment sees them."""
