"""Spoken prompts: what is said on which page, captions, and ears that are covered meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.capture.speaker import decoded, seconds_of
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.settings_file import SettingsFile
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Publish, Visit
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.ui.app import CHIME, WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.visitor.prompts import ECHO_SECONDS, FOLDER, SILENT_PAGES, WARNING, Prompter, texts
from kiosk.ui.visitor.walkup import Page
from tests.support.played_source import PlayedSource
from tests.support.scripted import Script, scripted_models, two_enrolled
from tests.support.ui_support import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    HandClock,
    Screen,
    ScreenMaker,
    decision,
    listening,
)
from tools.screenshots.pages import FixedHealthService


@dataclass
class Said:
    """A speaker that writes down what it was given."""

    files: list[str] = field(default_factory=list)
    stops: int = 0
    works: bool = True

    def say(self, file: Path) -> float:
        self.files.append(file.name)
        return seconds_of(file) if self.works else 0.0

    def stop(self) -> None:
        self.stops += 1

    def close(self) -> None:
        self.stop()


@dataclass
class Prompted:
    screen: Screen
    said: Said
    prompter: Prompter
    covered: list[float] = field(default_factory=list)


def prompted(screen: ScreenMaker, size: QSize = PORTRAIT, **changes: str) -> Prompted:
    covered: list[float] = []
    made, said = screen(size, **changes), Said()
    prompter = Prompter(made.model, made.language, said, covered.append, made.window)
    prompter.spoken.connect(made.window.caption.tell)
    made.model.forgotten.connect(made.window.caption.fall_silent)
    return Prompted(made, said, prompter, covered)


def test_every_page_that_speaks_has_its_recordings() -> None:
    speaking = {page.value for page in Page if page not in SILENT_PAGES} | {WARNING}
    assert set(texts()) == speaking
    for name in speaking:
        for language in ("ko", "en"):
            file = FOLDER / f"{name}.{language}.ogg"
            assert 1.0 < seconds_of(file) < 6.0
            samples, _rate = decoded(file)
            assert abs(samples).max() > 0.2


def test_no_recording_that_nobody_plays() -> None:
    known = {f"{name}.{language}.ogg" for name in texts() for language in ("ko", "en")}
    assert {file.name for file in FOLDER.glob("*.ogg")} == known | {CHIME.name}


def test_a_visit_is_spoken_step_by_step(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen)
    made.screen.model.start()
    made.screen.model.take(listening(2, 0.0))
    made.screen.model.take(listening(2.5, 1.0))
    made.screen.model.take(decision())
    assert made.said.files == ["look.en.ogg", "speak.en.ogg", "identified.en.ogg"]
    made.screen.model.finish()
    assert len(made.said.files) == 3
    assert made.said.stops >= 3


def test_the_language_of_the_screen_is_spoken(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen, language="ko")
    made.screen.model.start()
    assert made.said.files == ["look.ko.ogg"]
    assert made.screen.window.caption.row.label.text() == texts()["look"]["ko"]


def test_ears_are_covered_while_it_speaks(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen)
    made.screen.model.start()
    expected = seconds_of(FOLDER / "look.en.ogg") + ECHO_SECONDS
    assert made.covered == [pytest.approx(expected)]


def test_the_time_out_question_is_spoken_once(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen)
    made.screen.model.start()
    made.screen.model.take(decision())
    for _ in range(3):
        made.screen.clock.now += 6
        made.screen.model.tick()
    assert made.said.files.count("warning.en.ogg") == 1


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_a_caption_shows_what_is_said_and_goes(
    screen: ScreenMaker, qtbot: QtBot, size: QSize
) -> None:
    made = prompted(screen, size)
    caption = made.screen.window.caption
    assert not caption.isVisible()
    made.screen.model.start()
    assert caption.isVisible()
    assert made.screen.window.rect().contains(caption.geometry())
    label = caption.row.label
    assert label.heightForWidth(label.width()) <= label.height() + 1
    made.screen.model.finish()
    assert not caption.isVisible()
    caption.tell("gone soon", 0.001)
    qtbot.waitUntil(lambda: not caption.isVisible())


def test_switched_off_it_is_silent(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen)
    made.prompter.enabled = False
    made.screen.model.start()
    assert not made.said.files
    assert not made.screen.window.caption.isVisible()


def test_without_a_loudspeaker_there_is_no_caption(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = prompted(screen)
    made.said.works = False
    made.screen.model.start()
    assert not made.covered
    assert not made.screen.window.caption.isVisible()


def test_the_running_kiosk_speaks_until_staff_switch_it_off(qtbot: QtBot, tmp_path: Path) -> None:
    source, said = PlayedSource(), Said()
    settings = Settings(
        database=tmp_path / "g.db", key_file=tmp_path / "g.key", language="en", motion="reduced"
    )

    @contextmanager
    def prepare(publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        models = scripted_models(Script())
        identifier = Identifier(models, two_enrolled(), Policy())
        yield lambda: VisitSetup(source, Visit(models, identifier, settings, publish))

    file = SettingsFile(tmp_path / "kiosk.toml", environment={})
    services = Services(FixedHealthService(), file, said)
    app = WalkUpApp(
        lambda publish: Engine(prepare, publish),
        settings,
        Mailbox(),
        GalleryClient(),
        HandClock(),
        services,
    )
    app.show(PORTRAIT)
    app.model.start()
    assert said.files == ["look.en.ogg"]
    assert app.window.caption.isVisible()
    app.admin.adopted.emit(replace(settings, prompts=False, language="ko"))
    assert app.language.name == "ko"
    app.model.finish()
    app.model.start()
    assert len(said.files) == 1
    stops = said.stops
    app.close()
    assert said.stops > stops
