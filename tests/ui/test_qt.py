"""What the screens rely on in Qt for Python: see docs/decisions/0001-pins.md."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from pytestqt.qtbot import QtBot

TIMES = 200
SLACK = 50
"""References that other code takes or drops meanwhile."""


class Speaker(QObject):
    spoken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0

    @Slot(object)
    def hear(self, _what: object) -> None:
        self.heard += 1

    @Slot()
    def tick(self) -> None:
        self.heard += 1


def test_signals_take_no_references_that_are_not_theirs(qtbot: QtBot) -> None:
    speaker = Speaker()
    speaker.spoken.connect(speaker.hear)
    before = sys.getrefcount(True)
    for _ in range(TIMES):
        speaker.spoken.emit("a")
    assert speaker.heard == TIMES
    assert sys.getrefcount(True) > before - SLACK


def test_slots_take_no_references_that_are_not_theirs(qtbot: QtBot) -> None:
    speaker = Speaker()
    timer = QTimer()
    timer.timeout.connect(speaker.tick)
    before = sys.getrefcount(None)
    timer.start(0)
    qtbot.waitUntil(lambda: speaker.heard >= TIMES)
    timer.stop()
    assert sys.getrefcount(None) > before - SLACK
