"""Every vector of a database in another form, and what an exchange of the templates' key did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from kiosk.core.media import Matrix
from kiosk.core.ports.audit import Act
from kiosk.core.ports.capture import ProgressCallback
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage.keys.transforms import TransformKeys, first_key
from kiosk.storage.resident.vectors import TurnedForm, VectorForm
from kiosk.storage.sqlite.rows import as_text
from kiosk.storage.sqlite.trail import Notes
from kiosk.storage.sqlite.vector_forms import form_of, transform_of

TABLES = ("templates", "upgrade_samples", "probes")
"""Where vectors lie, each with its model."""
_AT_ONCE = 500
_COMPARED = 1000
"""Templates of a model, at most, of which old and new are held against each other."""


def exchange_template_key(
    database: Database,
    keys: TransformKeys,
    change: Callable[[], AbstractContextManager[Notes]],
    now: Callable[[], datetime],
    tell: ProgressCallback,
) -> list[Revoked]:
    """Turn every vector by a new key, in one `change`, and destroy the key that is not in force
    then. Raises StorageError."""
    with keys.held():
        try:
            mark = first_key(keys)
            new = TurnedForm(TemplateTransform(keys.seed(mark)))
            with change() as notes:
                old = form_of(database)
                before = _samples(database, old)
                count = recode(database, old, new, tell)
                database.execute(
                    """INSERT OR REPLACE INTO template_key (only, transform, since)
                       VALUES (1, ?, ?)""",
                    [mark, as_text(now())],
                )
                if count or old.transform is not None:  # the first key of an empty one is no change
                    notes.add(Act.REKEYED, vectors=count)
                return _compared(before, _samples(database, new))
        finally:
            keys.keep_only(transform_of(database) or "")


def recode(
    database: Database,
    old: VectorForm,
    new: VectorForm,
    tell: ProgressCallback,
    tables: Sequence[str] = TABLES,
) -> int:
    """Bring every vector of these tables from one form into another; how many. Belongs inside a
    transaction. `tell` hears the share done, 0..1."""
    counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608
    done, total = 0, sum(counts)
    for table in tables:
        last = -1
        while rows := database.execute(
            f"""SELECT t.rowid, vector, dims, model_id FROM {table} AS t
                JOIN main.models USING (model) WHERE t.rowid > ? ORDER BY t.rowid LIMIT ?""",  # noqa: S608
            [last, _AT_ONCE],
        ).fetchall():
            last = rows[-1][0]
            database.conn.executemany(
                f"UPDATE {table} SET vector = ? WHERE rowid = ?",  # noqa: S608
                _recoded(rows, old, new),
            )
            done += len(rows)
            tell(done / total)
    return done


def _recoded(
    rows: Sequence[tuple[int, bytes, int, str]], old: VectorForm, new: VectorForm
) -> list[tuple[bytes, int]]:
    """Vector and row, those of a model at once."""
    found: list[tuple[bytes, int]] = []
    for model_id, dims in {(row[3], row[2]) for row in rows}:
        own = [row for row in rows if row[3] == model_id]
        halves = old.halves([row[1] for row in own], dims, model_id)
        blobs = new.of_halves(halves, model_id)
        found += [(blob, row[0]) for blob, row in zip(blobs, own, strict=True)]
    return found


@dataclass(frozen=True)
class Revoked:
    """What an exchange of the key did to the templates of one model.

    `moved` is the largest change of a score between two of them, `old_new` the highest and
    `old_new_mean` the mean cosine of a template as it was with the same as it is now; `strangers`
    the highest between different people here, None where there is only one. `count`
    templates were compared.
    """

    model_id: str
    count: int
    moved: float
    old_new: float
    old_new_mean: float
    strangers: float | None


def _samples(database: Database, form: VectorForm) -> dict[str, tuple[NDArray[np.int64], Matrix]]:
    """Whose they are, and the newest templates in use of each model as they are searched."""
    found = {}
    for model, model_id, dims in database.execute(
        "SELECT model, model_id, dims FROM models ORDER BY model"
    ).fetchall():
        rows = database.execute(
            """SELECT subject_id, vector FROM templates WHERE model = ? AND retired_by IS NULL
               ORDER BY template_id DESC LIMIT ?""",
            [model, _COMPARED],
        ).fetchall()
        if rows:
            whose = np.array([row[0] for row in rows], np.int64)
            found[model_id] = whose, form.as_stored([row[1] for row in rows], dims)
    return found


def _compared(
    before: dict[str, tuple[NDArray[np.int64], Matrix]],
    after: dict[str, tuple[NDArray[np.int64], Matrix]],
) -> list[Revoked]:
    """What an exchange of the key did, by model."""
    found = []
    for model_id, (whose, old) in before.items():
        new = after[model_id][1]
        scores, again = old @ old.T, new @ new.T
        others = whose[:, None] != whose[None, :]
        across = np.einsum("ij,ij->i", old, new)
        found.append(
            Revoked(
                model_id,
                len(old),
                float(np.abs(scores - again).max()),
                float(across.max()),
                float(across.mean()),
                float(scores[others].max()) if others.any() else None,
            )
        )
    return found
