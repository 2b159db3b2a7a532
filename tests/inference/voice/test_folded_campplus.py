"""CAM++ folded gives the vectors that it gives as published, and is read from the kiosk's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn
from torch.nn import functional as F

from kiosk.core.errors import InputError, ModelError
from kiosk.inference.voice.networks.campplus import CamPlus, kaldi_bands
from kiosk.inference.voice.networks.folded_campplus import (
    FoldedCamPlus,
    FoldedConfig,
    FoldedVoice,
    KaldiBands,
    fold,
    load_folded,
    save_folded,
)
from tests.support.paths import GOLDEN, ROOT
from tests.support.synthetic_voice import syllables

WEIGHTS = ROOT / "weights" / "voice-campplus.safetensors"
SMALL = FoldedConfig(
    channels=4, entry=16, growth=8, narrow=16, layers=(2, 2), dilations=(1, 2), dims=6
)


def _lived(net: nn.Module) -> nn.Module:
    """Norms as after training: other than one and nought."""
    torch.manual_seed(3)
    for part in net.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.running_mean.uniform_(-0.5, 0.5)
            part.running_var.uniform_(0.5, 2.0)
            if part.affine:
                nn.init.uniform_(part.weight, 0.5, 1.5)
                nn.init.uniform_(part.bias, -0.3, 0.3)
    return net.eval()


@pytest.fixture(scope="module")
def voice() -> FoldedVoice:
    return FoldedVoice(WEIGHTS)


@pytest.mark.parametrize("seconds", [1, 3, 7])
def test_folding_changes_no_answer(seconds: int) -> None:
    published = CamPlus()
    _lived(published)
    bands = kaldi_bands(torch.from_numpy(syllables(5, seconds)))[None]
    with torch.inference_mode():
        cosine = published(bands)[0] @ F.normalize(fold(published)(bands)[0], dim=0)
    assert float(cosine) > 1 - 1e-5


def test_bands_are_those_of_kaldi() -> None:
    for samples in (400, 8000, 48_123):
        sound = torch.from_numpy(syllables(2, 4))[:samples]
        difference = KaldiBands()(sound) - kaldi_bands(sound)
        assert float(difference.abs().max()) < 2e-3


def test_half_precision_turns_a_vector_by_less_than_a_thousandth() -> None:
    """On speech; where there is next to nothing to hear the last bits decide."""
    exact, quick = load_folded(WEIGHTS), load_folded(WEIGHTS).in_half_precision()
    for seconds in (1, 3, 7):
        bands = exact.bands(torch.from_numpy(syllables(5, seconds)))[None]
        with torch.inference_mode():
            cosine = F.cosine_similarity(exact(bands), quick(bands))
        assert float(cosine) > 0.999


def test_a_file_brings_back_a_network_of_other_sizes(tmp_path: Path) -> None:
    net = FoldedCamPlus(SMALL).eval()
    path = tmp_path / "small.safetensors"
    path.write_bytes(save_folded(net, F.normalize(torch.randn(5, 6), dim=1)))
    again = load_folded(path)
    assert again.config == SMALL
    bands = torch.randn(2, 250, 80)
    with torch.inference_mode():
        torch.testing.assert_close(again(bands), net(bands), atol=1e-2, rtol=1e-2)
    cohort = FoldedVoice(path).cohort
    assert cohort is not None
    assert cohort.vectors.shape == (5, 6)


def test_another_networks_file_is_refused() -> None:
    with pytest.raises(ModelError, match="kiosk-voice-net"):
        load_folded(WEIGHTS.with_name("voice-own.safetensors"))


def test_golden_vectors_of_the_shipped_network() -> None:
    golden, net = load_file(GOLDEN / "voice-campplus.safetensors"), load_folded(WEIGHTS)
    for seconds in (1, 3, 7):
        with torch.inference_mode():
            vector = net(net.bands(torch.from_numpy(syllables(5, seconds)))[None])[0]
        kept = torch.from_numpy(golden[f"vector_{seconds}"])
        assert float(F.cosine_similarity(vector, kept, dim=0)) > 0.9999


def test_it_embeds_speech_and_refuses_what_is_none(voice: FoldedVoice) -> None:
    found = voice.embed(syllables(5, 3))
    assert found.vector.shape == (192,)
    assert float(np.linalg.norm(found.vector)) == pytest.approx(1, abs=1e-5)
    assert found.quality == 1
    with pytest.raises(InputError, match="half a second"):
        voice.embed(syllables(5, 1)[:7000])
    with pytest.raises(InputError, match="silent"):
        voice.embed(np.zeros(16_000, np.float32))


def test_one_voice_is_nearer_to_itself_than_to_another(voice: FoldedVoice) -> None:
    one, again, other = (syllables(5, 3), syllables(5, 4, seed=1), syllables(9, 3))
    vectors = [voice.embed(each).vector for each in (one, again, other)]
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
