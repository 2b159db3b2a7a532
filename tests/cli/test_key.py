"""`kiosk key` as a person uses it, and what the process keeps out of files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.storage import SqlGallery

SECRET = "넷 강물 우산 모퉁이"


class Place:
    def __init__(self, folder: Path) -> None:
        self.database = folder / "data" / "gallery.db"
        self.key_file = folder / "config" / "gallery.key"
        self.secret = folder / "secret.txt"
        self.secret.write_text(SECRET + "\n", encoding="utf-8")
        SqlGallery.open(self.database, self.key_file).close()

    def kiosk(self, *words: str) -> Result:
        places = [f"database={self.database}", f"key_file={self.key_file}"]
        options = [word for each in places for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, "key", *words])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def status(place: Place) -> dict[str, object]:
    done = place.kiosk("status", "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_status_says_where_the_key_is_and_not_what(place: Place) -> None:
    found = status(place)
    assert found["kept_in"] == "file"
    assert found["opens_gallery"] is True
    assert place.key_file.read_text().strip() not in json.dumps(found)


def test_an_exchange_a_copy_and_a_return(place: Place, tmp_path: Path) -> None:
    before = status(place)["fingerprint"]
    assert place.kiosk("rotate").exit_code == 0
    assert status(place)["fingerprint"] != before
    copy = tmp_path / "copy.json"
    words = ("--passphrase-file", str(place.secret))
    assert place.kiosk("backup", str(copy), *words).exit_code == 0
    place.key_file.unlink()
    assert place.kiosk("restore", str(copy), *words).exit_code == 0
    assert status(place)["opens_gallery"] is True


def test_a_weak_passphrase_is_refused(place: Place, tmp_path: Path) -> None:
    place.secret.write_text("password2026\n")
    for words in (("rotate", "--keep-in", "passphrase"), ("backup", str(tmp_path / "copy.json"))):
        done = place.kiosk(*words, "--passphrase-file", str(place.secret))
        assert "first that are tried" in str(done.exception)
    assert status(place)["kept_in"] == "file"


def test_a_copy_never_falls_on_a_file_of_the_kiosk(place: Place) -> None:
    key = place.key_file.read_bytes()
    words = ("--passphrase-file", str(place.secret))
    for own in (place.database, place.key_file, place.key_file.with_name("gallery.key.next")):
        assert place.kiosk("backup", str(own), *words).exit_code != 0
    assert place.key_file.read_bytes() == key


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says it in /proc")
def test_the_program_leaves_no_core_dump_and_cannot_be_read() -> None:
    script = """
import resource, sys
sys.argv = ["kiosk", "--version"]
from kiosk.cli.main import main
try:
    main()
except SystemExit:
    pass
from kiosk.core.hardening import is_dumpable
print(resource.getrlimit(resource.RLIMIT_CORE), is_dumpable())
"""
    left = {name: value for name, value in os.environ.items() if name != "KIOSK_DEBUG"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=left
    )
    assert done.stdout.splitlines()[-1] == "(0, 0) False"
