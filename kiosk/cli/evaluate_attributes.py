"""`kiosk evaluate attributes`: how well emotion, age and gender are estimated."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from kiosk.cli.out_folder import OUT_FOLDER, check_folder
from kiosk.core.errors import InputError
from kiosk.core.estimates import Channel
from kiosk.core.settings import Settings
from kiosk.datasets.collections import shared_data

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("data", type=_PATH, nargs=-1)
@click.option(
    "--shared", type=_PATH, help="Folder with faces/ and voices/  [default: ../shared/data]"
)
@click.option(
    "--channel", "names", multiple=True, metavar="NAME", help="Only this channel; repeatable."
)
@click.option("--out", type=OUT_FOLDER, help="Write report.html, .json, .md and figures here.")
@click.option("--force", is_flag=True, help="Write into --out even if it is not empty.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(4), help="A quick sample of about N files a set.")
@click.option(
    "--cache", type=OUT_FOLDER, help="Folder for estimates  [default: in your cache folder]"
)
@click.option("--no-cache", is_flag=True, help="Keep no estimate on disk.")
@click.pass_obj
def attributes(
    settings: Settings,
    /,
    data: tuple[Path, ...],
    shared: Path | None,
    names: tuple[str, ...],
    out: Path | None,
    force: bool,
    as_json: bool,
    seed: int,
    limit: int | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Emotion: accuracy, macro-F1, unweighted recall, confusion; age: MAE, share within five years,
    coverage of the 80 % interval; gender: accuracy; each by age, gender and race where known.

    DATA are index CSVs with the column file and emotion, age or gender, or a folder per person
    beside gender.csv (columns name and gender). Without DATA the test sets of the shared recordings
    are judged. Faces go through the kiosk's own search and alignment; pictures cut so tightly that
    the search finds nothing are taken for one face. Estimates are cached by content and model.

    \b
    kiosk evaluate attributes --out report/
    kiosk evaluate attributes people.csv --channel face --json
    """
    from kiosk.evaluation.attributes.channels import AttributeRun, judge_all
    from kiosk.evaluation.attributes.report import attributes_report
    from kiosk.evaluation.extraction.context import open_workshop
    from kiosk.evaluation.extraction.embedding_cache import default_folder
    from kiosk.evaluation.reporting.report import as_json as json_of
    from kiosk.evaluation.reporting.report import print_report, write_report

    console = Console(stderr=True)
    channels = _channels(names)
    if out is not None:
        check_folder(out, force=force)
    context = open_workshop(settings, None if no_cache else cache or default_folder(), console)
    with context.store:
        run = AttributeRun(settings, context, shared or shared_data(), data, limit)
        sets = judge_all(run, channels)
    named = ", ".join(path.name for path in data) or "test sets of the shared recordings"
    facts = {"command": "kiosk evaluate attributes", "data": named, "seed": str(seed)}
    report = attributes_report(sets, facts, seed)
    report.numbers["skipped"] = dict(context.tally.reasons)
    if as_json:
        click.echo(json_of(report), nl=False)
    else:
        print_report(report, Console())
    if out is not None:
        written = write_report(report, out)
        console.print(f"{len(written)} files are in {out}.", markup=False, highlight=False)


def _channels(names: tuple[str, ...]) -> list[Channel]:
    from kiosk.evaluation.attributes.channels import CHANNELS

    unknown = [name for name in names if name not in {str(known) for known in CHANNELS}]
    if unknown:
        raise InputError(f"There is no channel {unknown[0]!r}.", f"Known: {', '.join(CHANNELS)}.")
    return [channel for channel in CHANNELS if not names or str(channel) in names]
