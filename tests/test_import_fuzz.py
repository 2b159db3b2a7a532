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
from kiosk.comparison import Policy
from kiosk.config import Settings
from kiosk.domain import Vector
from kiosk.enrolment import Collector, Enroller
from kiosk.errors import InputError
from kiosk.identification import Identifier
from kiosk.importing import ImportLine, ImportStatus, plan_import, run_import
from kiosk.storage import SqlGallery
from kiosk.storage.database import connect
from tests.capture_clips import Painter, make_clip
from tests.scripted import ALICE, BOB, Script, scripted_models
from tests.storage_support import NEW, REPLACE, VOICE, plain_database, template, templates

PASSPHRASE = "long enough"
SIZE = (64, 48)
DARK, BRIGHT = 40, 200


@st.composite
def damaged(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A file with some bytes changed, cut off somewhere or not; or any bytes at all."""
    content = bytearray(draw(st.sampled_from([*originals, b""])))
    if not content:
        return draw(st.binary(max_size=500))
    changes = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for place, value in draw(st.lists(changes, max_size=30)):
        content[place] = value
    return bytes(content[: draw(st.integers(0, len(content)))])


# --- folders ---------------------------------------------------------------------------------


def plain(value: int) -> Painter:
    """Pictures of one brightness, by which the scripted recogniser tells people apart."""
    return lambda time: np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


def clip(path: Path, brightness: int) -> bytes:
    made = make_clip(path, seconds=1, size=SIZE, painter=plain(brightness), rate=None)
    return made.read_bytes()


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("fuzz")
    found = {suffix: clip(folder / f"dark{suffix}", DARK) for suffix in (".mkv", ".mp4", ".mpg")}
    sound = make_clip(folder / "sound.wav", seconds=0.2, rate=8000)
    return found | {"bright": clip(folder / "bright.mp4", BRIGHT), ".wav": sound.read_bytes()}


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


@settings(max_examples=60, deadline=20_000)
@given(data=st.data())
def test_a_damaged_file_of_a_folder_costs_nobody_else(
    recordings: dict[str, bytes], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for person, content in (
            ("A", recordings["bright"]),
            ("B", data.draw(damaged([recordings[".mkv"], recordings[".mpg"]]))),
            ("C", data.draw(damaged([recordings[".mp4"], recordings[".wav"]]))),
        ):
            (folder / "people" / person).mkdir(parents=True)
            (folder / "people" / person / "file").write_bytes(content)
        gallery = SqlGallery(plain_database())
        lines = import_folder(folder, gallery)
        assert [line.name for line in lines] == ["A", "B", "C"]
        assert lines[0].status is ImportStatus.ENROLLED
        for line in lines[1:]:
            assert line.status is ImportStatus.ENROLLED or (line.cause and line.remedy)
            assert all(bad.count("\n") == 0 and bad.endswith(".") for bad in line.bad_files)
        written = (folder / "journal").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["name"] for line in written] == ["A", "B", "C"]
        assert gallery.problems() == []
        gallery.close()


# --- archives --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two people, one of them re-enrolled."""
    file = tmp_path_factory.mktemp("archive") / "people.kiosk"
    gallery = SqlGallery(plain_database())
    gallery.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW, "note")
    gallery.enrol("김민준", [template(4)], NEW)
    gallery.enrol("Ann", [template(5)], REPLACE)
    gallery.export(file, PASSPHRASE)
    gallery.close()
    return file.read_bytes()


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


@settings(max_examples=40, deadline=20_000)
@given(data=st.data())
def test_damaged_bytes_of_an_archive_are_noticed(archive: bytes, data: st.DataObject) -> None:
    content = data.draw(damaged([archive]))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "people.kiosk"
        file.write_bytes(content)
        assert (import_archive(file) == "added") == (content == archive)
        assert file.read_bytes() == content


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
def test_an_archive_of_another_shape_is_refused(
    tmp_path: Path, archive: bytes, damage: str
) -> None:
    """As somebody who has the passphrase could make it."""
    file = tmp_path / "people.kiosk"
    file.write_bytes(archive)
    connection = connect(file)
    connection.set_key(PASSPHRASE)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(damage)
    connection.close()
    outcome = import_archive(file)
    assert "is damaged" in outcome
    assert "\n" not in outcome
