"""The service manager hears that the kiosk lives only while the screen and the engine both do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from kiosk.core.errors import StorageError
from kiosk.recognition.visit import Publish
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.runtime.service_manager import ServiceManager
from kiosk.ui.engine.bridge import Bridge
from kiosk.ui.engine.watchdog import Watchdog
from tests.support.notify_socket import notify_socket


@contextmanager
def no_gallery(_publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
    """What cannot be prepared leaves an engine that shows a fault and carries out commands."""
    raise StorageError("The gallery cannot be opened.", "Put the key back.")
    yield


def test_a_kiosk_is_ready_when_its_engine_says_something_and_alive_while_it_works(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with notify_socket(tmp_path) as listening:
        manager = ServiceManager(
            {"NOTIFY_SOCKET": str(listening.path), "WATCHDOG_USEC": str(300_000)}
        )
        bridge = Bridge()
        engine = Engine(no_gallery, bridge.publish)
        watchdog = Watchdog(manager, engine.send)
        bridge.arrived.connect(watchdog.take)
        assert listening.waiting() == []
        engine.start()
        heard: list[str] = []

        def alive() -> bool:
            heard.extend(listening.waiting())
            return heard[:3] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]

        qtbot.waitUntil(alive, timeout=20_000)
        hangs, goes_on = threading.Event(), threading.Event()

        def hang() -> None:
            hangs.set()
            assert goes_on.wait(20)

        engine.send(hang)
        assert hangs.wait(20)
        listening.waiting()
        for _ in range(5):
            watchdog.ask()
        assert listening.waiting() == []
        goes_on.set()
        qtbot.waitUntil(lambda: "WATCHDOG=1" in listening.waiting(), timeout=20_000)
        engine.stop()
        watchdog.end()
        assert listening.waiting()[-1] == "STOPPING=1"
        bridge.arrived.disconnect(watchdog.take)
