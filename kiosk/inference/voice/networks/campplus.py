"""CAM++: a 6.8 M parameter speaker network the operator may add; teacher of the kiosk's own.

H. Wang et al., "CAM++: A fast and efficient network for speaker verification using context-aware
masking", 2023 (arXiv:2303.00332): convolutions over bands and time, then densely connected
convolutions along time, each weighted by what its neighbourhood and the whole of the speech sound
like. The file of 3D-Speaker's model for Chinese and English is read as it is published; the names
of the layers follow its tensors.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional as F

from kiosk.core.cohort import Cohort
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.core.samples import Embedding
from kiosk.inference.published import published
from kiosk.inference.voice.features.speech import checked_speech

DIMS = 192
BANDS = 80
_CHANNELS = 32
_ENTRY = 128
_GROWTH = 32
_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Layers and dilation of each."""
_NEIGHBOURHOOD = 100
"""Frames, each of 20 ms."""


def _norm(channels: int, *, affine: bool = True) -> nn.Sequential:
    found = nn.Sequential()
    found.add_module("batchnorm", nn.BatchNorm1d(channels, affine=affine))
    return found


class _Residual(nn.Module):
    """(batch, channels, bands, frames), bands divided by `stride`."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, (stride, 1), 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, channels, 1, (stride, 1), bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class _Bands(nn.Module):
    """(batch, 80, frames) to (batch, 320, frames): what may move along frequency."""

    def __init__(self) -> None:
        super().__init__()
        c = _CHANNELS
        self.conv1 = nn.Conv2d(1, c, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.layer1 = nn.Sequential(_Residual(c, 2), _Residual(c, 1))
        self.layer2 = nn.Sequential(_Residual(c, 2), _Residual(c, 1))
        self.conv2 = nn.Conv2d(c, c, 3, (2, 1), 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x.unsqueeze(1))))
        x = F.relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))))
        return x.flatten(1, 2)


class _Masked(nn.Module):
    """A convolution along time, weighted by the mean of the neighbourhood and of everything."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(
            inputs, outputs, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.linear1 = nn.Conv1d(inputs, inputs // 2, 1)
        self.linear2 = nn.Conv1d(inputs // 2, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        near = F.avg_pool1d(x, _NEIGHBOURHOOD, _NEIGHBOURHOOD, ceil_mode=True)
        near = near.repeat_interleave(_NEIGHBOURHOOD, dim=-1)[..., : x.shape[-1]]
        context = F.relu(self.linear1(near + x.mean(-1, keepdim=True)))
        heard: Tensor = self.linear_local(x) * torch.sigmoid(self.linear2(context))
        return heard


class _Dense(nn.Module):
    """(batch, inputs, frames) to (batch, inputs + 32, frames)."""

    def __init__(self, inputs: int, dilation: int) -> None:
        super().__init__()
        narrow = 4 * _GROWTH
        self.nonlinear1 = _norm(inputs)
        self.linear1 = nn.Conv1d(inputs, narrow, 1, bias=False)
        self.nonlinear2 = _norm(narrow)
        self.cam_layer = _Masked(narrow, _GROWTH, dilation)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.nonlinear2(self.linear1(F.relu(self.nonlinear1(x)))))
        return torch.cat((x, self.cam_layer(y)), dim=1)


class _Narrow(nn.Module):
    """Half the channels."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.nonlinear = _norm(inputs)
        self.linear = nn.Conv1d(inputs, inputs // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear(F.relu(self.nonlinear(x)))
        return y


class _Convolution(nn.Module):
    """A convolution and its normalisation, (batch, inputs, frames)."""

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int = 1, *, affine: bool = True
    ) -> None:
        super().__init__()
        self.linear = nn.Conv1d(inputs, outputs, size, stride, size // 2, bias=False)
        self.nonlinear = _norm(outputs, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.nonlinear(self.linear(x))
        return y


class CamPlus(nn.Module):
    """Log-mel bands (batch, frames, 80), less their means, to unit vectors (batch, 192)."""

    def __init__(self) -> None:
        super().__init__()
        self.head = _Bands()
        self.xvector = nn.Module()
        self.xvector.tdnn = _Convolution(_CHANNELS * BANDS // 8, _ENTRY, 5, 2)
        channels = _ENTRY
        for number, (layers, dilation) in enumerate(_BLOCKS, 1):
            block = nn.Sequential()
            for layer in range(layers):
                block.add_module(f"tdnnd{layer + 1}", _Dense(channels, dilation))
                channels += _GROWTH
            self.xvector.add_module(f"block{number}", block)
            self.xvector.add_module(f"transit{number}", _Narrow(channels))
            channels //= 2
        self.xvector.out_nonlinear = _norm(channels)
        self.xvector.dense = _Convolution(2 * channels, DIMS, 1, affine=False)

    def forward(self, bands: Tensor) -> Tensor:
        """See the class."""
        steps = dict(self.xvector.named_children())
        x = F.relu(steps["tdnn"](self.head(bands.transpose(1, 2))))
        for number in range(1, len(_BLOCKS) + 1):
            x = steps[f"transit{number}"](steps[f"block{number}"](x))
        x = F.relu(steps["out_nonlinear"](x))
        x = torch.cat((x.mean(-1), x.std(-1)), dim=1).unsqueeze(-1)
        return F.normalize(steps["dense"](x)[..., 0].float(), dim=1)


def kaldi_bands(samples: Tensor) -> Tensor:
    """(samples,) at 16 kHz to (frames, 80) natural-log mel power, each band less its mean."""
    bands = torchaudio.compliance.kaldi.fbank(
        samples[None], num_mel_bins=BANDS, sample_frequency=SPEECH_RATE, dither=0.0
    )
    centred: Tensor = bands - bands.mean(0, keepdim=True)
    return centred


def load_camplus(path: Path, device: torch.device | None = None) -> CamPlus:
    """The published file, read as data and never as code. Raises ModelError."""
    net = CamPlus()
    with published(path, "CAM++", "Fetch it again: `kiosk models list`.") as state:
        net.load_state_dict(state)
    return net.to(device or torch.device("cpu")).eval()


class CamPlusVoice:
    """CAM++ as a speaker recogniser (the port ``VoiceEmbedder``); it has no opinion on quality."""

    model_id = "campplus"
    dims = DIMS
    cohort: Cohort | None = None

    def __init__(self, path: Path, device: torch.device | None = None) -> None:
        self._device = device or torch.device("cpu")
        self._net = load_camplus(path, self._device)

    def embed(self, speech: Waveform) -> Embedding:
        """Raises InputError for less than half a second, and for silence."""
        with torch.inference_mode():
            bands = kaldi_bands(checked_speech(speech)).to(self._device)
            vector = self._net(bands[None])[0]
        return Embedding(vector.cpu().numpy(), 1.0)
