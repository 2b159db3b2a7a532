"""The decision itself: how often it names strangers, and refuses or mistakes people it knows.

Not a curve over thresholds but the kiosk's own `decide` with its own policy, as visitors meet it.
A gallery of n people is drawn, and one more: whoever is searched meets n people, as somebody
enrolled with one of the others left out, as a stranger with themselves left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.samples import Probe
from kiosk.core.scoring import Calibration, Evidence, Policy, SubjectScores, decide, weigh
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, Integers, share
from kiosk.evaluation.metrics.scores import pooled
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table

COUNTS = (1, 3, 5)
"""Pictures or segments of speech, of a probe and of an enrolment."""
LEVELS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""False positive identification rates at which the rest of the curve is told; with a thousand
searches nothing can be said below the first."""
_SEARCHES = 1000
_MOST_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Channel:
    """One modality: samples of numbered people and the calibration of their scores."""

    samples: Samples
    calibration: Calibration


@dataclass(frozen=True)
class Case:
    """What is measured: modalities, size of the gallery, samples of a probe and of an enrolment."""

    modalities: tuple[Modality, ...]
    enrolled: int
    frames: int
    templates: int


@dataclass(frozen=True)
class Rates:
    """Shares of searches. `refused`: enrolled people who are not named, contradicted ones among
    them; `wrong`: named as somebody else; `strangers`: strangers who are named.

    `curve` is the share of searches that find nobody or somebody else (FNIR) at each of LEVELS,
    were the least ratio such that so many strangers are named; margin and probability stay."""

    case: Case
    strangers: Estimate
    refused: Estimate
    wrong: Estimate
    contradicted: Estimate
    people: int
    searches: int
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class _Person:
    """Rows of somebody's samples by modality: enrolled ones, and those searched with, if enough."""

    number: int
    templates: Mapping[Modality, Integers]
    probe: Mapping[Modality, Integers]


def measure(
    channels: Mapping[Modality, Channel], policy: Policy, case: Case, seed: int
) -> Rates | None:
    """None where there are too few people for such a gallery. With two modalities people are
    chimeric: each speaker gets somebody's face, by the seed."""
    random = np.random.default_rng(seed)
    used = {modality: channels[modality] for modality in case.modalities}
    people = _people(used, case, random)
    searchable = [person for person in people if person.probe]
    if len(people) <= case.enrolled or not searchable:
        return None
    searches: list[_Search] = []
    for _ in range(_MOST_DRAWS):
        drawn = _drawn(people, searchable, case.enrolled + 1, random)
        searches += _searched(used, drawn, policy, random, _SEARCHES - len(searches))
        if len(searches) >= _SEARCHES:
            break
    return replace(_rates(case, searches, seed), curve=_curve(searches, policy))


@dataclass(frozen=True)
class _Search:
    """One probe's two decisions: among people of whom it is one, and of whom it is none."""

    number: int
    known: Decision
    strange: Decision


def _people(
    channels: Mapping[Modality, Channel], case: Case, random: np.random.Generator
) -> list[_Person]:
    """Everybody with at least one sample of each modality; probes only of those with enough."""
    rows = [_shuffled(channel.samples, random) for channel in channels.values()]
    found = []
    for number, parts in enumerate(zip(*rows, strict=False)):
        enough = all(part.size >= case.templates + case.frames for part in parts)
        given = dict(zip(channels, parts, strict=True))
        probe = {m: part[case.templates :][: case.frames] for m, part in given.items()}
        templates = {m: part[: case.templates] for m, part in given.items()}
        found.append(_Person(number, templates, probe if enough else {}))
    return found


def _shuffled(samples: Samples, random: np.random.Generator) -> list[Integers]:
    """Rows of each person in random order, those with most samples first, so that chimeric people
    have enough of both."""
    numbers = random.permutation(np.unique(samples.subject))
    rows = [random.permutation(np.flatnonzero(samples.subject == n)) for n in numbers]
    return sorted(rows, key=len, reverse=True)


