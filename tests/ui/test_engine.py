"""Screens, bridge and the engine on its own thread, with scripted models: whole visits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.core.errors import DeviceMissing
from kiosk.core.media import Modality, NoticeKind, SourceNotice
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Publish, Visit
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.ui.app import WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.visitor.walkup import Page
from tests.support.played_source import Event, PlayedSource
from tests.support.scripted import (
    FPS,
    NOBODY,
    Script,
    picture,
    scripted_models,
    sound,
    two_enrolled,
)
from tests.support.ui_support import HandClock, settle

STRANGER = 2


class Stage:
    """A running kiosk whose camera and microphone are the test."""

    def __init__(self, settings: Settings, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.source = PlayedSource()
        self.script = Script()
        self.clock = HandClock()
        self.time = 0.0
        self.mailbox = Mailbox()
        self.client = GalleryClient()
        self.settings = settings
        self.source.preview = self.mailbox.put
        self.app = WalkUpApp(self._engine, settings, self.mailbox, self.client, self.clock)

    def _engine(self, publish: Publish) -> Engine:
        return Engine(self._prepare, publish)

    @contextmanager
    def _prepare(self, publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        models = scripted_models(self.script)
        identifier = Identifier(models, two_enrolled(), Policy())
        yield lambda: VisitSetup(self.source, Visit(models, identifier, self.settings, publish))

    @property
    def page(self) -> Page:
        return self.app.model.view.page

    def play(self, seconds: float, who: int, says: int = 0) -> None:
        for _ in range(round(seconds * FPS)):
            self.source.put(picture(who, self.time))
            self.source.put(sound(says, self.time))
            self.time += 1 / FPS

    def wait(self, page: Page) -> None:
        self.qtbot.waitUntil(lambda: self.page is page)

    def wait_until_heard(self) -> None:
        """The engine has looked at and listened to all that was played, and done all it was told,
        and the screens have heard of it."""
        self.qtbot.waitUntil(self.source.mark().is_set)
        done = threading.Event()
        self.app.engine.send(done.set)
        self.qtbot.waitUntil(done.is_set)
        settle()


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(**changes: Any) -> Stage:
        settings = Settings(motion="reduced", speech_limit=6.0, language="en")
        new = Stage(replace(settings, **changes), qtbot)
        new.app.show(QSize(540, 960))
        made.append(new)
        return new

    yield make
    for each in made:
        each.app.close()


Make = Callable[..., Stage]


def test_a_known_person_is_greeted_by_name(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.wait_until_heard()
    kiosk.play(4, who=0, says=1)
    kiosk.wait(Page.IDENTIFIED)
    decision = kiosk.app.model.view.decision
    assert decision is not None
    assert decision.decision.top is not None
    assert decision.decision.top.name == "Alice"


def test_a_stranger_is_sent_to_staff(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.wait_until_heard()
    kiosk.play(4, who=STRANGER, says=3)
    kiosk.wait(Page.UNKNOWN)


def test_before_start_no_picture_is_looked_at(stage: Make) -> None:
    kiosk = stage(start="touch")
    kiosk.wait_until_heard()
    resets = kiosk.script.resets
    kiosk.play(3, who=0, says=1)
    kiosk.wait_until_heard()
    assert not kiosk.app.model.view.ready  # no look at any frame was ever published
    assert kiosk.script.resets == resets
    assert kiosk.page is Page.ATTRACT


def test_walking_up_is_enough_where_that_is_set(stage: Make) -> None:
    kiosk = stage(start="walk_up")
    kiosk.play(4, who=1, says=2)
    kiosk.wait(Page.IDENTIFIED)
    kiosk.play(4, who=NOBODY)
    kiosk.wait(Page.ATTRACT)
    kiosk.play(4, who=0, says=1)
    kiosk.wait(Page.IDENTIFIED)


def test_face_alone_at_a_touch(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.wait_until_heard()
    kiosk.play(1.5, who=0)
    kiosk.wait(Page.SPEAK)
    kiosk.app.model.skip_voice()
    kiosk.play(0.2, who=0)
    kiosk.wait(Page.IDENTIFIED)


def test_voice_alone_at_a_touch(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.app.model.by_voice()
    kiosk.wait_until_heard()
    kiosk.play(4, who=STRANGER, says=2)
    kiosk.wait(Page.IDENTIFIED)
    decision = kiosk.app.model.view.decision
    assert decision is not None
    assert decision.decision.top is not None
    assert decision.decision.top.name == "Bob"
    assert decision.good_frames == 0


def test_not_me_is_not_recognised_again_while_standing_there(stage: Make) -> None:
    kiosk = stage(start="walk_up")
    kiosk.play(4, who=0, says=1)
    kiosk.wait(Page.IDENTIFIED)
    kiosk.app.model.not_me()
    kiosk.play(5, who=0, says=1)
    kiosk.wait_until_heard()
    assert kiosk.page is Page.NOT_ME
    kiosk.play(3, who=NOBODY)
    kiosk.wait(Page.ATTRACT)


def test_microphone_lost_in_mid_visit(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.wait_until_heard()
    kiosk.play(1, who=0)
    gone = SourceNotice(NoticeKind.LOST, "The microphone went away.", modality=Modality.VOICE)
    kiosk.source.put(gone)
    kiosk.play(7, who=0)
    kiosk.wait(Page.IDENTIFIED)
    assert kiosk.app.model.view.limited is not None


def test_camera_pulled_in_mid_visit_and_put_back(stage: Make) -> None:
    kiosk = stage()
    kiosk.app.model.start()
    kiosk.wait_until_heard()
    kiosk.play(0.2, who=0)
    kiosk.wait(Page.LOOK)
    kiosk.source.put(SourceNotice(NoticeKind.LOST, "The camera went away."))
    kiosk.qtbot.waitUntil(lambda: kiosk.app.model.view.fault is not None)
    kiosk.clock.now += 1
    kiosk.wait(Page.FAULT)
    kiosk.source.put(SourceNotice(NoticeKind.RESTORED, "The camera is back."))
    kiosk.wait(Page.ATTRACT)


def test_a_kiosk_without_devices_says_so(stage: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: PlayedSource) -> Iterator[Event]:
        raise DeviceMissing("No camera.", "Plug one in.")

    monkeypatch.setattr(PlayedSource, "events", missing)
    kiosk = stage()
    kiosk.qtbot.waitUntil(lambda: kiosk.app.model.view.fault is not None)
    kiosk.clock.now += 1
    kiosk.wait(Page.FAULT)


def test_forgotten_after_the_time_out(stage: Make) -> None:
    kiosk = stage(start="walk_up", result_seconds=10.0)
    kiosk.play(4, who=0, says=1)
    kiosk.wait(Page.IDENTIFIED)
    kiosk.clock.now += 7
    kiosk.qtbot.waitUntil(lambda: kiosk.app.model.view.warning is not None)
    kiosk.clock.now += 4
    kiosk.wait(Page.ATTRACT)
    kiosk.play(4, who=0, says=1)  # still there: not looked at again
    kiosk.wait_until_heard()
    assert kiosk.page is Page.ATTRACT


def test_visit_after_visit_leaves_nothing_behind(stage: Make) -> None:
    kiosk = stage(start="walk_up")
    for _ in range(20):
        kiosk.play(3.4, who=0, says=1)
        kiosk.play(2.2, who=NOBODY)
    kiosk.play(4, who=NOBODY)
    kiosk.qtbot.waitUntil(lambda: kiosk.app.model.view.phrase == 20)  # one to a visit
    kiosk.wait(Page.ATTRACT)
    view = kiosk.app.model.view
    assert (view.decision, view.face, view.voice) == (None, None, None)
    kiosk.play(0.1, who=NOBODY)
    kiosk.wait_until_heard()
    assert kiosk.app.model.view.page is Page.ATTRACT  # the camera goes on; nobody is there
    assert view.phrase >= 2
