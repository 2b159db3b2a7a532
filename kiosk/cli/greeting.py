"""`kiosk greeting`: a line for one person, shown with their result."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kiosk.core.attendance import read_day
from kiosk.core.declared.uses import common_greeting
from kiosk.core.greetings import Greeting, made_greeting
from kiosk.core.settings import Settings
from kiosk.runtime import composition

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def greeting() -> None:
    """A line of greeting for one person, shown with their result to them alone.

    Lines are shown where the setting `greetings` is on. The line for everybody is a setting:
    `kiosk settings set greeting="..."`, with `greeting_until` or `greeting_once`.

    \b
    Examples:
      kiosk greeting set "Kim Minjun" "Your parcel is at the desk." --once
      kiosk greeting set "Kim Minjun" "Happy birthday!" --until 2026-12-01
      kiosk greeting list
      kiosk greeting clear "Kim Minjun"
    """


@greeting.command("set")
@click.argument("name")
@click.argument("text")
@click.option("--once", is_flag=True, help="On one visit alone.")
@click.option("--until", metavar="YYYY-MM-DD", help="The last day.")
@_as_json
@click.pass_obj
def set_line(
    settings: Settings, name: str, text: str, once: bool, until: str | None, as_json: bool
) -> None:
    """Give a person a line, in the place of the one before.

    \b
    Example:
      kiosk greeting set "Kim Minjun" "Your parcel is at the desk." --once
    """
    line = made_greeting(text, once=once, until=None if until is None else read_day(until))
    with composition.open_gallery(settings) as gallery:
        subject = gallery.subject(name)
        gallery.set_greeting(subject.name, line)
    _tell_off(settings)
    if as_json:
        click.echo(json.dumps(_as_dict(subject.name, line), ensure_ascii=False))
    else:
        click.echo(f"{subject.name} is greeted {_how(line)}.")


@greeting.command()
@click.argument("name")
@_as_json
@click.pass_obj
def clear(settings: Settings, name: str, as_json: bool) -> None:
    """Take a person's line away.

    \b
    Example:
      kiosk greeting clear "Kim Minjun"
    """
    with composition.open_gallery(settings) as gallery:
        subject = gallery.subject(name)
        there = gallery.greeting_of(subject.subject_id) is not None
        if there:
            gallery.set_greeting(subject.name, None)
    if as_json:
        click.echo(json.dumps({"name": subject.name, "cleared": there}, ensure_ascii=False))
    else:
        what = "has no line any more" if there else "had no line"
        click.echo(f"{subject.name} {what}.")


@greeting.command("list")
@_as_json
@click.pass_obj
def list_lines(settings: Settings, as_json: bool) -> None:
    """Everybody's line, and the one for everybody.

    \b
    Example:
      kiosk greeting list --json
    """
    with composition.open_gallery(settings) as gallery:
        found: list[tuple[str | None, Greeting]] = [
            (subject.name, line) for subject, line in gallery.greetings()
        ]
    common = common_greeting(settings)
    if common is not None:
        found.insert(0, (None, common))
    _tell_off(settings)
    if as_json:
        told = [_as_dict(name, line) for name, line in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif found:
        table = Table("for", "line", "shown", box=None)
        for name, line in found:
            table.add_row(*(Text(each) for each in (name or "everybody", line.text, _how(line))))
        Console().print(table)
    else:
        click.echo("Nobody has a line.", err=True)


def _how(line: Greeting) -> str:
    if line.once:
        return "once"
    return f"until {line.until}" if line.until else "on every visit"


def _as_dict(name: str | None, line: Greeting) -> dict[str, Any]:
    until = line.until.isoformat() if line.until else None
    return {"name": name, "text": line.text, "once": line.once, "until": until}


def _tell_off(settings: Settings) -> None:
    if not settings.greetings:
        remedy = "`kiosk settings set greetings=true` shows them from the next start on."
        click.echo(f"kiosk: greetings are off. {remedy}", err=True)
