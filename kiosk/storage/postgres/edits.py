"""What a change of one person is as an operation: values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from kiosk.core.fleet import Act, ConsentPart, EnrolmentPart, Operation, Person, TemplatePart
from kiosk.core.media import Modality
from kiosk.core.records import Consent
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.storage.refusals import nothing_to_roll_back
from kiosk.storage.resident.vectors import encode


def change(person: Person, time: datetime, **what: object) -> Operation:
    """An operation that changes some of what is known of a person."""
    operation = Operation(uuid4(), Act.CHANGE, person.uid, person.site, time)
    return replace(operation, **what)  # type: ignore[arg-type]


def new_enrolment(
    kind: EnrolmentKind, templates: Sequence[Template], time: datetime
) -> tuple[EnrolmentPart, tuple[TemplatePart, ...]]:
    """A line of somebody's history, and the templates that come with it."""
    counts = Counter(each.modality for each in templates)
    line = EnrolmentPart(uuid4(), kind, time, counts[Modality.FACE], counts[Modality.VOICE])
    parts = tuple(
        TemplatePart(
            uid=uuid4(),
            enrolment=line.uid,
            modality=each.modality,
            model_id=each.model_id,
            quality=float(each.quality),
            source=each.source,
            created=each.created or time,
            halves=encode(each.vector),
        )
        for each in templates
    )
    return line, parts


def consent_part(consent: Consent) -> ConsentPart:
    """A consent as it goes on record."""
    return ConsentPart(
        uuid4(),
        consent.time,
        consent.version,
        consent.language,
        consent.text,
        consent.witness,
        consent.withdrawn,
    )


def in_use(person: Person) -> list[TemplatePart]:
    """The templates that nobody put out of use."""
    return [each for each in person.templates if each.retired_by is None]


def retired(
    person: Person, models: Collection[tuple[Modality, str]], by: UUID
) -> tuple[TemplatePart, ...]:
    """Those in use of these models, put out of use."""
    return tuple(
        replace(each, retired_by=by)
        for each in in_use(person)
        if (each.modality, each.model_id) in models
    )


def withdrawn(person: Person) -> bool:
    """Whether every consent was taken back."""
    return bool(person.consents) and all(each.withdrawn for each in person.consents)


def learnt(person: Person) -> list[EnrolmentPart]:
    """The enrolments in force by which visits taught something, oldest first."""
    kind = EnrolmentKind.LEARNT
    return [each for each in person.enrolments if each.kind is kind and not each.undone]


def undone(
    person: Person, lines: Sequence[EnrolmentPart], time: datetime
) -> tuple[Operation, Counter[Modality]]:
    """Delete what these enrolments brought and take back into use what they had retired; how many
    templates of each modality the first of them brings back."""
    uids = {each.uid for each in lines}
    gone = [each for each in person.templates if each.enrolment in uids]
    back = [t for t in person.templates if t.retired_by in uids and t not in gone]
    counts = Counter(each.modality for each in back if each.retired_by == lines[0].uid)
    return (
        change(
            person,
            time,
            enrolments=tuple(replace(each, undone=True) for each in lines),
            templates=tuple(replace(each, retired_by=None) for each in back),
            gone=tuple(each.uid for each in gone),
        ),
        counts,
    )


def rolled_back(person: Person, time: datetime) -> tuple[Operation, EnrolmentPart]:
    """Undo the newest enrolment by staff that is in force, and what visits taught since. Raises
    InputError if only the first is left."""
    aside = (EnrolmentKind.ROLLBACK, EnrolmentKind.LEARNT)
    places = [
        place
        for place, each in enumerate(person.enrolments)
        if each.kind not in aside and not each.undone
    ]
    if not places or person.enrolments[places[-1]].kind is EnrolmentKind.NEW:
        raise nothing_to_roll_back()
    line = person.enrolments[places[-1]]
    since = [each for each in person.enrolments[places[-1] + 1 :] if each in learnt(person)]
    operation, counts = undone(person, [line, *since], time)
    told = EnrolmentPart(
        uuid4(), EnrolmentKind.ROLLBACK, time, counts[Modality.FACE], counts[Modality.VOICE]
    )
    return replace(operation, enrolments=(*operation.enrolments, told)), told
