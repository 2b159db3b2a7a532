"""The kiosk's own speaker network: two branches over one mel spectrogram.

* :class:`RecurrentBranch`: the three LSTM layers of GE2E (Wan et al. 2018, arXiv:1710.10467),
  unchanged, read out twice. Hears linear mel power.
* :class:`ConvolutionBranch`: a small residual network over log-mel bands, first two-dimensional,
  so that a pattern may move along frequency, then along time alone.

Each branch gives one vector; both, brought to length one, are joined and projected by a linear
discriminant analysis of the training speakers. Pauses are left out before, because silence says
something about the room and nothing about the speaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kiosk.core.cohort import Cohort
from kiosk.core.media import Waveform
from kiosk.core.samples import Embedding
from kiosk.inference.checkpoint import load_checkpoint, read_cohort, save_checkpoint, stored
from kiosk.inference.devices import half_is_fast
from kiosk.inference.voice.features.mel import BANDS, Ge2eMel, MelPower
from kiosk.inference.voice.features.speech import checked_speech

NETWORK = "kiosk-voice-net"
QUIET = 1e-12
WINDOW_FRAMES = 160
WINDOW_STEP = 80
PAUSE_DB = 30.0
GE2E_LEVEL = 1.17
"""Mean mel power of a frame that GE2E is used to: speech at -25 dB full scale."""
_SETTLING = 40
_COHORT_TOP = 10
_FRONT_ENDS = ("mel_power.", "ge2e_mel.")


@dataclass(frozen=True)
class VoiceNetConfig:
    """Sizes of the network; stored beside the weights."""

    stem_channels: int = 16
    channels: int = 192
    blocks: int = 3
    lstm_width: int = 256
    lstm_layers: int = 3
    branch_dims: int = 192
    attention: int = 96
    floor_db: float = -45.0
    dims: int = 384
    """Of the embedding."""

    @property
    def joined(self) -> int:
        """Dimensions of the branches' vectors side by side."""
        return 2 * self.lstm_width + self.branch_dims


def normalised_power(power: Tensor) -> Tensor:
    """Divide (batch, frames, bands) mel power by the mean power of its frames."""
    return power / power.sum(-1, keepdim=True).mean(1, keepdim=True).clamp_min(QUIET)


def centred_decibels(power: Tensor, floor_db: float) -> Tensor:
    """Normalised power (batch, frames, bands) to bel over a soft floor, less band means."""
    level = torch.log10(power + 10.0 ** (floor_db / 10.0))
    return level - level.mean(1, keepdim=True)


