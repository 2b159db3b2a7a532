"""The report of `kiosk evaluate pad`: tables, a plot of the scores of each channel, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import PadChannel
from kiosk.core.status import Odds
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.pad.figures import (
    attack_figures,
    bona_fide_figures,
    channel_scores,
    development,
    rate,
)
from kiosk.evaluation.pad.protocol import Judged, Single
from kiosk.evaluation.reporting.plots import figure_png, new_figure
from kiosk.evaluation.reporting.report import Figure, Report, Table
from kiosk.recognition.pad_operating_point import PadDevelopment

Floats = NDArray[np.float64]

_BINS = 60
ONCE_IN = (5, 10, 20, 50, 100)
_NOTE = (
    "ISO/IEC 30107-3. APCER: called live. Not checked: nothing said (blurred, too few pictures). "
    "IAPAR: taken for the person shown and called live: named where somebody living is required; "
    "only warned: also those of whom nothing is said; identity alone: with the check off. "
    "95 % intervals: people drawn again, rule of three where nothing occurred."
)


def pad_report(
    judged: Sequence[Judged],
    singles: Sequence[Single],
    threshold: float,
    facts: dict[str, str],
    seed: int,
) -> Report:
    """Everything that was measured."""
    report = Report("Presentation attack detection", facts)
    report.numbers["threshold"] = threshold
    if any(not one.bona_fide for one in judged):
        report.tables.append(_attacks(judged, seed))
        report.numbers["attacks"] = attack_figures(judged, seed)
    if any(one.bona_fide for one in judged):
        report.tables.append(_living(judged, seed))
        report.numbers["bona_fide"] = bona_fide_figures(judged, seed)
    measured = development(judged)
    if measured is not None:
        report.tables.append(_operating_points(measured))
    report.tables += _by_device(judged, seed)
    if singles:
        report.tables.append(_singles(singles, threshold, seed))
    _channels(report, judged)
    return report


def _attacks(judged: Sequence[Judged], seed: int) -> Table:
    rows = tuple(
        (
            one.kind,
            f"{one.presentations}; {one.subjects}",
            str(one.apcer),
            str(one.non_response),
            _cell(one.match_rate),
            _cell(one.iapar),
            _cell(one.warned_iapar),
        )
        for one in attack_figures(judged, seed)
    )
    header = (
        "attack",
        "presentations; people",
        "APCER",
        "not checked",
        "identity alone",
        "IAPAR",
        "only warned",
    )
    return Table("Attacks", header, rows, _NOTE)


def _living(judged: Sequence[Judged], seed: int) -> Table:
    rows = tuple(
        (
            one.group or "all",
            f"{one.presentations}; {one.subjects}",
            str(one.bpcer),
            str(one.non_response),
        )
        for one in bona_fide_figures(judged, seed)
    )
    header = ("living people", "presentations; people", "BPCER", "not checked")
    return Table("Living people", header, rows, "BPCER: called an attack.")


def _operating_points(measured: PadDevelopment) -> Table:
    """What the setting `photograph_passes_once_in` does on these presentations."""
    rows = []
    for once_in in ONCE_IN:
        found = measured.estimate(once_in)
        rows.append(
            (
                f"1 in {once_in}" + ("" if once_in <= found.supported else " (not supported)"),
                f"{measured.threshold(once_in):.2f}",
                _odds(found.photographs),
                _odds(found.films),
                _odds(found.asked_again),
            )
        )
    header = (
        "photographs asked for",
        "least score",
        "photographs let through",
        "films on screens",
        "people asked again",
    )
    note = (
        f"{measured.photographs.size} photographs, {measured.films.size} films, "
        f"{measured.living.size} presentations of living people, {measured.people} people. At most "
        f"1 in {measured.supported:.0f} is supported by so many (rule of three)."
    )
    return Table("Operating points", header, tuple(rows), note)


def _odds(odds: Odds) -> str:
    return f"{'at most ' if odds.bounded else ''}1 in {odds.one_in:.1f}"


def _by_device(judged: Sequence[Judged], seed: int) -> list[Table]:
    """Errors of each kind by what it was made with or shown on, where that is named."""
    places = sorted({(not one.bona_fide, one.kind, one.device) for one in judged if one.device})
    rows = []
    for attack, kind, device in places:
        part = [one for one in judged if (one.kind, one.device) == (kind, device)]
        wrong = [one.accepted if attack else one.refused for one in part]
        rate_of = rate([one.subject for one in part], wrong, seed)
        unsaid = sum(not one.checked for one in part)
        people = len({one.subject for one in part})
        rows.append((kind, device, f"{len(part)}; {people}", str(rate_of), str(unsaid)))
    header = ("kind", "device", "presentations; people", "wrongly judged", "not checked")
    note = "Attacks called live, people called an attack."
    return [Table("By device", header, tuple(rows), note)] if rows else []


def _singles(singles: Sequence[Single], threshold: float, seed: int) -> Table:
    kinds = sorted({(not one.bona_fide, one.kind, one.group) for one in singles})
    rows = []
    for attack, kind, group in kinds:
        part = [one for one in singles if (one.kind, one.group) == (kind, group)]
        wrong = [(one.pad_score >= threshold) == attack for one in part]
        wrong_share = rate([one.subject for one in part], wrong, seed)
        rows.append((f"{kind} {group}".strip(), str(len(part)), str(wrong_share)))
    note = "The picture channel alone on single pictures, which the kiosk never decides by."
    return Table("Single pictures", ("pictures", "count", "wrongly judged"), tuple(rows), note)


def _channels(report: Report, judged: Sequence[Judged]) -> None:
    """How far each channel, and all joined, tell people from attacks."""
    rows = []
    names: Mapping[str, PadChannel | None] = {
        **{channel.value: channel for channel in PadChannel},
        "joint": None,
    }
    for name, channel in names.items():
        living, attacks = channel_scores(judged, channel)
        if not living.size or not attacks.size:
            continue
        area = auc(living, attacks)
        rows.append((name, f"{living.size}; {attacks.size}", f"{area:.3f}"))
        report.figures.append(Figure(f"pad-{name}", f"Scores, {name}", score_plot(living, attacks)))
        report.numbers[f"auc_{name}"] = area
    if rows:
        header = ("channel", "people; attacks measured", "area under the ROC")
        note = "All kinds together, also those a channel cannot see."
        report.tables.append(Table("Channels", header, tuple(rows), note))


def auc(living: Floats, attacks: Floats) -> float:
    """Share of pairs of a person and an attack in which the person scores higher."""
    order = np.searchsorted(np.sort(attacks), living, side="left")
    ties = np.searchsorted(np.sort(attacks), living, side="right") - order
    return float((order + 0.5 * ties).mean() / attacks.size)


def score_plot(living: Floats, attacks: Floats) -> bytes:
    """Both kinds of scores as shares."""
    figure, axes = new_figure()
    both = np.concatenate([living, attacks])
    edges: list[float] = np.linspace(both.min(), both.max() + 1e-9, _BINS).tolist()
    for scores, label in ((attacks, "attacks"), (living, "living people")):
        weights = np.full(scores.size, 1.0 / scores.size)
        axes.hist(scores, edges, weights=weights, alpha=0.6, label=f"{label} ({scores.size:,})")
    axes.set_xlabel("pad_score (natural log)")
    axes.set_ylabel("share")
    axes.legend(fontsize="small")
    return figure_png(figure)


def _cell(estimate: Estimate | None) -> str:
    return "-" if estimate is None else str(estimate)
