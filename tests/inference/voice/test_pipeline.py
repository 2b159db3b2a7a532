"""Speech is found, gathered and judged in sound of any rate and in pieces of any length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from kiosk.core.errors import InputError, ModelError
from kiosk.core.media import AudioChunk, Waveform
from kiosk.core.samples import Hint, VoiceOutcome, VoiceSample
from kiosk.inference.packages import packaged_weights
from kiosk.inference.voice.activity import VoiceActivity, load_silero
from kiosk.inference.voice.pipeline import (
    SileroVoicePipeline,
    VoicePipelineConfig,
    snr_db,
)
from kiosk.training.voice.data import read_sound
from tests.support.synthetic_voice import syllables


def _play(path: SileroVoicePipeline, sound: Waveform, rate: int = 16_000, piece: int = 800) -> None:
    for start in range(0, len(sound), piece):
        path.hear(AudioChunk(sound[start : start + piece], rate, start / rate))


def _flushed(sound: Waveform, rate: int = 16_000) -> VoiceSample:
    path = SileroVoicePipeline()
    _play(path, sound, rate)
    sample = path.take(flush=True)
    assert sample is not None
    return sample


def _with_pauses(sound: Waveform, noise: float, rng: np.random.Generator) -> Waveform:
    pause = np.zeros(16_000, np.float32)
    whole = np.concatenate((pause, sound, pause))
    return np.asarray(whole + noise * rng.standard_normal(len(whole)), dtype=np.float32)


@pytest.mark.shared
def test_activity_agrees_with_the_packaged_script_module(shared: Path) -> None:
    """The package's two files are two trainings of one network: they decide alike on real speech,
    and differ by some hundredths at onsets."""
    sound = read_sound(shared / "data/voices/pansori_ko/64Ko6riw7JeF/0001.opus")
    load: Any = torch.jit.load
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        reference = load(packaged_weights("silero_vad", "data/silero_vad.jit"))
    windows = [sound[n : n + 512] for n in range(0, len(sound) - 511, 512)]
    with torch.inference_mode():
        wanted = np.array([float(reference(torch.from_numpy(each), 16_000)) for each in windows])
    _, found = VoiceActivity().hear(sound)
    np.testing.assert_allclose(found, wanted, atol=0.1)
    assert np.mean((found > 0.5) == (wanted > 0.5)) > 0.97


def test_activity_does_not_depend_on_how_sound_is_cut() -> None:
    sound, cut, whole = syllables(1, 1.0), VoiceActivity(), VoiceActivity()
    parts = [cut.hear(part)[1] for part in np.array_split(sound, 7)]
    np.testing.assert_allclose(np.concatenate(parts), whole.hear(sound)[1], atol=1e-5)


def test_damaged_activity_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"x\.safetensors"):
        load_silero(tmp_path / "x.safetensors")


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match="no_such_package"):
        packaged_weights("no_such_package", "x")


def test_a_rate_no_device_has_is_refused() -> None:
    with pytest.raises(InputError, match="100 Hz"):
        SileroVoicePipeline().hear(AudioChunk(np.zeros(10, np.float32), 100, 0.0))


def test_enough_speech_is_taken_once(rng: np.random.Generator) -> None:
    path = SileroVoicePipeline()
    _play(path, _with_pauses(syllables(1, 4.0), 1e-4, rng))
    sample = path.take()
    assert sample is not None
    assert sample.outcome is VoiceOutcome.USABLE
    assert sample.hint is None
    assert sample.seconds >= 3.0
    assert 0.5 < sample.start < 1.2 < sample.end < 6.0
    assert sample.quality > 0.9
    assert path.take() is None


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_speech_is_found_at_other_rates(rate: int, rng: np.random.Generator) -> None:
    sample = _flushed(syllables(1, 4.0, rate=rate), rate)
    assert sample.outcome is VoiceOutcome.USABLE
    assert sample.seconds > 3.0


def test_progress_tells_what_is_missing() -> None:
    path = SileroVoicePipeline()
    silent = path.hear(AudioChunk(np.zeros(8_000, np.float32), 16_000, 0.0))
    assert (silent.speech_seconds, silent.speaking, silent.hint) == (0.0, False, Hint.SPEAK)
    assert silent.level_dbfs == -100.0
    heard = path.hear(AudioChunk(syllables(1, 1.5), 16_000, 0.5))
    assert 1.0 < heard.speech_seconds < 2.0
    assert heard.needed_seconds == 3.0
    assert heard.level_dbfs > -40


def test_nothing_heard_gives_nothing() -> None:
    assert SileroVoicePipeline().take(flush=True) is None


def test_silence_is_no_speech() -> None:
    sample = _flushed(np.zeros(32_000, np.float32))
    assert (sample.outcome, sample.hint) == (VoiceOutcome.NO_SPEECH, Hint.SPEAK)
    assert sample.seconds == 0.0


def test_one_word_is_too_short() -> None:
    sample = _flushed(syllables(1, 0.5))
    assert (sample.outcome, sample.hint) == (VoiceOutcome.TOO_SHORT, Hint.SPEAK_LONGER)


def test_clipped_speech_is_named() -> None:
    sample = _flushed(np.clip(30 * syllables(1, 4.0), -1, 1))
    assert (sample.outcome, sample.hint) == (VoiceOutcome.CLIPPED, Hint.SPEAK_SOFTER)


def test_noisy_speech_is_named_and_of_low_quality(rng: np.random.Generator) -> None:
    quiet = _flushed(_with_pauses(syllables(1, 4.0), 1e-4, rng))
    noisy = _flushed(_with_pauses(syllables(1, 4.0), 0.05, rng))
    assert noisy.snr_db < quiet.snr_db - 20
    assert noisy.quality < quiet.quality


def test_speech_below_the_bound_is_noisy(rng: np.random.Generator) -> None:
    path = SileroVoicePipeline(VoicePipelineConfig(noisy_db=30.0))
    _play(path, _with_pauses(syllables(1, 4.0), 0.01, rng))
    sample = path.take(flush=True)
    assert sample is not None
    assert (sample.outcome, sample.hint) == (VoiceOutcome.NOISY, Hint.LESS_NOISE)


def test_far_away_speech_is_too_quiet() -> None:
    path = SileroVoicePipeline(VoicePipelineConfig(quiet_dbfs=-20.0))
    _play(path, syllables(1, 4.0) * 0.2)
    sample = path.take(flush=True)
    assert sample is not None
    assert (sample.outcome, sample.hint) == (VoiceOutcome.TOO_QUIET, Hint.SPEAK_LOUDER)


def test_the_time_limit_ends_waiting() -> None:
    path = SileroVoicePipeline(VoicePipelineConfig(needed_seconds=5.0, limit_seconds=4.0))
    _play(path, np.concatenate((syllables(1, 2.0), np.zeros(40_000, np.float32))))
    sample = path.take()
    assert sample is not None
    assert 1.5 < sample.seconds < 3.0


def test_reset_forgets() -> None:
    path = SileroVoicePipeline()
    _play(path, syllables(1, 2.0))
    path.reset()
    assert path.take(flush=True) is None


def test_damaged_samples_are_heard_as_silence() -> None:
    chunk = AudioChunk(np.full(1_600, np.nan, np.float32), 16_000, 0.0)
    assert SileroVoicePipeline().hear(chunk).level_dbfs == -100.0


def test_snr_without_pauses_uses_the_quietest_windows() -> None:
    powers = np.array([1e-4] * 5 + [1e-2] * 95)
    assert snr_db(powers, None) == pytest.approx(19.7, abs=0.2)
    assert snr_db(powers, 1e-9) == 60.0
