"""`kiosk status`: green, amber or red, from what the running kiosk writes down."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from kiosk.core.settings import Settings
from kiosk.core.status import Light
from kiosk.runtime.status_file import KioskStatus, read_status, status_path

AMBER, RED, NOT_RUNNING = 20, 21, 22
_CODES = {Light.GREEN: 0, Light.AMBER: AMBER, Light.RED: RED}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How the kiosk that runs here is, and what to do about it.

    Exit codes: 0 green, 20 amber (it works, and somebody should look at it), 21 red (out of
    order), 22 no kiosk runs or it hangs. Reads what the screens write down every few seconds; needs
    neither passphrase nor key.

    \b
    Examples:
      kiosk status
      kiosk status --json | jq -r .verdict.light
    """
    settings: Settings = ctx.obj
    found = read_status(status_path(settings))
    running = found is not None and found.is_fresh(time.time())
    if as_json:
        told = asdict(found) if found is not None and running else {}
        click.echo(json.dumps({"running": running} | told))
    else:
        click.echo("\n".join(_lines(found if running else None)))
    ctx.exit(_CODES[found.verdict.light] if found is not None and running else NOT_RUNNING)


def _lines(found: KioskStatus | None) -> list[str]:
    from kiosk.runtime.verdict import LIGHTS, TROUBLES

    if found is None:
        return ["No kiosk runs here, or it hangs.", "Start it with `kiosk`; `kiosk doctor` looks."]
    light = found.verdict.light
    lines = [f"{light}: {LIGHTS[light].english}"]
    for trouble in found.verdict.troubles:
        what, remedy = TROUBLES[trouble]
        lines.append(f"  {what.english} {remedy.english}")
    if found.verdict.codes:
        lines.append(f"  faults: {', '.join(found.verdict.codes)}")
    hours, minutes = divmod(int(found.running_seconds // 60), 60)
    lines.append(f"running for {hours} h {minutes} min, {found.visits:,} visits decided")
    return [*lines, *_fleet_lines(found.fleet)]


def _fleet_lines(fleet: dict[str, Any] | None) -> list[str]:
    """How the kiosk stands with its fleet, if it is in one."""
    if not fleet:
        return []
    line = f"fleet: {fleet['state']}, {fleet['waiting']} to tell, {fleet['behind']} to take over"
    if fleet["contact"]:
        line += f", last contact {datetime.fromisoformat(fleet['contact']).astimezone():%F %T}"
    told = [fleet["problem"], fleet["remedy"]] if fleet["problem"] else []
    return [line, *(f"  {each}" for each in told)]
