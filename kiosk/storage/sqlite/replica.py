"""The people of a fleet in the kiosk's own gallery: what the fleet tells is put there.

Each stretch of news is one transaction together with the place it brings the replica to, so that a
kiosk killed at any moment goes on where it was. What was changed here and not told yet is left as
it is: the fleet tells of it again when it knows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from sqlite_utils import Database

from kiosk.core.fleet import ConsentPart, EnrolmentPart, Person, Point, TemplatePart
from kiosk.core.names import LONGEST_NAME, name_key
from kiosk.core.ports.audit import Act
from kiosk.storage.resident.vectors import STORED
from kiosk.storage.sqlite import audit, fleet_outbox, fleet_state, trail
from kiosk.storage.sqlite.fleet_outbox import mark_of, put_row
from kiosk.storage.sqlite.fleet_state import Following
from kiosk.storage.sqlite.gallery import SqlGallery
from kiosk.storage.sqlite.rows import as_text, ids, model_row
from kiosk.storage.sqlite.trail import Notes
from kiosk.storage.sqlite.vector_forms import form_of

T = TypeVar("T")
_LEFT_BEHIND = (
    "UPDATE decisions SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE corrections SET corrected_to = :kept WHERE corrected_to = :other",
    "UPDATE attendance_corrections SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE OR IGNORE greetings SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE OR IGNORE greeted SET subject_id = :kept WHERE subject_id = :other",
)
"""What only this kiosk has of somebody who has become a part of another person elsewhere."""


_ROWS = {
    "enrolment": "DELETE FROM enrolments WHERE enrolment_id = ?",
    "template": "DELETE FROM templates WHERE template_id = ?",
    "consent": "DELETE FROM consents WHERE consent_id = ?",
}


_NO_PICTURE = "-"
"""Before the mark of somebody who was taken over without their picture."""


@dataclass(frozen=True)
class Gone:
    """A subject that the fleet has no more, and what it has become a part of, if anything."""

    subject: UUID
    merged_into: UUID | None = None


class Replica:
    """Puts what a fleet tells into a gallery; for one thread, with a gallery of its own."""

    def __init__(
        self,
        gallery: SqlGallery,
        *,
        keep_pictures: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gallery, self._database, self._now = gallery, gallery.database, now
        self._keep_pictures = keep_pictures
        self._looked: tuple[int, dict[UUID, tuple[int, Mapping[str, Any]]]] = (-1, {})
        """What `marks` has read, which `take` needs next, and of which state of the file."""

    def known_templates(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Which templates of these subjects are here already."""
        wanted = json.dumps([each.hex for each in subjects])
        rows = self._database.execute(
            """SELECT uid FROM fleet_rows WHERE kind = 'template'
               AND subject IN (SELECT value FROM json_each(?))""",
            [wanted],
        )
        return {UUID(row[0]) for row in rows.fetchall()}

    def marks(self, subjects: Iterable[UUID]) -> dict[UUID, str]:
        """What is here of these subjects, by the mark with which it was told; without those that
        were changed here since."""
        self._looked = (_version(self._database), _states(self._database, subjects))
        found = {uid: str(state.get("mark", "")) for uid, (_, state) in self._looked[1].items()}
        if self._keep_pictures:
            return {uid: mark for uid, mark in found.items() if not mark.startswith(_NO_PICTURE)}
        return {uid: mark.removeprefix(_NO_PICTURE) for uid, mark in found.items()}

    def take(self, persons: Sequence[Person], gone: Sequence[Gone], place: Following) -> int:
        """News: people as they are now, and who is gone; `place` is where that leads. Returns how
        many people it changed."""
        with self._gallery.from_fleet() as notes:
            whole = [each for each in persons if not each.bare]
            taker = _Taker(self._database, whole, place, keep_pictures=self._keep_pictures)
            changed = taker.take(persons, self._known(persons))
            if taker.to_tell:
                fleet_outbox.Outgoing(self._database, self._now()).changed(taker.to_tell)
            for each in gone:
                changed += self._let_go(each, notes)
            fleet_state.follow(self._database, place)
            if changed:
                site = place.point.site
                notes.add(Act.FLEET, what="told", site=site, seq=place.point.seq, people=changed)
        return changed

    def _known(self, persons: Sequence[Person]) -> Mapping[UUID, tuple[int, Mapping[str, Any]]]:
        """Rows of these people here; read again only where another connection wrote meanwhile."""
        (version, found), self._looked = self._looked, (-1, {})
        if version == _version(self._database):
            return found
        return _states(self._database, (each.uid for each in persons))

    def finish_round(self, place: Following) -> int:
        """Everybody was taken over. Whoever of the site was not among them is gone, unless the
        fleet was not told of them yet; after the server was put back from an older copy they are
        told of anew instead. Returns how many."""
        with self._gallery.from_fleet() as notes:
            left = [
                (row, uid)
                for row, uid in self._not_of(place)
                if not fleet_outbox.is_waiting(self._database, uid)
            ]
            for row, uid in left:
                if place.retell:
                    fleet_outbox.untell_subject(self._database, uid)
                    fleet_outbox.Outgoing(self._database, self._now()).changed([row])
                else:
                    self._let_go(Gone(uid), notes)
            fleet_state.follow(self._database, replace(place, reached=None, retell=False))
        return len(left)

    def _not_of(self, place: Following) -> list[tuple[int, UUID]]:
        rows = self._database.execute(
            "SELECT row, uid, state FROM fleet_rows WHERE kind = 'subject' AND round <> ?",
            [place.round],
        ).fetchall()
        site = place.point.site
        return [(row, UUID(uid)) for row, uid, state in rows if json.loads(state)["site"] == site]

    def begin_round(self, end: Point, *, retell: bool = False) -> Following:
        """Everybody of a site is to be taken over anew, and then the changes after `end`. With
        `retell` the server tells less than it did: what only this kiosk has is told to it."""
        before = fleet_state.following(self._database, end.site)
        place = Following(end, before.round + 1 if before else 1, 0, retell)
        with self._gallery.from_fleet():
            fleet_state.follow(self._database, place)
        return place

    def drop_site(self, site: str) -> int:
        """The kiosk is not of a site any more: its people go from here, and nothing is told."""
        place = Following(Point(site), -1, None)
        with self._gallery.from_fleet() as notes:
            gone = [uid for _, uid in self._not_of(place)]
            for uid in gone:
                self._let_go(Gone(uid), notes)
            fleet_state.forget_site(self._database, site)
        return len(gone)

    def _let_go(self, gone: Gone, notes: Notes) -> int:
        """A subject is gone elsewhere: here as well, whatever waits of them."""
        subject_id = _row_of(self._database, "subject", gone.subject)
        if subject_id is None:
            fleet_outbox.forget_subject(self._database, gone.subject)
            return 0
        kept = gone.merged_into and _row_of(self._database, "subject", gone.merged_into)
        if kept:
            for statement in _LEFT_BEHIND:
                self._database.execute(statement, {"kept": kept, "other": subject_id})
        (count,) = self._database.execute(
            "SELECT count(*) FROM templates WHERE subject_id = ?", [subject_id]
        ).fetchone()
        audit.forget_probes(self._database, subject_id)
        self._database.execute("DELETE FROM subjects WHERE subject_id = ?", [subject_id])
        fleet_outbox.forget_subject(self._database, gone.subject)
        lines = trail.forget_subject(self._database, subject_id)
        notes.add(Act.REMOVED, removed=subject_id, templates=count, lines=lines, fleet=True)
        return 1


