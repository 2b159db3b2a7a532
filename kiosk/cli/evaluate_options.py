"""What the commands of `kiosk evaluate` share: options, data, what is measured with, reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kiosk.cli.out_folder import OUT_FOLDER, check_folder
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.datasets.collections import Collection
    from kiosk.evaluation.extraction.extract import ExtractionContext
    from kiosk.evaluation.reporting.report import Report

PATH = click.Path(path_type=Path)
_COMMON: list[Callable[[Any], Any]] = [
    click.option("--out", type=OUT_FOLDER, help="Write report.html, .json, .md and figures here."),
    click.option("--force", is_flag=True, help="Write into --out even if it is not empty."),
    click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON."),
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
    click.option("--limit", type=click.IntRange(4), help="A quick sample of about N files a set."),
    click.option(
        "--cache",
        type=OUT_FOLDER,
        help="Folder for embeddings, kept private  [default: in your cache folder]",
    ),
    click.option("--no-cache", is_flag=True, help="Keep no embedding on disk."),
    click.option("--model", "models", multiple=True, help="Only this recogniser; repeatable."),
]


def common_options(command: Any) -> Any:
    """Give a command the options that all have."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


@dataclass(frozen=True)
class Options:
    """The common options."""

    out: Path | None
    force: bool
    as_json: bool
    seed: int
    limit: int | None
    cache: Path | None
    no_cache: bool
    models: tuple[str, ...]


@contextmanager
def workshop(settings: Settings, options: Options, console: Console) -> Iterator[ExtractionContext]:
    """What recordings are embedded with, its cache open; whether --out may be written is seen
    before anything is measured. Raises InputError."""
    from kiosk.evaluation.extraction.context import open_workshop
    from kiosk.evaluation.extraction.embedding_cache import default_folder
    from kiosk.evaluation.extraction.load_models import check_names

    check_names(options.models)
    if options.out is not None:
        check_folder(options.out, force=options.force)
    folder = None if options.no_cache else options.cache or default_folder()
    context = open_workshop(settings, folder, console)
    with context.store:
        yield context


def facts_of(command: str, data: str, options: Options, **more: str) -> dict[str, str]:
    """What was measured; folders by their last name only."""
    limited = f", limited to about {options.limit} files a set" if options.limit else ""
    return {"command": f"kiosk evaluate {command}", "data": data + limited, **more} | {
        "seed": str(options.seed)
    }


def publish(report: Report, options: Options, console: Console) -> None:
    """Print a report, and write it where --out says."""
    from kiosk.evaluation.reporting.report import as_json, print_report, write_report

    if options.as_json:
        click.echo(as_json(report), nl=False)
    else:
        print_report(report, Console())
    if options.out is not None:
        written = write_report(report, options.out)
        console.print(f"{len(written)} files are in {options.out}.", markup=False, highlight=False)


def read_data(data: Path, limit: int | None) -> Collection:
    """The recordings of a folder or index. Raises InputError."""
    from kiosk.datasets.collections import read_collection

    return read_collection(data).limited(limit)


def gallery_sizes(text: str) -> tuple[int, ...]:
    """The numbers of --sizes, ascending. Raises InputError."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 1 for part in parts):
        raise InputError(f"--sizes {text} is not a list of numbers.", "Write --sizes 10,100.")
    return tuple(sorted({int(part) for part in parts}))