def _drawn(
    people: Sequence[_Person],
    searchable: Sequence[_Person],
    count: int,
    random: np.random.Generator,
) -> list[_Person]:
    """So many people, one of whom at least can be searched with."""
    first = searchable[int(random.integers(len(searchable)))]
    others = [people[n] for n in random.permutation(len(people))[:count]]
    return [first, *[person for person in others if person is not first][: count - 1]]


def _searched(
    channels: Mapping[Modality, Channel],
    drawn: Sequence[_Person],
    policy: Policy,
    random: np.random.Generator,
    most: int,
) -> list[_Search]:
    places = [place for place, person in enumerate(drawn) if person.probe][:most]
    tables = {m: _table(m, channel, drawn, places) for m, channel in channels.items()}
    found = []
    for row, place in enumerate(places):
        other = int(random.choice([n for n in range(len(drawn)) if n != place]))
        known, strange = (
            decide(
                [_without(table, row, gone) for table in tables.values()],
                policy,
                lambda n: str(drawn[n].number),
            )
            for gone in (other, place)
        )
        found.append(_Search(drawn[place].number, known, strange))
    return found


@dataclass(frozen=True, eq=False)
class _Table:
    """Scores of probes with people, (probes, people), and the probes."""

    probes: list[Probe]
    scores: Floats
    calibration: Calibration


def _table(
    modality: Modality, channel: Channel, drawn: Sequence[_Person], places: Sequence[int]
) -> _Table:
    samples = channel.samples
    made = [pooled(samples, drawn[place].probe[modality]) for place in places]
    probes = [
        Probe(modality, samples.model_id, vector, quality, drawn[place].probe[modality].size)
        for (vector, quality), place in zip(made, places, strict=True)
    ]
    templates = [person.templates[modality] for person in drawn]
    owner = np.repeat(np.arange(len(drawn)), [rows.size for rows in templates])
    vectors = np.stack([vector for vector, _ in made])
    rows = np.concatenate(templates)
    scored = (samples.vectors[rows], owner, AGGREGATES[modality], samples.cohort)
    table = score_table(vectors, *scored)[1]
    return _Table(probes, table, channel.calibration)


def _without(table: _Table, row: int, gone: int) -> Evidence:
    """A probe's evidence about everybody but one."""
    kept = np.delete(np.arange(table.scores.shape[1]), gone)
    found = SubjectScores(kept, table.scores[row, kept])
    return weigh(table.probes[row], found, table.calibration)


def _rates(case: Case, searches: Sequence[_Search], seed: int) -> Rates:
    number = np.array([search.number for search in searches], dtype=np.int64)
    numbers, person = np.unique(number, return_inverse=True)
    named = np.array([_named(search.known) for search in searches])
    right = named == number
    against = [search.known.outcome is DecisionOutcome.CONTRADICTED for search in searches]
    strange = [_named(search.strange) >= 0 for search in searches]

    def rate(hits: Sequence[bool] | NDArray[np.bool_]) -> Estimate:
        return share(hits, person.astype(np.int64), numbers.size, seed)

    return Rates(
        case,
        rate(strange),
        rate(named < 0),
        rate((named >= 0) & ~right),
        rate(against),
        int(numbers.size),
        len(searches),
    )


def _curve(searches: Sequence[_Search], policy: Policy) -> tuple[float, ...]:
    """FNIR at each of LEVELS."""
    known = np.array(
        [
            _reach(each.known, policy) if _top(each.known) == each.number else -np.inf
            for each in searches
        ]
    )
    strange = np.sort([_reach(each.strange, policy) for each in searches])[::-1]
    least = (strange[min(int(level * strange.size), strange.size - 1)] for level in LEVELS)
    return tuple(float((known <= ratio).mean()) for ratio in least)


