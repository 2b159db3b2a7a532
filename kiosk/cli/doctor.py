"""`kiosk doctor`: what works here, what does not, and how to mend it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kiosk.runtime.checks import Finding, State, examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """See what works here, what does not, and how to mend it.

    Looks at Python and its packages, processors, weights, gallery and key, events, disk, cameras,
    microphones and the screen. Exit code 0 if all that is needed is there; a missing camera,
    microphone or screen is only noted, for recordings and --headless do without.

    \b
    Examples:
      kiosk doctor
      kiosk doctor --json | jq -r '.[] | select(.state != "ok") | .remedy'
    """
    findings = examine(ctx.obj)
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2))
    else:
        _print(findings)
    ctx.exit(1 if any(f.state is State.WRONG for f in findings) else 0)


def _print(findings: list[Finding]) -> None:
    colours = {State.OK: "green", State.NOTE: "yellow", State.WRONG: "red"}
    table = Table("", "what", "found", box=None, pad_edge=False)
    for finding in findings:
        found = Text(finding.found)
        if finding.remedy and finding.state is not State.OK:
            found.append(f"\n{finding.remedy}", style="bold")
        table.add_row(Text(finding.state.value, style=colours[finding.state]), finding.what, found)
    Console().print(table)
