"""A film before the real engine, models and gallery: it enrols nobody."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.capture.clock import WallClock
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from kiosk.runtime.composition import EngineListeners
from kiosk.ui.app import WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.visitor.panels import AttractPanel, MessagePanel
from kiosk.ui.visitor.walkup import Page
from tests.support.in_front import DEMO, PATIENCE, InFront
from tests.support.people_office import press
from tests.support.ui_support import running_timers
from tests.support.walk_room import type_on


def test_a_film_that_plays_over_and_over_enrols_nobody(tmp_path: Path, qtbot: QtBot) -> None:
    """The head in it moves as it did when it was taken, not to the sides that are asked for."""
    settings = Settings(
        database=tmp_path / "g.db",
        key_file=tmp_path / "keys" / "g.key",
        language="ko",
        motion="reduced",
        threads=1,
        self_enrolment=True,
        liveness="warn",  # the demo people are composed, and are told from living ones
        result_seconds=600.0,  # the machine may be slow, and the visitor with it
    )
    source = InFront([DEMO / "gureum-1.mp4", DEMO / "gureum-2.mp4"])
    preview, client = Mailbox(), GalleryClient()
    source.preview = preview.put
    listeners = EngineListeners(client.attach, client.session.attach, client.session.tell)
    factory = composition.engine_factory(settings, lambda: source, listeners)
    app = WalkUpApp(factory, settings, preview, client, WallClock())
    model, flow, panels = app.model, app.window.enrolment, app.window.panels
    attract, message = panels[Page.ATTRACT], panels[Page.UNKNOWN]
    assert isinstance(attract, AttractPanel)
    assert isinstance(message, MessagePanel)

    def until(page: Page) -> None:
        qtbot.waitUntil(lambda: model.view.page is page, timeout=PATIENCE)

    def until_told(text: str) -> None:
        qtbot.waitUntil(lambda: text in flow.telling.heading.text(), timeout=PATIENCE)

    try:
        app.show(QSize(540, 960))
        qtbot.waitUntil(lambda: client.session.ready, timeout=PATIENCE)
        press(attract.button)
        until(Page.UNKNOWN)
        press(message.enrol_button)
        press(flow.consent.agree_button)
        type_on(flow.name.keyboard, "ㄱㅜㄹㅡㅁ")
        press(flow.name.on_button)
        until_told("직접 오신 분인지")
        press(flow.telling.finish_button)
        until(Page.ATTRACT)
    finally:
        app.close()
    assert not running_timers()
    with composition.open_gallery(settings) as gallery:
        assert gallery.subjects() == []
