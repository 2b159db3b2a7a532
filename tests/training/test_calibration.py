"""Calibration of scores against distributions whose likelihood ratio is known."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import pytest
from scipy.stats import norm

from kiosk.core.errors import InputError
from kiosk.core.scoring import Calibration
from kiosk.training.calibration.fit import Trials, as_toml, cost, fit_calibration, with_calibration

COUNT = 20_000
QUANTILES = norm.ppf((np.arange(COUNT) + 0.5) / COUNT)


def trials(
    centre: float, spread: float = 0.1, quality: float = 1.0, effective: float = 3000.0
) -> Trials:
    return Trials(centre + spread * QUANTILES, np.full(COUNT, quality), effective)


def test_llr_of_two_gaussians_is_found() -> None:
    """Of N(0.6, 0.1) against N(0.2, 0.1) it is 40 s - 16."""
    found = fit_calibration(trials(0.6), trials(0.2))
    assert found.slope == pytest.approx(40.0, rel=0.01)
    assert found.intercept == pytest.approx(-16.0, rel=0.01)


def test_unequal_numbers_do_not_move_it() -> None:
    few = Trials(0.6 + 0.1 * QUANTILES[::50], np.ones(COUNT // 50), 400.0)
    found = fit_calibration(few, trials(0.2))
    assert found.score_at(0.0) == pytest.approx(0.4, abs=0.005)


def test_bounds_follow_the_rule_of_three() -> None:
    found = fit_calibration(trials(0.6, effective=300), trials(0.2, effective=30_000))
    assert found.llr_min == pytest.approx(-math.log(100))
    assert found.llr_max == pytest.approx(math.log(10_000))
    assert found.llr(np.array([5.0, -5.0])) == pytest.approx([found.llr_max, found.llr_min])


def test_poor_probes_count_less_when_their_scores_say_less() -> None:
    good, bad = trials(0.6), trials(0.25, quality=0.1)
    mated = Trials(
        np.concatenate([good.score, bad.score]), np.concatenate([good.quality, bad.quality]), 3000.0
    )
    other = Trials(
        np.concatenate([trials(0.2).score, trials(0.2).score]), mated.quality.copy(), 3000.0
    )
    found = fit_calibration(mated, other)
    assert found.full_quality > 0.1
    whole = Calibration(found.slope, found.intercept, found.llr_min, found.llr_max, 1e-6)
    assert cost(found, mated, other) < cost(whole, mated, other)


def test_quality_that_says_nothing_does_not_shrink() -> None:
    found = fit_calibration(trials(0.6, quality=0.1), trials(0.2, quality=0.1))
    assert found.llr(np.array([0.6]), quality=0.1)[0] == pytest.approx(found.llr_max, abs=1.2)


@pytest.mark.parametrize(
    ("mated", "other"),
    [(trials(0.2), trials(0.6)), (trials(0.6, effective=5), trials(0.2))],
)
def test_useless_data_are_refused(mated: Trials, other: Trials) -> None:
    with pytest.raises(InputError):
        fit_calibration(mated, other)


def test_toml_reads_back() -> None:
    found = fit_calibration(trials(0.6), trials(0.2))
    table = tomllib.loads(as_toml("face-x", found, ["fitted on nothing real"]))
    read = Calibration(**table["models"]["face-x"]["calibration"])
    assert read.slope == pytest.approx(found.slope, rel=1e-4)
    assert read.full_quality == pytest.approx(found.full_quality)


MANIFEST = """# about this file

[models.face-x]
rank = 1

[models.face-x.calibration]
slope = 1.0

# about the next
[models.voice-y]
rank = 2
"""


@pytest.mark.parametrize("name", ["face-x", "voice-y"])
def test_manifest_keeps_everything_else(name: str) -> None:
    once = with_calibration(MANIFEST, name, as_toml(name, Calibration(20.0, -8.0)))
    twice = with_calibration(once, name, as_toml(name, Calibration(30.0, -8.0)))
    assert tomllib.loads(once)["models"][name]["calibration"]["slope"] == 20.0
    assert tomllib.loads(twice)["models"][name]["calibration"]["slope"] == 30.0
    assert tomllib.loads(twice)["models"]["face-x"]["rank"] == 1
    assert tomllib.loads(twice)["models"]["voice-y"]["rank"] == 2
    assert once.startswith("# about this file")
    assert "\n# about the next\n[models.voice-y]" in twice
    assert len(twice) == len(once)


def test_manifest_without_the_model_is_refused() -> None:
    with pytest.raises(InputError, match="no model"):
        with_calibration(MANIFEST, "other", "")
