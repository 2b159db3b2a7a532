"""The probability of a stranger: Bayes' rule, bounded where the data of strangers end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from kiosk.core.open_set import posterior

RATIOS = st.lists(st.floats(-30, 40), min_size=1, max_size=40).map(np.array)
BOUND = st.floats(1, 12)
SHARE = st.floats(0.01, 0.99)


def probabilities(ratios: np.ndarray, most: float = math.inf, share: float = 0.9) -> np.ndarray:
    """Of one modality bounded at `most`."""
    return posterior(ratios, np.minimum(ratios, most), most, share)


@given(RATIOS, BOUND, SHARE)
def test_it_is_a_probability_in_the_order_of_the_ratios(
    ratios: np.ndarray, bound: float, share: float
) -> None:
    found = probabilities(ratios, bound, share)
    assert (found >= 0).all()
    assert found.sum() <= 1 + 1e-9
    order = np.argsort(ratios, kind="stable")
    assert (np.diff(found[order]) >= -1e-12).all()


@given(RATIOS, BOUND, SHARE, st.floats(0.5, 20))
def test_the_distance_of_two_candidates_is_never_bounded(
    ratios: np.ndarray, bound: float, share: float, apart: float
) -> None:
    first, second = probabilities(np.append(ratios, [50.0 + apart, 50.0]), bound, share)[-2:]
    assert math.log(first / second) == pytest.approx(apart, rel=1e-6)


@given(RATIOS, SHARE)
def test_without_a_bound_it_is_bayes_rule(ratios: np.ndarray, share: float) -> None:
    weights = share / len(ratios) * np.exp(ratios)
    expected = weights / (weights.sum() + 1 - share)
    assert probabilities(ratios, share=share) == pytest.approx(expected, abs=1e-9)


@given(RATIOS, BOUND, SHARE)
def test_a_bound_only_ever_takes_away(ratios: np.ndarray, bound: float, share: float) -> None:
    bounded, free = probabilities(ratios, bound, share), probabilities(ratios, share=share)
    assert (bounded <= free + 1e-12).all()


@given(RATIOS, BOUND, st.integers(1, 500))
def test_somebody_far_away_changes_nothing_but_the_size_of_the_gallery(
    ratios: np.ndarray, bound: float, more: int
) -> None:
    """Neither order nor distance; the odds are those of a gallery that is so much larger."""
    few, many = (
        probabilities(np.append(ratios, np.full(count, -1e3)), bound) for count in (0, more)
    )
    assert many[: len(ratios)].sum() <= few.sum() + 1e-12
    shares = few / few.sum()
    assert many[: len(ratios)] / many.sum() == pytest.approx(shares, abs=1e-9)


@given(BOUND, st.integers(1, 30), st.floats(0, 30))
def test_many_candidates_at_the_bound_are_one_claim(bound: float, many: int, above: float) -> None:
    """What a gallery of one may say of a stranger is not said more surely because several people
    resemble the visitor."""
    enrolled, share = 30, 0.9
    ratios = np.full(enrolled, -20.0)
    ratios[:many] = bound + above
    known = probabilities(ratios, bound, share).sum()
    most = share / (1 - share) * (math.exp(bound) + enrolled - 1) / enrolled
    assert known <= most / (1 + most) + 1e-9


@given(RATIOS, BOUND, st.integers(1, 40))
def test_a_short_list_never_makes_anybody_surer(ratios: np.ndarray, most: float, kept: int) -> None:
    order = np.sort(ratios)[::-1]
    listed, rest = order[:kept], order[kept:]
    bound = float(rest.max()) if rest.size else -math.inf
    claims = np.minimum(listed, most)
    short = posterior(listed, claims, most, 0.9, rest.size, bound)
    assert (short <= probabilities(order, most)[: listed.size] + 1e-12).all()


def test_true_ratios_give_true_probabilities() -> None:
    """Two normal curves whose distance is their variance have the score itself as their ratio. Of
    all visits that are said to be a stranger's with a probability of such a size, as many are."""
    rng = np.random.default_rng(11)
    enrolled, share, visits, spread = 20, 0.8, 20_000, 2.5
    ratios = rng.normal(-(spread**2) / 2, spread, (visits, enrolled))
    known = rng.random(visits) < share
    mated = rng.normal(spread**2 / 2, spread, visits)
    ratios[known, rng.integers(0, enrolled, visits)[known]] = mated[known]
    said = np.array([1 - probabilities(row, share=share).sum() for row in ratios])
    wrong = []
    for low in np.arange(0, 1, 0.1):
        here = (said >= low) & (said < low + 0.1)
        mean, count = said[here].mean(), int(here.sum())
        least, most = binom.interval(0.999, count, mean)
        if not least <= (~known[here]).sum() <= most:
            wrong.append((low, count, mean, (~known[here]).mean()))
    assert wrong == []


@pytest.mark.parametrize("bound", [1.0, 3.0])
def test_bounded_probabilities_err_towards_the_stranger(bound: float) -> None:
    """Whoever bounds true ratios says "stranger" too often, never too seldom."""
    rng = np.random.default_rng(12)
    enrolled, visits, spread = 20, 20_000, 3.0
    ratios = rng.normal(-(spread**2) / 2, spread, (visits, enrolled))
    known = rng.random(visits) < 0.8
    ratios[known, 0] = rng.normal(spread**2 / 2, spread, int(known.sum()))
    said = np.array([1 - probabilities(row, bound, 0.8).sum() for row in ratios])
    assert said.mean() > (~known).mean()


@pytest.mark.parametrize(
    ("ratios", "claims", "most", "share", "left_out", "bound", "expected"),
    [
        ((3.0, 1.0), (2.0, 1.0), 2.0, 0.9, 0, -math.inf, (0.858067, 0.116127)),
        ((3.0, 1.0), (2.0, 1.0), 5.0, 0.6, 4, 0.5, (0.489494, 0.066246)),
        ((-3.0,), (-3.0,), 9.0, 0.9, 0, -math.inf, (0.309432,)),
        ((12.0, 0.0), (9.0, 0.0), 9.0, 0.9, 100, 1.0, (0.996932, 6.125364e-06)),
    ],
)
def test_probabilities_to_the_digit(
    ratios: tuple[float, ...],
    claims: tuple[float, ...],
    most: float,
    share: float,
    left_out: int,
    bound: float,
    expected: tuple[float, ...],
) -> None:
    found = posterior(np.array(ratios), np.array(claims), most, share, left_out, bound)
    assert found.tolist() == pytest.approx(expected, rel=1e-5)


def test_of_nobody_there_is_no_probability() -> None:
    assert posterior(np.empty(0), np.empty(0), 9.0, 0.9).tolist() == []
