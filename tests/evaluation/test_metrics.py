"""Metrics against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.intervals import (
    Estimate,
    PairScores,
    bootstrap,
    draws,
    fold_estimate,
    pair_estimates,
    rule_of_three,
    share,
)
from kiosk.evaluation.metrics.probability import (
    cllr,
    expected_calibration_error,
    mean_ratio,
    min_cllr,
    overstatement,
    reliability,
)

scores = st.lists(st.floats(-1, 1, allow_nan=False), min_size=1, max_size=40)


def gaussians(
    separation: float, count: int = 200_000
) -> tuple[error_rates.Floats, error_rates.Floats]:
    """Evenly spaced quantiles of two normal distributions: the rates are known in closed form."""
    quantiles = norm.ppf((np.arange(count) + 0.5) / count)
    return quantiles + separation, quantiles


@pytest.mark.parametrize("separation", [0.5, 2.0, 4.0])
def test_eer_of_two_gaussians(separation: float) -> None:
    found = error_rates.eer(error_rates.error_curve(*gaussians(separation)))
    assert found == pytest.approx(norm.cdf(-separation / 2), abs=1e-4)


@pytest.mark.parametrize("far", [0.1, 0.01, 0.001])
def test_tar_of_two_gaussians(far: float) -> None:
    curve = error_rates.error_curve(*gaussians(3.0))
    assert error_rates.tar_at_far(curve, far) == pytest.approx(
        norm.sf(norm.isf(far) - 3.0), abs=1e-3
    )
    assert (
        error_rates.fmr_at(gaussians(3.0)[1], error_rates.threshold_at_fmr(curve, far))
        <= far + 1e-12
    )


def test_det_of_gaussians_is_a_straight_line() -> None:
    x, y = error_rates.det_points(error_rates.error_curve(*gaussians(2.0)))
    middle = (x > -3) & (x < 3) & (y > -3) & (y < 3)
    assert np.abs(x[middle] + y[middle] + 2.0).max() < 0.02


def test_perfect_and_useless_scores() -> None:
    perfect = error_rates.error_curve([0.9, 0.8], [0.1, 0.2])
    assert error_rates.eer(perfect) == 0
    assert error_rates.tar_at_far(perfect, 0.001) == 1
    useless = error_rates.error_curve([0.5], [0.5])
    assert error_rates.eer(useless) == 0.5
    inverted = error_rates.error_curve([0.1], [0.9])
    assert error_rates.eer(inverted) == 1


def test_score_at_the_threshold_is_accepted() -> None:
    assert error_rates.fmr_at([0.5, 0.4], 0.5) == 0.5
    assert error_rates.fnmr_at([0.5, 0.4], 0.5) == 0.5


@pytest.mark.parametrize(("genuine", "impostor"), [([], [0.1]), ([0.1], []), ([np.nan], [0.0])])
def test_curve_refuses_nothing_and_nan(genuine: list[float], impostor: list[float]) -> None:
    with pytest.raises(ValueError, match="score"):
        error_rates.error_curve(genuine, impostor)


@given(scores, scores)
def test_curve_is_monotonous_and_complete(genuine: list[float], impostor: list[float]) -> None:
    curve = error_rates.error_curve(genuine, impostor)
    assert (np.diff(curve.fmr) <= 1e-12).all()
    assert (np.diff(curve.fnmr) >= -1e-12).all()
    assert (curve.fmr[0], curve.fnmr[0]) == (1, 0)
    assert (curve.fmr[-1], curve.fnmr[-1]) == (0, 1)
    assert 0 <= error_rates.eer(curve) <= 1


@given(scores, scores, st.integers(0, 2**31))
def test_weight_two_is_the_sample_twice(
    genuine: list[float], impostor: list[float], seed: int
) -> None:
    random = np.random.default_rng(seed)
    first, second = random.integers(1, 3, len(genuine)), random.integers(1, 3, len(impostor))
    weighted = error_rates.error_curve(genuine, impostor, first, second)
    repeated = error_rates.error_curve(np.repeat(genuine, first), np.repeat(impostor, second))
    np.testing.assert_allclose(weighted.fmr, repeated.fmr, atol=1e-12)
    np.testing.assert_allclose(weighted.fnmr, repeated.fnmr, atol=1e-12)


@given(scores, scores)
def test_rates_survive_a_rising_transform(genuine: list[float], impostor: list[float]) -> None:
    before = error_rates.error_curve(genuine, impostor)
    after = error_rates.error_curve(np.array(genuine) * 4 + 1, np.array(impostor) * 4 + 1)
    if before.thresholds.size == after.thresholds.size:  # rounding may join neighbours
        assert error_rates.eer(before) == pytest.approx(error_rates.eer(after))


def test_ranks_and_cmc() -> None:
    table = np.array([[0.9, 0.1, 0.2], [0.3, 0.2, 0.1], [0.5, 0.5, 0.1]])
    rank = error_rates.ranks(table, np.array([0, 2, 1]))
    assert rank.tolist() == [1, 3, 2]
    assert error_rates.cmc(rank, 3).tolist() == pytest.approx([1 / 3, 2 / 3, 1])


def test_open_set_misses_low_scores_and_wrong_firsts() -> None:
    mated = np.array([0.9, 0.8, 0.3, 0.95])
    first = np.array([True, True, True, False])
    strangers = np.linspace(0, 0.5, 100)
    assert error_rates.open_set_fnir(mated, first, strangers, 0.01) == 0.5
    assert error_rates.open_set_fnir(mated, first, strangers, 1.0) == 0.25


def test_good_quality_estimate_lowers_the_curve() -> None:
    genuine = np.array([0.1, 0.2, 0.8, 0.9])
    rejected = np.array([0.0, 0.25, 0.5, 1.0])
    good = error_rates.error_versus_reject(genuine, genuine, 0.5, rejected)
    assert good.tolist() == pytest.approx([0.5, 1 / 3, 0, 0])
    bad = error_rates.error_versus_reject(genuine, -genuine, 0.5, rejected)
    assert bad[2] == 1.0


def test_groups_at_one_threshold() -> None:
    found = error_rates.fmr_by_group(np.array([0.6, 0.1, 0.1]), np.array(["x", "x", "y"]), 0.5)
    assert found == {"x": (0.5, 2), "y": (0.0, 1)}


def test_folds_use_the_other_folds_threshold() -> None:
    score = np.array([0.9, 0.1, 0.8, 0.2, 0.3, 0.25])
    same = np.array([True, False] * 3)
    found = error_rates.fold_accuracies(score, same, np.array([1, 1, 2, 2, 3, 3]))
    assert found.tolist() == [1.0, 1.0, 0.5]


# --- probability -----------------------------------------------------------------------------


def test_calibrated_gaussian_llr_has_the_known_cost() -> None:
    genuine, impostor = gaussians(2.0)
    llr_same, llr_different = 2 * genuine - 2, 2 * impostor - 2
    best = min_cllr(genuine, impostor)
    assert cllr(llr_same, llr_different) == pytest.approx(best, abs=2e-3)
    assert best <= cllr(llr_same, llr_different) < cllr(3 * llr_same, 3 * llr_different)
    assert cllr([0.0], [0.0]) == pytest.approx(1.0)


def test_min_cllr_ends() -> None:
    assert min_cllr([2.0, 3.0], [0.0, 1.0]) == pytest.approx(0.0, abs=1e-9)
    assert min_cllr([0.5, 0.5], [0.5, 0.5]) == pytest.approx(1.0)
    assert min_cllr([0.0], [1.0]) == pytest.approx(1.0)


def test_ece_of_an_honest_and_an_overconfident_forecast() -> None:
    right = np.array([True] * 7 + [False] * 3)
    assert expected_calibration_error(np.full(10, 0.7), right) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(10, 1.0), right) == pytest.approx(0.3)
    assert [part.count for part in reliability([0.05, 0.06, 1.0], [0, 0, 1])] == [2, 1]


def test_overstated_evidence_shows_on_strangers() -> None:
    """Of N(2, 1) against N(0, 1) the ratio is exp(2 s - 2)."""
    honest = 2 * gaussians(2.0)[1] - 2
    assert mean_ratio(honest) == pytest.approx(1.0, rel=0.05)
    assert overstatement(honest, 2.0) == pytest.approx(norm.sf(2.0) * np.exp(2.0), rel=0.01)
    assert mean_ratio(honest + 1.0) == pytest.approx(np.e, rel=0.05)
    assert overstatement(honest, 2.0) < 1 < overstatement(honest + 2.0, 2.0)


# --- intervals ---------------------------------------------------------------------------------


def test_rule_of_three() -> None:
    assert rule_of_three(3000) == pytest.approx(0.001)
    assert rule_of_three(0) == 1
    never = share(np.zeros(300), np.arange(300), 300, seed=1, replicates=20)
    assert [never.value, never.high] == pytest.approx([0.0, 0.01])
    always = share(np.ones(300), np.arange(300), 300, seed=1, replicates=20)
    assert [always.low, always.high] == pytest.approx([0.99, 1.0])


def test_interval_is_that_of_people_not_trials() -> None:
    """Ten people whose hundred trials all agree are ten observations, not a thousand."""
    person = np.repeat(np.arange(10), 100)
    found = share(person < 5, person, 10, seed=3)
    assert found.value == 0.5
    assert found.high - found.low > 0.4  # a thousand independent trials would give 0.06


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    covered = 0
    for repeat in range(100):
        hits = random.random(60) < 0.3
        found = share(hits, np.arange(60), 60, seed=repeat, replicates=200)
        covered += found.low <= 0.3 <= found.high
    assert 85 <= covered <= 100


def test_same_seed_same_interval() -> None:
    assert all((a == b).all() for a, b in zip(draws(9, 4, 5), draws(9, 4, 5), strict=True))
    genuine, impostor = gaussians(2.0, 200)
    pairs = PairScores(
        np.concatenate([genuine, impostor]),
        np.arange(400) < 200,
        np.arange(400) % 40,
        np.where(np.arange(400) < 200, np.arange(400) % 40, (np.arange(400) + 7) % 40),
    )
    first = pair_estimates(pairs, {"eer": error_rates.eer}, seed=9, replicates=50)
    second = pair_estimates(pairs, {"eer": error_rates.eer}, seed=9, replicates=50)
    assert first == second
    assert first["eer"].low < norm.cdf(-1.0) < first["eer"].high


def test_pairs_and_arrays_give_the_same_curve() -> None:
    random = np.random.default_rng(2)
    score, same = random.integers(0, 9, 60) / 9, np.arange(60) % 3 == 0
    pairs = PairScores(score, same, np.arange(60), np.arange(60)[::-1].copy())
    drawn = random.integers(0, 3, 60).astype(np.float64)
    weight = np.where(same, drawn, drawn * drawn[::-1])
    one = pairs.curve(drawn)
    other = error_rates.error_curve(score[same], score[~same], weight[same], weight[~same])
    np.testing.assert_allclose(one.fmr, other.fmr, atol=1e-12)
    np.testing.assert_allclose(one.fnmr, other.fnmr, atol=1e-12)


def test_bootstrap_without_a_valid_draw_keeps_the_value() -> None:
    def fragile(multiplicity: error_rates.Floats) -> float:
        if (multiplicity != 1).any():
            raise ValueError("one kind is missing")
        return 0.25

    assert bootstrap(fragile, 8, 8, seed=1, replicates=10) == Estimate(0.25, 0.25, 0.25, 8)


def test_fold_estimate_is_mean_and_standard_error() -> None:
    found = fold_estimate([0.8, 0.9, 0.85], 300)
    assert found.value == pytest.approx(0.85)
    assert found.high - found.value == pytest.approx(1.96 * 0.05 / np.sqrt(3), rel=1e-6)
    assert fold_estimate([0.7], 10) == Estimate(0.7, 0.7, 0.7, 10)


def test_estimate_reads_as_percent() -> None:
    assert str(Estimate(0.5, 0.25, 0.75, 4)) == "50.00% [25.00%, 75.00%]"
