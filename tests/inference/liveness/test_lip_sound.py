"""Mouth and sound of one talker fit, others' do not: by the shipped maps on a drawn mouth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.errors import ModelError
from kiosk.core.media import AudioChunk, Matrix
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference.liveness.lip_sound import (
    NAME,
    CorrelatedLipSound,
    LipSoundWeights,
    context,
    load_lip_model,
    load_lip_sound,
    mouth_pixels,
    save_lip_sound,
)
from kiosk.inference.manifest import shipped
from kiosk.training.pad.lips import LipRecipeConfig, TalkingClip, fit_lip_sound
from tests.support.liveness import POINTS

RATE = 16_000
FPS = 25.0
PIXELS = 60
STRENGTH = np.array([0.7, 0.5, 0.25], dtype=np.float32)


def talker(seed: int, seconds: float = 4.0, fps: float = FPS) -> TalkingClip:
    """A hidden opening of the mouth that also makes the sound loud and bright."""
    random = np.random.default_rng(seed)
    rates, phases = random.uniform(1.5, 5.0, 4), random.uniform(0, 6, 4)
    texture = np.random.default_rng(0).normal(size=(2, PIXELS))

    def opening(times: np.ndarray) -> np.ndarray:
        waves = np.sin(2 * np.pi * rates[:, None] * times + phases[:, None])
        return np.asarray(waves.sum(axis=0))

    times = np.arange(0, seconds, 1 / fps)
    mouths = opening(times)[:, None] * texture[0] + random.normal(0, 0.3, (len(times), PIXELS))
    moments = np.arange(0, seconds, 1 / RATE)
    loud = 0.02 * np.exp(0.5 * opening(moments))
    noise = random.normal(size=len(moments)) * loud
    sound = AudioChunk(noise.astype(np.float32), RATE, 0.0)
    return TalkingClip(mouths.astype(np.float32), times, (sound,), f"talker {seed}")


@pytest.fixture(scope="module")
def maps() -> LipSoundWeights:
    clips = [talker(seed) for seed in range(6)]
    return fit_lip_sound(clips, [1.0] * 6, LipRecipeConfig(mouth_numbers=5, components=2))


def numbers(clip: TalkingClip, maps: LipSoundWeights) -> Matrix:
    return np.asarray((clip.mouths - maps.mean) @ maps.basis, dtype=np.float32)


def test_the_own_sound_fits_and_that_of_others_does_not(maps: LipSoundWeights) -> None:
    model = CorrelatedLipSound(maps, "test@0")
    one, other = talker(20), talker(21)
    own = model.match(numbers(one, maps), one.times, one.sound)
    foreign = model.match(numbers(one, maps), one.times, other.sound)
    assert own is not None
    assert foreign is not None
    assert own.correlation > 0.6
    assert foreign.correlation < 0.3
    assert own.seconds > 2.0


def test_fewer_pictures_a_second_do_as_well(maps: LipSoundWeights) -> None:
    model = CorrelatedLipSound(maps, "test@0")
    failures = []
    for fps in (12.5, 15.0, 30.0):
        one = talker(22, fps=fps)
        found = model.match(numbers(one, maps), one.times, one.sound)
        if found is None or found.correlation < 0.45:
            failures.append((fps, found))
    assert failures == []


def test_sound_that_comes_late_is_found_where_it_is(maps: LipSoundWeights) -> None:
    model = CorrelatedLipSound(maps, "test@0")
    one = talker(23)
    late = AudioChunk(one.sound[0].samples, RATE, 0.2)
    found = model.match(numbers(one, maps), one.times, [late])
    assert found is not None
    assert found.delay == pytest.approx(0.2, abs=0.05)
    assert found.best_correlation > found.correlation + 0.3
    told = model.match(numbers(one, maps), one.times, [late], delay=0.2)
    assert told is not None
    assert told.correlation == pytest.approx(found.best_correlation, abs=0.1)


def test_too_little_is_no_answer(maps: LipSoundWeights) -> None:
    model = CorrelatedLipSound(maps, "test@0")
    one = talker(24)
    mouths = numbers(one, maps)
    assert model.match(mouths[:5], one.times[:5], one.sound) is None
    assert model.match(mouths[:1], one.times[:1], one.sound) is None
    assert model.match(mouths, one.times, []) is None


def test_slow_changes_are_taken_out() -> None:
    ramp = np.linspace(0, 100, 80)[:, None]
    assert np.abs(context(ramp)[20:60]).max() < 1e-9
    assert context(ramp).shape == (80, 5)


def test_light_does_not_change_a_mouth() -> None:
    random = np.random.default_rng(1)
    image = random.integers(40, 120, (90, 90, 3), dtype=np.uint8)
    dark = LocatedFace(image, POINTS)
    light = LocatedFace((image * 1.5 + 20).astype(np.uint8), POINTS)
    away = np.abs(mouth_pixels(dark) - mouth_pixels(light)).mean()
    assert away < 0.05


def test_the_shipped_maps_are_read(tmp_path: Path) -> None:
    model = load_lip_model(Settings())
    assert model.model_id.startswith(f"{NAME}@")
    file = tmp_path / "copy.safetensors"
    file.write_bytes(save_lip_sound(load_lip_sound(shipped(NAME))))
    assert np.allclose(load_lip_sound(file).lips, load_lip_sound(shipped(NAME)).lips)


def test_maps_of_other_sizes_that_fit_one_another_are_read(tmp_path: Path) -> None:
    whole = load_lip_sound(shipped(NAME))
    small = replace(
        whole, lips=whole.lips[:, :3].copy(), sound=whole.sound[:, :3].copy(), strength=STRENGTH
    )
    file = tmp_path / "small.safetensors"
    file.write_bytes(save_lip_sound(small))
    assert np.array_equal(load_lip_sound(file).strength, STRENGTH)
    file.write_bytes(save_lip_sound(replace(small, sound=whole.sound)))
    with pytest.raises(ModelError, match="sound is 200 x 12 and should be 200 x 3"):
        load_lip_sound(file)


def test_what_is_no_such_file_says_so(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"nothing")
    for file in (tmp_path / "missing.safetensors", damaged, shipped("face-cover")):
        with pytest.raises(ModelError, match=file.name):
            load_lip_sound(file)
