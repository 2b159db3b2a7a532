"""The staff pages while somebody poses, when nobody touches them, and what becomes of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.session import EnrolmentRequest, SelfEnrolmentClosed
from kiosk.runtime.passphrase import Role, Staff
from kiosk.ui.staff.idle import WARNING_MS
from kiosk.ui.strings import staff as w
from tests.support.people_office import PeopleOffice, press, words_on
from tests.support.ui_support import settle


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[PeopleOffice]:
    made = PeopleOffice(tmp_path / "office", qtbot)
    yield made
    made.close()


def ways_out(made: PeopleOffice) -> list[str]:
    """Buttons of the bar that lead somewhere else."""
    buttons = [*made.window.tabs.values(), made.window.close_button]
    return [button.text() for button in buttons if button.isVisible()]


def pose(made: PeopleOffice) -> None:
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.qtbot.waitUntil(lambda: made.step is made.enrolment.capture)


def test_who_poses_reaches_no_other_page(office: PeopleOffice) -> None:
    assert len(ways_out(office)) == 5
    pose(office)
    assert not ways_out(office)
    assert not office.window.keyboard_button.isVisible()
    assert office.window.language_button.isVisible()


@pytest.mark.parametrize("leave", ["finish", "cancel", "escape"])
def test_whatever_ends_the_capture_staff_prove_who_they_are(
    office: PeopleOffice, leave: str
) -> None:
    pose(office)
    if leave == "finish":
        office.look(0)
        office.retranslate(0)
    elif leave == "cancel":
        press(office.enrolment.capture.back_button)
    else:
        QTest.keyClick(office.window, Qt.Key.Key_Escape)
    office.qtbot.waitUntil(lambda: office.window.pages.currentWidget() is office.window.gate)
    assert "Ann" not in words_on(office.window)
    assert w.GATE_HAND_BACK in words_on(office.window)
    assert len(ways_out(office)) == 1  # to the walk-up screen
    office.come_back()
    expected = office.enrolment.review if leave == "finish" else office.enrolment.form
    office.qtbot.waitUntil(lambda: office.step is expected)
    assert office.window.pages.currentWidget() is office.enrolment
    assert len(ways_out(office)) == 5


def test_an_auditor_does_not_go_on_with_an_enrolment(office: PeopleOffice) -> None:
    pose(office)
    office.look(0)
    office.retranslate(0)
    office.qtbot.waitUntil(lambda: office.window.pages.currentWidget() is office.window.gate)
    office.window.gate.opened.emit(Staff(2, "watch", Role.AUDITOR))
    assert office.window.pages.currentWidget() is office.window.visits


def test_nobody_touches_anything_that_is_asked_then_it_locks(office: PeopleOffice) -> None:
    window = office.window
    window.lock_after(WARNING_MS + 1)
    office.qtbot.waitUntil(lambda: w.IDLE_TITLE in words_on(window))
    assert re.search(r"lock in (19|20|21) s", words_on(window))
    QTest.keyClick(window, Qt.Key.Key_Shift)  # any touch is a sign of life
    assert w.IDLE_TITLE not in words_on(window)
    with office.qtbot.waitSignal(window.closed):
        window.lock_after(1)
    assert not window.isVisible()


def test_a_finished_enrolment_waits_at_save_behind_the_passphrase(office: PeopleOffice) -> None:
    office.fill_in("Ann")
    office.capture(0)
    with office.qtbot.waitSignal(office.window.closed):
        office.window.lock_after(1)
    alone = EnrolmentRequest("Ben", EnrolmentKind.NEW, alone=True)
    with pytest.raises(SelfEnrolmentClosed):  # no visitor takes its place meanwhile
        office.session.check(alone)
    office.window.show()
    office.window.begin()
    assert "Ann" not in words_on(office.window)
    office.window.gate.opened.emit(Staff(1, "admin", Role.OPERATOR))
    settle()
    assert office.step is office.enrolment.review
    press(office.enrolment.review.save_button)
    office.qtbot.waitUntil(lambda: [s.name for s in office.gallery.subjects()] == ["Ann"])


def test_a_draft_nobody_comes_back_for_is_forgotten(office: PeopleOffice) -> None:
    office.fill_in("Ann")
    office.capture(0)
    office.window.close()
    assert office.enrolment.draft
    office.window._draft.setInterval(1)
    office.window._draft.start()
    office.qtbot.waitUntil(lambda: not office.enrolment.draft)
    assert office.session._collected is None
    office.window.show()
    office.window.begin()
    office.window.gate.opened.emit(Staff(1, "admin", Role.OPERATOR))
    assert office.window.pages.currentWidget() is office.people


def test_a_message_goes_when_what_it_was_about_was_mended(office: PeopleOffice) -> None:
    press(office.people.enrol_button)
    form = office.enrolment.form
    press(form.camera_button)
    assert form.message.isVisible()
    QTest.keyClicks(form.name, "A")
    assert not form.message.isVisible()
    press(form.camera_button)
    assert form.message.isVisible()
    press(form.agree)
    assert not form.message.isVisible()
