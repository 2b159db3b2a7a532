"""`kiosk audit`: the record of what was done."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click

from kiosk.cli.out_folder import OUT_FILE
from kiosk.core.errors import InputError, StorageError
from kiosk.core.ports.audit import Entry
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from kiosk.storage.keys.private import put_private

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def audit() -> None:
    """See and check the record of what was done.

    Every decision, enrolment, change, export, log-in and setting has a line, chained to the one
    before. It holds numbers of subjects and of staff, never names, pictures or embeddings.

    \b
    Examples:
      kiosk audit verify
      kiosk audit show --last 20
      kiosk audit export record.csv
    """


@audit.command()
@_as_json
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Look whether the record is whole and ends where the anchor outside the gallery says.

    Exit code 6 if it was changed, shortened, or an older gallery was put back.

    \b
    Example:
      kiosk audit verify
    """
    with composition.open_gallery(settings) as gallery:
        found = gallery.trail_problems()
        lines = gallery.trail(1)
    count = lines[-1].number if lines else 0
    if as_json:
        click.echo(json.dumps({"lines": count, "problems": found}, indent=2))
    else:
        for line in found:
            click.echo(line)
    if found:
        raise StorageError(
            f"The record is not whole: {len(found)} findings.",
            "Keep gallery and anchor as they are, and compare them with your copies.",
        )
    if not as_json:
        click.echo(f"The record is whole: {count} lines.")


@audit.command()
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="Lines.")
@_as_json
@click.pass_obj
def show(settings: Settings, last: int, as_json: bool) -> None:
    """The newest lines, oldest first.

    \b
    Examples:
      kiosk audit show
      kiosk audit show --last 500 --json | jq 'select(.act == "exported")'
    """
    with composition.open_gallery(settings) as gallery:
        entries = gallery.trail(last)
    for entry in entries:
        if as_json:
            click.echo(json.dumps(_as_dict(entry), ensure_ascii=False))
        else:
            moment = entry.time.isoformat(timespec="seconds")
            click.echo(f"{entry.number:7}  {moment}  {entry.act:18} {_words(entry)}")


@audit.command()
@click.argument("file", type=OUT_FILE)
@_as_json
@click.pass_obj
def export(settings: Settings, file: Path, as_json: bool) -> None:
    """Write the whole record into FILE (.csv or .jsonl), never over another file.

    \b
    Example:
      kiosk audit export record.csv
    """
    if file.suffix not in (".csv", ".jsonl"):
        raise InputError(f"{file} is neither .csv nor .jsonl.", "Name the file so.")
    with composition.open_gallery(settings) as gallery:
        entries = gallery.trail()
    text = _csv(entries) if file.suffix == ".csv" else _lines(entries)
    try:
        written = put_private(file, text, replace=False)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.", "Check it.") from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file.")
    facts = {"file": str(file), "lines": len(entries)}
    click.echo(json.dumps(facts) if as_json else f"Wrote {len(entries)} lines to {file}.")


def _as_dict(entry: Entry) -> dict[str, Any]:
    return {
        "line": entry.number,
        "time": entry.time.isoformat(),
        "act": entry.act,
        "facts": None if entry.facts is None else dict(entry.facts),
    }


def _words(entry: Entry) -> str:
    if entry.facts is None:
        return "(forgotten by rule)"
    told = {name: value for name, value in entry.facts.items() if value is not None}
    return "  ".join(f"{name} {_word(value)}" for name, value in told.items())


def _word(value: object) -> str:
    return f"{len(value)} lines" if isinstance(value, list) else str(value)


def _lines(entries: list[Entry]) -> str:
    return "".join(json.dumps(_as_dict(each), ensure_ascii=False) + "\n" for each in entries)


def _csv(entries: list[Entry]) -> str:
    from io import StringIO

    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["line", "time", "act", "facts"])
    for each in entries:
        writer.writerow([each.number, each.time.isoformat(), each.act, _words(each)])
    return out.getvalue()
