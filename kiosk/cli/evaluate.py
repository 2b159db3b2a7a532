"""`kiosk evaluate`: how well the recognisers do, on your own people or on the shared recordings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kiosk.cli.evaluate_attributes import attributes
from kiosk.cli.evaluate_pad import pad
from kiosk.cli.out_folder import OUT_FOLDER, check_folder
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings
from kiosk.datasets.collections import shared_data

if TYPE_CHECKING:
    from kiosk.datasets.collections import Collection
    from kiosk.evaluation.extraction.extract import ExtractionContext
    from kiosk.evaluation.protocols.attempts import Person
    from kiosk.evaluation.reporting.report import Report

_PATH = click.Path(path_type=Path)
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


def _common(command: Any) -> Any:
    for option in reversed(_COMMON):
        command = option(command)
    return command


@dataclass(frozen=True)
class _Options:
    """The common options."""

    out: Path | None
    force: bool
    as_json: bool
    seed: int
    limit: int | None
    cache: Path | None
    no_cache: bool
    models: tuple[str, ...]


@click.group()
def evaluate() -> None:
    """Measure how well people are recognised, with intervals.

    DATA is a folder with a folder per person (pictures, sounds or clips), an index CSV with the
    columns file and subject (perhaps group), or a folder with pairs.csv naming the comparisons.
    Broken files are named, skipped and counted. Reports name nobody.

    Embeddings are biometric data: they are cached in a folder only you can enter; --no-cache keeps
    none, --cache says where.

    \b
    kiosk evaluate verification people/ --out report/
    kiosk evaluate visit clips/ --limit 50
    """


evaluate.add_command(attributes)
evaluate.add_command(pad)


@contextmanager
def _workshop(
    settings: Settings, options: _Options, console: Console
) -> Iterator[ExtractionContext]:
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


def _facts(command: str, data: str, options: _Options, **more: str) -> dict[str, str]:
    """What was measured; folders by their last name only."""
    limited = f", limited to about {options.limit} files a set" if options.limit else ""
    return {"command": f"kiosk evaluate {command}", "data": data + limited, **more} | {
        "seed": str(options.seed)
    }


def _publish(report: Report, options: _Options, console: Console) -> None:
    from kiosk.evaluation.reporting.report import as_json, print_report, write_report

    if options.as_json:
        click.echo(as_json(report), nl=False)
    else:
        print_report(report, Console())
    if options.out is not None:
        written = write_report(report, options.out)
        console.print(f"{len(written)} files are in {options.out}.", markup=False, highlight=False)


def _read(data: Path, limit: int | None) -> Collection:
    from kiosk.datasets.collections import read_collection

    return read_collection(data).limited(limit)


@evaluate.command()
@click.argument("data", type=_PATH)
@_common
@click.pass_obj
def verification(settings: Settings, /, data: Path, **given: Any) -> None:
    """One comparison at a time: EER, TAR at FAR 1 % and 0.1 %, false matches by group.

    With pairs.csv the comparisons it names (and folds, if it has them), else every two files. A
    file without a face or speech counts as rejected.

    \b
    kiosk evaluate verification people/ --out report/
    """
    from kiosk.evaluation.protocols.verification import group_rates, verification_report, verify

    options, console = _Options(**given), Console(stderr=True)
    collection = _read(data, options.limit)
    with _workshop(settings, options, console) as context:
        found, groups = {}, {}
        for name, samples, part in _samples(settings, collection, options, context):
            found[name] = verify(samples, part, options.seed)
            groups[name] = group_rates(samples, found[name].threshold, options.seed)
        report = verification_report(found, groups, _facts("verification", data.name, options))
        report.numbers["skipped"] = dict(context.tally.reasons)
    _publish(report, options, console)


def _samples(
    settings: Settings, collection: Collection, options: _Options, context: ExtractionContext
) -> Iterator[tuple[str, Any, Collection]]:
    """Embeddings of the pictures by every face model and of the sounds by every voice model."""
    from kiosk.datasets.collections import Kind
    from kiosk.evaluation.extraction import load_models
    from kiosk.evaluation.extraction.extract import face_samples, voice_samples

    kinds = {item.kind for item in collection.items}
    if not kinds & {Kind.PICTURE, Kind.SOUND}:
        raise InputError(
            f"{collection.name} holds clips alone.", "Use `kiosk evaluate visit` for clips."
        )
    if Kind.PICTURE in kinds:
        pictures = collection.of(Kind.PICTURE)
        for face in load_models.faces(settings, context.console, options.models):
            yield face.name, face_samples(pictures, face.embedder, context), pictures
    if Kind.SOUND in kinds:
        sounds = collection.of(Kind.SOUND)
        for voice in load_models.voices(settings, context.console, options.models):
            yield voice.name, voice_samples(sounds, voice.embedder, context), sounds


@evaluate.command()
@click.argument("data", type=_PATH)
@click.option(
    "--sizes", default="10,100,1000", show_default=True, help="Gallery sizes, as the data allow."
)
@_common
@click.pass_obj
def identification(settings: Settings, /, data: Path, sizes: str, **given: Any) -> None:
    """Closed set: rank 1; open set: FNIR at FPIR 1 % and 0.3 %, by gallery size.

    One file of a person is enrolled and another searched; people with a single file are strangers.

    \b
    kiosk evaluate identification people/ --sizes 10,100 --out report/
    """
    from kiosk.evaluation.protocols.identification import identification_report, identify

    options, console = _Options(**given), Console(stderr=True)
    wanted = _sizes(sizes)
    collection = _read(data, options.limit)
    with _workshop(settings, options, console) as context:
        found = {
            name: identify(samples, wanted, options.seed)
            for name, samples, _ in _samples(settings, collection, options, context)
        }
        report = identification_report(found, _facts("identification", data.name, options))
        report.numbers["skipped"] = dict(context.tally.reasons)
    _publish(report, options, console)


@evaluate.command()
@click.argument("data", type=_PATH)
@click.option("--swaps", "count", type=click.IntRange(10), default=500, show_default=True)
@_common
@click.pass_obj
def swaps(settings: Settings, /, data: Path, count: int, **given: Any) -> None:
    """Somebody takes another's place: does a visit ever keep a sample of the second person?

    Pictures of two people follow each other as frames of one camera, without a gap and on one
    track, through the rule that tells visits apart. DATA holds pictures.

    \b
    kiosk evaluate swaps people/ --swaps 500 --model face-own
    """
    from kiosk.datasets.collections import Kind
    from kiosk.evaluation.extraction import load_models
    from kiosk.evaluation.extraction.extract import face_samples
    from kiosk.evaluation.protocols.swaps import face_ratio, run_swaps, swaps_report

    options, console = _Options(**given), Console(stderr=True)
    pictures = _read(data, options.limit).of(Kind.PICTURE)
    with _workshop(settings, options, console) as context:
        found, people = {}, 0
        for face in load_models.faces(settings, context.console, options.models):
            if face.calibration is not None:
                samples = face_samples(pictures, face.embedder, context)
                ratio = face_ratio(samples, face.calibration)
                found[face.name] = run_swaps(samples, ratio, count, options.seed)
                people = samples.people
        report = swaps_report(found, people, _facts("swaps", data.name, options), options.seed)
        report.numbers["skipped"] = dict(context.tally.reasons)
    _publish(report, options, console)


def _sizes(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 1 for part in parts):
        raise InputError(f"--sizes {text} is not a list of numbers.", "Write --sizes 10,100.")
    return tuple(sorted({int(part) for part in parts}))


@evaluate.command()
@click.argument("data", type=_PATH)
@click.option("--voices", type=_PATH, help="Speakers to pair with the people of DATA (chimeric).")
@click.option("--visits", type=click.IntRange(1), default=3, show_default=True, help="A person.")
@_common
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
    options, console = _Options(**given), Console(stderr=True)
    people = _people(data, voices, visits, options)
    name = data.name if voices is None else f"{data.name} and {voices.name}, chimeric"
    facts = _facts("visit", name, options, people=str(len(people)))
    _publish(_run_visits(settings, people, facts, options, console), options, console)


@evaluate.command()
@click.argument("data", type=_PATH)
@click.option("--voices", type=_PATH, help="Speakers to pair with the people of DATA (chimeric).")
@click.option("--people", "count", type=click.IntRange(2), default=7, show_default=True)
@click.option("--samples", type=click.IntRange(1), default=10, show_default=True, help="A person.")
@click.option("--sample", type=_PATH, help="Identify this one recording among the people of DATA.")
@_common
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
    options, console = _Options(**given), Console(stderr=True)
    people = _people(data, voices, samples, options)[:count]
    name = data.name if voices is None else f"{data.name} and {voices.name}, chimeric"
    facts = _facts("ancestor", name, options, people=str(len(people)), samples=str(samples))
    if sample is not None:
        _identify_one(settings, people, sample, options, console)
        return
    _publish(_run_visits(settings, people, facts, options, console), options, console)


def _people(data: Path, voices: Path | None, visits: int, options: _Options) -> list[Person]:
    from kiosk.evaluation.protocols.attempts import chimeric_people, people_of

    collection = _read(data, options.limit)
    if voices is None:
        return people_of(collection, visits)
    return chimeric_people(collection, _read(voices, options.limit), options.seed, visits)


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
    options: _Options,
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
    settings: Settings, people: list[Person], sample: Path, options: _Options, console: Console
) -> None:
    from kiosk.evaluation.extraction.load_models import with_models
    from kiosk.evaluation.protocols.attempts import Attempt
    from kiosk.evaluation.protocols.visits import identify_one

    found = _read(sample.parent, None)
    items = tuple(item for item in found.items if item.path.name == sample.name)
    if not items:
        raise InputError(f"{sample.name} is no picture, sound or clip.", "Give a recording.")
    with _session(with_models(settings, options.models), console) as session:
        answers = identify_one(session, people, Attempt(items[:1]))
    as_json = json.dumps([asdict(answer) for answer in answers], ensure_ascii=False)
    click.echo(as_json if options.as_json else "\n".join(map(str, answers)))


_SPEAKERS = click.option(
    "--speakers",
    type=click.Choice(["auto", "unseen", "all"]),
    default="auto",
    show_default=True,
    help="auto: of the development recordings those kept out of the training of the own voice "
    "model, of others everybody. unseen: the rule of the training in every set, for sets you have "
    "trained on.",
)
_CALIBRATION = click.option(
    "--calibration",
    type=click.Choice(["shipped", "fitted"]),
    default="shipped",
    show_default=True,
    help="fitted: on one half of the people, reported on the other.",
)


@evaluate.command()
@click.option(
    "--data", type=_PATH, help="Folder with faces/ and voices/  [default: ../shared/data]"
)
@_SPEAKERS
@_CALIBRATION
@click.option("--no-fusion-training", is_flag=True, help="Leave out feature-level fusion.")
@click.option(
    "--group",
    default="asian",
    show_default=True,
    help="With fitted calibrations, as for `kiosk train calibration`: strangers of whom a ratio "
    "must not say too much.",
)
@_common
@click.pass_obj
def table(
    settings: Settings,
    /,
    data: Path | None,
    speakers: str,
    calibration: str,
    no_fusion_training: bool,
    group: str,
    **given: Any,
) -> None:
    """Everything docs/accuracy.md says, in one run: every recogniser that is present.

    Faces: folds of LFW, false matches by group, identification by gallery size. Voices: EER by set
    and seconds of speech. Ratios by group of strangers. Chimeric users: face, voice, fused. The
    default decision. Cost. With --calibration fitted, calibration and feature-level fusion are
    fitted on one half of the people and reported on the other. Each stage is told as it begins.

    \b
    kiosk evaluate table --data shared/data --out report/
    """
    from kiosk.evaluation.extraction import load_models
    from kiosk.evaluation.tables.table import TableRun, find_data, run_table
    from kiosk.evaluation.tables.table_voices import Speakers
    from kiosk.runtime.policy import policy
    from kiosk.training.calibration.scores import joiner, with_half_calibrations

    options, console = _Options(**given), Console(stderr=True)
    fitted = calibration == "fitted"
    found = find_data(data or shared_data(), options.limit)
    with _workshop(settings, options, console) as context:
        faces = load_models.faces(settings, console, options.models)
        voices = load_models.voices(settings, console, options.models)
        if fitted:
            who = (found, group, context, options.seed)
            faces, voices = with_half_calibrations(faces, voices, *who)
        run = TableRun(
            faces,
            voices,
            found,
            context,
            options.seed,
            Speakers(speakers),
            policy(settings),
            joiner(found, context, options.seed, enabled=fitted and not no_fusion_training),
            fitted,
        )
        name = "the shared recordings" if data is None else data.name
        chosen = {"speakers": speakers, "calibration": calibration}
        report = run_table(run, _facts("table", name, options, **chosen))
    _publish(report, options, console)


@evaluate.command()
@click.option(
    "--data", type=_PATH, help="Folder with faces/lfw and voices/*  [default: ../shared/data]"
)
@click.option("--faces", "face_folder", type=_PATH, help="Judge these people by face instead.")
@click.option("--voices", "voice_folder", type=_PATH, help="Judge these speakers instead.")
@click.option("--fill", type=_PATH, help="People whose pictures only fill large galleries.")
@_SPEAKERS
@_CALIBRATION
@click.option("--sizes", default="10,29,100,1000,10000", show_default=True, help="Gallery sizes.")
@_common
@click.pass_obj
def decision(
    settings: Settings,
    /,
    data: Path | None,
    face_folder: Path | None,
    voice_folder: Path | None,
    fill: Path | None,
    speakers: str,
    calibration: str,
    sizes: str,
    **given: Any,
) -> None:
    """How often the default decision names strangers, and refuses or mistakes enrolled people.

    By face, by voice and by both (chimeric people), one and five samples of a probe and of an
    enrolment, for every gallery size that the data allow. Of the development speakers only those
    are judged whom no training heard; the shipped calibration has seen all of --data, the fitted
    one has not seen whom it is reported on. Of each person in --fill one picture is enrolled.

    \b
    kiosk evaluate decision --data shared/data --calibration fitted --out report/
    kiosk evaluate decision --faces people/ --voices speakers/
    """
    from kiosk.evaluation.protocols.decision import decision_report, run_cases
    from kiosk.evaluation.tables.table_voices import Speakers
    from kiosk.runtime.policy import policy
    from kiosk.training.calibration.judging import Asked, judged, with_thresholds

    options, console = _Options(**given), Console(stderr=True)
    wanted = _sizes(sizes)
    root = data if data or face_folder or voice_folder else shared_data()
    who = Speakers(speakers)
    asked = Asked(root, face_folder, voice_folder, options.limit, fill, who)
    with _workshop(settings, options, console) as context:
        fitted = calibration == "fitted"
        channels, scores = judged(
            settings, asked, context, options.seed, fitted=fitted, names=options.models
        )
        rule = with_thresholds(policy(settings), scores)
        rates = run_cases(channels, rule, wanted, options.seed)
        chosen = {"speakers": speakers, "calibration": calibration}
        facts = _facts("decision", asked.name, options, **chosen)
        report = decision_report(rates, rule.stranger_named_once_in, facts)
        report.numbers["skipped"] = dict(context.tally.reasons)
    _publish(report, options, console)
