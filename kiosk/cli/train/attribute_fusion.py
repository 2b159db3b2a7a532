"""`kiosk train attribute-fusion`: how much each channel counts in a fused estimate."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from kiosk.cli.out_folder import OUT_FOLDER
from kiosk.core.errors import StorageError
from kiosk.core.settings import Settings

_PATH = click.Path(path_type=Path)


@click.command("attribute-fusion")
@click.option(
    "--shared",
    required=True,
    type=_PATH,
    help="Folder with faces/, voices/ and text/, whose test sets are used.",
)
@click.option(
    "--out", required=True, type=OUT_FOLDER, help="Folder for attribute-fusion.safetensors."
)
@click.option("--count", type=click.IntRange(100), default=2100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(4), help="A quick sample of about N files a set.")
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for estimates  [default: in your cache folder]"
)
@click.option("--no-cache", is_flag=True, help="Keep no estimate on disk.")
@click.pass_obj
def attribute_fusion(
    settings: Settings,
    /,
    shared: Path,
    out: Path,
    count: int,
    seed: int,
    limit: int | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Fit how face, voice and text are put together, on people that trained no network.

    No recordings here have all three with labels, so faces, voices and texts of different people
    with the same emotion (age, gender) are paired: chimeric people. Half of the people, chosen by a
    hash, are used; `kiosk evaluate attributes` reports on the other half. Needs the shipped
    networks; takes minutes the first time, for every recording is estimated once and kept.

    \b
    kiosk train attribute-fusion --shared ../shared/data --out run/
    """
    from kiosk.datasets.splits import Half
    from kiosk.evaluation.attributes.channels import AttributeRun
    from kiosk.evaluation.attributes.fusion import chimeras, pools
    from kiosk.evaluation.extraction.context import open_workshop
    from kiosk.evaluation.extraction.embedding_cache import default_folder
    from kiosk.inference.attribute_fusion import NAME, save_fusion
    from kiosk.training.calibration.attribute_fusion import fit_all, told

    console = Console(stderr=True)
    context = open_workshop(settings, None if no_cache else cache or default_folder(), console)
    with context.store:
        sets = pools(AttributeRun(settings, context, shared, (), limit), Half.CALIBRATE)
    made = {name: chimeras(sets, name, count, seed) for name in ("emotion", "age", "gender")}
    for name, pairs in made.items():
        console.print(f"{name}: {pairs.notes if pairs else 'one channel alone'}", highlight=False)
    fusion = fit_all(sets, made)
    path = out / f"{NAME}.safetensors"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(save_fusion(fusion))
    except OSError as error:
        raise StorageError(
            f"{out} cannot be written: {error.strerror}.", "Name another."
        ) from error
    for line in told(fusion):
        click.echo(line)
    click.echo(path)
