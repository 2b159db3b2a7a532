"""`kiosk train calibration`: comparison scores to likelihood ratios that mean what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from kiosk.cli.out_folder import OUT_FILE, OUT_FOLDER
from kiosk.core.errors import InputError, StorageError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.training.calibration.scores import Fit

_PATH = click.Path(path_type=Path)


@click.command()
@click.option(
    "--data",
    type=_PATH,
    required=True,
    help="Folder with faces/lfw (people), faces/utkface (strangers with a group) and voices/*.",
)
@click.option("--out", type=OUT_FILE, help="Write the tables for the manifest into this file.")
@click.option(
    "--manifest", type=OUT_FILE, help="Put them into this manifest, e.g. weights/manifest.toml."
)
@click.option(
    "--development",
    type=OUT_FILE,
    help="Keep how scores are spread in this file, e.g. weights/development.json; the settings "
    "page tells by it what thresholds mean.",
)
@click.option("--model", "models", multiple=True, help="Only this recogniser; repeatable.")
@click.option(
    "--group",
    default="asian",
    show_default=True,
    help="Strangers of whom a face's ratio must not say too much; 'none': faces/lfw alone.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(4), help="A quick sample of about N files a set.")
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for embeddings  [default: in your cache folder]"
)
@click.option("--no-cache", is_flag=True, help="Keep no embedding on disk.")
@click.pass_obj
def calibration(
    settings: Settings,
    /,
    data: Path,
    out: Path | None,
    manifest: Path | None,
    development: Path | None,
    models: tuple[str, ...],
    group: str,
    seed: int,
    limit: int | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Fit how much a comparison score says, for every recogniser that is present.

    Scores are made as the kiosk makes them: probes pooled from one to five samples against one to
    five templates. Half of the people, chosen by a hash, are used; `kiosk evaluate table` reports
    on the other half. Strangers of one group bound the ratio of faces, because at an average over
    all groups the group that looks most alike to the network would be over-trusted.

    \b
    kiosk train calibration --data ../shared/data --out calibration.toml
    kiosk train calibration --data ../shared/data --model face-own --manifest weights/manifest.toml
    """
    from kiosk.evaluation.extraction import load_models
    from kiosk.evaluation.extraction.context import open_workshop
    from kiosk.evaluation.extraction.embedding_cache import default_folder
    from kiosk.evaluation.tables.table import find_data
    from kiosk.training.calibration.fit import as_toml
    from kiosk.training.calibration.scores import fit_face, fit_voice

    console = Console(stderr=True)
    load_models.check_names(models)
    found = find_data(data, limit)
    context = open_workshop(settings, None if no_cache else cache or default_folder(), console)
    tables: dict[str, str] = {}

    def keep(name: str, fit: Fit) -> None:
        tables[name] = as_toml(name, fit.calibration, fit.comments())
        click.echo(tables[name])
        if development is not None:
            _keep(development, name, fit)

    with context.store:
        wanted = None if group == "none" else group
        if found.identities is not None:
            for face in load_models.faces(settings, console, models):
                people, strangers = found.identities, found.strangers
                keep(face.name, fit_face(face, people, strangers, wanted, context, seed))
        if found.voices:
            for voice in load_models.voices(settings, console, models):
                keep(voice.name, fit_voice(voice, found.voices, context, seed))
    _write(tables, out, manifest)


def _keep(file: Path, name: str, fit: Fit) -> None:
    from kiosk.inference.manifest import find_entry
    from kiosk.recognition.development_scores import save_scores

    try:
        save_scores(file, name, find_entry(name).sha256, fit.development)
    except OSError as error:
        raise StorageError(
            f"The spread of scores cannot be written: {error.strerror}.", "Name another file."
        ) from error


def _write(tables: dict[str, str], out: Path | None, manifest: Path | None) -> None:
    from kiosk.training.calibration.fit import with_calibration

    if not tables:
        raise InputError("There was nothing to calibrate.", "See `kiosk models list`.")
    try:
        if out is not None:
            out.write_text("\n".join(tables.values()), encoding="utf-8")
        if manifest is not None:
            text = manifest.read_text(encoding="utf-8")
            for name, table in tables.items():
                text = with_calibration(text, name, table)
            manifest.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The calibration cannot be written: {error.strerror}.", "Name another file."
        ) from error
