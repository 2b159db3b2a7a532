"""What copies hold of somebody is sealed under a key of theirs, which goes with them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.cli.main import cli
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import StorageError
from kiosk.core.greetings import Greeting
from kiosk.core.own_files import subject_key_file
from kiosk.core.records import Corrector
from kiosk.core.samples import Probe
from kiosk.storage import SqlGallery
from kiosk.storage.keys import care
from kiosk.storage.keys.file import read_key
from kiosk.storage.keys.subjects import SubjectKeyFile, copy_of_keys
from kiosk.storage.sqlite.backups import Restored, back_up, keys_of_people, restore
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate
from kiosk.storage.sqlite.sealing import SEALED
from tests.support.consents import AGREED
from tests.support.storage_support import FACE, NEW, open_in, plain_database, template, unit

Place = tuple[Path, Path]
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = datetime(2030, 1, 1, 13, tzinfo=UTC)
JPEG = b"\xff\xd8" + bytes(range(200))


def identified(subject_id: int) -> Decision:
    top = Candidate(subject_id, "", 5.0, 0.99)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)


OF_A_FLEET = (
    """INSERT INTO fleet_rows (kind, row, uid, subject, state)
       VALUES ('subject', 1, :uid, :uid, :form)""",
    """INSERT INTO fleet_outbox (operation, site, subject, form, queued)
       VALUES ('1', 'here', :uid, :form, '2026-01-01T00:00:00+00:00')""",
    """INSERT INTO fleet_notices (time, outcome, subject, text)
       VALUES ('2026-01-01T00:00:00+00:00', 'done', :uid, :form)""",
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Ann and Ben, with everything that is kept of somebody; a probe of Ann under Ben's name."""
    gallery = open_in(tmp_path)
    ann = [template(n, dims=512, source="anneliese.mp4") for n in range(3)]
    gallery.enrol("Anneliese Muster", ann, NEW, "sits in room 7", AGREED, JPEG)
    gallery.enrol("Ben", [template(9, dims=512)], NEW, consent=AGREED, picture=JPEG[::-1])
    gallery.set_greeting("Anneliese Muster", Greeting("Your parcel is here", once=True))
    wrong = gallery.record(identified(2), [Probe(FACE, "net", unit(77, 512), 1.0, 1)])
    gallery.mark_wrong(wrong, Corrector.STAFF, 1)
    for statement in OF_A_FLEET:
        gallery.database.execute(statement, {"uid": "ab" * 16, "form": '{"name": "Anneliese"}'})
    gallery.close()
    return tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"


@pytest.fixture
def copy(place: Place, tmp_path: Path) -> Path:
    return back_up(*place, tmp_path / "copies", NOON).file


def remove(place: Place, name: str) -> None:
    gallery = SqlGallery.open(*place)
    gallery.remove(name)
    gallery.close()


def told(place: Place) -> dict[str, tuple[object, ...]]:
    """Everything of everybody, by name."""
    gallery = SqlGallery.open(*place)
    try:
        assert gallery.problems() == []
        return {
            each.name: (
                each.note,
                [(t.vector.tobytes(), t.source) for t in gallery.templates(each.subject_id)],
                gallery.pictures([each.subject_id]),
                gallery.consents(each.name),
                len(gallery.reported_mismatches(FACE, "net")),
            )
            for each in gallery.subjects()
        }
    finally:
        gallery.close()


def bytes_of(file: Path, key: str, folder: Path) -> bytes:
    """A copy without the encryption of its file: what whoever has the gallery's key can read."""
    plain = folder / "plain.db"
    plain.unlink(missing_ok=True)
    opened = sqlcipher.connect(str(file))
    opened.execute(f"PRAGMA key = \"x'{key}'\"")
    opened.execute("ATTACH ? AS plain KEY ''", [str(plain)])
    opened.execute("SELECT sqlcipher_export('plain')").fetchall()
    opened.close()
    return plain.read_bytes()


def test_a_copy_comes_back_to_the_bit(place: Place, copy: Path) -> None:
    before = told(place)
    assert restore(*place, copy).left_out == 0
    assert told(place) == before


def test_nothing_personal_is_in_a_copy(place: Place, copy: Path, tmp_path: Path) -> None:
    key = read_key(place[1])
    gallery = SqlGallery.open(*place)
    marks = [b"anneliese", b"Anneliese", b"room 7", b"parcel", b"the whole text", JPEG]
    for table in ("templates", "probes"):
        rows = gallery.database.execute(f"SELECT vector FROM {table}").fetchall()
        marks += [row[0][8:40] for row in rows]
    gallery.close()
    marks += [b'{"name": "Anne']
    assert all(mark in bytes_of(place[0], key, tmp_path) for mark in marks)
    content = bytes_of(copy, key, tmp_path)
    assert [mark for mark in marks if mark in content] == []
    assert list(place[0].parent.glob(".*.sealing")) == []


