"""The fusion part of docs/accuracy.md: chimeric users, with and without each modality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.core.scoring import Calibration
from kiosk.datasets.collections import Collection
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, only
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel, BenchmarkedVoiceModel
from kiosk.evaluation.protocols import chimeric
from kiosk.evaluation.protocols.chimeric import FusionFigures, Join
from kiosk.evaluation.protocols.speakers import segment_samples
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table
from kiosk.evaluation.tables.group_ratios import whose_calibration

PROBE_SECONDS = 3.0


@dataclass(frozen=True, eq=False)
class FusionResult:
    """Figures by way (face, voice, fused, feature-level) of one pair of models."""

    face: str
    voice: str
    figures: dict[str, FusionFigures]


def voices_together(
    benchmarked: BenchmarkedVoiceModel,
    collections: Sequence[Collection],
    context: ExtractionContext,
) -> Samples | None:
    """Segments of PROBE_SECONDS of the speakers to report on, all sets as one."""
    parts = []
    for collection in collections:
        part = segment_samples(collection, benchmarked.embedder, context, PROBE_SECONDS)
        parts += [part] if part is not None else []
    return joined(parts) if parts else None


def joined(parts: Sequence[Samples]) -> Samples:
    """Samples of several collections, people numbered on; places keep their meaning only within
    each."""
    offset, subjects = 0, []
    for part in parts:
        subjects.append(part.subject + offset)
        offset += part.people
    return Samples(
        parts[0].model_id,
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.place for part in parts]),
        np.concatenate(subjects),
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.condition for part in parts]),
        cohort=parts[0].cohort,
    )


def report_halves(collections: Sequence[Collection]) -> list[Collection]:
    """The people whom calibration has not seen."""
    return [only(collection, Half.REPORT) for collection in collections]


def fusion_result(
    face: tuple[BenchmarkedFaceModel, Samples],
    voice: tuple[BenchmarkedVoiceModel, Samples],
    known_share: float,
    seed: int,
    join: Join | None = None,
) -> FusionResult:
    """Of one pair of calibrated models; ValueError where one has no calibration."""
    calibrations = _calibrations(face[0].calibration, voice[0].calibration)
    trials = chimeric.many_pairings(face[1], voice[1], calibrations, seed, join)
    figures = {
        way: chimeric.figures(parts, None if way == FEATURE_LEVEL else known_share, seed)
        for way, parts in trials.items()
    }
    return FusionResult(face[0].name, voice[0].name, figures)


FEATURE_LEVEL = "feature-level"


def _calibrations(
    face: Calibration | None, voice: Calibration | None
) -> tuple[Calibration, Calibration]:
    if face is None or voice is None:
        raise ValueError("fusion needs the calibration of both models")
    return face, voice


def fusion_report(results: Sequence[FusionResult], known_share: float, *, fitted: bool) -> Report:
    """FNIR of each way, honesty of the probability, and reliability diagrams."""
    report = Report("Fusion", {})
    rows = [
        (
            f"{result.face} + {result.voice}: {way}",
            *(str(figures.fnir[f"{fpir:.1%}"]) for fpir in chimeric.FPIRS),
            str(figures.rank_1),
            "-" if figures.calibration_error is None else f"{figures.calibration_error:.2%}",
            f"{figures.gallery}; {figures.searches:,}",
        )
        for result in results
        for way, figures in result.figures.items()
    ]
    header = (
        "models: way",
        *(f"FNIR at FPIR {fpir:.1%}" for fpir in chimeric.FPIRS),
        "rank 1",
        "ECE",
        "gallery; searches",
    )
    note = (
        "Chimeric users: each speaker with one person of the pictures, fixed by the seed, "
        f"{chimeric.PAIRINGS} pairings; one picture and {PROBE_SECONDS:g} s of speech enrolled, "
        "one picture and as much speech searched; strangers: the same searches without the "
        f"visitor's own templates. {whose_calibration(fitted=fitted)} ECE: of "
        f"the top candidate's probability, {1 - known_share:.0%} of visitors strangers. Intervals: "
        "speakers drawn again."
    )
    report.tables.append(Table("Chimeric users", header, tuple(rows), note))
    for number, result in enumerate(results):
        diagrams = {way: figures.bins for way, figures in result.figures.items() if figures.bins}
        title = f"{result.face} + {result.voice}: probability said and share right"
        png = plots.reliability_diagram(diagrams)
        report.figures.append(Figure(f"reliability-{number}", title, png))
    report.numbers = {"fusion": {f"{r.face} + {r.voice}": r.figures for r in results}}
    return report
