"""Work behind a screen that is deleted meanwhile: it is waited for, and its answer goes nowhere."""

from __future__ import annotations

import threading

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.engine.requests import BackgroundTasks

SOON = 0.2


def test_what_is_at_work_when_its_screen_is_deleted_ends(
    qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    screen, begun, ended = QWidget(), threading.Event(), threading.Event()
    tasks = BackgroundTasks(screen)
    answers = list[object]()
    tasks.answered.connect(lambda _ticket, answer: answers.append(answer))

    def work() -> str:
        begun.set()
        threading.Event().wait(SOON)
        ended.set()
        return "done"

    tasks.ask(work)
    assert begun.wait(60)
    shiboken6.delete(screen)
    assert ended.is_set()
    qtbot.wait(10)
    assert answers == []
    assert capfd.readouterr().err == ""
