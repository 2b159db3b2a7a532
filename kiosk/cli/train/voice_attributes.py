"""`kiosk train voice-attributes`: what estimates emotion, age and gender from a voice."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FOLDER

_PATH = click.Path(path_type=Path)


@click.command("voice-attributes")
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="Folder with index.csv: columns file, speaker and any of emotion, age and gender. "
    "Repeatable.",
)
@click.option(
    "--out", required=True, type=OUT_FOLDER, help="Folder of this run: weights and curves."
)
@click.option("--cache", type=OUT_FOLDER, help="Folder for features  [default: cache in --out]")
@click.option("--epochs", type=click.IntRange(1), default=25, show_default=True)
@click.option("--resume", is_flag=True, help="Go on after the last finished epoch in --out.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def voice_attributes(
    data: tuple[str, ...], out: Path, cache: Path | None, epochs: int, resume: bool, seed: int
) -> None:
    """Train the estimates of emotion, age and gender from voices.

    Emotions are happiness, anger, disgust, fear, neutral, sadness and surprise; others count as
    unknown. Features are computed once and kept in --cache; what cannot be used is named. One
    speaker in six is held out altogether; the others are each left out once, which gives the
    figures in crossed.json and calibrates the probabilities. The run's folder holds them,
    curve.csv, curve.png, checkpoint.pt and at the end voice-attributes.safetensors. It needs a
    processor alone.

    \b
    kiosk train voice-attributes --data actors/ --data talks=old/talks/ --out run/
    kiosk train voice-attributes --data actors/ --data talks=old/talks/ --out run/ --resume
    """
    from rich.console import Console

    from kiosk.training.attributes.voice_run import train_voice_attributes
    from kiosk.training.loop import RunOptions

    options = RunOptions(out, "cpu", epochs, resume, seed, patience=epochs)
    path, outcome = train_voice_attributes(
        data, cache or out / "cache", options, Console(stderr=True)
    )
    click.echo(f"{path}: {outcome.epochs} epochs")
