"""Copies of the gallery beside it or elsewhere, each opened and read whole before it counts.

A copy is the file as it is while nobody may write, under the same key. Copies from before the last
time somebody was deleted, or templates got another key, go as soon as a newer one is verified: they
would hold that person, or what was revoked.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from kiosk.core.errors import DiskFull, InputError, StorageError
from kiosk.core.own_files import transform_file
from kiosk.core.ports.audit import Act
from kiosk.storage.keys.file import read_key
from kiosk.storage.keys.private import make_folder, require_safe_folder, sync_folder
from kiosk.storage.keys.transforms import TransformKeyFile
from kiosk.storage.sqlite.database import (
    connect,
    open_database,
    prepared,
    reporting,
    transaction,
    unlocked,
)
from kiosk.storage.sqlite.integrity import problems
from kiosk.storage.sqlite.migrations import migrate
from kiosk.storage.sqlite.use import sole_use
from kiosk.storage.sqlite.vector_forms import transform_of

KEPT = 24
"""Copies; of an hour each, a day."""
_FORM = "gallery-%Y%m%dT%H%M%SZ.db"


@dataclass(frozen=True)
class Copied:
    """A verified copy, and how many older ones went."""

    file: Path
    subjects: int
    deleted: int


def back_up(path: Path, key_file: Path, folder: Path, now: datetime) -> Copied:
    """Make a copy and verify it. Raises StorageError, DiskFull; then no older copy is touched."""
    file = folder / now.astimezone(UTC).strftime(_FORM)
    database = open_database(path, key_file)
    try:
        migrate(database)
        _copy(database, path, file)
        subjects = _verified(file, read_key(key_file))
        with reporting():
            (removed,) = database.execute(
                "SELECT max(time) FROM trail WHERE act IN (?, ?)",
                [Act.REMOVED.value, Act.REKEYED.value],
            ).fetchone()
    finally:
        database.close()
    return Copied(file, subjects, _thin_out(folder, file, removed))


def restore(path: Path, key_file: Path, copy: Path) -> Path:
    """Put a copy in the place of the gallery, which is kept beside it; returns where. The kiosk
    must be stopped. Raises InputError, StorageError, WrongKey."""
    if not copy.is_file():
        raise InputError(f"There is no file {copy}.", "Check the path.")
    use = sole_use(path)
    try:
        draft = path.with_name(f".{path.name}.restoring")
        copy_file(copy, draft)
        _verified(draft, read_key(key_file))
        _require_template_key(draft, copy, key_file)
        before = path.with_name(f"{path.name}.before-restore")
        if path.exists():
            path.replace(before)
        draft.replace(path)
        sync_folder(path.parent)
        return before
    finally:
        use.end()


def _require_template_key(draft: Path, copy: Path, key_file: Path) -> None:
    """Raises StorageError for a copy whose templates nobody could be compared with any more."""
    with reporting():
        opened = unlocked(connect(draft), read_key(key_file), draft)
        try:
            migrate(opened)
            mark = transform_of(opened)
        finally:
            opened.close()
    try:
        if mark is not None:
            TransformKeyFile(transform_file(key_file), lambda: read_key(key_file)).seed(mark)
    except StorageError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"The copy {copy} is from before the last `kiosk gallery rekey`, which made it "
            "worthless.",
            "Take a newer copy; or move key and templates' key away and put back, with "
            "`kiosk key restore`, what `kiosk key backup` wrote when the copy was made.",
        ) from error


def _copy(database: Database, path: Path, file: Path) -> None:
    """While nobody may write; readers go on."""
    try:
        make_folder(file.parent)
    except OSError as error:
        raise StorageError(
            f"The folder {file.parent} of the copies cannot be made: {error.strerror}.",
            "Name another one with backup_folder in the settings.",
        ) from error
    require_safe_folder(file.parent, "the copies")
    with transaction(database):
        copy_file(path, file)


def copy_file(source: Path, file: Path) -> None:
    """A private copy, on the disk when this returns. Raises DiskFull; then nothing is left."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with source.open("rb") as read, os.fdopen(descriptor, "wb") as out:
            shutil.copyfileobj(read, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        file.unlink(missing_ok=True)
        raise DiskFull(
            f"The copy {file} cannot be written: {error.strerror}.",
            "Free some space, or name another folder with backup_folder in the settings.",
        ) from error


def _verified(file: Path, key: str) -> int:
    """How many people a copy holds, once it was read whole; a copy that is not sound goes."""
    try:
        with reporting():
            opened = prepared(unlocked(connect(file), key, file).conn)
            try:
                found = next(problems(opened), None)
                if found is not None:
                    raise StorageError(
                        f"The copy {file} is not sound: {found.text}.",
                        "`kiosk gallery check` tells whether the gallery is.",
                    )
                (subjects,) = opened.execute("SELECT count(*) FROM subjects").fetchone()
            finally:
                opened.close()
    except StorageError:
        file.unlink(missing_ok=True)
        raise
    return int(subjects)


def _thin_out(folder: Path, newest: Path, removed: str | None) -> int:
    """Only what is named as a copy of ours is ever deleted."""
    older = sorted((file, time) for file in folder.iterdir() if (time := _time_of(file)))
    too_many = {file for file, _ in older[:-KEPT]}
    last = datetime.fromisoformat(removed) if removed else None
    holding = {file for file, time in older if last is not None and time <= last}
    gone = (too_many | holding) - {newest}
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _time_of(file: Path) -> datetime | None:
    try:
        return datetime.strptime(file.name, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
