"""People carried from one gallery to another: an SQLCipher file under a passphrase. Templates are
plain in it, whatever key turns them here: another gallery has another.

The archive has the gallery's own schema and holds subjects, templates, their history and consents,
but no decisions: what happened at one kiosk stays there.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database

from kiosk.core.errors import BugError, InputError, StorageError
from kiosk.core.media import Modality
from kiosk.core.names import name_key
from kiosk.core.ports.audit import Act
from kiosk.core.ports.capture import ProgressCallback
from kiosk.core.records import ArchiveReceipt
from kiosk.storage.resident.vectors import PLAIN
from kiosk.storage.sqlite import rows
from kiosk.storage.sqlite.bounds import (
    HIGHEST_ID,
    LARGEST_ARCHIVE,
    foreign_definitions,
    oversized,
)
from kiosk.storage.sqlite.database import APPLICATION_ID, connect, prepared, reporting, transaction
from kiosk.storage.sqlite.integrity import problems
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate
from kiosk.storage.sqlite.rekeying import recode
from kiosk.storage.sqlite.trail import Notes
from kiosk.storage.sqlite.vector_forms import form_of, transform_of

SHORTEST_PASSPHRASE = 8
_NAMES_SHOWN = 10
_COPY = (
    "INSERT INTO archive.subjects SELECT * FROM main.subjects",
    "INSERT INTO archive.models SELECT * FROM main.models",
    "INSERT INTO archive.enrolments SELECT * FROM main.enrolments",
    "INSERT INTO archive.consents SELECT * FROM main.consents",
    "INSERT INTO archive.pictures SELECT * FROM main.pictures",
)
"""What an archive holds beside templates, in an order in which nothing points to what is still to
come."""
_TABLES = ("subjects", "enrolments", "templates", "consents", "pictures")
"""What an import adds, parents first; the models are matched with those known here."""
_OWN_IDS = {
    "subjects": "subject_id",
    "enrolments": "enrolment_id",
    "templates": "template_id",
    "consents": "consent_id",
}
_PARENTS = {
    "subject_id": "subjects",
    "enrolment_id": "enrolments",
    "retired_by": "enrolments",
    "model": "models",
}
_WIDEST_PICTURE = 1024
"""Pixels of a kept picture; the kiosk's own are far smaller."""
_AT_ONCE = 1000
"""Rows written by one statement."""


def quietly(_share: float) -> None:
    """Nobody listens."""


