"""Cyclic garbage of screens is collected on the thread of the tests alone, as the kiosk does it.

Python's own collector runs on whichever thread happens to allocate, and Qt objects that are
destroyed on a thread they do not belong to end the process. So it is off from the first test with
screens until the tests of another folder begin, and all that was left is collected before that.
"""

from __future__ import annotations

import gc

import pytest


class ScreenGarbage:
    """What is collected before and after each test."""

    def __init__(self) -> None:
        self._off = False

    def before(self, item: pytest.Item) -> None:
        """A test with screens: what was there is set aside meanwhile. A million objects of
        libraries and of other tests need not be looked through for what this test leaves, half a
        second each time."""
        if _has_screens(item):
            self._off = True
            gc.disable()
            gc.freeze()

    def after(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """When pytest has let go of what the test was given. Whatever outlives its test, such as
        what a module shares, was set aside by the next one, and is found as the folder ends."""
        if not self._off:
            return
        gc.collect(2 if _has_screens(item) else 1)
        gc.unfreeze()
        if following is None or _folder(following) != _folder(item):
            gc.collect()
            gc.enable()
            self._off = False


def _has_screens(item: pytest.Item) -> bool:
    return "qtbot" in getattr(item, "fixturenames", ())


def _folder(item: pytest.Item) -> str:
    """The first below `tests`: ui, server, ..."""
    return item.nodeid.split("/")[1] if "/" in item.nodeid else item.nodeid
