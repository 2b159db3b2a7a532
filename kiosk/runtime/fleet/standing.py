"""How a kiosk of a fleet stands, as its server knows it: green, amber or red, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.core.fleet import KioskLine
from kiosk.core.status import Light

SILENT = timedelta(minutes=2)
"""A running kiosk says a word every ten seconds; after this it is missed."""
LONG = timedelta(days=1)
"""After this something is not late any more but wrong."""
WRONG_CLOCK = 300.0
"""Seconds that the clocks of kiosk and server may differ before it is said."""


class KioskTrouble(StrEnum):
    """What is to be said of a kiosk."""

    NOT_JOINED = "not_joined"
    SILENT = "silent"
    BEHIND = "behind"
    WAITING = "waiting"
    UNCONFIRMED = "unconfirmed"
    CLOCK = "clock"
    OUT_OF_ORDER = "out_of_order"
    SEE_TO = "see_to"
    AT_LARGE = "at_large"
    """It was put out, and has not said that it destroyed what it had."""
    DESTROYED = "destroyed"
    LEFT = "left"


_RED = {KioskTrouble.AT_LARGE, KioskTrouble.OUT_OF_ORDER}
_RED_AFTER_LONG = {KioskTrouble.SILENT, KioskTrouble.UNCONFIRMED}


def troubles_of(line: KioskLine, now: datetime) -> tuple[KioskTrouble, ...]:
    """All that is to be said of it, gravest first; nothing where nothing is missing."""
    if line.destroyed:
        return (KioskTrouble.DESTROYED,)
    if line.revoked:
        return (KioskTrouble.AT_LARGE,)
    if line.left:
        return (KioskTrouble.LEFT,)
    if not line.joined:
        return (KioskTrouble.NOT_JOINED,)
    found = {
        KioskTrouble.OUT_OF_ORDER: line.light == Light.RED,
        KioskTrouble.UNCONFIRMED: line.unconfirmed > 0,
        KioskTrouble.SILENT: line.contact is None or now - line.contact > SILENT,
        KioskTrouble.WAITING: bool(line.waiting),
        KioskTrouble.BEHIND: line.behind > 0,
        KioskTrouble.CLOCK: line.skew is not None and abs(line.skew) > WRONG_CLOCK,
        KioskTrouble.SEE_TO: line.light == Light.AMBER,
    }
    return tuple(trouble for trouble, there in found.items() if there)


def light_of(line: KioskLine, now: datetime) -> Light | None:
    """Red where it is gone with people on it, out of order or late by a day; amber where something
    is missing; None where it belongs to the fleet no more and there is nothing to do."""
    troubles = troubles_of(line, now)
    if not troubles:
        return Light.GREEN
    if troubles[0] in (KioskTrouble.DESTROYED, KioskTrouble.LEFT):
        return None
    since = {KioskTrouble.SILENT: line.contact, KioskTrouble.UNCONFIRMED: line.unconfirmed_since}
    late = [since[each] for each in troubles if each in _RED_AFTER_LONG]
    if troubles[0] in _RED or any(each and now - each > LONG for each in late):
        return Light.RED
    return Light.AMBER
