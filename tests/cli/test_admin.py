"""`kiosk admin`: passphrases are set from a shell, and a screen that is held needs one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def kiosk(self, *words: str) -> Result:
        places = [f"database={self.folder / 'g.db'}", f"key_file={self.folder / 'keys' / 'g.key'}"]
        options = [word for each in places for word in ("--set", each)]
        return CliRunner().invoke(cli, [*options, *words])

    def secret(self, text: str) -> tuple[str, str]:
        file = self.folder / "secret.txt"
        file.write_text(text + "\n", encoding="utf-8")
        return "--passphrase-file", str(file)

    def listed(self) -> list[tuple[int, str, str]]:
        done = self.kiosk("admin", "list", "--json")
        return [(each["number"], each["name"], each["role"]) for each in json.loads(done.stdout)]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_people_come_and_go(shell: Shell) -> None:
    assert shell.listed() == []
    assert shell.kiosk("admin", "passphrase", *shell.secret("맑은 물 한 그릇")).exit_code == 0
    words = ("admin", "add", "desk", "--role", "auditor", *shell.secret("brass otter window"))
    assert shell.kiosk(*words).exit_code == 0
    assert shell.listed() == [(1, "admin", "operator"), (2, "desk", "auditor")]
    assert shell.kiosk("admin", "remove", "desk").exit_code == 0
    assert "last" not in shell.kiosk("admin", "unlock").output
    assert shell.listed() == [(1, "admin", "operator")]
    assert "Nobody would be left" in str(shell.kiosk("admin", "remove", "admin").exception)


def test_changing_a_passphrase_keeps_the_role(shell: Shell) -> None:
    shell.kiosk("admin", "passphrase", *shell.secret("맑은 물 한 그릇"))
    shell.kiosk("admin", "add", "desk", *shell.secret("brass otter window"))
    words = ("admin", "passphrase", "--name", "desk", *shell.secret("seven green boats"))
    assert shell.kiosk(*words).exit_code == 0
    assert shell.listed()[1] == (2, "desk", "enroller")


def test_a_weak_one_is_refused(shell: Shell) -> None:
    done = shell.kiosk("admin", "passphrase", *shell.secret("kiosk1234"))
    assert "first that are tried" in str(done.exception)
    assert shell.listed() == []


def test_a_screen_is_not_held_that_nobody_could_leave(shell: Shell) -> None:
    done = shell.kiosk("--kiosk")
    assert "kiosk admin passphrase" in str(done.exception.remedy)  # type: ignore[union-attr]
    done = shell.kiosk("--kiosk", "--windowed")
    assert "does not hold" in str(done.exception)
