"""Whatever lies over a page holds the focus: keys reach nothing behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk.core.fleet import KioskLine
from kiosk.core.records import Incoming
from kiosk.core.signers import Signer, Trust
from kiosk.runtime.places import FilePlace
from kiosk.ui.staff.attendance.card import CorrectionForm
from kiosk.ui.staff.file_picker import FilePicker
from kiosk.ui.staff.idle import IdleWarning
from kiosk.ui.staff.kiosks.card import RevokeForm
from kiosk.ui.staff.people.greeting import GreetingForm
from kiosk.ui.staff.people.incoming import IncomingList
from kiosk.ui.staff.person_picker import PersonPicker
from kiosk.ui.toolkit.controls import Button
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.overlays import Choices, Overlay, Working
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.reader import Reader
from kiosk.ui.visitor.notices import TimeoutDialog
from tests.support.ui_support import settle


@dataclass
class Behind:
    """A page with a button and a field that nothing may reach while it is covered."""

    window: QWidget
    button: Button
    typed: QLineEdit
    folder: Path
    pressed: list[bool] = field(default_factory=list)


@pytest.fixture
def behind(qtbot: QtBot, tmp_path: Path) -> Behind:
    window, button, typed = QWidget(), Button(), QLineEdit()
    box = QVBoxLayout(window)
    box.addWidget(button)
    box.addWidget(typed)
    made = Behind(window, button, typed, tmp_path)
    button.clicked.connect(lambda: made.pressed.append(True))
    qtbot.addWidget(window)
    window.resize(800, 600)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    button.setFocus()
    return made


def question(behind: Behind) -> Modal:
    made = Question(behind.window)
    made.ask("Roll back?", "", "Yes", "No")
    return made


def question_with_field(behind: Behind) -> Modal:
    made = Question(behind.window)
    made.ask("A new name", "", "Yes", "No", "Ann")
    return made


def choices(behind: Behind) -> Modal:
    made = Choices(behind.window, (Button(), Button()))
    made.offer("Ann")
    return made


def working(behind: Behind) -> Modal:
    made = Working(behind.window)
    made.begin("Writing")
    return made


def reader(behind: Behind) -> Modal:
    made = Reader(behind.window)
    made.show_text("Card", "A [link](https://example.com) and [another](https://example.org).")
    return made


def person_picker(behind: Behind) -> Modal:
    made = PersonPicker(behind.window)
    made.ask("Who?", "", {1: "Ann", 2: "Ben"}, lambda chosen: None, nobody="Nobody")
    return made


def incoming(behind: Behind) -> Modal:
    made = IncomingList(behind.window)
    made.show_people([Incoming("Ann", 3, True, False)], Signer(Trust.OWN), lambda: None)
    return made


def file_picker(behind: Behind) -> Modal:
    place = FilePlace(behind.folder, removable=False)
    made = FilePicker(behind.window, lambda: [place])
    made.choose_target("Where?", "people", lambda files: None)
    made.tasks.wait()
    settle()
    return made


def idle_warning(behind: Behind) -> Modal:
    made = IdleWarning(behind.window)
    made.tell(9, keeps=True)
    return made


def timeout(behind: Behind) -> Modal:
    made = TimeoutDialog(behind.window)
    made.show_seconds(9)
    return made


def greeting(behind: Behind) -> Modal:
    made = GreetingForm(behind.window)
    made.begin("Ann", None)
    return made


def correction(behind: Behind) -> Modal:
    made = CorrectionForm(behind.window)
    made.ask("A day", "", "Yes", "No", "")
    return made


def revoking(behind: Behind) -> Modal:
    made = RevokeForm(behind.window)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    nothing: dict[str, Any] = {each.name: None for each in fields(KioskLine)}
    known = {"kiosk": uuid4(), "name": "door-2", "sites": ["plant"], "ring": 0, "program": "1"}
    made.begin(KioskLine(**nothing | known | {"behind": 0, "unconfirmed": 0}), now)
    return made


KINDS: dict[type[Modal], list[Callable[[Behind], Modal]]] = {
    Question: [question, question_with_field],
    Choices: [choices],
    Working: [working],
    Reader: [reader],
    PersonPicker: [person_picker],
    FilePicker: [file_picker],
    IncomingList: [incoming],
    IdleWarning: [idle_warning],
    TimeoutDialog: [timeout],
    GreetingForm: [greeting],
    CorrectionForm: [correction],
    RevokeForm: [revoking],
}
ALL = [make for several in KINDS.values() for make in several]


def kinds_of(kind: type[Modal]) -> set[type[Modal]]:
    return {kind, *(each for child in kind.__subclasses__() for each in kinds_of(child))}


def test_every_kind_there_is_is_tried() -> None:
    shown = {each for each in kinds_of(Modal) if each.__module__.startswith("kiosk.")}
    assert shown - {Modal, Overlay} == set(KINDS)


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_tab_and_space_stay_inside(behind: Behind, make: Callable[[Behind], Modal]) -> None:
    over = make(behind)
    seen = set()
    for forward in [*[True] * 9, *[False] * 9]:
        focus = QApplication.focusWidget()
        assert focus is not None
        assert focus is over or over.isAncestorOf(focus)
        seen.add(focus)
        modifier = Qt.KeyboardModifier.NoModifier if forward else Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(focus, Qt.Key.Key_Tab, modifier)
    assert seen >= set(over.stops)
    if not over.stops:
        QTest.keyClick(over, Qt.Key.Key_Space)
    assert not behind.pressed


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_a_focus_that_is_set_behind_comes_back(
    behind: Behind, make: Callable[[Behind], Modal]
) -> None:
    over = make(behind)
    behind.typed.setFocus()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is over or over.isAncestorOf(focus)
    QTest.keyClicks(focus, "x")
    assert not behind.typed.text()


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_it_covers_the_window_and_gives_the_focus_back(
    behind: Behind, make: Callable[[Behind], Modal]
) -> None:
    over = make(behind)
    assert over.geometry() == behind.window.rect()
    behind.window.resize(640, 480)
    settle()
    assert over.geometry() == behind.window.rect()
    over.hide()
    assert behind.button.hasFocus()
    QTest.keyClick(behind.button, Qt.Key.Key_Space)
    assert behind.pressed


def test_of_two_the_one_above_holds_the_focus(behind: Behind) -> None:
    work = working(behind)
    told = question(behind)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert told.isAncestorOf(focus)
    told.hide()
    behind.button.setFocus()
    assert work.hasFocus()


def test_escape_is_the_harmless_answer_but_of_work_that_goes_on(behind: Behind) -> None:
    told, work = question(behind), working(behind)
    for over in (told, work):
        QTest.keyClick(over, Qt.Key.Key_Escape)
    assert not told.isVisible()
    assert work.isVisible()
