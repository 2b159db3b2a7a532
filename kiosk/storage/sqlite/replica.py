"""The people of a fleet in the kiosk's own gallery: what the fleet tells is put there.

Each stretch of news is one transaction together with the place it brings the replica to, so that a
kiosk killed at any moment goes on where it was. What was changed here and not told yet is left as
it is: the fleet tells of it again when it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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

    def known_templates(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Which templates of these subjects are here already."""
        wanted = json.dumps([each.hex for each in subjects])
        rows = self._database.execute(
            """SELECT uid FROM fleet_rows WHERE kind = 'template'
               AND subject IN (SELECT value FROM json_each(?))""",
            [wanted],
        )
        return {UUID(row[0]) for row in rows.fetchall()}

    def take(self, persons: Sequence[Person], gone: Sequence[Gone], place: Following) -> int:
        """News: people as they are now, and who is gone; `place` is where that leads. Returns how
        many people it changed."""
        with self._gallery.from_fleet() as notes:
            taker = _Taker(self._database, persons, place, keep_pictures=self._keep_pictures)
            changed = sum(taker.take(each) for each in persons)
            if taker.to_tell:
                fleet_outbox.Outgoing(self._database, self._now()).changed(taker.to_tell)
            for each in gone:
                changed += self._let_go(each, notes)
            fleet_state.follow(self._database, place)
            if changed:
                site = place.point.site
                notes.add(Act.FLEET, what="told", site=site, seq=place.point.seq, people=changed)
        return changed

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
        self._rows = self._known(persons)
        self._models: dict[tuple[str, str, int], int] = {}
        self._stored = self._encoded([t for person in persons for t in person.templates])

    def _known(self, persons: Sequence[Person]) -> dict[tuple[str, UUID], int]:
        """Which rows of these people are here, whoever they belonged to before."""
        wanted = [person.uid.hex for person in persons]
        for person in persons:
            wanted += [each.uid.hex for each in person.enrolments]
            wanted += [each.uid.hex for each in person.templates]
            wanted += [each.uid.hex for each in person.consents]
        rows = self._database.execute(
            """SELECT kind, fleet_rows.uid, row FROM json_each(?) AS wanted
               CROSS JOIN (SELECT 'subject' AS kind UNION ALL SELECT 'enrolment'
                           UNION ALL SELECT 'template' UNION ALL SELECT 'consent')
               CROSS JOIN fleet_rows USING (kind) WHERE fleet_rows.uid = wanted.value""",
            [json.dumps(wanted)],
        )
        return {(kind, UUID(uid)): row for kind, uid, row in rows.fetchall()}

    def _put_row(
        self, kind: str, row: int, uid: UUID, subject: UUID, state: str, turn: int | None = None
    ) -> None:
        put_row(self._database, kind, row, uid, subject, state, turn)
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

    def take(self, person: Person) -> bool:
        """Whether anything of them was put here; not while something of them waits to be told."""
        if fleet_outbox.is_waiting(self._database, person.uid):
            self._database.execute(
                "UPDATE fleet_rows SET round = ? WHERE kind = 'subject' AND uid = ?",
                [self._turn, person.uid.hex],
            )
            return False
        subject_id = self._subject(person)
        told = {
            (kind, UUID(uid)): (row, state)
            for kind, row, uid, state in self._database.execute(
                "SELECT kind, row, uid, state FROM fleet_rows WHERE subject = ?", [person.uid.hex]
            ).fetchall()
        }
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
        return True

    def _subject(self, person: Person) -> int:
        subject_id = self._row("subject", person.uid)
        self._make_way(person.name, subject_id)
        values = [person.name, name_key(person.name), person.note, person.origin.value]
        if subject_id is None:
            cursor = self._database.execute(
                """INSERT INTO subjects (name, name_key, note, origin, created)
                   VALUES (?, ?, ?, ?, ?)""",
                [*values, as_text(person.created)],
            )
            subject_id = int(cursor.lastrowid or 0)
        else:
            self._database.execute(
                """UPDATE subjects SET name = ?, name_key = ?, note = ?, origin = ?
                   WHERE subject_id = ?""",
                [*values, subject_id],
            )
        picture = person.picture if self._keep_pictures else None
        self._put_aside(subject_id, person, picture)
        state = {
            "site": person.site,
            "name": person.name,
            "note": person.note,
            "origin": person.origin.value,
            "ground": person.ground,
            "picture": mark_of(picture),
        }
        self._put_row(
            "subject",
            subject_id,
            person.uid,
            person.uid,
            json.dumps(state),
            self._turn,
        )
        return subject_id

    def _put_aside(self, subject_id: int, person: Person, picture: bytes | None) -> None:
        if picture:
            self._database.execute(
                "INSERT OR REPLACE INTO pictures (subject_id, jpeg) VALUES (?, ?)",
                [subject_id, picture],
            )
        elif self._keep_pictures:
            self._database.execute("DELETE FROM pictures WHERE subject_id = ?", [subject_id])
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
        Until then there is a number behind theirs."""
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

    def _enrolment(
        self, subject_id: int, subject: UUID, part: EnrolmentPart, told: tuple[int, str] | None
    ) -> None:
        state = f"{part.kind.value}|{int(part.undone)}"
        row = told[0] if told else self._row("enrolment", part.uid)
        if told is not None and told[1] == state:
            return
        if row is None:
            cursor = self._database.execute(
                """INSERT INTO enrolments
                       (subject_id, kind, time, face_templates, voice_templates, undone)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [
                    subject_id,
                    part.kind.value,
                    as_text(part.time),
                    part.face,
                    part.voice,
                    int(part.undone),
                ],
            )
            row = int(cursor.lastrowid or 0)
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
        cursor = self._database.execute(
            """INSERT INTO templates (subject_id, enrolment_id, retired_by, model, vector, quality,
                   source, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
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
        return int(cursor.lastrowid or 0)

    def _model(self, part: TemplatePart, dims: int) -> int:
        key = (part.modality.value, part.model_id, dims)
        if key not in self._models:
            self._models[key] = model_row(self._database, part.modality, part.model_id, dims)
        return self._models[key]

    def _moved_template(self, subject_id: int, row: int, retired: int | None) -> int:
        """Of another subject before: under a new id, so that other processes notice."""
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
            cursor = self._database.execute(
                """INSERT INTO consents (subject_id, time, version, language, text, witness,
                       withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?)""",
                [
                    subject_id,
                    as_text(part.time),
                    part.version,
                    part.language,
                    part.text,
                    part.witness,
                    withdrawn or None,
                ],
            )
            row = int(cursor.lastrowid or 0)
        else:
            self._database.execute(
                "UPDATE consents SET subject_id = ?, withdrawn = ? WHERE consent_id = ?",
                [subject_id, withdrawn or None, row],
            )
        self._put_row("consent", row, part.uid, subject, withdrawn)


def _row_of(database: Database, kind: str, uid: UUID) -> int | None:
    row = database.execute(
        "SELECT row FROM fleet_rows WHERE kind = ? AND uid = ?", [kind, uid.hex]
    ).fetchone()
    return int(row[0]) if row else None
