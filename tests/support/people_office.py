"""The admin screens with a studio behind them, whose camera and microphone are the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.core.ports.inference import Pipelines
from kiosk.core.records import PersonSummary
from kiosk.core.samples import Pose
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.enrolment.guided_capture import Goal, Step
from kiosk.enrolment.session import EnrolmentSession, Told
from kiosk.recognition.identification import Identifier
from kiosk.runtime.passphrase import Role, Staff
from kiosk.storage import SqlGallery
from kiosk.ui.staff.enrolment.page import EnrolPage
from kiosk.ui.staff.people.model import Column
from kiosk.ui.staff.people.page import PeoplePage
from tests.support.files import ScriptedFile
from tests.support.guided import POSES, PosedPath
from tests.support.office_support import MachineOffice
from tests.support.scripted import FPS, Script, ScriptedVoicePath, picture, scripted_models, sound
from tests.support.ui_support import LANDSCAPE, settle


class StudioRoom:
    """A studio whose camera and microphone are the test: the person in front is `look` and
    `speak`."""

    def furnish(
        self, gallery: SqlGallery, tell: Callable[[Told], None], settings: Settings | None = None
    ) -> None:
        """Put a studio on a gallery."""
        script, self.path = Script(), PosedPath()
        pipelines = Pipelines(self.path, ScriptedVoicePath(script))
        models = replace(scripted_models(script), pipelines=lambda: pipelines)
        identifier = Identifier(models, gallery, Policy())
        self.session = EnrolmentSession(
            models, identifier, gallery, settings or Settings(), ScriptedFile, tell
        )
        self.time = 0.0

    def asked_for(self) -> Iterator[Pose]:
        """Every pose that is asked for, in the order in which it is."""
        for _ in POSES:
            capture = self.session._capture
            if capture is not None and capture.step is Step.POSES:
                yield POSES[capture._poses.waiting[0]]

    def look(self, who: int, poses: Iterable[Pose] | None = None) -> None:
        """Somebody takes each of these poses for a second; those that are asked for, if none are
        named."""
        for pose in poses if poses is not None else self.asked_for():
            self.path.pose = pose
            for _ in range(FPS):
                self.session.feed(picture(who, self.time))
                self.time += 1 / FPS
        settle()

    def retranslate(self, who: int, seconds: float = 6.2) -> None:
        """Somebody speaks; voices are counted from 1."""
        for _ in range(round(seconds * FPS)):
            self.session.feed(sound(who + 1, self.time))
            self.time += 1 / FPS
        settle()


class PeopleOffice(MachineOffice, StudioRoom):
    """Opened at the page of people."""

    def __init__(
        self, folder: Path, qtbot: QtBot, size: QSize = LANDSCAPE, language: str = "en"
    ) -> None:
        super().__init__(folder, qtbot, size, language)
        self.furnish(self.gallery, self.client.session.tell)
        self.client.session.attach(self.session)
        self.window.turn_to(self.people)
        settle()

    @property
    def people(self) -> PeoplePage:
        """The page of people."""
        return self.window.people

    @property
    def enrolment(self) -> EnrolPage:
        """The page of enrolment."""
        return self.window.enrolment

    @property
    def step(self) -> QWidget:
        """The step that is shown."""
        shown = self.enrolment.steps.currentWidget()
        assert shown is not None
        return shown

    def wait(self, step: QWidget) -> None:
        """Until a step is shown; after a capture staff pass the gate again."""
        self.qtbot.waitUntil(lambda: self.step is step)
        self.come_back()

    def come_back(self) -> None:
        """Staff who give their passphrase, where it is asked for."""
        if self.window.pages.currentWidget() is self.window.gate:
            self.window.gate.opened.emit(Staff(1, "admin", Role.OPERATOR))

    def choose(self, name: str) -> PersonSummary:
        """Somebody in the table."""
        self.qtbot.waitUntil(lambda: self.people.model.row_named(name) is not None)
        row = self.people.model.row_named(name)
        assert row is not None
        self.people.table.setCurrentIndex(self.people.model.index(row, Column.NAME))
        self.people.open_card()
        self.qtbot.waitUntil(lambda: bool(self.people.card.history.text()))
        return self.people.model.person(row)

    # --- staff ---------------------------------------------------------------------------

    def fill_in(self, name: str) -> None:
        """Name and consent of somebody new."""
        press(self.people.enrol_button)
        self.enrolment.form.name.setText(name)
        press(self.enrolment.form.agree)

    def enrol(self, name: str, who: int) -> None:
        """The whole way of somebody new."""
        self.fill_in(name)
        self.capture(who)
        press(self.enrolment.review.save_button)
        self.qtbot.waitUntil(lambda: self.window.pages.currentWidget() is self.people)

    def capture(self, who: int) -> None:
        """From the form to the review."""
        press(self.enrolment.form.camera_button)
        self.wait(self.enrolment.capture)
        self.look(who)
        self.retranslate(who)
        self.wait(self.enrolment.review)


OpenPeople = Callable[..., PeopleOffice]
ALL_GOALS = tuple(Goal)


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def key(which: Qt.Key, text: str = "") -> None:
    """Where the focus is."""
    target = QApplication.focusWidget()
    assert target is not None
    if text:
        QTest.keyClicks(target, text)
    else:
        QTest.keyClick(target, which)


def words_on(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())
