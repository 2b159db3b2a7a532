"""What thresholds mean: figures that follow from the scores, never better than they can show."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.media import Modality
from kiosk.core.scoring import Policy, posterior
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.recognition.development_scores import DEVELOPMENT_FILE, load_scores, save_scores
from kiosk.recognition.operating_point import DevelopmentScores, binned, promise, threshold
from kiosk.runtime.health import LocalHealthService
from kiosk.runtime.metrics import RuntimeMetrics

FACE, VOICE = Modality.FACE, Modality.VOICE


def scores(apart: float = 4.0, worth: tuple[float, float] = (1e4, 1e5)) -> DevelopmentScores:
    """Ratios that mean what they say, two normal curves: their distance is their variance."""
    rng = np.random.default_rng(3)
    ratios = [rng.normal(side * apart**2 / 2, apart, 200_000) for side in (1, -1)]
    flat = np.ones(200_000)
    return binned((ratios[0], flat), (ratios[1], flat), worth, 50)


def perfect(worth: float) -> DevelopmentScores:
    """No error among so many comparisons."""
    one = np.ones(10)
    return binned((60 * one, one), (-60 * one, one), (worth, worth), 50)


def tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def test_the_threshold_is_that_of_the_decision() -> None:
    for enrolled in (1, 10, 500):
        policy = Policy(min_llr=-20.0)
        needed = threshold(policy, enrolled)
        fused = np.full(enrolled, -60.0)
        for step, identified in ((0.01, True), (-0.01, False)):
            fused[0] = needed + step
            sure = posterior(fused, policy.known_share)[0]
            assert bool(sure >= policy.min_probability) is identified


def test_shares_are_those_of_the_curves() -> None:
    made = promise({FACE: scores(3.0)}, Policy(), 1)
    assert made is not None
    assert not made.accepted.bounded
    assert 1 / made.accepted.one_in == pytest.approx(tail((4.0 + 4.5) / 3), rel=0.1)
    assert 1 / made.refused.one_in == pytest.approx(tail((4.5 - 4.0) / 3), rel=0.05)


def test_two_modalities_refuse_fewer_than_one() -> None:
    alone = promise({FACE: scores(2.5)}, Policy(), 50)
    both = promise({FACE: scores(2.5), VOICE: scores(2.0)}, Policy(), 50)
    assert alone is not None
    assert both is not None
    assert both.refused.one_in > alone.refused.one_in


def test_more_people_mean_more_false_names() -> None:
    few, many = (promise({FACE: scores()}, Policy(min_llr=5.0), n) for n in (2, 2000))
    assert few is not None
    assert many is not None
    assert few.accepted.one_in > many.accepted.one_in
    assert few.refused.one_in > many.refused.one_in


@pytest.mark.parametrize(("worth", "most"), [(300.0, 100.0), (30_000.0, 10_000.0)])
def test_no_more_is_promised_than_the_rule_of_three_allows(worth: float, most: float) -> None:
    made = promise({FACE: perfect(worth)}, Policy(), 1)
    assert made is not None
    assert made.accepted.bounded
    assert made.accepted.one_in == pytest.approx(most, rel=0.01)
    assert made.refused.bounded
    assert made.refused.one_in == pytest.approx(most, rel=0.01)


def test_the_bound_holds_for_each_person_enrolled() -> None:
    made = promise({FACE: perfect(3e3)}, Policy(), 100)
    assert made is not None
    assert made.accepted.one_in == pytest.approx(1 / (1 - (1 - 1e-3) ** 100), rel=0.01)


def test_without_scores_nothing_is_promised() -> None:
    assert promise({}, Policy(), 10) is None


def test_scores_are_kept_for_just_these_weights(tmp_path: Path) -> None:
    file = tmp_path / DEVELOPMENT_FILE
    save_scores(file, "one", "aa", scores())
    save_scores(file, "two", "bb", scores(5.0))
    found = load_scores(file, "one", "aa")
    assert found is not None
    assert found.mated == pytest.approx(scores().mated, abs=1e-5)
    assert load_scores(file, "one", "bb") is None
    assert load_scores(file, "three", "aa") is None
    assert load_scores(tmp_path / "nothing", "one", "aa") is None


def test_the_shipped_recognisers_have_development_scores() -> None:
    room = LocalHealthService(Settings(), RuntimeMetrics())
    found = {each.modalities: each for each in room.promises(Settings(), 8)}
    assert set(found) == {(FACE, VOICE), (FACE,), (VOICE,)}
    assert found[FACE, VOICE].refused.one_in > found[VOICE,].refused.one_in
    stricter = room.promises(Settings(min_llr=6.0), 8)[1]
    assert stricter.refused.one_in < found[FACE,].refused.one_in
    file = manifest.weights_folder() / DEVELOPMENT_FILE
    for modality in Modality:
        entry = manifest.choose(Settings(), modality)
        kept = load_scores(file, entry.name, entry.sha256)
        assert kept is not None
        assert entry.calibration.llr_max <= math.log(kept.other_worth / 3) + 0.1
