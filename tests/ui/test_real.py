"""The real engine behind the real screen, on recordings of people who do not exist.

A whole visit of somebody enrolled, of a stranger, in noise, without a microphone, with the camera
pulled out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.capture.clock import WallClock
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import AudioChunk, Frame, Modality, NoticeKind, SourceNotice
from kiosk.core.ports.capture import FrameListener, Source
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from kiosk.runtime.composition import EngineListeners
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.ui.app import WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient, PeopleDesk
from kiosk.ui.visitor.walkup import Page, View
from tests.support.paths import ROOT
from tests.support.ui_support import running_timers

DEMO = ROOT / "assets" / "demo"
NAME = "이노을"
PATIENCE = 60_000
ATTEMPTS = 3
KEPT_UP = 30
"""Pictures looked at, of the hundred of a clip, below which the machine was too busy."""
EVER = datetime(2020, 1, 1, tzinfo=UTC)
Event = Frame | AudioChunk | SourceNotice
Edit = Callable[[Iterator[Event]], Iterator[Event]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A gallery in which one of the demo people is enrolled from her first recording."""
    folder = tmp_path_factory.mktemp("real")
    made = Settings(
        database=folder / "g.db",
        key_file=folder / "keys" / "g.key",
        start="walk_up",
        language="en",
        motion="reduced",
        threads=1,  # more only wait for each other where a machine has other work
        liveness="warn",  # the demo people are composed, and are told from living ones
    )
    with composition.open_workbench(made) as bench:
        clip = str(DEMO / "noeul-1.mp4")
        bench.collector.read(composition.open_source(made, clip, end=5.5))
        bench.enroller.enrol(NAME, bench.collector.collected, "file")
    return made


class Edited:
    """A recording with something changed, as fast as the engine takes it; `live` says that it
    comes from a camera."""

    dropped = 0
    lost_sound = 0.0

    def __init__(self, source: Source, edit: Edit, *, live: bool) -> None:
        self._source, self._edit, self.live = source, edit, live
        self.preview: FrameListener | None = None

    def events(self) -> Iterator[Event]:
        for event in self._edit(self._source.events()):
            if isinstance(event, Frame) and self.preview is not None:
                self.preview(event)
            yield event

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Visitor:
    """A running kiosk with a recording before it."""

    def __init__(
        self, settings: Settings, clip: str, edit: Edit | None, qtbot: QtBot, *, live: bool
    ) -> None:
        self.qtbot, self._live = qtbot, live
        self.mailbox, self.client, self.metrics = Mailbox(), GalleryClient(), RuntimeMetrics()
        self._settings, self._clip, self._edit = settings, DEMO / clip, edit
        factory = composition.engine_factory(
            settings, self._source, EngineListeners(gallery=self.client.attach), self.metrics
        )
        self.app = WalkUpApp(factory, settings, self.mailbox, self.client, WallClock())
        self.views: list[View] = [self.app.model.view]
        self.app.model.changed.connect(self.views.append)
        self.app.show(QSize(540, 960))

    def _source(self) -> Source:
        paced = self._edit is None
        source: Source = composition.open_source(self._settings, str(self._clip), realtime=paced)
        if self._edit is not None:
            source = Edited(source, self._edit, live=self._live)
        source.preview = self.metrics.shown(self.mailbox.put)
        return source

    @property
    def attended(self) -> bool:
        """Whether the newest visit counts for the attendance, by what the gallery says."""
        found: list[bool] = []

        def take(_ticket: int, result: object) -> None:
            assert isinstance(result, bool), result
            found.append(result)

        def work(gallery: PeopleDesk) -> bool:
            newest = gallery.decisions(1)[0].decision_id
            counted = gallery.attended(EVER, EVER.replace(year=2999))
            return newest in [each.decision_id for each in counted]

        self.client.answered.connect(take)
        self.client.ask(work)
        self.qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE)
        self.client.answered.disconnect(take)
        return found[0]

    @property
    def pages(self) -> list[Page]:
        """Every page shown so far, without repetition."""
        pages = [view.page for view in self.views]
        return [page for k, page in enumerate(pages) if k == 0 or page is not pages[k - 1]]

    def wait(self, page: Page) -> View:
        def shown() -> None:
            last = self.views[-1]
            assert page in self.pages, (self.pages, last.decision, last.fault)

        self.qtbot.waitUntil(shown, timeout=PATIENCE)
        return next(view for view in self.views if view.page is page)


