"""Emotion, age and gender of a voice: statistics, limits, file and recipe."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.numpy import load_file, save_file

from kiosk.core.errors import InputError, ModelError
from kiosk.core.estimates import AttributeSelection, Channel, Gender
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.core.settings import Settings
from kiosk.datasets.splits import kept_from_attributes
from kiosk.inference.voice.attributes import (
    SEGMENT,
    NetVoiceAttributes,
    VoiceAttributeConfig,
    VoiceAttributeNet,
    load_voice_attribute_net,
    load_voice_attributes,
    save_voice_attributes,
    segments,
    trimmed,
)
from kiosk.inference.voice.features.prosody import STATISTICS, Prosody
from kiosk.training.attributes.voice import VoiceAttributeRecipeConfig
from kiosk.training.attributes.voice_data import folds_of, labelled_voices
from kiosk.training.attributes.voice_run import train_voice_attributes
from kiosk.training.loop import RunOptions
from tests.support.paths import ROOT
from tests.support.synthetic_voice import syllables

GOLDEN = ROOT / "tests" / "golden" / "voice-attributes.safetensors"
TOLERANCE = 5e-3
"""Of a probability: other processors sum in another order, and states add up over 200 frames."""
HALF_TOLERANCE = 0.04
"""The same where the recurrent layers run in half precision."""
WEIGHTS = ROOT / "weights" / "voice-attributes.safetensors"
SMALL = VoiceAttributeConfig(width=8, layers=2, heard=(1,), hidden=6)


def tone(hertz: float, seconds: float = 2.0) -> torch.Tensor:
    """A voiced sound: a buzz of ten harmonics."""
    time = torch.arange(int(seconds * SPEECH_RATE)) / SPEECH_RATE
    parts = [torch.sin(2 * torch.pi * hertz * n * time) / n for n in range(1, 11)]
    return 0.1 * torch.stack(parts).sum(0)


# --- prosody -------------------------------------------------------------------------------


@pytest.mark.parametrize("hertz", [80.0, 120.0, 220.0, 400.0])
def test_pitch_is_that_of_a_tone(hertz: float) -> None:
    found = Prosody()(tone(hertz))
    assert found.shape == (STATISTICS,)
    middle = found[60 + 3]  # the median, in octaves above 100 Hz
    assert 100 * 2 ** float(middle) == pytest.approx(hertz, rel=0.03)


def test_gain_changes_no_statistic() -> None:
    sound = torch.from_numpy(syllables(3, 2))
    torch.testing.assert_close(Prosody()(0.1 * sound), Prosody()(sound), atol=0.02, rtol=0.02)


def test_noise_has_no_pitch() -> None:
    noise = torch.randn(SEGMENT, generator=torch.Generator().manual_seed(1))
    assert float(Prosody()(noise)[-5]) < 0.2  # the share of voiced frames
    assert float(Prosody()(tone(150))[-5]) > 0.9


@pytest.mark.parametrize("seconds", [0.5, 0.77, 3.0])
def test_any_length_gives_finite_numbers(seconds: float) -> None:
    assert bool(Prosody()(torch.from_numpy(syllables(2, seconds))).isfinite().all())


# --- segments ------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "pieces"), [(0.5, 1), (2.0, 1), (2.5, 2), (4.0, 2), (9.0, 5)])
def test_segments_cover_all_of_the_speech(seconds: float, pieces: int) -> None:
    sound = tone(100, seconds)
    found = segments(sound)
    assert len(found) == pieces
    torch.testing.assert_close(found[0][:100], sound[:100])
    torch.testing.assert_close(found[-1][-100:], sound[-100:])
    assert all(len(piece) == min(SEGMENT, len(sound)) for piece in found)


def test_silence_at_the_ends_is_left_out() -> None:
    sound = torch.cat((torch.zeros(8000), tone(100, 1.0), torch.zeros(16_000)))
    assert len(trimmed(sound)) == pytest.approx(SPEECH_RATE, abs=640)


# --- the shipped network -------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> NetVoiceAttributes:
    return load_voice_attributes(Settings())


@pytest.mark.parametrize("seconds", [1, 3])
def test_golden_answers(seconds: int, shipped: NetVoiceAttributes) -> None:
    wanted = load_file(GOLDEN)[f"answer_{seconds}"]
    exact = NetVoiceAttributes(load_voice_attribute_net(WEIGHTS))
    pieces = segments(torch.from_numpy(syllables(5, seconds)))
    for estimator, tolerance in ((exact, TOLERANCE), (shipped, HALF_TOLERANCE)):
        answer = estimator.answer(pieces)
        found = np.array([*answer.emotion, answer.male, answer.years / 100])
        np.testing.assert_allclose(found, wanted, atol=tolerance)


def test_an_estimate_is_whole(shipped: NetVoiceAttributes) -> None:
    made = shipped.estimate(syllables(5, 3))
    assert made.channel is Channel.VOICE
    assert made.emotion is not None
    assert sum(made.emotion.probabilities) == pytest.approx(1.0)
    assert made.gender is not None
    assert made.age is not None
    assert made.age.low <= made.age.years <= made.age.high


def test_loudness_does_not_matter(shipped: NetVoiceAttributes) -> None:
    loud, quiet = (shipped.estimate(gain * syllables(5, 3)).emotion for gain in (1.0, 0.1))
    assert loud is not None
    assert quiet is not None
    np.testing.assert_allclose(loud.probabilities, quiet.probabilities, atol=0.03)


@pytest.mark.parametrize("sound", [np.zeros(16_000, np.float32), np.ones(7_999, np.float32)])
def test_silence_and_scraps_are_refused(sound: Waveform, shipped: NetVoiceAttributes) -> None:
    with pytest.raises(InputError):
        shipped.estimate(sound)


@pytest.mark.parametrize("profile", ["workplace", "education"])
def test_where_emotion_is_forbidden_its_weights_are_gone(profile: str) -> None:
    estimator = load_voice_attributes(replace(Settings(), profile=profile))
    made = estimator.estimate(syllables(5, 2))
    assert made.emotion is None
    assert made.gender is not None
    answer = estimator.answer([torch.from_numpy(syllables(5, 2))])
    np.testing.assert_allclose(answer.emotion, 1 / 7)


@pytest.mark.shared
def test_held_out_people_of_both_genders_are_told_apart(
    shared: Path, shipped: NetVoiceAttributes
) -> None:
    folder = shared / "data" / "voices" / "timit_en"
    with (folder / "index.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    held = kept_from_attributes(("timit_en", row["gender"], row["speaker"]) for row in rows)
    chosen = [row for row in rows if ("timit_en", row["speaker"]) in held][::5]
    assert {row["gender"] for row in chosen} == {"male", "female"}
    for row in chosen:
        gender = shipped.estimate(_read(folder / row["file"])).gender
        assert gender is not None
        assert gender.top is Gender[row["gender"].upper()]


def _read(path: Path) -> Waveform:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SPEECH_RATE)
        parts = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


# --- the file ------------------------------------------------------------------------------


def test_weights_survive_writing_and_reading(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net = VoiceAttributeNet(SMALL).eval()
    path = tmp_path / "net.safetensors"
    path.write_bytes(save_voice_attributes(net))
    read = load_voice_attribute_net(path)
    assert read.config == SMALL
    sound = [torch.from_numpy(syllables(1, 2))]
    one, other = (NetVoiceAttributes(each).answer(sound) for each in (net, read))
    np.testing.assert_allclose(one.emotion, other.emotion, atol=1e-3)


def test_what_is_not_wanted_is_not_said() -> None:
    net = VoiceAttributeNet(SMALL)
    made = NetVoiceAttributes(net, AttributeSelection(False, False, True)).estimate(syllables(1, 1))
    assert (made.emotion, made.age) == (None, None)
    assert made.gender is not None


def test_another_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path)
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_voice_attribute_net(path)


# --- the recipe ----------------------------------------------------------------------------


@pytest.fixture
def actors(tmp_path: Path) -> Path:
    """Twelve made-up speakers: women speak higher, anger is louder at the end."""
    folder = tmp_path / "actors"
    folder.mkdir()
    rows = ["file,speaker,gender,age,emotion"]
    for speaker in range(12):
        gender = "female" if speaker % 2 else "male"
        for number, emotion in enumerate(("anger", "sadness", "calm")):
            name = f"{speaker}-{number}.wav"
            hertz = (210 if speaker % 2 else 110) + 3 * speaker
            _write(folder / name, _spoken(hertz, emotion, speaker))
            rows.append(f"{name},s{speaker},{gender},{20 + speaker},{emotion}")
    (folder / "index.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def _spoken(hertz: float, emotion: str, seed: int) -> np.ndarray:
    sound = tone(hertz, 1.0).numpy()
    rate = {"anger": 7, "sadness": 2}.get(emotion, 4)
    swing = 0.55 + 0.45 * np.sin(2 * np.pi * rate * np.arange(len(sound)) / SPEECH_RATE)
    noise = np.random.default_rng(seed).normal(0, 0.002, len(sound))
    return np.asarray(sound * swing + noise, dtype=np.float32)


def _write(path: Path, sound: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SPEECH_RATE, layout="mono")
        samples = (np.clip(sound, -1, 1) * 32_000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = SPEECH_RATE
        container.mux([*stream.encode(frame), *stream.encode(None)])


def test_labels_are_read_and_unknown_emotions_left_open(actors: Path) -> None:
    voices = labelled_voices("actors", actors)
    assert len(voices) == 36
    assert sum(voice.emotion >= 0 for voice in voices) == 24
    assert {voice.male for voice in voices} == {0, 1}
    assert voices[0].age == 20


def test_folds_keep_a_speaker_together(actors: Path) -> None:
    voices = labelled_voices("actors", actors)
    folds = folds_of(voices, 3)
    assert set(folds) == {voice.person for voice in voices}
    assert set(folds.values()) == {0, 1, 2}


def test_held_out_are_some_of_each_gender() -> None:
    people = [("set", gender, f"{gender}{n}") for gender in ("male", "female") for n in range(13)]
    held = kept_from_attributes(people)
    assert sorted(name[:4] for _, name in held) == ["fema"] * 3 + ["male"] * 3
    assert held == kept_from_attributes(reversed(people))


@pytest.mark.parametrize("content", [None, "file,name\na.wav,x", "file,speaker\na.wav,x"])
def test_a_folder_without_labels_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "index.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        labelled_voices("some", tmp_path)


def test_the_recipe_learns_and_resumes(actors: Path, tmp_path: Path) -> None:
    config = VoiceAttributeRecipeConfig(
        views=1, batch=16, rate=1e-2, forget=0.0, forget_hidden=0.0, smoothing=0.0
    )
    out, quiet = tmp_path / "run", Console(quiet=True)

    def run(epochs: int, resume: bool) -> Path:
        options = RunOptions(out, "cpu", epochs, resume, patience=99)
        return train_voice_attributes([str(actors)], out / "cache", options, quiet, config)[0]

    path = run(4, resume=False)
    figures = json.loads((out / "crossed.json").read_text(encoding="utf-8"))
    assert figures["actors"]["gender"]["value"] > 0.9
    assert figures["actors"]["emotion"]["recall_of_those"]["value"] > 0.8
    with pytest.raises(InputError, match="already holds"):
        run(4, resume=False)
    assert run(6, resume=True) == path
    made = NetVoiceAttributes(load_voice_attribute_net(path)).estimate(_spoken(250, "anger", 77))
    assert made.gender is not None
    assert made.gender.top is Gender.FEMALE
