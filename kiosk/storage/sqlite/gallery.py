"""The gallery: the encrypted database is the truth, the resident matrices are a cache of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Decision
from kiosk.core.errors import BugError, DiskFull, ReadOnlyDatabase, StorageError
from kiosk.core.expiry import ExpiryRule
from kiosk.core.media import Modality
from kiosk.core.names import clean_name, name_key
from kiosk.core.negatives import CorrectionCost, correction_cost
from kiosk.core.outgoing import EventChannel
from kiosk.core.own_files import OwnFiles, anchor_file, private_folder, transform_file
from kiosk.core.ports.audit import Act, Entry, Fact
from kiosk.core.ports.capture import ProgressCallback
from kiosk.core.records import (
    UNKNOWN_CIRCUMSTANCES,
    ArchiveReceipt,
    CallState,
    Circumstances,
    Consent,
    Correction,
    Corrector,
    DecisionRecord,
    Incoming,
    Origin,
    PersonSummary,
    ReportedMismatch,
    StaffCall,
    stated_ground,
)
from kiosk.core.samples import Probe
from kiosk.core.signers import Signer, Trust
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.storage.keys.file import read_key
from kiosk.storage.keys.signing import Signing
from kiosk.storage.keys.subjects import SubjectKeyFile
from kiosk.storage.keys.transforms import TransformKeyFile, TransformKeys
from kiosk.storage.refusals import same_subject_twice, subject_gone, unknown_name
from kiosk.storage.resident.cache import Residents
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.search import ResidentSearch
from kiosk.storage.sqlite import (
    audit,
    calls,
    consents,
    fleet_outbox,
    fleet_state,
    learning,
    outbox,
    pictures,
    retention,
    rows,
    trail,
    upgrades,
    uses,
)
from kiosk.storage.sqlite.anchor import Anchor
from kiosk.storage.sqlite.archive import quietly, read_archive, write_archive
from kiosk.storage.sqlite.archive_preview import preview_archive
from kiosk.storage.sqlite.backups import copy_file, keys_of_people
from kiosk.storage.sqlite.database import open_database, reporting, transaction
from kiosk.storage.sqlite.integrity import problems
from kiosk.storage.sqlite.merging import join_subjects
from kiosk.storage.sqlite.migrations import migrate
from kiosk.storage.sqlite.rekeying import Revoked, exchange_template_key
from kiosk.storage.sqlite.repair import repair as mend
from kiosk.storage.sqlite.reserve import give_up_room, keep_room
from kiosk.storage.sqlite.trail import Notes, recorded
from kiosk.storage.sqlite.vector_forms import VectorDatabase, form_of, one_view, transform_of


def transform_key_file(key_file: Path) -> TransformKeyFile:
    """Where the keys of this gallery's templates are."""
    return TransformKeyFile(transform_file(key_file), lambda: read_key(key_file))


def utc_now() -> datetime:
    """The moment, with its time zone."""
    return datetime.now(UTC)


def _number(fact: Fact) -> int:
    assert isinstance(fact, int)
    return fact


