"""Whether calibrated ratios mean what they say among strangers who are much alike.

The mean likelihood ratio of strangers is one, whatever the recogniser, if ratios are true: the
expectation of p(s | same) / p(s | different) under the latter. Before a kiosk strangers are of one
town, speak one language and use one microphone, so that it has to hold within such groups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.scoring import Calibration
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, Integers, bootstrap
from kiosk.evaluation.metrics.scores import all_pairs

STRONG_LLR = 4.0
"""Natural log: a ratio that the kiosk takes for strong evidence."""
FEWEST_PEOPLE = 3
MOST_SAMPLES = 2000
"""Of one group, the first ones: two million pairs say enough."""


@dataclass(frozen=True)
class GroupRatio:
    """Of pairs of strangers of one group: the mean ratio, and the share whose log is STRONG_LLR or
    more; true ratios have a mean of one and at most exp(-STRONG_LLR) of them so high."""

    mean: Estimate
    strong: Estimate
    people: int

    def __str__(self) -> str:
        low, high = self.mean.low, self.mean.high
        return f"{self.mean.value:.2f} [{low:.2f}, {high:.2f}]; {self.strong.value:.1%}"


HONEST = (
    "Mean likelihood ratio of strangers of one group with its 95 % interval (people drawn again; 1 "
    "means what it says, 5 overstates five times); and the share of pairs whose natural log is "
    f"{STRONG_LLR:g} or more, at most {math.exp(-STRONG_LLR):.1%} if ratios are honest."
)


def whose_calibration(*, fitted: bool) -> str:
    """For the note under a table of ratios."""
    if fitted:
        return "Calibrated on one half of the people, reported on the other."
    return "The calibration that ships; of the development recordings it has seen everybody."


def ratios_by_group(samples: Samples, calibration: Calibration, seed: int) -> dict[str, GroupRatio]:
    """Every group of FEWEST_PEOPLE or more, every two samples of different people of it compared.

    Each sample is the probe once: a ratio counts as much as the probe's quality lets it.
    """
    found = {}
    for name in np.unique(samples.group):
        members = samples.take(np.flatnonzero(samples.group == name)[:MOST_SAMPLES])
        people, subject = np.unique(members.subject, return_inverse=True)
        if name != "" and people.size >= FEWEST_PEOPLE:
            members.subject = subject.astype(np.int64)
            found[str(name)] = _group(members, people.size, calibration, seed)
    return found


def _group(samples: Samples, people: int, calibration: Calibration, seed: int) -> GroupRatio:
    pairs = all_pairs(samples, seed)
    other = ~pairs.same
    full = calibration.llr(pairs.score[other])
    llr = full * weights(samples, calibration)[other]
    a, b = pairs.a[other], pairs.b[other]
    mean = _average(np.exp(llr), a, b, people, seed)
    return GroupRatio(mean, _average(llr >= STRONG_LLR, a, b, people, seed), people)


def weights(samples: Samples, calibration: Calibration) -> Floats:
    """How much each of `all_pairs` counts, (pairs,): that of the poorer sample."""
    first, second = np.triu_indices(len(samples), 1)
    quality = np.minimum(samples.quality[first], samples.quality[second])
    return np.clip(quality / calibration.full_quality, 0.0, 1.0)


def _average(
    values: Floats | NDArray[np.bool_], a: Integers, b: Integers, people: int, seed: int
) -> Estimate:
    """With an interval over people; both people of a pair are drawn."""
    hits = np.asarray(values, dtype=np.float64)

    def weighted(multiplicity: Floats) -> float:
        return float(np.average(hits, weights=multiplicity[a] * multiplicity[b]))

    return bootstrap(weighted, people, hits.size, seed)