def test_whoever_was_deleted_does_not_come_back(place: Place, copy: Path, tmp_path: Path) -> None:
    # Whatever lies where the copies are was taken away before: the deletion cannot reach it.
    away = tmp_path / "away.copy"
    shutil.copy(copy, away)
    remove(place, "Anneliese Muster")
    key = read_key(place[1])
    assert {each.subject_id for each in keys_of_people(place[1]).all()} == {2}
    for file in (copy, away):
        done = restore(*place, file)
        assert done.left_out == 1
        found = told(place)
        assert set(found) == {"Ben"}
        assert found["Ben"][-1] == 0  # what Ben's visits kept of Ann is gone with her
        assert b"nneliese" not in bytes_of(place[0], key, tmp_path)
    gallery = SqlGallery.open(*place)
    assert gallery.database.table("fleet_rows").count == 0
    assert gallery.database.table("fleet_outbox").count == 0
    gallery.enrol("Cleo", [template(50, dims=512)], NEW)
    assert [each.subject_id for each in gallery.subjects()] == [2, 3]  # no id comes twice
    gallery.close()


def test_the_command_says_so(place: Place, copy: Path) -> None:
    remove(place, "Anneliese Muster")
    argv = ["--set", f"database={place[0]}", "--set", f"key_file={place[1]}", "gallery", "restore"]
    ran = CliRunner().invoke(cli, [*argv, str(copy), "--yes"], catch_exceptions=False)
    assert "1 subject of it were deleted since: their keys were destroyed" in ran.stdout
    gallery = SqlGallery.open(*place)
    assert not any("nothing says why" in each for each in gallery.trail_problems())
    gallery.close()


def test_the_one_copy_of_the_keys_follows_a_deletion_at_once(place: Place, copy: Path) -> None:
    keys = copy_of_keys(copy.parent)
    assert keys.read_bytes() == subject_key_file(place[1]).read_bytes()
    held = {each.subject_id: each.key for each in keys_of_people(place[1]).all()}
    remove(place, "Ben")
    assert keys.read_bytes() == subject_key_file(place[1]).read_bytes()
    left = SubjectKeyFile(keys, lambda: read_key(place[1]))
    assert {each.subject_id: each.key for each in left.all()} == {1: held[1]}


def test_a_copy_that_could_not_be_reached_follows_with_the_next(
    place: Place, copy: Path, tmp_path: Path
) -> None:
    folder, away = copy.parent, tmp_path / "unplugged"
    folder.rename(away)
    remove(place, "Ben")
    away.rename(folder)
    assert copy_of_keys(folder).read_bytes() != subject_key_file(place[1]).read_bytes()
    assert back_up(*place, folder, LATER).subjects == 1
    assert copy_of_keys(folder).read_bytes() == subject_key_file(place[1]).read_bytes()
    assert copy.exists()  # older copies may stay: nothing can be read of whoever went
    assert restore(*place, copy).left_out == 1


def test_after_a_broken_disk_copies_and_the_drawer_suffice(
    place: Place, copy: Path, tmp_path: Path
) -> None:
    before = told(place)
    care.backup(*place, tmp_path / "drawer.json", "lantern oboe gravel seven")
    shutil.rmtree(place[0].parent)
    shutil.rmtree(place[1].parent)
    care.restore(*place, tmp_path / "drawer.json", "lantern oboe gravel seven")
    place[0].parent.mkdir(mode=0o700)
    assert restore(*place, copy) == Restored(
        place[0].with_name("gallery.db.before-restore"), left_out=0
    )
    assert told(place) == before


def test_without_the_keys_nobody_comes_back_and_nothing_is_lost(place: Place, copy: Path) -> None:
    subject_key_file(place[1]).unlink()
    copy_of_keys(copy.parent).unlink()
    before = told(place)
    with pytest.raises(StorageError, match="keys of people cannot be read"):
        restore(*place, copy)
    assert told(place) == before


def test_the_gallerys_key_can_be_exchanged(place: Place, copy: Path) -> None:
    held = keys_of_people(place[1]).all()
    for _ in range(3):
        care.rotate(*place)
        assert keys_of_people(place[1]).all() == held
    late = back_up(*place, copy.parent, LATER).file
    before = told(place)
    assert restore(*place, late).left_out == 0
    assert told(place) == before


def test_the_check_and_the_status_look_at_the_keys(place: Place, copy: Path) -> None:
    assert care.status(*place).people == 2
    subject_key_file(place[1]).write_bytes(b"{}")
    gallery = SqlGallery.open(*place)
    (found,) = gallery.problems()
    gallery.remove("Ben")  # which a damaged file of keys does not stop
    gallery.close()
    assert "does not open with the gallery's key" in found


class CutOff(BaseException):
    """As when the plug is pulled."""


