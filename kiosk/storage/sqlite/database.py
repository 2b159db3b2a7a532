"""Opening the encrypted database, transactions, and SQLite's errors in our words.

SQLCipher with a raw 256-bit key under sqlite-utils. The rollback journal (not WAL) keeps the
gallery in one file that may be copied whenever nobody writes; `synchronous=EXTRA` makes a commit
survive a power cut; `secure_delete` overwrites what is deleted.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database

from kiosk.core.errors import (
    BugError,
    DiskFull,
    KioskError,
    ReadOnlyDatabase,
    StorageError,
    WrongKey,
)
from kiosk.storage.keys.file import make_key, next_file, promote, read_key
from kiosk.storage.keys.private import make_folder, require_private, require_safe_folder
from kiosk.storage.sqlite.pages import fits_other_page
from kiosk.storage.sqlite.use import Use, one_at_a_time, shared_use
from kiosk.storage.sqlite.vector_forms import VectorDatabase

BUSY_SECONDS = 5.0
MORE_HANDLES = "Start the kiosk again; if it comes back, raise LimitNOFILE of its service."
APPLICATION_ID = 0x4B494F53
"""'KIOS': marks a database as ours."""
COPY_ID = 0x4B494F43
"""'KIOC': marks a copy in which everything personal is sealed."""
_PLAIN_HEADER = b"SQLite format 3\x00"
_PAGE_SIZE = 4096
_BEFORE_KEY = (
    # Without this SQLCipher writes its own lines to stderr beside our error.
    "PRAGMA cipher_log_level = NONE",
    # What SQLCipher allocates is locked in memory where the system allows, and wiped.
    "PRAGMA cipher_memory_security = ON",
)
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA synchronous = EXTRA",
    # A long transaction stays in memory until it commits, so that readers are locked out only
    # for the moment of the commit.
    "PRAGMA cache_spill = OFF",
    "PRAGMA temp_store = MEMORY",
)


class GalleryDatabase(VectorDatabase):
    """An open gallery file, which nobody re-encrypts as long as it is open."""

    def __init__(self, connection: Any, use: Use) -> None:
        self._use = use
        super().__init__(connection)

    def close(self) -> None:
        """Close it; closing twice is allowed."""
        super().close()
        self._use.end()


def open_database(path: Path, key_file: Path) -> Database:
    """Open the encrypted database, making it and its key on the first use.

    A new key is made only where there is neither key nor database. The caller closes it. Raises
    StorageError, WrongKey.
    """
    if not path.parent.is_dir() and not key_file.exists():
        _make_folder(path)
    with one_at_a_time(path.parent):  # of two that begin together one makes what the other opens
        _require_both_or_neither(path, key_file)
        use = shared_use(path)
        try:
            return GalleryDatabase(open_connection(path, key_file), use)
        except BaseException:
            use.end()
            raise


def open_connection(path: Path, key_file: Path) -> Any:
    """As `open_database`, for whoever holds the gallery for themselves."""
    pending = next_file(key_file)
    if _is_new(path) and not key_file.exists():
        require_safe_folder(path.parent, "the gallery")
        with reporting():
            opened = _made(path, make_key(pending))
        promote(key_file)
        return opened
    if not key_file.exists():  # a first start cut off before its last step
        opened = _opened(path, read_key(pending))
        promote(key_file)
        return opened
    try:
        return _opened(path, read_key(key_file))
    except WrongKey:
        if not pending.exists():
            raise
    opened = _opened(path, read_key(pending))  # an exchange cut off before its last step
    promote(key_file)
    return opened


def _opened(path: Path, key: str) -> Any:
    _require_ours(path)
    with reporting():
        if path.stat().st_size < _PAGE_SIZE:
            # SQLite takes a file of less than a page for an empty database and would write over it.
            raise _not_opened(path)
        return unlocked(connect(path, BUSY_SECONDS), key, path).conn


def _made(path: Path, key: str) -> Any:
    """A database with its first page, which shows by its key alone that it was begun."""
    _make_file(path)
    connection = unlocked(connect(path, BUSY_SECONDS), key, path).conn
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return connection


def connect(path: Path | str, busy_seconds: float = BUSY_SECONDS) -> Any:
    """A connection that begins no transaction by itself.

    It may be handed from one thread to another but never be used by two at once.
    """
    return sqlcipher.connect(
        str(path), timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )


def unlocked(connection: Any, key: str, path: Path) -> Database:
    """The database behind `connection`, opened with a key of 64 hexadecimal digits."""
    try:
        for pragma in _BEFORE_KEY:
            connection.execute(pragma)
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return prepared(connection)
    except BaseException as error:
        connection.close()
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            if fits_other_page(path, key):
                raise StorageError(
                    f"The first page of {path} is damaged; its key is right.",
                    "Put back a copy, or import your last `kiosk gallery export` into a new one.",
                ) from error
            raise _not_opened(path) from error
        raise


def prepared(connection: Any) -> Database:
    """The connection with our pragmas, under sqlite-utils."""
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return VectorDatabase(connection)


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """Everything inside is kept, or nothing is.

    Takes the write lock at once, so that two writers wait for each other instead of failing half
    way. Raises StorageError and its children in place of SQLite's errors.
    """
    with reporting():
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
            database.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back after some errors (a full disk is one).
            if database.conn.in_transaction:
                database.execute("ROLLBACK")
            raise


@contextmanager
def reporting() -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlcipher.Error as error:
        raise translated(error) from error


def translated(error: Exception) -> KioskError:
    """Our error for one of SQLite's."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR")) and handles_used_up():
        return StorageError("This process may open no more files.", MORE_HANDLES)
    if name.startswith("SQLITE_NOMEM"):
        return StorageError(
            "There is not enough memory for the database; the last change was rolled back.",
            "Close other programs, or add memory.",
        )
    for beginnings, (kind, text, remedy) in _ERRORS.items():
        if name.startswith(beginnings):
            return kind(text, remedy)
    return BugError(f"the database refused a statement: {error}")


