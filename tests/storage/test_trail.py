"""The record of what was done: complete, without names, and every way of tampering is seen."""

import json
import multiprocessing
import random
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import StorageError
from kiosk.core.ports.audit import Act
from kiosk.core.records import Consent, Corrector
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.anchor import Anchor, Point
from kiosk.storage.sqlite.gallery import utc_now
from kiosk.storage.sqlite.rotation import rotate
from kiosk.storage.sqlite.trail import chained
from tests.support.storage_support import ADD, NEW, open_in, plain_database, template

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])
LINES, TRIES = 40, 100
ANCHOR = Path("config") / "gallery.anchor"


def filled(folder: Path, lines: int = 5) -> SqlGallery:
    return fill(open_in(folder), lines)


def fill(gallery: SqlGallery, lines: int = LINES) -> SqlGallery:
    gallery.enrol("김민준", [template(1)], NEW)
    for _ in range(lines - 1):
        gallery.record(Decision(DecisionOutcome.UNKNOWN))
    return gallery


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder with a gallery and its record, to be copied and tampered with."""
    gallery = filled(tmp_path / "whole")
    assert gallery.trail_problems() == []
    gallery.close()
    return tmp_path / "whole"


def test_everything_that_changes_people_is_recorded(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.actor = "staff 2"
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Bob", [template(2)], NEW)
    gallery.enrol("Ann", [template(3)], ADD)
    gallery.roll_back("Ann")
    gallery.rename("Ann", "Anna")
    gallery.confirm("Anna")
    gallery.give_consent("Anna", Consent(utc_now(), "2", "en", "I agree."))
    gallery.withdraw_consent("Anna")
    number = gallery.record(Decision(DecisionOutcome.UNKNOWN))
    gallery.mark_wrong(number, Corrector.STAFF)
    gallery.mark_wrong(number, Corrector.VISITOR)
    gallery.export(tmp_path / "people.kiosk", "brass otter window")
    gallery.join("Anna", "Bob")
    gallery.remove("Anna")
    gallery.merge(tmp_path / "people.kiosk", "brass otter window")
    gallery.purge_decisions(utc_now() + timedelta(days=1))
    gallery.note(Act.LOGGED_IN, staff=2)
    assert [entry.act for entry in gallery.trail()] == [
        "enrolled", "enrolled", "enrolled", "rolled back", "renamed", "confirmed", "consent given",
        "consent withdrawn", "decision", "corrected", "denied", "exported", "merged", "removed",
        "imported", "forgotten", "logged in",
    ]  # fmt: skip
    assert gallery.trail_problems() == []
    told = [entry.facts for entry in gallery.trail() if entry.facts is not None]
    assert all(facts["by"] == "staff 2" for facts in told)
    assert not any(name in json.dumps(told) for name in ("Ann", "Anna", "Bob"))
    gallery.close()


def test_what_is_rolled_back_is_not_recorded(tmp_path: Path) -> None:
    gallery = filled(tmp_path, 3)
    before = gallery.trail()
    with pytest.raises(Exception, match="is enrolled already"):
        gallery.enrol("김민준", [template(2)], NEW)
    assert gallery.trail() == before
    assert gallery.trail_problems() == []
    gallery.close()


def test_a_removed_person_leaves_a_number_and_nothing_that_was_done(tmp_path: Path) -> None:
    gallery = filled(tmp_path, 3)
    gallery.remove("김민준")
    entries = gallery.trail()
    assert entries[0].facts is None
    assert entries[-1].facts == {"by": "kiosk", "removed": 1, "templates": 1, "lines": [1]}
    assert gallery.trail_problems() == []
    gallery.close()


# --- tampering ---------------------------------------------------------------------------------


def relink(gallery: SqlGallery) -> None:
    """As whoever has the key would: every link computed anew."""
    last = Point(0, "")
    rows = gallery.database.execute("SELECT line, time, act, digest FROM trail ORDER BY line")
    for number, time, act, digest in rows.fetchall():
        last = Point(number, chained(last.link, number, time, act, digest))
        gallery.database.execute("UPDATE trail SET link = ? WHERE line = ?", [last.link, number])


def edit(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    column = chance.choice(["time", "act", "facts", "digest", "link"])
    line = chance.randint(1, LINES)
    gallery.database.execute(
        f"UPDATE trail SET {column} = substr({column}, 2) WHERE line = ?", [line]
    )


def edit_and_relink(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    line = chance.randint(1, LINES)
    gallery.database.execute("UPDATE trail SET act = 'confirmed' WHERE line = ?", [line])
    relink(gallery)


def blank(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    line = chance.randint(1, LINES)
    gallery.database.execute("UPDATE trail SET facts = NULL WHERE line = ?", [line])


def delete(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    gallery.database.execute("DELETE FROM trail WHERE line = ?", [chance.randint(1, LINES)])


def delete_and_relink(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    line = chance.randint(1, LINES)
    gallery.database.execute("DELETE FROM trail WHERE line = ?", [line])
    for number in range(line + 1, LINES + 1):
        gallery.database.execute("UPDATE trail SET line = ? WHERE line = ?", [number - 1, number])
    relink(gallery)


def reorder(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    one, two = chance.sample(range(1, LINES + 1), 2)
    for old, new in ((one, 1000), (two, one), (1000, two)):
        gallery.database.execute("UPDATE trail SET line = ? WHERE line = ?", [new, old])


def reorder_and_relink(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    reorder(gallery, chance, folder)
    relink(gallery)


def truncate(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    gallery.database.execute("DELETE FROM trail WHERE line > ?", [chance.randint(0, LINES - 1)])


@cache
def another_record() -> tuple[dict[str, object], ...]:
    other = fill(SqlGallery(plain_database()))
    return tuple(other.database.query("SELECT * FROM trail ORDER BY line"))


def splice(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    """The first lines of this record, the last of another's."""
    rows = list(another_record())
    cut = chance.randint(1, LINES - 1)
    gallery.database.execute("DELETE FROM trail WHERE line > ?", [cut])
    gallery.database.table("trail").insert_all(rows[cut:])