@pytest.mark.parametrize("kept", [False, True])
def test_a_deletion_that_is_cut_off_is_taken_up_again(
    place: Place, copy: Path, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: SubjectKeyFile, subject_id: int) -> None:
        if not kept:
            whole(self, subject_id)
        raise CutOff

    whole = SubjectKeyFile.condemn
    monkeypatch.setattr(SubjectKeyFile, "destroy" if kept else "condemn", cut)
    gallery = SqlGallery.open(*place)
    with pytest.raises(CutOff):
        gallery.remove("Ben")
    gallery.close()
    monkeypatch.undo()
    assert keys_of_people(place[1]).condemned() == [2]
    people = set(told(place))  # opening it settles what was begun
    keys = {each.subject_id for each in keys_of_people(place[1]).all()}
    assert keys_of_people(place[1]).condemned() == []
    assert (people, keys) == (({"Anneliese Muster"}, {1}) if kept else (people, {1, 2}))
    assert len(people) == 1 + (not kept)


def test_who_was_merged_goes_with_whom_they_became(place: Place, copy: Path) -> None:
    gallery = SqlGallery.open(*place)
    gallery.join("Ben", "Anneliese Muster")
    gallery.close()
    assert [each.subject_id for each in keys_of_people(place[1]).all()] == [2, 2]
    remove(place, "Ben")
    assert keys_of_people(place[1]).all() == []
    assert restore(*place, copy).left_out == 2
    assert told(place) == {}


def test_a_changed_copy_is_refused(place: Place, copy: Path, tmp_path: Path) -> None:
    """By somebody who has the gallery's key, but not those of people."""
    opened = sqlcipher.connect(str(copy), isolation_level=None)
    opened.execute(f"PRAGMA key = \"x'{read_key(place[1])}'\"")
    opened.execute(
        "UPDATE pictures SET jpeg = (SELECT jpeg FROM pictures AS p WHERE p.subject_id = 2)"
    )
    opened.close()
    before = told(place)
    with pytest.raises(StorageError, match="was changed since"):
        restore(*place, copy)
    assert told(place) == before


def test_a_copy_is_no_gallery(place: Place, copy: Path) -> None:
    shutil.copy(copy, place[0])
    with pytest.raises(StorageError, match="everything personal is sealed"):
        SqlGallery.open(*place)


def test_every_text_of_the_gallery_is_sealed_or_tells_nothing_of_a_person() -> None:
    opened = plain_database()
    migrate(opened, MIGRATIONS)
    for table in opened.table_names():
        for column in opened.table(table).columns:
            sealed = column.name in SEALED.get(table, ("", ()))[1]
            if column.type in ("TEXT", "BLOB") and not table.startswith("sqlite_"):
                assert sealed != ((table, column.name) in OPEN), (table, column.name)
    opened.close()


TIMES = {
    ("subjects", "created"),
    ("enrolments", "time"),
    ("templates", "created"),
    ("decisions", "time"),
    ("consents", "time"),
    ("consents", "withdrawn"),
    ("upgrades", "started"),
    ("upgrade_samples", "created"),
    ("corrections", "corrected"),
    ("trail", "time"),
    ("holds", "time"),
    ("clock", "trusted"),
    ("template_key", "since"),
    ("attendance_corrections", "day"),
    ("attendance_corrections", "first"),
    ("attendance_corrections", "last"),
    ("attendance_corrections", "made"),
    ("greetings", "until"),
    ("calls", "time"),
    ("calls", "changed"),
    ("outbox", "due"),
    ("outbox", "given_up"),
    ("outbox", "call_time"),
    ("fleet_sites", "current"),
    ("fleet_outbox", "queued"),
    ("fleet_notices", "time"),
}
OPEN = TIMES | {
    ("subjects", "origin"),
    ("models", "modality"),
    ("models", "model_id"),
    ("enrolments", "kind"),
    ("decisions", "outcome"),
    ("decisions", "reason"),
    ("decisions", "liveness"),
    ("consents", "version"),
    ("consents", "language"),
    ("corrections", "corrected_by"),
    ("upgrades", "modality"),
    ("upgrades", "old_model"),
    ("upgrades", "new_model"),
    ("upgrades", "state"),
    ("upgrade_samples", "visit"),
    ("trail", "act"),
    ("trail", "facts"),
    ("trail", "digest"),
    ("trail", "link"),
    ("clock", "boot"),
    ("template_key", "transform"),
    ("attendance_corrections", "said_by"),
    ("greeted", "digest"),
    ("calls", "state"),
    ("outbox", "call_state"),
    ("outbox", "channel"),
    ("outbox", "uid"),
    ("outbox", "problem"),
    ("fleet_member", "form"),
    ("fleet_sites", "site"),
    ("fleet_sites", "mark"),
    ("fleet_rows", "kind"),
    ("fleet_rows", "uid"),
    ("fleet_rows", "subject"),
    ("fleet_outbox", "operation"),
    ("fleet_outbox", "site"),
    ("fleet_outbox", "subject"),
    ("fleet_outbox", "outcome"),
    ("fleet_notices", "outcome"),
    ("fleet_notices", "subject"),
}
"""Times, words of ours, numbers of staff, hashes, UUIDs, the papers of the kiosk itself: of whoever
was deleted they say that somebody was there, not who."""
