"""The voice networks give the vectors they gave when their figures were measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from kiosk.core.errors import InputError, ModelError
from kiosk.core.media import Waveform
from kiosk.inference.voice.networks.ge2e import Ge2eVoice, ge2e_state
from kiosk.inference.voice.networks.own import (
    OwnVoice,
    VoiceNet,
    VoiceNetConfig,
    load_voice_net,
    normalised_power,
    save_voice_net,
    windows_of,
    without_pauses,
)
from tests.support.paths import ROOT
from tests.support.synthetic_voice import syllables

WEIGHTS = ROOT / "weights" / "voice-own.safetensors"
GOLDEN = ROOT / "tests" / "golden" / "voice.safetensors"
TOLERANCE = 2e-3
"""Largest difference of a coordinate of a unit vector: other processors sum in another order."""
TURNED = 0.999
"""Smallest cosine to the golden vector."""
SMALL = VoiceNetConfig(stem_channels=4, channels=16, blocks=1, branch_dims=8, attention=4, dims=6)


@pytest.fixture(scope="module")
def own() -> OwnVoice:
    return OwnVoice(WEIGHTS)


@pytest.fixture(scope="module")
def ge2e() -> Ge2eVoice:
    return Ge2eVoice()


def _cosine(embedder: OwnVoice | Ge2eVoice, one: Waveform, other: Waveform) -> float:
    return float(embedder.embed(one).vector @ embedder.embed(other).vector)


@pytest.mark.parametrize("seconds", [1, 3, 7])
def test_golden_vectors_of_the_network(seconds: int) -> None:
    net = load_voice_net(WEIGHTS)
    with torch.inference_mode():
        vector = net(torch.from_numpy(syllables(5, seconds)))[0].numpy()
    np.testing.assert_allclose(vector, load_file(GOLDEN)[f"own_{seconds}"], atol=TOLERANCE)


@pytest.mark.parametrize("name", ["own", "ge2e"])
@pytest.mark.parametrize("seconds", [1, 3, 7])
def test_golden_vectors(name: str, seconds: int, request: pytest.FixtureRequest) -> None:
    embedding = request.getfixturevalue(name).embed(syllables(5, seconds))
    wanted = load_file(GOLDEN)[f"{name}_{seconds}"]
    assert embedding.vector @ wanted > TURNED  # half precision where the processor has it
    assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
    assert 0.0 <= embedding.quality <= 1.0


@pytest.mark.parametrize("name", ["own", "ge2e"])
def test_the_same_voice_is_nearer_than_another(name: str, request: pytest.FixtureRequest) -> None:
    embedder = request.getfixturevalue(name)
    mine, again = syllables(5, 3, seed=1), syllables(5, 3, seed=2)
    other = syllables(8, 3, seed=3)
    assert _cosine(embedder, mine, again) > _cosine(embedder, mine, other) + 0.1


def test_loudness_does_not_matter(own: OwnVoice) -> None:
    sound = syllables(5, 3)
    assert _cosine(own, sound, sound * 0.1) > 0.999


def test_a_long_pause_hardly_matters(own: OwnVoice) -> None:
    sound = syllables(5, 3)
    pause = np.zeros(16_000, np.float32)
    paused = np.concatenate((sound[:24_000], pause, sound[24_000:]))
    assert _cosine(own, sound, paused) > 0.9


@pytest.mark.parametrize("sound", [np.zeros(16_000, np.float32), np.ones(7_999, np.float32)])
def test_silence_and_scraps_are_refused(own: OwnVoice, sound: Waveform) -> None:
    with pytest.raises(InputError):
        own.embed(sound)


def test_half_a_second_is_enough(own: OwnVoice) -> None:
    assert own.embed(syllables(5, 0.5)).vector.shape == (own.dims,)


def _small(seed: int, frames: int) -> tuple[VoiceNet, torch.Tensor]:
    torch.manual_seed(seed)
    return VoiceNet(SMALL).eval(), torch.rand(1, frames, 40) + 0.01


def test_the_convolution_branch_hears_no_direction() -> None:
    net, power = _small(1, 90)
    with torch.inference_mode():
        ahead, back = net.listen(power), net.listen(power.flip(1))
    torch.testing.assert_close(ahead, back)
    assert float(ahead.norm()) == pytest.approx(1.0, abs=1e-5)


def test_short_speech_is_heard_from_its_middle_and_backwards_too() -> None:
    net, power = _small(2, 90)
    even = normalised_power(power)
    with torch.inference_mode():
        found = net.recall(power)[0].view(2, -1)
        heard = [
            net.recurrent(windows_of(view)[0], heard=90)[0]
            for view in (even, torch.cat((even[:, 45:], even[:, :45]), 1), even.flip(1))
        ]
    mean = torch.stack(heard).view(3, 2, -1).mean(0)
    torch.testing.assert_close(found, mean / mean.norm(dim=1, keepdim=True))


def test_the_vector_of_short_speech_is_of_its_last_frame_before_it_is_repeated() -> None:
    net, power = _small(3, 90)
    half = SMALL.lstm_width
    window = windows_of(power)[0]
    with torch.inference_mode():
        repeated, alone = net.recurrent(window, heard=90), net.recurrent(power, heard=90)
    torch.testing.assert_close(repeated[:, :half], alone[:, :half])
    assert not torch.allclose(repeated[:, half:], alone[:, half:])


def test_what_is_not_finite_is_refused(ge2e: Ge2eVoice) -> None:
    with pytest.raises(InputError):
        ge2e.embed(np.full(16_000, np.nan, np.float32))


def test_weights_survive_writing_and_reading(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = VoiceNet(SMALL).eval()
    path = tmp_path / "small.safetensors"
    path.write_bytes(save_voice_net(net))
    read = OwnVoice(path)
    assert (read.model_id, read.dims) == ("small", 6)
    with torch.inference_mode():
        wanted, _ = net(torch.from_numpy(syllables(1, 2)))
    np.testing.assert_allclose(read.embed(syllables(1, 2)).vector, wanted.numpy(), atol=0.02)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(WEIGHTS.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"cut\.safetensors"):
        OwnVoice(path)


def test_another_network_is_named(tmp_path: Path) -> None:
    torch.save({"model_state": {"a": torch.zeros(1)}}, tmp_path / "other.pt")
    with pytest.raises(ModelError, match="GE2E"):
        Ge2eVoice(tmp_path / "other.pt")


def test_ge2e_weights_are_read_without_code(tmp_path: Path) -> None:
    torch.save({"model_state": Path()}, tmp_path / "code.pt")
    with pytest.raises(ModelError, match=r"code\.pt"):
        ge2e_state(tmp_path / "code.pt")


@pytest.mark.parametrize(("frames", "windows"), [(50, 1), (160, 1), (161, 2), (300, 3), (400, 4)])
def test_windows_cover_everything(frames: int, windows: int) -> None:
    power = torch.arange(float(frames))[None, :, None].expand(1, frames, 40)
    found = windows_of(power)
    assert found.shape == (1, windows, 160, 40)
    assert found.min() == 0
    assert found.max() == frames - 1


def test_pauses_are_left_out() -> None:
    power = torch.full((200, 40), 1e-6)
    power[50:100] = 1.0
    assert len(without_pauses(power)) == 70
