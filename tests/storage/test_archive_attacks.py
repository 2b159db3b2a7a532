"""Archives made to do harm: each is refused whole with its cause, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.core.errors import InputError, StorageError
from kiosk.core.records import Consent
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite import archive as archives
from kiosk.storage.sqlite.database import connect
from tests.support.storage_support import FACE, NEW, plain_database, template, unit

PASSPHRASE = 'it\'s a "long" enough 암호'
JPEG = cv2.imencode(".jpg", np.full((160, 160, 3), 90, np.uint8))[1].tobytes()
HUGE = cv2.imencode(".jpg", np.zeros((4, 2000, 3), np.uint8))[1].tobytes()
CONSENT = Consent(datetime(2026, 9, 1, tzinfo=UTC), "1", "ko", "text", "staff")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Of one person with face, consent and picture."""
    gallery = SqlGallery(plain_database())
    gallery.enrol("Mallory", [template(7)], NEW, "note", CONSENT, JPEG)
    gallery.export(tmp_path / "a.kiosk", PASSPHRASE)
    gallery.close()
    return tmp_path / "a.kiosk"


@pytest.fixture
def there() -> Iterator[SqlGallery]:
    """A gallery with the victims in it."""
    gallery = SqlGallery(plain_database())
    gallery.enrol("Carl", [template(8)], NEW)
    gallery.enrol("Dora", [template(9)], NEW)
    yield gallery
    gallery.close()


