"""Another key for a gallery: it is written anew under it, and every older copy stays closed.

The old file and key stay in force until the new file lies whole on the disk. Cut off at any step,
the gallery opens, with the one key or the other, and `rotate` can be called again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from kiosk.core.errors import StorageError
from kiosk.core.own_files import subject_key_file, transform_file
from kiosk.storage.keys.file import (
    Keeping,
    KeptKey,
    keep_key,
    new_key,
    next_file,
    promote,
    read_kept,
    read_key,
)
from kiosk.storage.keys.private import sync_folder
from kiosk.storage.keys.subjects import SubjectKeyFile
from kiosk.storage.keys.transforms import TransformKeyFile
from kiosk.storage.sqlite.database import (
    connect,
    open_connection,
    prepared,
    reporting,
    unlocked,
)
from kiosk.storage.sqlite.integrity import problems
from kiosk.storage.sqlite.use import sole_use

_KEPT_PRAGMAS = ("application_id", "user_version")


class Step(StrEnum):
    """What is done, in this order."""

    OPENED = "opened"
    KEY_WRITTEN = "key written"
    COPIED = "copied"
    CHECKED = "checked"
    FILE_REPLACED = "file replaced"
    KEY_REPLACED = "key replaced"


def draft_of(database: Path) -> Path:
    """Where the gallery is written anew."""
    return database.with_name(f".{database.name}.rotating")


def rotate(
    database: Path,
    key_file: Path,
    keeping: Keeping | None = None,
    passphrase: str = "",
    tell: Callable[[Step], None] = lambda step: None,
) -> None:
    """Exchange the key, and where it is kept if another place is named.

    Raises StorageError; what went before is then in force.
    """
    use = sole_use(database)
    try:
        connection = open_connection(database, key_file)
        try:
            tell(Step.OPENED)
            before = read_key(key_file)
            kept = _next_key(key_file, keeping, passphrase)
            templates = TransformKeyFile(transform_file(key_file), lambda: kept.key)
            templates.seal_under(before, kept.key)
            people = SubjectKeyFile(subject_key_file(key_file), lambda: kept.key)
            people.seal_under(before, kept.key)
            tell(Step.KEY_WRITTEN)
            draft = draft_of(database)
            _copy(connection, draft, kept.key)
            tell(Step.COPIED)
        finally:
            connection.close()
        _check(draft, kept.key)
        tell(Step.CHECKED)
        draft.replace(database)
        sync_folder(database.parent)
        tell(Step.FILE_REPLACED)
        promote(key_file)
        templates.forget_others(kept.key)
        people.forget_others(kept.key)
        tell(Step.KEY_REPLACED)
    finally:
        use.end()


def _next_key(key_file: Path, keeping: Keeping | None, passphrase: str) -> KeptKey:
    """One that a rotation cut off has left is not in force and is thrown away."""
    before = read_kept(key_file)
    next_file(key_file).unlink(missing_ok=True)
    wanted = keeping or before.keeping
    secret = passphrase or before.passphrase
    keep_key(next_file(key_file), key := new_key(), wanted, secret)
    return KeptKey(key, wanted, passphrase=secret)


def _copy(connection: object, draft: Path, key: str) -> None:
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StorageError(
            f"The gallery cannot be written anew: {error.strerror}.", "Check its folder."
        ) from error
    execute = connection.execute  # type: ignore[attr-defined]
    try:
        with reporting():
            execute(f"ATTACH ? AS anew KEY \"x'{key}'\"", [str(draft)])
            execute("PRAGMA anew.synchronous = EXTRA")
            execute("SELECT sqlcipher_export('anew')").fetchall()
            for pragma in _KEPT_PRAGMAS:
                (value,) = execute(f"PRAGMA main.{pragma}").fetchone()
                execute(f"PRAGMA anew.{pragma} = {int(value)}")
            execute("DETACH anew")
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    with draft.open("rb") as written:
        os.fsync(written.fileno())


def _check(draft: Path, key: str) -> None:
    """Read whole, before it takes the place of the old one."""
    with reporting():
        written = prepared(unlocked(connect(draft), key, draft).conn)
        try:
            found = next(problems(written), None)
        finally:
            written.close()
    if found is not None:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"The gallery is damaged: {found.text}. Its key was not exchanged.",
            "`kiosk gallery check` lists all that is wrong.",
        )
