"""`kiosk evaluate`: how well the recognisers do, on your own people or on the shared recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kiosk.cli.evaluate_attributes import attributes
from kiosk.cli.evaluate_options import (
    PATH,
    Options,
    common_options,
    facts_of,
    gallery_sizes,
    publish,
    read_data,
    workshop,
)
from kiosk.cli.evaluate_pad import pad
from kiosk.cli.evaluate_tables import decision, table
from kiosk.cli.evaluate_visits import ancestor, visit
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.datasets.collections import Collection
    from kiosk.evaluation.extraction.extract import ExtractionContext


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
evaluate.add_command(visit)
evaluate.add_command(ancestor)
evaluate.add_command(table)
evaluate.add_command(decision)


@evaluate.command()
@click.argument("data", type=PATH)
@common_options
@click.pass_obj
def verification(settings: Settings, /, data: Path, **given: Any) -> None:
    """One comparison at a time: EER, TAR at FAR 1 % and 0.1 %, false matches by group.

    With pairs.csv the comparisons it names (and folds, if it has them), else every two files. A
    file without a face or speech counts as rejected.

    \b
    kiosk evaluate verification people/ --out report/
    """
    from kiosk.evaluation.protocols.verification import group_rates, verification_report, verify

    options, console = Options(**given), Console(stderr=True)
    collection = read_data(data, options.limit)
    with workshop(settings, options, console) as context:
        found, groups = {}, {}
        for name, samples, part in _samples(settings, collection, options, context):
            found[name] = verify(samples, part, options.seed)
            groups[name] = group_rates(samples, found[name].threshold, options.seed)
        report = verification_report(found, groups, facts_of("verification", data.name, options))
        report.numbers["skipped"] = dict(context.tally.reasons)
    publish(report, options, console)


def _samples(
    settings: Settings,
    collection: Collection,
    options: Options,
    context: ExtractionContext,
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
@click.argument("data", type=PATH)
@click.option(
    "--sizes", default="10,100,1000", show_default=True, help="Gallery sizes, as the data allow."
)
@common_options
@click.pass_obj
def identification(settings: Settings, /, data: Path, sizes: str, **given: Any) -> None:
    """Closed set: rank 1; open set: FNIR at FPIR 1 % and 0.3 %, by gallery size.

    One file of a person is enrolled and another searched; people with a single file are strangers.

    \b
    kiosk evaluate identification people/ --sizes 10,100 --out report/
    """
    from kiosk.evaluation.protocols.identification import identification_report, identify

    options, console = Options(**given), Console(stderr=True)
    wanted = gallery_sizes(sizes)
    collection = read_data(data, options.limit)
    with workshop(settings, options, console) as context:
        found = {
            name: identify(samples, wanted, options.seed)
            for name, samples, _ in _samples(settings, collection, options, context)
        }
        report = identification_report(found, facts_of("identification", data.name, options))
        report.numbers["skipped"] = dict(context.tally.reasons)
    publish(report, options, console)


@evaluate.command()
@click.argument("data", type=PATH)
@click.option("--swaps", "count", type=click.IntRange(10), default=500, show_default=True)
@common_options
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

    options, console = Options(**given), Console(stderr=True)
    pictures = read_data(data, options.limit).of(Kind.PICTURE)
    with workshop(settings, options, console) as context:
        found, people = {}, 0
        for face in load_models.faces(settings, context.console, options.models):
            if face.calibration is not None:
                samples = face_samples(pictures, face.embedder, context)
                ratio = face_ratio(samples, face.calibration)
                found[face.name] = run_swaps(samples, ratio, count, options.seed)
                people = samples.people
        report = swaps_report(found, people, facts_of("swaps", data.name, options), options.seed)
        report.numbers["skipped"] = dict(context.tally.reasons)
    publish(report, options, console)
