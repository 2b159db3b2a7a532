"""Days, corrections and what counts, by clocks that are put forward, back, and wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.core.attendance import (
    AttendanceCorrection,
    AttendedVisit,
    Calendar,
    attendance_days,
    corrected_day,
    counts,
    read_clock,
    read_day,
    read_month,
)
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.liveness import LivenessOutcome

ANN, BEN = 1, 2
NAMES = {ANN: "Ann", BEN: "Ben"}
SEOUL, UTC_DAYS = Calendar(ZoneInfo("Asia/Seoul")), Calendar(ZoneInfo("UTC"))
BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def visits(*times: datetime, who: int = ANN) -> list[AttendedVisit]:
    return [AttendedVisit(number, who, each) for number, each in enumerate(times)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(found: Sequence[AttendedVisit], calendar: Calendar) -> list[tuple[date, str, str]]:
    days = attendance_days(found, (), NAMES, calendar)
    return [
        (each.day, f"{calendar.local(each.first):%H:%M}", f"{calendar.local(each.last):%H:%M}")
        for each in days
        if each.first is not None and each.last is not None
    ]


def test_a_day_has_its_first_and_its_last_visit_in_local_time() -> None:
    found = visits(utc("2026-11-29T23:50"), utc("2026-11-30T03:00"), utc("2026-11-30T09:05"))
    assert spans(found, SEOUL) == [(date(2026, 11, 30), "08:50", "18:05")]
    # The same moments are two days elsewhere.
    assert [day for day, _, _ in spans(found, BERLIN)] == [date(2026, 11, 30)]
    west = Calendar(ZoneInfo("America/New_York"))
    assert [day for day, _, _ in spans(found, west)] == [date(2026, 11, 29), date(2026, 11, 30)]


def test_a_night_shift_is_one_day_where_the_day_begins_late() -> None:
    found = visits(utc("2026-11-30T13:00"), utc("2026-11-30T18:30"))  # 22:00 and 03:30 in Seoul
    late = Calendar(ZoneInfo("Asia/Seoul"), time(4))
    assert spans(found, late) == [(date(2026, 11, 30), "22:00", "03:30")]
    assert len(spans(found, SEOUL)) == 2


def test_an_hour_that_comes_twice_keeps_its_order_and_its_length() -> None:
    # 2026-10-25: 03:00 becomes 02:00. 02:40 in summer comes before 02:10 in winter.
    first, last = utc("2026-10-25T00:40"), utc("2026-10-25T01:10")
    (day,) = attendance_days(visits(last, first), (), NAMES, BERLIN)
    assert (day.first, day.last) == (first, last)
    assert spans(visits(first, last), BERLIN) == [(date(2026, 10, 25), "02:40", "02:10")]


def test_a_day_begins_by_the_clock_on_the_wall_also_when_that_is_changed() -> None:
    late = Calendar(ZoneInfo("Europe/Berlin"), time(4))
    # 2026-03-29: 02:00 becomes 03:00; 03:59 and 04:00 of summer lie a minute apart.
    assert late.day_of(utc("2026-03-29T01:59")) == date(2026, 3, 28)
    assert late.day_of(utc("2026-03-29T02:00")) == date(2026, 3, 29)


def test_a_time_that_the_clock_was_put_past_is_refused() -> None:
    with pytest.raises(InputError, match="There was no 02:30"):
        BERLIN.moment(date(2026, 3, 29), time(2, 30))
    assert BERLIN.moment(date(2026, 10, 25), time(2, 30)) == utc("2026-10-25T00:30")
    late = Calendar(ZoneInfo("Europe/Berlin"), time(4))
    assert late.moment(date(2026, 7, 1), time(3, 0)) == utc("2026-07-02T01:00")


def test_the_machines_own_zone_is_asked_for_each_moment() -> None:
    own = Calendar()
    for month in (1, 7):
        moment = datetime(2026, month, 5, 12, tzinfo=UTC)
        assert own.moment(own.day_of(moment), own.local(moment).time()) == moment


def test_a_clock_that_went_back_marks_the_day() -> None:
    # An empty battery: the clock is wrong by a day until it is set.
    wrong, right = utc("2026-11-30T09:00"), utc("2026-11-29T09:05")
    found = visits(wrong, right, right + timedelta(hours=8))
    marked = {each.day: each.clock_moved for each in attendance_days(found, (), NAMES, UTC_DAYS)}
    assert marked[date(2026, 11, 29)] is True
    steady = attendance_days(visits(right, wrong), (), NAMES, UTC_DAYS)
    assert not any(each.clock_moved for each in steady)
    told = [AttendedVisit(1, ANN, right, clock_moved=True)]
    assert attendance_days(told, (), NAMES, SEOUL)[0].clock_moved


def said(day: date, first: time | None, last: time | None, number: int = 1) -> AttendanceCorrection:
    made = corrected_day(SEOUL, ANN, day, first, last, "forgot  to\tlook", NOW, "staff 2")
    return AttendanceCorrection(
        made.subject_id, made.day, made.first, made.last, made.reason, made.made, made.by, number
    )


def test_the_newest_word_counts_and_nothing_is_lost() -> None:
    day = date(2026, 11, 30)
    seen = visits(utc("2026-11-30T00:30"))
    words = [said(day, time(9), time(18), 1), said(day, time(8, 30), time(17), 2)]
    (found,) = attendance_days(seen, reversed(words), NAMES, SEOUL)
    assert found.first == utc("2026-11-29T23:30")
    assert found.last == utc("2026-11-30T08:00")
    assert found.seen_first == found.seen_last == seen[0].time
    assert [each.correction_id for each in found.corrections] == [1, 2]
    assert found.corrections[0].reason == "forgot to look"


def test_a_day_without_a_visit_can_be_put_right_and_one_with_a_visit_struck() -> None:
    absent = said(date(2026, 11, 29), None, None)
    (struck,) = attendance_days(visits(utc("2026-11-29T01:00")), [absent], NAMES, SEOUL)
    assert (struck.first, struck.last, struck.visits) == (None, None, 1)
    (added,) = attendance_days((), [said(date(2026, 11, 28), time(9), time(10))], NAMES, SEOUL)
    assert added.first is not None
    assert added.visits == 0


def test_who_is_not_enrolled_any_more_has_no_days() -> None:
    found = visits(utc("2026-11-29T01:00"), who=9)
    assert attendance_days(found, (), NAMES, SEOUL) == []


@pytest.mark.parametrize(
    ("day", "first", "last", "reason", "fault"),
    [
        (date(2026, 11, 30), time(9), None, "x", "One of the two times is missing"),
        (date(2026, 12, 1), time(9), time(10), "x", "has not come yet"),
        (date(2026, 11, 30), time(9), time(22), "x", "The last time has not come yet"),
        (date(2026, 11, 29), time(10), time(9), "x", "later than the last"),
        (date(2026, 11, 29), time(9), time(10), " \t", "The reason is empty"),
        (date(2026, 11, 29), time(9), time(10), "x" * 301, "301 characters long"),
        (date(2026, 11, 29), time(9), time(10), "a\x1b[31m", "control character"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    day: date, first: time | None, last: time | None, reason: str, fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        corrected_day(SEOUL, ANN, day, first, last, reason, NOW, "shell")


def named(*, conflict: bool = False) -> Decision:
    top = Candidate(ANN, "Ann", 8.0, 0.99)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), probability=0.99, conflict=conflict)


def counted(decision: Decision, liveness: LivenessOutcome, **changes: bool) -> bool:
    usual = {"required": True, "from_devices": True, "stand_in": False}
    return counts(decision, liveness, **{**usual, **changes})


def test_only_a_living_person_before_the_camera_whom_nobody_contradicts_counts() -> None:
    live, unchecked = LivenessOutcome.LIVE, LivenessOutcome.NOT_CHECKED
    assert counted(named(), live)
    assert counted(named(), unchecked, required=False)
    refused = {
        "contradicted": counted(named(conflict=True), live),
        "not live": counted(named(), LivenessOutcome.NOT_LIVE),
        "not live, not required": counted(named(), LivenessOutcome.NOT_LIVE, required=False),
        "not checked": counted(named(), unchecked),
        "stand-in": counted(named(), live, stand_in=True),
        "recording": counted(named(), live, from_devices=False),
        "no name": counted(Decision(DecisionOutcome.IDENTIFIED), live),
    }
    for outcome in set(DecisionOutcome) - {DecisionOutcome.IDENTIFIED}:
        refused[outcome] = counted(Decision(outcome, named().candidates), live)
    assert [what for what, taken in refused.items() if taken] == []


def test_times_days_and_months_are_read_or_refused() -> None:
    assert read_clock("08:30") == time(8, 30)
    assert read_day("2026-11-30") == date(2026, 11, 30)
    assert read_month("2026-12") == (date(2026, 12, 1), date(2026, 12, 31))
    assert read_month("2028-02")[1] == date(2028, 2, 29)
    for read, text in ((read_clock, "25:00"), (read_day, "30.11."), (read_month, "2026-13")):
        with pytest.raises(InputError, match="is no"):
            read(text)
