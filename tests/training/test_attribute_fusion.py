"""The fit of attribute fusion recovers what samples were made with."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.core.attribute_fusion import Fusion
from kiosk.core.errors import InputError, ModelError
from kiosk.core.estimates import AttributeEstimate, Channel, Emotion, EmotionEstimate
from kiosk.inference.attribute_fusion import read_fusion, save_fusion
from kiosk.training.attributes.fusion import (
    NO_POOL,
    AgeTrials,
    Bent,
    Opinions,
    Pool,
    Trials,
    as_fusion,
    fit,
    fit_age_scale,
)

FACE, VOICE, TEXT = Channel.FACE, Channel.VOICE, Channel.TEXT
Floats = NDArray[np.float64]


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def opinions(
    rng: np.random.Generator, truth: NDArray[np.int64], strength: float, shout: float = 1.0
) -> Opinions:
    """Calibrated where `shout` is one, overconfident above."""
    logits = rng.normal(0, strength, (len(truth), 7))
    logits[np.arange(len(truth)), truth] += strength**2
    return Opinions(softmax(shout * logits), np.ones(len(truth)))


@pytest.fixture
def truth(rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.integers(0, 7, 3000)


def fused_log_loss(fusion: Fusion, trials: Trials, channels: tuple[Channel, ...]) -> float:
    losses = []
    for row, true in enumerate(trials.truth):
        parts = [
            AttributeEstimate(
                c,
                EmotionEstimate(tuple(trials.said[c].chances[row].tolist()), sure=True),
                quality=float(trials.said[c].quality[row]),
            )
            for c in channels
        ]
        made = fusion.fuse(parts)
        assert made is not None
        assert made.emotion is not None
        losses.append(-np.log(made.emotion.probabilities[true]))
    return float(np.mean(losses))


def test_calibrated_channels_keep_their_weight_and_loud_ones_lose_it(
    rng: np.random.Generator, truth: NDArray[np.int64]
) -> None:
    said = {FACE: opinions(rng, truth, 1.2), VOICE: opinions(rng, truth, 1.2, shout=2.0)}
    found = fit(Trials(truth, said)).channels
    assert found[FACE].weight == pytest.approx(1.0, abs=0.12)
    assert found[VOICE].weight == pytest.approx(0.5, abs=0.08)
    assert np.abs(found[FACE].bias).max() < 0.25


def test_a_bias_for_one_kind_is_taken_back(
    rng: np.random.Generator, truth: NDArray[np.int64]
) -> None:
    fair = opinions(rng, truth, 1.2)
    tilted = fair.chances * np.array([1, 1, 1, 1, 4.0, 1, 1])
    tilted /= tilted.sum(1, keepdims=True)
    found = fit(Trials(truth, {FACE: Opinions(tilted, fair.quality)}))
    taken_back = found.channels[FACE].bias[4] + found.prior[4]
    assert taken_back == pytest.approx(-np.log(4) * 6 / 7, abs=0.3)


def test_how_frequent_a_kind_is_counts_once(rng: np.random.Generator) -> None:
    """Two channels that both know that one kind is rare: together it is no rarer."""
    shares = np.array([0.3, 0.02, 0.08, 0.1, 0.3, 0.1, 0.1])
    truth = rng.choice(7, 4000, p=shares)
    said = {}
    for channel in (FACE, VOICE):
        fair = opinions(rng, truth, 1.2)
        knowing = fair.chances * shares
        said[channel] = Opinions(knowing / knowing.sum(1, keepdims=True), fair.quality)
    trials = Trials(truth, said)
    fusion = as_fusion(fit(trials), NO_POOL, {}, {})
    naive = Fusion()
    both = (FACE, VOICE)
    assert fused_log_loss(fusion, trials, both) < fused_log_loss(naive, trials, both) - 0.01
    alone = fused_log_loss(fusion, trials, (FACE,))
    assert alone < fused_log_loss(naive, trials, (FACE,)) + 0.01


def test_more_channels_never_make_it_worse(
    rng: np.random.Generator, truth: NDArray[np.int64]
) -> None:
    """By log loss on samples not fitted on, every set of channels against each of its parts."""
    strengths = {FACE: (1.5, 1.0), VOICE: (0.9, 1.6), TEXT: (1.2, 0.8)}
    said = {c: opinions(rng, truth, s, loud) for c, (s, loud) in strengths.items()}
    half = len(truth) // 2
    first = Trials(
        truth[:half], {c: Opinions(o.chances[:half], o.quality[:half]) for c, o in said.items()}
    )
    rest = Trials(
        truth[half:], {c: Opinions(o.chances[half:], o.quality[half:]) for c, o in said.items()}
    )
    fusion = as_fusion(fit(first), NO_POOL, {}, {})
    losses = {
        chosen: fused_log_loss(fusion, rest, chosen)
        for size in (1, 2, 3)
        for chosen in combinations(said, size)
    }
    for chosen, loss in losses.items():
        parts = [losses[part] for part in combinations(chosen, len(chosen) - 1) if part]
        assert all(loss < part for part in parts), chosen


def test_poor_samples_come_to_count_less(
    rng: np.random.Generator, truth: NDArray[np.int64]
) -> None:
    """Half of the voices are noise that says it is poor: the quality they need is found."""
    good, noise = opinions(rng, truth, 1.4), opinions(rng, rng.permutation(truth), 1.4)
    poor = rng.random(len(truth)) < 0.5
    chances = np.where(poor[:, None], noise.chances, good.chances)
    quality = np.where(poor, 0.05, 0.9)
    said = {FACE: opinions(rng, truth, 1.0), VOICE: Opinions(chances, quality)}
    found = fit(Trials(truth, said)).channels
    assert found[VOICE].full_quality >= 0.5
    fusion = as_fusion(Pool(found, (0.0,) * 7), NO_POOL, {}, {})
    trials = Trials(
        truth[poor], {c: Opinions(o.chances[poor], o.quality[poor]) for c, o in said.items()}
    )
    alone, both = (fused_log_loss(fusion, trials, cs) for cs in ((FACE,), (FACE, VOICE)))
    assert both < alone + 0.02


def test_a_channel_that_said_nothing_of_a_sample_is_left_out(
    rng: np.random.Generator, truth: NDArray[np.int64]
) -> None:
    face, voice = opinions(rng, truth, 1.2), opinions(rng, truth, 1.2)
    voice.chances[rng.random(len(truth)) < 0.7] = np.nan
    found = fit(Trials(truth, {FACE: face, VOICE: voice})).channels
    assert found[VOICE].weight == pytest.approx(1.0, abs=0.2)


def test_too_few_samples_are_refused(rng: np.random.Generator) -> None:
    few = rng.integers(0, 7, 5)
    with pytest.raises(InputError):
        fit(Trials(few, {FACE: opinions(rng, few, 1.0)}))
    with pytest.raises(InputError):
        fit_age_scale(AgeTrials(np.zeros(5), np.zeros((5, 3))))


def test_age_intervals_are_made_to_hold_four_fifths(rng: np.random.Generator) -> None:
    truth = rng.uniform(10, 80, 4000)
    years = truth + rng.normal(0, 6, 4000)
    ages = np.stack([years, years - 4, years + 4], axis=1)
    scale = fit_age_scale(AgeTrials(truth, ages))
    assert scale == pytest.approx(1.2816 * 6 / 4, rel=0.05)


# --- the file ----------------------------------------------------------------------------------


@pytest.fixture
def fusion() -> Fusion:
    emotion = {FACE: Bent(0.8, (0.1, 0, 0, -0.1, 0, 0, 0), 0.3), TEXT: Bent(1.1, (0.0,) * 7, 0.5)}
    gender = {FACE: Bent(1.2, (0.05, -0.05), 0.5)}
    thresholds = {"emotion_sure": 0.45, "gender_sure": 0.85, "age_widest": 25.0}
    prior = (0.1, 0.0, -0.2, 0.0, 0.1, 0.0, 0.0)
    return as_fusion(Pool(emotion, prior), Pool(gender, ()), {VOICE: 1.3}, thresholds)


def test_a_fusion_survives_its_file(fusion: Fusion, tmp_path: Path) -> None:
    path = tmp_path / "fusion.safetensors"
    path.write_bytes(save_fusion(fusion))
    assert read_fusion(path) == fusion
    assert fusion.channels[FACE].gender_bias == pytest.approx(0.1)
    assert fusion.channels[VOICE].age_scale == 1.3


@pytest.mark.parametrize("content", [None, b"", b"nothing of the kind" * 10])
def test_a_missing_or_broken_file_is_a_clear_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "fusion.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_fusion(path)
    assert caught.value.remedy


def test_another_models_file_is_refused() -> None:
    from kiosk.inference.manifest import shipped

    with pytest.raises(ModelError):
        read_fusion(shipped("face-cover"))


def test_every_emotion_has_a_bias(fusion: Fusion) -> None:
    assert all(len(row.emotion_bias) == len(Emotion) for row in fusion.channels.values())
