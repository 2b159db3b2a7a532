"""The record of decisions as a table: every column says what its heading says."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import Correction, Corrector, DecisionRecord
from kiosk.recognition.visit_statistics import CSV_COLUMNS, as_csv, share_interval

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


def test_an_interval_of_nothing_says_nothing() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    low, high = share_interval(5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
