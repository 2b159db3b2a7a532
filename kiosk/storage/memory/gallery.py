"""Everyone enrolled, in memory; the same search as that of the encrypted gallery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from kiosk.core.boot_clock import Moment
from kiosk.core.errors import BugError
from kiosk.core.expiry import ExpiryRule
from kiosk.core.media import Modality
from kiosk.core.names import clean_name, name_key
from kiosk.core.negatives import CorrectionCost, correction_cost
from kiosk.core.records import Consent, Corrector, Origin, PersonSummary, stated_ground
from kiosk.core.retention_clock import RetentionClock
from kiosk.core.samples import Probe
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template
from kiosk.core.template_transform import TemplateTransform, new_seed
from kiosk.storage.memory.decisions import MemoryDecisions
from kiosk.storage.memory.uses import MemoryUses
from kiosk.storage.refusals import (
    name_taken,
    no_consent_in_force,
    nothing_to_roll_back,
    same_subject_twice,
    subject_gone,
    unknown_name,
)
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.search import ResidentSearch
from kiosk.storage.resident.vectors import TurnedForm, VectorForm


@dataclass(eq=False)
class _Held:
    """A template as it is searched and as it is stored, the enrolment that brought it, and the one
    that put it out of use."""

    template: Template
    stored: bytes
    enrolment: int
    retired_by: int | None = None


@dataclass(eq=False)
class _Person:
    """All that hangs on one subject."""

    subject: Subject
    origin: Origin
    enrolments: dict[int, EnrolmentRecord] = field(default_factory=dict)
    templates: dict[int, _Held] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)
    picture: bytes | None = None
    ground: str = ""

    def in_use(self) -> list[Template]:
        """Oldest first."""
        return [held.template for held in self.templates.values() if held.retired_by is None]


class MemoryGallery(ResidentSearch, MemoryDecisions, MemoryUses):
    """Search, people, templates, pictures, consents and decisions, gone with the process. For one
    thread at a time.

    It is no `PeopleArchive`, for an archive is a file of the encrypted gallery's own format, and no
    `UpgradeStore`, for an upgrade outlives the kiosk's next starts, which this gallery does not.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        MemoryDecisions.__init__(self, now, self._find_name)
        MemoryUses.__init__(self, self._find_subject)
        self._clock: RetentionClock | None = None
        self._people: dict[int, _Person] = {}
        self._by_key: dict[str, _Person] = {}
        self._residents: dict[tuple[Modality, str], ResidentReferences] = {}
        self._dims: dict[tuple[Modality, str], int] = {}
        self._next = Counter[str]()
        self._form: VectorForm = TurnedForm(TemplateTransform(new_seed()))

    def close(self) -> None:
        """Nothing is held open."""

    # --- search ------------------------------------------------------------------------------

    def references(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The templates in use of one modality and model."""
        key = (modality, model_id)
        transform = self._form.transform
        return self._residents.setdefault(key, ResidentReferences(modality, model_id, transform))

    # --- people ------------------------------------------------------------------------------

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""
        return sorted((p.subject for p in self._people.values()), key=lambda s: name_key(s.name))

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""
        found = []
        for subject in self.subjects():
            person = self._people[subject.subject_id]
            counts = Counter(template.modality for template in person.in_use())
            found.append(
                PersonSummary(
                    subject,
                    counts[Modality.FACE],
                    counts[Modality.VOICE],
                    self.last_seen(subject.subject_id),
                    person.consents[-1] if person.consents else None,
                    person.origin,
                )
            )
        return found

    def subject(self, name: str) -> Subject:
        """One by name, in any case. Raises InputError with the nearest names if there is none."""
        return self._person(name).subject

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id. Raises InputError if that subject has been removed."""
        name = self._find_name(subject_id)
        if name is None:
            raise subject_gone()
        return name

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled a subject. Raises InputError if that subject has been removed."""
        if subject_id not in self._people:
            raise subject_gone()
        return self._people[subject_id].origin

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""
        self._require_free(clean_name(name))

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name. Raises InputError if it is unknown, taken or unusable."""
        name = clean_name(new)
        person = self._person(old)
        self._require_free(name, person)
        del self._by_key[name_key(person.subject.name)]
        self._by_key[name_key(name)] = person
        person.subject = replace(person.subject, name=name)

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted."""
        person = self._person(name)
        self._drop(person)
        self.forget_subject(person.subject.subject_id)
        self.forget_uses(person.subject.subject_id)
        return len(person.templates)

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""
        person = self._person(name)
        if person.origin is Origin.SELF:
            person.origin = Origin.CONFIRMED

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""
        one, two = self._person(kept), self._person(other)
        if one is two:
            raise same_subject_twice()
        self._drop(two)
        self._share_consents(one, two)
        subject_id = one.subject.subject_id
        for record in two.enrolments.values():
            # What began a subject has become an addition to another, which can be rolled back.
            kind = EnrolmentKind.ADD if record.kind is EnrolmentKind.NEW else record.kind
            one.enrolments[record.enrolment_id] = replace(record, subject_id=subject_id, kind=kind)
        for held in two.templates.values():
            moved = replace(held.template, template_id=self._id("template"), subject_id=subject_id)
            one.templates[moved.template_id] = replace(held, template=moved)
            if held.retired_by is None:
                self._put_to_use(moved)
        one.picture = one.picture or two.picture
        self.move_subject(two.subject.subject_id, subject_id)
        self.move_uses(two.subject.subject_id, subject_id)

    # --- templates ---------------------------------------------------------------------------

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject, oldest first."""
        person = self._people.get(subject_id)
        held = person.templates.values() if person else ()
        return [self._plain(each) for each in held if each.retired_by is None]

    def rekey(self) -> None:
        """Turn every template by a new key and forget the old one."""
        old, self._form = self._form, TurnedForm(TemplateTransform(new_seed()))
        self._residents.clear()
        for person in self._people.values():
            for number, held in person.templates.items():
                model_id, dims = held.template.model_id, held.template.vector.size
                halves = old.halves([held.stored], dims, model_id)
                (stored,) = self._form.of_halves(halves, model_id)
                turned = replace(held.template, vector=self._form.as_stored([stored], dims)[0])
                person.templates[number] = replace(held, template=turned, stored=stored)
                if held.retired_by is None:
                    self._put_to_use(turned)

    def _plain(self, held: _Held) -> Template:
        model_id, dims = held.template.model_id, held.template.vector.size
        return replace(held.template, vector=self._form.decode([held.stored], dims, model_id)[0])

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
        dims = dict(self._dims)
        kept = [self._stored(template, dims) for template in templates]
        new = kind is EnrolmentKind.NEW
        person = self._begin(name, note, origin) if new else self._person(name)
        self._dims = dims
        if note:
            person.subject = replace(person.subject, note=note)
        record = self._record(person, kind, Counter(each.modality for each, _ in kept))
        if kind is EnrolmentKind.REPLACE:
            models = {(each.modality, each.model_id) for each, _ in kept}
            self._put_out_of_use(person, models, record.enrolment_id)
        for each, stored in kept:
            self._add(person, each, stored, record)
        if consent is not None:
            self._agree(person, consent)
        person.picture = picture if picture is not None else person.picture
        return record

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest enrolment that is still in force; what it replaced is active again, what
        it brought is deleted, and what visits taught since. Raises InputError if only the first is
        left."""
        person = self._person(name)
        by_staff = (
            r for r in person.enrolments.values() if r.active and r.kind is not EnrolmentKind.LEARNT
        )
        undone = max(by_staff, key=_number, default=None)
        if undone is None or undone.kind is EnrolmentKind.NEW:
            raise nothing_to_roll_back()
        self._unlearn(person, [r for r in _learnt(person) if _number(r) > _number(undone)])
        back = self._undo(person, undone)
        counts = Counter(held.template.modality for held in back)
        return self._record(person, EnrolmentKind.ROLLBACK, counts)

    def learn(self, decision_id: int, template: Template, most: int) -> EnrolmentRecord:
        """A sample of the visit that this decision identified becomes a template of its subject. Of
        the learnt templates of that model the newest `most` are kept. Raises InputError."""
        person = self._people[self.teach(decision_id)]
        kept, stored = self._stored(template, self._dims)
        record = self._record(person, EnrolmentKind.LEARNT, Counter([kept.modality]))
        self._add(person, kept, stored, record)
        alike = {
            held.enrolment
            for held in person.templates.values()
            if held.retired_by is None and held.template.model_id == kept.model_id
        }
        learnt = [each for each in _learnt(person) if each.enrolment_id in alike]
        self._unlearn(person, sorted(learnt, key=_number)[:-most])
        self.mark_taught(decision_id, record.enrolment_id)
        return record

    def forget_learnt(self, name: str | None = None) -> int:
        """Delete what visits taught of a subject, or of everyone; returns how many templates."""
        people = list(self._people.values()) if name is None else [self._person(name)]
        return sum(self._unlearn(person, _learnt(person)) for person in people)

    def correction_cost(self, decision_id: int) -> CorrectionCost:
        """What calling a decision wrong would take from whom it named."""
        subject_id, probes = self.kept_of(decision_id)
        if subject_id is None:
            return CorrectionCost(bool(probes))
        return correction_cost(probes, self.templates(subject_id))

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong; what it taught is deleted."""
        super().mark_wrong(decision_id, by, subject_id, probes)
        enrolment_id = self.taught_by(decision_id)
        for person in self._people.values():
            taught = [each for each in _learnt(person) if each.enrolment_id == enrolment_id]
            self._unlearn(person, taught)

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""
        return sorted(self._person(name).enrolments.values(), key=_number, reverse=True)

    # --- pictures and consents ---------------------------------------------------------------

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, JPEG by subject id."""
        people = [(i, self._people[i].picture) for i in subject_ids if i in self._people]
        return {subject_id: picture for subject_id, picture in people if picture is not None}

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""
        with_picture = [each for each in self._people.values() if each.picture is not None]
        for person in with_picture:
            person.picture = None
        return len(with_picture)

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""
        return self._person(name).consents[::-1]

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""
        self._agree(self._person(name), consent)

    def withdraw_consent(self, name: str) -> None:
        """Mark what is in force as taken back. Raises InputError if nothing is."""
        person, now = self._person(name), self._now()
        if all(consent.withdrawn for consent in person.consents):
            raise no_consent_in_force()
        person.consents = [replace(c, withdrawn=c.withdrawn or now) for c in person.consents]
        self._retire(person.in_use())

    def keep_withdrawn(self, name: str, ground: str) -> None:
        """Put on record why somebody is kept although consent was taken back."""
        person, text = self._person(name), stated_ground(ground)
        person.ground = text

    def purge_withdrawn(self, before: datetime) -> int:
        """Delete whoever took consent back before this, and whom no ground keeps."""
        gone = [
            each.subject.name
            for each in self._people.values()
            if _withdrawn(each)
            and not each.ground
            and max(consent.withdrawn or before for consent in each.consents) < before
        ]
        for name in gone:
            self.remove(name)
        return len(gone)

    def purge_expired(self, rule: ExpiryRule, now: datetime) -> int:
        """Delete whoever's time has come by this rule; returns how many."""
        gone = rule.expired(self.summaries(), now) if rule.wanted else []
        for person in gone:
            self.remove(person.subject.name)
        return len(gone)

    def time_for_deletions(self, wall: datetime, now: Moment) -> datetime:
        """What time it is for whatever is deleted after so many days."""
        self._clock = (self._clock or RetentionClock(wall, now)).advanced(wall, now)
        return self._clock.trusted

    def _share_consents(self, one: _Person, two: _Person) -> None:
        """Those of both are `one`'s, who is compared as they say together."""
        before = _withdrawn(one)
        one.consents = sorted(one.consents + two.consents, key=lambda consent: consent.time)
        if _withdrawn(one):
            self._retire(one.in_use())
        elif before:
            for each in one.in_use():
                self._put_to_use(each)

    def _agree(self, person: _Person, consent: Consent) -> None:
        before = _withdrawn(person)
        person.consents.append(consent)
        if before:
            for each in person.in_use():
                self._put_to_use(each)

    # --- steps -------------------------------------------------------------------------------

    def _id(self, what: str) -> int:
        """Never the same twice."""
        self._next[what] += 1
        return self._next[what]

    def _find_name(self, subject_id: int) -> str | None:
        subject = self._find_subject(subject_id)
        return subject.name if subject else None

    def _find_subject(self, subject_id: int) -> Subject | None:
        person = self._people.get(subject_id)
        return person.subject if person else None

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`, and what was said of days before it."""
        self.forget_corrections(before)
        return super().purge_decisions(before)

    def _drop(self, person: _Person) -> None:
        del self._people[person.subject.subject_id]
        del self._by_key[name_key(person.subject.name)]
        self._retire(person.in_use())

    def _person(self, name: str) -> _Person:
        found = self._by_key.get(name_key(clean_name(name)))
        if found is not None:
            return found
        raise unknown_name(name, (subject.name for subject in self.subjects()))

    def _require_free(self, name: str, itself: _Person | None = None) -> None:
        if self._by_key.get(name_key(name)) not in (None, itself):
            raise name_taken()

    def _begin(self, name: str, note: str, origin: Origin) -> _Person:
        fresh = clean_name(name)
        self._require_free(fresh)
        subject = Subject(self._id("subject"), fresh, self._now(), note)
        person = _Person(subject, origin)
        self._people[subject.subject_id] = self._by_key[name_key(fresh)] = person
        return person

    def _record(
        self, person: _Person, kind: EnrolmentKind, counts: Counter[Modality]
    ) -> EnrolmentRecord:
        record = EnrolmentRecord(
            self._id("enrolment"),
            person.subject.subject_id,
            kind,
            self._now(),
            counts[Modality.FACE],
            counts[Modality.VOICE],
            kind is not EnrolmentKind.ROLLBACK,
        )
        person.enrolments[record.enrolment_id] = record
        return record

    def _unlearn(self, person: _Person, records: Sequence[EnrolmentRecord]) -> int:
        """Undo learnt enrolments; returns how many."""
        for record in records:
            self._undo(person, record)
        return len(records)

    def _undo(self, person: _Person, undone: EnrolmentRecord) -> list[_Held]:
        """Delete what an enrolment brought; returns what it had retired, which is in use again."""
        gone = [h for h in person.templates.values() if h.enrolment == undone.enrolment_id]
        self._retire([held.template for held in gone if held.retired_by is None])
        for held in gone:
            del person.templates[held.template.template_id]
        back = [h for h in person.templates.values() if h.retired_by == undone.enrolment_id]
        for held in back:
            held.retired_by = None
            self._put_to_use(held.template)
        person.enrolments[undone.enrolment_id] = replace(undone, active=False)
        return back

    def _add(
        self, person: _Person, template: Template, stored: bytes, record: EnrolmentRecord
    ) -> None:
        kept = replace(
            template,
            template_id=self._id("template"),
            subject_id=record.subject_id,
            created=template.created or record.time,
        )
        person.templates[kept.template_id] = _Held(kept, stored, record.enrolment_id)
        self._put_to_use(kept)

    def _stored(
        self, template: Template, dims: dict[tuple[Modality, str], int]
    ) -> tuple[Template, bytes]:
        """As a database would keep it; `dims` by modality and model learns of new models. Raises
        BugError if the vector does not fit its model."""
        given = template.vector.size
        stored = self._form.encode(template.vector, template.model_id)
        known = dims.setdefault((template.modality, template.model_id), given)
        if known != given:
            raise BugError(f"{given} dimensions for {template.model_id}, which has {known}")
        return replace(template, vector=self._form.as_stored([stored], given)[0]), stored

    def _put_out_of_use(
        self, person: _Person, models: set[tuple[Modality, str]], enrolment: int
    ) -> None:
        for held in person.templates.values():
            each = held.template
            if held.retired_by is None and (each.modality, each.model_id) in models:
                held.retired_by = enrolment
                self._retire([each])

    def _put_to_use(self, template: Template) -> None:
        if _withdrawn(self._people[template.subject_id]):
            return
        resident = self.references(template.modality, template.model_id)
        resident.add([template.template_id], [template.subject_id], template.vector[np.newaxis])

    def _retire(self, templates: Sequence[Template]) -> None:
        for each in templates:
            self.references(each.modality, each.model_id).retire([each.template_id])


def _withdrawn(person: _Person) -> bool:
    return bool(person.consents) and all(consent.withdrawn for consent in person.consents)


def _learnt(person: _Person) -> list[EnrolmentRecord]:
    """The enrolments in force by which visits taught something."""
    kind = EnrolmentKind.LEARNT
    return [each for each in person.enrolments.values() if each.active and each.kind is kind]


def _number(record: EnrolmentRecord) -> int:
    return record.enrolment_id
