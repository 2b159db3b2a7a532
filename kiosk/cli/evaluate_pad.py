"""`kiosk evaluate pad`: how well attacks are told from living people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.out_folder import OUT_FOLDER, check_folder
from kiosk.core.scoring import PAIR_LLR
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from kiosk.core.progress import Bar
    from kiosk.datasets.presentations import PadPresentation
    from kiosk.evaluation.pad.protocol import Examiner, Judged

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("data", nargs=-1, required=True, type=_PATH)
@click.option(
    "--seconds",
    type=click.FloatRange(0.5, 30),
    default=2.0,
    show_default=True,
    help="How long each presentation is looked at, from the first usable face.",
)
@click.option(
    "--pictures",
    type=click.IntRange(1),
    help="Judge by so few sharp pictures, where a collection holds one or two a second  "
    "[default: as at the kiosk, 5].",
)
@click.option("--compose", is_flag=True, help="Make attacks from the bona fide clips as well.")
@click.option(
    "--voices",
    multiple=True,
    type=_PATH,
    help="With --compose: speakers who are given to the people without sound, and heard "
    "beside those of others; repeatable.",
)
@click.option(
    "--people",
    type=click.Choice(["all", "choose", "measure"]),
    default="all",
    show_default=True,
    help="measure: nothing was learnt from them or chosen by them; choose: networks and settings "
    "are chosen by them.",
)
@click.option("--out", type=OUT_FOLDER, help="Write report.html, .json, .md and figures here.")
@click.option("--development", "development_file", type=_PATH, help="Keep the scores here.")
@click.option("--force", is_flag=True, help="Write into --out even if it is not empty.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(1), help="Only every so manieth presentation.")
@click.pass_obj
def pad(
    settings: Settings,
    /,
    data: tuple[Path, ...],
    seconds: float,
    pictures: int | None,
    compose: bool,
    voices: tuple[Path, ...],
    people: str,
    out: Path | None,
    development_file: Path | None,
    force: bool,
    as_json: bool,
    seed: int,
    limit: int | None,
) -> None:
    """Presentation attacks: APCER of each kind, BPCER by group, IAPAR (ISO/IEC 30107-3).

    DATA is a CSV, or a folder with index.csv, with the columns file and kind (bona_fide, or a word
    for the attack) and perhaps subject, device, group and presentation (pictures with the same word
    are one presentation); or a checkout of a public collection (kiosk/datasets/attack_collections).
    Clips and series of five pictures or more are judged as at the kiosk,
    single pictures by the picture network alone. --compose makes stills and moved photographs from
    the clips of living people, and shows stills, photographs and films of them while others speak:
    there whoever is shown is enrolled with face and voice, the decision is by both, and who is
    asked to turn the head (setting liveness_request) and does not is not checked. Of people
    who are shown alive without sound the recorded attacks are shown like that too, with --voices.

    \b
    kiosk evaluate pad attacks/index.csv --out report/
    kiosk evaluate pad clips/index.csv --compose --seconds 3
    kiosk evaluate pad faces/index.csv --compose --voices speakers/ --seconds 3
    kiosk evaluate pad nuaa/ --compose --voices speakers/
    kiosk evaluate pad nuaa/ phones/ --people measure --out report/
    kiosk evaluate pad replay/ --people measure --seconds 2.1 --pictures 3 --out report/
    """
    from rich.console import Console

    from kiosk.core.progress import Bar
    from kiosk.datasets.attack_collections import (
        is_for_choosing,
        is_kept_from_pad,
        presentations_at,
    )
    from kiosk.evaluation.pad.protocol import examine
    from kiosk.evaluation.pad.report import pad_report
    from kiosk.evaluation.reporting.report import (
        as_json as json_of,
    )
    from kiosk.evaluation.reporting.report import print_report, write_report
    from kiosk.recognition.liveness_policy import MIN_PICTURES

    console = Console(stderr=True)
    if out is not None:
        check_folder(out, force=force)
    every = [shown for path in data for shown in presentations_at(path)]
    wanted = {"measure": is_kept_from_pad, "choose": is_for_choosing}.get(people)
    kept = [one for one in every if wanted is None or wanted(one)]
    shown = kept[:: limit or 1]
    least = pictures or MIN_PICTURES
    long = [one for one in shown if one.clip or len(one.items) >= least]
    short = [one for one in shown if one not in long]
    examiner = _examiner(settings, seconds, least, console)
    with Bar(console, "presentations", len(long)) as bar:
        watched = _watched(long, bar)
        judged = list(examine(examiner, watched, compose=compose, seed=seed))
    if compose:
        judged += _foreign(examiner, shown, voices, settings, seed, console)
    singles = [single for one in short for single in examiner.single(one)]
    facts = {
        "command": "kiosk evaluate pad",
        "data": ", ".join(path.parent.name if path.suffix else path.name for path in data),
        "people": people,
        "seconds": f"{seconds:g}",
        "judged by pictures, at least": str(least),
        "presentations": f"{len(judged)} judged, {len(singles)} single pictures",
        "could not be read": str(examiner.unread),
        "seed": str(seed),
    }
    report = pad_report(judged, singles, examiner.policy.threshold, facts, seed)
    if as_json:
        click.echo(json_of(report), nl=False)
    else:
        print_report(report, Console())
    if development_file is not None:
        _keep(development_file, judged)
    if out is not None:
        written = write_report(report, out)
        console.print(f"{len(written)} files are in {out}.", markup=False, highlight=False)


def _foreign(
    examiner: Examiner,
    shown: Sequence[PadPresentation],
    voices: Sequence[Path],
    settings: Settings,
    seed: int,
    console: Console,
) -> list[Judged]:
    """Everybody shown while others speak."""
    from kiosk.core.progress import Bar
    from kiosk.datasets.collections import Kind, read_collection
    from kiosk.evaluation.pad.foreign_voices import ForeignVoices, chimeric, recorded, talkers
    from kiosk.recognition.turn_request import RequestWish
    from kiosk.runtime.policy import policy

    speakers = [read_collection(path).of(Kind.SOUND) for path in voices]
    groups = (
        talkers(examiner, shown),
        chimeric(examiner, shown, speakers, seed),
        recorded(examiner, shown, speakers, seed),
    )
    rule, total = policy(settings), sum(map(len, groups))
    requests = RequestWish(settings.liveness_request) is not RequestWish.NEVER
    found: list[Judged] = []
    with Bar(console, "people beside others' voices", total) as bar:
        before = 0
        for group in groups:
            tell = partial(_tell_person, bar, total, before)
            kiosk = ForeignVoices(examiner, rule, seed, requests=requests)
            found += kiosk.judge(group, tell)
            before += len(group)
    return found


def _tell_person(bar: Bar, total: int, before: int, number: int) -> None:
    bar.tell(before + number, total, "")


def _keep(file: Path, judged: Sequence[Judged]) -> None:
    """The scores from which the setting `photograph_passes_once_in` is told."""
    from kiosk.core.errors import InputError
    from kiosk.evaluation.pad.figures import development
    from kiosk.recognition.pad_operating_point import save_pad_development
    from kiosk.runtime.policy import pad_models_key

    found = development(judged)
    if found is None:
        raise InputError(
            "There are no photographs or no living people to derive a setting from.",
            "Give presentations of kind bona_fide, and print or screen_still.",
        )
    save_pad_development(file, pad_models_key(), found)


def _watched(shown: Sequence[PadPresentation], bar: Bar) -> Iterator[PadPresentation]:
    """The presentations, living people first so that they enrol; the bar follows."""
    for done, one in enumerate(sorted(shown, key=lambda one: not one.bona_fide)):
        bar.tell(done, len(shown), "")
        yield one


def _examiner(settings: Settings, seconds: float, pictures: int, console: Console) -> Examiner:
    from kiosk.evaluation.pad.protocol import Examiner
    from kiosk.runtime.composition import build_models, build_pad_models
    from kiosk.runtime.policy import liveness_policy

    return Examiner(
        build_models(settings),
        build_pad_models(settings),
        replace(liveness_policy(settings), min_pictures=pictures),
        seconds,
        settings.min_llr or PAIR_LLR,
        lambda text: console.print(text, markup=False, highlight=False),
    )
