"""`kiosk train voice-calm`: how high an emotion of a voice has to be before it is told."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FILE


@click.command("voice-calm")
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="Recordings in which nobody plays anything: readings, talks. Repeatable.",
)
@click.option("--out", required=True, type=OUT_FILE, help="File of weights to write.")
def voice_calm(data: tuple[str, ...], out: Path) -> None:
    """Fit from where on an emotion of a voice is sure, on people who play none.

    The network of the kiosk is taken as it is; eight recordings of each speaker are heard as they
    are, by telephone and with an echo. Of these one in thirty may be told as an emotion.

    \b
    kiosk train voice-calm --data librispeech_en/ --data pansori_ko/ --out voice.safetensors
    """
    from rich.console import Console

    from kiosk.training.attributes.voice_calm import calibrate

    click.echo(f"{calibrate(data, out, Console(stderr=True))}")
