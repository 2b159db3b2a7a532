"""`kiosk fleet status`: how this kiosk and every other stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kiosk.cli.fleet.common import as_json_option, own_line
from kiosk.core.errors import KnownError
from kiosk.core.fleet import KioskLine, Outcome
from kiosk.core.settings import Settings
from kiosk.core.status import Light
from kiosk.runtime import composition

_OUTCOMES = {
    Outcome.RENAMED: "the name was somebody else's by then and became {}",
    Outcome.OVERTOOK: "another kiosk had given the name {} meanwhile; yours holds",
    Outcome.GONE: "somebody you changed had been removed at another kiosk",
}

_SAID = {str(Light.RED): "out of order", str(Light.AMBER): "to be seen to"}
"""What a kiosk says of itself, where that is not that all is well."""


@click.command()
@as_json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How this kiosk stands with its fleet, and every kiosk of its sites with it.

    Exit code 0 if nothing is missing anywhere, 20 if something is, 6 if the server does not answer;
    what is known here is told all the same.

    \b
    kiosk fleet status --json
    """
    from kiosk.runtime.fleet.sync import load_membership
    from kiosk.storage.sqlite import fleet_state

    settings: Settings = ctx.obj
    lines: list[KioskLine] = []
    problem: KnownError | None = None
    with composition.open_gallery(settings) as gallery:
        member = load_membership(gallery)
        waiting = fleet_state.waiting(gallery.database)
        current = fleet_state.current_since(gallery.database)
        notices = fleet_state.notices(gallery.database)
        try:
            with own_line(settings, gallery) as line:
                lines = line.overview()
        except KnownError as error:
            problem = error
    here = {
        "name": member.name,
        "privacy": member.privacy.value,
        "waiting": waiting.count,
        "oldest": waiting.oldest,
        "current": current,
        "notices": [{"what": each.outcome, "text": each.text} for each in notices],
        "problem": str(problem) if problem else None,
    }
    if as_json:
        kiosks = [asdict(each) for each in lines]
        click.echo(json.dumps({"here": here, "kiosks": kiosks}, default=str, ensure_ascii=False))
    else:
        _tell_here(member.name, waiting, current, notices)
        _tell_kiosks(lines)
    if problem is not None:
        raise problem
    behind = [each for each in lines if _amiss(each)]
    ctx.exit(20 if behind or waiting.count or notices else 0)


def _tell_here(name: str, waiting: Any, current: Any, notices: Any) -> None:
    click.echo(f"This kiosk is {name}. {waiting.count} changes are still to be told.")
    for site, time in current.items():
        age = _ago(time) if time else "never yet"
        click.echo(f"  {site}: everything was here {age}")
    for each in notices:
        click.echo(f"  {each.time.astimezone():%F %T} {_OUTCOMES[each.outcome].format(each.text)}")


def _tell_kiosks(lines: list[KioskLine]) -> None:
    if not lines:
        return
    table = Table(
        "kiosk", "sites", "contact", "behind", "to tell", "unconfirmed", "people", "", box=None
    )
    for each in lines:
        cells = (
            each.name,
            ", ".join(each.sites),
            _ago(each.contact) if each.contact else "never",
            each.behind,
            each.waiting if each.waiting is not None else "?",
            each.unconfirmed,
            each.people if each.people is not None else "?",
            _remark(each),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table)


def _remark(line: KioskLine) -> str:
    if line.destroyed:
        return f"revoked, key destroyed {_ago(line.destroyed)}"
    if line.revoked:
        return "revoked, not heard of since"
    if line.left:
        return f"left {_ago(line.left)}"
    if not line.joined:
        return "invited"
    if line.skew is not None and abs(line.skew) > 300:
        return f"clock {line.skew / 3600:+.1f} h"
    return _SAID.get(line.light, "")


def _amiss(line: KioskLine) -> bool:
    if line.left or (line.revoked and line.destroyed):
        return False
    amiss = line.behind or line.unconfirmed or line.revoked or not line.joined
    return bool(amiss) or line.light == Light.RED


def _ago(time: datetime) -> str:
    seconds = max(0, int((datetime.now(UTC) - time).total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} seconds ago"
