"""Fixtures for everyone: where the shared recordings are, and no thread left behind."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest

from tests.support.order import ordered
from tests.support.paths import SHARED
from tests.support.screen_garbage import ScreenGarbage
from tests.support.sockets import SocketGuard, listen
from tests.support.temporary import keep_temporary_files_in_memory

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.ui_support import ScreenMaker
    from tests.support.walk_room import Make


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
keep_temporary_files_in_memory()
# How long an example takes says how busy the machine is, not what is wrong with the kiosk.
hypothesis.settings.register_profile(
    "kiosk", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("kiosk")
GARBAGE = ScreenGarbage()
GUARD = SocketGuard()
listen(GUARD.used)
OFFLINE = {"recognition", "enrolment", "evaluation", "runtime", "ui"}
"""Folders of tests in which no socket is opened at all: visits, enrolment, evaluation, the parts of
the demo, screens."""
SENDS = {"delivery", "fleet", "kiosks"}
"""Folders below them whose subject is speaking with others."""


SCREEN_PATIENCE = 60_000
"""Milliseconds that a test waits for a screen; five seconds, as pytest-qt has it, can pass on a
machine with other work before anything is wrong."""


def pytest_configure(config: pytest.Config) -> None:
    """The kiosks that tests start keep their log in a folder of this run, not in the user's own;
    screens are waited for patiently. While all tests and their libraries are imported, a quarter of
    the time would go into a search for garbage, of which there is none."""
    gc.disable()
    from pytestqt.qtbot import QtBot

    for waits in (QtBot.waitUntil, QtBot.waitActive, QtBot.waitExposed, QtBot.waitSignal):
        assert waits.__kwdefaults__ is not None
        waits.__kwdefaults__["timeout"] = SCREEN_PATIENCE
    folder = tempfile.mkdtemp(prefix="kiosk-state-")
    os.environ["XDG_STATE_HOME"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What was imported stays as long as the process, and is not searched again and again."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the shared recordings their tests are not collected; the summary says how many. Where
    workers share the tests, what takes long comes first."""
    with_shared = [item for item in items if item.get_closest_marker("shared")]
    if with_shared and not SHARED.is_dir():
        items[:] = [item for item in items if not item.get_closest_marker("shared")]
        config.hook.pytest_deselected(items=with_shared)
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        items[:] = ordered(items, workers)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One plain line for whoever reads the end of a long log; workers do not tell of the tests that
    were left out, so that their number of processes makes no difference to what is said."""
    if not SHARED.is_dir():
        terminalreporter.write_line("Tests of the shared recordings were left out: there are none.")
    counts = {name: len(found) for name, found in terminalreporter.stats.items()}
    failed = counts.get("failed", 0) + counts.get("error", 0)
    terminalreporter.write_line(f"{counts.get('passed', 0)} passed, {failed} failed")


@pytest.fixture
def shared() -> Path:
    """The folder of shared recordings; use only in tests marked `shared`."""
    return SHARED


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that goes to the network fails, even if what it tests swallows the error. Servers on
    this machine are for the tests of streams and downloads; the kiosk itself opens no socket."""
    folders = set(request.path.relative_to(request.config.rootpath).parts)
    strict = bool(OFFLINE & folders) and not SENDS & folders
    with GUARD.watching(strict=strict) as tried:
        yield
    assert not tried, f"the network was used: {tried}"


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A test that leaves a thread of ours running fails."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in set(threading.enumerate()) - before
        if thread.is_alive() and thread.name.startswith("kiosk-")
    ]
    assert not left, f"threads left running: {left}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, Any, Any]:
    """As in the running kiosk: Qt objects are never collected on another thread."""
    GARBAGE.before(item)
    try:
        return (yield)
    finally:
        GARBAGE.after(item, nextitem)


@pytest.fixture(autouse=True, scope="session")
def galleries_and_archives_cost_little() -> Iterator[None]:
    """Two things that SQLCipher does for the whole process, and that thousands of tests in one
    process would pay for again and again. That the kiosk does both is tested in processes of their
    own (`tests/storage/test_keys.py`, `tests/storage/test_archive.py`).

    Where a gallery was opened as the kiosk opens it, each piece of memory is locked and wiped by
    itself, of every database and until the process ends: fifteen times the processor time. And the
    key of an archive is made of its passphrase in 256,000 rounds, a fifth of a second each time.
    """
    from kiosk.storage.sqlite import database

    kept = tuple(line for line in database._BEFORE_KEY if "cipher_memory_security" not in line)
    assert len(kept) == len(database._BEFORE_KEY) - 1
    with closing(database.connect(":memory:")) as opened:
        opened.execute("PRAGMA cipher_default_kdf_iter = 4000")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_BEFORE_KEY", kept)
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same every time."""
    return np.random.default_rng(7)


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[ScreenMaker]:
    """Makes walk-up windows; afterwards none is left and no timer of theirs runs."""
    from tests.support.ui_support import ScreenMaker

    maker = ScreenMaker(qtbot)
    yield maker
    maker.close()


@pytest.fixture
def walk(tmp_path: Path, qtbot: QtBot, screen: ScreenMaker) -> Iterator[Make]:
    """Makes walk-up windows before which somebody unknown stands."""
    from tests.support.walk_room import Walk

    made: list[Walk] = []

    def make(**changes: Any) -> Walk:
        made.append(Walk(tmp_path / str(len(made)), qtbot, screen, **changes))
        return made[-1]

    yield make
    for each in made:
        each.gallery.close()
