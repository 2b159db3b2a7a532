"""The command as a newcomer types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, NamedTuple

import click
import pytest
from click.testing import CliRunner

from kiosk.cli.main import _told, cli
from kiosk.storage import SqlGallery
from tests.support.storage_support import NEW, template

COMMANDS = [
    "admin",
    "analyse",
    "attendance",
    "audit",
    "doctor",
    "enrol",
    "enrol-folder",
    "re-enrol",
    "evaluate",
    "events",
    "fleet",
    "gallery",
    "greeting",
    "key",
    "models",
    "privacy",
    "serve",
    "settings",
    "setup",
    "status",
    "train",
]


def kiosk(
    *arguments: str, home: Path, out: int | IO[str] = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the real program with a home of its own."""
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    environment |= {"XDG_CONFIG_HOME": str(home / "config")} | variables
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


class Told(NamedTuple):
    """What a command ends in, and what it says of that."""

    returncode: int
    stderr: str


def told(*arguments: str) -> Told:
    """The same commands in this process, their errors told as the program tells them: what the
    process itself adds is tested by `kiosk`, and in test_process."""
    result = CliRunner().invoke(cli, arguments)
    if isinstance(result.exception, SystemExit) or result.exception is None:
        return Told(result.exit_code, result.stderr)
    assert isinstance(result.exception, Exception)
    line, code = _told(result.exception)
    return Told(code, result.stderr + line)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of somebody who has used nothing yet; the folder they stand in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("data", "config"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_teaches(tmp_path: Path) -> None:
    result = kiosk("--help", home=tmp_path)
    assert result.returncode == 0
    assert all(command in result.stdout for command in [*COMMANDS, "--headless", "Examples"])


def test_help_says_of_every_command_what_its_own_help_begins_with() -> None:
    context = click.Context(cli, terminal_width=200, max_content_width=200)
    assert cli.list_commands(context) == sorted(COMMANDS)
    overview = " ".join(cli.get_help(context).split())
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200).removesuffix(".") in overview, name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, home: Path) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) > 5
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--nonsense"], 2, "No such option"),
        (["--set", "threads"], 2, "--set"),
        (["--set", "threads=0"], 2, "threads"),
        (["--config", "none.toml"], 2, "none.toml"),
        (["--headless", "--source", "none.mp4"], 3, "none.mp4"),
        (["enrol", "Somebody", "none.mp4"], 3, "none.mp4"),
        (["enrol", "Somebody"], 3, "Nothing to enrol from"),
        # What is wrong with the words is said before models are asked for.
        (["--set", "face_model=x", "enrol", "Somebody"], 3, "Nothing to enrol from"),
        (["--set", "face_model=x", "enrol", "A", "none.mp4"], 3, "none.mp4"),
        (["--set", "face_model=x", "enrol", "", __file__], 3, "name is empty"),
        (["--set", "face_model=x", "re-enrol", "Nobody", __file__], 3, "Nobody of that name"),
        (["enrol-folder", "none"], 3, "none"),
        (["gallery", "show", "Nobody"], 3, "Nobody"),
    ],
)
def test_bad_input_gives_one_clear_line(
    arguments: list[str], code: int, words: str, home: Path
) -> None:
    result = told(*arguments)
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_the_program_gives_that_line_and_that_code(tmp_path: Path) -> None:
    for arguments in (("--nonsense",), ("--set", "threads=0"), ("gallery", "show", "Nobody")):
        result = kiosk(*arguments, home=tmp_path)
        assert (result.returncode, result.stdout) == (3 if "show" in arguments else 2, "")
        assert "Traceback" not in result.stderr
        assert result.stderr.strip()


LONG = "한" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["--headless", "--source", LONG],
        ["enrol", "Somebody", LONG],
        ["enrol-folder", LONG],
        ["gallery", "import", LONG, "--passphrase-file", __file__],
        ["gallery", "export", LONG, "--passphrase-file", __file__],
        ["models", "fetch", "edgeface-xs", "--from", LONG],
        ["evaluate", "verification", LONG],
        ["analyse", LONG],
    ],
)
def test_a_name_too_long_for_any_file_is_said(arguments: list[str], home: Path) -> None:
    result = told(*arguments)
    assert result.returncode == 3, result.stderr
    assert "File name too long" in result.stderr
    assert "internal error" not in result.stderr


def test_output_to_a_full_disk_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = kiosk("gallery", "list", "--json", home=tmp_path, out=full)
    assert result.returncode == 6
    assert result.stderr == "kiosk: No space left on device. Free some space.\n"


def test_a_terminal_without_korean_ends_no_work(tmp_path: Path) -> None:
    places = tmp_path / "data/kiosk/gallery.db", tmp_path / "config/kiosk/gallery.key"
    gallery = SqlGallery.open(*places)
    gallery.enrol("김민준", [template(1)], NEW)
    gallery.close()
    plain = kiosk("gallery", "list", "--json", home=tmp_path, PYTHONIOENCODING="ascii")
    assert plain.returncode == 0, plain.stderr
    assert [each["name"] for each in json.loads(plain.stdout)] == ["김민준"]
