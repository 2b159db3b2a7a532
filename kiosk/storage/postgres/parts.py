"""Rows of the central gallery as values, and back: what is in them is sealed here and opened."""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kiosk.core.fleet import ConsentPart, EnrolmentPart, Person, TemplatePart
from kiosk.core.media import Modality
from kiosk.core.records import Origin
from kiosk.core.subjects import EnrolmentKind
from kiosk.storage.postgres.connection import Connection
from kiosk.storage.postgres.sealing import Sealed, Sealing

_HEAD = struct.Struct("<dH")
"""Quality, and the length of the source that follows before the vector."""


@dataclass(frozen=True)
class Body:
    """What a subject's row says of them."""

    name: str
    note: str = ""
    origin: Origin = Origin.STAFF
    ground: str = ""

    def sealed(self, sealing: Sealing, subject: UUID) -> bytes:
        """As it is stored."""
        text = json.dumps([self.name, self.note, self.origin.value, self.ground])
        return sealing.seal(Sealed.BODY, subject, text.encode())

    @classmethod
    def opened(cls, sealing: Sealing, subject: UUID, sealed: bytes) -> Body:
        """What was sealed. Raises StorageError."""
        name, note, origin, ground = json.loads(sealing.open(Sealed.BODY, subject, sealed))
        return cls(name, note, Origin(origin), ground)


@dataclass(frozen=True)
class Held:
    """A person as the central gallery has them, with the numbers by which the ports of a gallery
    know their rows."""

    person: Person
    number: int
    numbers: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Vector:
    """What is sealed in a template's row."""

    quality: float
    source: str
    halves: bytes = field(repr=False)


def seal_template(sealing: Sealing, part: TemplatePart) -> bytes:
    """The row's sealed value."""
    source = part.source.encode()
    value = _HEAD.pack(part.quality, len(source)) + source + (part.halves or b"")
    return sealing.seal(Sealed.TEMPLATE, part.uid, value)


def open_template(sealing: Sealing, uid: UUID, sealed: bytes) -> Vector:
    """What was sealed. Raises StorageError."""
    value = sealing.open(Sealed.TEMPLATE, uid, sealed)
    quality, length = _HEAD.unpack_from(value)
    end = _HEAD.size + length
    return Vector(quality, value[_HEAD.size : end].decode(), value[end:])


def seal_consent(sealing: Sealing, part: ConsentPart) -> bytes:
    """The row's sealed value."""
    text = json.dumps([part.version, part.language, part.text, part.witness])
    return sealing.seal(Sealed.CONSENT, part.uid, text.encode())


_MARK = """encode(sha256(convert_to(concat_ws('/',
    (SELECT string_agg(concat_ws(' ', enrolment, kind, undone), ',' ORDER BY number)
     FROM kiosk.enrolments AS e WHERE e.site = s.site AND e.subject = s.subject),
    (SELECT string_agg(concat_ws(' ', template, retired_by), ',' ORDER BY number)
     FROM kiosk.templates AS t WHERE t.site = s.site AND t.subject = s.subject),
    (SELECT string_agg(concat_ws(' ', consent, extract(epoch FROM withdrawn)), ','
                       ORDER BY number)
     FROM kiosk.consents AS c WHERE c.site = s.site AND c.subject = s.subject),
    encode(substring(picture FOR 14), 'hex')), 'UTF8')), 'hex')"""
"""Whatever can change of what hangs on a subject. A picture is told from another by the random
number that its sealed value begins with."""


@dataclass(frozen=True)
class Told:
    """People that were asked for, in the order asked, and those of them who are enrolled."""

    asked: Sequence[UUID]
    held: dict[UUID, Held]


def people(
    connection: Connection, sealing: Sealing, subjects: Collection[UUID]
) -> dict[UUID, Held]:
    """Of those who are enrolled, all but the vectors of their templates, in one view."""
    rows = _subjects(connection, subjects, "''")
    parts = _Parts(connection, [row[1] for row in rows])
    return {row[1]: _held(sealing, row, parts) for row in rows}


