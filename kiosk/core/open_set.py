"""Probability of each enrolled person and of a stranger, from log-likelihood ratios.

Write r(i, j) for the natural-log likelihood ratio of modality i for candidate j: "the visitor is j"
against "the visitor is somebody who is not enrolled". Modalities are taken to be independent given
who it is, so R(j) = sum of r(i, j) is the ratio of all there is. With N people enrolled, each
expected with probability k / N, and a stranger with 1 - k, Bayes' rule says

    odds that the visitor is enrolled = k / (1 - k) * L,    L = (1 / N) * sum over j of exp R(j)
    share of candidate j among those enrolled = exp R(j) / sum over i of exp R(i)

and nothing in it needs a bound as long as the ratios are true. They are fitted on a limited number
of people, though, and a ratio beyond what those people can show is extrapolated (Vergeer et al.,
"Numerical likelihood ratios outputted by LR systems are often based on extrapolation", Science &
Justice 56, 2016; Morrison and Poh, "Avoiding overstating the strength of forensic evidence",
Science & Justice 58, 2018). Only the first line claims something about strangers, so the bound
belongs there and nowhere else: whether it is one candidate or the other is told by how far their
ratios are apart, however high both are. With b(i) the greatest ratio that the strangers seen in
development support and B(j) = sum of min(r(i, j), b(i)),

    L = (1 / N) * min(sum over j of exp B(j), exp(sum of b(i)) + N - 1).

The second term is one claim: one candidate says at most exp(sum of b), and the other N - 1 add what
people who are not the visitor add on average, a ratio of one each (the mean ratio of true ratios
over non-mated comparisons is one). Eight candidates at the bound are thus no more sure than one to
be anybody, which the union bound over candidates demands: were each reached by one stranger in
exp b, some of N would be by at most N in exp b. With true and unbounded ratios the minimum is the
sum itself and the formula is Bayes' rule again.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def posterior(
    ratios: Floats,
    claims: Floats,
    most: float,
    known_share: float,
    left_out: int = 0,
    bound: float = -math.inf,
) -> Floats:
    """Probability of each candidate, (candidates,); what is missing to one is that of a stranger.

    `ratios` R and `claims` B are (candidates,), natural logs; `most` is the sum of the bounds of
    the modalities, infinite where nothing is bounded. Of `left_out` more people is only known that
    neither exceeds `bound`: between candidates they count as if each came that near, against the
    stranger not at all, so that no probability is above what it would be with everybody's ratios.
    """
    if len(ratios) == 0:
        return np.empty(0)
    enrolled = len(ratios) + left_out
    rest = bound + math.log(left_out) if left_out else -math.inf
    said = min(_log_sum(claims), _log_sum(np.array([most, _log(enrolled - 1)])))
    odds = math.log(known_share) - math.log1p(-known_share) + said - math.log(enrolled)
    shares = np.exp(ratios - _log_sum(np.append(ratios, rest)))
    return np.asarray(shares * _probability(odds), dtype=np.float64)


def _log(count: int) -> float:
    return math.log(count) if count else -math.inf


def _log_sum(values: Floats) -> float:
    """Log of the sum of exp, which may be infinite."""
    return float(np.logaddexp.reduce(values))


def _probability(log_odds: float) -> float:
    """Of log-odds, without overflow."""
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    return math.exp(log_odds) / (1.0 + math.exp(log_odds))
