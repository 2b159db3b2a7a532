"""CAM++ as the kiosk ships it: the published network, its normalisations folded, ready to be fast.

Every batch normalisation that follows a convolution is part of it; those that come first in a dense
layer remain as a scale and a shift of each channel. Along time channels are kept last, so that a
convolution of one frame is one matrix product. Where the processor multiplies bfloat16 itself, the
large products run in it; what is added up along the layers stays in float32.

`campplus.CamPlus` is the same network with the layers as published: for reading the published file,
and for learning. `fold` makes one out of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from kiosk.core.cohort import Cohort
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.core.samples import Embedding
from kiosk.inference.checkpoint import load_checkpoint, read_cohort, save_checkpoint, stored
from kiosk.inference.devices import half_is_fast
from kiosk.inference.voice.features.speech import checked_speech
from kiosk.inference.voice.networks import campplus

NETWORK = "kiosk-campplus"
_NEIGHBOURHOOD = 100
"""Frames, each of 20 ms."""
_TAPS = 3
_FRAME, _HOP, _FFT = 400, 160, 512
_LOWEST, _EMPHASIS = 20.0, 0.97
_COHORT_TOP = 140
"""Many, so that the mean of the nearest varies little with what was said."""
_COMPUTED = ("bands.",)


@dataclass(frozen=True)
class FoldedConfig:
    """Sizes of the network; stored beside the weights. As published unless a student is smaller."""

    channels: int = 32
    """Of the two-dimensional convolutions."""
    residuals: int = 2
    """Residual blocks at half and at a quarter of the bands each."""
    entry: int = 128
    growth: int = 32
    narrow: int = 128
    layers: tuple[int, ...] = (12, 24, 16)
    dilations: tuple[int, ...] = (1, 2, 2)
    dims: int = campplus.DIMS


class KaldiBands(nn.Module):
    """(samples,) at 16 kHz to (frames, 80) natural-log mel power, each band less its mean: what
    `torchaudio.compliance.kaldi.fbank` gives, its window and filters made once."""

    window: Tensor
    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        window = torch.hann_window(_FRAME, periodic=False).pow(0.85)
        filters, _ = torchaudio.compliance.kaldi.get_mel_banks(
            campplus.BANDS, _FFT, SPEECH_RATE, _LOWEST, 0.0, 100.0, -500.0, 1.0
        )
        self.register_buffer("window", window)
        self.register_buffer("filters", F.pad(filters, (0, 1)).T.contiguous())

    def forward(self, samples: Tensor) -> Tensor:
        """See the class; at least 25 ms."""
        frames = samples.unfold(-1, _FRAME, _HOP)
        frames = frames - frames.mean(-1, keepdim=True)
        before = torch.cat((frames[:, :1], frames[:, :-1]), dim=1)
        spectrum = torch.fft.rfft((frames - _EMPHASIS * before) * self.window, _FFT)
        power = spectrum.real.square() + spectrum.imag.square()
        bands = (power @ self.filters).clamp_min(torch.finfo(torch.float32).eps).log()
        centred: Tensor = bands - bands.mean(0, keepdim=True)
        return centred


class _Residual(nn.Module):
    """(batch, channels, bands, frames), bands divided by `stride`."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, (stride, 1), 1)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1)
        self.shortcut = nn.Conv2d(channels, channels, 1, (stride, 1)) if stride != 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.relu(self.first(x), inplace=True))
        y += x if self.shortcut is None else self.shortcut(x)
        return F.relu(y, inplace=True)


class _Bands(nn.Module):
    """(batch, frames, 80) to (batch, 10 * channels, frames): what may move along frequency."""

    def __init__(self, config: FoldedConfig) -> None:
        super().__init__()
        c = config.channels
        self.first = nn.Conv2d(1, c, 3, 1, 1)
        strides = ([2] + [1] * (config.residuals - 1)) * 2
        self.residuals = nn.Sequential(*(_Residual(c, stride) for stride in strides))
        self.last = nn.Conv2d(c, c, 3, (2, 1), 1)

    def forward(self, bands: Tensor) -> Tensor:
        x = bands.transpose(1, 2).unsqueeze(1).contiguous(memory_format=torch.channels_last)
        x = F.relu(self.first(x), inplace=True).to(self.last.weight.dtype)
        return F.relu(self.last(self.residuals(x)), inplace=True).flatten(1, 2)


