"""What is told while nothing can be done yet: loading, and a recording that is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.capture.pipe import PipeSource
from kiosk.capture.sources import open_source
from kiosk.core.events import Fault
from kiosk.core.media import Frame, SourceNotice
from kiosk.core.status import Reading
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.ui.strings import visitor as w
from kiosk.ui.visitor.panels import LookPanel
from kiosk.ui.visitor.walkup import Page
from tests.support.layouts import cut_off, overlapping
from tests.support.office_support import press, words_on
from tests.support.paths import ROOT
from tests.support.ui_support import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    ScreenMaker,
    decision,
    looking,
    settle,
)

SIZES = [PORTRAIT, LANDSCAPE, SMALL]
RECORDING = next((ROOT / "assets" / "demo").rglob("*.mp4"))


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[ScreenMaker]:
    made = ScreenMaker(qtbot)
    yield made
    made.close()


# --- a recording ---------------------------------------------------------------------------------


def test_how_far_a_recording_was_read_is_known_from_its_own_length() -> None:
    metrics = RuntimeMetrics()
    source = metrics.watch(open_source(str(RECORDING)))
    assert metrics.reading() is None  # not begun
    seen = []
    for event in source.events():
        if isinstance(event, Frame):
            seen.append(metrics.reading())
    assert metrics.reading() is None  # over
    shown = [each for each in seen if each is not None]
    assert len(shown) == len(seen) > 10
    lengths = {each.length for each in shown}
    (length,) = lengths
    assert length is not None
    assert shown[-1].position == pytest.approx(length, abs=0.5)
    assert shown[0].position < shown[-1].position


def test_of_a_pipe_nobody_knows_the_length(tmp_path: Path) -> None:
    metrics = RuntimeMetrics()
    raw = tmp_path / "sound"
    raw.write_bytes(bytes(32000))
    source = metrics.watch(PipeSource(raw, 16000))
    told = [metrics.reading() for event in source.events() if not isinstance(event, SourceNotice)]
    assert told
    assert all(each is not None and each.length is None for each in told)


def test_a_camera_is_no_recording(qtbot: QtBot) -> None:
    metrics = RuntimeMetrics()
    metrics.watch(open_source("camera", camera="0"))
    metrics.at(3.0)
    assert metrics.reading() is None


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_the_bar_is_there_while_a_recording_is_read_and_goes_with_it(
    screen: ScreenMaker, size: QSize, language: str
) -> None:
    made = screen(size, language=language)
    card = made.window.reading
    assert not card.isVisible()
    card.show_reading(Reading(34.0, 136.0))
    settle()
    assert card.bar.isVisible()
    assert card.bar.share == pytest.approx(0.25)
    assert "0:34" in card.text.text()
    assert "2:16" in card.text.text()
    assert not overlapping(made.window)
    card.show_reading(Reading(75.0, None))
    settle()
    assert "1:15" in card.text.text()
    assert not card.bar.isVisible()  # a bar would say what nobody knows
    card.show_reading(None)
    assert not card.isVisible()


# --- loading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_a_visitor_during_loading_is_told_so(
    screen: ScreenMaker, size: QSize, language: str
) -> None:
    made = screen(size, language=language)
    made.model.start()
    settle()
    panel = made.window.panels[Page.LOOK]
    assert isinstance(panel, LookPanel)
    title = w.PREPARING_TITLE_SHORT if size == SMALL else w.PREPARING_TITLE
    assert w.say(title) in words_on(panel)
    assert not panel.bar.isVisible()
    assert not panel.voice_button.isVisible()
    assert panel.first() is panel.back_button
    assert not cut_off(made.window)
    made.model.take(looking(good=1))
    settle()
    assert w.say(title) not in words_on(panel)
    assert panel.bar.isVisible()
    press(panel.back_button)
    assert made.model.view.page is Page.ATTRACT


def test_who_is_there_before_the_camera_is_told_when_models_are_loaded(
    screen: ScreenMaker,
) -> None:
    made = screen(start="walk_up")
    assert w.PREPARING in words_on(made.window)
    made.model.prepared()
    assert w.PREPARING not in words_on(made.window)


def test_a_fault_of_no_device_is_told_until_the_next_visit_comes_to_its_end(
    screen: ScreenMaker,
) -> None:
    made = screen(start="walk_up")
    made.model.take(looking())
    made.model.take(Fault("", "", code="StorageError"))
    made.model.take(looking())
    settle()
    assert made.window.banner.isVisible()
    made.model.take(decision())
    settle()
    assert not made.window.banner.isVisible()
