"""Verification: is this the person, one comparison at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import (
    CurveStatistic,
    Estimate,
    PairScores,
    bootstrap,
    fold_estimate,
    pair_estimates,
    share,
)
from kiosk.evaluation.metrics.scores import all_pairs, listed_pairs, strangers
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table

FARS = {"tar_at_far_1_percent": 0.01, "tar_at_far_0.1_percent": 0.001}
GLOBAL_FAR = 0.001
"""The false accept rate that sets the one threshold all groups are judged at."""
FEWEST_FALSE = 10
"""Non-mated comparisons that a false accept rate must leave above its threshold: on fewer it hangs
on who those few happen to be."""
MOST_DRAWN = 1_000_000
"""Non-mated comparisons from which a threshold is taken at most, a seeded choice."""
REJECT_SHARES: Floats = np.linspace(0.0, 0.5, 26)


@dataclass(frozen=True, eq=False)
class Verified:
    """Figures of one model: `estimates` by name, the pairs behind them, the threshold at FAR 0.1 %
    and the least quality of each mated pair.

    `strangers` are the non-mated comparisons from which thresholds of a false accept rate were
    taken: those listed, or all there are where the listed ones are too few.
    """

    pairs: PairScores
    estimates: dict[str, Estimate]
    threshold: float
    mated_quality: Floats
    strangers: int

    @property
    def doubtful(self) -> list[str]:
        """Rates that hang on fewer than FEWEST_FALSE comparisons, with how many those are."""
        return [
            f"FAR {far:.1%} hangs on {far * self.strangers:.0f} of {self.strangers:,} comparisons"
            for far in FARS.values()
            if far * self.strangers < FEWEST_FALSE
        ]


def verify(samples: Samples, collection: Collection, seed: int) -> Verified:
    """The comparisons the collection lists, else all of its samples with each other.

    Thresholds of a false accept rate are taken from all non-mated comparisons there are where the
    listed ones are too few to show it. Raises InputError where one kind of comparison is missing.
    """
    listed = collection.pairs
    pairs = listed_pairs(samples, listed) if listed else all_pairs(samples, seed)
    if not pairs.same.any() or pairs.same.all():
        raise InputError(
            f"{collection.name} gives no {'mated' if not pairs.same.any() else 'non-mated'} "
            "comparison.",
            "Verification needs several people with at least two samples each.",
        )
    estimates = pair_estimates(pairs, {"eer": error_rates.eer}, seed)
    wide = _with_all_strangers(pairs, samples, seed) if listed else pairs
    estimates |= pair_estimates(wide, _tars(), seed)
    folds = np.array([pair.fold for pair in listed], dtype=np.int64)
    if np.unique(folds).size > 1:
        accuracy = error_rates.fold_accuracies(pairs.score, pairs.same, folds)
        estimates["accuracy"] = fold_estimate(accuracy, folds.size)
    threshold = error_rates.threshold_at_fmr(wide.curve(), GLOBAL_FAR)
    quality = _mated_quality(samples, collection)
    return Verified(pairs, estimates, threshold, quality, wide.impostor.size)


def _tars() -> dict[str, CurveStatistic]:
    return {name: partial(error_rates.tar_at_far, far=far) for name, far in FARS.items()}


def _with_all_strangers(pairs: PairScores, samples: Samples, seed: int) -> PairScores:
    """The listed mated comparisons beside every non-mated one of the samples, unless those listed
    suffice for the least false accept rate."""
    if pairs.impostor.size * min(FARS.values()) >= FEWEST_FALSE:
        return pairs
    other = strangers(samples, MOST_DRAWN, seed)
    if other.score.size <= pairs.impostor.size:
        return pairs
    return PairScores(
        np.concatenate([pairs.genuine, other.score]),
        np.concatenate([np.ones(pairs.genuine.size, np.bool_), other.same]),
        np.concatenate([pairs.a[pairs.same], other.a]),
        np.concatenate([pairs.b[pairs.same], other.b]),
    )


def _mated_quality(samples: Samples, collection: Collection) -> Floats:
    """The lower quality of every mated pair, in the order of the mated scores."""
    if collection.pairs:
        quality = np.zeros(len(collection.items) + 1)
        quality[samples.place] = samples.quality
        mated = [pair for pair in collection.pairs if pair.same]
        found = [min(quality[pair.a], quality[pair.b]) for pair in mated]
        return np.asarray(found, dtype=np.float64)
    first, second = np.triu_indices(len(samples), 1)
    same = samples.subject[first] == samples.subject[second]
    lower = np.minimum(samples.quality[first[same]], samples.quality[second[same]])
    return np.asarray(lower, dtype=np.float64)


def group_rates(samples: Samples, threshold: float, seed: int) -> dict[str, Estimate]:
    """False match rate inside each group at one threshold: every two of its people compared."""
    found = {}
    for name in np.unique(samples.group):
        members = samples.take(samples.group == name)
        if name == "" or members.people < 2:
            continue
        pairs = all_pairs(_renumbered(members), seed)
        found[str(name)] = false_match_rate(pairs, threshold, seed)
    return found


def _renumbered(samples: Samples) -> Samples:
    subject: NDArray[np.int64] = np.unique(samples.subject, return_inverse=True)[1]
    samples.subject = subject.astype(np.int64)
    return samples


def false_match_rate(pairs: PairScores, threshold: float, seed: int) -> Estimate:
    """FMR with an interval over people; both people of a comparison are drawn."""
    kept = ~pairs.same
    hits = (pairs.score[kept] >= threshold).astype(np.float64)
    first, second = pairs.a[kept], pairs.b[kept]
    if not hits.any():
        return share(hits, first, pairs.people, seed, replicates=1)

    def weighted(multiplicity: Floats) -> float:
        return float(np.average(hits, weights=multiplicity[first] * multiplicity[second]))

    return bootstrap(weighted, pairs.people, hits.size, seed)


def reject_curve(verified: Verified) -> tuple[Floats, Floats]:
    """Shares refused and FNMR of the rest at the threshold of FNMR 5 %, so that there is
    something to reject even for a good model."""
    genuine = verified.pairs.genuine
    threshold = float(np.quantile(genuine, 0.05, method="lower")) + 1e-9
    rates = error_rates.error_versus_reject(
        genuine, verified.mated_quality, threshold, REJECT_SHARES
    )
    return REJECT_SHARES, rates


def verification_report(
    found: dict[str, Verified], groups: dict[str, dict[str, Estimate]], facts: dict[str, str]
) -> Report:
    """Tables and figures of several models on one collection."""
    report = Report("Verification", facts)
    report.tables.append(_table(found))
    report.tables += [_group_table(groups)] if any(groups.values()) else []
    report.figures.append(Figure("det", "Detection error trade-off", plots.det(_curves(found))))
    for number, (model, verified) in enumerate(found.items()):
        png = plots.histogram(verified.pairs.genuine, verified.pairs.impostor, verified.threshold)
        title = f"Scores of {model}, threshold at FAR 0.1 %"
        report.figures.append(Figure(f"scores-{number}", title, png))
    rejects = {model: reject_curve(verified) for model, verified in found.items()}
    png = plots.reject_curves(rejects)
    title = "Error versus reject, by the model's own quality"
    report.figures.append(Figure("error-versus-reject", title, png))
    report.numbers = {
        "verification": {
            model: {
                **verified.estimates,
                "threshold": verified.threshold,
                "error_versus_reject": dict(zip(("refused", "fnmr"), rejects[model], strict=True)),
                "groups": groups.get(model, {}),
            }
            for model, verified in found.items()
        }
    }
    return report


def _curves(found: dict[str, Verified]) -> dict[str, error_rates.ErrorCurve]:
    return {model: verified.pairs.curve() for model, verified in found.items()}


def _table(found: dict[str, Verified]) -> Table:
    names = sorted({name for verified in found.values() for name in verified.estimates})
    rows = [
        (
            model,
            *(str(verified.estimates.get(name, "")) for name in names),
            f"{verified.pairs.genuine.size:,} / {verified.pairs.impostor.size:,}",
        )
        for model, verified in found.items()
    ]
    header = ("model", *(name.replace("_", " ") for name in names), "mated / non-mated")
    note = (
        "95 % intervals: people drawn again (seeded bootstrap); accuracy: 1.96 standard errors of "
        "the folds. A sample without a face or speech counts as rejected." + doubts(found)
    )
    return Table("Verification", header, tuple(rows), note)


def doubts(found: Mapping[str, Verified]) -> str:
    """For the note under a table: which rates too few comparisons stand behind, and where those of
    a false accept rate are more than the folds list; "" where there is nothing to say."""
    said = {each: None for verified in found.values() for each in verified.doubtful}
    wide = {v.strangers for v in found.values() if v.strangers > v.pairs.impostor.size}
    parts = [f" False accept rates: over {count:,} non-mated comparisons." for count in wide]
    return "".join(parts) + "".join(f" {each}." for each in said)


def _group_table(groups: dict[str, dict[str, Estimate]]) -> Table:
    names = sorted({name for rates in groups.values() for name in rates})
    rows = [
        (model, *(str(rates[name]) if name in rates else "" for name in names))
        for model, rates in groups.items()
    ]
    note = "All people of a group compared with each other at the model's one global threshold."
    title = "False match rate by group at the threshold of FAR 0.1 %"
    return Table(title, ("model", *names), tuple(rows), note)
