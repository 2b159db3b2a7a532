"""A folder of people: planned, enrolled, resumed, and reported."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.capture.base import BaseSource, Event
from kiosk.core.errors import DiskFull, InputError, StorageError
from kiosk.core.ports.capture import Source
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.enrolment.bulk_import import ImportStatus, plan_import, run_import
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.recognition.identification import Identifier, Models
from kiosk.storage.sqlite.gallery import SqlGallery
from tests.support.scripted import FPS, Script, picture, scripted_models, sound

PEOPLE = {"alice": 0, "bob": 1, "carl": 2}


class Clip(BaseSource):
    """Four seconds of the person a file is named after."""

    def __init__(self, who: int) -> None:
        super().__init__()
        self._who = who

    def events(self) -> Iterator[Event]:
        for k in range(4 * FPS):
            yield picture(self._who, k / FPS, k)
            yield sound(self._who + 1, k / FPS)

    def close(self) -> None:
        pass


def open_clip(path: Path) -> Source:
    if not path.exists():
        raise InputError(f"There is no file {path.name}.", "Check the path.")
    text = path.read_text(encoding="utf-8")
    if text not in PEOPLE:
        raise InputError(f"{path.name} is not a recording.", "Give a recording.")
    return Clip(PEOPLE[text])


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Bench:
    """Gallery and enroller, and one way to run an import."""

    def __init__(self, tmp_path: Path) -> None:
        self.models: Models = scripted_models(Script())
        self.gallery = SqlGallery.open(tmp_path / "g.db", tmp_path / "keys" / "g.key")
        identifier = Identifier(self.models, self.gallery, Policy())
        self.enroller = Enroller(self.models, identifier, self.gallery, Settings())
        self.folder = tmp_path / "people"
        self.folder.mkdir()
        self.journal = tmp_path / "journal.jsonl"

    def run(self, count: int | None = None) -> dict[str, str]:
        """Statuses by name; stops after `count` people, as if interrupted."""
        lines = run_import(
            plan_import(self.folder),
            self.journal,
            open_clip,
            lambda: Collector(self.models),
            self.enroller,
        )
        found = {}
        for number, line in enumerate(lines, 1):
            found[line.name] = line.status.value
            if number == count:
                break
        return found

    def names(self) -> list[str]:
        return [subject.name for subject in self.gallery.subjects()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.gallery.close()


def test_both_layouts_are_understood(bench: Bench) -> None:
    write(bench.folder, {"Alice/a.mp4": "", "Alice/sub/b.mp4": "", ".hidden/x": ""})
    write(bench.folder, {"bob@example.org-1.mp4": "", "bob@example.org-2.mp4": "", "notes.txt": ""})
    plan = {item.name: len(item.files) for item in plan_import(bench.folder)}
    assert plan == {"Alice": 2, "bob@example.org": 2}


@pytest.mark.parametrize("files", [{}, {"notes.txt": ""}, {"empty/.keep": ""}])
def test_a_folder_with_nobody_is_refused(bench: Bench, files: dict[str, str]) -> None:
    write(bench.folder, files)
    with pytest.raises(InputError):
        plan_import(bench.folder)


def test_an_interrupted_import_goes_on_where_it_stopped(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "B/1": "bob", "C/1": "carl"})
    assert bench.run(count=2) == {"A": "enrolled", "B": "enrolled"}
    assert bench.run() == {"A": "skipped", "B": "skipped", "C": "enrolled"}
    assert bench.names() == ["A", "B", "C"]


def test_one_bad_file_costs_nothing_else(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "A/2": "rubbish", "B/1": "bob"})
    assert set(bench.run().values()) == {ImportStatus.ENROLLED}
    first = json.loads(bench.journal.read_text(encoding="utf-8").splitlines()[0])
    assert first["bad_files"] == 1


def test_who_is_refused_is_said_and_why(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "Twin/1": "alice", "Z/1": "rubbish"})
    assert bench.run() == {"A": "enrolled", "Twin": "refused", "Z": "refused"}
    lines = [json.loads(line) for line in bench.journal.read_text(encoding="utf-8").splitlines()]
    assert lines[1]["resembles"] == 1
    assert lines[2]["cause"]
    assert bench.names() == ["A"]


def test_an_empty_folder_of_a_person_is_refused_by_name(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "Empty/.keep": ""})
    assert bench.run() == {"A": "enrolled", "Empty": "refused"}
    last = json.loads(bench.journal.read_text(encoding="utf-8").splitlines()[-1])
    assert "holds no files" in last["cause"]
    assert last["remedy"]


def test_new_files_of_somebody_enrolled_are_not_passed_over_silently(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice"})
    bench.run()
    write(bench.folder, {"A/2": "alice"})
    assert bench.run() == {"A": "refused"}


def test_korean_names_of_any_file_system_are_the_same(bench: Bench) -> None:
    """macOS takes syllables apart; such a folder is still known when it is imported again."""
    apart = unicodedata.normalize("NFD", "김민준")
    write(bench.folder, {f"{apart}/1": "alice", "김민준-2.mp4": "alice"})
    assert [len(item.files) for item in plan_import(bench.folder)] == [2]
    assert bench.run() == {"김민준": "enrolled"}
    assert bench.run() == {"김민준": "skipped"}


def test_a_link_that_leads_nowhere_is_a_bad_file(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "B/1": "bob"})
    (bench.folder / "A" / "2").symlink_to(bench.folder / "gone")
    (bench.folder / "C-1.mp4").symlink_to(bench.folder / "gone")
    assert bench.run() == {"A": "enrolled", "B": "enrolled", "C": "refused"}
    lines = [json.loads(line) for line in bench.journal.read_text(encoding="utf-8").splitlines()]
    assert [line["bad_files"] for line in lines] == [1, 0, 1]
    assert bench.run() == {"A": "skipped", "B": "skipped", "C": "refused"}


def test_a_name_that_is_no_text_is_refused_and_written_down(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "caf\udce9/1": "bob"})
    assert bench.run() == {"A": "enrolled", "caf\udce9": "refused"}
    last = json.loads(bench.journal.read_text(encoding="utf-8").splitlines()[-1])
    assert last["status"] == "refused"


def test_the_journal_is_for_its_owner_alone_and_names_nobody(bench: Bench) -> None:
    write(bench.folder, {"김민준/1": "alice", "Twin/김민준": "alice", "Z/김민준": "rubbish"})
    bench.run()
    assert bench.journal.stat().st_mode & 0o777 == 0o600
    kept = json.dumps([json.loads(line) for line in bench.journal.read_text("utf-8").splitlines()])
    assert "\\ub" not in kept
    assert "Twin" not in kept


def test_a_journal_that_cannot_be_begun_is_said_before_anybody_is_enrolled(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice"})
    (bench.folder.parent / "file").touch()
    bench.journal = bench.folder.parent / "file" / "journal"
    with pytest.raises(StorageError, match="cannot be written") as caught:
        bench.run()
    assert "--journal" in caught.value.remedy
    assert bench.names() == []


def test_a_disk_that_fills_under_the_journal_keeps_who_is_enrolled(bench: Bench) -> None:
    write(bench.folder, {"A/1": "alice", "B/1": "bob"})
    journal, bench.journal = bench.journal, Path("/dev/full")
    with pytest.raises(DiskFull):
        bench.run()
    assert bench.names() == ["A"]
    bench.journal = journal
    assert bench.run() == {"A": "skipped", "B": "enrolled"}


def test_what_systems_put_into_folders_is_nobody(tmp_path: Path) -> None:
    """Trash, thumbnails and indexes, beside the people and within their folders."""
    of_systems = (
        "$RECYCLE.BIN/S-1-5-21", "@eaDir", "System Volume Information", "__MACOSX/bob",
        "lost+found", ".Trash-1000/files", "#recycle",
    )  # fmt: skip
    write(tmp_path, {f"{folder}/1.mp4": "alice" for folder in of_systems})
    write(tmp_path, {f"bob/{folder}/1.mp4": "alice" for folder in of_systems})
    write(tmp_path, {"bob/1.mp4": "bob", "bob/Thumbs.db": "", "desktop.ini": ""})
    [item] = plan_import(tmp_path)
    assert (item.name, [path.name for path in item.files]) == ("bob", ["1.mp4"])
    assert item.files[0].parent.name == "bob"


def test_folders_of_one_name_are_one_person(tmp_path: Path) -> None:
    write(tmp_path, {"Amara  Example/1.mp4": "alice", "Amara\u00a0Example/2.mp4": "alice"})
    [item] = plan_import(tmp_path)
    assert (item.name, len(item.files)) == ("Amara Example", 2)
