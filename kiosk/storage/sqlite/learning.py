"""Templates that visits brought: SQL that belongs inside a `transaction`.

Each hangs on an enrolment of its own, of kind "learnt", so that what a visit taught can be taken
back alone; the decision it came with names that enrolment for as long as the decision is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Template
from kiosk.storage.refusals import nothing_to_learn
from kiosk.storage.sqlite import rows


def learn(
    database: Database, decision_id: int, template: Template, most: int, now: datetime
) -> tuple[EnrolmentRecord, list[int], list[int]]:
    """A template of the subject whom this decision identified; the oldest learnt ones of its model
    beyond `most` go. Returns the enrolment, and the ids of templates gone and new.

    Raises InputError for a decision that cannot teach.
    """
    subject_id = _taught(database, decision_id)
    counts = Counter([template.modality])
    record = rows.insert_enrolment(database, subject_id, EnrolmentKind.LEARNT, counts, now)
    new = rows.insert_template(database, record, template)
    database.execute(
        "UPDATE decisions SET learnt = ? WHERE decision_id = ?", [record.enrolment_id, decision_id]
    )
    older = rows.ids(
        database,
        """SELECT enrolment_id FROM enrolments JOIN templates USING (enrolment_id)
           WHERE enrolments.subject_id = ? AND kind = 'learnt' AND retired_by IS NULL
               AND model = (SELECT model FROM templates WHERE template_id = ?)
           ORDER BY enrolment_id DESC LIMIT -1 OFFSET ?""",
        [subject_id, new, most],
    )
    return record, unlearn(database, older), [new]


def _taught(database: Database, decision_id: int) -> int:
    """The subject whom a decision identified. Raises InputError."""
    row = database.execute(
        """SELECT subject_id FROM decisions LEFT JOIN corrections USING (decision_id)
           WHERE decision_id = ? AND outcome = 'identified' AND subject_id IS NOT NULL
               AND corrected IS NULL AND learnt IS NULL""",
        [decision_id],
    ).fetchone()
    if row is None:
        raise nothing_to_learn()
    return int(row[0])


def unlearn(database: Database, enrolment_ids: Iterable[int]) -> list[int]:
    """Undo these learnt enrolments; returns the ids of the templates that are gone."""
    gone: list[int] = []
    for enrolment_id in enrolment_ids:
        gone += rows.undo_enrolment(database, enrolment_id)[0]
    return gone


def learnt_by(database: Database, decision_id: int) -> list[int]:
    """The enrolment in force that a decision brought."""
    return rows.ids(
        database,
        """SELECT enrolment_id FROM enrolments JOIN decisions ON learnt = enrolment_id
           WHERE decision_id = ? AND kind = 'learnt' AND NOT undone""",
        [decision_id],
    )


def learnt_of(database: Database, subject_id: int | None, since: int = 0) -> list[int]:
    """The learnt enrolments in force of a subject, or of everyone, after the enrolment `since`."""
    return rows.ids(
        database,
        """SELECT enrolment_id FROM enrolments WHERE kind = 'learnt' AND NOT undone
           AND (?1 IS NULL OR subject_id = ?1) AND enrolment_id > ?2""",
        [subject_id, since],
    )


def orphans(database: Database) -> list[int]:
    """Learnt enrolments whose template stands alone: nothing enrolled of its model is in use beside
    it any more."""
    return rows.ids(
        database,
        """SELECT enrolment_id FROM enrolments JOIN templates USING (enrolment_id)
           WHERE kind = 'learnt' AND NOT undone AND retired_by IS NULL AND NOT EXISTS (
               SELECT 1 FROM templates AS beside JOIN enrolments AS own
                   ON beside.enrolment_id = own.enrolment_id
               WHERE beside.subject_id = templates.subject_id AND beside.model = templates.model
                   AND beside.retired_by IS NULL AND own.kind != 'learnt')""",
        [],
    )
