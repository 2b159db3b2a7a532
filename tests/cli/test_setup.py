"""`kiosk setup` asks, tries the devices, and writes everything at once or nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from kiosk.cli.main import cli
from kiosk.runtime.installed import PACKAGE, SESSION
from tests.support.paths import ROOT

CLIP = str(ROOT / "assets" / "demo" / "gureum-2.mp4")
"""A camera may be named by the path of a recording, so that a real picture is looked at."""
PASSPHRASE = "a lantern over still water"


class Machine:
    """A machine on which the kiosk was just installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "kiosk" / "kiosk.toml"
        self.key = folder / "gallery.key"
        self.passphrase = folder / "passphrase.txt"
        self.passphrase.write_text(PASSPHRASE + "\n", "utf-8")
        self.logo = folder / "logo.png"
        Image.new("RGB", (120, 40), "purple").save(self.logo)

    def run(self, *arguments: str, typed: str = "") -> Result:
        given = ["--set", f"key_file={self.key}"]
        home = {"XDG_CONFIG_HOME": str(self.folder)}
        return CliRunner().invoke(cli, [*given, *arguments], input=typed, env=home)

    def setup(self, *arguments: str, given: tuple[str, ...] = (), typed: str = "") -> Result:
        covered = [part for each in given for part in ("--set", each)]
        return self.run(*covered, "setup", *arguments, typed=typed)

    def written(self) -> str:
        return self.file.read_text("utf-8") if self.file.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_answers_are_checked_one_by_one_and_written_together(machine: Machine) -> None:
    brand = [str(machine.passphrase), str(machine.logo), "#FFEE00", "#7A1F5C", "환영 | Welcome"]
    answers = ["klingon", "en", "", "walk_up", "", "", *brand, "none", "none", "auto", "y", "gdpr"]
    done = machine.setup(typed="\n".join([*answers, PASSPHRASE, PASSPHRASE]) + "\n")
    assert done.exit_code == 0, done.output
    assert "Choose one of" in done.output
    assert "microphone is 'none', and so is camera" in done.output
    written = machine.written()
    assert 'language = "en"' in written
    assert 'start = "walk_up"' in written
    assert 'camera = "none"' in written
    assert "is no picture of a kind that is taken" in done.output
    assert "makes something that cannot be read: accent_on_ground" in done.output
    assert f'logo = "{machine.logo}"' in written
    assert 'accent_colour = "#7A1F5C"' in written
    paper = (machine.file.parent / "consent-gdpr-en.txt").read_text("utf-8")
    assert "GDPR-1" in paper
    assert "profile" not in written, "what stays at its default is not written"
    listed = machine.run("admin", "list")
    assert "operator" in listed.output


@pytest.mark.parametrize(
    ("prefix", "said"),
    [(str(PACKAGE / "versions" / "0.1.0"), f"enable --now {SESSION}"), (str(ROOT), "walk-up")],
    ids=["package", "clone"],
)
def test_what_comes_next_fits_how_the_kiosk_was_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, prefix: str, said: str
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    done = machine.setup("--yes", "--no-trial", "--passphrase-file", str(machine.passphrase))
    assert done.exit_code == 0, done.output
    assert said in done.output.partition("Next:")[2]


def test_nothing_is_written_before_the_last_yes(machine: Machine) -> None:
    answers = ["en", "", "", "", "", "", "", "", "none", "", "n"]
    done = machine.setup("--no-trial", typed="\n".join(answers))
    assert done.exit_code != 0
    assert machine.written() == ""
    assert "Nobody has a passphrase" in machine.run("admin", "list").output


def test_a_script_gives_everything_and_is_asked_nothing(machine: Machine) -> None:
    given = ("language=en", f"camera={CLIP}", "microphone=none")
    arguments = ("--yes", "--passphrase-file", str(machine.passphrase))
    done = machine.setup(*arguments, given=given)
    assert done.exit_code == 0, done.output
    assert 'language = "en"' in machine.written()
    assert "may open the staff pages as operator" in done.output


def test_the_camera_is_looked_through(machine: Machine) -> None:
    done = machine.setup("--yes", given=(f"camera={CLIP}", "microphone=none"))
    assert done.exit_code == 0, done.output
    assert "pictures a second" in done.output
    assert "kiosk admin passphrase" in done.output


def test_a_device_that_is_not_there_is_told_and_harms_nothing(machine: Machine) -> None:
    done = machine.setup("--yes", given=("camera=/dev/nothing-here", "microphone=none"))
    assert done.exit_code == 0, done.output
    assert "/dev/nothing-here" in done.output
    assert 'camera = "/dev/nothing-here"' in machine.written()


def test_a_program_reads_what_was_written(machine: Machine) -> None:
    given = ("language=en", f"camera={CLIP}", "microphone=none")
    arguments = ("--yes", "--json", "--passphrase-file", str(machine.passphrase))
    done = machine.setup(*arguments, given=given)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["written"]["language"] == "en"
    assert "pictures a second" in told["tried"]["camera"]
    assert machine.setup("--json").exit_code == 2


def test_the_text_of_consent_follows_what_was_set_and_replaces_no_other(machine: Machine) -> None:
    given = ("language=ko", f"camera={CLIP}", "microphone=none", "attendance=true")
    words = ("--yes", "--no-trial", "--consent-law", "pipa", "--controller", "예시 회사", "--json")
    first, second = (json.loads(machine.setup(*words, given=given).stdout) for _ in range(2))
    text = Path(first["consent_text"]).read_text("utf-8")
    assert "예시 회사" in text
    assert "출석" in text
    assert second["consent_text"].endswith("consent-pipa-ko-2.txt")
    missing = machine.setup("--yes", given=("logo=/nowhere/logo.png", *given))
    assert missing.exit_code != 0
    assert "/nowhere/logo.png cannot be read" in str(missing.exception)
