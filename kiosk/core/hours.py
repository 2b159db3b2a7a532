"""Hours of a week in which the screen is lit: "Mo-Fr 07:30-19:00; Sa 09:00-13:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from kiosk.core.errors import InputError

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_KOREAN = "월화수목금토일"
_PART = re.compile(r"(?:(\S+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MINUTES = 24 * 60
_WEEK = 7 * _MINUTES


@dataclass(frozen=True)
class Hours:
    """Spans of minutes from Monday's midnight on; without any, always. A span that ends before it
    begins goes past midnight and belongs to the day on which it begins."""

    spans: tuple[tuple[int, int], ...] = ()

    def lit(self, local: datetime) -> bool:
        """Whether the screen is lit at a moment of the clock on the wall."""
        minute = local.weekday() * _MINUTES + local.hour * 60 + local.minute
        return not self.spans or any(
            begin <= minute + past < end for begin, end in self.spans for past in (0, _WEEK)
        )


def read_hours(text: str) -> Hours:
    """Spans with their days, separated by semicolons; days as Mo or 월, alone, listed with commas
    or from one to another, none for every day. Raises InputError."""
    spans: list[tuple[int, int]] = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        found = _PART.fullmatch(part)
        if found is None:
            raise _refused(part)
        begin, end = (_minute(part, *found.group(k, k + 1)) for k in (2, 4))
        if begin == end:
            raise _refused(part)
        for day in _days(part, found.group(1)):
            first = day * _MINUTES + begin
            spans.append((first, first + ((end - begin) % _MINUTES or _MINUTES)))
    return Hours(tuple(spans))


def _minute(part: str, hour: str, minute: str) -> int:
    if int(hour) == 24 and int(minute) == 0:
        return _MINUTES
    try:
        clock = time(int(hour), int(minute))
    except ValueError as error:
        raise _refused(part) from error
    return clock.hour * 60 + clock.minute


def _days(part: str, text: str | None) -> list[int]:
    if text is None:
        return list(range(7))
    found: list[int] = []
    for each in text.split(","):
        first, to, last = each.partition("-")
        begin, end = _day(part, first), _day(part, last if to else first)
        found += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    return found


def _day(part: str, text: str) -> int:
    names = [day.casefold() for day in DAYS]
    if text.casefold()[:2] in names:
        return names.index(text.casefold()[:2])
    if text and text[0] in _KOREAN and text[1:] in ("", "요일"):
        return _KOREAN.index(text[0])
    raise _refused(part)


def _refused(part: str) -> InputError:
    return InputError(
        f"{part!r} are no hours.", "Give them like Mo-Fr 07:30-19:00; Sa 09:00-13:00."
    )
