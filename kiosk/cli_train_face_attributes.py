"""`kiosk train face-attributes`: the network that estimates emotion, age and gender from a face."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command("face-attributes")
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=_PATH,
    help="Index CSV with the column file and at least one of emotion, age and gender; pictures, "
    "each cut to one face, beside it or in a ZIP of its name. Repeatable.",
)
@click.option("--start", type=_PATH, help="Weights of an earlier run to go on from.")
@click.option("--out", required=True, type=_PATH, help="Folder of this run: weights and curves.")
@click.option("--cache", type=_PATH, help="Folder for aligned faces  [default: cache in --out]")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
@click.option("--epochs", type=click.IntRange(1), default=30, show_default=True)
@click.option("--resume", is_flag=True, help="Go on after the last finished epoch in --out.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--patience",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Stop after so many epochs without gain on faces held out.",
)
def face_attributes(
    data: tuple[Path, ...],
    start: Path | None,
    out: Path,
    cache: Path | None,
    device: str,
    epochs: int,
    resume: bool,
    seed: int,
    patience: int,
) -> None:
    """Train the estimates of emotion, age and gender from faces.

    Emotions are happiness, anger, disgust, fear, neutral, sadness and surprise; genders male and
    female; ages in years. Faces are aligned once and kept in --cache; what cannot be used is named.
    Some faces are held out: they choose the epoch, and probabilities are calibrated on them. The
    run's folder holds curve.csv, curve.png, checkpoint.pt and at the end
    face-attributes.safetensors.

    \b
    kiosk train face-attributes --data fer2013/train.csv --data utkface/train.csv --out run/
    kiosk train face-attributes --data utkface/train.csv --out run/ --resume
    """
    from rich.console import Console

    from kiosk.training.face_attributes import FaceAttributeRecipeConfig
    from kiosk.training.face_attributes_run import AttributeSources, train_face_attributes
    from kiosk.training.loop import RunOptions, device_choice

    options = RunOptions(out, device_choice(device), epochs, resume, seed, patience)
    sources = AttributeSources(data, cache or out / "cache", start)
    config = FaceAttributeRecipeConfig()
    path, outcome = train_face_attributes(sources, config, options, Console(stderr=True))
    early = ", stopped early" if outcome.stopped_early else ""
    click.echo(f"{path}: best epoch {outcome.best_epoch} of {outcome.epochs}{early}")