_ERRORS: dict[tuple[str, ...], tuple[type[StorageError], str, str]] = {
    ("SQLITE_FULL",): (
        DiskFull,
        "The disk is full; the last change was rolled back.",
        "Free some space and do the last step again.",
    ),
    ("SQLITE_IOERR",): (
        StorageError,
        "The disk did not let the database be read or written; the last change was rolled back.",
        "Check the disk, its free space and this account's quota.",
    ),
    ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"): (
        ReadOnlyDatabase,
        "The database cannot be written.",
        "Check that its file and folder belong to this account and that the disk is not read-only.",
    ),
    ("SQLITE_BUSY", "SQLITE_LOCKED"): (
        StorageError,
        "Another kiosk is writing to the database.",
        "Try again when it has finished, or close it.",
    ),
    ("SQLITE_CORRUPT", "SQLITE_NOTADB"): (
        StorageError,
        "The database is damaged.",
        "Put back a copy, or import your last `kiosk gallery export` into a new database.",
    ),
}


def handles_used_up() -> bool:
    """Whether the system lets this process open nothing more."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def _not_opened(path: Path) -> StorageError:
    with path.open("rb") as stream:
        if stream.read(len(_PLAIN_HEADER)) == _PLAIN_HEADER:
            return StorageError(
                f"{path} is a database without encryption, not a gallery.",
                "Name another file with database in the settings.",
            )
    return WrongKey(
        f"The key does not open {path}, or that file is no gallery.",
        "Check database and key_file in the settings; a gallery opens only with its own key.",
    )


def _is_new(path: Path) -> bool:
    """Whether there is nothing yet: no file, or an empty one (a first start cut off)."""
    try:
        return not path.exists() or (path.is_file() and path.stat().st_size == 0)
    except OSError as error:
        raise _unreachable(path, error) from error


def _require_both_or_neither(path: Path, key_file: Path) -> None:
    """A gallery whose disk is not mounted, or that was put away, is never begun anew."""
    keys = [each for each in (key_file, next_file(key_file)) if each.exists()]
    is_new = _is_new(path)
    if not is_new and not keys:
        raise StorageError(
            f"The key file {key_file} of the gallery {path} is missing.",
            "Put it back with `kiosk key restore`, or from your copy: without it nobody can open "
            "the gallery. To begin an empty gallery, move the database away.",
        )
    if not is_new or not key_file.exists():
        return
    if not path.parent.is_dir():
        raise StorageError(
            f"The folder {path.parent} of the database is missing, but its key is there.",
            f"Mount that disk. For an empty gallery run: mv '{key_file}' '{key_file}.old'",
        )
    what = "empty" if path.exists() else "missing"
    raise StorageError(
        f"The gallery {path} is {what}, but its key is there.",
        "Mount its disk, or put a copy of it back. For an empty gallery run: "
        f"mv '{key_file}' '{key_file}.old'",
    )


def _require_ours(path: Path) -> None:
    """Raises StorageError for a database, or a folder of it, that is open to other accounts."""
    try:
        require_private(path, path.stat(), "The gallery")
    except OSError as error:
        raise _unreachable(path, error) from error
    require_safe_folder(path.parent, "the gallery")


def _make_folder(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise _unreachable(path, error) from error
    require_safe_folder(path.parent, "the gallery")


def _make_file(path: Path) -> None:
    """An empty file that only its owner can read: SQLite itself would follow the umask."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _unreachable(path, error) from error


def _unreachable(path: Path, error: OSError) -> StorageError:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return StorageError("This process may open no more files.", MORE_HANDLES)
    return StorageError(
        f"The database {path} cannot be reached: {error.strerror}.",
        "Check database in the settings and who may write its folder.",
    )


def unlocked_for_look(path: Path, key: str) -> bool:
    """Whether a key opens a database; nothing is changed. Raises StorageError."""
    _require_ours(path)
    with reporting():
        try:
            unlocked(connect(path), key, path).close()
        except WrongKey:
            return False
    return True
