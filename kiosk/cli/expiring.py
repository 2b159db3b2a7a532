"""`kiosk gallery expiring`: who is going to be deleted, told before it happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from kiosk.core.errors import SettingsError
from kiosk.core.expiry import WARNED_DAYS, ExpiryRule
from kiosk.core.settings import Settings
from kiosk.runtime import composition


@click.command()
@click.option("--days", type=click.IntRange(0, 3650), default=WARNED_DAYS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def expiring(settings: Settings, days: int, as_json: bool) -> None:
    """Who will be deleted within so many days by expire_unseen_days and expire_enrolled_days.

    A visit in which they are identified, or a new consent at a re-registration, keeps them.

    \b
    Examples:
      kiosk gallery expiring
      kiosk gallery expiring --days 30 --json
    """
    rule = ExpiryRule.of(settings)
    if settings.expire_unseen_days > settings.keep_days:
        raise SettingsError(
            f"expire_unseen_days is {settings.expire_unseen_days}, and visits are only known for "
            f"keep_days, which is {settings.keep_days}: nobody is deleted by it.",
            "Make it no longer than keep_days.",
            key="expire_unseen_days",
        )
    with composition.open_gallery(settings) as opened:
        soon = rule.ending(opened.summaries(), datetime.now(UTC) + timedelta(days=days))
    if as_json:
        told = [{"name": who.subject.name, "deleted": end.isoformat()} for end, who in soon]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not rule.wanted:
        click.echo("Nobody expires: expire_unseen_days and expire_enrolled_days are 0.", err=True)
        return
    table = Table("Name", "Deleted from", box=None, pad_edge=False)
    for end, who in soon:
        table.add_row(who.subject.name, f"{end:%Y-%m-%d}")
    if soon:
        Console(markup=False, highlight=False).print(table)
    else:
        click.echo(f"Nobody expires within {days} days.", err=True)
