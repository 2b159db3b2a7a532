"""`kiosk evaluate table` and `decision`: what ships, on the development recordings or on others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from kiosk.cli.evaluate_options import (
    PATH,
    Options,
    common_options,
    facts_of,
    gallery_sizes,
    publish,
    workshop,
)
from kiosk.core.settings import Settings
from kiosk.datasets.collections import shared_data

if TYPE_CHECKING:
    pass

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


@click.command()
@click.option("--data", type=PATH, help="Folder with faces/ and voices/  [default: ../shared/data]")
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
@common_options
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

    options, console = Options(**given), Console(stderr=True)
    fitted = calibration == "fitted"
    found = find_data(data or shared_data(), options.limit)
    with workshop(settings, options, console) as context:
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
        report = run_table(run, facts_of("table", name, options, **chosen))
    publish(report, options, console)


@click.command()
@click.option(
    "--data", type=PATH, help="Folder with faces/lfw and voices/*  [default: ../shared/data]"
)
@click.option("--faces", "face_folder", type=PATH, help="Judge these people by face instead.")
@click.option("--voices", "voice_folder", type=PATH, help="Judge these speakers instead.")
@click.option("--fill", type=PATH, help="People whose pictures only fill large galleries.")
@_SPEAKERS
@_CALIBRATION
@click.option("--sizes", default="10,29,100,1000,10000", show_default=True, help="Gallery sizes.")
@common_options
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

    options, console = Options(**given), Console(stderr=True)
    wanted = gallery_sizes(sizes)
    root = data if data or face_folder or voice_folder else shared_data()
    who = Speakers(speakers)
    asked = Asked(root, face_folder, voice_folder, options.limit, fill, who)
    with workshop(settings, options, console) as context:
        fitted = calibration == "fitted"
        channels, scores = judged(
            settings, asked, context, options.seed, fitted=fitted, names=options.models
        )
        rule = with_thresholds(policy(settings), scores)
        rates = run_cases(channels, rule, wanted, options.seed)
        chosen = {"speakers": speakers, "calibration": calibration}
        facts = facts_of("decision", asked.name, options, **chosen)
        report = decision_report(rates, rule.stranger_named_once_in, facts)
        report.numbers["skipped"] = dict(context.tally.reasons)
    publish(report, options, console)
