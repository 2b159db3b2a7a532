"""Figures of the record of decisions: charts' numbers and the table as CSV. Pure Python."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.core.spreadsheets import as_cell

LLR_STEP = 1.0
MOST_DAYS = 31
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
class DayRate:
    """Of one day: usable visits, and how many of them were not recognised."""

    day: date
    usable: int
    unknown: int

    @property
    def share(self) -> float:
        """Unknown among usable ones, 0..1."""
        return self.unknown / self.usable if self.usable else 0.0


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


def unknown_by_day(
    records: Iterable[DecisionRecord], zone: tzinfo | None = None
) -> tuple[DayRate, ...]:
    """The newest days with usable visits, oldest first, at most MOST_DAYS."""
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
    days = sorted(usable)[-MOST_DAYS:]
    return tuple(DayRate(day, usable[day], unknown[day]) for day in days)


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