class _Scaled(nn.Module):
    """What is left of a normalisation that comes before its convolution: (..., channels)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(torch.addcmul(self.shift, x, self.scale), inplace=True)


class _Dense(nn.Module):
    """(batch, frames, inputs) to (batch, frames, growth): a convolution along time, weighted by the
    mean of the neighbourhood and of everything."""

    def __init__(self, inputs: int, dilation: int, config: FoldedConfig) -> None:
        super().__init__()
        narrow, growth = config.narrow, config.growth
        self.dilation = dilation
        self.scaled = _Scaled(inputs)
        self.narrow = nn.Linear(inputs, narrow)
        self.near = nn.Linear(narrow, _TAPS * growth, bias=False)
        self.context = nn.Linear(narrow, narrow // 2)
        self.gate = nn.Linear(narrow // 2, growth)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(_product(self.narrow, self.scaled(x)), inplace=True)
        before, here, after = _product(self.near, y).float().chunk(_TAPS, -1)
        heard = here + F.pad(before, (0, 0, self.dilation, 0))[:, : x.shape[1]]
        heard = heard + F.pad(after, (0, 0, 0, self.dilation))[:, self.dilation :]
        return heard * self._gates(y.float())

    def _gates(self, y: Tensor) -> Tensor:
        """(batch, frames, narrow) to (batch, frames, growth), the same all over a neighbourhood."""
        parts = torch.split(y, _NEIGHBOURHOOD, dim=1)
        means = torch.stack([part.mean(1) for part in parts], dim=1) + y.mean(1, keepdim=True)
        gates = torch.sigmoid(self.gate(F.relu(self.context(means))))
        return gates.repeat_interleave(_NEIGHBOURHOOD, dim=1)[:, : y.shape[1]]


class _Block(nn.Module):
    """Dense layers, each of which hears all before it, and half the channels of what they give."""

    def __init__(self, inputs: int, layers: int, dilation: int, config: FoldedConfig) -> None:
        super().__init__()
        sizes = [inputs + config.growth * layer for layer in range(layers + 1)]
        self.layers = nn.ModuleList(_Dense(size, dilation, config) for size in sizes[:-1])
        self.scaled = _Scaled(sizes[-1])
        self.halved = nn.Linear(sizes[-1], sizes[-1] // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat((x, layer(x)), dim=-1)
        return _product(self.halved, self.scaled(x)).float()


def _mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """Over time, each (batch, channels), of (batch, frames, channels): what `Tensor.std` gives in
    a fifth of its time."""
    mean = x.mean(1)
    squares = (x - mean[:, None]).square().sum(1)
    return mean, (squares / (x.shape[1] - 1)).sqrt()


def _product(layer: nn.Linear, x: Tensor) -> Tensor:
    """In the layer's own precision."""
    found: Tensor = layer(x.to(layer.weight.dtype))
    return found