class _NewRows:
    """Rows that are put in together at the end: one by one they take four times as long."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, tuple[str, int, list[Sequence[object]]]] = {}
        self._next: dict[str, int] = {}

    def number(self, table: str) -> int:
        """What the next row of a table that counts them is called."""
        if table not in self._next:
            row = self._database.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = ?", [table]
            ).fetchone()
            self._next[table] = int(row[0]) if row else 0
        self._next[table] += 1
        return self._next[table]

    def add(self, into: str, values: Sequence[object]) -> None:
        """One more; `into` is the table with its columns."""
        self._waiting.setdefault(into, (into, len(values), []))[2].append(values)

    def put(self) -> None:
        """All of them, each table's after those of the table that was added to before it."""
        waiting, self._waiting = self._waiting, {}
        self._next.clear()
        for into, width, rows in waiting.values():
            one = f"({', '.join('?' * width)})"
            for part in _pieces(rows):
                self._database.execute(
                    f"INSERT INTO {into} VALUES {', '.join([one] * len(part))}",  # noqa: S608
                    [value for row in part for value in row],
                )


class _Taker:
    """Writes people into the rows of the gallery, within a transaction."""

    def __init__(
        self,
        database: Database,
        persons: Sequence[Person],
        place: Following,
        *,
        keep_pictures: bool,
    ) -> None:
        self._database, self._keep_pictures = database, keep_pictures
        self._turn, self._retell = place.round, place.retell
        self.to_tell: list[int] = []
        """Of whom the server lacks something that it had."""
        self._form = form_of(database)
        self._waiting = fleet_outbox.waiting_subjects(database)
        self._rows = self._known(persons)
        self._models: dict[tuple[str, str, int], int] = {}
        self._stored = self._encoded([t for person in persons for t in person.templates])
        self._told = self._told_of(persons)
        self._new = _NewRows(database)

    def _known(self, persons: Sequence[Person]) -> dict[tuple[str, UUID], int]:
        """Which rows of these people are here, whoever they belonged to before."""
        wanted = {
            "subject": [person.uid.hex for person in persons],
            "enrolment": [each.uid.hex for person in persons for each in person.enrolments],
            "template": [each.uid.hex for person in persons for each in person.templates],
            "consent": [each.uid.hex for person in persons for each in person.consents],
        }
        found: dict[tuple[str, UUID], int] = {}
        for kind, uids in wanted.items():
            rows = self._database.execute(
                """SELECT uid, row FROM fleet_rows WHERE kind = ?
                   AND uid IN (SELECT value FROM json_each(?))""",
                [kind, json.dumps(uids)],
            )
            found.update(((kind, UUID(uid)), row) for uid, row in rows.fetchall())
        return found

    def _told_of(
        self, persons: Sequence[Person]
    ) -> dict[UUID, dict[tuple[str, UUID], tuple[int, str]]]:
        """By subject what the fleet knows of the rows here."""
        rows = self._database.execute(
            """SELECT subject, kind, uid, row, state FROM fleet_rows
               WHERE subject IN (SELECT value FROM json_each(?))""",
            [json.dumps([each.uid.hex for each in persons])],
        )
        found: dict[UUID, dict[tuple[str, UUID], tuple[int, str]]] = {}
        for subject, kind, uid, row, state in rows.fetchall():
            found.setdefault(UUID(subject), {})[kind, UUID(uid)] = (row, state)
        return found

    def _put_row(
        self, kind: str, row: int, uid: UUID, subject: UUID, state: str, turn: int | None = None
    ) -> None:
        if (kind, uid) in self._rows:
            put_row(self._database, kind, row, uid, subject, state, turn)
        else:
            self._new.add(
                "fleet_rows (kind, row, uid, subject, state, round)",
                [kind, row, uid.hex, subject.hex, state, turn or 0],
            )
        self._rows[kind, uid] = row

    def _row(self, kind: str, uid: UUID) -> int | None:
        return self._rows.get((kind, uid))

    def _encoded(self, parts: Sequence[TemplatePart]) -> dict[UUID, bytes]:
        """New vectors as this gallery stores them, those of one model turned together."""
        by_model: dict[tuple[str, int], list[TemplatePart]] = {}
        for part in parts:
            if part.halves is not None:
                by_model.setdefault((part.model_id, len(part.halves)), []).append(part)
        found: dict[UUID, bytes] = {}
        for (model_id, size), some in by_model.items():
            halves = np.frombuffer(b"".join(t.halves or b"" for t in some), STORED)
            blobs = self._form.of_halves(halves.reshape(-1, size // STORED.itemsize), model_id)
            found.update(zip((each.uid for each in some), blobs, strict=True))
        return found

    def take(
        self, persons: Sequence[Person], known: Mapping[UUID, tuple[int, Mapping[str, Any]]]
    ) -> int:
        """Everything of these people; how many that changed. Nobody of whom something waits to be
        told. Rows that are there already (`known`) are changed many at once."""
        seen, others, single = [], [], []
        keys = [name_key(each.name) for each in persons]
        taken = self._names_taken(keys)
        for person, key in zip(persons, keys, strict=True):
            if person.uid not in known:
                continue
            row, before = known[person.uid]
            state = self._state(person, before)
            holder = taken.get(key, row)
            if person.uid in self._waiting or state == before:
                seen.append(row)
            elif holder != row or state["ground"] != before.get("ground"):
                single.append((person, key, row, state))
            else:
                others.append((person, key, row, state))
        self._put_bodies(others)
        for each in single:  # after the others, whose names nobody has
            self._make_way(each[0].name, each[2])
            self._put_ground(each[2], each[0])
            self._put_bodies([each])
        self._seen(seen)
        whole = [each for each in persons if not (each.bare or each.uid in self._waiting)]
        for person in whole:
            self._whole(person, known.get(person.uid))
        self._new.put()
        return len(others) + len(single) + sum(each.uid not in known for each in whole)

    def _state(self, person: Person, before: Mapping[str, Any]) -> dict[str, Any]:
        """What the fleet knows of a subject once they are taken over."""
        if person.bare:
            return {**before, **_body_of(person)}
        picture = person.picture if self._keep_pictures else None
        mark = person.mark if self._keep_pictures else _NO_PICTURE + person.mark
        return {**_body_of(person), "picture": mark_of(picture), "mark": mark}

    def _names_taken(self, keys: Sequence[str]) -> dict[str, int]:
        """Who has these names here; a name that is given twice counts as somebody else's."""
        rows = self._database.execute(
            """SELECT name_key, subject_id FROM json_each(?) AS wanted
               CROSS JOIN subjects ON name_key = wanted.value""",
            [json.dumps(keys)],
        )
        found = dict(rows.fetchall())
        return found | {key: -1 for key, number in Counter(keys).items() if number > 1}

    def _put_bodies(self, some: Sequence[tuple[Person, str, int, dict[str, Any]]]) -> None:
        """Name, note and origin of rows that are there, and that the fleet knows them so."""
        for part in _pieces(some):
            values: list[object] = []
            for person, key, row, _ in part:
                values += [row, person.name, key, person.note, person.origin.value]
            self._database.execute(
                f"""WITH told (row, name, name_key, note, origin) AS (VALUES
                        {", ".join(["(?, ?, ?, ?, ?)"] * len(part))})
                    UPDATE subjects SET name = told.name, name_key = told.name_key,
                        note = told.note, origin = told.origin
                    FROM told WHERE subject_id = told.row""",  # noqa: S608
                values,
            )
            self._database.execute(
                f"""WITH told (row, state) AS (VALUES {", ".join(["(?, ?)"] * len(part))})
                    UPDATE fleet_rows SET state = told.state, round = ?
                    FROM told WHERE kind = 'subject' AND fleet_rows.row = told.row""",  # noqa: S608
                [v for _, _, row, state in part for v in (row, json.dumps(state))] + [self._turn],
            )

    def _seen(self, rows: Sequence[int]) -> None:
        """Who was among everybody in this round, although nothing of them changed."""
        self._database.execute(
            """UPDATE fleet_rows SET round = ?1 WHERE kind = 'subject' AND round <> ?1
               AND row IN (SELECT value FROM json_each(?2))""",
            [self._turn, json.dumps(rows)],
        )

    def _whole(self, person: Person, known: tuple[int, Mapping[str, Any]] | None) -> None:
        """Picture and rows of somebody, and themselves if they are new."""
        subject_id, before = known or (self._new_subject(person), {})
        self._put_picture(subject_id, person, before.get("picture", ""))
        told = self._told.get(person.uid, {})
        for line in person.enrolments:
            self._enrolment(subject_id, person.uid, line, told.get(("enrolment", line.uid)))
        for part in person.templates:
            self._template(subject_id, person.uid, part, told.get(("template", part.uid)))
        for consent in person.consents:
            self._consent(subject_id, person.uid, consent, told.get(("consent", consent.uid)))
        present = {("subject", person.uid)}
        present |= {("enrolment", each.uid) for each in person.enrolments}
        present |= {("template", each.uid) for each in person.templates}
        present |= {("consent", each.uid) for each in person.consents}
        self._let_go(
            subject_id,
            [(kind, row) for (kind, uid), (row, _) in told.items() if (kind, uid) not in present],
        )

    def _new_subject(self, person: Person) -> int:
        self._make_way(person.name, None)
        cursor = self._database.execute(
            """INSERT INTO subjects (name, name_key, note, origin, created)
               VALUES (?, ?, ?, ?, ?)""",
            [
                person.name,
                name_key(person.name),
                person.note,
                person.origin.value,
                as_text(person.created),
            ],
        )
        subject_id = int(cursor.lastrowid or 0)
        if person.ground:
            self._put_ground(subject_id, person)
        state = json.dumps(self._state(person, {}))
        self._put_row("subject", subject_id, person.uid, person.uid, state, self._turn)
        return subject_id

    def _put_picture(self, subject_id: int, person: Person, before: str) -> None:
        """`before` marks the one that is here, as far as the fleet knows."""
        if not self._keep_pictures:
            return
        if person.picture:
            self._database.execute(
                "INSERT OR REPLACE INTO pictures (subject_id, jpeg) VALUES (?, ?)",
                [subject_id, person.picture],
            )
        elif before:
            self._database.execute("DELETE FROM pictures WHERE subject_id = ?", [subject_id])

    def _put_ground(self, subject_id: int, person: Person) -> None:
        if person.ground:
            self._database.execute(
                """INSERT INTO holds (subject_id, time, ground) VALUES (?1, ?2, ?3)
                   ON CONFLICT (subject_id) DO UPDATE SET ground = ?3""",
                [subject_id, as_text(person.created), person.ground],
            )
        else:
            self._database.execute("DELETE FROM holds WHERE subject_id = ?", [subject_id])

    def _make_way(self, name: str, subject_id: int | None) -> None:
        """Whoever else has the name here is told otherwise soon: the fleet gives each name once.
        Until then there is a number behind theirs, which is no change to be told."""
        row = self._database.execute(
            "SELECT subject_id, name FROM subjects WHERE name_key = ?", [name_key(name)]
        ).fetchone()
        if row is None or row[0] == subject_id:
            return
        for number in range(2, 1 << 20):
            ending = f" ({number})"
            other = row[1][: LONGEST_NAME - len(ending)] + ending
            taken = self._database.execute(
                "SELECT 1 FROM subjects WHERE name_key = ?", [name_key(other)]
            ).fetchone()
            if taken is None:
                break
        self._database.execute(
            "UPDATE subjects SET name = ?, name_key = ? WHERE subject_id = ?",
            [other, name_key(other), row[0]],
        )
        self._database.execute(
            """UPDATE fleet_rows SET state = json_set(state, '$.name', ?)
               WHERE kind = 'subject' AND row = ?""",
            [other, row[0]],
        )

    def _enrolment(
        self, subject_id: int, subject: UUID, part: EnrolmentPart, told: tuple[int, str] | None
    ) -> None:
        state = f"{part.kind.value}|{int(part.undone)}"
        row = told[0] if told else self._row("enrolment", part.uid)
        if told is not None and told[1] == state:
            return
        if row is None:
            row = self._new.number("enrolments")
            self._new.add(
                "enrolments (enrolment_id, subject_id, kind, time, face_templates, "
                "voice_templates, undone)",
                [
                    row,
                    subject_id,
                    part.kind.value,
                    as_text(part.time),
                    part.face,
                    part.voice,
                    int(part.undone),
                ],
            )
        else:
            self._database.execute(
                "UPDATE enrolments SET subject_id = ?, kind = ?, undone = ? WHERE enrolment_id = ?",
                [subject_id, part.kind.value, int(part.undone), row],
            )
        self._put_row("enrolment", row, part.uid, subject, state)

    def _template(
        self, subject_id: int, subject: UUID, part: TemplatePart, told: tuple[int, str] | None
    ) -> None:
        state = part.retired_by.hex if part.retired_by else ""
        if told is not None and told[1] == state:
            return
        retired = part.retired_by and self._row("enrolment", part.retired_by)
        if told is not None:
            self._new.put()  # the enrolment that retires it may be among them
            self._database.execute(
                "UPDATE templates SET retired_by = ? WHERE template_id = ?", [retired, told[0]]
            )
            self._put_row("template", told[0], part.uid, subject, state)
            return
        moved = self._row("template", part.uid)
        row = (
            self._new_template(subject_id, part, retired or None)
            if moved is None
            else self._moved_template(subject_id, moved, retired or None)
        )
        self._put_row("template", row, part.uid, subject, state)

    def _new_template(self, subject_id: int, part: TemplatePart, retired: int | None) -> int:
        assert part.halves is not None
        dims = len(part.halves) // STORED.itemsize
        row = self._new.number("templates")
        self._new.add(
            "templates (template_id, subject_id, enrolment_id, retired_by, model, vector, quality, "
            "source, created)",
            [
                row,
                subject_id,
                self._row("enrolment", part.enrolment),
                retired,
                self._model(part, dims),
                self._stored[part.uid],
                part.quality,
                part.source,
                as_text(part.created),
            ],
        )
        return row

    def _model(self, part: TemplatePart, dims: int) -> int:
        key = (part.modality.value, part.model_id, dims)
        if key not in self._models:
            self._models[key] = model_row(self._database, part.modality, part.model_id, dims)
        return self._models[key]

    def _moved_template(self, subject_id: int, row: int, retired: int | None) -> int:
        """Of another subject before: under a new id, so that other processes notice."""
        self._new.put()
        (new,) = ids(
            self._database,
            """INSERT INTO templates (subject_id, enrolment_id, retired_by, model, vector, quality,
                   source, created)
               SELECT ?, enrolment_id, ?, model, vector, quality, source, created
               FROM templates WHERE template_id = ? RETURNING template_id""",
            [subject_id, retired, row],
        )
        self._drop_templates([row])
        return new

    def _let_go(self, subject_id: int, rows: Sequence[tuple[str, int]]) -> None:
        """What the server does not have of a subject goes here too; unless it had it, and was put
        back from a copy: then it is told anew."""
        if rows and self._retell:
            self.to_tell.append(subject_id)
        for kind, row in sorted(rows, reverse=True):  # templates before enrolments
            if self._retell:
                fleet_outbox.untell(self._database, kind, row)
                continue
            self._database.execute(_ROWS[kind], [row])
            self._database.execute("DELETE FROM fleet_rows WHERE kind = ? AND row = ?", [kind, row])

    def _drop_templates(self, rows: Sequence[int]) -> None:
        for row in rows:
            self._database.execute("DELETE FROM templates WHERE template_id = ?", [row])
            self._database.execute(
                "DELETE FROM fleet_rows WHERE kind = 'template' AND row = ?", [row]
            )

    def _consent(
        self, subject_id: int, subject: UUID, part: ConsentPart, told: tuple[int, str] | None
    ) -> None:
        withdrawn = as_text(part.withdrawn) if part.withdrawn else ""
        if told is not None and told[1] == withdrawn:
            return
        row = told[0] if told else self._row("consent", part.uid)
        if row is None:
            row = self._new.number("consents")
            self._new.add(
                "consents (consent_id, subject_id, time, version, language, text, witness, "
                "withdrawn)",
                [
                    row,
                    subject_id,
                    as_text(part.time),
                    part.version,
                    part.language,
                    part.text,
                    part.witness,
                    withdrawn or None,
                ],
            )
        else:
            self._database.execute(
                "UPDATE consents SET subject_id = ?, withdrawn = ? WHERE consent_id = ?",
                [subject_id, withdrawn or None, row],
            )
        self._put_row("consent", row, part.uid, subject, withdrawn)


def _body_of(person: Person) -> dict[str, str]:
    """What is told of a subject itself, as it is kept that the fleet knows it."""
    return {
        "site": person.site,
        "name": person.name,
        "note": person.note,
        "origin": person.origin.value,
        "ground": person.ground,
    }


def _version(database: Database) -> int:
    """Another one once another connection has written."""
    (found,) = database.execute("PRAGMA data_version").fetchone()
    return int(found)


def _states(
    database: Database, subjects: Iterable[UUID]
) -> dict[UUID, tuple[int, Mapping[str, Any]]]:
    """Rows of these subjects here, and what the fleet knows of each."""
    rows = database.execute(
        """SELECT uid, row, state FROM fleet_rows WHERE kind = 'subject'
           AND uid IN (SELECT value FROM json_each(?))""",
        [json.dumps([each.hex for each in subjects])],
    ).fetchall()
    return {UUID(uid): (row, json.loads(state)) for uid, row, state in rows}


def _pieces(some: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Pieces that one statement takes."""
    for start in range(0, len(some), size):
        yield some[start : start + size]


def _row_of(database: Database, kind: str, uid: UUID) -> int | None:
    row = database.execute(
        "SELECT row FROM fleet_rows WHERE kind = ? AND uid = ?", [kind, uid.hex]
    ).fetchone()
    return int(row[0]) if row else None
