"""`kiosk gallery upgrade`: carry everybody over to another recogniser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from kiosk.core.errors import InputError, ModelError
from kiosk.core.media import Modality
from kiosk.core.ports.upgrade import UpgradeStore
from kiosk.core.settings import Settings
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.enrolment.picture_samples import PicturedGallery, pictured
from kiosk.inference import manifest
from kiosk.inference.manifest import ModelEntry
from kiosk.runtime import composition
from kiosk.runtime.model_coverage import choose_resident

if TYPE_CHECKING:
    from kiosk.storage import SqlGallery


@dataclass(frozen=True)
class _Way:
    """From one model to another."""

    modality: Modality
    old: str
    new: str
    people: int


@click.command()
@click.option("--from", "old", metavar="MODEL", help="The model to leave; by default any other.")
@click.option("--to", "new", metavar="MODEL", help="The model to go to; by default the one in use.")
@click.option("--dry-run", is_flag=True, help="Say who would be carried over; change nothing.")
@click.option("--pause", is_flag=True, help="Learn nothing from visits for now.")
@click.option("--resume", is_flag=True, help="Go on after --pause.")
@click.option("--rollback", is_flag=True, help="Put the old templates back in use.")
@click.option("--status", is_flag=True, help="Say how far it is.")
@click.option(
    "--pictures-suffice",
    is_flag=True,
    help="Carry over from a kept picture alone, without waiting for a visit.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def upgrade(settings: Settings, /, old: str | None, new: str | None, **options: Any) -> None:
    """Carry everybody over to another recogniser without losing anybody.

    Templates are of use only to the model that made them. New ones are made from kept pictures
    (keep_pictures) and from the next visits: the old model says who it is, the new one embeds the
    same samples. Until a person has a new set the old one counts, and the kiosk runs both models.
    Can be paused and taken back at any time; safe while the kiosk runs, which begins to learn at
    its next start.

    \b
    Examples:
      kiosk gallery upgrade --dry-run
      kiosk gallery upgrade
      kiosk gallery upgrade --from dlib-resnet --to face-own
      kiosk gallery upgrade --status
    """
    asked = [name for name in ("dry_run", "pause", "resume", "rollback", "status") if options[name]]
    if len(asked) > 1:
        raise InputError("These options exclude each other.", f"Give one of {', '.join(asked)}.")
    with composition.open_gallery(settings) as gallery:
        lines = _ACTIONS[asked[0] if asked else "start"](settings, gallery, old, new, options)
    _print(lines, as_json=options["as_json"])


Lines = list[dict[str, Any]]


def _start(
    settings: Settings,
    gallery: SqlGallery,
    old: str | None,
    new: str | None,
    options: dict[str, Any],
) -> Lines:
    begun = [
        gallery.begin_upgrade(way.modality, way.old, way.new)
        for way in _ways(settings, gallery, old, new)
    ]
    faces = [each for each in begun if each.modality is Modality.FACE]
    if faces:
        with _bar("looking at kept pictures") as tell:
            composition.learn_from_pictures(
                settings, gallery, faces, suffices=options["pictures_suffice"], tell=tell
            )
    numbers = {each.upgrade_id for each in begun}
    return [_facts(each) for each in gallery.upgrades() if each.upgrade_id in numbers]


def _dry_run(
    settings: Settings,
    gallery: PicturedGallery,
    old: str | None,
    new: str | None,
    _options: dict[str, Any],
) -> Lines:
    lines = []
    for way in _ways(settings, gallery, old, new):
        lines.append(
            {
                "modality": way.modality.value,
                "from": way.old,
                "to": way.new,
                "state": "would begin",
                "changed": 0,
                "waiting": way.people,
                "begun": 0,
                "pictures": len(pictured(gallery, way.modality, way.old, way.new)),
            }
        )
    return lines


def _set(state: UpgradeState) -> Callable[..., Lines]:
    def act(
        settings: Settings,
        gallery: UpgradeStore,
        old: str | None,
        new: str | None,
        _options: dict[str, Any],
    ) -> Lines:
        chosen = _chosen(gallery, old, new)
        for each in chosen:
            gallery.set_upgrade_state(each.upgrade_id, state)
        return _refreshed(gallery, chosen)

    return act


def _rollback(
    settings: Settings,
    gallery: UpgradeStore,
    old: str | None,
    new: str | None,
    _options: dict[str, Any],
) -> Lines:
    chosen = _chosen(gallery, old, new)
    for each in chosen:
        gallery.take_back(each.upgrade_id)
    return _refreshed(gallery, chosen)


def _status(
    settings: Settings,
    gallery: UpgradeStore,
    old: str | None,
    new: str | None,
    _options: dict[str, Any],
) -> Lines:
    return [_facts(each) for each in gallery.upgrades() if _is_meant(each, old, new)]


_ACTIONS: dict[str, Callable[..., Lines]] = {
    "start": _start,
    "dry_run": _dry_run,
    "pause": _set(UpgradeState.PAUSED),
    "resume": _set(UpgradeState.RUNNING),
    "rollback": _rollback,
    "status": _status,
}


def _ways(
    settings: Settings, gallery: UpgradeStore, old: str | None, new: str | None
) -> list[_Way]:
    """What there is to be done. Raises InputError where there is nothing."""
    ways = []
    for modality in Modality:
        target = _target(settings, modality, new)
        if target is None:
            continue
        holders = gallery.holders(modality)
        done = holders.get(target, frozenset())
        for model_id, people in sorted(holders.items()):
            left = len(people - done)
            if model_id != target and left and (old is None or _names(old, model_id)):
                ways.append(_Way(modality, model_id, target, left))
    if not ways:
        raise InputError(
            "There is nobody to carry over.",
            "`kiosk doctor` says which models people have templates of.",
        )
    return ways


def _target(settings: Settings, modality: Modality, new: str | None) -> str | None:
    """The `model_id` to go to in a modality; None if another modality is meant. Raises ModelError
    for weights that are not here, or whose scores are not calibrated."""
    if new is None:
        return choose_resident(settings, modality).model_id
    entry = manifest.find_entry(new.partition("@")[0])
    if entry.modality is not modality:
        return None
    return _calibrated_id(entry, manifest.locate(entry, settings))


def _calibrated_id(entry: ModelEntry, path: Path) -> str:
    """The `model_id` of weights that may decide. Raises ModelError for any others."""
    if entry.fitted is None:
        raise ModelError(
            f"{entry.name} has no calibration, so nobody could be identified by it.",
            "`kiosk models list` shows those that are calibrated.",
        )
    return manifest.model_id(entry, path)


def _chosen(gallery: UpgradeStore, old: str | None, new: str | None) -> list[ModelUpgrade]:
    """The upgrades in force that are meant. Raises InputError if there is none."""
    found = [
        each
        for each in gallery.upgrades()
        if each.state is not UpgradeState.ROLLED_BACK and _is_meant(each, old, new)
    ]
    if not found:
        raise InputError(
            "There is no such upgrade.", "`kiosk gallery upgrade --status` lists those there are."
        )
    return found


def _is_meant(upgrade: ModelUpgrade, old: str | None, new: str | None) -> bool:
    return (old is None or _names(old, upgrade.old)) and (new is None or _names(new, upgrade.new))


def _names(wanted: str, model_id: str) -> bool:
    """Whether a word of the operator means this model: its name, or name and hash."""
    return wanted in (model_id, model_id.partition("@")[0])


def _refreshed(gallery: UpgradeStore, some: list[ModelUpgrade]) -> Lines:
    numbers = {each.upgrade_id for each in some}
    return [_facts(each) for each in gallery.upgrades() if each.upgrade_id in numbers]


def _facts(upgrade: ModelUpgrade) -> dict[str, Any]:
    return {
        "modality": upgrade.modality.value,
        "from": upgrade.old,
        "to": upgrade.new,
        "state": "complete" if upgrade.complete else upgrade.state.value,
        "changed": upgrade.changed,
        "waiting": upgrade.waiting,
        "begun": upgrade.begun,
    }


def _print(lines: Lines, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for line in lines:
        pictures = f", {line['pictures']} with a kept picture" if "pictures" in line else ""
        click.echo(
            f"{line['modality']}: {line['from']} -> {line['to']}: {line['state']}; "
            f"{line['changed']} carried over, {line['waiting']} waiting for their next visits "
            f"({line['begun']} of them begun){pictures}"
        )
    if not lines:
        click.echo("No upgrade was ever begun.", err=True)


@contextmanager
def _bar(text: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, gone when the work is done."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)
