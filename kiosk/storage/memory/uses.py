"""Attendance and greetings in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from kiosk.core.attendance import AttendanceCorrection
from kiosk.core.greetings import Greeting
from kiosk.core.names import name_key
from kiosk.core.subjects import Subject
from kiosk.storage.refusals import subject_gone


class MemoryUses:
    """Corrections of the attendance, and greetings; a part of `MemoryGallery`."""

    def __init__(self, subject_of: Callable[[int], Subject | None]) -> None:
        self._subject_of = subject_of
        self._said: list[AttendanceCorrection] = []
        self._numbers = 0
        self._lines: dict[int, Greeting] = {}
        self._seen: set[tuple[int, str]] = set()

    def attendance_corrections(self, first: date, last: date) -> list[AttendanceCorrection]:
        """What was said of these days, oldest first."""
        return [each for each in self._said if first <= each.day <= last]

    def correct_attendance(self, correction: AttendanceCorrection) -> int:
        """Add what staff say of a person's day; what was seen and said before stays."""
        if self._subject_of(correction.subject_id) is None:
            raise subject_gone()
        self._numbers += 1
        self._said.append(replace(correction, correction_id=self._numbers))
        return self._numbers

    def forget_corrections(self, before: datetime) -> None:
        """What was said of days that were over before this moment."""
        surely = before.date() - timedelta(days=2)
        self._said = [each for each in self._said if each.day >= surely]

    def greetings(self) -> list[tuple[Subject, Greeting]]:
        """Everybody who has a line of their own, by name."""
        found = [(self._subject_of(number), line) for number, line in self._lines.items()]
        named = [(subject, line) for subject, line in found if subject is not None]
        return sorted(named, key=lambda each: name_key(each[0].name))

    def greeting_of(self, subject_id: int) -> Greeting | None:
        """The line of one person."""
        return self._lines.get(subject_id)

    def subject(self, name: str) -> Subject:
        """One by name."""
        raise NotImplementedError

    def set_greeting(self, name: str, greeting: Greeting | None) -> None:
        """Give a person a line in the place of the one before, or take it away."""
        subject_id = self.subject(name).subject_id
        self._lines.pop(subject_id, None)
        if greeting is not None:
            self._lines[subject_id] = greeting

    def greeted(self, subject_id: int, greeting: Greeting) -> None:
        """A line was shown to a person; one of their own that is shown once is gone."""
        if not greeting.once:
            return
        own = self._lines.get(subject_id)
        if own is not None and own.once and own.text == greeting.text:
            del self._lines[subject_id]
        elif self._subject_of(subject_id) is not None:
            self._seen.add((subject_id, greeting.digest))

    def was_greeted(self, subject_id: int, greeting: Greeting) -> bool:
        """Whether a person has seen this line, of those that are shown once."""
        return (subject_id, greeting.digest) in self._seen

    def forget_uses(self, subject_id: int) -> None:
        """Somebody is removed."""
        self._said = [each for each in self._said if each.subject_id != subject_id]
        self._lines.pop(subject_id, None)
        self._seen = {each for each in self._seen if each[0] != subject_id}

    def move_uses(self, old: int, new: int) -> None:
        """What was said of one subject was said of another; of two lines the kept one's stays."""
        self._said = [
            replace(each, subject_id=new) if each.subject_id == old else each for each in self._said
        ]
        line = self._lines.pop(old, None)
        if line is not None:
            self._lines.setdefault(new, line)
        self._seen = {(new if who == old else who, digest) for who, digest in self._seen}
