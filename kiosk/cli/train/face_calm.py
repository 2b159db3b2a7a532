"""`kiosk train face-calm`: how high an emotion of a face has to be before it is told."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FILE


@click.command("face-calm")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="Index CSV with emotions, the first of those `train face-attributes` was given.",
)
@click.option("--out", required=True, type=OUT_FILE, help="File of weights to write.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="That of the training."
)
def face_calm(data: Path, out: Path, seed: int) -> None:
    """Fit from where on an emotion of a face is sure, on neutral faces.

    The network of the kiosk is taken as it is. Of the faces that were kept out of its training the
    neutral ones are looked at as they are, in less light and out of focus; of these one in thirty
    may be told as an emotion.

    \b
    kiosk train face-calm --data fer2013/train.csv --out face-attributes.safetensors
    """
    from rich.console import Console

    from kiosk.training.attributes.face_calm import calibrate

    click.echo(f"{calibrate(data, seed, out, Console(stderr=True))}")
