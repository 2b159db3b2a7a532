"""What thresholds mean: figures that follow from the scores, never better than they can show."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import Modality
from kiosk.core.scoring import LEAST_LLR, Evidence, HonestRatios, Policy, decide
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.recognition.development_scores import DEVELOPMENT_FILE, load_scores, save_scores
from kiosk.recognition.operating_point import (
    STEP,
    DevelopmentScores,
    TargetThresholds,
    binned,
    promise,
    threshold,
)
from kiosk.runtime.health import LocalHealthService
from kiosk.runtime.metrics import RuntimeMetrics

FACE, VOICE = Modality.FACE, Modality.VOICE


def scores(apart: float = 4.0, worth: tuple[float, float] = (1e4, 1e5)) -> DevelopmentScores:
    """Ratios that mean what they say, two normal curves: their distance is their variance."""
    steps = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    ratios = [side * apart**2 / 2 + apart * steps for side in (1, -1)]
    flat = np.ones(200_000)
    return binned((ratios[0], flat), [(ratios[1], flat)], worth, 50)


def perfect(worth: float) -> DevelopmentScores:
    """No error among so many comparisons."""
    one = np.ones(10)
    return binned((60 * one, one), [(-60 * one, one)], (worth, worth), 50)


def tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def test_the_threshold_is_that_of_the_decision() -> None:
    for enrolled, policy in product((1, 10, 500), (Policy(), Policy(min_probability=0.95))):
        policy = replace(policy, thresholds=TargetThresholds({FACE: scores()}))
        needed = threshold(policy, (FACE,), enrolled)
        ids, llrs = np.arange(enrolled), np.full(enrolled, -60.0)
        for step, outcome in (
            (0.01, DecisionOutcome.IDENTIFIED),
            (-0.01, DecisionOutcome.UNKNOWN),
        ):
            llrs[0] = needed + step
            decision = decide([Evidence(FACE, ids, llrs, llrs)], policy, str)
            assert decision.outcome is outcome, (enrolled, policy.min_probability)


def test_shares_are_those_of_the_curves() -> None:
    made = promise({FACE: scores(3.0)}, Policy(min_llr=4.0), 1)
    assert made is not None
    assert not made.accepted.bounded
    assert 1 / made.accepted.one_in == pytest.approx(tail((4.0 + 4.5) / 3), rel=0.1)
    assert 1 / made.refused.one_in == pytest.approx(tail((4.5 - 4.0) / 3), rel=0.05)


@pytest.mark.parametrize("once_in", [20.0, 100.0, 1000.0])
@pytest.mark.parametrize("enrolled", [1, 29, 1000])
@pytest.mark.parametrize("modalities", [(FACE,), (FACE, VOICE)])
def test_strangers_are_named_as_seldom_as_asked_for(
    once_in: float, enrolled: int, modalities: tuple[Modality, ...]
) -> None:
    """Of true ratios, whose sums are normal again."""
    apart = {FACE: 3.0, VOICE: 2.0}
    found = TargetThresholds({each: scores(apart[each]) for each in modalities})
    needed = found.needed(modalities, enrolled, once_in)
    spread = math.hypot(*(apart[each] for each in modalities))
    each = tail((needed + spread**2 / 2) / spread)
    named = once_in * (1 - (1 - each) ** enrolled)
    assert 0.5 < named < 1.1, "a threshold is the next bin of a quarter"
    assert needed < HonestRatios().needed(modalities, enrolled, once_in)


def test_a_threshold_may_lie_where_no_stranger_was_seen_but_is_not_promised() -> None:
    few = scores(4.0, (300.0, 300.0))
    policy = Policy(thresholds=TargetThresholds({FACE: few}))
    assert policy.needed((FACE,), 50) > 0
    made = promise({FACE: few}, policy, 50)
    assert made is not None
    assert made.accepted.bounded
    assert made.accepted.one_in < policy.stranger_named_once_in < made.expected.one_in


def test_without_development_scores_ratios_are_taken_at_their_word() -> None:
    found = TargetThresholds({FACE: scores()})
    assert found.needed((VOICE,), 10, 100.0) == pytest.approx(math.log(1000))


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
    made = promise({FACE: perfect(worth)}, Policy(min_llr=4.0), 1)
    assert made is not None
    assert made.accepted.bounded
    assert made.accepted.one_in == pytest.approx(most, rel=0.01)
    assert made.refused.bounded
    assert made.refused.one_in == pytest.approx(most, rel=0.01)


def test_the_bound_holds_for_each_person_enrolled() -> None:
    made = promise({FACE: perfect(3e3)}, Policy(min_llr=4.0), 100)
    assert made is not None
    assert made.accepted.one_in == pytest.approx(1 / (1 - (1 - 1e-3) ** 100), rel=0.01)


def test_what_the_data_do_not_support_is_said() -> None:
    """A hundred strangers seen promise one in about 33 for one person enrolled, and no more."""
    known = {FACE: perfect(100)}
    greedy = Policy(stranger_named_once_in=1000.0, thresholds=TargetThresholds(known))
    found = promise(known, greedy, 1)
    assert found is not None
    assert (found.unsupported, found.asked) == (True, 1000.0)
    assert found.accepted.one_in == pytest.approx(100 / 3, rel=0.01)
    modest = promise(known, replace(greedy, stranger_named_once_in=30.0), 1)
    assert modest is not None
    assert not modest.unsupported
    by_hand = promise(known, replace(greedy, min_llr=3.0), 1)
    assert by_hand is not None
    assert (by_hand.asked, by_hand.unsupported) == (None, False)


def test_a_stricter_target_costs_more_visits() -> None:
    known = {FACE: scores()}
    lax, strict = (
        promise(known, Policy(stranger_named_once_in=n, thresholds=TargetThresholds(known)), 100)
        for n in (10.0, 300.0)
    )
    assert lax is not None
    assert strict is not None
    assert strict.refused.one_in < lax.refused.one_in


def test_without_scores_nothing_is_promised() -> None:
    assert promise({}, Policy(), 10) is None


def test_nobody_is_named_on_hardly_any_evidence() -> None:
    policy = Policy(stranger_named_once_in=2.0, thresholds=TargetThresholds({FACE: scores()}))
    assert policy.needed((FACE,), 1) == LEAST_LLR


def test_where_the_evidence_can_never_reach_everybody_is_refused() -> None:
    """Among so many people no ratio within its bound is as probable as asked: nobody is named."""
    known = {FACE: perfect(100)}
    policy = Policy(min_probability=0.999, thresholds=TargetThresholds(known))
    found = promise(known, policy, 10_000)
    assert found is not None
    assert found.refused.one_in == pytest.approx(1.0)
    # What was never seen is bounded by the rule of three for each of the ten thousand.
    assert found.accepted.bounded


def test_scores_are_kept_for_just_these_weights(tmp_path: Path) -> None:
    file = tmp_path / DEVELOPMENT_FILE
    save_scores(file, "one", "aa", scores())
    save_scores(file, "two", "bb", scores(5.0))
    found = load_scores(file, "one", "aa")
    assert found is not None
    assert found.mated == pytest.approx(scores().mated, abs=1e-5)
    save_scores(file, "one", "aa", scores(worth=(12.34, 56.78)))
    rounded = load_scores(file, "one", "aa")
    assert rounded is not None
    assert (rounded.mated_worth, rounded.other_worth, rounded.people) == (12.3, 56.8, 50)
    assert load_scores(file, "two", "bb") is not None
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


def few() -> tuple[DevelopmentScores, DevelopmentScores]:
    """A face and a voice of so few comparisons that they can be counted by hand."""
    mated = np.array([1.0, 2.1, 3.3, 5.0]), np.array([1.0, 1.0, 2.0, 4.0])
    strangers = [
        (np.array([-2.0, -1.9, 0.1, 1.2]), np.ones(4)),
        (np.array([-1.0, 0.3]), np.array([3.0, 1.0])),
    ]
    halves = np.ones(2)
    voice = binned(
        (np.array([0.5, 4.0]), halves), [(np.array([-1.5, 0.0]), halves)], (30.0, 600.0), 9
    )
    return binned(mated, strangers, (40.0, 900.0), 12), voice


def test_ratios_are_counted_in_bins_by_their_weights() -> None:
    face, _ = few()
    assert (face.first, face.people) == (-8, 12)
    assert (face.mated_worth, face.other_worth) == (40.0, 900.0)
    assert face.llr_max == pytest.approx(math.log(300.0))
    assert {int(k): float(face.mated[k]) for k in np.flatnonzero(face.mated)} == {
        12: 0.125, 16: 0.125, 21: 0.25, 28: 0.5,
    }  # fmt: skip
    # Groups of strangers count alike, however many comparisons each has.
    assert {int(k): float(face.other[k]) for k in np.flatnonzero(face.other)} == {
        0: 0.25, 4: 0.375, 8: 0.125, 9: 0.125, 12: 0.125,
    }  # fmt: skip
    assert face.mated.size == face.other.size == 29


@pytest.mark.parametrize(
    ("modalities", "levels"),
    [((FACE,), (0.625, 1.875, 2.875)), ((VOICE,), (0.375, 1.125, 2.125)),
     ((FACE, VOICE), (0.0, 1.75, 2.75))],
)  # fmt: skip
def test_thresholds_of_few_comparisons(
    modalities: tuple[Modality, ...], levels: tuple[float, ...]
) -> None:
    face, voice = few()
    thresholds = TargetThresholds({FACE: face, VOICE: voice})
    asked = ((1, 4.0), (1, 100.0), (50, 100.0))
    assert tuple(thresholds.needed(modalities, *each) for each in asked) == levels


def test_beyond_what_was_seen_the_tail_goes_on() -> None:
    """Where even the last bin is reached too often, each third is as much further out."""
    face, _ = few()
    thresholds = TargetThresholds({FACE: face})
    rare = [thresholds.needed((FACE,), 1, once_in) for once_in in (1e9, 1e9 * math.e)]
    assert rare[1] - rare[0] == pytest.approx(STEP, abs=1e-6)
    assert rare[0] > 5.0


def test_promises_of_few_comparisons() -> None:
    face, voice = few()
    policy = Policy(thresholds=TargetThresholds({FACE: face, VOICE: voice}))
    told = [
        promise(scores, policy, enrolled)
        for scores in ({FACE: face}, {FACE: face, VOICE: voice})
        for enrolled in (1, 20)
    ]
    assert [
        each and (each.modalities, each.enrolled, each.people, each.asked) for each in told
    ] == [
        ((FACE,), 1, 12, 100.0),
        ((FACE,), 20, 12, 100.0),
        ((FACE, VOICE), 1, 9, 100.0),
        ((FACE, VOICE), 20, 9, 100.0),
    ]
    figures = [
        (each.accepted.one_in, each.refused.one_in, each.expected.one_in) for each in told if each
    ]
    assert np.array(figures) == pytest.approx(
        np.array(
            [
                (300.0, 8.0, 436.785200),
                (15.480551, 4.0, 161.847033),
                (300.0, 10.0, 321.368591),
                (15.480551, 10.0, 119.206228),
            ]
        )
    )
    bounded = [(e.accepted.bounded, e.refused.bounded, e.expected.bounded) for e in told if e]
    assert bounded == [(True, False, False)] * 2 + [(True, True, False)] * 2
    fixed = promise({FACE: face}, replace(policy, min_llr=2.0), 5)
    assert fixed is not None
    assert fixed.asked is None
    assert (fixed.accepted.one_in, fixed.expected.one_in) == pytest.approx((60.401336, 87.757957))
    assert promise({FACE: face}, policy, 0) is None


def test_the_probability_that_is_asked_for_needs_a_ratio_of_its_own() -> None:
    strict = Policy(min_probability=0.8, known_share=0.6, min_llr=0.1)
    assert threshold(strict, (FACE,), 30) == pytest.approx(math.log(4.0) + math.log(30 * 0.4 / 0.6))
    assert threshold(Policy(min_llr=2.0), (FACE,), 30) == 2.0
