"""`kiosk evaluate visit` and `ancestor`: whole visits, enrolled and identified as at the kiosk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kiosk.cli.evaluate_options import (
    PATH,
    Options,
    common_options,
    facts_of,
    publish,
    read_data,
)
from kiosk.cli.out_folder import check_folder
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.evaluation.protocols.attempts import Person
    from kiosk.evaluation.reporting.report import Report


@click.command()
@click.argument("data", type=PATH)
@click.option("--voices", type=PATH, help="Speakers to pair with the people of DATA (chimeric).")
@click.option("--visits", type=click.IntRange(1), default=3, show_default=True, help="A person.")
@common_options
@click.pass_obj
def visit(
    settings: Settings, /, data: Path, voices: Path | None, visits: int, **given: Any
) -> None:
    """Whole visits: enrolled and identified as at the kiosk, and once more as strangers.

    A person with one clip is enrolled from its first half and visits in the second; with several
    clips the first enrols; pictures and sounds are shared out. Face, voice and fused.

    \b
    kiosk evaluate visit pictures/ --voices speakers/ --visits 1
    """
    options, console = Options(**given), Console(stderr=True)
    people = _people(data, voices, visits, options)
    name = data.name if voices is None else f"{data.name} and {voices.name}, chimeric"
    facts = facts_of("visit", name, options, people=str(len(people)))
    publish(_run_visits(settings, people, facts, options, console), options, console)


@click.command()
@click.argument("data", type=PATH)
@click.option("--voices", type=PATH, help="Speakers to pair with the people of DATA (chimeric).")
@click.option("--people", "count", type=click.IntRange(2), default=7, show_default=True)
@click.option("--samples", type=click.IntRange(1), default=10, show_default=True, help="A person.")
@click.option("--sample", type=PATH, help="Identify this one recording among the people of DATA.")
@common_options
@click.pass_obj
def ancestor(
    settings: Settings,
    /,
    data: Path,
    voices: Path | None,
    count: int,
    samples: int,
    sample: Path | None,
    **given: Any,
) -> None:
    """The ancestor's test: seven people, ten samples each; accuracy by face, by voice and fused.

    Accuracy is the share of samples whose first candidate is right. A clip of which there is only
    one gives ten overlapping samples from its second half. --sample identifies one file.

    \b
    kiosk evaluate ancestor clips/ --json
    kiosk evaluate ancestor clips/ --sample clips/somebody.mpg
    """
    options, console = Options(**given), Console(stderr=True)
    people = _people(data, voices, samples, options)[:count]
    name = data.name if voices is None else f"{data.name} and {voices.name}, chimeric"
    facts = facts_of("ancestor", name, options, people=str(len(people)), samples=str(samples))
    if sample is not None:
        _identify_one(settings, people, sample, options, console)
        return
    publish(_run_visits(settings, people, facts, options, console), options, console)


def _people(data: Path, voices: Path | None, visits: int, options: Options) -> list[Person]:
    from kiosk.evaluation.protocols.attempts import chimeric_people, people_of

    collection = read_data(data, options.limit)
    if voices is None:
        return people_of(collection, visits)
    return chimeric_people(collection, read_data(voices, options.limit), options.seed, visits)


@contextmanager
def _session(settings: Settings, console: Console) -> Iterator[Any]:
    from kiosk.evaluation.protocols.visits import temporary_session
    from kiosk.runtime import composition
    from kiosk.runtime.policy import policy

    models = composition.build_models(settings)
    with temporary_session(models, policy(settings), settings) as session:
        session.tell = lambda text: console.print(text, markup=False, highlight=False)
        yield session


def _run_visits(
    settings: Settings,
    people: list[Person],
    facts: dict[str, str],
    options: Options,
    console: Console,
) -> Report:
    from kiosk.core.progress import track
    from kiosk.evaluation.extraction.load_models import with_models
    from kiosk.evaluation.protocols.visits import run_people, visit_report

    if options.out is not None:
        check_folder(options.out, force=options.force)
    chosen = with_models(settings, options.models)
    numbers = range(len(people))
    with _session(chosen, console) as session:
        enrolling = track(numbers, "enrolling", console)
        visiting = track(numbers, "visits", console)
        results = run_people(session, people, visiting, enrolling)
        models = f"{session.models.face.model_id}, {session.models.voice.model_id}"
        return visit_report(session, results, facts | {"models": models}, options.seed)


def _identify_one(
    settings: Settings,
    people: list[Person],
    sample: Path,
    options: Options,
    console: Console,
) -> None:
    from kiosk.evaluation.extraction.load_models import with_models
    from kiosk.evaluation.protocols.attempts import Attempt
    from kiosk.evaluation.protocols.visits import identify_one

    found = read_data(sample.parent, None)
    items = tuple(item for item in found.items if item.path.name == sample.name)
    if not items:
        raise InputError(f"{sample.name} is no picture, sound or clip.", "Give a recording.")
    with _session(with_models(settings, options.models), console) as session:
        answers = identify_one(session, people, Attempt(items[:1]))
    as_json = json.dumps([asdict(answer) for answer in answers], ensure_ascii=False)
    click.echo(as_json if options.as_json else "\n".join(map(str, answers)))
