"""How sure a figure is: bootstrap over people, standard error of folds, and the rule of three.

Comparisons of one person are not independent, so it is people who are drawn again, never pairs
(ISO/IEC 19795-1, annex B; Bolle et al., CVIU 93, 2004, "subsets bootstrap").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.evaluation.metrics.error_rates import ErrorCurve, Floats

Integers = NDArray[np.int64]
CurveStatistic = Callable[[ErrorCurve], float]
WeightedStatistic = Callable[[Floats], float]

REPLICATES = 400
_TAILS = (2.5, 97.5)
_OBSERVED_NOTHING = 3.0


@dataclass(frozen=True)
class Estimate:
    """A rate with its 95 % interval; `count` is the number of trials behind it."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.2%} [{self.low:.2%}, {self.high:.2%}]"


@dataclass(frozen=True, eq=False)
class PairScores:
    """Comparison scores of pairs of samples.

    `score` (pairs,), `same` (pairs,), and `a`, `b` (pairs,) the numbers of the two people, 0-based.
    """

    score: Floats
    same: NDArray[np.bool_]
    a: Integers
    b: Integers

    @property
    def genuine(self) -> Floats:
        """Scores of pairs of one person."""
        return self.score[self.same]

    @property
    def impostor(self) -> Floats:
        """Scores of pairs of two people."""
        return self.score[~self.same]

    @property
    def people(self) -> int:
        """One more than the largest number of a person."""
        return int(max(self.a.max(), self.b.max())) + 1

    @cached_property
    def _order(self) -> tuple[Integers, Integers, Floats]:
        """Places by rising score, where each different score begins among them, and those scores:
        sorting is what an error curve costs, and every draw of people can share it."""
        order = np.argsort(self.score, kind="stable")
        scores = self.score[order]
        starts = np.flatnonzero(np.append(True, np.diff(scores) > 0))
        return order, starts, scores[starts]

    def curve(self, multiplicity: Floats | None = None) -> ErrorCurve:
        """Error curve; `multiplicity` (people,) is how often each person was drawn.

        Raises ValueError where no mated or no non-mated comparison is left.
        """
        order, starts, scores = self._order
        weight = np.ones(self.score.size)
        if multiplicity is not None:
            first = multiplicity[self.a]
            weight = np.where(self.same, first, first * multiplicity[self.b])
        weight, same = weight[order], self.same[order]
        below_same, below_other = _below(weight * same, starts), _below(weight * ~same, starts)
        return ErrorCurve(np.append(scores, np.inf), 1.0 - below_other, below_same)


def _below(weight: Floats, starts: Integers) -> Floats:
    """Share of the weight before each start, and 1 at the end."""
    mass = np.cumsum(weight)
    if not mass.size or mass[-1] <= 0:
        raise ValueError("one kind of comparison is missing")
    before = np.append(0.0, mass)[np.append(starts, weight.size)]
    return np.asarray(before / mass[-1], dtype=np.float64)


def draws(people: int, seed: int, replicates: int = REPLICATES) -> list[Floats]:
    """How often each of `people` comes up when as many are drawn again, per replicate."""
    random = np.random.default_rng(seed)
    shares = np.full(people, 1.0 / people)
    return [random.multinomial(people, shares).astype(np.float64) for _ in range(replicates)]


def bootstrap(
    statistic: WeightedStatistic, people: int, count: int, seed: int, replicates: int = REPLICATES
) -> Estimate:
    """Percentile interval of a statistic of people's multiplicities (Efron and Tibshirani, 1993).

    A draw in which the statistic does not exist (everybody of one kind left out) is not counted.
    """
    value = statistic(np.ones(people))
    found = []
    for multiplicity in draws(people, seed, replicates):
        try:
            found.append(statistic(multiplicity))
        except (ValueError, ZeroDivisionError):
            continue
    if not found:
        return Estimate(value, value, value, count)
    low, high = np.percentile(found, _TAILS)
    return _with_rule_of_three(Estimate(value, float(low), float(high), count))


def pair_estimates(
    pairs: PairScores,
    statistics: dict[str, CurveStatistic],
    seed: int,
    replicates: int = REPLICATES,
) -> dict[str, Estimate]:
    """Several statistics of one error curve from the same draws of people."""
    whole = pairs.curve()
    found: dict[str, list[float]] = {name: [] for name in statistics}
    for multiplicity in draws(pairs.people, seed, replicates):
        try:
            curve = pairs.curve(multiplicity)
        except ValueError:
            continue
        for name, statistic in statistics.items():
            found[name].append(statistic(curve))
    return {
        name: _percentile(statistic(whole), found[name], pairs)
        for name, statistic in statistics.items()
    }


def _percentile(value: float, found: list[float], pairs: PairScores) -> Estimate:
    """Where no draw of people shows an error, it is people who count for the rule of three."""
    low, high = np.percentile(found, _TAILS) if found else (value, value)
    if low == high and value in (0.0, 1.0):
        reach = rule_of_three(np.unique(pairs.a[pairs.same]).size)
        low, high = max(0.0, value - reach), min(1.0, value + reach)
    return Estimate(value, float(low), float(high), pairs.score.size)


def _with_rule_of_three(estimate: Estimate) -> Estimate:
    if estimate.value == 0 and estimate.high == 0:
        return Estimate(0.0, 0.0, rule_of_three(estimate.count), estimate.count)
    if estimate.value == 1 and estimate.low == 1:
        return Estimate(1.0, 1.0 - rule_of_three(estimate.count), 1.0, estimate.count)
    return estimate


def rule_of_three(trials: int) -> float:
    """Upper end of the 95 % interval of a rate never observed in `trials` independent trials
    (ISO/IEC 19795-1, annex B; Hanley and Lippman-Hand, JAMA 249, 1983)."""
    return min(1.0, _OBSERVED_NOTHING / trials) if trials > 0 else 1.0


def fold_estimate(values: ArrayLike, count: int) -> Estimate:
    """Mean over folds with 1.96 standard errors of that mean on either side."""
    folds = np.asarray(values, dtype=np.float64)
    mean = float(folds.mean())
    if folds.size < 2:
        return Estimate(mean, mean, mean, count)
    reach = 1.96 * float(folds.std(ddof=1)) / float(np.sqrt(folds.size))
    return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach), count)


def share(
    hits: ArrayLike, person: Integers, people: int, seed: int, replicates: int = REPLICATES
) -> Estimate:
    """A share of trials, each belonging to one person; `hits` and `person` are (trials,)."""
    hit = np.asarray(hits, dtype=np.float64)

    def weighted(multiplicity: Floats) -> float:
        return float(np.average(hit, weights=multiplicity[person]))

    return bootstrap(weighted, people, hit.size, seed, replicates)
