"""`kiosk audit` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.errors import StorageError
from kiosk.storage import SqlGallery
from kiosk.storage.keys import care
from tests.support.storage_support import NEW, template


class Place:
    def __init__(self, folder: Path) -> None:
        self.paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
        gallery = SqlGallery.open(*self.paths)
        gallery.enrol("김민준", [template(1)], NEW)
        gallery.close()

    def kiosk(self, *words: str) -> Result:
        places = [f"database={self.paths[0]}", f"key_file={self.paths[1]}"]
        options = [word for each in places for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, *words])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_a_shell_does_is_on_record(place: Place) -> None:
    assert place.kiosk("gallery", "rename", "김민준", "김하늘").exit_code == 0
    care.rotate(*place.paths)
    shown = place.kiosk("audit", "show", "--json").stdout.splitlines()
    told = [json.loads(line) for line in shown]
    assert [each["act"] for each in told] == ["enrolled", "renamed", "key exchanged"]
    assert told[1]["facts"]["by"] == "shell"
    assert "김" not in "".join(shown)
    assert "whole: 3 lines" in place.kiosk("audit", "verify").stdout


def test_a_changed_record_ends_with_the_code_of_storage(place: Place) -> None:
    gallery = SqlGallery.open(*place.paths)
    gallery.database.execute("UPDATE trail SET act = 'confirmed'")
    gallery.close()
    done = place.kiosk("audit", "verify")
    assert isinstance(done.exception, StorageError)
    assert "line 1 does not follow" in done.stdout


@pytest.mark.parametrize("name", ["record.csv", "record.jsonl"])
def test_it_is_exported_for_others_to_read(place: Place, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert place.kiosk("audit", "export", str(file)).exit_code == 0
    assert "enrolled" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "exists already" in str(place.kiosk("audit", "export", str(file)).exception)
