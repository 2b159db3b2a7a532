"""`kiosk train text-emotion`: the network that estimates the emotion of a sentence."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command("text-emotion")
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=_PATH,
    help="TSV file of sentences: text, labels, id with the numbers of GoEmotions' seven emotions, "
    "or id, text, labels with the numbers of KOTE's 44. Repeatable.",
)
@click.option("--out", required=True, type=_PATH, help="Folder of this run: weights and curves.")
@click.option("--epochs", type=click.IntRange(1), default=2, show_default=True)
@click.option("--resume", is_flag=True, help="Go on after the last finished epoch in --out.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--patience",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Stop after so many epochs without gain on sentences held out.",
)
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
    from kiosk.training.text_emotion_run import train_text_emotion

    options = RunOptions(out, "cpu", epochs, resume, seed, patience)
    path, outcome = train_text_emotion(data, options, Console(stderr=True))
    early = ", stopped early" if outcome.stopped_early else ""
    click.echo(f"{path}: best epoch {outcome.best_epoch} of {outcome.epochs}{early}")