def splice_and_relink(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    splice(gallery, chance, folder)
    relink(gallery)


def put_older_back(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    """All of it as it was, after something was done since."""
    for _ in range(chance.randint(1, 5)):
        gallery.record(Decision(DecisionOutcome.UNKNOWN))
    truncate_to(gallery, LINES)


def truncate_to(gallery: SqlGallery, line: int) -> None:
    gallery.database.execute("DELETE FROM trail WHERE line > ?", [line])


def lose_anchor(gallery: SqlGallery, chance: random.Random, folder: Path) -> None:
    (folder / "gallery.anchor").unlink()


ATTACKS: tuple[Callable[[SqlGallery, random.Random, Path], None], ...] = (
    edit,
    edit_and_relink,
    blank,
    delete,
    delete_and_relink,
    reorder,
    reorder_and_relink,
    truncate,
    splice,
    splice_and_relink,
    put_older_back,
    lose_anchor,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_every_way_of_tampering_is_seen(
    attack: Callable[[SqlGallery, random.Random, Path], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anchor = Anchor(tmp_path / "gallery.anchor")
    gallery = fill(SqlGallery(plain_database(), anchor=anchor))
    rows = list(gallery.database.query("SELECT * FROM trail ORDER BY line"))
    standing = anchor.file.read_bytes()
    chance, seen, still = random.Random(attack.__name__), 0, 0
    for _ in range(TRIES):
        gallery.database.execute("DELETE FROM trail")
        gallery.database.table("trail").insert_all(rows)
        anchor.file.write_bytes(standing)
        assert gallery.trail_problems() == []
        attack(gallery, chance, tmp_path)
        seen += bool(gallery.trail_problems())
        gallery.record(Decision(DecisionOutcome.UNKNOWN))  # the kiosk goes on
        still += bool(gallery.trail_problems())
    with capsys.disabled():
        sys.stdout.write(f"\n{attack.__name__}: seen {seen} of {TRIES}, later {still} of {TRIES}")
    assert seen == still == TRIES


def test_what_is_missing_and_when_it_was_noticed_is_said(tmp_path: Path) -> None:
    anchor = Anchor(tmp_path / "gallery.anchor")
    gallery = fill(SqlGallery(plain_database(), anchor=anchor))
    gallery.database.execute("DELETE FROM trail WHERE line = 3")
    assert "line 3 is missing" in gallery.trail_problems()
    anchor.file.unlink()
    gallery.record(Decision(DecisionOutcome.UNKNOWN))
    (noted,) = (each for each in gallery.trail() if each.act == Act.BROKEN)
    assert noted.facts == {"why": "the anchor was missing", "at": LINES}


def test_an_older_file_put_back_is_seen(whole: Path) -> None:
    database = whole / "data" / "gallery.db"
    older = database.read_bytes()
    gallery = open_in(whole)
    gallery.remove("김민준")
    gallery.close()
    database.write_bytes(older)
    gallery = open_in(whole)
    assert "an older gallery put back" in gallery.trail_problems()[0]
    gallery.close()


# --- surviving ---------------------------------------------------------------------------------


def write_for_ever(folder: Path, pipe: Connection) -> None:
    gallery = open_in(folder)
    pipe.send(True)
    while True:
        gallery.record(Decision(DecisionOutcome.UNKNOWN))


def test_killed_at_any_moment_the_record_is_whole(tmp_path: Path) -> None:
    chance = random.Random(11)
    lengths = []
    for _ in range(12):
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=write_for_ever, args=(tmp_path, theirs))
        process.start()
        assert ours.recv()
        process.join(chance.uniform(0.01, 0.1))
        process.kill()
        process.join()
        gallery = open_in(tmp_path)
        assert gallery.trail_problems() == []
        gallery.record(Decision(DecisionOutcome.UNKNOWN))
        assert gallery.trail_problems() == []
        lengths.append(len(gallery.trail()))
        gallery.close()
    assert lengths[-1] > 12, "nothing was ever written before the kill"


def test_two_processes_write_one_record(tmp_path: Path) -> None:
    ours, other = open_in(tmp_path), open_in(tmp_path)
    for _ in range(3):
        ours.record(Decision(DecisionOutcome.UNKNOWN))
        other.record(Decision(DecisionOutcome.UNKNOWN))
    assert len(ours.trail()) == 6
    assert ours.trail_problems() == other.trail_problems() == []
    ours.close()
    other.close()


def test_another_key_keeps_the_record(whole: Path) -> None:
    rotate(whole / "data" / "gallery.db", whole / "config" / "gallery.key")
    gallery = open_in(whole)
    assert gallery.trail_problems() == []
    assert len(gallery.trail()) == 5
    gallery.close()


def test_what_is_forgotten_by_rule_is_no_tampering(whole: Path) -> None:
    gallery = open_in(whole)
    gallery.purge_decisions(utc_now() + timedelta(seconds=1))
    assert sum(entry.facts is None for entry in gallery.trail()) == 4
    assert gallery.trail_problems() == []
    gallery.close()


def test_a_write_of_the_anchor_that_was_cut_off_leaves_the_one_before(tmp_path: Path) -> None:
    anchor = Anchor(tmp_path / "a.anchor")
    with anchor.held() as held:
        anchor.write(held, Point(1, "aa"))
        anchor.write(held, Point(2, "bb"))
    content = anchor.file.read_bytes()
    for cut in range(512):
        anchor.file.write_bytes(content[:cut].ljust(512, b"?") + content[512:])
        standing = anchor.read()
        assert standing is not None
        assert standing.head in (Point(1, "aa"), Point(2, "bb"))


def test_nothing_is_changed_that_cannot_be_recorded(tmp_path: Path) -> None:
    gallery = filled(tmp_path, 2)
    (tmp_path / ANCHOR).unlink()
    (tmp_path / ANCHOR).mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        gallery.enrol("Bob", [template(5)], NEW)
    assert [subject.name for subject in gallery.subjects()] == ["김민준"]
    gallery.close()
