"""Processes killed while they write, full and read-only disks, a database that is in use.

The writers are real processes, forked from a server that has everything imported, so that each
begins within milliseconds.
"""

import multiprocessing
import os
import random
import resource
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import DiskFull, KnownError, ReadOnlyDatabase, StorageError
from kiosk.core.subjects import Template
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite import database
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    open_in,
    template,
    templates,
)

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])
NAMES = ("Ann", "Bob", "김민준")
FACES, VOICES = 12, 4
KILLS = 40


def start(task: Callable[..., None], *arguments: object) -> Callable[[], str]:
    """Begin a task in another process; what is returned waits for it and tells how it went:
    'done', or the error."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=report, args=(theirs, task, arguments))
    process.start()
    theirs.close()

    def outcome() -> str:
        found = str(ours.recv())
        process.join()
        return found

    return outcome


def report(pipe: Connection, task: Callable[..., None], arguments: tuple[object, ...]) -> None:
    try:
        task(*arguments)
        pipe.send("done")
    except KnownError as error:
        pipe.send(f"{type(error).__name__}: {error.text}")


# --- killed ----------------------------------------------------------------------------------


def write_for_ever(folder: Path, seed: int, progress: Connection) -> None:
    """Enrol, re-enrol, roll back and remove at random. All templates of one enrolment carry its
    number, so that a mixture shows."""
    gallery = open_in(folder)
    chance = random.Random(seed)
    progress.send(True)
    for number in count(seed * 1_000_000):
        name = chance.choice(NAMES)
        enrolled = {subject.name for subject in gallery.subjects()}
        if name not in enrolled:
            gallery.enrol(name, numbered(number), NEW)
        elif chance.random() < 0.7 or len(gallery.history(name)) < 2:
            gallery.enrol(name, numbered(number), REPLACE)
        elif chance.random() < 0.8 and gallery.history(name)[0].active:
            gallery.roll_back(name)
        else:
            gallery.remove(name)
        progress.send(True)


def numbered(number: int) -> list[Template]:
    faces = [template(number + k, FACE, dims=512, source=str(number)) for k in range(FACES)]
    voices = [template(number + k, VOICE, dims=256, source=str(number)) for k in range(VOICES)]
    return faces + voices


def kill_a_writer(folder: Path, seed: int, changes: int, seconds: float) -> bool:
    """After so many changes and a moment. Whether it was in the middle of another."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=write_for_ever, args=(folder, seed, theirs))
    process.start()
    theirs.close()
    for _ in range(1 + changes):
        assert ours.recv()
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode == -9
    return (folder / "data" / "gallery.db-journal").exists()


def test_a_killed_writer_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    chance = random.Random(7)
    cut_off = 0
    for seed in range(KILLS):
        cut_off += kill_a_writer(tmp_path, seed, chance.randint(0, 2), chance.uniform(0, 0.03))
        gallery = open_in(tmp_path)
        assert gallery.problems() == []
        for subject in gallery.subjects():
            found = gallery.templates(subject.subject_id)
            assert len({each.source for each in found}) == 1
            assert Counter(each.modality for each in found) == {FACE: FACES, VOICE: VOICES}
        gallery.close()
    # It would prove nothing if no transaction had been cut off.
    assert cut_off > 0, "every writer was killed between two transactions"


def create_and_die(folder: Path, ready: Connection) -> None:
    ready.send(True)
    open_in(folder)
    ready.recv()


def test_a_killed_first_start_can_be_done_again(tmp_path: Path) -> None:
    chance = random.Random(3)
    for number in range(10):
        folder = tmp_path / str(number)
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=create_and_die, args=(folder, theirs))
        process.start()
        theirs.close()
        assert ours.recv()
        process.join(chance.uniform(0, 0.03))
        process.kill()
        process.join()
        gallery = open_in(folder)
        gallery.enrol("Ann", [template(1)], NEW)
        assert gallery.problems() == []
        gallery.close()


# --- full ------------------------------------------------------------------------------------


def test_a_full_database_keeps_what_was_there(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", templates([1, 2]), NEW)
    matrix = gallery.references(FACE, "net")
    (pages,) = gallery.database.execute("PRAGMA page_count").fetchone()
    gallery.database.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match="rolled back"):
        gallery.enrol("Ann", templates(range(3, 400)), REPLACE)
    assert len(gallery.templates(1)) == len(matrix) == 2
    gallery.database.execute("PRAGMA max_page_count = 100000")
    gallery.enrol("Ann", templates(range(3, 400)), REPLACE)
    assert len(matrix) == 397
    gallery.close()


