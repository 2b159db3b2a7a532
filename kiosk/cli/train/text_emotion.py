"""`kiosk train text-emotion`: the network that estimates the emotion of a sentence."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.train.options import PATH, run_options, tell_end


@click.command("text-emotion")
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=PATH,
    help="TSV file of sentences: text, labels, id with the numbers of GoEmotions' seven emotions, "
    "or id, text, labels with the numbers of KOTE's 44. Repeatable.",
)
@run_options(epochs=2, patience=5, kept_out="sentences")
def text_emotion(
    data: tuple[Path, ...], out: Path, epochs: int, resume: bool, seed: int, patience: int
) -> None:
    """Train the estimate of emotion from text, Korean and English.

    One comment of KOTE in five, by its number, is never trained on but left for
    `kiosk evaluate attributes`. Some of the other sentences are held out: they choose the epoch,
    and probabilities are calibrated on them. The run's folder holds curve.csv, curve.png,
    checkpoint.pt and at the end text-emotion.safetensors. It needs a processor alone.

    \b
    kiosk train text-emotion --data goemotions_ekman_train.tsv --data kote_val.tsv --out run/
    """
    from rich.console import Console

    from kiosk.training.loop import RunOptions
    from kiosk.training.text.run import train_text_emotion

    options = RunOptions(out, "cpu", epochs, resume, seed, patience)
    path, outcome = train_text_emotion(data, options, Console(stderr=True))
    tell_end(path, outcome)
