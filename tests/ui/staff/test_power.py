"""Restart of the kiosk, restart and shut-down of the machine: for operators, behind a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.core.errors import PowerRefused
from kiosk.core.status import PowerAct, PowerPermission
from kiosk.runtime.passphrase import Role
from kiosk.ui.staff.power import PowerMenu
from kiosk.ui.strings import health as w
from kiosk.ui.strings import staff
from tests.support.office_support import MachineOffice, badly_placed, press, words_on
from tests.support.ui_support import LANDSCAPE, SMALL, settle


class Switch:
    """A machine that writes down what is asked of it."""

    def __init__(self, permission: PowerPermission = PowerPermission.YES) -> None:
        self.permission, self.done = permission, list[PowerAct]()
        self.refuses = False

    def may(self, act: PowerAct) -> PowerPermission:
        return self.permission

    def carry_out(self, act: PowerAct) -> None:
        if self.refuses:
            raise PowerRefused("No.", "Use its own switch.")
        self.done.append(act)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    made.close()


def offered(page: QWidget, switch: Switch | None) -> PowerMenu:
    menu = PowerMenu(page, switch)
    menu.retranslate()
    menu.offer()
    menu.tasks.wait()
    settle()
    return menu


@pytest.mark.parametrize("act", list(PowerAct))
def test_nothing_is_done_before_it_was_confirmed(page: QWidget, act: PowerAct) -> None:
    switch = Switch()
    menu = offered(page, switch)
    told: list[str] = []
    menu.done.connect(told.append)
    press(menu.machine[act])
    assert menu.question.no_button.hasFocus()
    press(menu.question.no_button)
    assert not switch.done
    press(menu.machine[act])
    press(menu.question.yes_button)
    menu.tasks.wait()
    assert (switch.done, told) == ([act], [act.value])


def test_the_kiosk_alone_can_always_be_restarted(page: QWidget, qtbot: QtBot) -> None:
    menu = offered(page, None)
    assert w.POWER_MISSING["absent"] in words_on(menu.menu)
    assert not any(button.isEnabled() for button in menu.machine.values())
    press(menu.kiosk_button)
    with qtbot.waitSignal(menu.restart):
        press(menu.question.yes_button)


@pytest.mark.parametrize("why", [PowerPermission.DENIED, PowerPermission.ABSENT])
def test_what_cannot_be_done_is_said(page: QWidget, why: PowerPermission) -> None:
    menu = offered(page, Switch(why))
    assert w.POWER_MISSING[why.value] in words_on(menu.menu)
    assert not menu.shut_down_button.isEnabled()


def test_a_machine_that_refuses_after_all_is_told(page: QWidget, qtbot: QtBot) -> None:
    switch = Switch()
    switch.refuses = True
    menu = offered(page, switch)
    press(menu.shut_down_button)
    press(menu.question.yes_button)
    qtbot.waitUntil(lambda: menu.question.title.text() == staff.FAILED)
    assert "SYS-1" in words_on(menu.question)


@pytest.mark.parametrize("size", [LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_only_operators_are_offered_it_and_they_can_log_out(
    qtbot: QtBot, tmp_path: Path, size: QSize
) -> None:
    office = MachineOffice(tmp_path / "office", qtbot, size)
    window = office.window
    window.limit_to(Role.AUDITOR)
    window.turn_to(window.health_page)
    office.rest()
    assert not window.health_page.power.button.isVisible()
    window.limit_to(Role.OPERATOR)
    settle()
    assert window.health_page.power.button.isVisible()
    assert not badly_placed(window)
    assert window.close_button.text() == staff.LOG_OUT
    with qtbot.waitSignal(window.closed):
        press(window.close_button)
    office.close()
