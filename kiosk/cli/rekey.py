"""`kiosk gallery rekey`: templates that may have leaked are revoked."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from kiosk.core.progress import Bar, Counted
from kiosk.core.settings import Settings
from kiosk.runtime import composition

_HEADINGS = (
    "Model",
    "Templates",
    "Scores moved by",
    "Old with new, highest",
    "mean",
    "Two people, highest",
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def rekey(settings: Settings, as_json: bool) -> None:
    """Revoke templates that may have leaked: turn every one by a new key.

    Nobody is enrolled again and no score changes; what leaked before resembles nobody here any
    more. Safe while the kiosk runs; cut off at any moment, the old key or the new one is in force.
    Copies of the gallery and of its keys from before are worthless then: make new ones.
    docs/security.md says what it cannot do.

    Prints for up to 1000 templates of each model: the largest change of a score between two of
    them, the cosines of each template as it was with itself as it is now, and, to hold that
    against, the highest between two people.

    \b
    Examples:
      kiosk gallery rekey
      kiosk gallery rekey --json
    """
    with (
        composition.open_gallery(settings) as opened,
        Bar(Console(stderr=True), "turning", 1.0, counted=Counted.SHARE) as bar,
    ):
        found = opened.rekey(bar.tell)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    if found:
        table = Table(box=None, pad_edge=False)
        for heading in _HEADINGS:
            table.add_column(heading, overflow="fold")
        for each in found:
            table.add_row(
                each.model_id,
                str(each.count),
                f"{each.moved:.5f}",
                f"{each.old_new:.2f}",
                f"{each.old_new_mean:.3f}",
                "" if each.strangers is None else f"{each.strangers:.2f}",
            )
        Console(markup=False, highlight=False).print(table)
    click.echo("The templates have a new key. Make new copies: `kiosk key backup FILE`, and")
    click.echo("`kiosk gallery backup FOLDER`; older ones cannot be put back any more.")
