"""Copies of the gallery in which everything personal is sealed under the key of its subject.

A copy has the tables of the gallery; what tells of somebody is ciphertext in it. Who was deleted
has no key any more, and no copy yields anything of them, wherever it lies. What is left readable
to whoever has the gallery's key are ids, times, counts and scores.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlite_utils import Database

from kiosk.core.errors import StorageError
from kiosk.storage.keys.subjects import SubjectKey
from kiosk.storage.sqlite.database import (
    APPLICATION_ID,
    COPY_ID,
    connect,
    prepared,
    reporting,
    transaction,
    unlocked,
)

_NONCE, _MARK = 12, 8
_VISITOR = """coalesce((SELECT corrected_to FROM corrections AS c
                WHERE c.decision_id = probes.decision_id),
               (SELECT d.subject_id FROM decisions AS d
                WHERE d.decision_id = probes.decision_id))"""
"""Whose a kept probe is: who it really was, where staff said so, else who was named."""
_FLEET = """(SELECT f.row FROM fleet_rows AS f
             WHERE f.kind = 'subject' AND f.uid = {}.subject)"""
"""Whose a row is that knows its person by the fleet's UUID; nobody's once they are gone."""
SEALED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "subjects": ("subject_id", ("name", "name_key", "note")),
    "templates": ("subject_id", ("vector", "source")),
    "upgrade_samples": ("subject_id", ("vector", "source")),
    "probes": (_VISITOR, ("vector",)),
    "pictures": ("subject_id", ("jpeg",)),
    "consents": ("subject_id", ("text", "witness")),
    "holds": ("subject_id", ("ground",)),
    "greetings": ("subject_id", ("text",)),
    "attendance_corrections": ("subject_id", ("reason",)),
    "fleet_rows": (_FLEET.format("fleet_rows"), ("state",)),
    "fleet_outbox": (_FLEET.format("fleet_outbox"), ("form",)),
    "fleet_notices": (_FLEET.format("fleet_notices"), ("text",)),
}
"""What is sealed in a copy: table, whose a row is, columns. Every other text is named in the tests
as one that tells nothing of a person."""
Value = str | bytes


def open_file(file: Path, key: str) -> Database:
    """Of a gallery or a copy that nobody else uses and that is thrown away if anything fails: no
    journal of it is written, and a large one need not fit into memory."""
    opened = prepared(unlocked(connect(file), key, file).conn)
    opened.execute("PRAGMA journal_mode = OFF").fetchall()
    opened.execute("PRAGMA cache_spill = ON").fetchall()
    return opened


def is_sealed(file: Path, key: str) -> bool:
    """Whether a file is such a copy. Raises StorageError, WrongKey."""
    with reporting():
        opened = open_file(file, key)
        try:
            return bool(opened.execute("PRAGMA application_id").fetchone()[0] == COPY_ID)
        finally:
            opened.close()


def seal(database: Database, key_of: Callable[[Collection[int]], Mapping[int, SubjectKey]]) -> None:
    """Make a copy of this database, which holds the gallery as it is. Raises StorageError."""
    with reporting():
        people = [row[0] for row in database.execute("SELECT subject_id FROM subjects").fetchall()]
        keys = {number: (key.mark, AESGCM(key.key)) for number, key in key_of(people).items()}

    def sealed(where: str, subject_id: int, value: Value) -> Value:
        mark, cipher = keys[subject_id]
        nonce = secrets.token_bytes(_NONCE)
        plain = value.encode() if isinstance(value, str) else value
        content = mark + nonce + cipher.encrypt(nonce, plain, _context(where, subject_id))
        return b64encode(content).decode() if isinstance(value, str) else content

    _transformed(database, sealed, COPY_ID)


def unseal(database: Database, keys: Collection[SubjectKey]) -> list[int]:
    """Make a gallery of a copy again; returns the ids of those whose key is gone, of whom nothing
    is left in it but the rows to be deleted. Raises StorageError for what was changed."""
    ciphers = {(key.subject_id, key.mark): AESGCM(key.key) for key in keys}
    merged = {key.mark: AESGCM(key.key) for key in keys}
    gone: set[int] = set()

    def unsealed(where: str, subject_id: int, value: Value) -> Value:
        content = b64decode(value) if isinstance(value, str) else value
        mark, nonce = content[:_MARK], content[_MARK : _MARK + _NONCE]
        cipher = ciphers.get((subject_id, mark)) or merged.get(mark)
        if cipher is None:
            gone.add(subject_id)
            return value
        plain = cipher.decrypt(nonce, content[_MARK + _NONCE :], _context(where, subject_id))
        return plain.decode() if isinstance(value, str) else plain

    _transformed(database, unsealed, APPLICATION_ID)
    return sorted(gone)


def _transformed(database: Database, change: Callable[..., Value], mark: int) -> None:
    failed: list[BaseException] = []

    def guarded(*values: Any) -> Value:
        try:
            return change(*values)
        except (InvalidTag, ValueError, TypeError, KeyError) as error:
            failed.append(error)
            raise

    database.conn.create_function("changed", 3, guarded)
    try:
        with transaction(database):
            # Nobody's (of a decision that named no one, of whoever is gone): no key protects it.
            for table in ("probes", "fleet_notices"):
                database.execute(f"DELETE FROM {table} WHERE {SEALED[table][0]} IS NULL")  # noqa: S608
            for table, (subject, columns) in SEALED.items():
                values = ", ".join(
                    f"{column} = changed('{table}.{column}', {subject}, {column})"
                    for column in columns
                )
                database.execute(f"UPDATE {table} SET {values} WHERE {subject} IS NOT NULL")  # noqa: S608
            database.execute(f"PRAGMA application_id = {mark}")
    except Exception as error:
        if failed:
            raise StorageError(
                "Something in the copy was changed since it was made.", "Take another copy."
            ) from error
        raise


def _context(where: str, subject_id: int) -> bytes:
    return f"{where}|{subject_id}".encode()
