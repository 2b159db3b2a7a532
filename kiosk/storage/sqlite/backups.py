"""Copies of the gallery beside it or elsewhere, each opened and read whole before it counts.

A copy is the gallery as it is while nobody may write, under the same key, with everything personal
sealed under the keys of its people (`sealing`). Those keys lie beside the gallery's key, in one
copy, which follows every deletion, beside the copies. Copies from before templates got another key
go as soon as a newer one is verified.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlite_utils import Database

from kiosk.core.errors import DiskFull, InputError, StorageError
from kiosk.core.own_files import subject_key_file, transform_file
from kiosk.core.ports.audit import Act
from kiosk.storage.keys.file import read_key
from kiosk.storage.keys.private import make_folder, require_safe_folder, sync_folder
from kiosk.storage.keys.subjects import SubjectKeyFile, copy_of_keys
from kiosk.storage.keys.transforms import TransformKeyFile
from kiosk.storage.sqlite import fleet_outbox
from kiosk.storage.sqlite.audit import forget_probes
from kiosk.storage.sqlite.database import (
    connect,
    open_database,
    reporting,
    transaction,
    unlocked,
)
from kiosk.storage.sqlite.integrity import problems
from kiosk.storage.sqlite.migrations import migrate
from kiosk.storage.sqlite.sealing import is_sealed, open_file, seal, unseal
from kiosk.storage.sqlite.trail import forget_subject, recorded
from kiosk.storage.sqlite.use import sole_use
from kiosk.storage.sqlite.vector_forms import transform_of

KEPT = 24
"""Copies; of an hour each, a day."""
_FORM = "gallery-%Y%m%dT%H%M%SZ.copy"
_OLD_FORM = "gallery-%Y%m%dT%H%M%SZ.db"
"""From before copies were sealed."""


@dataclass(frozen=True)
class Copied:
    """A verified copy, and how many older ones went."""

    file: Path
    subjects: int
    deleted: int


@dataclass(frozen=True)
class Restored:
    """Where the gallery from before lies now, and how many of the copy are not in the gallery
    because they were deleted since."""

    before: Path
    left_out: int


def back_up(path: Path, key_file: Path, folder: Path, now: datetime) -> Copied:
    """Make a copy and verify it. Raises StorageError, DiskFull; then no older copy is touched."""
    file = folder / now.astimezone(UTC).strftime(_FORM)
    key, people = read_key(key_file), keys_of_people(key_file)
    database = open_database(path, key_file)
    try:
        migrate(database)
        _make_folder(folder)
        people.adopt(copy_of_keys(folder))
        draft = _draft(path, "sealing")
        try:
            _seal(database, path, draft, key, people)
            people.copy_to(copy_of_keys(folder))
            copy_file(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        subjects = _verified(file, path, key, people)
        with reporting():
            removed, rekeyed = (
                database.execute("SELECT max(time) FROM trail WHERE act = ?", [act]).fetchone()[0]
                for act in (Act.REMOVED.value, Act.REKEYED.value)
            )
    finally:
        database.close()
    return Copied(file, subjects, _thin_out(folder, file, removed, rekeyed))


def restore(path: Path, key_file: Path, copy: Path) -> Restored:
    """Put a copy in the place of the gallery, which is kept beside it. Whoever was deleted since
    the copy was made has no key any more and is not in it. The kiosk must be stopped. Raises
    InputError, StorageError, WrongKey."""
    if not copy.is_file():
        raise InputError(f"There is no file {copy}.", "Check the path.")
    use = sole_use(path)
    draft = _draft(path, "restoring")
    try:
        people = keys_of_people(key_file)
        people.adopt(copy_of_keys(copy.parent))
        left_out = _opened_up(copy, draft, read_key(key_file), people)
        _require_template_key(draft, copy, key_file)
        before = path.with_name(f"{path.name}.before-restore")
        if path.exists():
            path.replace(before)
        draft.replace(path)
        sync_folder(path.parent)
        return Restored(before, left_out)
    finally:
        draft.unlink(missing_ok=True)
        use.end()


def keys_of_people(key_file: Path) -> SubjectKeyFile:
    """Where the keys are under which copies of this gallery hold people."""
    return SubjectKeyFile(subject_key_file(key_file), lambda: read_key(key_file))


def _draft(path: Path, why: str) -> Path:
    """Beside the gallery: what is not sealed yet never lies where the copies do."""
    return path.with_name(f".{path.name}.{why}")


def _seal(database: Database, path: Path, draft: Path, key: str, people: SubjectKeyFile) -> None:
    with transaction(database):  # while nobody may write; readers go on
        copy_file(path, draft)
    with reporting():
        opened = open_file(draft, key)
        try:
            seal(opened, people.make_for)
        finally:
            opened.close()


def _opened_up(copy: Path, draft: Path, key: str, people: SubjectKeyFile) -> int:
    """A copy as a gallery again, read whole; how many are left out, whose key was destroyed.
    Raises StorageError for a copy that is not sound."""
    copy_file(copy, draft)
    with reporting():
        sealed = is_sealed(draft, key)
        opened = open_file(draft, key)
        try:
            spoilt = opened.execute("PRAGMA cipher_integrity_check").fetchone()
            if spoilt is not None:
                raise _unsound(copy, spoilt[0])
            gone = unseal(opened, people.all()) if sealed else []
            migrate(opened)
            for number in gone:
                _leave_out(opened, number)
            if sealed:
                _go_on_from(opened, people.highest_id())
            found = next(problems(opened), None)
            if found is not None:
                raise _unsound(copy, found.text)
        finally:
            opened.close()
    return len(gone)


def _leave_out(database: Database, subject_id: int) -> None:
    """As if they were deleted now, with a line of the record."""
    with recorded(database, None, lambda: datetime.now(UTC), "shell") as notes:
        forget_probes(database, subject_id)
        row = database.execute(
            "SELECT uid FROM fleet_rows WHERE kind = 'subject' AND row = ?", [subject_id]
        ).fetchone()
        if row is not None:
            fleet_outbox.forget_subject(database, UUID(row[0]))
        database.execute("DELETE FROM subjects WHERE subject_id = ?", [subject_id])
        lines = forget_subject(database, subject_id)
        notes.add(Act.REMOVED, removed=subject_id, lines=lines, because="the key was destroyed")


def _go_on_from(database: Database, highest: int) -> None:
    """An id that was given out after the copy was made is not given out again."""
    with transaction(database):
        database.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'subjects'", [highest]
        )


def _unsound(copy: Path, why: object) -> StorageError:
    return StorageError(
        f"The copy {copy} is not sound: {why}.",
        "`kiosk gallery check` tells whether the gallery is.",
    )


def _require_template_key(draft: Path, copy: Path, key_file: Path) -> None:
    """Raises StorageError for a copy whose templates nobody could be compared with any more."""
    with reporting():
        opened = unlocked(connect(draft), read_key(key_file), draft)
        try:
            mark = transform_of(opened)
        finally:
            opened.close()
    try:
        if mark is not None:
            TransformKeyFile(transform_file(key_file), lambda: read_key(key_file)).seed(mark)
    except StorageError as error:
        raise StorageError(
            f"The copy {copy} is from before the last `kiosk gallery rekey`, which made it "
            "worthless.",
            "Take a newer copy; or move key and templates' key away and put back, with "
            "`kiosk key restore`, what `kiosk key backup` wrote when the copy was made.",
        ) from error


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} of the copies cannot be made: {error.strerror}.",
            "Name another one with backup_folder in the settings.",
        ) from error
    require_safe_folder(folder, "the copies")


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


def _verified(file: Path, path: Path, key: str, people: SubjectKeyFile) -> int:
    """How many people a copy holds, once it was opened as `restore` does; one that is not sound
    goes."""
    draft = _draft(path, "sealing")
    try:
        _opened_up(file, draft, key, people)
        with reporting():
            opened = open_file(draft, key)
            try:
                (subjects,) = opened.execute("SELECT count(*) FROM subjects").fetchone()
            finally:
                opened.close()
    except StorageError:
        file.unlink(missing_ok=True)
        raise
    finally:
        draft.unlink(missing_ok=True)
    return int(subjects)


def _thin_out(folder: Path, newest: Path, removed: str | None, rekeyed: str | None) -> int:
    """Only what is named as a copy of ours is ever deleted."""
    older = sorted((time, file) for file in folder.iterdir() if (time := _time_of(file)))
    too_many = {file for _, file in older[:-KEPT]}
    worthless = {file for time, file in older if rekeyed and time <= _moment(rekeyed)}
    # From before copies were sealed: whoever was deleted since can be read in them.
    open_ones = {file for _, file in older if file.match("*.db")}
    holding = {file for t, file in older if removed and t <= _moment(removed)} & open_ones
    gone = (too_many | worthless | holding) - {newest}
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time_of(file: Path) -> datetime | None:
    for form in (_FORM, _OLD_FORM):
        with suppress(ValueError):
            return datetime.strptime(file.name, form).replace(tzinfo=UTC)
    return None
