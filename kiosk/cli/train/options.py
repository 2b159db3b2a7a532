"""What the training commands ask for alike, and what they say at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from kiosk.cli.out_folder import OUT_FOLDER

PATH = click.Path(path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


class Ended(Protocol):
    """How a run ended (`kiosk.training.loop.Outcome`, which would load torch for `--help`)."""

    @property
    def best_epoch(self) -> int:
        """The epoch that is kept."""

    @property
    def epochs(self) -> int:
        """How many there were."""

    @property
    def stopped_early(self) -> bool:
        """Whether patience ran out."""


def run_options(*, epochs: int, patience: int, kept_out: str) -> Callable[[Command], Command]:
    """--out, --epochs, --resume, --seed and --patience; `kept_out` names what stopping looks at."""
    options = (
        click.option(
            "--out", required=True, type=OUT_FOLDER, help="Folder of this run: weights and curves."
        ),
        click.option("--epochs", type=click.IntRange(1), default=epochs, show_default=True),
        click.option(
            "--resume", is_flag=True, help="Go on after the last finished epoch in --out."
        ),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
        click.option(
            "--patience",
            type=click.IntRange(1),
            default=patience,
            show_default=True,
            help=f"Stop after so many epochs without gain on {kept_out} held out.",
        ),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


start_option = click.option("--start", type=PATH, help="Weights of an earlier run to go on from.")
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)


def tell_end(path: Path, outcome: Ended) -> None:
    """One line: where the weights are and which epoch they come from."""
    early = ", stopped early" if outcome.stopped_early else ""
    click.echo(f"{path}: best epoch {outcome.best_epoch} of {outcome.epochs}{early}")