def _reach(decision: Decision, policy: Policy) -> float:
    """The least ratio up to which a decision would name its top candidate."""
    ratios = [candidate.fused_llr for candidate in decision.candidates[:2]]
    doubtful = decision.conflict or decision.probability < policy.min_probability
    if not ratios or doubtful or (len(ratios) > 1 and ratios[0] - ratios[1] < policy.min_margin):
        return -np.inf
    return ratios[0]


def _top(decision: Decision) -> int:
    return int(decision.top.name) if decision.top is not None else -1


def _named(decision: Decision) -> int:
    """The number of the person who is named; -1 for nobody."""
    return _top(decision) if decision.outcome is DecisionOutcome.IDENTIFIED else -1


def run_cases(
    channels: Mapping[Modality, Channel], policy: Policy, sizes: Sequence[int], seed: int
) -> list[Rates]:
    """Every modality alone and all together, at every size and count the samples allow."""
    alone = [(modality,) for modality in channels]
    together = [tuple(channels)] if len(channels) > 1 else []
    cases = [
        Case(modalities, size, frames, templates)
        for modalities in [*alone, *together]
        for size in sizes
        for frames, templates in product(COUNTS, COUNTS)
    ]
    made = (measure(channels, policy, case, seed) for case in cases)
    return [rates for rates in made if rates is not None]


def decision_report(rates: Sequence[Rates], once_in: float, facts: dict[str, str]) -> Report:
    """A row a case."""
    report = Report("Decision", facts)
    header = (
        "by",
        "enrolled",
        "probe, enrolment",
        "strangers named",
        "enrolled refused",
        "named wrongly",
        "contradicted",
        "people; searches",
    )
    rows = tuple(
        (
            " and ".join(rate.case.modalities),
            f"{rate.case.enrolled:,}",
            f"{rate.case.frames}, {rate.case.templates}",
            *map(str, (rate.strangers, rate.refused, rate.wrong, rate.contradicted)),
            f"{rate.people:,}; {rate.searches:,}",
        )
        for rate in rates
    )
    note = (
        f"The kiosk's own decision; asked for: at most 1 stranger in {once_in:g} named. Strangers: "
        "the same searches with the visitor left out of a gallery of the same size. Probe, "
        "enrolment: pictures or segments of speech. Face and voice together: chimeric people. "
        "95 % intervals: people drawn again, rule of three where nothing occurred."
    )
    report.tables.append(Table("Decision", header, rows, note))
    report.figures += decision_figures(rates)
    report.numbers = {"decision": list(rates)}
    return report


def decision_figures(rates: Sequence[Rates]) -> list[Figure]:
    """For each way of telling people: FNIR against FPIR in the largest gallery, and against the
    size of the gallery as the default decision has it."""
    found = []
    for modalities in dict.fromkeys(rate.case.modalities for rate in rates):
        own = [rate for rate in rates if rate.case.modalities == modalities]
        name, largest = "-".join(modalities), max(rate.case.enrolled for rate in own)
        curves = {_label(r.case): r.curve for r in own if r.case.enrolled == largest and r.curve}
        marks = {
            _label(r.case): (r.strangers.value, r.refused.value)
            for r in own
            if r.case.enrolled == largest
        }
        title = f"By {' and '.join(modalities)}: FNIR against FPIR, {largest:,} enrolled"
        png = plots.fnir_by_fpir(LEVELS, curves, marks)
        found.append(Figure(f"fnir-fpir-{name}", title, png))
        sizes: dict[str, list[tuple[int, float]]] = {}
        for rate in own:
            sizes.setdefault(_label(rate.case), []).append((rate.case.enrolled, rate.refused.value))
        title = f"By {' and '.join(modalities)}: enrolled people refused, by size of the gallery"
        found.append(Figure(f"fnir-size-{name}", title, plots.rate_by_size(sizes)))
    return found


def _label(case: Case) -> str:
    return f"probe {case.frames}, enrolment {case.templates}"
