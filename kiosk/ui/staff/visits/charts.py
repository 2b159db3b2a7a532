"""From the record of decisions to bars, and to a sentence that says what they show: of three visits
as of three thousand."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.records import DecisionRecord
from kiosk.recognition.visit_statistics import (
    LLR_STEP,
    by_hour,
    histogram,
    share_interval,
    unknown_by_span,
)
from kiosk.ui.strings import visits as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.charts import Bars

FEW = 8
"""So many visits are told one by one."""
LEAST_FOR_SHARE = 30
"""Of fewer visits a share would say more than is known."""
SPARE = 1.0
"""Evidence beyond what is needed that is little."""


def hours_bars(records: Sequence[DecisionRecord]) -> Bars:
    """Visits by hour of the day; the empty hours before the first and after the last left out."""
    counts = by_hour(records)
    busy = [hour for hour, count in enumerate(counts) if count]
    if not busy:
        return Bars(())
    hours = range(busy[0], busy[-1] + 1)
    return Bars([counts[hour] for hour in hours], labels=[f"{hour:02}" for hour in hours])


def hours_words(records: Sequence[DecisionRecord]) -> str:
    """When visitors came: each time of a few, of many the busiest hour."""
    if not records:
        return ""
    if len(records) <= FEW:
        times = sorted(record.time.astimezone() for record in records)
        return say(w.HOURS_FEW, times=", ".join(f"{time:%m-%d %H:%M}" for time in times))
    counts = by_hour(records)
    most = max(counts)
    hour, days = counts.index(most), len({record.time.astimezone().date() for record in records})
    busiest = say(w.HOURS_BUSIEST, first=f"{hour:02}", last=f"{(hour + 1) % 24:02}", count=most)
    return f"{say(w.HOURS_MANY, count=f'{len(records):,}', days=days)} {busiest}"


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
        _legend(),
        needed / LLR_STEP - first,
        say(w.CHART_THRESHOLD, llr=f"{needed:.1f}"),
    )


def score_words(records: Sequence[DecisionRecord], needed: float) -> str:
    """How near visits came to the line: each of a few, of many how many were recognised with
    little to spare."""
    known = [
        record.fused_llr
        for record in records
        if record.outcome is DecisionOutcome.IDENTIFIED and record.fused_llr is not None
    ]
    unknown = [
        record.fused_llr
        for record in records
        if record.outcome is DecisionOutcome.UNKNOWN and record.fused_llr is not None
    ]
    if not known and not unknown:
        return ""
    if len(known) + len(unknown) <= FEW:
        kinds = ((w.SCORES_KNOWN, known), (w.SCORES_UNKNOWN, unknown))
        return " ".join(
            say(text, scores=", ".join(f"{each:+.1f}" for each in sorted(found)))
            for text, found in kinds
            if found
        )
    near = sum(each - needed < SPARE for each in known)
    return say(w.SCORES_NEAR, near=f"{near:,}", known=f"{len(known):,}", spare=f"{SPARE:.0f}")


def unknown_bars(records: Sequence[DecisionRecord]) -> Bars:
    """Visits recognised and not, a bar a day or, where those would be too many, a longer time."""
    spans = unknown_by_span(records)
    return Bars(
        [span.usable - span.unknown for span in spans],
        [span.unknown for span in spans],
        [f"{span.first:%m-%d}" for span in spans],
        _legend(),
    )


def unknown_words(records: Sequence[DecisionRecord]) -> str:
    """How many were not recognised, and as a share where there were enough visits for one."""
    spans = unknown_by_span(records)
    usable, unknown = sum(each.usable for each in spans), sum(each.unknown for each in spans)
    if not usable:
        return ""
    told = say(w.UNKNOWN_OF, unknown=f"{unknown:,}", usable=f"{usable:,}")
    if usable < LEAST_FOR_SHARE:
        return f"{told} {say(w.UNKNOWN_FEW)}"
    low, high = share_interval(unknown, usable)
    share = say(
        w.UNKNOWN_SHARE,
        share=f"{100 * unknown / usable:.1f}",
        low=f"{100 * low:.1f}",
        high=f"{100 * high:.1f}",
    )
    days = spans[0].days
    return f"{told} {share}" if days == 1 else f"{told} {share} {say(w.UNKNOWN_SPAN, days=days)}"


def _legend() -> tuple[str, str]:
    outcomes = w.OUTCOMES
    return say(outcomes[DecisionOutcome.IDENTIFIED]), say(outcomes[DecisionOutcome.UNKNOWN])
