"""The command as a newcomer types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    "analyse",
    "doctor",
    "enrol",
    "enrol-folder",
    "re-enrol",
    "evaluate",
    "gallery",
    "models",
    "train",
]


def kiosk(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the real program with a home of its own."""
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    environment["XDG_CONFIG_HOME"] = str(home / "config")
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def test_help_teaches(tmp_path: Path) -> None:
    result = kiosk("--help", home=tmp_path)
    assert result.returncode == 0
    assert all(command in result.stdout for command in [*COMMANDS, "--headless", "Examples"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    result = kiosk(command, "--help", home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) > 5


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
        (["enrol-folder", "none"], 3, "none"),
        (["gallery", "show", "Nobody"], 3, "Nobody"),
    ],
)
def test_bad_input_gives_one_clear_line(
    arguments: list[str], code: int, words: str, tmp_path: Path
) -> None:
    result = kiosk(*arguments, home=tmp_path)
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