class FoldedCamPlus(nn.Module):
    """Log-mel bands (batch, frames, 80), less their means, to vectors (batch, dims)."""

    def __init__(self, config: FoldedConfig | None = None) -> None:
        super().__init__()
        self.config = found = config or FoldedConfig()
        self.bands = KaldiBands()
        self.head = _Bands(found)
        self.enter = nn.Conv1d(found.channels * campplus.BANDS // 8, found.entry, 5, 2, 2)
        channels, blocks = found.entry, []
        for layers, dilation in zip(found.layers, found.dilations, strict=True):
            blocks.append(_Block(channels, layers, dilation, found))
            channels = (channels + layers * found.growth) // 2
        self.blocks = nn.Sequential(*blocks)
        self.scaled = _Scaled(channels)
        self.dense = nn.Linear(2 * channels, found.dims)

    def forward(self, bands: Tensor) -> Tensor:
        """See the class."""
        x = self.head(bands).to(self.enter.weight.dtype)
        x = self.blocks(F.relu(self.enter(x), inplace=True).transpose(1, 2).float())
        found: Tensor = self.dense(torch.cat(_mean_and_deviation(self.scaled(x)), dim=1))
        return found

    def in_half_precision(self) -> FoldedCamPlus:
        """The same, its large products in bfloat16."""
        large = (self.head.residuals, self.head.last, self.enter)
        for part in large:
            part.to(torch.bfloat16)
        for block in self.blocks:
            assert isinstance(block, _Block)
            block.halved.to(torch.bfloat16)
            for layer in block.layers:
                assert isinstance(layer, _Dense)
                layer.narrow.to(torch.bfloat16)
                layer.near.to(torch.bfloat16)
        return self


def fold(published: campplus.CamPlus) -> FoldedCamPlus:
    """The published network with its normalisations folded; the same to 1e-5."""
    net, old = FoldedCamPlus(), published.xvector
    with torch.no_grad():
        _fold_head(net.head, published.head)
        _copy(net.enter, _fused(old, "tdnn.linear", "tdnn.nonlinear.batchnorm"))
        for number, block in enumerate(net.blocks, 1):
            _fold_block(cast(_Block, block), old, number)
        _fill(net.scaled, old, "out_nonlinear.batchnorm")
        _as_product(net.dense, _fused(old, "dense.linear", "dense.nonlinear.batchnorm"))
    return net.eval()


def _fold_head(head: _Bands, old: nn.Module) -> None:
    _copy(head.first, _fused(old, "conv1", "bn1"))
    _copy(head.last, _fused(old, "conv2", "bn2"))
    olds = [*old.get_submodule("layer1").children(), *old.get_submodule("layer2").children()]
    for new, each in zip(head.residuals, olds, strict=True):
        assert isinstance(new, _Residual)
        _copy(new.first, _fused(each, "conv1", "bn1"))
        _copy(new.second, _fused(each, "conv2", "bn2"))
        if new.shortcut is not None:
            _copy(new.shortcut, _fused(each, "shortcut.0", "shortcut.1"))


def _fold_block(new: _Block, old: nn.Module, number: int) -> None:
    layers = old.get_submodule(f"block{number}").children()
    for layer, each in zip(new.layers, layers, strict=True):
        assert isinstance(layer, _Dense)
        _fill(layer.scaled, each, "nonlinear1.batchnorm")
        _as_product(layer.narrow, _fused(each, "linear1", "nonlinear2.batchnorm"))
        near = _convolution(each, "cam_layer.linear_local").weight
        layer.near.weight.copy_(near.permute(2, 0, 1).flatten(0, 1))
        _as_product(layer.context, _convolution(each, "cam_layer.linear1"))
        _as_product(layer.gate, _convolution(each, "cam_layer.linear2"))
    transit = f"transit{number}"
    _fill(new.scaled, old, f"{transit}.nonlinear.batchnorm")
    new.halved.weight.copy_(_convolution(old, f"{transit}.linear").weight[..., 0])


def _convolution(old: nn.Module, name: str) -> nn.Conv1d:
    return cast(nn.Conv1d, old.get_submodule(name))


def _fused(old: nn.Module, convolution: str, norm: str) -> nn.Conv1d:
    """A convolution and the norm that follows it as one."""
    following = cast(nn.BatchNorm1d, old.get_submodule(norm))
    return fuse_conv_bn_eval(_convolution(old, convolution).eval(), following.eval())


def _copy(new: nn.Module, old: nn.Module) -> None:
    new.load_state_dict(old.state_dict())


def _as_product(new: nn.Linear, old: nn.Conv1d) -> None:
    new.weight.copy_(old.weight[..., 0])
    assert old.bias is not None
    new.bias.copy_(old.bias)


def _fill(new: _Scaled, old: nn.Module, name: str) -> None:
    norm = cast(nn.BatchNorm1d, old.get_submodule(name))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    new.scale.copy_(scale)
    new.shift.copy_(norm.bias - norm.running_mean * scale)


def save_folded(net: FoldedCamPlus, cohort: Tensor | None = None) -> bytes:
    """The file's bytes; `cohort` (k, dims), if any, are unit vectors that stand for nobody."""
    tensors = stored(net, _COMPUTED)
    return save_checkpoint(tensors, network=NETWORK, config=net.config, cohort=cohort)


def load_folded(path: Path, device: torch.device | None = None) -> FoldedCamPlus:
    """The network stored at `path`, in float32, ready to embed. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=FoldedConfig)
    net = file.build(FoldedCamPlus, computed=_COMPUTED)
    for weight in net.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return net.to(device or torch.device("cpu"))


class FoldedVoice:
    """The kiosk's default speaker recogniser (the port ``VoiceEmbedder``). It has no opinion on
    quality: the length of its vectors foretells nothing (weights/voice-campplus.md)."""

    def __init__(self, path: Path, device: torch.device | None = None) -> None:
        self._device = device or torch.device("cpu")
        self._net, self.model_id = load_folded(path, self._device), path.stem
        vectors = read_cohort(path)
        self.cohort = Cohort(vectors.numpy(), _COHORT_TOP) if vectors is not None else None
        if half_is_fast(self._device):
            self._net.in_half_precision()
        self.dims = self._net.config.dims

    def embed(self, speech: Waveform) -> Embedding:
        """Raises InputError for less than half a second, and for silence."""
        with torch.inference_mode():
            bands = self._net.bands(checked_speech(speech).to(self._device))
            vector = F.normalize(self._net(bands[None])[0].cpu(), dim=0)
        return Embedding(vector.numpy(), 1.0)
