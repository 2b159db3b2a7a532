"""People carried from one gallery to another."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import BugError, DiskFull, InputError, NewerDatabase, StorageError
from kiosk.core.records import ArchiveReceipt, Consent, Origin
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.database import connect
from tests.support.paths import ROOT
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    plain_database,
    template,
    templates,
)

JPEG = cv2.imencode(".jpg", np.full((160, 160, 3), 90, np.uint8))[1].tobytes()
PASSPHRASE = 'it\'s a "long" enough 암호'


@pytest.fixture
def here() -> Iterator[SqlGallery]:
    """A gallery with two people, one of them re-enrolled."""
    gallery = SqlGallery(plain_database())
    gallery.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW, "note")
    gallery.enrol("김민준", [template(4)], NEW)
    gallery.enrol("Ann", [template(5)], REPLACE)
    yield gallery
    gallery.close()


@pytest.fixture
def there() -> Iterator[SqlGallery]:
    """Another gallery, with somebody else in it and other numbers for the same models."""
    gallery = SqlGallery(plain_database())
    gallery.enrol("Carl", [template(9, VOICE), template(8)], NEW)
    yield gallery
    gallery.close()


@pytest.fixture
def archive(tmp_path: Path, here: SqlGallery) -> Path:
    file = tmp_path / "a file with % and ?.kiosk"
    here.export(file, PASSPHRASE)
    return file


def sources(gallery: SqlGallery, name: str) -> list[tuple[str, bytes]]:
    kept = gallery.templates(gallery.subject(name).subject_id)
    return [(each.modality.value, each.vector.tobytes()) for each in kept]


def test_everyone_arrives_with_templates_and_history(
    here: SqlGallery, there: SqlGallery, archive: Path
) -> None:
    assert there.merge(archive, PASSPHRASE) == ArchiveReceipt(subjects=2, templates=5)
    assert [each.name for each in there.subjects()] == ["Ann", "Carl", "김민준"]
    assert sources(there, "Ann") == sources(here, "Ann")
    assert there.subject("Ann").note == "note"
    kinds = [(each.kind.value, each.time) for each in there.history("Ann")]
    assert kinds == [(each.kind.value, each.time) for each in here.history("Ann")]
    assert there.problems() == []


def test_who_enrolled_themselves_is_marked_there_too(
    here: SqlGallery, there: SqlGallery, tmp_path: Path
) -> None:
    here.enrol("Dan", [template(6)], NEW, origin=Origin.SELF)
    here.export(tmp_path / "a.kiosk", PASSPHRASE)
    there.merge(tmp_path / "a.kiosk", PASSPHRASE)
    origins = {each.subject.name: each.origin for each in there.summaries()}
    assert (origins["Ann"], origins["Dan"]) == (Origin.STAFF, Origin.SELF)


def test_what_was_imported_can_be_rolled_back(there: SqlGallery, archive: Path) -> None:
    there.merge(archive, PASSPHRASE)
    there.roll_back("Ann")
    assert len(there.templates(there.subject("Ann").subject_id)) == 3


def test_the_resident_matrix_follows_an_import(there: SqlGallery, archive: Path) -> None:
    assert len(there.references(FACE, "net")) == 1
    there.merge(archive, PASSPHRASE)
    assert len(there.references(FACE, "net")) == 3


def test_a_taken_name_stops_the_whole_import(there: SqlGallery, archive: Path) -> None:
    there.enrol("ANN", [template(7)], NEW)
    with pytest.raises(InputError, match="1 of the names") as caught:
        there.merge(archive, PASSPHRASE)
    assert "Ann" in caught.value.remedy
    assert [each.name for each in there.subjects()] == ["ANN", "Carl"]


def test_a_full_disk_stops_the_whole_import(
    here: SqlGallery, there: SqlGallery, tmp_path: Path
) -> None:
    here.enrol("Big", templates(range(100, 400)), NEW)
    here.export(tmp_path / "big", PASSPHRASE)
    (pages,) = there.database.execute("PRAGMA page_count").fetchone()
    there.database.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(DiskFull):
        there.merge(tmp_path / "big", PASSPHRASE)
    assert [each.name for each in there.subjects()] == ["Carl"]
    assert there.problems() == []


def test_another_model_of_the_same_id_stops_the_import(there: SqlGallery, archive: Path) -> None:
    other = SqlGallery(plain_database())
    other.enrol("Dora", [template(1, dims=32)], NEW)
    with pytest.raises(InputError, match="another one than here"):
        other.merge(archive, PASSPHRASE)
    assert [each.name for each in other.subjects()] == ["Dora"]
    other.close()


def test_decisions_stay_where_they_were_made(
    here: SqlGallery, there: SqlGallery, tmp_path: Path
) -> None:
    here.record(Decision(DecisionOutcome.IDENTIFIED, (Candidate(1, "Ann", 5.0, 0.99),)))
    here.export(tmp_path / "out", PASSPHRASE)
    there.merge(tmp_path / "out", PASSPHRASE)
    assert there.decisions() == []
    assert len(here.decisions()) == 1


def test_nothing_readable_is_in_the_archive(archive: Path) -> None:
    content = archive.read_bytes()
    assert b"SQLite" not in content
    assert "김민준".encode() not in content  # three bytes alone could come by chance
    assert archive.stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_is_said(there: SqlGallery, archive: Path) -> None:
    with pytest.raises(InputError, match="does not open"):
        there.merge(archive, "another passphrase")


@pytest.mark.parametrize(
    "content", [b"", b"x", b"x" * 5000, b"SQLite format 3\x00" + b"\x00" * 5000]
)
def test_a_file_that_is_no_archive_is_said(
    there: SqlGallery, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "no").write_bytes(content)
    with pytest.raises(InputError, match="no archive"):
        there.merge(tmp_path / "no", PASSPHRASE)
    assert (tmp_path / "no").read_bytes() == content


def test_a_damaged_archive_changes_nothing(there: SqlGallery, archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(InputError):
        there.merge(archive, PASSPHRASE)
    assert [each.name for each in there.subjects()] == ["Carl"]


def test_a_missing_file_is_said(there: SqlGallery, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        there.merge(tmp_path / "nothing", PASSPHRASE)
    assert not (tmp_path / "nothing").exists()


def test_an_archive_of_a_newer_version_is_refused(
    there: SqlGallery, here: SqlGallery, archive: Path
) -> None:
    here.database.execute("ATTACH ? AS a KEY ?", [str(archive), PASSPHRASE])
    here.database.execute("PRAGMA a.user_version = 99")
    here.database.execute("DETACH a")
    with pytest.raises(NewerDatabase):
        there.merge(archive, PASSPHRASE)


def test_an_existing_file_is_replaced_only_by_force(here: SqlGallery, tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        here.export(file, PASSPHRASE)
    assert file.read_text() == "precious"
    here.export(file, PASSPHRASE, force=True)
    assert file.read_bytes() != b"precious"


def test_a_failed_export_leaves_the_old_archive_and_no_draft(
    here: SqlGallery, archive: Path, tmp_path: Path
) -> None:
    before = archive.read_bytes()
    here.database.execute("ATTACH ':memory:' AS archive KEY ''")
    with pytest.raises(BugError):
        here.export(archive, PASSPHRASE, force=True)
    assert archive.read_bytes() == before
    assert list(tmp_path.iterdir()) == [archive]


def test_a_gallery_that_nobody_could_import_is_not_exported(
    here: SqlGallery, tmp_path: Path
) -> None:
    here.database.execute("UPDATE templates SET vector = zeroblob(32) WHERE template_id = 1")
    with pytest.raises(StorageError, match="damaged: template 1"):
        here.export(tmp_path / "out", PASSPHRASE)
    assert not (tmp_path / "out").exists()


def test_an_export_into_a_missing_folder_is_said(here: SqlGallery, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        here.export(tmp_path / "no" / "out", PASSPHRASE)


def test_a_short_passphrase_is_refused(here: SqlGallery, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too short"):
        here.export(tmp_path / "out", "1234567")
    assert not (tmp_path / "out").exists()


def test_consent_travels_with_its_subject(
    here: SqlGallery, there: SqlGallery, tmp_path: Path
) -> None:
    when = datetime(2026, 9, 1, tzinfo=UTC)
    here.give_consent("Ann", Consent(when, "1", "ko", "text", "staff"))
    here.withdraw_consent("Ann")
    here.enrol("Ann", [template(8)], ADD, picture=JPEG)
    here.export(tmp_path / "out", PASSPHRASE)
    there.merge(tmp_path / "out", PASSPHRASE)
    (there_now,) = there.consents("Ann")
    assert there_now == here.consents("Ann")[0]
    assert there_now.withdrawn is not None
    assert list(there.pictures([each.subject_id for each in there.subjects()]).values()) == [JPEG]


def test_long_work_says_how_far_it_is(here: SqlGallery, there: SqlGallery, tmp_path: Path) -> None:
    here.enrol("Crowd", [template(k) for k in range(2500)], NEW)
    out, back = list[float](), list[float]()
    here.export(tmp_path / "out", PASSPHRASE, tell=out.append)
    there.merge(tmp_path / "out", PASSPHRASE, tell=back.append)
    assert out == sorted(out)
    assert out[-1] == 1.0
    assert len(out) == 3
    assert len(back) == 2
    assert there.problems() == []


def test_one_try_of_a_passphrase_costs_256000_rounds(tmp_path: Path) -> None:
    """In a process as the kiosk is one: in those of the tests a try is cheap."""
    program = """
