"""The face half of docs/accuracy.md: one protocol for every model that is present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection, Kind
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, in_half
from kiosk.evaluation.extraction.extract import ExtractionContext, face_samples
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.protocols.identification import Identified, identification_report, identify
from kiosk.evaluation.protocols.verification import (
    Verified,
    doubts,
    group_rates,
    reject_curve,
    verify,
)
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table
from kiosk.evaluation.tables.group_ratios import (
    HONEST,
    GroupRatio,
    ratios_by_group,
    whose_calibration,
)

GALLERY_SIZES = (10, 100, 1000)
AGES = (20, 60)


@dataclass(frozen=True, eq=False)
class FaceResult:
    """Everything about one face model."""

    benchmarked: BenchmarkedFaceModel
    samples: Samples
    verified: Verified
    groups: dict[str, Estimate]
    identified: list[Identified]
    evidence: dict[str, GroupRatio]
    """By group: whether ratios of strangers mean what they say."""


def adults(collection: Collection) -> Collection:
    """People of AGES with a group."""
    low, high = AGES
    return collection.where(
        lambda item: item.age is not None and low <= item.age <= high and item.group != "",
        "adults with a group",
    )


def face_result(
    benchmarked: BenchmarkedFaceModel,
    identities: Collection,
    strangers: Collection | None,
    context: ExtractionContext,
    seed: int,
    *,
    fitted: bool,
) -> FaceResult:
    """`identities` with mated comparisons set the threshold; `strangers` are one picture a person
    with a group. Ratios of a calibration `fitted` here are judged on the other half of them."""
    pictures = identities.of(Kind.PICTURE)
    samples = face_samples(pictures, benchmarked.embedder, context)
    verified = verify(samples, pictures, seed)
    groups: dict[str, Estimate] = {}
    evidence: dict[str, GroupRatio] = {}
    if strangers is not None:
        others = face_samples(strangers, benchmarked.embedder, context)
        groups = group_rates(others, verified.threshold, seed)
        reported = reporting(others, strangers) if fitted else others
        if benchmarked.calibration is not None:
            evidence = ratios_by_group(reported, benchmarked.calibration, seed)
    try:
        found = identify(samples, GALLERY_SIZES, seed)
    except InputError as error:
        context.console.print(f"no identification: {error}", markup=False, highlight=False)
        found = []
    return FaceResult(benchmarked, samples, verified, groups, found, evidence)


def reporting(samples: Samples, collection: Collection) -> Samples:
    """Only the people whom calibration has not seen."""
    subjects = [collection.items[place].subject for place in samples.place]
    return samples.take(in_half(collection.name, subjects, Half.REPORT))


def faces_report(results: Sequence[FaceResult], *, fitted: bool) -> Report:
    """Verification, groups, identification, evidence by group and the figures."""
    report = Report("Faces", {})
    report.tables = [_verification(results), _groups(results)]
    report.tables += [_evidence(results, fitted)] if any(r.evidence for r in results) else []
    found = {result.benchmarked.name: result.identified for result in results}
    if any(found.values()):
        report.extend(identification_report({k: v for k, v in found.items() if v}, {}))
    report.figures += _figures(results)
    report.numbers |= {"faces": {r.benchmarked.name: _numbers(r) for r in results}}
    return report


def _numbers(result: FaceResult) -> dict[str, object]:
    return {
        **result.verified.estimates,
        "threshold": result.verified.threshold,
        "false_match_rate_by_group": result.groups,
        "evidence_by_group": result.evidence,
        "identification": result.identified,
        "failed": len(result.samples.failed),
    }


def _verification(results: Sequence[FaceResult]) -> Table:
    rows = [
        (
            r.benchmarked.name,
            *(str(r.verified.estimates.get(name, "")) for name in _COLUMNS),
            str(len(r.samples.failed)),
        )
        for r in results
    ]
    header = ("model", "accuracy", "TAR at FAR 1 %", "TAR at FAR 0.1 %", "EER", "no face")
    pairs = results[0].verified.pairs
    note = (
        f"{pairs.genuine.size:,} mated and {pairs.impostor.size:,} non-mated comparisons of the "
        "folds; accuracy: threshold from the other folds, 1.96 standard errors of the folds; "
        "other intervals: people drawn again."
        + doubts({r.benchmarked.name: r.verified for r in results})
    )
    return Table("Face verification", header, tuple(rows), note)


_COLUMNS = ("accuracy", "tar_at_far_1_percent", "tar_at_far_0.1_percent", "eer")


def _groups(results: Sequence[FaceResult]) -> Table:
    names = sorted({name for r in results for name in r.groups})
    rows = []
    for r in results:
        rates = [r.groups[name].value for name in names if name in r.groups]
        ratio = f"{max(rates) / min(rates):.1f}" if rates and min(rates) > 0 else "-"
        rows.append((r.benchmarked.name, *(str(r.groups.get(name, "")) for name in names), ratio))
    counts = {name: r.groups[name].count for r in results for name in names if name in r.groups}
    note = (
        "At each model's one threshold of FAR 0.1 % above; adults 20-60, every two people of a "
        "group compared, different people assumed. Pairs: "
        + ", ".join(f"{name} {count:,}" for name, count in counts.items())
        + "."
    )
    header = ("model", *names, "worst / best")
    return Table("False match rate by group", header, tuple(rows), note)


def _evidence(results: Sequence[FaceResult], fitted: bool) -> Table:
    names = sorted({name for r in results for name in r.evidence})
    rows = [
        (
            r.benchmarked.name,
            *(str(r.evidence[name]) if name in r.evidence else "" for name in names),
        )
        for r in results
        if r.evidence
    ]
    counts = {name: r.evidence[name].mean.count for r in results for name in r.evidence}
    pairs = ", ".join(f"{name} {counts[name]:,}" for name in names)
    note = f"{HONEST} Pairs: {pairs}. {whose_calibration(fitted=fitted)}"
    return Table("Do face ratios mean what they say?", ("model", *names), tuple(rows), note)


def _figures(results: Sequence[FaceResult]) -> list[Figure]:
    curves = {r.benchmarked.name: r.verified.pairs.curve() for r in results}
    rejects = {r.benchmarked.name: reject_curve(r.verified) for r in results}
    figures = [
        Figure("faces-det", "Faces: detection error trade-off", plots.det(curves)),
        Figure("faces-reject", "Faces: error versus reject", plots.reject_curves(rejects)),
    ]
    for number, r in enumerate(results):
        pairs = r.verified.pairs
        png = plots.histogram(pairs.genuine, pairs.impostor, r.verified.threshold)
        title = f"Scores of {r.benchmarked.name}, threshold at FAR 0.1 %"
        figures.append(Figure(f"faces-scores-{number}", title, png))
    return figures
