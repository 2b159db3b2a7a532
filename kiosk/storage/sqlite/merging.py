"""Two subjects who are one person become one subject. Belongs inside a `transaction`."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.storage.sqlite.rows import ids

_MOVES = (
    # What began a subject has become an addition to another, which can be rolled back.
    """UPDATE enrolments SET subject_id = :kept,
           kind = CASE kind WHEN 'new' THEN 'add' ELSE kind END
       WHERE subject_id = :other""",
    "UPDATE decisions SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE corrections SET corrected_to = :kept WHERE corrected_to = :other",
    "UPDATE consents SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE upgrade_samples SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE attendance_corrections SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE OR IGNORE greetings SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE OR IGNORE greeted SET subject_id = :kept WHERE subject_id = :other",
    "UPDATE OR IGNORE pictures SET subject_id = :kept WHERE subject_id = :other",
    "DELETE FROM subjects WHERE subject_id = :other",
)


def join_subjects(database: Database, kept: int, other: int) -> tuple[list[int], list[int]]:
    """Everything of `other` becomes `kept`'s; returns the ids of templates gone and new.

    Templates get new ids: by ids alone other processes can tell that something has changed.
    """
    gone = ids(database, "SELECT template_id FROM templates WHERE subject_id = ?", [other])
    new = ids(
        database,
        """INSERT INTO templates
               (subject_id, enrolment_id, retired_by, model, vector, quality, source, created)
           SELECT ?, enrolment_id, retired_by, model, vector, quality, source, created
           FROM templates WHERE subject_id = ? ORDER BY template_id RETURNING template_id""",
        [kept, other],
    )
    database.execute("DELETE FROM templates WHERE subject_id = ?", [other])
    for statement in _MOVES:
        database.execute(statement, {"kept": kept, "other": other})
    return gone, new
