"""`kiosk models`: which weights there are, getting more, and checking them."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from kiosk.core.errors import KnownError, ModelError
from kiosk.core.media import Modality
from kiosk.core.progress import Bar, Counted
from kiosk.core.settings import Settings
from kiosk.inference import download, manifest
from kiosk.inference.manifest import ModelEntry, Presence

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_WORDS = {
    Presence.READY: "ready",
    Presence.MISSING: "missing",
    Presence.DAMAGED: "DAMAGED",
}


@click.group()
def models() -> None:
    """See, get and check the weights of the networks.

    Nothing is ever downloaded unless `kiosk models fetch` is called.

    \b
    Examples:
      kiosk models list
      kiosk models fetch inception-vggface2
      kiosk models fetch edgeface-xs --from edgeface_xs_q.pt
      kiosk --set face_model=edgeface-xs --headless --source visit.mp4
    """


@models.command("list")
@_as_json
@click.pass_obj
def list_models(settings: Settings, as_json: bool) -> None:
    """Every model: what it is for, whether it is there, whether it is the one in use.

    Of its hash the beginning is shown; --json gives it whole.

    \b
    Examples:
      kiosk models list
      kiosk models list --json | jq -r '.[] | select(.state == "missing") | .remedy'
    """
    lines = [_facts(entry, settings) for entry in manifest.load_manifest().values()]
    in_use = _in_use(settings)
    for line in lines:
        line["in_use"] = line["name"] in in_use
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    columns = ("name", "for", "state", "in use", "size", "dims", "sha256", "licence", "about")
    table = Table(*columns, box=None, pad_edge=False)
    for line in lines:
        table.add_row(*_cells(line))
    Console(width=None if Console().is_terminal else 200).print(table)
    for line in lines:
        if line["state"] != "ready":
            click.echo(f"{line['name']} is {line['state']}: {line['remedy']}", err=True)


@models.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take this file instead of downloading; it is copied if its hash is right.",
)
@_as_json
@click.pass_obj
def fetch(settings: Settings, name: str, source: Path | None, as_json: bool) -> None:
    """Download NAME, or take it from a file; only a file with the right hash is kept.

    An interrupted download goes on where it stopped. Files go to the folder of the setting
    `models`.

    \b
    Examples:
      kiosk models fetch inception-vggface2
      kiosk models fetch edgeface-xs --from ~/Downloads/edgeface_xs_q.pt
    """
    entry = manifest.find_entry(name)
    with Bar(Console(stderr=True), name, entry.bytes or None, counted=Counted.BYTES) as bar:
        if source is not None:
            path = download.install(entry, source, settings, bar.tell)
        else:
            path = download.fetch(entry, settings, bar.tell)
    if as_json:
        facts = {"name": name, "file": str(path), "sha256": entry.sha256}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{name} is ready: {path}")


@models.command()
@_as_json
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Read every file that is there and compare its hash; exit code 5 if one is wrong.

    \b
    Examples:
      kiosk models verify
      kiosk models verify --json
    """
    manifest.forget_hashes()
    states = {
        name: manifest.presence(entry, settings) for name, entry in manifest.load_manifest().items()
    }
    if as_json:
        click.echo(json.dumps({name: state.value for name, state in states.items()}, indent=2))
    else:
        for name, state in states.items():
            click.echo(f"{name}: {_WORDS[state]}")
    wrong = [name for name, state in states.items() if state is Presence.DAMAGED]
    if wrong:
        hint = manifest.remedy(manifest.find_entry(wrong[0]))
        raise ModelError(f"Damaged or of another version: {', '.join(wrong)}.", hint)


def _facts(entry: ModelEntry, settings: Settings) -> dict[str, object]:
    state = manifest.presence(entry, settings)
    return {
        "name": entry.name,
        "role": entry.role.value,
        "modality": entry.modality.value if entry.modality else None,
        "state": state.value,
        "origin": entry.origin.value,
        "bytes": entry.bytes,
        "dims": entry.dims,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "input": entry.input,
        "calibrated": entry.fitted is not None,
        "measured": entry.measured,
        "about": entry.about,
        "remedy": "" if state is Presence.READY else manifest.remedy(entry),
    }


def _in_use(settings: Settings) -> set[str]:
    """The recognisers the settings choose; a modality without any adds nothing."""
    names = set()
    for modality in Modality:
        try:
            names.add(manifest.choose(settings, modality).name)
        except KnownError:
            continue
    return names


def _cells(line: dict[str, object]) -> list[str]:
    size = int(str(line["bytes"]))
    return [
        str(line["name"]),
        f"{line['modality'] or ''} {line['role']}".strip(),
        str(line["state"]),
        "yes" if line["in_use"] else "",
        f"{size / 1e6:.1f} MB" if size else "",
        str(line["dims"] or ""),
        str(line["sha256"])[: manifest.SHORT_HASH],
        str(line["licence"]),
        str(line["about"]),
    ]
