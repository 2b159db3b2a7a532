"""Figures of the record of decisions: charts' numbers and the table as CSV. Pure Python."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.core.spreadsheets import as_cell

LLR_STEP = 1.0
MOST_SPANS = 26
SPANS = (1, 7, 28, 91, 364)
"""Days: what one bar of a chart over time stands for, the shortest that leaves few enough bars."""
_HOURS = 24
_QUARTER = 900
CSV_COLUMNS = (
    "time",
    "outcome",
    "name",
    "probability",
    "fused_llr",
    "face_score",
    "face_llr",
    "voice_score",
    "voice_llr",
    "conflict",
    "reason",
    "corrected_by",
    "corrected_to",
)


@dataclass(frozen=True)
class Histogram:
    """Counts (bins,) of two kinds of decisions; bin k begins at first + k * LLR_STEP."""

    first: int
    identified: tuple[int, ...]
    unknown: tuple[int, ...]


@dataclass(frozen=True)
class SpanCount:
    """Of so many days from `first` on: usable visits, and how many of them were not recognised."""

    first: date
    days: int
    usable: int
    unknown: int


def by_hour(records: Iterable[DecisionRecord], zone: tzinfo | None = None) -> tuple[int, ...]:
    """Visits by the hour of the day at which they were decided, (24,)."""
    counts: Counter[int] = Counter()
    for quarter, count in Counter(map(_quarter, records)).items():
        counts[_local(quarter, zone).hour] += count
    return tuple(counts[hour] for hour in range(_HOURS))


def _quarter(record: DecisionRecord) -> int:
    """The quarter of an hour since 1970: offsets of time zones are multiples of it, and to convert
    each quarter once is fifty times faster than each visit."""
    return int(record.time.timestamp()) // _QUARTER


def _local(quarter: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(zone)


def histogram(records: Iterable[DecisionRecord]) -> Histogram:
    """Fused log-likelihood ratios of the top candidates; visits without one are left out."""
    places: dict[DecisionOutcome, Counter[int]] = {each: Counter() for each in DecisionOutcome}
    for record in records:
        if record.fused_llr is not None:
            places[record.outcome][math.floor(record.fused_llr / LLR_STEP)] += 1
    known = places[DecisionOutcome.IDENTIFIED]
    unknown = places[DecisionOutcome.UNKNOWN]
    taken = [*known, *unknown]
    if not taken:
        return Histogram(0, (), ())
    bins = range(min(taken), max(taken) + 1)
    return Histogram(bins[0], tuple(known[k] for k in bins), tuple(unknown[k] for k in bins))


def unknown_by_span(
    records: Iterable[DecisionRecord], zone: tzinfo | None = None
) -> tuple[SpanCount, ...]:
    """Usable visits from the first day to the last, oldest first and without a gap, by days, weeks
    or longer: at most MOST_SPANS."""
    usable: Counter[date] = Counter()
    unknown: Counter[date] = Counter()
    quarters = Counter(
        (_quarter(record), record.outcome is DecisionOutcome.UNKNOWN)
        for record in records
        if record.outcome is not DecisionOutcome.UNUSABLE
    )
    for (quarter, stranger), count in quarters.items():
        day = _local(quarter, zone).date()
        usable[day] += count
        unknown[day] += count if stranger else 0
    if not usable:
        return ()
    first, last = min(usable), max(usable)
    whole = (last - first).days + 1
    days = next((span for span in SPANS if whole <= span * MOST_SPANS), SPANS[-1])
    starts = [first + timedelta(each) for each in range(0, whole, days)]
    return tuple(
        SpanCount(
            start,
            days,
            sum(usable[start + timedelta(each)] for each in range(days)),
            sum(unknown[start + timedelta(each)] for each in range(days)),
        )
        for start in starts
    )


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score, 0..1."""
    if not count:
        return 0.0, 1.0
    z = 1.959964
    share, wide = hits / count, z * z / count
    middle = (share + wide / 2) / (1 + wide)
    half = z * math.sqrt(share * (1 - share) / count + wide / (4 * count)) / (1 + wide)
    return max(0.0, middle - half), min(1.0, middle + half)


def corrected_of(records: Iterable[DecisionRecord]) -> Mapping[int, int]:
    """How many identifications of each subject were said to be wrong."""
    return Counter(
        record.subject_id
        for record in records
        if record.subject_id is not None
        and record.correction is not None
        and record.outcome is DecisionOutcome.IDENTIFIED
    )


def as_csv(records: Sequence[DecisionRecord], names: Mapping[int, str] | None = None) -> str:
    """A table for spreadsheets: one line a decision, times in ISO 8601 with their zone."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for record in records:
        correction = record.correction
        to = (names or {}).get(correction.subject_id or -1, "") if correction else ""
        scores = (
            record.probability,
            record.fused_llr,
            record.face_score,
            record.face_llr,
            record.voice_score,
            record.voice_llr,
        )
        writer.writerow(
            [
                record.time.astimezone().isoformat(timespec="seconds"),
                record.outcome.value,
                as_cell(record.name),
                *("" if score is None else f"{score:.4f}" for score in scores),
                int(record.conflict),
                record.reason,
                correction.by.value if correction else "",
                as_cell(to),
            ]
        )
    return out.getvalue()
