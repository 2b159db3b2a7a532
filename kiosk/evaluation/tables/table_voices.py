"""The voice half of docs/accuracy.md: equal error rate by set and by seconds of speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection
from kiosk.datasets.splits import unheard
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

_DRAWN_SECONDS = 3.0


@dataclass(frozen=True, eq=False)
class VoiceResult:
    """Everything about one voice model: figures by set and length, and a curve of each set."""

    benchmarked: BenchmarkedVoiceModel
    figures: dict[str, dict[str, SpeakerFigure]]
    curves: dict[str, ErrorCurve]


def length_name(seconds: float | None) -> str:
    """How a column is called."""
    return "whole recording" if seconds is None else f"{seconds:g} s"


def kept_speakers(collections: Sequence[Collection], *, everyone: bool) -> list[Collection]:
    """The sets cut to speakers outside the training of the project's own model, or whole."""
    if everyone:
        return list(collections)
    found = []
    for collection in collections:
        try:
            found.append(unheard(collection))
        except InputError:
            continue
    return found


def voice_result(
    benchmarked: BenchmarkedVoiceModel,
    collections: Sequence[Collection],
    context: ExtractionContext,
    seed: int,
) -> VoiceResult:
    """Every set at every length."""
    figures: dict[str, dict[str, SpeakerFigure]] = {}
    curves: dict[str, ErrorCurve] = {}
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
    return VoiceResult(benchmarked, figures, curves)


def voices_report(results: Sequence[VoiceResult], *, everyone: bool) -> Report:
    """EER by set and length, and DET at three seconds."""
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
    who = "All speakers" if everyone else "Speakers kept out of the training of the own model"
    note = (
        f"{who}; pauses removed; segments are joined from whole recordings and share none; in sets "
        "with emotions, mated pairs are of two emotions. 95 % intervals: speakers drawn again. "
        "'-': not enough speech."
    )
    header = ("set, model", *columns, "speakers; segments at 3 s")
    report.tables.append(Table("Speaker EER by seconds of speech", header, tuple(rows), note))
    for name in _names(results):
        curves = {r.benchmarked.name: r.curves[name] for r in results if name in r.curves}
        if curves:
            title = f"{name}, 3 s: detection error trade-off"
            report.figures.append(Figure(f"voices-det-{name}", title, plots.det(curves)))
    report.numbers = {"voices": {r.benchmarked.name: r.figures for r in results}}
    return report


def _names(results: Sequence[VoiceResult]) -> list[str]:
    return list(dict.fromkeys(name for result in results for name in result.figures))


def _counts(figures: dict[str, SpeakerFigure]) -> str:
    if not figures:
        return "-"
    figure = figures.get(length_name(_DRAWN_SECONDS)) or next(iter(figures.values()))
    return f"{figure.speakers}; {figure.segments}"
