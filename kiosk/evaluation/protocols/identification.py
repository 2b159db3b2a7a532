"""Identification: who of the gallery is it, and is it anyone of them (ISO/IEC 19795-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.core.scoring import Aggregate
from kiosk.core.template_scores import score_table
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, Integers, bootstrap, share
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table

DEEPEST_RANK = 20
FPIRS = (0.01, 0.003, 0.001)
FEWEST_STRANGERS = 10
"""People who are left outside a gallery at least when it is filled with those of one sample."""
_PROBES_PER_SIZE = 2000
"""Small galleries are drawn anew until about this many mated searches were made."""
_MOST_DRAWS = 200
_STRANGERS_PER_SIZE = 100_000


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of samples: `templates`, `mated` probes of the same people, `strangers` of others."""

    templates: Integers
    mated: Integers
    strangers: Integers


@dataclass(frozen=True)
class Identified:
    """Figures at one gallery size; `cmc` runs over ranks 1..DEEPEST_RANK."""

    size: int
    draws: int
    rank_1: Estimate
    fnir: dict[str, Estimate]
    cmc: tuple[float, ...]
    mated_searches: int
    strangers: int
    filled: int = 0
    """People of one sample in the gallery, with whom nobody searches."""


def split(samples: Samples, seed: int, templates: int = 1, probes: int = 1) -> Split:
    """Of everyone with two samples or more: up to `templates` enrolled (one sample at least is left
    to search with) and up to `probes` searched. Everyone else is a stranger with one sample."""
    random = np.random.default_rng(seed)
    enrolled, mated, strangers = [], [], []
    for person in np.unique(samples.subject):
        rows = random.permutation(np.flatnonzero(samples.subject == person))
        if rows.size == 1:
            strangers.append(rows[:1])
            continue
        first = min(templates, rows.size - 1)
        enrolled.append(rows[:first])
        mated.append(rows[first : first + probes])
    return Split(_joined(enrolled), _joined(mated), _joined(strangers))


def _joined(parts: list[NDArray[np.int64]]) -> Integers:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Searches:
    """Every probe against every subject who can be enrolled: `mated` (probes, subjects), `mate`
    (probes,) the right column, `strangers` (probes, subjects), and whose each probe is.

    The first `paired` columns are of people with a sample to search with; the others can only fill
    a gallery, or be searched with as strangers while they are not in it: their columns are `own`
    (strangers,).
    """

    mated: Floats
    mate: Integers
    mated_person: Integers
    strangers: Floats
    stranger_person: Integers
    own: Integers
    paired: int

    @property
    def most(self) -> int:
        """The largest gallery."""
        return max(self.paired, int(self.mated.shape[1]) - FEWEST_STRANGERS)


def _search(samples: Samples, parts: Split) -> _Searches:
    rows = np.concatenate([parts.templates, parts.strangers])
    paired = np.unique(samples.subject[parts.templates])
    single = samples.subject[parts.strangers]
    order = np.concatenate([paired, single])
    subjects, mated = _scores(samples, parts.mated, rows)
    columns = np.searchsorted(subjects, order)
    person = samples.subject[parts.mated]
    strangers = np.empty((0, subjects.size))
    if parts.strangers.size:
        strangers = _scores(samples, parts.strangers, rows)[1][:, columns]
    own = np.arange(paired.size, order.size)
    mate = np.searchsorted(paired, person)
    return _Searches(mated[:, columns], mate, person, strangers, single, own, paired.size)


def _scores(samples: Samples, probes: Integers, templates: Integers) -> tuple[Integers, Floats]:
    vectors, owner = samples.vectors, samples.subject[templates]
    one = Aggregate.BEST  # of a single template
    return score_table(vectors[probes], vectors[templates], owner, one, samples.cohort)


@dataclass(frozen=True, eq=False)
class _Outcomes:
    """All searches at one size: rank, score and person of the mated, best score and person of the
    strangers, their scores falling."""

    rank: Integers
    score: Floats
    person: Integers
    stranger: Floats
    stranger_person: Integers


def _outcomes(searches: _Searches, size: int, draws: int, seed: int) -> _Outcomes:
    """Strangers to a drawn gallery are the real ones and everyone not drawn. A gallery larger than
    there are people with two samples is filled with people of one."""
    random = np.random.default_rng(seed)
    most = _STRANGERS_PER_SIZE // draws
    parts = []
    for _ in range(draws):
        chosen = _drawn(searches, size, random)
        inside = np.isin(searches.mate, chosen)
        table = searches.mated[np.ix_(inside, chosen)]
        mate = np.searchsorted(chosen, searches.mate[inside])
        own = np.take_along_axis(table, mate[:, None], 1)[:, 0]
        best, who = _strangers(searches, chosen, ~inside, random.permutation, most)
        parts.append(
            (error_rates.ranks(table, mate), own, searches.mated_person[inside], best, who)
        )
    rank, own, person, best, who = (np.concatenate(column) for column in zip(*parts, strict=True))
    falling = np.argsort(-best, kind="stable")
    return _Outcomes(rank, own, person, best[falling], who[falling])


