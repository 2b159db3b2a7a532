"""The recipe learns, measures on people held out, resumes, and writes a network that embeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.inference.voice.networks.own import OwnVoice, VoiceNet, normalised_power
from kiosk.training.loop import RunOptions
from kiosk.training.voice.augment import AugmentConfig, at_tempo, band_warp, disturb, mask
from kiosk.training.voice.backend import (
    Rows,
    discriminant_analysis,
    fit_quality,
    install,
    nearest_is_own,
    pair_eer,
    unit,
)
from kiosk.training.voice.recipe import MarginHead
from kiosk.training.voice.run import VoiceSources, parse_source, train_voice
from tests.support.speech_files import write_features, write_wave
from tests.support.synthetic_voice import syllables
from tests.support.tiny_voice import TINY


@pytest.fixture
def people(tmp_path: Path) -> list[str]:
    for speaker in range(6):
        for number in range(2):
            write_wave(tmp_path / f"talk/s{speaker}/{number}.wav", syllables(speaker, 2.0, number))
    for name in ("kim", "choi", "park", "lee"):
        write_features(tmp_path / f"old/{name}/a.p", name)
    return [str(tmp_path / "talk"), f"ancestors={tmp_path / 'old'}"]


def _train(people: list[str], out: Path, epochs: int, *, resume: bool = False) -> Path:
    options = RunOptions(out, "cpu", epochs, resume, seed=2, patience=9)
    console = Console(quiet=True)
    return train_voice(VoiceSources(people, out.parent / "cache"), options, console, TINY)[0]


def test_a_run_can_stop_and_go_on(people: list[str], tmp_path: Path) -> None:
    _train(people, tmp_path / "run", 1)
    path = _train(people, tmp_path / "run", 2, resume=True)
    curve = (tmp_path / "run/curve.csv").read_text().splitlines()
    assert len(curve) == 3
    assert "eer_talk" in curve[0]
    assert (tmp_path / "run/curve.png").stat().st_size > 1000
    embedding = OwnVoice(path).embed(syllables(1, 2))
    assert embedding.vector.shape == (16,)
    assert np.isfinite(embedding.vector).all()
    assert 0 <= embedding.quality <= 1


def test_a_run_is_the_same_for_the_same_seed(people: list[str], tmp_path: Path) -> None:
    first = OwnVoice(_train(people, tmp_path / "one", 1)).embed(syllables(1, 2))
    second = OwnVoice(_train(people, tmp_path / "two", 1)).embed(syllables(1, 2))
    np.testing.assert_array_equal(first.vector, second.vector)


def test_nothing_to_train_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to train on"):
        _train([], tmp_path / "run", 1)


def test_two_collections_of_one_name_are_refused(people: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one name"):
        _train([people[0], people[0]], tmp_path / "run", 1)


def test_one_speaker_is_too_few(tmp_path: Path) -> None:
    write_wave(tmp_path / "talk/only/1.wav", syllables(1, 3.0))
    with pytest.raises(InputError, match="two speakers"):
        _train([str(tmp_path / "talk")], tmp_path / "run", 1)


def test_a_source_may_be_named() -> None:
    assert parse_source("talks=a/b") == ("talks", Path("a/b"))
    assert parse_source("a/b") == ("b", Path("a/b"))
    assert parse_source("a/x=y/b") == ("b", Path("a/x=y/b"))


def test_the_margin_makes_the_task_harder() -> None:
    torch.manual_seed(1)
    head = MarginHead(8, 5, scale=30.0)
    vectors, labels = torch.randn(20, 8), torch.arange(20) % 5
    plain, _ = head(vectors, labels, 0.0)
    harder, _ = head(vectors, labels, 0.2)
    assert harder > plain + 1.0


@pytest.mark.parametrize("name", ["echo_share", "babble_share", "narrow_share", "noisy_share"])
def test_each_disturbance_changes_what_is_heard(name: str) -> None:
    power = torch.rand(16, 120, 40).pow(4)
    heard = []
    for share in (0.0, 1.0):
        torch.manual_seed(5)
        changes: dict[str, Any] = {name: share}
        heard.append(disturb(power, replace(AugmentConfig(), **changes)))
    assert heard[0].shape == power.shape
    assert torch.isfinite(heard[1]).all()
    assert (heard[1] >= 0).all()
    assert not torch.allclose(heard[0], heard[1])


def test_disturbed_power_is_normalised() -> None:
    power = disturb(torch.rand(4, 120, 40), AugmentConfig())
    torch.testing.assert_close(normalised_power(power), power)


def test_a_mask_hides_a_band_or_a_moment() -> None:
    torch.manual_seed(1)
    power = torch.rand(32, 100, 40)
    hidden = mask(power, AugmentConfig(mask_share=1.0)) != power
    assert 0.02 < hidden.float().mean() < 0.5


@pytest.mark.parametrize("slaney", [False, True])
def test_faster_speech_sounds_higher(slaney: bool) -> None:
    tone = np.zeros((110, 40), np.float32)
    tone[:, 20] = 30
    faster = at_tempo(tone, 1.1, 100, slaney=slaney)
    assert faster.shape == (100, 40)
    assert 20 < int(faster[50].argmax()) <= 23
    assert np.allclose(band_warp(1.1, slaney=slaney).sum(0), 1)


def _speakers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Thirty speakers in a plane of a space whose other dimensions are strong noise."""
    labels = np.repeat(np.arange(30), 20)
    centres = rng.standard_normal((30, 2)) * 3
    rows = rng.standard_normal((600, 10)) * np.array([0.3, 0.3] + [5.0] * 8)
    rows[:, :2] += centres[labels]
    return rows, labels


