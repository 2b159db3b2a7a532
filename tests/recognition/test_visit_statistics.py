"""Figures of the record of decisions, and the record as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import Correction, Corrector, DecisionRecord
from kiosk.recognition.visit_statistics import (
    CSV_COLUMNS,
    SpanCount,
    as_csv,
    by_hour,
    corrected_of,
    histogram,
    share_interval,
    unknown_by_span,
)

WHEN = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
NAMED = DecisionRecord(
    7, WHEN, DecisionOutcome.IDENTIFIED, 1, 0.98765, 8.25, 0.5, 6.0, 0.25, 2.25, True, "why",
    with_face=True, with_voice=True, name="Ann",
    correction=Correction(WHEN, Corrector.STAFF, 2),
)  # fmt: skip
STRANGER = DecisionRecord(
    8, WHEN, DecisionOutcome.UNKNOWN, None, 0.0, None, None, None, None, None, False, "",
    with_face=True, with_voice=False,
)  # fmt: skip


def test_each_column_is_filled() -> None:
    found = list(csv.DictReader(io.StringIO(as_csv([NAMED, STRANGER], {2: "=Ben"}))))
    assert [tuple(each) for each in found] == [CSV_COLUMNS] * 2
    named, stranger = found
    assert datetime.fromisoformat(named.pop("time")) == WHEN
    assert named == {
        "outcome": "identified",
        "name": "Ann",
        "probability": "0.9877",
        "fused_llr": "8.2500",
        "face_score": "0.5000",
        "face_llr": "6.0000",
        "voice_score": "0.2500",
        "voice_llr": "2.2500",
        "conflict": "1",
        "reason": "why",
        "corrected_by": Corrector.STAFF.value,
        "corrected_to": "'=Ben",
    }
    empty = ("name", "fused_llr", "face_score", "voice_llr", "corrected_by", "corrected_to")
    assert [stranger[each] for each in empty] == [""] * len(empty)
    assert (stranger["outcome"], stranger["conflict"]) == ("unknown", "0")


def test_a_name_never_becomes_a_formula() -> None:
    (line,) = csv.DictReader(io.StringIO(as_csv([replace(NAMED, name="=HYPERLINK(1)")])))
    assert line["name"] == "'=HYPERLINK(1)"
    assert line["corrected_to"] == ""


def visits_at(*times: datetime, outcome: DecisionOutcome) -> list[DecisionRecord]:
    return [replace(STRANGER, time=time, outcome=outcome) for time in times]


def test_visits_are_counted_by_the_hour_of_the_clock() -> None:
    times = [WHEN, WHEN + timedelta(minutes=57), WHEN + timedelta(minutes=58), WHEN]
    counts = by_hour(visits_at(*times, outcome=DecisionOutcome.UNUSABLE), UTC)
    assert len(counts) == 24
    assert {hour: count for hour, count in enumerate(counts) if count} == {1: 3, 2: 1}


def test_ratios_are_counted_by_outcome_and_those_without_one_left_out() -> None:
    ratios = {DecisionOutcome.IDENTIFIED: (8.25, 6.0, 8.9), DecisionOutcome.UNKNOWN: (-2.5, 6.5)}
    some = [
        replace(NAMED, outcome=outcome, fused_llr=ratio)
        for outcome, values in ratios.items()
        for ratio in values
    ]
    found = histogram([*some, STRANGER])
    assert found.first == -3
    assert found.identified == (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2)
    assert found.unknown == (1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)
    assert histogram([STRANGER]).identified == ()


def test_strangers_are_counted_by_day_and_where_there_are_many_days_by_week() -> None:
    first = datetime(2026, 5, 4, 12, tzinfo=UTC)
    some = visits_at(first, first + timedelta(days=2), outcome=DecisionOutcome.IDENTIFIED)
    some += visits_at(first, outcome=DecisionOutcome.UNKNOWN)
    some += visits_at(first, outcome=DecisionOutcome.UNUSABLE)
    begin = date(2026, 5, 4)
    assert unknown_by_span(some, UTC) == (
        SpanCount(begin, 1, 2, 1),
        SpanCount(begin + timedelta(1), 1, 0, 0),  # a day without visits is a day
        SpanCount(begin + timedelta(2), 1, 1, 0),
    )
    later = visits_at(
        first + timedelta(days=6), first + timedelta(days=99), outcome=DecisionOutcome.UNKNOWN
    )
    weeks = unknown_by_span([*some, *later], UTC)
    assert [(each.first, each.days) for each in weeks] == [
        (begin + timedelta(7 * week), 7) for week in range(15)
    ]
    assert [(each.usable, each.unknown) for each in (weeks[0], weeks[-1])] == [(4, 2), (1, 1)]
    assert unknown_by_span(some[-1:], UTC) == ()


def test_as_many_days_as_there_is_room_for_are_told_one_by_one() -> None:
    first = datetime(2026, 5, 4, 12, tzinfo=UTC)
    for apart, days in ((25, 1), (26, 7), (181, 7), (182, 28), (4000, 364)):
        times = first, first + timedelta(days=apart)
        spans = unknown_by_span(visits_at(*times, outcome=DecisionOutcome.UNKNOWN), UTC)
        assert {each.days for each in spans} == {days}, apart
        assert sum(each.unknown for each in spans) == 2


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (0, 0, 0, 1)]
)
def test_the_interval_of_a_share(hits: int, count: int, low: float, high: float) -> None:
    """Against Newcombe 1998, table I, method 3."""
    assert share_interval(hits, count) == pytest.approx((low, high), abs=1e-3)


def test_corrections_count_for_whom_was_named() -> None:
    unnamed = replace(NAMED, outcome=DecisionOutcome.UNKNOWN)
    right = replace(NAMED, correction=None)
    assert corrected_of([NAMED, NAMED, unnamed, right, replace(NAMED, subject_id=3)]) == {
        1: 2,
        3: 1,
    }