def people_told(
    connection: Connection,
    sealing: Sealing,
    subjects: Sequence[UUID],
    known: Mapping[UUID, str],
    whole: int,
) -> Told:
    """The same for a kiosk that has what `known` says: where it is no other, only the subject is
    told. Of the first of them alone, if the others are more than `whole` by then."""
    rows = {row[1]: row for row in _subjects(connection, subjects, _MARK)}
    differ = [each for each in subjects if each in rows and rows[each][5] != known.get(each)]
    if len(differ) > whole:
        subjects = subjects[: subjects.index(differ[whole])]
    parts = _Parts(connection, differ[:whole])
    held = {each: _held(sealing, rows[each], parts) for each in subjects if each in rows}
    return Told(subjects, held)


def _subjects(
    connection: Connection, subjects: Collection[UUID], mark: str
) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"""SELECT site, subject, number, created, body, {mark} FROM kiosk.subjects AS s
            WHERE subject = ANY(%s)""",  # noqa: S608
        [list(subjects)],
        binary=True,
    ).fetchall()


def _held(sealing: Sealing, row: tuple[Any, ...], parts: _Parts) -> Held:
    site, subject, number, created, sealed, mark = row
    body = Body.opened(sealing, subject, sealed)
    if subject not in parts.subjects:
        said = (body.name, body.note, created, body.origin, body.ground)
        return Held(Person(subject, site, *said, mark=mark, bare=True), number)
    picture = parts.pictures.get(subject)
    person = Person(
        uid=subject,
        site=site,
        name=body.name,
        note=body.note,
        created=created,
        origin=body.origin,
        ground=body.ground,
        picture=None if picture is None else sealing.open(Sealed.PICTURE, subject, picture),
        enrolments=tuple(_enrolment(each) for each in parts.enrolments.get(subject, ())),
        templates=tuple(_template(each) for each in parts.templates.get(subject, ())),
        consents=tuple(_consent(sealing, each) for each in parts.consents.get(subject, ())),
        mark=mark,
    )
    numbered = (*parts.enrolments.get(subject, ()), *parts.templates.get(subject, ()))
    return Held(person, number, {each[1]: each[2] for each in numbered})


class _Parts:
    """What hangs on subjects, by subject and in the order of its numbers."""

    def __init__(self, connection: Connection, subjects: list[UUID]) -> None:
        self.subjects = set(subjects)
        self.pictures: dict[UUID, bytes] = dict(
            connection.execute(
                """SELECT subject, picture FROM kiosk.subjects
                   WHERE subject = ANY(%s) AND picture IS NOT NULL""",
                [subjects],
                binary=True,
            ).fetchall()
        )
        self.enrolments = _by_first(
            connection.execute(
                """SELECT subject, enrolment, number, kind, time, face, voice, undone
                   FROM kiosk.enrolments WHERE subject = ANY(%s) ORDER BY number""",
                [subjects],
                binary=True,
            )
        )
        self.templates = _by_first(
            connection.execute(
                """SELECT subject, template, number, enrolment, retired_by, modality, model_id,
                       created
                   FROM kiosk.templates JOIN kiosk.models USING (model)
                   WHERE subject = ANY(%s) ORDER BY number""",
                [subjects],
                binary=True,
            )
        )
        self.consents = _by_first(
            connection.execute(
                """SELECT subject, consent, time, withdrawn, body FROM kiosk.consents
                   WHERE subject = ANY(%s) ORDER BY number""",
                [subjects],
                binary=True,
            )
        )


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _enrolment(row: tuple[Any, ...]) -> EnrolmentPart:
    _, uid, _, kind, time, face, voice, undone = row
    return EnrolmentPart(uid, EnrolmentKind(kind), time, face, voice, undone)


def _template(row: tuple[Any, ...]) -> TemplatePart:
    _, uid, _, enrolment, retired_by, modality, model_id, created = row
    return TemplatePart(uid, enrolment, Modality(modality), model_id, 0.0, "", created, retired_by)


def _consent(sealing: Sealing, row: tuple[Any, ...]) -> ConsentPart:
    _, uid, time, withdrawn, body = row
    version, language, text, witness = json.loads(sealing.open(Sealed.CONSENT, uid, body))
    return ConsentPart(uid, time, version, language, text, witness, withdrawn)


def vectors(
    connection: Connection, sealing: Sealing, templates: Sequence[UUID]
) -> dict[UUID, Vector]:
    """What is sealed in the rows of these templates."""
    rows = connection.execute(
        "SELECT template, sealed FROM kiosk.templates WHERE template = ANY(%s)",
        [list(templates)],
        binary=True,
    )
    return {uid: open_template(sealing, uid, sealed) for uid, sealed in rows}
