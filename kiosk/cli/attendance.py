"""`kiosk attendance`: who was here when, put right with a reason, and taken away by month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kiosk.cli.out_folder import OUT_FILE
from kiosk.core.attendance import (
    AttendanceDay,
    Calendar,
    corrected_day,
    read_clock,
    read_day,
    read_month,
)
from kiosk.core.declared.uses import attendance_calendar
from kiosk.core.errors import InputError, SettingsError
from kiosk.core.names import name_key
from kiosk.core.ports.audit import Act
from kiosk.core.settings import Settings
from kiosk.recognition.attendance_register import register
from kiosk.runtime import composition

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def attendance() -> None:
    """See, put right and take away who was here when.

    Of every person and day the first and the last visit, where the setting `attendance` is on: of
    visits on which somebody was recognised before the camera, not contradicted, and living where
    that is required. Days are counted in `attendance_zone` from `attendance_day_begins` on.

    \b
    Examples:
      kiosk attendance show
      kiosk attendance export november.xlsx --month 2026-11
      kiosk attendance correct "Kim Minjun" 2026-11-30 --first 08:55 --last 18:10 \\
        --reason "came in by the back door"
    """


@attendance.command()
@click.option("--day", metavar="YYYY-MM-DD", help="Else today.")
@click.option("--month", metavar="YYYY-MM", help="A whole month.")
@click.option("--name", help="Of one person.")
@_as_json
@click.pass_obj
def show(
    settings: Settings, day: str | None, month: str | None, name: str | None, as_json: bool
) -> None:
    """First and last visit by person and day; corrected ones with their reason.

    \b
    Examples:
      kiosk attendance show
      kiosk attendance show --month 2026-11 --name "Kim Minjun" --json
    """
    if day is not None and month is not None:
        raise InputError("A day and a month are two times.", "Give one of them.")
    calendar = attendance_calendar(settings)
    today = calendar.day_of(datetime.now(UTC))
    first, last = read_month(month) if month else (read_day(day) if day else today,) * 2
    with composition.open_gallery(settings) as gallery:
        who = gallery.subject(name).name if name is not None else None
        found = register(gallery, calendar, first, last)
    if who is not None:
        found = [each for each in found if name_key(each.name) == name_key(who)]
    _tell_off(settings)
    if as_json:
        told = [_as_dict(each, calendar) for each in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif found:
        _print(found, calendar)
    else:
        click.echo("Nobody was here then, as far as is known.", err=True)


@attendance.command()
@click.argument("file", type=OUT_FILE)
@click.option("--month", metavar="YYYY-MM", help="Else this month.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@_as_json
@click.pass_obj
def export(settings: Settings, file: Path, month: str | None, force: bool, as_json: bool) -> None:
    """Write a month into FILE: .csv, or .xlsx with the corrections on a sheet of their own.

    The file holds names. What staff said stands beside what visits said.

    \b
    Examples:
      kiosk attendance export november.xlsx --month 2026-11
      kiosk attendance export november.csv --month 2026-11 --force
    """
    from kiosk.runtime.attendance_export import require_table, write_attendance

    require_table(file)
    calendar = attendance_calendar(settings)
    today = calendar.day_of(datetime.now(UTC))
    first, last = read_month(month or f"{today:%Y-%m}")
    with composition.open_gallery(settings) as gallery:
        found = register(gallery, calendar, first, last)
        write_attendance(file, found, calendar, replace=force)
        gallery.note(Act.EXPORTED, what="attendance", month=f"{first:%Y-%m}", lines=len(found))
    _tell_off(settings)
    told = {"file": str(file), "month": f"{first:%Y-%m}", "lines": len(found)}
    words = f"Wrote {len(found)} lines of {first:%Y-%m} to {file}."
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words)


@attendance.command()
@click.argument("name")
@click.argument("day", metavar="YYYY-MM-DD")
@click.option("--first", metavar="HH:MM", help="When the person came.")
@click.option("--last", metavar="HH:MM", help="When the person left.")
@click.option("--absent", is_flag=True, help="The person was not here.")
@click.option("--reason", required=True, help="Why; kept beside the correction.")
@_as_json
@click.pass_obj
def correct(
    settings: Settings,
    name: str,
    day: str,
    first: str | None,
    last: str | None,
    absent: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Put one person's day right. What visits said is kept, and so is every earlier correction.

    A line of the record (`kiosk audit show`) tells that it was done, and when.

    \b
    Examples:
      kiosk attendance correct "Kim Minjun" 2026-11-30 --first 08:55 --last 18:10 --reason "..."
      kiosk attendance correct "Kim Minjun" 2026-11-29 --absent --reason "twin brother visited"
    """
    if not settings.attendance:
        raise SettingsError(
            "attendance is off.", "Run `kiosk settings set attendance=true`.", key="attendance"
        )
    if absent is (first is not None or last is not None):
        raise InputError("When was the person here?", "Give --first and --last, or --absent.")
    calendar, on = attendance_calendar(settings), read_day(day)
    begin, end = (None if each is None else read_clock(each) for each in (first, last))
    with composition.open_gallery(settings) as gallery:
        subject = gallery.subject(name)
        word = corrected_day(
            calendar,
            subject.subject_id,
            on,
            begin,
            end,
            reason,
            datetime.now(UTC),
            gallery.actor,
        )
        number = gallery.correct_attendance(word)
        (now,) = (
            each
            for each in register(gallery, calendar, on, on)
            if each.subject_id == subject.subject_id
        )
    if as_json:
        told = {"correction": number, **_as_dict(now, calendar)}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print([now], calendar)


def _tell_off(settings: Settings) -> None:
    if not settings.attendance:
        remedy = "`kiosk settings set attendance=true` counts visits from the next start on."
        click.echo(f"kiosk: attendance is off. {remedy}", err=True)


def _print(days: Sequence[AttendanceDay], calendar: Calendar) -> None:
    table = Table("day", "name", "first", "last", "hours", "visits", "note", box=None)
    for each in days:
        cells = (
            str(each.day),
            each.name,
            _clock(each.first, calendar),
            _clock(each.last, calendar),
            _hours(each),
            str(each.visits),
            _note(each, calendar),
        )
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


def _hours(day: AttendanceDay) -> str:
    if day.first is None or day.last is None:
        return ""
    return f"{(day.last - day.first) / timedelta(hours=1):.2f}"


def _clock(moment: datetime | None, calendar: Calendar) -> str:
    return "-" if moment is None else f"{calendar.local(moment):%H:%M}"


def _note(day: AttendanceDay, calendar: Calendar) -> str:
    word = day.corrected
    said = ["the clock was changed: check the times"] if day.clock_moved else []
    if word is not None:
        seen = f"{_clock(day.seen_first, calendar)} to {_clock(day.seen_last, calendar)}"
        said.append(f"corrected by {word.by}: {word.reason} (seen: {seen})")
    return "; ".join(said)


def _as_dict(day: AttendanceDay, calendar: Calendar) -> dict[str, Any]:
    def told(moment: datetime | None) -> str | None:
        return None if moment is None else calendar.local(moment).isoformat(timespec="seconds")

    return {
        "day": day.day.isoformat(),
        "name": day.name,
        "subject_id": day.subject_id,
        "first": told(day.first),
        "last": told(day.last),
        "seen_first": told(day.seen_first),
        "seen_last": told(day.seen_last),
        "visits": day.visits,
        "clock_moved": day.clock_moved,
        "corrections": [
            {
                "first": told(word.first),
                "last": told(word.last),
                "reason": word.reason,
                "by": word.by,
                "time": told(word.made),
            }
            for word in day.corrections
        ],
    }