import sys
from pathlib import Path
from tests.support.storage_support import NEW, plain_database, template
from kiosk.storage import SqlGallery
gallery = SqlGallery(plain_database())
gallery.enrol("Ann", [template(1)], NEW)
gallery.export(Path(sys.argv[1]), "long enough")
gallery.close()
"""
    file = tmp_path / "a.kiosk"
    subprocess.run([sys.executable, "-c", program, str(file)], check=True, timeout=120, cwd=ROOT)
    tried = {}
    for rounds in (256_000, 255_999):
        with closing(connect(file)) as opened:
            opened.set_key("long enough")
            opened.execute(f"PRAGMA kdf_iter = {rounds}")
            try:
                tried[rounds] = opened.execute("SELECT name FROM subjects").fetchall()
            except sqlcipher.DatabaseError as error:
                tried[rounds] = str(error)
    assert tried == {256_000: [("Ann",)], 255_999: "file is not a database"}


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, " and 1 more"), (13, " and 3 more")])
def test_names_that_are_taken_are_listed_up_to_ten(
    here: SqlGallery, tmp_path: Path, count: int, more: str
) -> None:
    names = [f"Person {number:02}" for number in range(count)]
    for number, name in enumerate(names):
        here.enrol(name, [template(20 + number)], NEW)
    for name in ("Ann", "김민준"):
        here.remove(name)
    here.export(tmp_path / "people.kiosk", PASSPHRASE)
    with pytest.raises(InputError) as caught:
        here.merge(tmp_path / "people.kiosk", PASSPHRASE)
    assert caught.value.text.startswith(f"{count} of the names")
    assert caught.value.remedy == f"Rename or remove first: {', '.join(names[:10])}{more}."
