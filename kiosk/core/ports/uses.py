"""What a kiosk is used for beside telling who somebody is: ports of attendance and of greetings.

Every method raises StorageError and its children; InputError for an unknown name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from kiosk.core.attendance import AttendanceCorrection, AttendedVisit
from kiosk.core.greetings import Greeting
from kiosk.core.subjects import Subject


class AttendanceStore(Protocol):
    """Visits that count, and what staff said of days. Both go with the person, and with the
    decisions that are older than the operator wants kept."""

    def attended(self, since: datetime, before: datetime) -> list[AttendedVisit]:
        """The visits between two moments that count and that nobody called wrong, oldest first."""

    def attendance_corrections(self, first: date, last: date) -> list[AttendanceCorrection]:
        """What was said of these days, oldest first."""

    def correct_attendance(self, correction: AttendanceCorrection) -> int:
        """Add what staff say of a person's day; what was seen and said before stays. Returns its
        number. Raises InputError for somebody who is not enrolled any more."""


class GreetingStore(Protocol):
    """Lines of greeting for single people, and who has seen a line for everybody that is shown
    once."""

    def greetings(self) -> Sequence[tuple[Subject, Greeting]]:
        """Everybody who has a line of their own, by name."""

    def greeting_of(self, subject_id: int) -> Greeting | None:
        """The line of one person."""

    def set_greeting(self, name: str, greeting: Greeting | None) -> None:
        """Give a person a line in the place of the one before, or take it away."""

    def greeted(self, subject_id: int, greeting: Greeting) -> None:
        """A line was shown to a person; one of their own that is shown once is gone."""

    def was_greeted(self, subject_id: int, greeting: Greeting) -> bool:
        """Whether a person has seen this line, of those that are shown once."""