def enrol_beyond_the_limit(folder: Path) -> None:
    gallery = open_in(folder)
    size = (folder / "data" / "gallery.db").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, resource.RLIM_INFINITY))
    gallery.enrol("Ann", [template(seed, dims=512) for seed in range(200)], ADD)


def test_a_write_that_the_system_refuses_keeps_what_was_there(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", [template(1, dims=512)], NEW)
    assert "rolled back" in start(enrol_beyond_the_limit, tmp_path)()
    assert len(gallery.templates(1)) == 1
    assert gallery.problems() == []
    gallery.close()


# --- read-only -------------------------------------------------------------------------------


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A gallery with Ann in it that its own account may not write. Not under tmp_path, which only
    root may enter when root runs the tests."""
    folder = Path(tempfile.mkdtemp())
    gallery = open_in(folder)
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.close()
    (folder / "data" / "gallery.db").chmod(0o400)
    for each in [folder, *folder.rglob("*")]:
        if os.geteuid() == 0:
            os.chown(each, NOBODY, NOBODY)
    (folder / "data").chmod(0o500)
    yield folder
    (folder / "data").chmod(0o700)
    shutil.rmtree(folder)


NOBODY = 65534


def as_nobody(folder: Path) -> None:
    """Root may write everything: such a test needs an ordinary account. What Python loads late is
    loaded before, by opening once."""
    open_in(folder).close()
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def read(folder: Path) -> None:
    as_nobody(folder)
    gallery = open_in(folder)
    assert [subject.name for subject in gallery.subjects()] == ["Ann"]
    assert len(gallery.references(FACE, "net")) == 1


def write(folder: Path) -> None:
    as_nobody(folder)
    gallery = open_in(folder)
    gallery.record(Decision(DecisionOutcome.UNKNOWN))


def begin(folder: Path) -> None:
    as_nobody(folder)
    SqlGallery.open(folder / "data" / "other.db", folder / "config" / "other.key")


def test_a_read_only_gallery_still_identifies(read_only: Path) -> None:
    assert start(read, read_only)() == "done"


def test_a_read_only_gallery_refuses_changes(read_only: Path) -> None:
    assert start(write, read_only)().startswith(ReadOnlyDatabase.__name__)


def test_a_gallery_cannot_begin_in_a_read_only_folder(read_only: Path) -> None:
    assert "cannot be reached" in start(begin, read_only)()


# --- in use ----------------------------------------------------------------------------------


def test_a_writer_waits_five_seconds_for_another(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    waits = gallery.database.execute("PRAGMA busy_timeout").fetchone()
    assert waits == (database.BUSY_SECONDS * 1000,) == (5000,)
    gallery.close()


def test_a_database_in_use_is_said_to_be(tmp_path: Path) -> None:
    ours, other = open_in(tmp_path), open_in(tmp_path)
    other.database.execute("BEGIN IMMEDIATE")
    ours.database.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(StorageError, match="Another kiosk is writing"):
        ours.enrol("Ann", [template(1)], NEW)
    other.database.execute("ROLLBACK")
    ours.enrol("Ann", [template(1)], NEW)
    ours.close()
    other.close()


def test_readers_go_on_while_another_process_writes(tmp_path: Path) -> None:
    ours, other = open_in(tmp_path), open_in(tmp_path)
    ours.enrol("Ann", [template(1)], NEW)
    other.database.execute("BEGIN IMMEDIATE")
    big = np.random.default_rng(0).bytes(20_000_000)
    other.database.execute("UPDATE templates SET vector = ?", [big])
    ours.database.execute("PRAGMA busy_timeout = 10")
    assert len(ours.references(FACE, "net")) == 1
    other.database.execute("ROLLBACK")
    ours.close()
    other.close()


def open_at_once(folder: Path) -> None:
    # A busy test machine may keep one of four waiting for longer than a person would be.
    database.BUSY_SECONDS = 60.0
    open_in(folder).enrol(f"process {os.getpid()}", [template(1)], NEW)


def test_processes_that_begin_together_share_one_gallery(tmp_path: Path) -> None:
    outcomes = [start(open_at_once, tmp_path) for _ in range(4)]
    assert [outcome() for outcome in outcomes] == ["done"] * 4
    gallery = open_in(tmp_path)
    assert len(gallery.subjects()) == 4
    gallery.close()