class SqlGallery(ResidentSearch, uses.Uses):
    """Implements every port of a gallery on an encrypted SQLite file.

    For one thread at a time: the engine's while the kiosk runs, the command's otherwise. Another
    process may change the same database; `references` notices and catches up, so ask it anew for
    every visit. Every method may raise StorageError and its children.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = utc_now,
        own_files: OwnFiles | None = None,
        anchor: Anchor | None = None,
        transform_keys: TransformKeys | None = None,
        subject_keys: SubjectKeyFile | None = None,
    ) -> None:
        migrate(database)
        self.database = database
        self._transform_keys = transform_keys
        if isinstance(database, VectorDatabase):
            database.transform_keys = transform_keys
        self._subject_keys = subject_keys
        self.actor = "kiosk"
        self._file: Path | None = None
        self._signing: Signing | None = None
        self._now = now
        self._own_files = own_files
        self._anchor = anchor
        with reporting():
            self._residents = Residents(database, lambda: form_of(database))

    @classmethod
    def open(cls, database: Path, key_file: Path) -> SqlGallery:
        """Open a gallery file, making it and its key on the first use.

        Raises StorageError, WrongKey, NewerDatabase, ReadOnlyDatabase.
        """
        opened = open_database(database, key_file)
        try:
            gallery = cls(
                opened,
                own_files=OwnFiles(database, key_file),
                anchor=Anchor(anchor_file(key_file)),
                transform_keys=transform_key_file(key_file),
                subject_keys=keys_of_people(key_file),
            )
            gallery._settle_keys()
            with suppress(ReadOnlyDatabase):
                gallery._begin_turned()
        except BaseException:
            opened.close()
            raise
        gallery._file = database
        gallery._signing = Signing(private_folder(key_file))
        keep_room(database)
        return gallery

    def close(self) -> None:
        """Close the database; closing twice is allowed."""
        self.database.close()

    # --- reading -----------------------------------------------------------------------------

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""
        with reporting():
            found = self.database.query("SELECT * FROM subjects ORDER BY name_key")
            return [rows.subject_of(row) for row in found]

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""
        with reporting():
            counts = rows.active_counts(self.database)
            seen = audit.last_seen(self.database)
            agreed = consents.newest_consents(self.database)
            origins = rows.origins(self.database)
        return [
            PersonSummary(
                subject,
                counts.get((subject.subject_id, Modality.FACE), 0),
                counts.get((subject.subject_id, Modality.VOICE), 0),
                seen.get(subject.subject_id),
                agreed.get(subject.subject_id),
                origins.get(subject.subject_id, Origin.STAFF),
            )
            for subject in self.subjects()
        ]

    def subject(self, name: str) -> Subject:
        """One by name, in any case. Raises InputError with the nearest names if there is none."""
        with reporting():
            found = rows.find_subject(self.database, clean_name(name))
        if found:
            return found
        raise unknown_name(name, (each.name for each in self.subjects()))

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""
        with reporting():
            rows.require_free(self.database, clean_name(name))

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id. Raises InputError if that subject has been removed."""
        with reporting():
            row = self.database.execute(
                "SELECT name FROM subjects WHERE subject_id = ?", [subject_id]
            ).fetchone()
        if row is None:
            raise subject_gone()
        return str(row[0])

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled a subject. Raises InputError if that subject has been removed."""
        with reporting():
            row = self.database.execute(
                "SELECT origin FROM subjects WHERE subject_id = ?", [subject_id]
            ).fetchone()
        if row is None:
            raise subject_gone()
        return Origin(row[0])

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject, oldest first."""
        with reporting(), one_view(self.database):
            found = self.database.query(
                """SELECT * FROM templates JOIN models USING (model)
                   WHERE subject_id = ? AND retired_by IS NULL ORDER BY template_id""",
                [subject_id],
            )
            form = form_of(self.database)
            return [rows.template_of(row, form) for row in found]

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""
        subject = self.subject(name)
        with reporting():
            found = self.database.query(
                "SELECT * FROM enrolments WHERE subject_id = ? ORDER BY enrolment_id DESC",
                [subject.subject_id],
            )
            return [rows.enrolment_of(row) for row in found]

    def references(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The resident matrix: loaded when first asked for, kept current by every change made
        through this object, and brought up to date here with those of other processes."""
        with reporting(), one_view(self.database):
            return self._residents.get(modality, model_id)

    # --- changing ----------------------------------------------------------------------------

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
        of the modalities and models given. One transaction, with consent and picture (JPEG) if
        given.

        A note replaces the one before; an empty one leaves it. Raises InputError for a name that
        is taken (NEW), unknown (ADD, REPLACE) or unusable.
        """
        if kind in (EnrolmentKind.ROLLBACK, EnrolmentKind.LEARNT) or not templates:
            raise BugError(f"{kind} enrolment with {len(templates)} templates")
        gone: list[int] = []
        with self._change() as change:
            record = self._begin_enrolment(name, templates, kind, note, origin)
            if kind is EnrolmentKind.REPLACE:
                for modality, model_id in {(t.modality, t.model_id) for t in templates}:
                    gone += rows.retire_templates(self.database, record, modality, model_id)
            new = [rows.insert_template(self.database, record, each) for each in templates]
            if consent is not None:
                consents.insert_consent(self.database, record.subject_id, consent)
                self._residents.distrust()
            if picture is not None:
                pictures.put_picture(self.database, record.subject_id, picture)
            change.add(
                Act.ENROLLED,
                subject=record.subject_id,
                kind=kind.value,
                origin=origin.value,
                face=record.face_templates,
                voice=record.voice_templates,
                consent=consent is not None,
            )
        self._refresh(gone, new)
        return record

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest re-enrolment of a subject that is still in force; what it replaced is
        active again, what it brought is deleted, and what visits taught since. Raises InputError if
        only the first is left."""
        with self._change() as change:
            subject_id = self.subject(name).subject_id
            enrolment_id = rows.undoable_enrolment(self.database, subject_id)
            counts = rows.modalities_retired_by(self.database, enrolment_id)
            since = learning.learnt_of(self.database, subject_id, enrolment_id)
            gone = learning.unlearn(self.database, since)
            own, back = rows.undo_enrolment(self.database, enrolment_id)
            record = rows.insert_enrolment(
                self.database, subject_id, EnrolmentKind.ROLLBACK, counts, self._now()
            )
            change.add(Act.ROLLED_BACK, subject=subject_id)
        self._refresh([*gone, *own], back)
        return record

    def learn(self, decision_id: int, template: Template, most: int) -> EnrolmentRecord:
        """A sample of the visit that this decision identified becomes a template of its subject. Of
        the learnt templates of that model the newest `most` are kept. Raises InputError."""
        with self._change() as change:
            record, gone, new = learning.learn(
                self.database, decision_id, template, most, self._now()
            )
            change.add(Act.ENROLLED, subject=record.subject_id, kind=record.kind.value)
        self._refresh(gone, new)
        return record

    def forget_learnt(self, name: str | None = None) -> int:
        """Delete what visits taught of a subject, or of everyone; returns how many templates."""
        with self._change() as change:
            subject_id = None if name is None else self.subject(name).subject_id
            gone = learning.unlearn(self.database, learning.learnt_of(self.database, subject_id))
            change.add(Act.FORGOTTEN, what="learnt", subject=subject_id, count=len(gone))
        self._refresh(gone, [])
        return len(gone)

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name. Raises InputError if it is unknown, taken or unusable."""
        name = clean_name(new)
        with self._change() as change:
            subject_id = self.subject(old).subject_id
            rows.require_free(self.database, name, subject_id)
            self.database.execute(
                "UPDATE subjects SET name = ?, name_key = ? WHERE subject_id = ?",
                [name, name_key(name), subject_id],
            )
            change.add(Act.RENAMED, subject=subject_id)

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted,
        active or not. Their bytes are overwritten, not only unlinked. On a full disk the room kept
        for this is given up."""
        try:
            gone = self._remove(name)
        except DiskFull:
            if self._file is None or not give_up_room(self._file):
                raise
            gone = self._remove(name)
        self._refresh(gone, [])
        return len(gone)

    def _condemn(self, notes: Notes) -> list[int]:
        """Of whoever these acts delete the keys go with the change that is about to be kept, so
        that a deletion which is cut off is taken up again; returns whose."""
        gone: list[int] = []
        keys = self._subject_keys
        if keys is None:
            return gone
        for act, facts in notes.lines:
            if act is Act.REMOVED:
                gone.append(_number(facts["removed"]))
                keys.condemn(gone[-1])
            elif act is Act.MERGED:
                gone.append(_number(facts["other"]))
                keys.hand_over(gone[-1], _number(facts["subject"]))
        return gone

    def _destroy_keys(self, subject_ids: Sequence[int]) -> None:
        """After the change was kept: what copies hold of them is gone with that."""
        for subject_id in subject_ids:
            if self._subject_keys is not None:
                with suppress(StorageError):  # it is condemned: at the next opening then
                    self._subject_keys.destroy(subject_id)

    def _settle_keys(self) -> None:
        """Deletions that were cut off between the gallery and the keys are taken up again."""
        keys = self._subject_keys
        if keys is None:
            return
        with suppress(StorageError):  # at the next opening then
            for subject_id in set(keys.condemned()):
                row = self.database.execute(
                    "SELECT 1 FROM subjects WHERE subject_id = ?", [subject_id]
                ).fetchone()
                if row is None:
                    keys.destroy(subject_id)
                else:
                    keys.spare(subject_id)

    def _remove(self, name: str) -> list[int]:
        with self._change() as change:
            subject_id = self.subject(name).subject_id
            gone = rows.ids(
                self.database,
                "SELECT template_id FROM templates WHERE subject_id = ?",
                [subject_id],
            )
            audit.forget_probes(self.database, subject_id)
            self.database.execute("DELETE FROM subjects WHERE subject_id = ?", [subject_id])
            lines = trail.forget_subject(self.database, subject_id)
            change.add(Act.REMOVED, removed=subject_id, templates=len(gone), lines=lines)
        return gone

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""
        with self._change() as change:
            one, two = self.subject(kept).subject_id, self.subject(other).subject_id
            if one == two:
                raise same_subject_twice()
            gone, new = join_subjects(self.database, one, two)
            change.add(Act.MERGED, subject=one, other=two)
        self._refresh(gone, new)
        self._residents.distrust()  # with the consents of both it may begin or end to be compared

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""
        with self._change() as change:
            rows.confirm_subject(self.database, self.subject(name).subject_id)
            change.add(Act.CONFIRMED, subject=self.subject(name).subject_id)

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""
        subject_id = self.subject(name).subject_id
        with reporting():
            return consents.consents_of(self.database, subject_id)

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, JPEG by subject id."""
        with reporting():
            return pictures.pictures_of(self.database, subject_ids)

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""
        with self._change() as change:
            count = pictures.delete_pictures(self.database)
            if count:
                change.add(Act.FORGOTTEN, what="pictures", count=count)
        return count

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""
        with self._change() as change:
            consents.insert_consent(self.database, self.subject(name).subject_id, consent)
            subject_id = self.subject(name).subject_id
            change.add(Act.CONSENT_GIVEN, subject=subject_id, version=consent.version)
        self._residents.distrust()

    def withdraw_consent(self, name: str) -> None:
        """Mark a subject's consent as taken back: from now on nobody is compared with them. The
        templates stay until `remove` or `purge_withdrawn`."""
        with self._change() as change:
            subject_id = self.subject(name).subject_id
            consents.withdraw_consent(self.database, subject_id, self._now())
            change.add(Act.CONSENT_WITHDRAWN, subject=subject_id)
        self._residents.distrust()

    def keep_withdrawn(self, name: str, ground: str) -> None:
        """Put on record why somebody is kept although consent was taken back; they stay out of
        comparison. Raises InputError for an empty ground."""
        text = stated_ground(ground)
        with self._change() as change:
            subject_id = self.subject(name).subject_id
            consents.hold(self.database, subject_id, text, self._now())
            change.add(Act.GROUND, subject=subject_id)

    def ground(self, subject_id: int) -> str:
        """Why somebody who took consent back is kept; empty where nothing says so."""
        with reporting():
            return consents.hold_of(self.database, subject_id)

    def purge_withdrawn(self, before: datetime) -> int:
        """Delete whoever took consent back before this, and whom no ground keeps; returns how
        many."""
        with reporting():
            names = consents.withdrawn_before(self.database, before)
        for name in names:
            self.remove(name)
        return len(names)

    def purge_expired(self, rule: ExpiryRule, now: datetime) -> int:
        """Delete whoever's time has come by this rule; returns how many. In a fleet nobody goes for
        not having been seen here: another kiosk may have seen them."""
        with reporting():
            if fleet_state.is_member(self.database):
                rule = replace(rule, unseen_days=0)
        gone = rule.expired(self.summaries(), now) if rule.wanted else []
        for person in gone:
            self.remove(person.subject.name)
        return len(gone)

    def time_for_deletions(self, wall: datetime, now: Moment) -> datetime:
        """What time it is for whatever is deleted after so many days."""
        with transaction(self.database):
            return retention.advance_clock(self.database, wall, now)

    def export(
        self, file: Path, passphrase: str, *, force: bool = False, tell: ProgressCallback = quietly
    ) -> ArchiveReceipt:
        """Write everyone with their history into an archive; `tell` hears the share done, 0..1.
        Raises InputError (also for one of the kiosk's own files, whatever `force` says), DiskFull.
        """
        if self._own_files is not None:
            self._own_files.refuse(file)
        receipt = write_archive(self.database, file, passphrase, force=force, tell=tell)
        self.note(Act.EXPORTED, subjects=receipt.subjects)
        return receipt

    def merge(
        self, file: Path, passphrase: str, *, tell: ProgressCallback = quietly
    ) -> ArchiveReceipt:
        """Add everyone of an archive, or nobody; `tell` hears the share done, 0..1.
        Raises InputError, NewerDatabase."""
        receipt = read_archive(self.database, file, passphrase, tell, self._change)
        self._residents.distrust()
        return receipt

    def preview(self, file: Path, passphrase: str) -> list[Incoming]:
        """Who would come in with an archive, and whom they resemble. Raises as `merge`."""
        return preview_archive(self.database, file, passphrase, self.scores, self.subject_name)

    def signer(self, file: Path) -> Signer:
        """Who made an archive. Raises InputError for a signature that does not fit."""
        return self._signing.verify(file) if self._signing else Signer(Trust.UNSIGNED)

    def rekey(self, tell: ProgressCallback = quietly) -> list[Revoked]:
        """Turn every template by a new key and destroy the old one: what leaked of them before is
        worth nothing here, and nobody need be enrolled again. One transaction: cut off at any
        moment, the old key or the new one is in force. `tell` hears the share done, 0..1; returns
        what was moved and what was not, by model. Raises StorageError."""
        keys = self._transform_keys
        if keys is None:
            raise BugError("a gallery without a place for the key of its templates")
        self._residents.distrust()
        with reporting():
            return exchange_template_key(self.database, keys, self._change, self._now, tell)

    def template_key(self) -> bytes | None:
        """By which templates are turned; None for plain ones. Raises StorageError."""
        with reporting():
            mark = transform_of(self.database)
        if mark is None or self._transform_keys is None:
            return None
        return self._transform_keys.seed(mark)

    def _begin_turned(self) -> None:
        """A gallery in which nobody was ever enrolled begins with a key for its templates."""
        with reporting():
            if transform_of(self.database) is None and not self.database.table("models").count:
                self.rekey()

    def problems(self, known_models: Collection[str] | None = None) -> list[str]:
        """What is wrong with the database, one line each; empty if it is sound."""
        found = [str(each) for each in problems(self.database, known_models)]
        if self._subject_keys is not None and self._subject_keys.exists():
            try:
                self._subject_keys.all()
            except StorageError as error:
                found.append(f"{error.text} {error.remedy}")
        return found

    def copy_as_it_is(self, file: Path) -> None:
        """The file of the gallery, sound or not, while nobody may write. Raises StorageError."""
        if self._file is not None:
            with transaction(self.database):
                copy_file(self._file, file)

    def repair(self) -> list[str]:
        """Mend what can be mended without guessing; what was done, one line each."""
        with self._change() as change:
            done = mend(self.database)
            if done:
                change.add(Act.REPAIRED, count=len(done))
        self._residents.distrust()
        return done

    # --- decisions ---------------------------------------------------------------------------

    def record(
        self,
        decision: Decision,
        probes: Sequence[Probe] = (),
        channels: Sequence[EventChannel] = (),
        circumstances: Circumstances = UNKNOWN_CIRCUMSTANCES,
    ) -> int:
        """Keep a decision: outcome, scores, time; never a picture or a sound. Probes are kept with
        it only if given; for each channel an event is put into the outbox. Returns its id."""
        now = self._now()
        with self._change() as change:
            decision_id = audit.insert_decision(self.database, decision, now, circumstances)
            if circumstances.attended:
                moved = circumstances.clock_moved
                uses.insert_attended(self.database, decision_id, clock_moved=moved)
            audit.insert_probes(self.database, decision_id, probes)
            outbox.insert_events(self.database, decision_id, channels, now)
            top = decision.top
            change.add(
                Act.DECISION,
                decision=decision_id,
                outcome=decision.outcome.value,
                subject=top.subject_id if top else None,
            )
        return decision_id

    def decisions(
        self,
        limit: int = 100,
        since: datetime | None = None,
        subject_id: int | None = None,
        before: int | None = None,
    ) -> list[DecisionRecord]:
        """The last `limit` decisions, newest first, with the corrections made of them; those from
        `since` on, with one subject on top, or kept before the one of the id `before`, if asked."""
        with reporting():
            return audit.newest_decisions(self.database, limit, since, subject_id, before)

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
        with self._change() as change:
            correction = Correction(self._now(), by, subject_id)
            audit.correct_decision(self.database, decision_id, correction)
            audit.insert_probes(self.database, decision_id, probes)
            taught = learning.learnt_by(self.database, decision_id)
            gone = learning.unlearn(self.database, taught)
            act = Act.DENIED if by is Corrector.VISITOR else Act.CORRECTED
            change.add(act, decision=decision_id, subject=subject_id)
        self._refresh(gone, [])

    def correction_cost(self, decision_id: int) -> CorrectionCost:
        """What calling a decision wrong would take from whom it named."""
        with reporting(), one_view(self.database):
            subject_id, probes = audit.kept_of(self.database, decision_id)
        if subject_id is None:
            return CorrectionCost(bool(probes))
        return correction_cost(probes, self.templates(subject_id))

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""
        with self._change() as change:
            audit.uncorrect_decision(self.database, decision_id)
            change.add(Act.CORRECTED, decision=decision_id, taken_back=True)

    def reported_mismatches(self, modality: Modality, model_id: str) -> list[ReportedMismatch]:
        """Probes known to be of somebody else than the subject they were taken for."""
        with reporting(), one_view(self.database):
            return audit.reported_mismatches(self.database, modality, model_id)

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """What the last visits that identified a subject were decided from, where it was kept."""
        with reporting(), one_view(self.database):
            return audit.probes_of(self.database, subject_id, limit)

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""
        with self._change() as change:
            count = audit.delete_decisions(self.database, before)
            said = uses.delete_attendance_corrections(self.database, before)
            calls.delete_calls(self.database, before)
            if trail.forget_visits(self.database, before) or count or said:
                moment = rows.as_text(before)
                change.add(Act.FORGOTTEN, what="decisions", before=moment, count=count)
        return count

    # --- calls for staff -----------------------------------------------------------------------

    def call_staff(self, channels: Sequence[EventChannel] = ()) -> StaffCall:
        """Somebody calls, or calls once more; for each channel an event is put into the outbox."""
        now = self._now()
        with transaction(self.database):
            call = calls.open_call(self.database) or calls.insert_call(self.database, now)
            outbox.insert_call_events(self.database, replace(call, time=now), channels)
        return call

    def end_call(
        self, call_id: int, state: CallState, channels: Sequence[EventChannel] = ()
    ) -> None:
        """It was taken back or answered; of one that is over already nothing changes."""
        now = self._now()
        with transaction(self.database):
            if calls.end_call(self.database, call_id, state, now):
                told = StaffCall(call_id, now, state)
                outbox.insert_call_events(self.database, told, channels)

    def open_call(self) -> StaffCall | None:
        """The call that nobody answered yet and nobody took back."""
        with reporting():
            return calls.open_call(self.database)

    # --- one model for another ---------------------------------------------------------------

    def holders(self, modality: Modality) -> dict[str, frozenset[int]]:
        """The subjects who have templates in use, by `model_id`."""
        with reporting():
            return upgrades.holders(self.database, modality)

    def upgrades(self) -> list[ModelUpgrade]:
        """Newest first."""
        with reporting():
            return upgrades.upgrades(self.database)

    def begin_upgrade(self, modality: Modality, old: str, new: str) -> ModelUpgrade:
        """Begin, or go on with, replacing one model by another."""
        with self._change() as change:
            number = upgrades.begin(self.database, modality, old, new, self._now())
            change.add(Act.UPGRADE, state="begun", modality=modality.value, new=new)
            return upgrades.find_upgrade(self.database, number)

    def set_upgrade_state(self, upgrade_id: int, state: UpgradeState) -> None:
        """Pause, go on."""
        with self._change() as change:
            upgrades.set_state(self.database, upgrade_id, state)
            change.add(Act.UPGRADE, state=state.value)

    def set_aside(
        self, upgrade_id: int, subject_id: int, visit: str, templates: Sequence[Template]
    ) -> None:
        """Keep new samples of a subject from one visit."""
        with transaction(self.database):
            now = self._now()
            upgrades.set_aside(self.database, upgrade_id, subject_id, visit, templates, now)

    def aside(self, upgrade_id: int, subject_id: int) -> list[tuple[str, Template]]:
        """What was set aside of a subject, with the visit, oldest first."""
        with reporting(), one_view(self.database):
            return upgrades.aside(self.database, upgrade_id, subject_id)

    def discard_aside(self, upgrade_id: int, subject_id: int) -> None:
        """Forget what was set aside of a subject."""
        with transaction(self.database):
            upgrades.discard_aside(self.database, upgrade_id, subject_id)

    def carry_over(self, upgrade_id: int, subject_id: int) -> EnrolmentRecord:
        """What was set aside becomes the subject's templates; those of the old model retire."""
        with self._change() as change:
            record, gone, new = upgrades.carry_over(
                self.database, upgrade_id, subject_id, self._now()
            )
            change.add(Act.ENROLLED, subject=subject_id, kind="carried over")
        self._refresh(gone, new)
        return record

    def take_back(self, upgrade_id: int) -> int:
        """Undo every step of an upgrade that is still in force; returns how many subjects."""
        with self._change() as change:
            count, gone, back = upgrades.take_back(self.database, upgrade_id, self._now())
            gone += learning.unlearn(self.database, learning.orphans(self.database))
            change.add(Act.UPGRADE, state="taken back", count=count)
        self._refresh(gone, back)
        return count

    # --- the record of what was done ---------------------------------------------------------

    def note(self, act: Act, **facts: Fact) -> None:
        """Add a line about something that changes nothing here."""
        with self._change() as change:
            change.add(act, **facts)

    def trail(self, limit: int | None = None) -> list[Entry]:
        """The last `limit` lines of the record, or all, oldest first."""
        with reporting():
            return trail.entries(self.database, limit)

    def trail_problems(self) -> list[str]:
        """What is wrong with the record; nothing for a whole one that ends where it was left."""
        with reporting():
            return trail.verify(self.database, self._anchor)

    # --- steps -------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[Notes]:
        """A transaction that is kept together with what it notes in the record, and with what the
        fleet, if there is one, is to be told of it."""
        with self.from_fleet() as notes:
            yield notes
            fleet_outbox.queue(self.database, notes.lines, self._now)

    @contextmanager
    def from_fleet(self) -> Iterator[Notes]:
        """The same for what the fleet itself has told, which is not told it again. With whoever is
        deleted goes the key under which copies hold them."""
        with recorded(self.database, self._anchor, self._now, self.actor) as notes:
            yield notes
            gone = self._condemn(notes)
        self._destroy_keys(gone)

    def _begin_enrolment(
        self,
        name: str,
        templates: Sequence[Template],
        kind: EnrolmentKind,
        note: str,
        origin: Origin,
    ) -> EnrolmentRecord:
        """The subject and the line of its history that the templates will hang on."""
        if kind is EnrolmentKind.NEW:
            fresh = clean_name(name)
            rows.require_free(self.database, fresh)
            subject_id = rows.insert_subject(self.database, fresh, note, self._now(), origin)
        else:
            subject_id = self.subject(name).subject_id
            rows.change_note(self.database, subject_id, note)
        counts = Counter(template.modality for template in templates)
        return rows.insert_enrolment(self.database, subject_id, kind, counts, self._now())

    def _refresh(self, gone: Sequence[int], new: Sequence[int]) -> None:
        # The change is kept already: if reading it back fails, the next `references` catches up.
        with suppress(StorageError), reporting():
            self._residents.refresh(gone, new)
