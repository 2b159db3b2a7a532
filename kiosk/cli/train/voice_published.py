"""`kiosk train voice-published`: the published CAM++ as the kiosk's own file of weights."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FOLDER
from kiosk.cli.train.options import PATH


@click.command("voice-published")
@click.option("--start", type=PATH, required=True, help="The published campplus_cn_en_common.pt.")
@click.option(
    "--moods",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="A collection, as for `kiosk train voice`, of people who speak in several moods. "
    "Repeatable.",
)
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="A collection of other people, for the cohort: best nobody who is calibrated or measured "
    "on. Repeatable.",
)
@click.option("--out", required=True, type=OUT_FOLDER, help="Folder for the weights.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def voice_published(
    start: Path, moods: tuple[str, ...], data: tuple[str, ...], out: Path, seed: int
) -> None:
    """Make voice-campplus.safetensors out of the published network.

    Its normalisations are folded into its layers, which changes no answer; what is learnt is how a
    voice changes with its mood, which counts less from then on, and a cohort. Half of the people of
    each collection of moods, chosen by a hash, teach that; the other half is for the calibration,
    which comes afterwards: `kiosk train calibration`.

    \b
    kiosk train voice-published --start campplus_cn_en_common.pt --moods actors/ \
      --data words/ --out run/
    """
    from rich.console import Console

    from kiosk.training.voice.published import adopt

    click.echo(str(adopt(start, moods, data, out, Console(stderr=True), seed)))
