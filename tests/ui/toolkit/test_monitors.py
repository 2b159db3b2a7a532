"""The chosen monitor, by number or name, and what is said while it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest
from PySide6.QtGui import QGuiApplication, QScreen
from pytestqt.qtbot import QtBot

from kiosk.core.events import Fault
from kiosk.core.status import FaultRecord, HostStatus, Light, RuntimeStatus, Trouble
from kiosk.runtime.verdict import MONITOR, lasting, verdict
from kiosk.ui.toolkit.monitors import ChosenMonitor, find_monitor
from tools.screenshots.pages import WHEN


@dataclass(frozen=True)
class Named:
    """What is asked of a monitor: this machine has one at most."""

    label: str

    def name(self) -> str:
        return self.label


FIRST, SECOND, THIRD = (
    cast("QScreen", Named(label)) for label in ("eDP-1", "HDMI-A-1", "HDMI-A-2")
)
ALL = (FIRST, SECOND, THIRD)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("0", FIRST),
        ("2", THIRD),
        ("3", None),
        ("hdmi-a-1", SECOND),
        ("edp", FIRST),
        ("HDMI", None),  # two begin so
        ("DP-9", None),
    ],
)
def test_a_monitor_is_found_by_number_name_or_beginning(wanted: str, found: QScreen | None) -> None:
    assert find_monitor(wanted, ALL) is found


def test_a_missing_one_is_told_once_and_told_again_when_it_comes() -> None:
    told: list[Fault] = []
    chosen = ChosenMonitor("HDMI-A-1", told.append)
    for _ in range(2):
        assert chosen.choose((FIRST,), FIRST) is FIRST
    (fault,) = told
    assert (fault.code, fault.restored) == (MONITOR, False)
    assert chosen.choose(ALL, FIRST) is SECOND
    assert [each.restored for each in told] == [False, True]
    assert ChosenMonitor("auto", told.append).choose(ALL, THIRD) is THIRD
    assert len(told) == 2


def test_the_monitor_of_this_machine_shows_the_kiosk(qtbot: QtBot) -> None:
    told: list[Fault] = []
    name = QGuiApplication.screens()[0].name()
    assert ChosenMonitor(name or "0", told.append).begin() is QGuiApplication.screens()[0]
    assert told == []
    assert ChosenMonitor("no-such", told.append).begin() is QGuiApplication.primaryScreen()
    assert len(told) == 1


def test_a_missing_monitor_is_amber_and_says_nothing_of_cameras() -> None:
    gone, back = FaultRecord(WHEN, MONITOR), FaultRecord(WHEN, MONITOR, restored=True)
    dark, seen = FaultRecord(WHEN, "SourceLost"), FaultRecord(WHEN, "SourceLost", restored=True)
    assert lasting((seen, gone)) == (gone,)
    assert lasting((back, dark, gone)) == (dark,)
    assert lasting((dark, back, gone)) == (dark,)
    pulse = RuntimeStatus(1.0, 30.0, 30.0, 0, 0, 0.0, None, 0, {}, (gone,))
    found = verdict(pulse, HostStatus(1, 2, "", 2))
    assert (found.light, found.troubles) == (Light.AMBER, (Trouble.MONITOR_MISSING,))
