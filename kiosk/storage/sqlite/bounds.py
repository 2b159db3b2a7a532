"""What a gallery may hold at most: shape of its tables, ids, lengths and spelling of its texts.

An archive comes from outside and is held against all of it before anything of it is kept; a gallery
is held against it by `kiosk gallery check`. What is reported names ids and tables, never people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from sqlite_utils import Database

from kiosk.storage.sqlite.database import connect, prepared
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate

HIGHEST_ID = 1_000_000_000
"""No kiosk ever gives out so many ids; one beyond was not given out by this program."""
LARGEST_ARCHIVE = 2 << 30
"""Bytes of an archive's file: room for a hundred thousand people."""
_MOST_DIMENSIONS = 2048
_MOST_TEMPLATES = 1_000_000
_LONGEST_DEFINITION = 10_000
_MOST_DEFINITIONS = 200

_LENGTHS = {
    ("subjects", "name"): 800,
    ("subjects", "name_key"): 4800,
    ("subjects", "note"): 8000,
    ("subjects", "created"): 40,
    ("models", "model_id"): 200,
    ("enrolments", "time"): 40,
    ("templates", "vector"): 4 * _MOST_DIMENSIONS,
    ("templates", "source"): 800,
    ("templates", "created"): 40,
    ("consents", "time"): 40,
    ("consents", "version"): 200,
    ("consents", "language"): 40,
    ("consents", "text"): 80_000,
    ("consents", "witness"): 800,
    ("consents", "withdrawn"): 40,
    ("pictures", "jpeg"): 256 << 10,
    ("upgrade_samples", "vector"): 4 * _MOST_DIMENSIONS,
    ("probes", "vector"): 4 * _MOST_DIMENSIONS,
    ("holds", "ground"): 2000,
    ("template_key", "transform"): 40,
    ("template_key", "since"): 40,
    ("trail", "time"): 40,
    ("trail", "act"): 80,
    ("trail", "facts"): 16 << 20,
    ("trail", "digest"): 64,
    ("trail", "link"): 64,
}
"""Bytes that a value may have at most, by table and column."""
_LINES_ALLOWED = {("subjects", "note"), ("consents", "text")}
_IDS = {
    "subjects": "subject_id",
    "models": "model",
    "enrolments": "enrolment_id",
    "templates": "template_id",
    "decisions": "decision_id",
    "consents": "consent_id",
    "pictures": "subject_id",
}
_FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Signs that some names cannot be written without, as in `kiosk.core.names`."""
Definition: TypeAlias = tuple[str, str, str, str]
"""Type, name, table and statement of a part of a schema."""


def is_clean_text(text: str, *, lines: bool = False) -> bool:
    """Whether a text has no sign that steers a terminal or turns the direction of writing; line
    feeds and tabs pass where a text has lines."""
    if text.isprintable():  # which nothing forbidden is: most texts are told so at once
        return True
    allowed = _JOINERS + ("\n\t" if lines else "")
    return not any(unicodedata.category(s) in _FORBIDDEN and s not in allowed for s in text)


def foreign_definitions(database: Database, version: int, schema: str = "main") -> Iterator[str]:
    """How the schema of a database differs from that of a gallery of this version: every table,
    column, type, constraint, index, and nothing beside them."""
    sizes = f"SELECT count(*), max(octet_length(sql)) FROM {schema}.sqlite_master"  # noqa: S608
    count, longest = database.execute(sizes).fetchone()
    if count > _MOST_DEFINITIONS or (longest or 0) > _LONGEST_DEFINITION:
        yield "its schema is none of a gallery"
        return
    found, expected = _definitions(database, schema), _expected(version)
    for kind, name, _, _ in sorted(found - expected):
        same = any(name == other[1] for other in expected)
        what = "is of another shape than in a gallery" if same else "belongs to no gallery"
        yield f"its {kind} {printable(name)} {what}"
    for kind, name, _, _ in sorted(expected - found):
        if not any(name == other[1] for other in found):
            yield f"its {kind} {name} is missing"


def oversized(database: Database, schema: str = "main") -> Iterator[str]:
    """Values longer than anything this program writes; found by their size alone, unread."""
    for (table, column), most in _LENGTHS.items():
        if column not in _columns(database, table, schema):
            continue
        found = database.execute(
            f"SELECT rowid FROM {schema}.{table} WHERE octet_length({column}) > ?",  # noqa: S608
            [most],
        )
        for (number,) in found:
            yield f"row {number} of {table} has a {column} of more than {most} bytes"


def odd_ids(database: Database) -> Iterator[str]:
    """Ids that this program never gives out."""
    for table, column in _IDS.items():
        found = database.execute(
            f"SELECT {column} FROM {table} WHERE {column} NOT BETWEEN 1 AND ?",  # noqa: S608
            [HIGHEST_ID],
        )
        yield from (f"{column} {number} of {table} was never given out" for (number,) in found)
    for table, number in database.execute(
        "SELECT name, seq FROM sqlite_sequence WHERE seq NOT BETWEEN 0 AND ?", [HIGHEST_ID]
    ):
        yield f"the ids of {printable(table)} go on from {number}"


def unclean_texts(database: Database) -> Iterator[str]:
    """Texts with signs that a terminal or a screen obeys instead of showing them."""
    for (table, column), _ in _LENGTHS.items():
        if column in ("name", "name_key", "vector", "jpeg"):
            continue
        lines = (table, column) in _LINES_ALLOWED
        found = database.execute(
            f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
        )
        for number, text in found:
            if not is_clean_text(text, lines=lines):
                yield f"row {number} of {table} has a control sign in its {column}"


def impossible_numbers(database: Database) -> Iterator[str]:
    """Counts and dimensions beyond anything that happens."""
    for (number,) in database.execute(
        """SELECT enrolment_id FROM enrolments
           WHERE face_templates NOT BETWEEN 0 AND :most
              OR voice_templates NOT BETWEEN 0 AND :most""",
        {"most": _MOST_TEMPLATES},
    ):
        yield f"enrolment {number} counts templates that nobody can have"
    for (number,) in database.execute(
        "SELECT model FROM models WHERE dims NOT BETWEEN 1 AND ?", [_MOST_DIMENSIONS]
    ):
        yield f"model {number} has more dimensions than any model"


def printable(text: str) -> str:
    """A word of a foreign file as it may be shown: without control signs, forty at most."""
    return "".join(sign if is_clean_text(sign) else "?" for sign in text[:40])


def _definitions(database: Database, schema: str) -> set[Definition]:
    found = database.execute(f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master")  # noqa: S608
    return {(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in found}


@lru_cache(maxsize=4)
def _expected(version: int) -> frozenset[Definition]:
    """Of a gallery made for this; the same for as long as the program runs, and dearer than all
    else that is looked at in a small gallery."""
    fresh = prepared(connect(":memory:"))
    try:
        migrate(fresh, MIGRATIONS[:version])
        return frozenset(_definitions(fresh, "main"))
    finally:
        fresh.close()


def _columns(database: Database, table: str, schema: str) -> set[str]:
    return {row[1] for row in database.execute(f"PRAGMA {schema}.table_info({table})")}
