"""Protocols on synthetic people whose figures are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kiosk.cli.out_folder import check_folder
from kiosk.core.cohort import Cohort
from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration
from kiosk.datasets.collections import Collection, Item, Kind, Pair
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.metrics import error_rates
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.metrics.operational import effective_trials, operational_scores
from kiosk.evaluation.metrics.scores import all_pairs, listed_pairs
from kiosk.evaluation.protocols import chimeric
from kiosk.evaluation.protocols.identification import identification_report, identify, split
from kiosk.evaluation.protocols.speakers import speaker_figure
from kiosk.evaluation.protocols.verification import (
    doubts,
    group_rates,
    reject_curve,
    verification_report,
    verify,
)
from kiosk.evaluation.reporting.report import (
    Figure,
    Report,
    Table,
    as_html,
    as_json,
    as_markdown,
    write_report,
)
from kiosk.evaluation.tables.group_ratios import ratios_by_group
from tests.support.evaluation_parts import synthetic


def collection_of(people: int, each: int, pairs: tuple[Pair, ...] = ()) -> Collection:
    items = tuple(
        Item(Path("x"), f"person {n // each}", Kind.PICTURE) for n in range(people * each)
    )
    return Collection("synthetic", items, pairs)


# --- scores ---


def test_failed_sample_counts_as_rejected() -> None:
    samples = synthetic(2, 2).take(np.array([0, 1, 3]))  # the third could not be acquired
    pairs = listed_pairs(samples, (Pair(0, 1, True), Pair(2, 3, True)))
    assert pairs.score[0] == pytest.approx(float(samples.vectors[0] @ samples.vectors[1]))
    assert pairs.score[1] == -1


def test_all_pairs_count() -> None:
    pairs = all_pairs(synthetic(4, 3), seed=1)
    assert (pairs.genuine.size, pairs.impostor.size) == (4 * 3, 6 * 9)


def test_mated_pairs_of_one_emotion_can_be_left_out() -> None:
    samples = synthetic(2, 4)
    samples.condition = np.array(["joy", "joy", "anger", "anger"] * 2)
    pairs = all_pairs(samples, seed=1, across_conditions=True)
    assert (pairs.genuine.size, pairs.impostor.size) == (2 * 4, 16)


def test_operational_scores_rise_with_pooling() -> None:
    found = operational_scores(synthetic(30, 10, noise=1.5), Modality.FACE, seed=1)
    single = all_pairs(synthetic(30, 10, noise=1.5), seed=1)
    assert found.pairs.genuine.mean() > single.genuine.mean() + 0.05
    mated, other = effective_trials(found.pairs, seed=1)
    assert 10 < mated < found.pairs.genuine.size
    assert 10 < other < found.pairs.impostor.size


# --- verification ---


def test_verification_of_prescribed_folds() -> None:
    pairs = tuple(
        pair
        for n in range(20)
        for pair in (
            Pair(2 * n, 2 * n + 1, True, n % 4 + 1),
            Pair(2 * n, (2 * n + 3) % 40, False, n % 4 + 1),
        )
    )
    found = verify(synthetic(20, 2), collection_of(20, 2, pairs), seed=1)
    assert found.estimates["accuracy"].value == 1.0
    assert found.estimates["eer"] == Estimate(0.0, 0.0, 3 / 20, 40)
    assert found.mated_quality.size == 20


def test_useless_embeddings_have_an_eer_of_a_half() -> None:
    found = verify(synthetic(30, 4, noise=100.0), collection_of(30, 4), seed=1)
    assert found.estimates["eer"].low < 0.5 < found.estimates["eer"].high + 0.05
    assert found.estimates["eer"].value == pytest.approx(0.5, abs=0.08)


def test_verification_needs_both_kinds() -> None:
    with pytest.raises(InputError, match="no mated"):
        verify(synthetic(5, 1), collection_of(5, 1), seed=1)


def test_group_rates_use_one_threshold() -> None:
    samples = synthetic(40, 1, dims=8)
    samples.group = np.array(["near"] * 20 + ["far"] * 20)
    pull = samples.vectors[:20] + 2 * samples.vectors[0]
    samples.vectors[:20] = pull / np.linalg.norm(pull, axis=1, keepdims=True)
    found = group_rates(samples, 0.7, seed=1)
    assert found["near"].value > 0.5 > found["far"].high
    assert found["near"].count == 190
    evidence = ratios_by_group(samples, Calibration(20.0, -10.0), seed=1)
    near, far = evidence["near"], evidence["far"]
    assert near.mean.low > 10 > far.mean.high
    assert near.strong.value > 0.2 > far.strong.value
    assert (near.people, near.mean.count) == (20, 190)


def test_poor_samples_weigh_less_in_a_ratio() -> None:
    samples = synthetic(20, 2, noise=0.2, group="one")
    full = Calibration(20.0, 5.0, full_quality=1.0)
    clear = ratios_by_group(samples, full, seed=1)["one"]
    samples.quality[:] = 0.25
    poor = ratios_by_group(samples, full, seed=1)["one"]
    assert clear.mean.value > 5 * poor.mean.value > 5


def test_a_false_accept_rate_is_taken_from_all_strangers_where_the_list_is_short() -> None:
    pairs = tuple(
        Pair(2 * n, 2 * n + 1 if same else (2 * n + 3) % 300, same, n % 3)
        for n in range(150)
        for same in (True, False)
    )
    samples = synthetic(150, 2, noise=1.5)
    found = verify(samples, collection_of(150, 2, pairs), seed=1)
    assert found.strangers == 300 * 298 // 2
    assert found.pairs.impostor.size == 150
    assert found.doubtful == []
    assert f"over {found.strangers:,} non-mated" in doubts({"m": found})
    above = (samples.vectors @ samples.vectors.T)[np.triu_indices(300, 2)] >= found.threshold
    assert 0.0005 < above.mean() < 0.01


def test_a_rate_that_hangs_on_one_comparison_says_so() -> None:
    found = verify(synthetic(40, 2), collection_of(40, 2), seed=1)
    assert found.strangers == 40 * 39 * 2
    assert found.doubtful == ["FAR 0.1% hangs on 3 of 3,120 comparisons"]
    table = verification_report({"m": found}, {}, {}).tables[0]
    assert "hangs on 3" in table.note


def test_verification_report_has_tables_and_figures() -> None:
    found = {"m": verify(synthetic(12, 3), collection_of(12, 3), seed=1)}
    report = verification_report(found, {"m": {}}, {"data": "synthetic"})
    assert {figure.name for figure in report.figures} == {"det", "scores-0", "error-versus-reject"}
    assert all(figure.png.startswith(b"\x89PNG") for figure in report.figures)
    shares, rates = reject_curve(found["m"])
    assert shares.shape == rates.shape


# --- identification ---


def test_split_never_searches_what_it_enrolled() -> None:
    samples = synthetic(10, 4)
    parts = split(samples, seed=1, templates=3, probes=5)
    assert not set(parts.templates) & set(parts.mated)
    assert len(parts.templates) == 30
    assert parts.strangers.size == 0


def test_separable_people_are_all_found() -> None:
    samples = synthetic(60, 2, noise=0.2)
    extra = synthetic(40, 1, noise=0.2, seed=2)
    samples.vectors = np.concatenate([samples.vectors, extra.vectors])
    samples.subject = np.concatenate([samples.subject, extra.subject + 60])
    small, large = identify(samples, (10, 50), seed=1)
    assert (small.rank_1.value, small.fnir["1.0%"].value) == (1.0, 0.0)
    assert small.draws == 200
    assert small.rank_1.low > 0.99
    assert large.strangers >= 40


def with_singles(count: int) -> Samples:
    """Fifteen people of two samples, and `count` of one."""
    samples = synthetic(15 + count, 2, noise=0.2)
    return samples.take((np.arange(len(samples)) < 30) | (np.arange(len(samples)) % 2 == 0))


def test_people_of_one_sample_fill_large_galleries() -> None:
    small, large = identify(with_singles(200), (10, 100), seed=1)
    assert (small.size, small.filled, large.size, large.filled) == (10, 0, 100, 85)
    assert (small.strangers, large.strangers) == (215, 200)
    assert large.rank_1.value == 1.0
    assert large.fnir["1.0%"].value == 0.0
    note = identification_report({"m": [small, large]}, {}).tables[0].note
    assert "85 of 100 enrolled people" in note


def test_a_rate_of_too_few_strangers_is_not_told() -> None:
    (found,) = identify(with_singles(60), (50,), seed=1)
    assert (found.strangers, found.fnir) == (60, {})
    assert "too few strangers" in identification_report({"m": [found]}, {}).tables[0].rows[0]


def test_nobody_is_searched_for_without_a_second_sample() -> None:
    with pytest.raises(InputError, match="Nobody has two"):
        identify(synthetic(30, 1), (10,), seed=1)


def test_random_vectors_are_found_by_chance() -> None:
    (found,) = identify(synthetic(100, 2, noise=100.0), (10,), seed=1)
    assert found.rank_1.value == pytest.approx(0.1, abs=0.04)
    assert found.fnir["1.0%"].value > 0.9


def test_gallery_larger_than_the_data_is_refused() -> None:
    with pytest.raises(InputError, match="Only 5 people"):
        identify(synthetic(5, 2), (10,), seed=1)


# --- speakers, chimeric users ---


def test_speaker_figure() -> None:
    found = speaker_figure(synthetic(8, 5, noise=0.3), 3.0, seed=1)
    assert found is not None
    assert (found.eer.value, found.speakers, found.segments) == (0.0, 8, 40)
    assert speaker_figure(synthetic(1, 5), 3.0, seed=1) is None


def fitted(samples_noise: float) -> Calibration:
    """The right ratio for the synthetic vectors, by moments of their scores."""
    pairs = all_pairs(synthetic(60, 6, noise=samples_noise, seed=9), seed=1)
    spread = (pairs.genuine.var() + pairs.impostor.var()) / 2
    slope = (pairs.genuine.mean() - pairs.impostor.mean()) / spread
    middle = (pairs.genuine.mean() + pairs.impostor.mean()) / 2
    return Calibration(slope, -slope * middle, -12.0, 12.0, 1e-6)


def test_fusion_beats_each_modality() -> None:
    noise = 1.2
    face, voice = synthetic(90, 6, noise=noise, seed=3), synthetic(20, 6, noise=noise, seed=4)
    calibrations = (fitted(noise), fitted(noise))
    trials = chimeric.many_pairings(face, voice, calibrations, seed=1)
    found = {way: chimeric.figures(parts, 0.9, seed=1) for way, parts in trials.items()}
    fused = found["fused"].fnir["1.0%"].value
    assert fused < 0.5 * min(found["face"].fnir["1.0%"].value, found["voice"].fnir["1.0%"].value)
    assert found["fused"].gallery == 20
    for figures in found.values():
        assert figures.calibration_error is not None
        assert figures.calibration_error < 0.1


def test_pairing_is_fixed_by_the_seed_and_keeps_samples_apart() -> None:
    face, voice = synthetic(50, 4), synthetic(12, 9, seed=5)
    one = chimeric.pair_users(face, voice, np.random.default_rng(3))
    two = chimeric.pair_users(face, voice, np.random.default_rng(3))
    np.testing.assert_array_equal(one.face_probe, two.face_probe)
    assert not set(one.face_probe) & set(one.face_template)
    assert not set(one.voice_probe) & set(one.voice_template)
    assert len(np.unique(face.subject[one.face_template])) == 12
    np.testing.assert_array_equal(voice.subject[one.voice_probe], one.speaker[one.user])


def test_feature_level_fusion_goes_through_the_same_protocol() -> None:
    face, voice = synthetic(30, 4, noise=0.3), synthetic(8, 4, noise=0.3, seed=5)
    trials = chimeric.many_pairings(
        face, voice, (fitted(0.3), fitted(0.3)), 1, lambda a, b: np.hstack([a, b]) / np.sqrt(2)
    )
    found = chimeric.figures(trials["feature-level"], None, seed=1)
    assert found.rank_1.value == 1.0
    assert found.calibration_error is None


# --- reports ---


def small_report() -> Report:
    table = Table("A | B", ("model", "EER"), (("<m>", "1 % | 2 %"),), "note")
    figure = Figure("det", "DET", b"\x89PNG not really")
    numbers = {"x": Estimate(0.1, 0.0, 0.2, 3), "inf": float("inf"), "a": np.array([1.5])}
    return Report("Report", {"data": "<script>"}, [table], [figure], numbers)


def test_html_is_self_contained_and_escaped() -> None:
    page = as_html(small_report())
    assert "<script>" not in page
    assert "&lt;m&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "data:image/png;base64," in page


def test_json_and_markdown() -> None:
    found = json.loads(as_json(small_report()))["numbers"]
    assert found["x"] == {"value": 0.1, "low": 0.0, "high": 0.2, "count": 3}
    assert found["inf"] is None
    assert found["a"] == [1.5]
    assert "| <m> | 1 % \\| 2 % |" in as_markdown(small_report())


def test_report_refuses_a_full_folder(tmp_path: Path) -> None:
    check_folder(tmp_path / "new", force=False)
    paths = write_report(small_report(), tmp_path / "new")
    assert {path.name for path in paths} == {"report.html", "report.json", "report.md", "det.png"}
    with pytest.raises(InputError, match="not empty"):
        check_folder(tmp_path / "new", force=False)
    check_folder(tmp_path / "new", force=True)
    with pytest.raises(InputError, match="not a folder"):
        check_folder(paths[0], force=True)


def test_curve_of_a_seeded_choice_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.evaluation.metrics.scores.MOST_IMPOSTORS", 50)
    one, two = all_pairs(synthetic(9, 3), seed=4), all_pairs(synthetic(9, 3), seed=4)
    assert one.impostor.size == 50
    assert error_rates.eer(one.curve()) == error_rates.eer(two.curve())


def test_cohort_is_used_and_can_be_left_out() -> None:
    samples = synthetic(20, 3, dims=16)
    plain = all_pairs(samples, seed=1)
    samples.cohort = Cohort(synthetic(200, 1, dims=16, seed=8).vectors)
    normalised = all_pairs(samples, seed=1)
    seen = samples.cohort.cohort_similarity(samples.vectors)
    first, second = np.triu_indices(len(samples), 1)
    wanted = plain.score - (seen[first] + seen[second]) / 2
    assert normalised.score == pytest.approx(wanted, abs=1e-6)
    assert np.abs(seen).min() > 0.1
    failed = listed_pairs(samples.take(np.array([0, 1])), (Pair(0, 1, True), Pair(0, 9, True)))
    assert failed.score[1] <= min(-1.0, failed.score[0])
