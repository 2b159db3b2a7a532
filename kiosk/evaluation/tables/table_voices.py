"""The voice half of docs/accuracy.md: equal error rate by set and by seconds of speech."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, in_half, unheard
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.extraction.models import BenchmarkedVoiceModel
from kiosk.evaluation.metrics.error_rates import ErrorCurve
from kiosk.evaluation.metrics.scores import all_pairs
from kiosk.evaluation.protocols.speakers import (
    SECONDS,
    SpeakerFigure,
    segment_samples,
    speaker_figure,
)
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table
from kiosk.evaluation.tables.group_ratios import (
    HONEST,
    GroupRatio,
    ratios_by_group,
    whose_calibration,
)
from kiosk.evaluation.tables.voice_conditions import Harder, harder, harder_table

_DRAWN_SECONDS = 3.0


@dataclass(frozen=True, eq=False)
class VoiceResult:
    """Everything about one voice model: figures by set and length, a curve of each set, and by set
    and sex whether ratios of strangers mean what they say; and EER where it is harder."""

    benchmarked: BenchmarkedVoiceModel
    figures: dict[str, dict[str, SpeakerFigure]]
    curves: dict[str, ErrorCurve]
    evidence: dict[str, GroupRatio]
    harder: dict[str, Harder]


def length_name(seconds: float | None) -> str:
    """How a column is called."""
    return "whole recording" if seconds is None else f"{seconds:g} s"


class Speakers(StrEnum):
    """Whose recordings are judged."""

    AUTO = "auto"
    """Of the development recordings those kept out of the training of the own model; of any others
    everybody."""
    UNSEEN = "unseen"
    """Of every set those whom the rule of the training keeps out: for sets one has trained on."""
    ALL = "all"


def kept_speakers(
    collections: Sequence[Collection], which: Speakers = Speakers.AUTO
) -> list[Collection]:
    """The sets cut to the speakers to judge; without sets of none."""
    found = []
    for collection in collections:
        if which is Speakers.ALL or (which is Speakers.AUTO and not collection.development):
            found.append(collection)
            continue
        with suppress(InputError):
            found.append(unheard(collection))
    return found


def who_they_are(collections: Sequence[Collection], which: Speakers) -> str:
    """For the note under a table: whose recordings were judged."""
    if which is Speakers.ALL:
        return "All speakers, also those the own model was trained on"
    cut = [each.name for each in collections if which is Speakers.UNSEEN or each.development]
    if len(cut) == len(collections):
        return "Speakers kept out of the training of the own model"
    if not cut:
        return "Everybody in sets that no training of the project has heard"
    return f"Of {', '.join(cut)} speakers kept out of training, of the others everybody"


def voice_result(
    benchmarked: BenchmarkedVoiceModel,
    collections: Sequence[Collection],
    context: ExtractionContext,
    seed: int,
    *,
    fitted: bool,
) -> VoiceResult:
    """Every set at every length. Ratios of a calibration `fitted` here are judged on the speakers
    of the other half."""
    figures: dict[str, dict[str, SpeakerFigure]] = {}
    curves: dict[str, ErrorCurve] = {}
    evidence: dict[str, GroupRatio] = {}
    conditions: dict[str, Harder] = {}
    for collection in collections:
        for seconds in SECONDS:
            samples = segment_samples(collection, benchmarked.embedder, context, seconds)
            figure = None if samples is None else speaker_figure(samples, seconds, seed)
            if figure is None or samples is None:
                continue
            figures.setdefault(collection.name, {})[length_name(seconds)] = figure
            if seconds == _DRAWN_SECONDS:
                across = bool((samples.condition != "").any())
                pairs = all_pairs(samples, seed, across_conditions=across)
                curves[collection.name] = pairs.curve()
                sexes = by_sex(samples, collection, fitted=False)
                conditions[collection.name] = harder(benchmarked, collection, sexes, context, seed)
                if benchmarked.calibration is not None:
                    alike = by_sex(samples, collection, fitted=fitted)
                    evidence |= ratios_by_group(alike, benchmarked.calibration, seed)
    return VoiceResult(benchmarked, figures, curves, evidence, conditions)


def by_sex(samples: Samples, collection: Collection, *, fitted: bool) -> Samples:
    """The samples in groups of one set and one sex; of the half to report on where `fitted`. A set
    is one studio, one telephone or one reader's room: one channel."""
    items = [collection.items[place] for place in samples.place]
    names = [f"{collection.name}, {item.gender}".removesuffix(", ") for item in items]
    found = replace(samples, group=np.array(names))
    if not fitted:
        return found
    return found.take(in_half(collection.name, [item.subject for item in items], Half.REPORT))


def voices_report(results: Sequence[VoiceResult], who: str, *, fitted: bool) -> Report:
    """EER by set and length, ratios by set and sex, and DET at three seconds; `who` was judged."""
    report = Report("Voices", {})
    columns = [length_name(seconds) for seconds in SECONDS]
    rows = [
        (
            f"{name}, {result.benchmarked.name}",
            *(str(figures[c].eer) if c in figures else "-" for c in columns),
            _counts(figures),
        )
        for name in _names(results)
        for result in results
        for figures in [result.figures.get(name, {})]
    ]
    note = (
        f"{who}; pauses removed; segments are joined from whole recordings and share none; in sets "
        "with emotions, mated pairs are of two emotions. 95 % intervals: speakers drawn again. "
        "'-': not enough speech."
    )
    header = ("set, model", *columns, "speakers; segments at 3 s")
    report.tables.append(Table("Speaker EER by seconds of speech", header, tuple(rows), note))
    report.tables.append(harder_table({r.benchmarked.name: r.harder for r in results}))
    report.tables += [_evidence(results, fitted)] if any(r.evidence for r in results) else []
    for name in _names(results):
        curves = {r.benchmarked.name: r.curves[name] for r in results if name in r.curves}
        if curves:
            title = f"{name}, 3 s: detection error trade-off"
            report.figures.append(Figure(f"voices-det-{name}", title, plots.det(curves)))
    report.numbers = {
        "voices": {r.benchmarked.name: r.figures for r in results},
        "voices_harder": {r.benchmarked.name: r.harder for r in results},
        "voice_ratios": {r.benchmarked.name: r.evidence for r in results if r.evidence},
    }
    return report


def _evidence(results: Sequence[VoiceResult], fitted: bool) -> Table:
    told = [r for r in results if r.evidence]
    names = sorted({name for r in told for name in r.evidence})
    rows = []
    for name in names:
        found = [r.evidence.get(name) for r in told]
        size = next(each for each in found if each is not None)
        counts = f"{size.people}; {size.mean.count:,}"
        rows.append((name, *(str(each) if each else "-" for each in found), counts))
    header = ("strangers", *(r.benchmarked.name for r in told), "speakers; pairs")
    note = (
        f"Segments of {_DRAWN_SECONDS:g} s. {HONEST} Three speakers of a set and sex at least. "
        f"{whose_calibration(fitted=fitted)}"
    )
    return Table("Do voice ratios mean what they say?", header, tuple(rows), note)


def _names(results: Sequence[VoiceResult]) -> list[str]:
    return list(dict.fromkeys(name for result in results for name in result.figures))


def _counts(figures: dict[str, SpeakerFigure]) -> str:
    if not figures:
        return "-"
    figure = figures.get(length_name(_DRAWN_SECONDS)) or next(iter(figures.values()))
    return f"{figure.speakers}; {figure.segments}"
