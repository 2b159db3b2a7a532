"""Whatever is handed to an import, the gallery stays sound and the rest of the work is done."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.sources import open_source
from kiosk.core.errors import InputError
from kiosk.core.media import Vector
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.enrolment.bulk_import import ImportLine, ImportStatus, plan_import, run_import
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.recognition.identification import Identifier
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.database import connect
from tests.support.recordings import Painter, make_clip
from tests.support.scripted import ALICE, BOB, Script, scripted_models
from tests.support.storage_support import NEW, REPLACE, VOICE, plain_database, template, templates

PASSPHRASE = "long enough"
SIZE = (64, 48)
DARK, BRIGHT = 40, 200
PAGE = 4096
SEEDS = st.integers(0, 2**32 - 1)
"""Of the damage: files differ from run to run (archives are salted), so their bytes are not drawn
one by one."""


def damaged(chance: np.random.Generator, originals: list[bytes]) -> bytes:
    """A file with some bytes changed, cut off somewhere or not; now and then any bytes at all."""
    if chance.random() < 0.1:
        return chance.bytes(int(chance.integers(500)))
    content = bytearray(originals[int(chance.integers(len(originals)))])
    for _ in range(int(chance.integers(30))):
        content[int(chance.integers(len(content)))] = int(chance.integers(256))
    whole = chance.random() < 0.5
    return bytes(content if whole else content[: int(chance.integers(len(content)))])


# --- folders ---------------------------------------------------------------------------------


def plain(value: int) -> Painter:
    """Pictures of one brightness, by which the scripted recogniser tells people apart."""
    return lambda time: np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dark picture in three containers, a bright one, and sound alone."""
    folder = tmp_path_factory.mktemp("fuzz")
    for name, brightness in (
        ("dark.mkv", DARK),
        ("dark.mp4", DARK),
        ("dark.mpg", DARK),
        ("bright.mp4", BRIGHT),
    ):
        make_clip(folder / name, seconds=1, size=SIZE, painter=plain(brightness), rate=None)
    make_clip(folder / "sound.wav", seconds=0.2, rate=8000)
    return folder


def someone(brightness: int) -> Vector:
    found: Vector = BOB if brightness > (DARK + BRIGHT) // 2 else ALICE
    return found


def import_folder(folder: Path, gallery: SqlGallery) -> list[ImportLine]:
    """With real files and decoders; what they show is judged by its brightness alone."""
    models = scripted_models(Script(people=[someone(k) for k in range(256)]))
    enroller = Enroller(models, Identifier(models, gallery, Policy()), gallery, Settings())
    lines = run_import(
        plan_import(folder / "people"),
        folder / "journal",
        lambda path: open_source(str(path)),
        lambda: Collector(models),
        enroller,
    )
    return list(lines)


@settings(max_examples=25)
@given(seed=SEEDS)
def test_a_damaged_file_of_a_folder_costs_nobody_else(recordings: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    content = {path.name: path.read_bytes() for path in recordings.iterdir()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for person, given_file in (
            ("A", content["bright.mp4"]),
            ("B", damaged(chance, [content["dark.mkv"], content["dark.mpg"]])),
            ("C", damaged(chance, [content["dark.mp4"], content["sound.wav"]])),
        ):
            (folder / "people" / person).mkdir(parents=True)
            (folder / "people" / person / "file").write_bytes(given_file)
        gallery = SqlGallery(plain_database())
        lines = import_folder(folder, gallery)
        assert [line.name for line in lines] == ["A", "B", "C"]
        assert lines[0].status is ImportStatus.ENROLLED
        for line in lines[1:]:
            assert line.status is ImportStatus.ENROLLED or (line.cause and line.remedy)
            assert all(bad.count("\n") == 0 and bad.endswith(".") for bad in line.bad_files)
        written = (folder / "journal").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["source"][:7] for line in written] == ["import "] * 3
        assert gallery.problems() == []
        gallery.close()


# --- archives --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, one of them re-enrolled."""
    file = tmp_path_factory.mktemp("archive") / "people.kiosk"
    gallery = SqlGallery(plain_database())
    gallery.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW, "note")
    gallery.enrol("김민준", [template(4)], NEW)
    gallery.enrol("Ann", [template(5)], REPLACE)
    gallery.export(file, PASSPHRASE)
    gallery.close()
    return file


def import_archive(file: Path) -> str:
    """Into a gallery with somebody in it: 'added' or why not. Afterwards all of it can be read."""
    gallery = SqlGallery(plain_database())
    gallery.enrol("Carl", [template(9, VOICE), template(8)], NEW)
    try:
        gallery.merge(file, PASSPHRASE)
        outcome, expected = "added", ["Ann", "Carl", "김민준"]
    except InputError as error:
        outcome, expected = str(error), ["Carl"]
    assert [subject.name for subject in gallery.subjects()] == expected
    for subject in gallery.subjects():
        assert gallery.history(subject.name)
        assert gallery.templates(subject.subject_id)
    assert gallery.problems() == []
    gallery.close()
    return outcome


@settings(max_examples=15)
@given(seed=SEEDS)
def test_damaged_bytes_of_an_archive_are_noticed(archive: Path, seed: int) -> None:
    original = archive.read_bytes()
    content = damaged(np.random.default_rng(seed), [original])
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "people.kiosk"
        file.write_bytes(content)
        assert (import_archive(file) == "added") == (content == original)
        assert file.read_bytes() == content


def test_a_damaged_page_is_noticed_wherever_it_lies(archive: Path, tmp_path: Path) -> None:
    """In the first pages, in one of three after them, and in the last: each has the same seal."""
    original = archive.read_bytes()
    pages = range(len(original) // PAGE)
    for page in sorted({*pages[:3], *pages[3::3], pages[-1]}):
        place = page * PAGE + PAGE // 2
        content = bytearray(original)
        content[place] ^= 0x5A
        file = tmp_path / "people.kiosk"
        file.write_bytes(content)
        assert import_archive(file) != "added"


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE templates",
        "DROP TABLE consents",
        "DROP TABLE models",
        "DELETE FROM enrolments",
        "UPDATE subjects SET created = 'yesterday'",
        "UPDATE subjects SET name = char(7) || name",
        "UPDATE subjects SET name = '', name_key = '' WHERE subject_id = 1",
        "UPDATE subjects SET subject_id = 9223372036854775807 WHERE subject_id = 1",
        "UPDATE templates SET quality = 9e999",
        "UPDATE templates SET vector = x'00'",
        "UPDATE templates SET created = ''",
        "UPDATE enrolments SET time = 'x'",
        "UPDATE models SET dims = 32",
        "ALTER TABLE subjects ADD COLUMN extra TEXT",
        "ALTER TABLE subjects DROP COLUMN note",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 2",
        "PRAGMA user_version = -1",
    ],
)
def test_an_archive_of_another_shape_is_refused(tmp_path: Path, archive: Path, damage: str) -> None:
    """As somebody who has the passphrase could make it."""
    file = tmp_path / "people.kiosk"
    file.write_bytes(archive.read_bytes())
    connection = connect(file)
    connection.set_key(PASSPHRASE)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(damage)
    connection.close()
    outcome = import_archive(file)
    assert "is damaged" in outcome
    assert "\n" not in outcome