@pytest.fixture
def visitor(settings: Settings, qtbot: QtBot) -> Iterator[Callable[..., Visitor]]:
    made: list[Visitor] = []

    def put_away() -> None:
        while made:
            made.pop().app.close()

    def make(clip: str, edit: Edit | None = None, *, live: bool = False, **changes: Any) -> Visitor:
        put_away()
        made.append(Visitor(replace(settings, **changes), clip, edit, qtbot, live=live))
        return made[-1]

    yield make
    put_away()
    assert not running_timers()


Make = Callable[..., Visitor]


def test_somebody_enrolled_is_greeted(visitor: Make) -> None:
    """Played at its own speed, as `kiosk --windowed --source CLIP` does; again where the machine
    was so busy with other work that the engine could hardly look or missed what was said."""
    for _attempt in range(ATTEMPTS):
        kiosk = visitor("noeul-2.mp4")
        kiosk.wait(Page.IDENTIFIED)
        pulse = kiosk.metrics.pulse()
        if pulse.frames >= KEPT_UP and not pulse.lost_sound:
            break
    view = kiosk.wait(Page.IDENTIFIED)
    assert view.decision is not None
    decision = view.decision.decision
    assert decision.top is not None
    assert decision.top.name == NAME
    assert decision.modalities == (Modality.FACE, Modality.VOICE)
    assert kiosk.app.window.windowTitle()
    order = [Page.ATTRACT, Page.LOOK, Page.SPEAK, Page.IDENTIFIED]
    if kiosk.metrics.pulse().frames < KEPT_UP:  # all was said before the engine could look
        order.remove(Page.SPEAK)
    assert [page for page in kiosk.pages if page in order][: len(order)] == order
    assert kiosk.app.window.camera_preview.painted > 5
    pulse = kiosk.metrics.pulse()
    assert pulse.visits == 1
    assert pulse.level_dbfs is not None
    assert {"face_find", "face_embed", "voice_hear", "decision"} <= set(pulse.stages)


def test_a_stranger_is_sent_to_staff(visitor: Make) -> None:
    view = visitor("garam-1.mp4", edit=iter).wait(Page.UNKNOWN)
    assert view.decision is not None
    assert view.decision.decision.outcome is DecisionOutcome.UNKNOWN


def test_in_loud_noise_the_face_decides(visitor: Make) -> None:
    rng = np.random.default_rng(1)

    def roaring(events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, AudioChunk):
                noise = rng.normal(0, 0.25, event.samples.shape).astype(np.float32)
                loud = np.clip(event.samples + noise, -1, 1)
                yield replace(event, samples=loud.astype(np.float32))
            else:
                yield event

    kiosk = visitor("noeul-2.mp4", roaring, attendance=True)
    view = kiosk.wait(Page.IDENTIFIED)
    assert view.decision is not None
    assert not view.decision.greeting
    assert not kiosk.attended  # a recording was played, and nobody was here
    assert view.decision is not None
    assert view.decision.decision.top is not None
    assert view.decision.decision.top.name == NAME
    assert view.decision.decision.modalities == (Modality.FACE,)


def test_without_a_microphone_the_face_decides(visitor: Make) -> None:
    def deaf(events: Iterator[Event]) -> Iterator[Event]:
        return (event for event in events if not isinstance(event, AudioChunk))

    uses = {"attendance": True, "greetings": True, "greeting": "Closed on Friday."}
    kiosk = visitor("noeul-2.mp4", deaf, live=True, **uses)
    view = kiosk.wait(Page.IDENTIFIED)
    assert view.decision is not None
    assert view.decision.greeting == "Closed on Friday."
    assert kiosk.attended
    assert view.decision.decision.modalities == (Modality.FACE,)
    assert Page.SPEAK not in kiosk.pages  # nobody is asked to speak to a kiosk that is deaf


def test_camera_pulled_out_in_mid_visit_and_put_back(visitor: Make) -> None:
    back = threading.Event()

    def pulled(events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            yield event
            if isinstance(event, Frame) and event.index == 4:
                yield SourceNotice(NoticeKind.LOST, "The camera went away.", "Plug it in.")
                back.wait(60)
                yield SourceNotice(NoticeKind.RESTORED, "The camera is back.")

    kiosk = visitor("noeul-2.mp4", pulled)
    assert kiosk.wait(Page.FAULT).fault is not None
    assert Page.LOOK in kiosk.pages
    back.set()
    view = kiosk.wait(Page.IDENTIFIED)
    assert view.decision is not None
    assert view.decision.decision.top is not None
    assert view.decision.decision.top.name == NAME
    assert [fault.restored for fault in kiosk.metrics.pulse().faults[-2:]] == [True, False]
