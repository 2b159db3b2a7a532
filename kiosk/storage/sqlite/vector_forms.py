"""In which form the vectors of a database lie.

The table `template_key` says it: no row, and they are plain halves; a row, and they are turned by
the key of that fingerprint, which lies outside the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database

from kiosk.core.errors import StorageError
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage.keys.transforms import TransformKeys
from kiosk.storage.resident.vectors import PLAIN, TurnedForm, VectorForm, turned_lengths


class VectorDatabase(Database):
    """A database that knows where the keys of its vectors are, and remembers those it has seen."""

    transform_keys: TransformKeys | None = None

    def form(self) -> VectorForm:
        """How its vectors lie now; another process may have exchanged the key."""
        mark = transform_of(self)
        if mark is None:
            return PLAIN
        seen: dict[str, TurnedForm] = self.__dict__.setdefault("_forms", {})
        if mark not in seen:
            if self.transform_keys is None:
                raise StorageError(
                    "The templates of this database are turned, and their key is not here.",
                    "Open the gallery in its own place.",
                )
            seen.clear()
            seen[mark] = TurnedForm(TemplateTransform(self.transform_keys.seed(mark)))
        return seen[mark]


def form_of(database: Database) -> VectorForm:
    """How the vectors of a database lie. Raises StorageError if their key is not there."""
    if isinstance(database, VectorDatabase):
        return database.form()
    return PLAIN


@contextmanager
def one_view(database: Database) -> Iterator[None]:
    """What is read inside is of one moment: vectors, and the key they are turned by."""
    if database.conn.in_transaction:
        yield
        return
    database.execute("BEGIN")
    try:
        yield
    finally:
        if database.conn.in_transaction:
            database.execute("ROLLBACK")


def transform_of(database: Database) -> str | None:
    """The fingerprint of the key by which its vectors are turned; None for plain ones."""
    row = database.execute("SELECT transform FROM template_key").fetchone()
    return str(row[0]) if row else None


def lengths_in(
    database: Database,
) -> Callable[[Sequence[bytes], int], Sequence[float | None]]:
    """How long vectors of it are, None for bytes that are none; no key is needed. They are asked
    for by equal numbers of bytes."""
    return PLAIN.lengths if transform_of(database) is None else turned_lengths