def check_passphrase(passphrase: str) -> None:
    """Raises InputError for one that anybody could guess by trying all."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InputError(
            "The passphrase is too short.", f"Give at least {SHORTEST_PASSPHRASE} characters."
        )


def write_archive(
    database: Database,
    file: Path,
    passphrase: str,
    *,
    force: bool = False,
    tell: ProgressCallback = quietly,
) -> ArchiveReceipt:
    """Write everyone into a new archive; it appears whole or not at all.

    Raises InputError if the file exists (without `force`) or cannot be made, DiskFull, and
    StorageError for a gallery that is not sound: nobody could import it.
    """
    check_passphrase(passphrase)
    if file.exists() and not force:
        raise InputError(f"{file} exists already.", "Name another file, or add --force.")
    found = next(problems(database), None)
    if found:
        raise StorageError(
            f"The gallery is damaged: {found.text}.",
            "`kiosk gallery check` lists all that is wrong.",
        )
    with _draft(file) as draft, reporting():
        _make_empty(draft, passphrase)
        database.execute("ATTACH ? AS archive KEY ?", [str(draft), passphrase])
        try:
            with transaction(database):
                for statement in _COPY:
                    database.execute(statement)
                _copy_templates(database, tell)
                recode(database, form_of(database), PLAIN, quietly, ["archive.templates"])
                return _counts(database)
        finally:
            database.execute("DETACH archive")


def _copy_templates(database: Database, tell: ProgressCallback) -> None:
    """Template by template would be slow, all at once would tell nothing."""
    (last,) = database.execute(
        "SELECT coalesce(max(template_id), 0) FROM main.templates"
    ).fetchone()
    for first in range(0, last, _AT_ONCE):
        database.execute(
            """INSERT INTO archive.templates SELECT * FROM main.templates
               WHERE template_id > ? AND template_id <= ?""",
            [first, first + _AT_ONCE],
        )
        tell(min(1.0, (first + _AT_ONCE) / last))


def read_archive(
    database: Database,
    file: Path,
    passphrase: str,
    tell: ProgressCallback,
    change: Callable[[], AbstractContextManager[Notes]],
) -> ArchiveReceipt:
    """Add everyone in the archive to the gallery, with history; all of them or nobody, in one
    `change`.

    Raises InputError if the file is no archive, the passphrase does not open it, or names are
    taken; NewerDatabase if a newer version wrote it.
    """
    archive = checked_archive(file, passphrase)
    try:
        with reporting():
            receipt = _counts(archive)
        with change() as notes:
            _require_free_names(database, archive)
            _Merge(database, archive, tell).run()
            notes.add(Act.IMPORTED, subjects=receipt.subjects, templates=receipt.templates)
        return receipt
    finally:
        archive.close()


def checked_archive(file: Path, passphrase: str) -> Database:
    """A copy in memory of an archive with nothing wrong in it; the caller closes it.
    Raises InputError, NewerDatabase."""
    archive = _opened(file, passphrase)
    try:
        found = _trouble(archive)
        if found:
            raise _damaged(file, found)
    except BaseException:
        archive.close()
        raise
    return archive


def _trouble(archive: Database) -> str | None:
    """Why an archive, brought up to date here, cannot be added as it is."""
    try:
        migrate(archive)
        if transform_of(archive) is not None:
            return "its templates are turned by a key that is not in it"
        found = next(problems(archive), None)
        return found.text if found else next(_false_pictures(archive), None)
    except BugError as error:  # whoever wrote it, it was not this program
        return str(error)


def _false_pictures(archive: Database) -> Iterator[str]:
    """Kept pictures that are not small JPEGs; only their heads are read."""
    for number, jpeg in archive.execute("SELECT subject_id, jpeg FROM pictures"):
        try:
            with Image.open(BytesIO(jpeg), formats=["JPEG"]) as picture:
                small = max(picture.size) <= _WIDEST_PICTURE
        except (OSError, ValueError, Image.DecompressionBombError):
            small = False
        if not small:
            yield f"the picture of subject {number} is no small JPEG"


@contextmanager
def _draft(file: Path) -> Iterator[Path]:
    """An empty private file beside `file` that takes its place if all goes well."""
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name a file in another folder."
        ) from error
    try:
        yield draft
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _make_empty(draft: Path, passphrase: str) -> None:
    connection = connect(draft)
    try:
        connection.set_key(passphrase)
        migrate(prepared(connection))
    finally:
        connection.close()


def _opened(file: Path, passphrase: str) -> Database:
    """A copy of the archive in memory, so that an older one can be brought up to date."""
    if not file.is_file():
        raise InputError(f"There is no file {file}.", "Check the path.")
    if file.stat().st_size > LARGEST_ARCHIVE:
        raise InputError(
            f"{file} is larger than the {LARGEST_ARCHIVE >> 30} GiB of the largest archive.",
            "Copy such a gallery as its file, with its key.",
        )
    connection = connect(":memory:")
    try:
        with reporting():
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute("PRAGMA trusted_schema = OFF")
            _attach(connection, file, passphrase)
            (version,) = connection.execute("PRAGMA archive.user_version").fetchone()
            _require_bounds(connection, file, version)
            _copy_all(connection, file)
            connection.execute(f"PRAGMA main.application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA main.user_version = {version}")
            connection.execute("DETACH archive")
            return prepared(connection)
    except BaseException:
        connection.close()
        raise


def _require_bounds(connection: sqlcipher.Connection, file: Path, version: int) -> None:
    """Shape and sizes, before a row is read: of a table that is not ours nothing is copied."""
    if version > len(MIGRATIONS):
        return  # `migrate` says so
    database = Database(connection)
    try:
        found = next(foreign_definitions(database, version, "archive"), None)
        found = found or next(oversized(database, "archive"), None)
    except sqlcipher.DatabaseError as error:
        raise _damaged(file, error) from error
    if found or version < 1:
        raise _damaged(file, found or "it is of no version")


def _copy_all(connection: sqlcipher.Connection, file: Path) -> None:
    """Every page is looked at first: indexes, which copying does not read, might be damaged too."""
    try:
        spoilt = connection.execute("PRAGMA archive.cipher_integrity_check").fetchone()
        if spoilt:
            raise _damaged(file, spoilt[0])
        connection.execute("SELECT sqlcipher_export('main', 'archive')").fetchall()
    except sqlcipher.DatabaseError as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, why: object) -> InputError:
    """Of the archive: without these words the gallery itself would be thought to be broken."""
    return InputError(f"{file} is damaged: {why}.", "Export it once more.")


def _attach(connection: sqlcipher.Connection, file: Path, passphrase: str) -> None:
    try:
        connection.execute(
            "ATTACH ? AS archive KEY ?", [f"{file.absolute().as_uri()}?mode=ro", passphrase]
        )
        (mark,) = connection.execute("PRAGMA archive.application_id").fetchone()
    except sqlcipher.DatabaseError as error:
        if error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
            raise _damaged(file, error) from error
        if error.sqlite_errorname != "SQLITE_NOTADB":
            raise
        mark = None
    if mark != APPLICATION_ID:
        raise InputError(
            f"The passphrase does not open {file}, or that file is no archive.",
            "Give the passphrase of its export, and a file made by `kiosk gallery export`.",
        )


def _require_free_names(database: Database, archive: Database) -> None:
    taken = {row[0] for row in database.execute("SELECT name_key FROM subjects")}
    names = archive.execute("SELECT name FROM subjects ORDER BY name_key").fetchall()
    clashes = [name for (name,) in names if name_key(name) in taken]
    if clashes:
        more = f" and {len(clashes) - _NAMES_SHOWN} more" if len(clashes) > _NAMES_SHOWN else ""
        raise InputError(
            f"{len(clashes)} of the names in the archive are enrolled here; nobody was imported.",
            f"Rename or remove first: {', '.join(clashes[:_NAMES_SHOWN])}{more}.",
        )


class _Merge:
    """One import. Every row gets the next id here, whatever id it had; what points to a row of the
    archive is turned to the new one, and what points to none is refused."""

    def __init__(self, database: Database, archive: Database, tell: ProgressCallback) -> None:
        self._database = database
        self._archive = archive
        self._tell = tell
        self._total = _counts(archive).templates or 1
        self._new: dict[str, dict[int, int]] = {}
        self._form = form_of(database)
        self._sizes: dict[int, tuple[int, str]] = {}

    def run(self) -> None:
        """Inside a transaction."""
        self._new["models"] = self._models()
        for table in _TABLES:
            numbers = itertools.count(self._next(table)) if table in _OWN_IDS else iter(())
            moved = (self._moved(table, row, numbers) for row in self._told(table))
            self._database.table(table).insert_all(moved, batch_size=_AT_ONCE)

    def _moved(self, table: str, row: dict[str, Any], numbers: Iterator[int]) -> dict[str, Any]:
        own = _OWN_IDS.get(table)
        turned = dict(row)
        for column, parent in _PARENTS.items():
            if column != own and row.get(column) is not None:
                turned[column] = self._parent(table, parent, row[column])
        if table == "templates":
            turned["vector"] = self._stored(row)
        if own is not None:
            turned[own] = self._new.setdefault(table, {})[row[own]] = next(numbers)
        return turned

    def _stored(self, row: dict[str, Any]) -> bytes:
        """A plain vector of the archive in the form of this gallery."""
        dims, model_id = self._sizes[row["model"]]
        return self._form.of_halves(PLAIN.halves([row["vector"]], dims, model_id), model_id)[0]

    def _parent(self, table: str, parent: str, number: int) -> int:
        try:
            return self._new[parent][number]
        except KeyError as error:
            raise InputError(
                f"The archive is damaged: a row of {table} belongs to nothing in {parent}.",
                "Export it once more.",
            ) from error

    def _told(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table; while those of the templates pass, somebody is told how far."""
        for number, row in enumerate(self._archive.table(table).rows, 1):
            yield row
            if table == "templates" and number % _AT_ONCE == 0:
                self._tell(number / self._total)

    def _models(self) -> dict[int, int]:
        new = {}
        self._sizes = {}
        for row in self._archive.query("SELECT * FROM models"):
            modality, model_id, dims = Modality(row["modality"]), row["model_id"], row["dims"]
            self._sizes[row["model"]] = dims, model_id
            try:
                new[row["model"]] = rows.model_row(self._database, modality, model_id, dims)
            except BugError as error:
                raise InputError(
                    f"The model {model_id} of the archive is another one than here.",
                    "Enrol these people again.",
                ) from error
        return new

    def _next(self, table: str) -> int:
        """The first id that a table has never given out. Raises StorageError where there is none
        left: somebody has tampered with the gallery."""
        found = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
        row = found.fetchone()
        number = 1 + (int(row[0]) if row else 0)
        if not 1 <= number + self._archive.table(table).count <= HIGHEST_ID:
            raise StorageError(
                f"The ids of {table} go on from {number - 1}, which no kiosk gives out.",
                "`kiosk gallery check` lists all that is wrong.",
            )
        return number


def _counts(database: Database) -> ArchiveReceipt:
    (subjects,) = database.execute("SELECT count(*) FROM subjects").fetchone()
    (templates,) = database.execute("SELECT count(*) FROM templates").fetchone()
    return ArchiveReceipt(subjects, templates)
