"""Pooling, scores, calibration and the open-set decision on vectors with known answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.cohort import Cohort
from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.open_set import posterior
from kiosk.core.pooling import keep_consistent, normalise, pool
from kiosk.core.samples import Embedding, Probe
from kiosk.core.scoring import (
    MAX_CANDIDATES,
    Aggregate,
    Calibration,
    Evidence,
    Policy,
    SubjectScores,
    best_scores,
    decide,
    subject_scores,
    weigh,
)

POLICY = Policy()


def name_of(subject_id: int) -> str:
    return f"subject {subject_id}"


def evidence(modality: Modality, llrs: dict[int, float]) -> Evidence:
    ids = np.array(sorted(llrs), dtype=np.int64)
    values = np.array([llrs[i] for i in ids], dtype=np.float64)
    return Evidence(modality, ids, values / 10, values)


def test_normalise_refuses_a_zero_vector() -> None:
    with pytest.raises(BugError):
        normalise(np.zeros((2, 4), dtype=np.float32))


def test_pool_drops_the_odd_one_out(rng: np.random.Generator) -> None:
    centre = rng.normal(size=64)
    near = [normalise(centre + 0.2 * rng.normal(size=64)) for _ in range(4)]
    stranger = normalise(rng.normal(size=64))
    samples = [Embedding(v, 0.8) for v in [*near, stranger]]
    probe = pool(samples, Modality.FACE, "m@1")
    assert probe.sample_count == 4
    assert float(probe.vector @ normalise(centre)) > 0.95


def test_pool_listens_to_quality(rng: np.random.Generator) -> None:
    good, bad = normalise(rng.normal(size=(2, 32)))
    probe = pool([Embedding(good, 0.9), Embedding(bad, 0.1)], Modality.VOICE, "m@1")
    assert probe.vector @ good > 0.95


def test_two_samples_are_never_outliers(rng: np.random.Generator) -> None:
    assert keep_consistent(normalise(rng.normal(size=(2, 8)))).all()


IDS = st.integers(1, 6) | st.sampled_from([-1, 3_000_000_000, 2**63 - 1])


@given(st.lists(st.tuples(IDS, st.floats(-1, 1)), min_size=1, max_size=40))
def test_subject_scores_agree_with_a_plain_loop(rows: list[tuple[int, float]]) -> None:
    ids = np.array([row[0] for row in rows])
    scores = np.array([row[1] for row in rows])
    reducers: dict[Aggregate, Callable[..., float]] = {
        Aggregate.BEST: np.max,
        Aggregate.MEAN: np.mean,
        Aggregate.BLEND: lambda some: (np.max(some) + np.mean(some)) / 2,
    }
    for aggregate, reduce in reducers.items():
        found_ids, found = subject_scores(ids, scores, aggregate)
        plain = {i: reduce(scores[ids == i]) for i in sorted(set(ids.tolist()))}
        assert found_ids.tolist() == list(plain)
        assert found == pytest.approx(list(plain.values()))


def test_a_subject_is_scored_by_its_mean_as_well_as_by_its_best() -> None:
    ids = np.array([7, 7, 7, 8])
    found = subject_scores(ids, np.array([0.9, 0.0, 0.0, 0.7]))[1]
    assert found == pytest.approx([(0.9 + 0.3) / 2, 0.7])


def test_high_ids_cost_no_memory() -> None:
    """An array as long as the highest id would need eight exabytes."""
    ids = np.array([2**63 - 2, 5, 2**63 - 2], dtype=np.int64)
    found, scores = subject_scores(ids, np.array([0.2, 0.4, 0.6]), Aggregate.MEAN)
    assert found.tolist() == [5, 2**63 - 2]
    assert scores == pytest.approx([0.4, 0.4])


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.integers(1, 40))
def test_the_best_scores_are_the_first_of_all_sorted(values: list[float], limit: int) -> None:
    ids = np.arange(10, 10 + len(values))
    found = best_scores(ids, np.array(values), limit)
    ranked = sorted(values, reverse=True)
    assert sorted(found.scores.tolist(), reverse=True) == ranked[:limit]
    assert found.subject_ids.tolist() == sorted(found.subject_ids.tolist())
    assert found.left_out == len(values[limit:])
    assert found.bound == max(ranked[limit:], default=-np.inf)


def test_calibration_is_bounded_and_shrinks_with_quality() -> None:
    calibration = Calibration(20.0, -8.0, llr_min=-5, llr_max=6, full_quality=0.5)
    scores = np.array([-1.0, 0.4, 0.5, 1.0])
    assert calibration.llr(scores) == pytest.approx([-5, 0, 2, 6])
    assert calibration.llr(scores, quality=0.25) == pytest.approx([-2.5, 0, 1, 3])
    assert calibration.score_at(2.0) == pytest.approx(0.5)


def test_the_bound_is_of_claims_alone() -> None:
    calibration = Calibration(20.0, -8.0, llr_min=-5, llr_max=6, full_quality=0.5)
    probe = Probe(Modality.FACE, "m@1", np.ones(1, dtype=np.float32), 0.25, 1)
    found = SubjectScores(np.arange(3), np.array([0.0, 0.9, 1.0]))
    made = weigh(probe, found, calibration)
    assert made.llrs == pytest.approx([-4.0, 5.0, 6.0])
    assert made.ratios == pytest.approx([-2.5, 5.0, 6.0])
    assert (made.llr_min, made.llr_max, made.veto) == (-2.5, 3.0, calibration.veto)


def test_several_candidates_beyond_the_bound_are_told_apart() -> None:
    """Eight people who all resemble the visitor: the nearest is named, not "small margin"."""
    llrs = {n: 12.0 - 2.5 * n for n in range(8)}
    bounded = replace(evidence(Modality.VOICE, llrs), llr_max=4.69)
    decision = decide([bounded], POLICY, name_of)
    assert decision.outcome is DecisionOutcome.IDENTIFIED
    assert decision.top is not None
    assert decision.top.subject_id == 0
    order = [each.subject_id for each in decision.candidates]
    assert order == sorted(llrs, key=lambda each: -llrs[each])[:MAX_CANDIDATES]
    assert decision.probability < 0.95, "what the data cannot support is not claimed"


def test_a_clear_candidate_is_identified() -> None:
    decision = decide([evidence(Modality.FACE, {1: 9.0, 2: -3.0})], POLICY, name_of)
    assert decision.outcome is DecisionOutcome.IDENTIFIED
    assert decision.top is not None
    assert decision.top.name == "subject 1"
    assert decision.modalities == (Modality.FACE,)
    assert decision.voice is None


@pytest.mark.parametrize(
    ("llrs", "reason"),
    [
        ({1: 1.0, 2: -3.0}, DecisionReason.BELOW_THRESHOLD),
        ({1: 8.0, 2: 7.5}, DecisionReason.SMALL_MARGIN),
        ({1: -4.0}, DecisionReason.BELOW_THRESHOLD),
    ],
)
def test_a_doubtful_candidate_is_not(llrs: dict[int, float], reason: str) -> None:
    decision = decide([evidence(Modality.FACE, llrs)], POLICY, name_of)
    assert decision.outcome is DecisionOutcome.UNKNOWN
    assert decision.reason == reason


def test_two_weak_modalities_make_one_strong_decision() -> None:
    face = evidence(Modality.FACE, {1: 4.0, 2: -2.0, 3: -1.0})
    voice = evidence(Modality.VOICE, {1: 3.5, 2: -1.0, 3: -2.0})
    alone = decide([face], POLICY, name_of)
    both = decide([face, voice], POLICY, name_of)
    assert both.outcome is DecisionOutcome.IDENTIFIED
    assert both.probability > alone.probability
    assert both.face is not None
    assert both.face.probability == pytest.approx(alone.probability)


@pytest.mark.parametrize("face", [9.0, 40.0], ids=["sure", "saturated"])
def test_the_worst_voice_vetoes_any_face(face: float) -> None:
    one = evidence(Modality.FACE, {1: face, 2: -5.0})
    for voice, outcome in (
        (-9.0, DecisionOutcome.CONTRADICTED),
        (-1.0, DecisionOutcome.IDENTIFIED),
    ):
        other = replace(evidence(Modality.VOICE, {1: voice, 2: -9.0}), llr_min=-4.0)
        decision = decide([one, other], POLICY, name_of)
        assert decision.outcome is outcome
        assert decision.conflict is (outcome is DecisionOutcome.CONTRADICTED)
        reason = DecisionReason.CONFLICT if decision.conflict else DecisionReason.NONE
        assert decision.reason is reason


def test_a_face_vetoes_a_voice_as_well() -> None:
    """Nobody is named together, but the voice alone would have named somebody."""
    face = replace(evidence(Modality.FACE, {1: -12.0, 2: -9.0}), llr_min=-8.0)
    voice = evidence(Modality.VOICE, {1: 9.0, 2: -9.0})
    assert decide([face, voice], POLICY, name_of).outcome is DecisionOutcome.CONTRADICTED


def test_a_stranger_does_not_contradict_themselves() -> None:
    """Nobody would be named: face and voice may well resemble different people a little."""
    face = evidence(Modality.FACE, {1: 2.0, 2: -9.0})
    voice = evidence(Modality.VOICE, {1: -9.0, 2: 2.0})
    decision = decide([face, voice], POLICY, name_of)
    assert (decision.outcome, decision.conflict) == (DecisionOutcome.UNKNOWN, False)


def test_two_different_identities_are_never_resolved_by_force() -> None:
    face = evidence(Modality.FACE, {1: 9.0, 2: -1.0})
    voice = evidence(Modality.VOICE, {1: -1.0, 2: 8.0})
    decision = decide([face, voice], POLICY, name_of)
    assert decision.outcome is DecisionOutcome.CONTRADICTED
    assert decision.reason is DecisionReason.CONFLICT
    assert decision.conflict


def test_a_subject_without_a_voice_template_is_judged_by_face() -> None:
    face = evidence(Modality.FACE, {1: 9.0, 2: -5.0})
    voice = evidence(Modality.VOICE, {2: -5.0})
    decision = decide([face, voice], POLICY, name_of)
    assert decision.outcome is DecisionOutcome.IDENTIFIED
    assert decision.top is not None
    assert decision.top.voice_llr is None


def test_whoever_is_left_out_counts_as_if_they_came_as_near_as_the_bound() -> None:
    """Nine more with the ratio of the bound, listed or not, make the same probabilities."""
    listed = evidence(Modality.FACE, {1: 9.0} | dict.fromkeys(range(2, 11), 1.5))
    cut = replace(evidence(Modality.FACE, {1: 9.0}), left_out=9, bound=1.5)
    whole, short = decide([listed], POLICY, name_of), decide([cut], POLICY, name_of)
    assert short.probability == pytest.approx(whole.probability)
    assert (short.outcome, short.reason) == (whole.outcome, whole.reason)
    lower = decide([replace(cut, bound=-3.0)], POLICY, name_of)
    assert lower.probability > short.probability


@pytest.mark.parametrize(
    ("bound", "reason"), [(-3.0, ""), (7.5, "small_margin")], ids=["far", "near"]
)
def test_somebody_left_out_may_be_the_second(bound: float, reason: str) -> None:
    cut = replace(evidence(Modality.FACE, {1: 9.0, 2: -4.0}), left_out=1, bound=bound)
    assert decide([cut], replace(POLICY, min_probability=0.5), name_of).reason == reason


def test_the_bounds_of_two_modalities_add_up_only_where_they_speak_for_somebody() -> None:
    """Who is left out may have templates of one modality alone, or of both."""

    def probability(face: float, voice: float) -> float:
        one = replace(evidence(Modality.FACE, {1: 4.0}), left_out=5, bound=face)
        two = replace(evidence(Modality.VOICE, {1: 4.0}), left_out=5, bound=voice)
        return decide([one, two], POLICY, name_of, population=6).probability

    def expected(bound: float) -> float:
        ratios = np.array([8.0])
        return float(posterior(ratios, ratios, np.inf, POLICY.known_share, 5, bound)[0])

    assert probability(1.0, 2.0) == pytest.approx(expected(3.0))
    assert probability(-1.0, 2.0) == pytest.approx(expected(2.0))
    assert probability(-1.0, -2.0) == pytest.approx(expected(-1.0))


def test_nothing_to_compare() -> None:
    assert decide([], POLICY, name_of).outcome is DecisionOutcome.UNUSABLE
    empty = decide([evidence(Modality.FACE, {})], POLICY, name_of)
    assert (empty.outcome, empty.reason) == (DecisionOutcome.UNKNOWN, DecisionReason.EMPTY_GALLERY)


def test_a_cohort_takes_crowding_out(rng: np.random.Generator) -> None:
    """Look-alikes of a crowded corner score like strangers elsewhere."""
    corner = 3 * normalise(rng.normal(size=64))
    crowded = normalise(corner + rng.normal(size=(400, 64)) * 0.5)
    spread = normalise(rng.normal(size=(400, 64)))
    cohort = Cohort(np.concatenate([crowded[:200], spread[:200]]), top=20)
    seen = {id(part): cohort.cohort_similarity(part) for part in (crowded, spread)}

    def strangers(part: np.ndarray) -> float:
        a, b, c = part[200:300], part[300:], seen[id(part)]
        table = cohort.normalise(a @ b.T, c[200:300, None], c[None, 300:])
        return float(np.quantile(table, 0.99))

    plain = [float(np.quantile(p[200:300] @ p[300:].T, 0.99)) for p in (crowded, spread)]
    assert plain[0] - plain[1] > 0.2
    assert abs(strangers(crowded) - strangers(spread)) < 0.1


def test_normalising_is_symmetric(rng: np.random.Generator) -> None:
    rows = normalise(rng.normal(size=(6, 16)))
    cohort = Cohort(normalise(rng.normal(size=(30, 16))), top=5)
    seen = cohort.cohort_similarity(rows)
    table = cohort.normalise(rows @ rows.T, seen[:, None], seen[None])
    assert table == pytest.approx(table.T, abs=1e-5)


# --- bounds ------------------------------------------------------------------------------------


def test_a_margin_that_is_just_kept_suffices() -> None:
    policy = replace(POLICY, min_llr=3.0, min_margin=2.0)
    for second, reason in ((6.0, DecisionReason.NONE), (6.001, DecisionReason.SMALL_MARGIN)):
        found = decide([evidence(Modality.FACE, {1: 8.0, 2: second})], policy, name_of)
        assert found.reason is reason
    low = decide([evidence(Modality.FACE, {1: 2.9, 2: 2.8})], policy, name_of)
    assert low.reason is DecisionReason.BELOW_THRESHOLD


def test_the_least_ratio_is_enough() -> None:
    policy = replace(POLICY, min_llr=8.0, min_probability=0.0)
    for ratio, outcome in ((8.0, DecisionOutcome.IDENTIFIED), (7.999, DecisionOutcome.UNKNOWN)):
        found = decide([evidence(Modality.FACE, {1: ratio})], policy, name_of)
        assert found.outcome is outcome


def test_the_probability_that_is_asked_for_is_enough() -> None:
    one = [evidence(Modality.FACE, {1: 8.0, 2: -3.0})]
    reached = decide(one, POLICY, name_of).probability
    for asked, outcome in (
        (reached, DecisionOutcome.IDENTIFIED),
        (reached + 1e-9, DecisionOutcome.UNKNOWN),
    ):
        policy = replace(POLICY, min_llr=2.0, min_probability=asked)
        assert decide(one, policy, name_of).outcome is outcome


def test_a_veto_holds_from_its_ratio_down() -> None:
    face = evidence(Modality.FACE, {1: 20.0, 2: -5.0})
    for veto, ratio, outcome in (
        (-6.0, -6.0, DecisionOutcome.CONTRADICTED),
        (-6.0, -5.999, DecisionOutcome.IDENTIFIED),
        (-1.0, -1.5, DecisionOutcome.IDENTIFIED),  # nobody contradicts so softly
        (-1.0, -2.0, DecisionOutcome.CONTRADICTED),
    ):
        voice = replace(evidence(Modality.VOICE, {1: ratio, 2: -9.0}), veto=veto)
        assert decide([face, voice], POLICY, name_of).outcome is outcome
    alone = replace(evidence(Modality.FACE, {1: 20.0, 2: -5.0}), veto=30.0)
    assert decide([alone], POLICY, name_of).outcome is DecisionOutcome.IDENTIFIED


def test_the_least_ratio_follows_from_the_people_and_the_target() -> None:
    policy = replace(POLICY, stranger_named_once_in=100.0)
    assert policy.needed((Modality.FACE,), 20) == pytest.approx(np.log(2000.0))
    assert replace(policy, min_llr=1.0).needed((Modality.FACE,), 20) == 1.0
    lax = replace(policy, stranger_named_once_in=1.5)
    assert lax.needed((Modality.FACE,), 1) == 2.0


@pytest.mark.parametrize(("quality", "veto"), [(0.4, -6.5), (0.399, -np.inf), (0.9, -6.5)])
def test_only_a_good_enough_probe_vetoes(quality: float, veto: float) -> None:
    calibration = Calibration(20.0, -8.0, veto=-6.5, veto_quality=0.4, full_quality=0.5)
    probe = Probe(Modality.VOICE, "m@1", np.ones(1, dtype=np.float32), quality, 1)
    found = SubjectScores(np.array([3, 9]), np.array([0.0, 0.9]), 4, 0.2)
    made = weigh(probe, found, calibration)
    weight = min(1.0, quality / 0.5)
    assert made.veto == veto
    assert made.modality is Modality.VOICE
    assert (made.left_out, made.bound) == pytest.approx((4, weight * (20 * 0.2 - 8)))
    assert (made.llr_min, made.llr_max) == pytest.approx((weight * -7.0, weight * 9.0))
    assert made.scores is found.scores
    assert (made.of(3), made.of(9), made.of(4), made.of(10)) == (0, 1, None, None)
    everybody = weigh(probe, SubjectScores(found.subject_ids, found.scores), calibration)
    assert (everybody.left_out, everybody.bound) == (0, -np.inf)


def test_candidates_are_told_best_first_with_what_each_modality_says() -> None:
    face = evidence(Modality.FACE, {n: float(n) for n in range(1, 8)})
    voice = evidence(Modality.VOICE, {7: 1.0, 3: 5.5})
    found = decide([face, voice], POLICY, name_of)
    assert [each.subject_id for each in found.candidates] == [3, 7, 6, 5, 4]
    first, _, third = found.candidates[:3]
    assert (first.name, first.fused_llr) == ("subject 3", 8.5)
    assert (first.face_score, first.face_llr) == pytest.approx((0.3, 3.0))
    assert (first.voice_score, first.voice_llr) == pytest.approx((0.55, 5.5))
    assert (third.voice_score, third.voice_llr) == (None, None)
    assert found.modalities == (Modality.FACE, Modality.VOICE)
    assert found.probability == first.probability
    assert found.face is not None
    assert found.voice is not None
    assert found.voice.top is not None
    assert found.voice.top.subject_id == 3
    assert found.voice.face is None
    without = decide([face, voice], POLICY, name_of, with_parts=False)
    assert (without.face, without.voice) == (None, None)


def test_of_equals_the_first_of_the_gallery_comes_first() -> None:
    found = decide([evidence(Modality.FACE, {5: 1.0, 2: 1.0, 9: 1.0})], POLICY, name_of)
    assert [each.subject_id for each in found.candidates] == [2, 5, 9]


def test_pooling_weighs_by_quality_to_the_digit() -> None:
    one, two = np.array([1.0, 0, 0], np.float32), np.array([0.6, 0.8, 0], np.float32)
    probe = pool([Embedding(one, 0.75), Embedding(two, 0.25)], Modality.VOICE, "m@2")
    assert probe.vector == pytest.approx(normalise(np.array([0.9, 0.2, 0.0])))
    assert (probe.modality, probe.model_id, probe.sample_count) == (Modality.VOICE, "m@2", 2)
    assert probe.quality == pytest.approx(0.75 * 0.75 + 0.25 * 0.25)
    nothing = pool([Embedding(one, 0.0), Embedding(two, 0.0)], Modality.VOICE, "m@2")
    assert nothing.vector == pytest.approx(normalise(np.array([0.8, 0.4, 0.0])))
    assert nothing.quality == 0.0


def test_an_outlier_lies_further_below_the_median_than_that() -> None:
    def turned(degrees: float) -> list[float]:
        return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]

    # Median cosines to the others of 0, 0, 0 and of the last: 1, 1, 1 and cos of its angle.
    for degrees, kept in ((45.0, True), (46.0, False)):
        rows = np.array([turned(0), turned(0), turned(0), turned(degrees)], np.float32)
        assert keep_consistent(rows).tolist() == [True, True, True, kept]
    assert keep_consistent(np.array([turned(0), turned(0), turned(90)])).tolist() == [
        True,
        True,
        False,
    ]


def test_a_cohort_counts_by_its_nearest() -> None:
    cohort = Cohort(normalise(np.array([[1.0, 0], [0.6, 0.8], [0, 1], [-1, 0]])), top=2)
    found = cohort.cohort_similarity(np.array([[1.0, 0], [0, 1]], np.float32))
    assert found == pytest.approx([0.8, 0.9])
    whole = replace(cohort, top=20).cohort_similarity(np.array([[1.0, 0]], np.float32))
    assert whole == pytest.approx([0.15])
    many = np.tile(np.array([[1.0, 0], [0, 1]], np.float32), (4096, 1))
    assert cohort.cohort_similarity(many) == pytest.approx(np.tile([0.8, 0.9], 4096))
    cosines = np.array([0.5, 0.7], np.float32)
    made = cohort.normalise(cosines, np.array([0.2], np.float32), np.array([0.4, 0.1], np.float32))
    assert made == pytest.approx([0.2, 0.55])
    assert made.dtype == np.float64


def test_where_nobody_is_enrolled_it_is_told_what_was_compared() -> None:
    both = [evidence(Modality.FACE, {}), evidence(Modality.VOICE, {})]
    found = decide(both, POLICY, name_of)
    assert (found.outcome, found.reason) == (DecisionOutcome.UNKNOWN, DecisionReason.EMPTY_GALLERY)
    assert found.modalities == (Modality.FACE, Modality.VOICE)
    assert (found.candidates, found.probability) == ((), 0.0)
