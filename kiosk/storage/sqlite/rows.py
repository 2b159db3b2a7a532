"""Rows of the database as values of the domain, and back: the SQL of single rows.

Functions that write belong inside a `transaction`.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.names import name_key
from kiosk.core.records import Origin
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject, Template
from kiosk.storage.refusals import name_taken, nothing_to_roll_back
from kiosk.storage.resident.vectors import VectorForm
from kiosk.storage.sqlite.vector_forms import form_of


def as_text(time: datetime) -> str:
    """A moment as stored: ISO 8601 in UTC, of one length, so that text sorts as time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def subject_of(row: dict[str, Any]) -> Subject:
    """From a row of `subjects`."""
    return Subject(
        subject_id=row["subject_id"],
        name=row["name"],
        created=datetime.fromisoformat(row["created"]),
        note=row["note"],
    )


def template_of(row: dict[str, Any], form: VectorForm) -> Template:
    """From a row of `templates` joined with `models`."""
    return Template(
        modality=Modality(row["modality"]),
        model_id=row["model_id"],
        vector=form.decode([row["vector"]], row["dims"], row["model_id"])[0],
        quality=row["quality"],
        source=row["source"],
        template_id=row["template_id"],
        subject_id=row["subject_id"],
        created=datetime.fromisoformat(row["created"]),
    )


def enrolment_of(row: dict[str, Any]) -> EnrolmentRecord:
    """From a row of `enrolments`. A rollback brings nothing of its own and is never active."""
    kind = EnrolmentKind(row["kind"])
    return EnrolmentRecord(
        enrolment_id=row["enrolment_id"],
        subject_id=row["subject_id"],
        kind=kind,
        time=datetime.fromisoformat(row["time"]),
        face_templates=row["face_templates"],
        voice_templates=row["voice_templates"],
        active=kind is not EnrolmentKind.ROLLBACK and not row["undone"],
    )


def active_counts(database: Database) -> dict[tuple[int, Modality], int]:
    """Active templates by subject and modality."""
    found = database.execute(
        """SELECT subject_id, modality, count(*) FROM templates JOIN models USING (model)
           WHERE retired_by IS NULL GROUP BY subject_id, modality"""
    ).fetchall()
    return {(subject_id, Modality(modality)): count for subject_id, modality, count in found}


def origins(database: Database) -> dict[int, Origin]:
    """How everybody came into the gallery, by subject."""
    found = database.execute("SELECT subject_id, origin FROM subjects").fetchall()
    return {subject_id: Origin(origin) for subject_id, origin in found}


def find_subject(database: Database, name: str) -> Subject | None:
    """The subject whose name is the same but for case, if there is one."""
    rows = database.query("SELECT * FROM subjects WHERE name_key = ?", [name_key(name)])
    return next((subject_of(row) for row in rows), None)


def require_free(database: Database, name: str, subject_id: int | None = None) -> None:
    """Raises InputError if a subject other than `subject_id` has this name."""
    holder = find_subject(database, name)
    if holder and holder.subject_id != subject_id:
        raise name_taken()


def insert_subject(
    database: Database, name: str, note: str, created: datetime, origin: Origin = Origin.STAFF
) -> int:
    """A new subject's id; `name` is clean and free."""
    return _insert(
        database,
        "INSERT INTO subjects (name, name_key, note, created, origin) VALUES (?, ?, ?, ?, ?)",
        [name, name_key(name), note, as_text(created), origin.value],
    )


def change_note(database: Database, subject_id: int, note: str) -> None:
    """Replace a subject's note; an empty one leaves what is there."""
    if note:
        database.execute("UPDATE subjects SET note = ? WHERE subject_id = ?", [note, subject_id])


def confirm_subject(database: Database, subject_id: int) -> None:
    """Staff have looked at somebody who enrolled themselves."""
    database.execute(
        "UPDATE subjects SET origin = ? WHERE subject_id = ? AND origin = ?",
        [Origin.CONFIRMED.value, subject_id, Origin.SELF.value],
    )


