"""Small pictures of faces, kept only where the operator chose so. JPEG bytes throughout."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils import Database


def put_picture(database: Database, subject_id: int, jpeg: bytes) -> None:
    """Keep a picture of a subject in place of the one before."""
    database.execute(
        "INSERT OR REPLACE INTO pictures (subject_id, jpeg) VALUES (?, ?)", [subject_id, jpeg]
    )


def pictures_of(database: Database, subject_ids: Sequence[int]) -> dict[int, bytes]:
    """The pictures there are of these subjects."""
    rows = database.execute(
        """SELECT subject_id, jpeg FROM pictures
           WHERE subject_id IN (SELECT value FROM json_each(?))""",
        [json.dumps(list(subject_ids))],
    )
    return dict(rows.fetchall())


def delete_pictures(database: Database) -> int:
    """Forget all of them; returns how many."""
    return int(database.execute("DELETE FROM pictures").rowcount)
