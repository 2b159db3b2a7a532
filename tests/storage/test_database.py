"""How a database is opened and asked, and SQLite's errors as ours."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.core.errors import (
    BugError,
    DiskFull,
    KnownError,
    ReadOnlyDatabase,
    StorageError,
)
from kiosk.storage.sqlite.bounds import printable
from kiosk.storage.sqlite.database import (
    connect,
    handles_used_up,
    reporting,
    transaction,
    translated,
    unlocked,
)
from tests.support.storage_support import plain_database


def named(name: str) -> Exception:
    """As SQLite raises it."""
    error = sqlcipher.OperationalError("told by SQLite")
    error.sqlite_errorname = name
    assert isinstance(error, Exception)
    return error


@contextmanager
def no_more_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("SQLITE_FULL", DiskFull, "The disk is full; the last change was rolled back."),
        ("SQLITE_IOERR_WRITE", StorageError, "The disk did not let the database be read"),
        ("SQLITE_READONLY_DBMOVED", ReadOnlyDatabase, "The database cannot be written."),
        ("SQLITE_CANTOPEN_ISDIR", ReadOnlyDatabase, "The database cannot be written."),
        ("SQLITE_PERM", ReadOnlyDatabase, "The database cannot be written."),
        ("SQLITE_BUSY_SNAPSHOT", StorageError, "Another kiosk is writing to the database."),
        ("SQLITE_LOCKED", StorageError, "Another kiosk is writing to the database."),
        ("SQLITE_CORRUPT_INDEX", StorageError, "The database is damaged."),
        ("SQLITE_NOTADB", StorageError, "The database is damaged."),
        ("SQLITE_NOMEM", StorageError, "There is not enough memory for the database"),
    ],
)
def test_errors_of_sqlite_are_ours_by_their_name(name: str, kind: type, text: str) -> None:
    found = translated(named(name))
    assert type(found) is kind
    assert isinstance(found, KnownError)
    assert found.text.startswith(text)
    assert found.remedy
    with pytest.raises(kind), reporting():
        raise named(name)


def test_a_statement_that_cannot_be_is_a_bug() -> None:
    for error in (named("SQLITE_ERROR"), sqlcipher.ProgrammingError("odd")):
        found = translated(error)
        assert type(found) is BugError
        assert str(error) in str(found)
    with pytest.raises(BugError, match="no such table"), reporting():
        plain_database().execute("SELECT * FROM nobody")


def test_a_process_that_may_open_nothing_more_says_so() -> None:
    assert handles_used_up() is False
    with no_more_files():
        used_up = handles_used_up()
        told = [translated(named(name)) for name in ("SQLITE_CANTOPEN", "SQLITE_IOERR_READ")]
        other = translated(named("SQLITE_FULL"))
    assert used_up is True
    assert {str(each) for each in told} == {str(told[0])}
    assert "This process may open no more files." in str(told[0])
    assert type(other) is DiskFull


def test_a_connection_keeps_to_our_rules(tmp_path: Path) -> None:
    database = unlocked(connect(tmp_path / "a.db"), "ab" * 32, tmp_path / "a.db")
    rules = {
        "foreign_keys": 1,
        "secure_delete": 1,
        "synchronous": 3,
        "cache_spill": 0,
        "temp_store": 2,
    }
    found = {rule: database.execute(f"PRAGMA {rule}").fetchone()[0] for rule in rules}
    assert found == rules
    assert database.conn.isolation_level is None
    database.close()


def test_everything_of_a_transaction_is_kept_or_nothing() -> None:
    database = plain_database()
    database.execute("CREATE TABLE kept (n INTEGER)")
    with transaction(database):
        assert database.conn.in_transaction
        database.execute("INSERT INTO kept VALUES (1)")
    assert not database.conn.in_transaction
    with suppress(RuntimeError), transaction(database):
        database.execute("INSERT INTO kept VALUES (2)")
        raise RuntimeError("broke off")
    assert not database.conn.in_transaction
    assert [row[0] for row in database.execute("SELECT n FROM kept")] == [1]


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    one, two = (
        unlocked(connect(tmp_path / "a.db", 0.01), "ab" * 32, tmp_path / "a.db") for _ in range(2)
    )
    refused = pytest.raises(StorageError, match="Another kiosk is writing")
    with transaction(one), refused, transaction(two):
        pass
    with transaction(two):
        pass
    one.close()
    two.close()


def test_a_word_of_a_foreign_file_is_shown_without_what_acts() -> None:
    assert printable("subjects") == "subjects"
    assert printable("a\x1b[2J\nb\u202e") == "a?[2J?b?"
    assert printable("가" * 50) == "가" * 40
