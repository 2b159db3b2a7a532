"""What an operator does with the key of a gallery: look, exchange, copy, put back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import InputError, StorageError, WrongKey
from kiosk.core.ports.audit import Act
from kiosk.core.weak import require_strong
from kiosk.storage.keys.backup import KeyCopy, read_backup, write_backup
from kiosk.storage.keys.file import Keeping, fingerprint, keep_key, keeping_of, next_file, read_key
from kiosk.storage.sqlite import rotation
from kiosk.storage.sqlite.backups import keys_of_people
from kiosk.storage.sqlite.database import unlocked_for_look
from kiosk.storage.sqlite.gallery import SqlGallery, transform_key_file

__all__ = ["Status", "backup", "require_strong", "restore", "rotate", "status"]


@dataclass(frozen=True)
class Status:
    """`keeping` and `fingerprint` are empty where there is no key yet; `opens` is whether it opens
    the gallery, None where there is none."""

    keeping: Keeping | None
    fingerprint: str
    opens: bool | None
    unfinished: bool
    people: int | None = None
    """How many people have keys under which copies hold them; None before the first copy."""


def status(database: Path, key_file: Path) -> Status:
    """Changes nothing. Raises StorageError for a key that cannot be used."""
    unfinished = next_file(key_file).exists()
    if not key_file.exists():
        return Status(None, "", None, unfinished)
    key = read_key(key_file)
    opens = unlocked_for_look(database, key) if database.exists() else None
    people = keys_of_people(key_file)
    holders = len({each.subject_id for each in people.all()}) if people.exists() else None
    return Status(keeping_of(key_file), fingerprint(key), opens, unfinished, holders)


def rotate(
    database: Path, key_file: Path, keeping: Keeping | None = None, passphrase: str = ""
) -> None:
    """Exchange the key; that it was begun is recorded. Raises StorageError."""
    gallery = SqlGallery.open(database, key_file)
    gallery.actor = "shell"
    try:
        gallery.note(Act.KEY, keeping=keeping.value if keeping else None)
    finally:
        gallery.close()
    rotation.rotate(database, key_file, keeping, passphrase)


def backup(database: Path, key_file: Path, file: Path, passphrase: str) -> str:
    """Write a copy under a passphrase; returns its fingerprint. Raises InputError, StorageError,
    also for a key that does not open the gallery: a copy of it would be worth nothing."""
    require_strong(passphrase)
    gallery = SqlGallery.open(database, key_file)  # finishes an exchange that was cut off
    try:
        seed = gallery.template_key()
    finally:
        gallery.close()
    key = read_key(key_file)
    write_backup(KeyCopy(key, seed), file, passphrase)
    return fingerprint(key)


def restore(database: Path, key_file: Path, file: Path, passphrase: str) -> str:
    """Put a copy in place; returns its fingerprint. Raises InputError, WrongKey, StorageError."""
    templates = transform_key_file(key_file)
    if key_file.exists() and templates.file.exists():
        raise InputError(
            f"{key_file} is there and would be lost.",
            f"If it is wrong, first run: mv '{key_file}' '{key_file}.old'",
        )
    copy = read_backup(file, passphrase)
    if key_file.exists() and (copy.seed is None or read_key(key_file) != copy.key):
        raise InputError(
            f"{key_file} is there, and {file} is a copy of another key.",
            f"If it is wrong, first run: mv '{key_file}' '{key_file}.old'",
        )
    if database.exists() and not unlocked_for_look(database, copy.key):
        raise WrongKey(
            f"The key in {file} does not open {database}.",
            "Take the copy that was made after the last `kiosk key rotate`.",
        )
    if not key_file.exists():
        keep_key(key_file, copy.key, Keeping.FILE)
    if read_key(key_file) != copy.key:
        raise StorageError(f"{key_file} was made by another process.", "Look at it first.")
    if copy.seed is not None:
        templates.add(copy.seed)
    return fingerprint(copy.key)
