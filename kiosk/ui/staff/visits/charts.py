"""From the record of decisions to bars."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.recognition.visit_statistics import LLR_STEP, by_hour, histogram, unknown_by_day
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.charts import Bars


def hours_bars(records: Sequence[DecisionRecord]) -> Bars:
    """Visits by hour of the day; the empty hours before the first and after the last left out."""
    counts = by_hour(records)
    busy = [hour for hour, count in enumerate(counts) if count]
    if not busy:
        return Bars(())
    hours = range(busy[0], busy[-1] + 1)
    return Bars(
        [counts[hour] for hour in hours],
        labels=[f"{hour:02}" for hour in hours],
        top=str(max(counts)),
    )


def score_bars(records: Sequence[DecisionRecord], needed: float) -> Bars:
    """Evidence for the nearest person, with what is needed to be recognised."""
    found = histogram(records)
    if not found.identified:
        return Bars(())
    first = min(found.first, int(needed // LLR_STEP))
    size = max(found.first + len(found.identified), int(needed // LLR_STEP) + 1) - first
    before = found.first - first
    known = [*[0] * before, *found.identified]
    unknown = [*[0] * before, *found.unknown]
    known += [0] * (size - len(known))
    unknown += [0] * (size - len(unknown))
    return Bars(
        known,
        unknown,
        [f"{(first + k) * LLR_STEP:.0f}" for k in range(size)],
        (say(w.OUTCOMES[DecisionOutcome.IDENTIFIED]), say(w.OUTCOMES[DecisionOutcome.UNKNOWN])),
        needed / LLR_STEP - first,
        say(w.CHART_THRESHOLD, llr=f"{needed:.1f}"),
    )


def unknown_bars(records: Sequence[DecisionRecord]) -> Bars:
    """The share of visits not recognised, a bar a day; highest is everybody."""
    days = unknown_by_day(records)
    return Bars(
        [day.share for day in days],
        labels=[f"{day.day:%m-%d}" for day in days],
        top="100 %",
        highest=1.0,
    )
