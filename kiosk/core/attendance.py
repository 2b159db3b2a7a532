"""Attendance: the first and the last identified visit of a person on a local day.

Nothing is added to what is kept of visits but the word that a visit counts. The day is read off the
clock on the wall, so that a day on which the clock is changed for summer is one day, and the two
times are moments, so that the earlier one is the earlier one in the night in which an hour comes
twice. What staff say of a day is added and never put in the place of what was seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.typed_lines import one_line

LONGEST_REASON = 300
CLOCK_TOLERANCE = timedelta(minutes=2)
"""A clock that is kept right moves by less than this at once."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AttendedVisit:
    """A visit that counts; `clock_moved` says that the kiosk's clock had just been changed, or did
    not fit the time that had passed."""

    decision_id: int
    subject_id: int
    time: datetime
    clock_moved: bool = False


@dataclass(frozen=True)
class AttendanceCorrection:
    """Staff's word about a person's day, with its reason and who said it. Without `first` and
    `last`: the person was not there."""

    subject_id: int
    day: date
    first: datetime | None
    last: datetime | None
    reason: str
    made: datetime
    by: str
    correction_id: int = 0


@dataclass(frozen=True)
class AttendanceDay:
    """One person on one day: what visits say, and beside it what staff said, oldest first."""

    subject_id: int
    name: str
    day: date
    seen_first: datetime | None = None
    seen_last: datetime | None = None
    visits: int = 0
    clock_moved: bool = False
    corrections: tuple[AttendanceCorrection, ...] = ()

    @property
    def corrected(self) -> AttendanceCorrection | None:
        """The word that counts: the newest."""
        return self.corrections[-1] if self.corrections else None

    @property
    def first(self) -> datetime | None:
        """When the person was there first, as far as it counts."""
        return self.corrected.first if self.corrected is not None else self.seen_first

    @property
    def last(self) -> datetime | None:
        """When the person was there last, as far as it counts."""
        return self.corrected.last if self.corrected is not None else self.seen_last


@dataclass(frozen=True)
class Calendar:
    """How moments become days: the time zone (None: that of the machine), and when a day begins."""

    zone: ZoneInfo | None = None
    begins: time = time()

    def local(self, moment: datetime) -> datetime:
        """A moment as the clock on the wall shows it, with its offset."""
        return moment.astimezone(self.zone)

    def day_of(self, moment: datetime) -> date:
        """The day to which a moment belongs: before its beginning, to the one before."""
        local = self.local(moment)
        before = local.time() < self.begins
        return local.date() - (_A_DAY if before else timedelta())

    def moment(self, day: date, clock: time) -> datetime:
        """When the clock shows this time on this day; of an hour that comes twice, the first.
        Raises InputError where the clock was put past it."""
        on = day + (_A_DAY if clock < self.begins else timedelta())
        naive = datetime.combine(on, clock)
        made = naive.replace(tzinfo=self.zone) if self.zone is not None else naive.astimezone()
        moment = made.astimezone(UTC)
        if self.local(moment).replace(tzinfo=None, fold=0) != naive:
            raise InputError(
                f"There was no {clock:%H:%M} on {on}: the clock was put forward past it.",
                "Give the time after it.",
            )
        return moment

    def span(self, first: date, last: date) -> tuple[datetime, datetime]:
        """Moments between which these days surely lie, whatever the time zone."""
        wide = timedelta(days=2)
        begin, end = (datetime.combine(day, time(), UTC) for day in (first, last))
        return begin - wide, end + wide + _A_DAY


def counts(
    decision: Decision,
    liveness: LivenessOutcome,
    *,
    required: bool,
    from_devices: bool,
    stand_in: bool,
) -> bool:
    """Whether a visit says that somebody was here.

    It does where somebody was named without a contradiction, the camera and the microphone and not
    a recording were looked at, nobody else seemed to stand in, and the person was living where that
    is `required`; nowhere of what looked like no living person.
    """
    named = decision.outcome is DecisionOutcome.IDENTIFIED and not decision.conflict
    living = liveness is LivenessOutcome.LIVE
    if not required:
        living = liveness is not LivenessOutcome.NOT_LIVE
    return named and decision.top is not None and living and from_devices and not stand_in


def attendance_days(
    visits: Iterable[AttendedVisit],
    corrections: Iterable[AttendanceCorrection],
    names: Mapping[int, str],
    calendar: Calendar,
) -> list[AttendanceDay]:
    """A line for every person and day of which something is known, by day and name; who is not
    among `names` is not enrolled any more."""
    seen: dict[tuple[int, date], list[tuple[AttendedVisit, bool]]] = defaultdict(list)
    latest: datetime | None = None
    for visit in sorted(visits, key=lambda each: each.decision_id):
        latest = max(latest or visit.time, visit.time)
        back = latest - visit.time > CLOCK_TOLERANCE
        if visit.subject_id in names:
            key = visit.subject_id, calendar.day_of(visit.time)
            seen[key].append((visit, visit.clock_moved or back))
    said: dict[tuple[int, date], list[AttendanceCorrection]] = defaultdict(list)
    for word in sorted(corrections, key=lambda each: each.correction_id):
        if word.subject_id in names:
            said[word.subject_id, word.day].append(word)
    found = [
        _day(names[who], who, day, seen.get((who, day), []), said.get((who, day), []))
        for who, day in {*seen, *said}
    ]
    return sorted(found, key=lambda each: (each.day, each.name.casefold(), each.subject_id))


def _day(
    name: str,
    subject_id: int,
    day: date,
    visits: list[tuple[AttendedVisit, bool]],
    corrections: list[AttendanceCorrection],
) -> AttendanceDay:
    times = [visit.time for visit, _ in visits]
    return AttendanceDay(
        subject_id,
        name,
        day,
        min(times, default=None),
        max(times, default=None),
        len(visits),
        any(moved for _, moved in visits),
        tuple(corrections),
    )


def corrected_day(
    calendar: Calendar,
    subject_id: int,
    day: date,
    first: time | None,
    last: time | None,
    reason: str,
    now: datetime,
    by: str,
) -> AttendanceCorrection:
    """A correction as it may be kept. Raises InputError for one without a reason, of a day that has
    not come, or with times that cannot be."""
    if (first is None) is not (last is None):
        raise InputError("One of the two times is missing.", "Give first and last, or neither.")
    if day > calendar.day_of(now):
        raise InputError(f"{day} has not come yet.", "Give a day that has.")
    begin, end = (None if each is None else calendar.moment(day, each) for each in (first, last))
    if begin is not None and end is not None and begin > end:
        raise InputError("The first time is later than the last.", "Give them in order.")
    if end is not None and end > now:
        raise InputError("The last time has not come yet.", "Give a time that has.")
    said = one_line(reason, LONGEST_REASON, "reason")
    return AttendanceCorrection(subject_id, day, begin, end, said, now, by)


def read_clock(text: str) -> time:
    """HH:MM. Raises InputError."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError as error:
        raise InputError(f"{text!r} is no time of day.", "Give it as HH:MM, like 08:30.") from error


def read_day(text: str) -> date:
    """YYYY-MM-DD. Raises InputError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is no day.", "Give it as YYYY-MM-DD.") from error


def read_month(text: str) -> tuple[date, date]:
    """YYYY-MM as its first and its last day. Raises InputError."""
    try:
        first = datetime.strptime(text.strip(), "%Y-%m").date()
    except ValueError as error:
        raise InputError(f"{text!r} is no month.", "Give it as YYYY-MM.") from error
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, after - _A_DAY
