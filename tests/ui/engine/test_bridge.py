"""Events and pictures cross from other threads without waiting and without loss of what matters."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from kiosk.core.events import Fault, VisitDecision, VisitEvent, VisitProgress
from kiosk.ui.engine.bridge import Bridge, Mailbox
from tests.support.ui_support import decision, frame, looking


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[VisitEvent] = []
        self.threads: set[QThread] = set()

    @Slot(object)
    def take(self, event: VisitEvent) -> None:
        self.events.append(event)
        self.threads.add(QThread.currentThread())


def publish_from_elsewhere(bridge: Bridge, events: list[VisitEvent]) -> None:
    worker = threading.Thread(target=lambda: list(map(bridge.publish, events)))
    worker.start()
    worker.join()


def test_events_arrive_on_the_gui_thread_in_order(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), Listener()
    bridge.arrived.connect(listener.take)
    sent: list[VisitEvent] = [looking(0), decision(final=False), looking(1), Fault("a", "b")]
    publish_from_elsewhere(bridge, sent)
    qtbot.waitUntil(lambda: len(listener.events) == 4)
    assert listener.events == sent
    assert listener.threads == {bridge.thread()}


def test_progress_nobody_had_time_for_is_replaced_and_decisions_never(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), Listener()
    bridge.arrived.connect(listener.take)
    many: list[VisitEvent] = [looking(step / 25) for step in range(500)]
    publish_from_elsewhere(bridge, [*many, decision(), *many, Fault("a", "b")])
    qtbot.waitUntil(lambda: len(listener.events) >= 4)
    kinds = [type(event) for event in listener.events]
    assert kinds == [VisitProgress, VisitDecision, VisitProgress, Fault]
    first = listener.events[0]
    assert isinstance(first, VisitProgress)
    assert first.time == 499 / 25


def test_mailbox_holds_one_picture_the_newest() -> None:
    mailbox = Mailbox()
    assert mailbox.take() is None
    for index in range(5):
        mailbox.put(frame(index))
    newest = mailbox.take()
    assert newest is not None
    assert newest.time == 4
    assert mailbox.replaced == 4
    assert mailbox.take() is None