def tamper(archive: Path, *statements: str) -> None:
    """Change the encrypted file behind the program's back."""
    connection = connect(archive)
    connection.set_key(PASSPHRASE)
    connection.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def content(gallery: SqlGallery) -> list[object]:
    """Everything in it, and what the screens see."""
    tables = ("subjects", "models", "enrolments", "templates", "consents", "pictures")
    rows = [gallery.database.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    sequence = gallery.database.execute("SELECT * FROM sqlite_sequence").fetchall()
    return [*rows, sequence, len(gallery.references(FACE, "net"))]


RENUMBER = (
    "UPDATE subjects SET subject_id = {0}",
    "UPDATE enrolments SET subject_id = {0}",
    "UPDATE templates SET subject_id = {0}",
    "UPDATE consents SET subject_id = {0}",
    "UPDATE pictures SET subject_id = {0}",
)


def renumbered(number: int) -> tuple[str, ...]:
    return tuple(statement.format(number) for statement in RENUMBER)


def rebuilt(table: str, find: str, replacement: str) -> tuple[str, ...]:
    """Another shape of a table, with its rows."""
    return (
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = replace(sql, '{find}', '{replacement}') "
        f"WHERE name = '{table}'",
        "PRAGMA writable_schema = OFF",
    )


ATTACKS: dict[str, tuple[tuple[str, ...], str]] = {
    "subject 0": (renumbered(0), "never given out"),
    "subject -1": (renumbered(-1), "never given out"),
    "subject 3,000,000,000": (renumbered(3_000_000_000), "never given out"),
    "subject near 2^63": (renumbered(2**63 - 2), "never given out"),
    "template -5": (("UPDATE templates SET template_id = -5",), "never given out"),
    "sequence near 2^63": (
        (f"UPDATE sqlite_sequence SET seq = {2**63 - 2} WHERE name = 'subjects'",),
        "go on from",
    ),
    "templates of somebody else": (("UPDATE templates SET subject_id = 2",), "points to nothing"),
    "consent of somebody else": (("UPDATE consents SET subject_id = -1",), "points to nothing"),
    "picture of somebody else": (("UPDATE pictures SET subject_id = 2",), "points to nothing"),
    "enrolment of somebody else": (("UPDATE enrolments SET subject_id = 2",), "points to nothing"),
    "huge note": (("UPDATE subjects SET note = hex(zeroblob(25000000))",), "more than 8000 bytes"),
    "huge picture": (("UPDATE pictures SET jpeg = zeroblob(9000000)",), "more than"),
    "huge vector": (("UPDATE templates SET vector = zeroblob(9000000)",), "more than"),
    "wide picture": ((f"UPDATE pictures SET jpeg = x'{HUGE.hex()}'",), "no small JPEG"),
    "picture that is none": (("UPDATE pictures SET jpeg = x'00'",), "no small JPEG"),
    "escape in a note": (("UPDATE subjects SET note = char(27) || '[2J'",), "control sign"),
    "turned writing in a witness": (("UPDATE consents SET witness = char(8238)",), "control sign"),
    "escape in a model": (("UPDATE models SET model_id = 'net' || char(27)",), "control sign"),
    "escape in a name": (
        ("UPDATE subjects SET name = char(27) || 'x', name_key = char(27) || 'x'",),
        "nobody may have",
    ),
    "not a number": ((f"UPDATE templates SET vector = x'{'007e' * 16}'",), "length nan"),
    "infinite": ((f"UPDATE templates SET vector = x'{'007c' * 16}'",), "length inf"),
    "long vector": ((f"UPDATE templates SET vector = x'{'003c' * 16}'",), "length 4.0000"),
    "short vector": (("UPDATE templates SET vector = x'003c'",), "dimensions"),
    "endless dimensions": (("UPDATE models SET dims = 2000000000",), "dimensions"),
    "impossible counts": (
        ("UPDATE enrolments SET face_templates = -3, kind = 'rollback'",),
        "nobody can have",
    ),
    "no REFERENCES": (
        rebuilt("consents", "REFERENCES subjects ON DELETE CASCADE", ""),
        "of another shape",
    ),
    "no CHECK": (rebuilt("models", "CHECK (dims > 0)", ""), "of another shape"),
    "no STRICT": (rebuilt("pictures", "STRICT", ""), "of another shape"),
    "a trigger": (
        ("CREATE TRIGGER t AFTER INSERT ON subjects BEGIN DELETE FROM subjects; END",),
        "belongs to no gallery",
    ),
    "a view": (("CREATE VIEW v AS SELECT 1",), "belongs to no gallery"),
    "another table": (("CREATE TABLE more (x)",), "belongs to no gallery"),
    "another column": (("ALTER TABLE subjects ADD COLUMN x TEXT",), "of another shape"),
    "a missing table": (("DROP TABLE pictures",), "is missing"),
    "version 0": (("PRAGMA user_version = 0",), "shape|belongs to no gallery|no version"),
}


def test_each_attack_is_refused_and_changes_nothing(
    there: SqlGallery, archive: Path, tmp_path: Path
) -> None:
    before, failed = content(there), []
    for name, (statements, said) in ATTACKS.items():
        file = tmp_path / "attack.kiosk"
        file.write_bytes(archive.read_bytes())
        tamper(file, *statements)
        try:
            there.merge(file, PASSPHRASE)
            failed.append(f"{name}: taken")
        except InputError as error:
            if not any(part in str(error) for part in said.split("|")):
                failed.append(f"{name}: {error}")
            if any(not sign.isprintable() for sign in str(error)):
                failed.append(f"{name}: its error steers the terminal")
        if content(there) != before:
            failed.append(f"{name}: something of it was kept")
    assert not failed, "\n".join(failed)


def test_the_untampered_archive_is_taken_with_new_ids(there: SqlGallery, archive: Path) -> None:
    there.merge(archive, PASSPHRASE)
    mallory = there.subject("Mallory").subject_id
    assert mallory == 3
    assert [each.text for each in there.consents("Mallory")] == ["text"]
    assert list(there.pictures([mallory])) == [mallory]
    assert there.problems() == []


def test_gaps_in_the_ids_of_an_archive_leave_none_here(there: SqlGallery, archive: Path) -> None:
    tamper(archive, *renumbered(900_000_000))
    there.merge(archive, PASSPHRASE)
    assert there.subject("Mallory").subject_id == 3
    (vector,) = (each.vector for each in there.templates(3))
    assert float(vector @ unit(7)) > 0.999


def test_a_file_beyond_all_bounds_is_not_opened(
    there: SqlGallery, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 1000)
    with pytest.raises(InputError, match="larger than"):
        there.merge(archive, PASSPHRASE)


def test_a_gallery_whose_ids_are_used_up_says_so(there: SqlGallery, archive: Path) -> None:
    there.database.execute("UPDATE sqlite_sequence SET seq = 9223372036854775806")
    with pytest.raises(StorageError, match="go on from"):
        there.merge(archive, PASSPHRASE)
    assert [each.name for each in there.subjects()] == ["Carl", "Dora"]


def test_the_check_finds_in_a_gallery_what_an_import_refuses(archive: Path) -> None:
    failed = []
    for name, (statements, said) in ATTACKS.items():
        if name in ("wide picture", "picture that is none", "version 0"):
            continue
        gallery = SqlGallery(plain_database())
        gallery.enrol("Mallory", [template(7)], NEW, "note", CONSENT, JPEG)
        gallery.database.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            gallery.database.execute(statement)
        found = gallery.problems()
        if not any(said in line for line in found):
            failed.append(f"{name}: {found}")
        if not all((line.endswith(".") and "`" in line) or "copy" in line for line in found):
            failed.append(f"{name}: no remedy in {found}")
        gallery.close()
    assert not failed, "\n".join(failed)