def test_discriminant_analysis_finds_what_tells_speakers_apart(rng: np.random.Generator) -> None:
    rows, labels = _speakers(rng)
    names, moods = [str(label) for label in labels], [""] * len(labels)
    found = discriminant_analysis(Rows(rows, labels), 2, 0.0)
    assert pair_eer(found.apply(rows), names, moods) < 20 < pair_eer(rows, names, moods)
    assert np.abs(found.projection[2:]).max() < 0.1 * np.abs(found.projection[:2]).max()


def test_quality_rises_with_length_when_length_means_something(rng: np.random.Generator) -> None:
    labels = np.repeat(np.arange(20), 30)
    centres = unit(rng.standard_normal((20, 16)))
    strength = rng.uniform(0.2, 3.0, 600)
    rows = centres[labels] * strength[:, None] + 0.3 * rng.standard_normal((600, 16))
    slope, _ = fit_quality(rows, labels)
    right = nearest_is_own(rows, labels)
    assert slope > 0
    assert right[strength > 2].mean() > right[strength < 0.5].mean()


def test_directions_of_mood_are_avoided(rng: np.random.Generator) -> None:
    rows, labels = _speakers(rng)
    angry = rows.copy()
    angry[:, 0] += 4 * rng.standard_normal(len(rows))
    plain = discriminant_analysis(Rows(rows, labels), 1, 0.0)
    wary = discriminant_analysis(Rows(rows, labels), 1, 0.0, [Rows(angry, labels)], 1.0)
    share = [abs(found.projection[0, 0] / found.projection[1, 0]) for found in (plain, wary)]
    assert share[1] < 0.3 * share[0]


def test_a_branch_of_little_weight_has_little_say(rng: np.random.Generator) -> None:
    net = VoiceNet(TINY.net)
    speech = Rows(
        rng.standard_normal((200, TINY.net.joined)), np.repeat(np.arange(20), 10).astype(np.int64)
    )
    said = []
    for weight in (1.0, 0.1):
        install(net, speech, [], shrink=0.5, mood_weight=0.0, convolution_weight=weight)
        rows = net.projection.square().sum(1).numpy()
        said.append(rows[-TINY.net.branch_dims :].mean() / rows.mean())
    assert said[1] < 0.3 * said[0]


def test_pairs_within_one_emotion_do_not_count() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.7, 0.7]])
    speakers = ["a", "a", "a", "b"]
    assert pair_eer(vectors, speakers, ["calm", "calm", "anger", "calm"]) == 100
    assert pair_eer(vectors, speakers, [""] * 4) < 100
