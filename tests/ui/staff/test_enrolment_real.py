"""Enrolment through the screens with the real engine, models and gallery, on the demo people.

By the camera, a duplicate, re-registration, roll back; and what staff see where models are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from kiosk.capture.clock import WallClock
from kiosk.core.errors import ModelError
from kiosk.core.media import Modality
from kiosk.core.ports.capture import Source
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.guided_capture import CaptureProgress, Goal, Step
from kiosk.enrolment.session import FileProgress
from kiosk.recognition.visit import Publish
from kiosk.runtime import composition
from kiosk.runtime.composition import EngineListeners
from kiosk.runtime.engine import Engine
from kiosk.ui.app import WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.staff.people.model import Column
from tests.support.in_front import DEMO, PATIENCE, InFront
from tests.support.people_office import press, words_on
from tests.support.ui_support import running_timers

NAME = "김구름"


class Kiosk:
    """A running kiosk with its admin screens open behind the gate."""

    def __init__(self, settings: Settings, source: Source, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.told: list[CaptureProgress] = []
        preview, client = Mailbox(), GalleryClient()
        source.preview = preview.put
        listeners = EngineListeners(client.attach, client.session.attach, client.session.tell)
        factory = composition.engine_factory(settings, lambda: source, listeners)
        self.client = client
        self.app = WalkUpApp(factory, settings, preview, client, WallClock())
        client.session.progressed.connect(self._hear)
        self.app.show(QSize(1280, 800))
        qtbot.waitUntil(lambda: client.ready, timeout=PATIENCE)
        self.app.open_admin()
        self.admin = self.app.admin
        self.admin.turn_to(self.admin.people)

    def _hear(self, told: CaptureProgress | FileProgress) -> None:
        if isinstance(told, CaptureProgress):
            self.told.append(told)

    def wait(self, step: object) -> None:
        self.qtbot.waitUntil(
            lambda: self.admin.enrolment.steps.currentWidget() is step, timeout=PATIENCE
        )

    def back(self) -> None:
        """Until the page of people is shown with whoever was saved."""
        people = self.admin.people
        self.qtbot.waitUntil(
            lambda: self.admin.pages.currentWidget() is people and bool(people.card.history.text()),
            timeout=PATIENCE,
        )

    def fill_in(self, name: str) -> None:
        form = self.admin.enrolment.form
        press(self.admin.people.enrol_button)
        form.name.setText(name)
        press(form.agree)

    def from_files(self, *names: str) -> None:
        self.admin.enrolment._start(  # past the dialog, which is Qt's own
            lambda: self.admin.enrolment._read([DEMO / name for name in names])
        )
        self.wait(self.admin.enrolment.review)

    def close(self) -> None:
        self.app.close()
        assert not running_timers()


Open = Callable[..., Kiosk]


@pytest.fixture
def kiosk(tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    made: list[Kiosk] = []

    def make(*clips: str) -> Kiosk:
        settings = Settings(
            database=tmp_path / "g.db",
            key_file=tmp_path / "keys" / "g.key",
            language="en",
            motion="reduced",
            liveness="warn",  # composed people are drawn, and no head of theirs turns
            threads=1,
        )
        made.append(Kiosk(settings, InFront([DEMO / clip for clip in clips]), qtbot))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_the_whole_way_of_one_person(kiosk: Open) -> None:
    made = kiosk("gureum-1.mp4", "gureum-2.mp4")
    page, people = made.admin.enrolment, made.admin.people
    made.fill_in(NAME)
    made.qtbot.waitUntil(lambda: made.client.session.ready, timeout=PATIENCE)
    press(page.form.camera_button)
    made.wait(page.review)
    capture = [told for told in made.told if told.face is not None]
    seconds = capture[-1].face.time - capture[0].face.time  # type: ignore[union-attr]
    assert seconds < 60
    kept = capture[-1].kept
    assert Goal.STRAIGHT in {each.goal for each in kept}
    assert sum(each.modality is Modality.VOICE for each in kept) >= 1
    assert made.told[-1].step is Step.DONE
    assert np.mean([each.quality for each in kept]) > 0.3
    press(page.review.save_button)
    made.back()
    assert people.card.name.text() == NAME

    # The same person under another name is noticed, from other recordings.
    made.fill_in("Somebody Else")
    made.from_files("gureum-2.mp4")
    assert NAME in page.review.warning_title.text()
    suspect = page.review.suspect
    assert suspect is not None
    assert suspect.face_score is not None
    assert suspect.voice_score is not None
    press(page.review.discard_button)
    made.qtbot.waitUntil(lambda: people.model.total == 1, timeout=PATIENCE)

    # Re-registration, and back with one action.
    people.table.setCurrentIndex(people.model.index(0, Column.NAME))
    press(people.card.re_register_button)
    made.from_files("gureum-2.mp4")
    assert page.review._plan is not None
    assert page.review._plan.kind is EnrolmentKind.REPLACE
    assert not page.review.warning.isVisible()
    press(page.review.save_button)
    made.back()
    made.qtbot.waitUntil(people.card.roll_back_button.isVisible, timeout=PATIENCE)
    press(people.card.roll_back_button)
    press(people.work.question.yes_button)
    made.qtbot.waitUntil(lambda: "rolled back" in people.card.history.text(), timeout=PATIENCE)


def test_without_weights_staff_see_why_and_people_are_still_there(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ModelError("The weights are missing.", "Run: kiosk models list")

    monkeypatch.setattr(composition, "build_models", missing)
    settings = Settings(
        database=tmp_path / "g.db", key_file=tmp_path / "keys" / "g.key", language="en"
    )
    made = Kiosk(settings, InFront([]), qtbot)
    try:
        qtbot.waitUntil(made.admin.people.banner.isVisible, timeout=PATIENCE)
        assert "MOD-1" in words_on(made.admin.people.banner)
        made.fill_in("Ann")
        press(made.admin.enrolment.form.camera_button)
        qtbot.waitUntil(made.admin.enrolment.question.isVisible, timeout=PATIENCE)
        assert "RUN-1" in words_on(made.admin.enrolment.question)
        people = made.admin.people
        made.admin.turn_to(people)
        qtbot.waitUntil(lambda: people.count.text() == "Nobody is enrolled yet.")
    finally:
        made.close()


def test_an_engine_that_cannot_open_the_gallery_still_ends(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "g.db").write_bytes(b"x" * 5000)
    settings = Settings(database=tmp_path / "g.db", key_file=tmp_path / "keys" / "g.key")
    faults: list[object] = []
    publish: Publish = faults.append
    engine: Engine = composition.engine_factory(settings, lambda: InFront([]))(publish)
    engine.start()
    qtbot.waitUntil(lambda: bool(faults))
    engine.stop()


@pytest.mark.shared
def test_real_people_are_told_apart_at_enrolment(kiosk: Open, shared: Path) -> None:
    one, other = sorted((shared / "data" / "clips" / "grid").glob("*.mpg"))[:2]
    made = kiosk(str(one))
    page = made.admin.enrolment
    made.fill_in("One")
    made.qtbot.waitUntil(lambda: made.client.session.ready, timeout=PATIENCE)
    press(page.form.camera_button)
    made.wait(page.review)
    assert page.review.suspect is None
    press(page.review.save_button)
    made.back()

    made.fill_in("One again")
    made.from_files(str(one))
    assert page.review.suspect is not None
    assert page.review.suspect.name == "One"
    press(page.review.discard_button)

    made.fill_in("Other")
    made.from_files(str(other), str(other))
    assert page.review.suspect is None


def test_closing_the_kiosk_stops_the_reading_of_files(kiosk: Open) -> None:
    made = kiosk("robin-1.mp4")
    made.qtbot.waitUntil(lambda: made.client.session.ready, timeout=PATIENCE)
    page = made.admin.enrolment
    made.fill_in("Robin")
    page._start(lambda: page._read([DEMO / "robin-1.mp4"] * 100))
    made.qtbot.waitUntil(lambda: "1 of 100" in page.reading.text.text(), timeout=PATIENCE)
    # The fixture closes it: an engine that did not end within its limit would raise.