class AttentiveStatistics(nn.Module):
    """Attention-weighted mean and deviation over time (Okabe et al. 2018, arXiv:1803.10963).

    (batch, features, frames) to (batch, 2 * features).
    """

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.attend = nn.Sequential(
            nn.Conv1d(features, hidden, 1), nn.Tanh(), nn.Conv1d(hidden, features, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Always in float32: the variance is a difference of squares."""
        x = x.float()
        weight = self.attend(x).float().softmax(-1)
        mean = (weight * x).sum(-1)
        variance = (weight * x * x).sum(-1) - mean * mean
        return torch.cat((mean, variance.clamp_min(1e-5).sqrt()), dim=1)


class Residual2d(nn.Module):
    """Two 3x3 convolutions beside a shortcut.

    (batch, inputs, bands, frames) to (batch, outputs, bands / band_stride, frames).
    """

    def __init__(self, inputs: int, outputs: int, band_stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, (band_stride, 1), 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.band_stride = band_stride
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or band_stride != 1:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs, bands, frames) to (batch, outputs, bands / band_stride, frames)."""
        # bands are skipped here and not by the convolution: the gradient of a 1x1 convolution with
        # a stride and few channels writes past its memory on some AMD processors (torch 2.11)
        return F.relu(self.body(x) + self.shortcut(x[:, :, :: self.band_stride]))


class TimeBlock(nn.Module):
    """Dilated convolution along time with squeeze-and-excitation; keeps the shape."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            nn.Conv1d(channels, channels, 1, bias=False),
            nn.BatchNorm1d(channels),
        )
        self.gate = nn.Sequential(
            nn.Linear(channels, channels // 4),
            nn.ReLU(),
            nn.Linear(channels // 4, channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, frames) to the same shape."""
        y = self.body(x)
        return F.relu(x + y * self.gate(y.mean(-1)).unsqueeze(-1))


class ConvolutionBranch(nn.Module):
    """Normalised mel power (batch, frames, 40) to (batch, branch_dims)."""

    def __init__(self, config: VoiceNetConfig) -> None:
        super().__init__()
        c, w = config.stem_channels, config.channels
        self.floor_db = config.floor_db
        self.stem = nn.Sequential(
            nn.Conv2d(1, c, (3, 5), (1, 2), (1, 2), bias=False),
            nn.BatchNorm2d(c),
            nn.ReLU(),
            Residual2d(c, c, 2),
            Residual2d(c, 2 * c, 2),
            Residual2d(2 * c, 2 * c, 2),
        )
        self.enter = nn.Sequential(
            nn.Conv1d(2 * c * BANDS // 8, w, 1, bias=False), nn.BatchNorm1d(w), nn.ReLU()
        )
        self.time = nn.Sequential(*(TimeBlock(w, 1 + n) for n in range(config.blocks)))
        self.pool = AttentiveStatistics(w, config.attention)
        self.norm = nn.BatchNorm1d(2 * w)
        self.project = nn.Linear(2 * w, config.branch_dims)

    def forward(self, power: Tensor) -> Tensor:
        """(batch, frames, 40), at least 5 frames, to (batch, branch_dims), of any length."""
        x = centred_decibels(power, self.floor_db).transpose(1, 2).unsqueeze(1)
        x = self.stem(x.contiguous(memory_format=torch.channels_last))
        x = self.time(self.enter(x.flatten(1, 2)))
        out: Tensor = self.project(self.norm(self.pool(x)))
        return out


class RecurrentBranch(nn.Module):
    """Mel power of windows (windows, 160 frames, 40) to (windows, 2 * lstm_width).

    GE2E as it comes: its own vector of the last frame, and beside it the mean of the last layer
    over all frames but the first 0.4 s, in which the state still settles. The state begins anew in
    each window, as it did when GE2E was trained. Where short speech was repeated to fill a window,
    the mean is over all of it, but the vector is of the last frame before the repetition: both do
    best on speech of under a second (docs/training/voice).
    """

    def __init__(self, config: VoiceNetConfig) -> None:
        super().__init__()
        width = config.lstm_width
        self.lstm = nn.LSTM(BANDS, width, config.lstm_layers, batch_first=True)
        self.linear = nn.Linear(width, width)

    def forward(self, power: Tensor, heard: int = WINDOW_FRAMES) -> Tensor:
        """(windows, frames, 40), the first ``heard`` of them unrepeated, to
        (windows, 2 * lstm_width), each half of length one."""
        precision = next(self.lstm.parameters()).dtype
        x, _ = self.lstm((power * GE2E_LEVEL).to(precision))
        x = x.float()
        last = F.normalize(self.linear(x[:, heard - 1]).relu(), dim=-1)
        mean = F.normalize(x[:, _SETTLING:].mean(1), dim=-1)
        return torch.cat((last, mean), dim=1)


def windows_of(power: Tensor, length: int = WINDOW_FRAMES, step: int = WINDOW_STEP) -> Tensor:
    """(batch, frames, bands) to overlapping (batch, windows, length, bands), the last one flush
    with the end. Shorter speech is one window, repeated from its beginning until it is full."""
    frames = power.shape[1]
    if frames < length:
        return power.repeat(1, -(-length // frames), 1)[:, None, :length]
    count = 1 + -(-(frames - length) // step)
    starts = torch.linspace(0, frames - length, count).round().long().tolist()
    return torch.stack([power[:, start : start + length] for start in starts], dim=1)


def loud_frames(power: Tensor, drop_db: float = PAUSE_DB, keep: int = 21) -> Tensor:
    """Which of (frames, bands) are not pauses, (frames,) bool.

    Loud is the 95th percentile of the frames' power; a frame stays if one of the ``keep`` frames
    around it is within ``drop_db`` of that.
    """
    level = 10.0 * torch.log10(power.sum(-1).clamp_min(QUIET))
    loud = level > torch.quantile(level, 0.95) - drop_db
    near = F.max_pool1d(loud.float()[None, None], keep, 1, keep // 2)[0, 0]
    return near > 0


def without_pauses(power: Tensor) -> Tensor:
    """Leave out frames far below the loud ones: (frames, bands) to (fewer frames, bands)."""
    return power[loud_frames(power)]


class VoiceNet(nn.Module):
    """Both branches, the projection and the quality: one stretch of speech to one embedding."""

    mean: Tensor
    projection: Tensor
    quality: Tensor

    def __init__(self, config: VoiceNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or VoiceNetConfig()
        joined = self.config.joined
        self.recurrent = RecurrentBranch(self.config)
        self.convolution = ConvolutionBranch(self.config)
        self.mel_power = MelPower()
        self.ge2e_mel = Ge2eMel()
        self.register_buffer("mean", torch.zeros(joined))
        self.register_buffer("projection", torch.eye(joined, self.config.dims))
        self.register_buffer("quality", torch.tensor([1.0, 0.0]))

    def joined(self, tutorial: Tensor, linear: Tensor) -> Tensor:
        """The vectors of both branches side by side, (joined,), three parts of length one each.

        Args:
            tutorial: (frames, 40) of :class:`~kiosk.inference.voice.features.mel.MelPower`.
            linear: (frames, 40) of :class:`~kiosk.inference.voice.features.mel.Ge2eMel`.
        """
        recurrent = self.recall(without_pauses(linear)[None])
        return torch.cat((recurrent[0], self.listen(without_pauses(tutorial)[None])[0]))

    def recall(self, linear: Tensor) -> Tensor:
        """The recurrent branch alone: (batch, frames, 40) to (batch, 2 * lstm_width).

        Speech that does not fill a window is heard three times, as it is, from its middle on and
        backwards: whatever the order of the sounds did to the state averages out.
        """
        power = normalised_power(linear)
        frames, views = power.shape[1], [power]
        if frames < WINDOW_FRAMES:
            views += [power.roll(frames // 2, 1), power.flip(1)]
        windows = torch.cat([windows_of(view) for view in views], dim=1)
        vectors = self.recurrent(windows.flatten(0, 1), min(frames, WINDOW_FRAMES)).float()
        halves = vectors.view(*windows.shape[:2], 2, -1).mean(1)
        return F.normalize(halves, dim=-1).flatten(1)

    def listen(self, tutorial: Tensor) -> Tensor:
        """The convolution branch alone, forwards and backwards: (batch, frames, 40) to
        (batch, branch_dims)."""
        power = normalised_power(tutorial)
        both = self.convolution(torch.cat((power, power.flip(1)))).float()
        return F.normalize(F.normalize(both, dim=-1).view(2, len(power), -1).sum(0), dim=-1)

    def forward(self, speech: Tensor) -> tuple[Tensor, Tensor]:
        """(samples,) at 16 kHz to the embedding (dims,), of length one, and its quality 0..1."""
        projected = self.project(self.joined(self.mel_power(speech), self.ge2e_mel(speech)))
        scale, offset = self.quality
        return F.normalize(projected, dim=-1), torch.sigmoid(scale * projected.norm() + offset)

    def project(self, joined: Tensor) -> Tensor:
        """(..., joined) to (..., dims), of a length that foretells the quality."""
        return (joined - self.mean) @ self.projection


def save_voice_net(net: VoiceNet, cohort: Tensor | None = None) -> bytes:
    """The file's bytes; half precision moves an embedding by less than 0.001.

    `cohort` (k, dims), if any, are unit vectors that stand for no single person, for normalising
    scores.
    """
    tensors = stored(net, _FRONT_ENDS)
    return save_checkpoint(tensors, network=NETWORK, config=net.config, cohort=cohort)


def load_voice_net(path: Path, device: torch.device | None = None) -> VoiceNet:
    """The network stored at ``path``, ready to embed. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=VoiceNetConfig)
    return file.build(VoiceNet, computed=_FRONT_ENDS).to(device or torch.device("cpu"))


class OwnVoice:
    """The kiosk's own speaker recogniser (the port ``VoiceEmbedder``)."""

    def __init__(self, path: Path, device: torch.device | None = None) -> None:
        self._net, self.model_id = load_voice_net(path, device), path.stem
        vectors = read_cohort(path)
        self.cohort = Cohort(vectors.numpy(), _COHORT_TOP) if vectors is not None else None
        self._device = device or torch.device("cpu")
        if half_is_fast(self._device):  # half the time; an embedding turns by less than 0.001
            self._net.recurrent.lstm.to(torch.bfloat16)
        self.dims = self._net.config.dims

    def embed(self, speech: Waveform) -> Embedding:
        """Raises InputError for less than half a second, and for silence."""
        samples = checked_speech(speech).to(self._device)
        with torch.inference_mode():
            vector, quality = self._net(samples)
        return Embedding(vector.cpu().numpy(), float(quality))
