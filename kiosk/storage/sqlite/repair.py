"""Mends what can be mended without guessing; whatever it cannot is left and told.

Rows that point to nothing and vectors nobody can be compared with are deleted, indexes are built
anew, names can be found again. Nothing is made up. Belongs inside a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_utils import Database

from kiosk.core.names import name_key
from kiosk.storage.sqlite.integrity import broken_vectors

_MOST_ROUNDS = 10
"""What hangs on a deleted row hangs on nothing then, and so on."""


def repair(database: Database) -> list[str]:
    """What was done, one line each; nothing for a sound gallery."""
    return [*_indexes(database), *_orphans(database), *_vectors(database), *_names(database)]


def _indexes(database: Database) -> Iterator[str]:
    found = [line for (line,) in database.execute("PRAGMA integrity_check").fetchall()]
    if found != ["ok"]:
        database.execute("REINDEX")
        yield "built the indexes anew"


def _orphans(database: Database) -> Iterator[str]:
    for _ in range(_MOST_ROUNDS):
        found = database.execute("PRAGMA foreign_key_check").fetchall()
        if not found:
            return
        for table, row, parent, _ in found:
            database.execute(f"DELETE FROM [{table}] WHERE rowid = ?", [row])  # noqa: S608
            yield f"deleted row {row} of {table}, which pointed to nothing in {parent}"


def _vectors(database: Database) -> Iterator[str]:
    for table, column, number in list(broken_vectors(database)):
        database.execute(f"DELETE FROM {table} WHERE {column} = ?", [number])  # noqa: S608
        if table == "templates":
            _recount(database)
        yield f"deleted row {number} of {table}, a vector nobody can be compared with"


def _recount(database: Database) -> None:
    """The history says how many templates are there."""
    for column, modality in (("face_templates", "face"), ("voice_templates", "voice")):
        database.execute(
            f"""UPDATE enrolments SET {column} =
                    (SELECT count(*) FROM templates JOIN models USING (model)
                     WHERE templates.enrolment_id = enrolments.enrolment_id AND modality = ?)
                WHERE kind != 'rollback' AND NOT undone""",  # noqa: S608
            [modality],
        )


def _names(database: Database) -> Iterator[str]:
    rows = database.execute("SELECT subject_id, name, name_key FROM subjects").fetchall()
    taken = {key for _, _, key in rows}
    for number, name, key in rows:
        right = name_key(name)
        if right != key and right not in taken:
            database.execute(
                "UPDATE subjects SET name_key = ? WHERE subject_id = ?", [right, number]
            )
            taken.add(right)
            yield f"subject {number} can be found by its name again"
