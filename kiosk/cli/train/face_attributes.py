"""`kiosk train face-attributes`: the network that estimates emotion, age and gender from a face."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FOLDER
from kiosk.cli.train.options import PATH, device_option, run_options, start_option, tell_end


@click.command("face-attributes")
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=PATH,
    help="Index CSV with the column file and at least one of emotion, age and gender; pictures, "
    "each cut to one face, beside it or in a ZIP of its name. Repeatable.",
)
@start_option
@click.option(
    "--teacher",
    type=PATH,
    help="face-attributes.safetensors of an earlier run: what it says of faces without an emotion "
    "is learnt too, so that sharp pictures are read like the small ones that emotions are known "
    "from.",
)
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for aligned faces  [default: cache in --out]"
)
@device_option
@run_options(epochs=30, patience=10, kept_out="faces")
def face_attributes(
    data: tuple[Path, ...],
    start: Path | None,
    teacher: Path | None,
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
    kiosk train face-attributes --data fer2013/train.csv --data utkface/train.csv \\
      --start run/face-attributes.safetensors --teacher run/face-attributes.safetensors --out more/
    """
    from rich.console import Console

    from kiosk.training.attributes.face import FaceAttributeRecipeConfig
    from kiosk.training.attributes.face_run import AttributeSources, train_face_attributes
    from kiosk.training.loop import RunOptions, device_choice

    options = RunOptions(out, device_choice(device), epochs, resume, seed, patience)
    sources = AttributeSources(data, cache or out / "cache", start, teacher)
    config = FaceAttributeRecipeConfig()
    path, outcome = train_face_attributes(sources, config, options, Console(stderr=True))
    tell_end(path, outcome)
