"""The record of what was done: append-only, chained, anchored outside the gallery.

It tells what, when and by whom (a number), never names, pictures, sounds or embeddings: it outlives
the people and the decisions it tells of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

Fact: TypeAlias = "str | int | float | bool | list[int] | None"


class Act(StrEnum):
    """What was done."""

    DECISION = "decision"
    DENIED = "denied"
    CORRECTED = "corrected"
    ATTENDANCE = "attendance corrected"
    GREETING = "greeting changed"
    ENROLLED = "enrolled"
    SELF_REFUSED = "self-enrolment refused"
    ROLLED_BACK = "rolled back"
    RENAMED = "renamed"
    CONFIRMED = "confirmed"
    MERGED = "merged"
    REMOVED = "removed"
    CONSENT_GIVEN = "consent given"
    CONSENT_WITHDRAWN = "consent withdrawn"
    GROUND = "ground recorded"
    EXPORTED = "exported"
    IMPORTED = "imported"
    DISCLOSED = "disclosed"
    FORGOTTEN = "forgotten"
    UPGRADE = "upgrade"
    LOGGED_IN = "logged in"
    LOG_IN_FAILED = "log-in failed"
    LEFT = "left"
    PAGE = "page opened"
    SETTING = "setting changed"
    POWER = "power"
    KEY = "key exchanged"
    REKEYED = "templates re-keyed"
    RESTORED = "restored"
    REPAIRED = "repaired"
    BROKEN = "record broken"
    ACCESS_CHANGED = "access changed"
    PATH_REFUSED = "path refused"
    FLEET = "fleet"
    """Joined or left, or told something by it."""


@dataclass(frozen=True)
class Entry:
    """One line of the record; `facts` is None where they were forgotten by rule."""

    number: int
    time: datetime
    act: str
    facts: Mapping[str, Fact] | None


class AuditTrail(Protocol):
    """What writes into the record from outside the gallery's own changes."""

    actor: str
    """Who does what is done from now on: "kiosk", "shell", "staff 2", "token 1f0c22ab"."""

    def note(self, act: Act, **facts: Fact) -> None:
        """Add a line. Raises StorageError."""
