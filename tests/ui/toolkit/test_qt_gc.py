"""While screens are open, cycles are collected on the GUI thread and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

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