def insert_enrolment(
    database: Database,
    subject_id: int,
    kind: EnrolmentKind,
    counts: Counter[Modality],
    time: datetime,
) -> EnrolmentRecord:
    """A new line of a subject's history; `counts` is the templates brought, or brought back."""
    face, voice = counts[Modality.FACE], counts[Modality.VOICE]
    enrolment_id = _insert(
        database,
        """INSERT INTO enrolments (subject_id, kind, time, face_templates, voice_templates)
           VALUES (?, ?, ?, ?, ?)""",
        [subject_id, kind.value, as_text(time), face, voice],
    )
    active = kind is not EnrolmentKind.ROLLBACK
    return EnrolmentRecord(enrolment_id, subject_id, kind, time, face, voice, active)


def insert_template(database: Database, record: EnrolmentRecord, template: Template) -> int:
    """A new template's id. Raises BugError if the vector does not fit its model."""
    return _insert(
        database,
        """INSERT INTO templates (subject_id, enrolment_id, model, vector, quality, source, created)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        [
            record.subject_id,
            record.enrolment_id,
            model_row(database, template.modality, template.model_id, template.vector.size),
            form_of(database).encode(template.vector, template.model_id),
            float(template.quality),
            template.source,
            as_text(template.created or record.time),
        ],
    )


def model_row(database: Database, modality: Modality, model_id: str, dims: int) -> int:
    """The key of a model, entered when it is first met. Raises BugError on a change of size."""
    found = database.execute(
        "SELECT model, dims FROM models WHERE modality = ? AND model_id = ?",
        [modality.value, model_id],
    ).fetchone()
    if found is None:
        return _insert(
            database,
            "INSERT INTO models (modality, model_id, dims) VALUES (?, ?, ?)",
            [modality.value, model_id, dims],
        )
    if found[1] != dims:
        raise BugError(f"{dims} dimensions for {model_id}, which has {found[1]}")
    return int(found[0])


def retire_templates(
    database: Database, record: EnrolmentRecord, modality: Modality, model_id: str
) -> list[int]:
    """Put a subject's active templates of one model out of use; returns their ids."""
    return ids(
        database,
        """UPDATE templates SET retired_by = ?
           WHERE subject_id = ? AND retired_by IS NULL AND model =
               (SELECT model FROM models WHERE modality = ? AND model_id = ?)
           RETURNING template_id""",
        [record.enrolment_id, record.subject_id, modality.value, model_id],
    )


def undoable_enrolment(database: Database, subject_id: int) -> int:
    """The newest enrolment by staff that is in force. Raises InputError if only the first is."""
    row = database.execute(
        """SELECT enrolment_id, kind FROM enrolments
           WHERE subject_id = ? AND kind NOT IN ('rollback', 'learnt') AND NOT undone
           ORDER BY enrolment_id DESC LIMIT 1""",
        [subject_id],
    ).fetchone()
    if row is None or row[1] == EnrolmentKind.NEW:
        raise nothing_to_roll_back()
    return int(row[0])


def undo_enrolment(database: Database, enrolment_id: int) -> tuple[list[int], list[int]]:
    """Delete what an enrolment brought and take back into use what it had retired; returns the ids
    of both."""
    gone = ids(
        database,
        "DELETE FROM templates WHERE enrolment_id = ? RETURNING template_id",
        [enrolment_id],
    )
    back = ids(
        database,
        "UPDATE templates SET retired_by = NULL WHERE retired_by = ? RETURNING template_id",
        [enrolment_id],
    )
    database.execute("UPDATE enrolments SET undone = 1 WHERE enrolment_id = ?", [enrolment_id])
    return gone, back


def modalities_retired_by(database: Database, enrolment_id: int) -> Counter[Modality]:
    """How many templates of each modality an enrolment has retired."""
    rows = database.execute(
        """SELECT modality, count(*) FROM templates JOIN models USING (model)
           WHERE retired_by = ? GROUP BY modality""",
        [enrolment_id],
    )
    return Counter({Modality(modality): count for modality, count in rows})


def ids(database: Database, statement: str, values: list[Any]) -> list[int]:
    """The first column of what a statement returns."""
    return [row[0] for row in database.execute(statement, values).fetchall()]


def _insert(database: Database, statement: str, values: list[Any]) -> int:
    return int(database.execute(statement, values).lastrowid or 0)
