"""The attendance as commands and pages ask for it: days of everybody out of the gallery."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from kiosk.core.attendance import AttendanceDay, Calendar, attendance_days
from kiosk.core.ports.gallery import SubjectStore
from kiosk.core.ports.uses import AttendanceStore


class AttendanceRecords(SubjectStore, AttendanceStore, Protocol):
    """People, their visits that count, and what staff said of them."""


def register(
    store: AttendanceRecords, calendar: Calendar, first: date, last: date
) -> list[AttendanceDay]:
    """Every person's days from `first` to `last`, by day and name."""
    names = {each.subject_id: each.name for each in store.subjects()}
    visits = store.attended(*calendar.span(first, last))
    found = attendance_days(visits, store.attendance_corrections(first, last), names, calendar)
    return [each for each in found if first <= each.day <= last]
