"""The central gallery behind the same ports as the kiosk's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from kiosk.core.errors import BugError
from kiosk.core.expiry import ExpiryRule
from kiosk.core.fleet import Act, Applied, Operation, Outcome, Person, Privacy, TemplatePart
from kiosk.core.media import Modality
from kiosk.core.names import clean_name
from kiosk.core.records import (
    Consent,
    Corrector,
    Origin,
    PersonSummary,
    stated_ground,
)
from kiosk.core.samples import Probe
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template
from kiosk.storage.postgres import edits
from kiosk.storage.postgres.connection import Connection, one_view, reporting
from kiosk.storage.postgres.decisions import CentralDecisions
from kiosk.storage.postgres.feed import fill
from kiosk.storage.postgres.operations import CentralWriter
from kiosk.storage.postgres.parts import Body, Held, people
from kiosk.storage.postgres.residents import CentralResidents
from kiosk.storage.postgres.sealing import Sealed, Sealing
from kiosk.storage.refusals import (
    name_taken,
    no_consent_in_force,
    same_subject_twice,
    subject_gone,
    unknown_name,
)
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.search import ResidentSearch
from kiosk.storage.resident.vectors import PLAIN, STORED


def utc_now() -> datetime:
    """The moment, with its time zone."""
    return datetime.now(UTC)


class PostgresGallery(ResidentSearch, CentralDecisions):
    """Search, people, templates, pictures, consents and decisions of a fleet's server, over one
    connection; for one thread at a time. What is enrolled here is of the site given.

    It is no `PeopleArchive`, `CallStore` or `UpgradeStore`: those are a kiosk's own affair, in its
    own gallery. The search here loads the templates into memory; `search.CentralSearch` lets the
    server search.
    """

    def __init__(
        self,
        connection: Connection,
        sealing: Sealing,
        privacy: Privacy,
        site: str,
        kiosk: UUID | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connection, self._sealing, self._site = connection, sealing, site
        self._now = now
        self._writer = CentralWriter(connection, sealing, privacy, kiosk)
        self._residents = CentralResidents(connection, sealing)

    def close(self) -> None:
        """Close the connection; closing twice is allowed."""
        self._connection.close()

    # --- people ------------------------------------------------------------------------------

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""
        with reporting():
            rows = self._connection.execute(
                "SELECT subject, number, created, body FROM kiosk.subjects"
            ).fetchall()
        found = []
        for subject, number, created, sealed in rows:
            body = Body.opened(self._sealing, subject, sealed)
            found.append(Subject(number, body.name, created, body.note))
        return sorted(found, key=lambda each: each.name.casefold())

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""
        with reporting(), one_view(self._connection):
            uids = [
                row[0] for row in self._connection.execute("SELECT subject FROM kiosk.subjects")
            ]
            held = people(self._connection, self._sealing, uids)
            seen = self._last_seen()
        found = [_summary(each, seen.get(uid)) for uid, each in held.items()]
        return sorted(found, key=lambda each: each.subject.name.casefold())

    def subject(self, name: str) -> Subject:
        """One by name, in any case. Raises InputError with the nearest names if there is none."""
        return _subject(self._held(name))

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id. Raises InputError if that subject has been removed."""
        return self._body(subject_id).name

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled a subject. Raises InputError if that subject has been removed."""
        return self._body(subject_id).origin

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""
        if self._taken(clean_name(name)):
            raise name_taken()

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name. Raises InputError if it is unknown, taken or unusable."""
        name, person = clean_name(new), self._held(old).person
        holder = self._holder(name)
        if holder != person.uid and self._taken(name):
            raise name_taken()
        self._apply(edits.change(person, self._now(), name=name, name_before=person.name))

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted."""
        person = self._held(name).person
        self._apply(Operation(uuid4(), Act.REMOVE, person.uid, person.site, self._now()))
        return len(person.templates)

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""
        person = self._held(name).person
        if person.origin is Origin.SELF:
            self._apply(edits.change(person, self._now(), origin=Origin.CONFIRMED))

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""
        one, two = self._held(kept).person, self._held(other).person
        if one.uid == two.uid:
            raise same_subject_twice()
        merge = Operation(uuid4(), Act.MERGE, one.uid, one.site, self._now(), other=two.uid)
        self._apply(merge)

    # --- templates ---------------------------------------------------------------------------

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject, oldest first."""
        uid = self._uid(subject_id)
        if uid is None:
            return []
        with reporting(), one_view(self._connection):
            held = people(self._connection, self._sealing, [uid])[uid]
            (person,) = fill([held.person], (), self._connection, self._sealing)
        return [_template(each, held) for each in edits.in_use(person)]

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
        of the modalities and models given. A note replaces the one before; an empty one leaves it.
        Raises InputError for a name that is taken (NEW), unknown (ADD, REPLACE) or unusable."""
        if kind in (EnrolmentKind.ROLLBACK, EnrolmentKind.LEARNT) or not templates:
            raise BugError(f"{kind} enrolment with {len(templates)} templates")
        now = self._now()
        line, parts = edits.new_enrolment(kind, templates, now)
        if kind is EnrolmentKind.NEW:
            self.require_free(name)
            subject = uuid4()
            operation = Operation(uuid4(), Act.CHANGE, subject, self._site, now)
            operation = replace(operation, name=clean_name(name), created=now, origin=origin)
        else:
            person = self._held(name).person
            operation = edits.change(person, now)
            if kind is EnrolmentKind.REPLACE:
                models = {(each.modality, each.model_id) for each in parts}
                parts = (*edits.retired(person, models, line.uid), *parts)
        operation = replace(
            operation,
            note=note or None,
            enrolments=(line,),
            templates=parts,
            consents=(edits.consent_part(consent),) if consent is not None else (),
            picture=picture,
        )
        self._apply(operation)
        return self._record(operation.subject, line.uid)

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest enrolment that is still in force; what it replaced is active again, what
        it brought is deleted, and what visits taught since. Raises InputError if only the first is
        left."""
        operation, told = edits.rolled_back(self._held(name).person, self._now())
        self._apply(operation)
        return self._record(operation.subject, told.uid)

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""
        held = self._held(name)
        return [_line(held, each.uid) for each in reversed(held.person.enrolments)]

    def learn(self, decision_id: int, template: Template, most: int) -> EnrolmentRecord:
        """A sample of the visit that this decision identified becomes a template of its subject. Of
        the learnt templates of that model the newest `most` are kept. Raises InputError."""
        with reporting():
            uid = self._taught(decision_id)
            person = people(self._connection, self._sealing, [uid])[uid].person
        now = self._now()
        line, parts = edits.new_enrolment(EnrolmentKind.LEARNT, [template], now)
        alike = {t.enrolment for t in edits.in_use(person) if t.model_id == template.model_id}
        older = [each for each in edits.learnt(person) if each.uid in alike]
        operation = edits.change(person, now, enrolments=(line,), templates=parts)
        self._apply(operation)
        self._unlearn(person, older[: len(older) + 1 - most])
        with reporting():
            self._connection.execute(
                "UPDATE kiosk.decisions SET learnt = %s WHERE decision = %s",
                [line.uid, decision_id],
            )
        return self._record(uid, line.uid)

    def forget_learnt(self, name: str | None = None) -> int:
        """Delete what visits taught of a subject, or of everyone; returns how many templates."""
        names = [each.name for each in self.subjects()] if name is None else [name]
        persons = [self._held(each).person for each in names]
        return sum(self._unlearn(each, edits.learnt(each)) for each in persons)

    def _unlearn(self, person: Person, lines: Sequence[object]) -> int:
        undone = [each for each in edits.learnt(person) if each in lines]
        if undone:
            self._apply(edits.undone(person, undone, self._now())[0])
        return len(undone)

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong; what it taught is deleted."""
        with reporting(), self._connection.transaction():
            taught = self._correct(decision_id, by, subject_id, probes)
            if taught is None:
                return
            row = self._connection.execute(
                "SELECT subject FROM kiosk.enrolments WHERE enrolment = %s", [taught]
            ).fetchone()
            if row is not None:
                person = people(self._connection, self._sealing, [row[0]])[row[0]].person
                self._unlearn(person, [e for e in edits.learnt(person) if e.uid == taught])

    # --- pictures and consents ---------------------------------------------------------------

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, JPEG by subject id."""
        with reporting():
            rows = self._connection.execute(
                """SELECT number, subject, picture FROM kiosk.subjects
                   WHERE number = ANY(%s) AND picture IS NOT NULL""",
                [list(subject_ids)],
            ).fetchall()
        return {n: self._sealing.open(Sealed.PICTURE, uid, picture) for n, uid, picture in rows}

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""
        with reporting():
            rows = self._connection.execute(
                "SELECT site, subject FROM kiosk.subjects WHERE picture IS NOT NULL"
            ).fetchall()
        now = self._now()
        for site, subject in rows:
            self._apply(Operation(uuid4(), Act.CHANGE, subject, site, now, picture=b""))
        return len(rows)

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""
        return [_consent(each) for each in reversed(self._held(name).person.consents)]

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""
        person = self._held(name).person
        part = edits.consent_part(consent)
        self._apply(edits.change(person, self._now(), consents=(part,)))

    def withdraw_consent(self, name: str) -> None:
        """Mark what is in force as taken back. Raises InputError if nothing is."""
        person, now = self._held(name).person, self._now()
        given = [each for each in person.consents if each.withdrawn is None]
        if not given:
            raise no_consent_in_force()
        back = tuple(replace(each, withdrawn=now) for each in given)
        self._apply(edits.change(person, now, act=Act.WITHDRAW, consents=back))

    def keep_withdrawn(self, name: str, ground: str) -> None:
        """Put on record why somebody is kept although consent was taken back."""
        person, text = self._held(name).person, stated_ground(ground)
        self._apply(edits.change(person, self._now(), ground=text))

    def purge_withdrawn(self, before: datetime) -> int:
        """Delete whoever took consent back before this, and whom no ground keeps."""
        gone = []
        for each in self.subjects():
            person = self._held(each.name).person
            last = max((c.withdrawn or before for c in person.consents), default=before)
            if edits.withdrawn(person) and not person.ground and last < before:
                gone.append(each.name)
        for name in gone:
            self.remove(name)
        return len(gone)

    def purge_expired(self, rule: ExpiryRule, now: datetime) -> int:
        """Delete whoever's time has come by this rule; returns how many."""
        gone = rule.expired(self.summaries(), now) if rule.wanted else []
        for person in gone:
            self.remove(person.subject.name)
        return len(gone)

    # --- search ------------------------------------------------------------------------------

    def references(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The resident matrix, brought up to date with the server here."""
        with reporting():
            return self._residents.get(modality, model_id)

    # --- steps -------------------------------------------------------------------------------

    def _apply(self, operation: Operation) -> Applied:
        (done,) = self._writer.apply([operation])
        if done.outcome in (Outcome.GONE, Outcome.UNKNOWN):
            raise subject_gone()
        return done

    def _held(self, name: str) -> Held:
        with reporting():
            uid = self._holder(clean_name(name))
            found = people(self._connection, self._sealing, [uid]) if uid is not None else {}
        if uid is None or uid not in found:
            raise unknown_name(name, (each.name for each in self.subjects()))
        return found[uid]

    def _holder(self, name: str) -> UUID | None:
        row = self._connection.execute(
            "SELECT subject FROM kiosk.names WHERE tag = %s", [self._sealing.tag(name)]
        ).fetchone()
        return row[0] if row else None

    def _taken(self, name: str) -> bool:
        with reporting():
            row = self._connection.execute(
                "SELECT kiosk.name_taken(%s)", [self._sealing.tag(name)]
            ).fetchone()
        return bool(row and row[0])

    def _body(self, subject_id: int) -> Body:
        with reporting():
            row = self._connection.execute(
                "SELECT subject, body FROM kiosk.subjects WHERE number = %s", [subject_id]
            ).fetchone()
        if row is None:
            raise subject_gone()
        return Body.opened(self._sealing, *row)

    def _record(self, subject: UUID, enrolment: UUID) -> EnrolmentRecord:
        with reporting():
            return _line(people(self._connection, self._sealing, [subject])[subject], enrolment)

    def _number(self, subject: UUID) -> int | None:
        row = self._connection.execute(
            "SELECT number FROM kiosk.subjects WHERE subject = %s", [subject]
        ).fetchone()
        return int(row[0]) if row else None

    def _uid(self, subject_id: int) -> UUID | None:
        row = self._connection.execute(
            "SELECT subject FROM kiosk.subjects WHERE number = %s", [subject_id]
        ).fetchone()
        return row[0] if row else None

    def _name_of(self, subject: UUID, sealed: bytes) -> str:
        return Body.opened(self._sealing, subject, sealed).name

    def _model(self, modality: Modality, model_id: str, dims: int) -> int:
        part = TemplatePart(
            uuid4(),
            uuid4(),
            modality,
            model_id,
            0.0,
            "",
            self._now(),
            halves=b"\0" * dims * STORED.itemsize,
        )
        return self._writer.model_number(part)


def _subject(held: Held) -> Subject:
    return Subject(held.number, held.person.name, held.person.created, held.person.note)


def _summary(held: Held, seen: datetime | None) -> PersonSummary:
    kinds = [each.modality for each in edits.in_use(held.person)]
    consents = held.person.consents
    return PersonSummary(
        _subject(held),
        kinds.count(Modality.FACE),
        kinds.count(Modality.VOICE),
        seen,
        _consent(consents[-1]) if consents else None,
        held.person.origin,
    )


def _template(part: TemplatePart, held: Held) -> Template:
    assert part.halves is not None
    dims = len(part.halves) // STORED.itemsize
    return Template(
        part.modality,
        part.model_id,
        PLAIN.decode([part.halves], dims, part.model_id)[0],
        part.quality,
        part.source,
        held.numbers[part.uid],
        held.number,
        part.created,
    )


def _line(held: Held, enrolment: UUID) -> EnrolmentRecord:
    part = next(each for each in held.person.enrolments if each.uid == enrolment)
    active = part.kind is not EnrolmentKind.ROLLBACK and not part.undone
    return EnrolmentRecord(
        held.numbers[part.uid], held.number, part.kind, part.time, part.face, part.voice, active
    )


def _consent(part: object) -> Consent:
    from kiosk.core.fleet import ConsentPart

    assert isinstance(part, ConsentPart)
    return Consent(part.time, part.version, part.language, part.text, part.witness, part.withdrawn)