def _drawn(searches: _Searches, size: int, random: np.random.Generator) -> Integers:
    """Columns of a gallery, rising."""
    first = random.permutation(searches.paired)[:size]
    filling = random.permutation(searches.own)[: size - first.size]
    return np.sort(np.concatenate([first, filling]))


def _strangers(
    searches: _Searches,
    chosen: Integers,
    outside: NDArray[np.bool_],
    shuffled: Callable[[int], Integers],
    most: int,
) -> tuple[Floats, Integers]:
    """Best score in the gallery of `most` of those who are not in it, and who they are."""
    real = ~np.isin(searches.own, chosen)
    tables = searches.strangers[np.ix_(real, chosen)], searches.mated[np.ix_(outside, chosen)]
    best = np.concatenate([table.max(axis=1) for table in tables])
    who = np.concatenate([searches.stranger_person[real], searches.mated_person[outside]])
    kept = shuffled(best.size)[:most]
    return best[kept], who[kept]


def identify(samples: Samples, sizes: tuple[int, ...], seed: int) -> list[Identified]:
    """Figures at every gallery size the data allow, one template and one probe a person.

    Raises InputError where nobody has two samples or there are fewer people than the smallest size.
    """
    parts = split(samples, seed)
    if not parts.mated.size:
        raise InputError("Nobody has two samples.", "One is enrolled, another searched with.")
    searches = _search(samples, parts)
    possible = [size for size in sizes if size <= searches.most]
    if not possible:
        raise InputError(
            f"Only {searches.paired} people have two samples or more.",
            "Identification needs at least the smallest gallery (--sizes) of such people, or of "
            f"these and others of one sample, beside {FEWEST_STRANGERS} strangers.",
        )
    return [_at_size(searches, size, samples.people, seed) for size in possible]


def _at_size(searches: _Searches, size: int, people: int, seed: int) -> Identified:
    draws = min(_MOST_DRAWS, max(1, round(_PROBES_PER_SIZE / size)))
    found = _outcomes(searches, size, draws, seed)
    strangers = np.unique(found.stranger_person).size
    fnir = {
        f"{fpir:.1%}": _fnir(found, fpir, people, seed)
        for fpir in FPIRS
        if strangers * fpir >= 1  # on fewer, one person decides
    }
    return Identified(
        size,
        draws,
        share(found.rank == 1, found.person, people, seed),
        fnir,
        tuple(error_rates.cmc(found.rank, min(DEEPEST_RANK, size)).tolist()),
        found.rank.size,
        strangers,
        max(0, size - searches.paired),
    )


def _fnir(found: _Outcomes, fpir: float, people: int, seed: int) -> Estimate:
    def weighted(multiplicity: Floats) -> float:
        return error_rates.open_set_fnir(
            found.score,
            found.rank == 1,
            found.stranger,
            fpir,
            multiplicity[found.person],
            multiplicity[found.stranger_person],
        )

    return bootstrap(weighted, people, found.rank.size, seed)


def identification_report(found: dict[str, list[Identified]], facts: dict[str, str]) -> Report:
    """Tables and CMC of several models."""
    report = Report("Identification", facts)
    rows = [
        (
            model,
            f"{item.size:,}",
            str(item.rank_1),
            *(str(item.fnir.get(f"{fpir:.1%}", "too few strangers")) for fpir in FPIRS),
            f"{item.mated_searches:,} / {item.strangers:,}",
        )
        for model, items in found.items()
        for item in items
    ]
    header = (
        "model",
        "gallery",
        "rank 1",
        *(f"FNIR at FPIR {fpir:.1%}" for fpir in FPIRS),
        "mated searches / strangers",
    )
    note = (
        "One template and one probe a person; small galleries drawn repeatedly (seeded); strangers "
        "are people outside the gallery. 95 % intervals: people drawn again." + _filling(found)
    )
    report.tables.append(Table("Identification", header, tuple(rows), note))
    curves = {
        f"{model}, {items[-1].size}": np.asarray(items[-1].cmc) for model, items in found.items()
    }
    report.figures.append(Figure("cmc", "Cumulative matches", plots.cmc_curve(curves)))
    report.numbers = {"identification": found}
    return report


def _filling(found: dict[str, list[Identified]]) -> str:
    """Which galleries people of one sample fill; "" where none."""
    filled = {item.size: item.filled for items in found.values() for item in items if item.filled}
    parts = (f"{count:,} of {size:,} enrolled people" for size, count in filled.items())
    said = ", ".join(parts)
    return f" Of one sample, and never searched with: {said}." if said else ""
