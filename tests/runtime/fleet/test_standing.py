"""Green, amber or red, and what is said of a kiosk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kiosk.core.status import Light
from kiosk.runtime.fleet.standing import KioskTrouble, light_of, troubles_of
from tools.screenshots.fleet import NOW, line

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
T = KioskTrouble


@pytest.mark.parametrize(
    ("changes", "light", "troubles"),
    [
        ({}, Light.GREEN, ()),
        ({"contact": NOW - 2 * MINUTE}, Light.GREEN, ()),
        ({"contact": NOW - 3 * MINUTE}, Light.AMBER, (T.SILENT,)),
        ({"contact": NOW - 2 * DAY}, Light.RED, (T.SILENT,)),
        ({"behind": 1}, Light.AMBER, (T.BEHIND,)),
        ({"waiting": 1}, Light.AMBER, (T.WAITING,)),
        ({"skew": -301.0}, Light.AMBER, (T.CLOCK,)),
        ({"light": "green"}, Light.GREEN, ()),
        ({"light": "amber"}, Light.AMBER, (T.SEE_TO,)),
        ({"light": "red", "behind": 1}, Light.RED, (T.OUT_OF_ORDER, T.BEHIND)),
        ({"unconfirmed": 1, "unconfirmed_since": NOW}, Light.AMBER, (T.UNCONFIRMED,)),
        ({"unconfirmed": 1, "unconfirmed_since": NOW - 2 * DAY}, Light.RED, (T.UNCONFIRMED,)),
        ({"joined": None, "contact": None}, Light.AMBER, (T.NOT_JOINED,)),
        ({"left": NOW, "unconfirmed": 9}, None, (T.LEFT,)),
        ({"revoked": NOW}, Light.RED, (T.AT_LARGE,)),
        ({"revoked": NOW, "destroyed": NOW}, None, (T.DESTROYED,)),
    ],
)
def test_a_light_and_why(
    changes: dict[str, Any], light: Light | None, troubles: tuple[T, ...]
) -> None:
    found = line(2, "door", ["main"], **changes)
    assert troubles_of(found, NOW) == troubles
    assert light_of(found, NOW) is light


def test_the_gravest_is_said_first() -> None:
    found = line(2, "door", ["main"], behind=3, unconfirmed=1, contact=NOW - DAY)
    assert troubles_of(found, NOW) == (T.UNCONFIRMED, T.SILENT, T.BEHIND)
