"""`kiosk train pad`: the network that tells a face from a picture of one."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.out_folder import OUT_FOLDER
from kiosk.cli.train.options import PATH, run_options, tell_end


@click.command()
@click.option(
    "--data",
    multiple=True,
    type=PATH,
    help="Presentations of people and of attacks: an index, or a checkout of a public collection; "
    "see kiosk evaluate pad. Repeatable.",
)
@click.option(
    "--living",
    multiple=True,
    type=PATH,
    help="Pictures of living faces: a folder per person or an index CSV. Repeatable.",
)
@click.option(
    "--teacher", required=True, type=PATH, help="The published 2.7_80x80_MiniFASNetV2.pth."
)
@click.option(
    "--published",
    is_flag=True,
    help="Learn nothing: write the published layers as they are, as shipped.",
)
@click.option(
    "--close",
    type=PATH,
    help="With --published: facenox's best_model.onnx, for the network that sees the face alone.",
)
@click.option(
    "--samples",
    type=click.IntRange(128),
    default=6144,
    show_default=True,
    help="Samples drawn, half of them living.",
)
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for faces and samples  [default: cache in --out]"
)
@run_options(epochs=20, patience=8, kept_out="people")
def pad(
    data: tuple[Path, ...],
    living: tuple[Path, ...],
    teacher: Path,
    published: bool,
    close: Path | None,
    samples: int,
    out: Path,
    cache: Path | None,
    epochs: int,
    resume: bool,
    seed: int,
    patience: int,
) -> None:
    """Train the network that tells a face from paper, screens and cut-outs.

    Its upper layers learn from real attacks and from attacks simulated with every living face; the
    lower ones stay as published. People whom `kiosk evaluate pad --people measure` judges are left
    out. Faces and samples are kept in --cache; a run that was stopped goes on where it was. The
    run's folder holds curve.csv, curve.png, checkpoint.pt and at the end face-pad.safetensors.

    What was taught on few devices did worse on others than the published layers: look at `kiosk
    evaluate pad --people choose` before a run is used. With --published nothing is learnt.

    \b
    kiosk train pad --data nuaa/ --data phones/ --living utkface/train.csv \\
      --teacher 2.7_80x80_MiniFASNetV2.pth --out run/
    kiosk train pad --data nuaa/ --teacher 2.7_80x80_MiniFASNetV2.pth --out run/ --resume
    kiosk train pad --published --teacher 2.7_80x80_MiniFASNetV2.pth --close best_model.onnx \\
      --out run/
    """
    from rich.console import Console

    from kiosk.core.errors import InputError
    from kiosk.training.loop import RunOptions
    from kiosk.training.pad.recipe import PadRecipeConfig
    from kiosk.training.pad.run import PadSources, train_pad, write_close, write_published

    if published:
        click.echo(f"{write_published(teacher, out)}: the published layers, nothing learnt")
        if close is not None:
            click.echo(f"{write_close(close, out)}: the published layers, nothing learnt")
        return
    if close is not None:
        raise InputError("Of the closer look nothing is taught.", "Give --published as well.")
    if not data:
        raise InputError("There is nothing to learn from.", "Give --data, or --published.")
    options = RunOptions(out, "cpu", epochs, resume, seed, patience)
    sources = PadSources(data, living, teacher, cache or out / "cache")
    config = PadRecipeConfig(samples=samples)
    path, outcome = train_pad(sources, config, options, Console(stderr=True))
    tell_end(path, outcome)
