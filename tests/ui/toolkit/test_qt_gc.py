"""While screens are open, cycles are collected on the GUI thread and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.toolkit.qt_gc import GuiGarbage


class Knot:
    """An object in a cycle that says on which thread it died."""

    def __init__(self, died: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: died.append(threading.get_ident()))


def make_garbage(died: list[int]) -> None:
    """Enough to set off Python's own collector several times over."""
    for _ in range(5_000):
        Knot(died)


def test_another_thread_collects_nothing(qtbot: QtBot) -> None:
    gc.enable()
    garbage = GuiGarbage()
    died: list[int] = []
    worker = threading.Thread(target=make_garbage, args=(died,), name="kiosk-test")
    worker.start()
    worker.join()
    assert died == []
    garbage.collect()
    assert set(died) == {threading.get_ident()}
    garbage.close()
    assert gc.isenabled()


shown: list[weakref.ref[QWidget]] = []


@pytest.fixture
def tangled(qtbot: QtBot) -> QWidget:
    """A window in a cycle, which pytest holds until the test is over."""
    window = QWidget()
    window.itself = window  # type: ignore[attr-defined]
    shown.append(weakref.ref(window))
    return window


@pytest.mark.parametrize("turn", [1, 2])
def test_a_window_does_not_outlive_its_test(turn: int, tangled: QWidget) -> None:
    """Or Python's own collector would find it, on a thread of some later test."""
    assert [each for each in shown if each() is not None] == [shown[-1]]
    assert not gc.isenabled()
