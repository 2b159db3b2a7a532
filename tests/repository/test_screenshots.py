"""The command that renders screens says how it is called, and renders what is asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tools.screenshots.__main__ import main
from tools.screenshots.album import Album


def test_help_renders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    assert "--screen" in answer.output
    assert list(tmp_path.iterdir()) == []


def test_an_album_holds_the_screens_whose_name_fits(tmp_path: Path, qtbot: QtBot) -> None:
    window = QLabel("the window")
    qtbot.addWidget(window)
    album = Album(tmp_path, screens=("admin-*", "attract"))
    gone: list[str] = []
    names = ("admin-health", "attract", "look")
    steps = {name: partial(gone.append, name) for name in names}
    album.take_steps(window, "small", "en", steps)
    assert gone == list(names), "each step follows from the one before"
    assert album.taken == ["small-en-admin-health.png", "small-en-attract.png"]
    assert album.left == {"look"}
    assert sorted(file.name for file in tmp_path.iterdir()) == album.taken
