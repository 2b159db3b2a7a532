"""The project's own face networks: a picture of a face in, a 512-d embedding and its quality out.

Two shapes share one interface and one file format (safetensors with the config in its metadata):

- `residual`: the trunk of dlib's ResNet, affine layers folded into the convolutions, with a wider
  head; it may start from dlib's public-domain weights.
- `depthwise`: the light trunk of `separable`, 1.4 million parameters with its head, a quarter of
  dlib's ResNet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.face.geometry.alignment import CHIP_150
from kiosk.inference.face.networks.dlib_resnet import STAGES, ResidualTrunk, channels_last
from kiosk.inference.face.networks.separable import CHANNELS, Places, SeparableTrunk

MEAN = (122.782, 117.001, 104.298)
"""Subtracted from 0..255 red, green, blue."""
SCALE = 1 / 256

NETWORK = "kiosk-face-net"


@dataclass(frozen=True)
class FaceNetConfig:
    """What must be known to build the network before its weights can be read."""

    trunk: Literal["residual", "depthwise"] = "residual"
    size: int = CHIP_150.size
    dims: int = 512
    width: float = 1.0
    """Factor on the channels of the depthwise trunk."""
    mirror: bool = False
    """Embed the mirror image too and take the mean: twice the time, fewer errors."""


class _Grid(nn.Module):
    """Every place keeps its own features: (batch, channels, h, w) -> (batch, channels * 9).

    dlib's halving convolutions stop short of the last row and column of a map with an even side;
    those hold nothing but pooled values of the layer before and are left out.
    """

    side = 3

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        return x[:, :, : self.side, : self.side].flatten(1)


def _trunk(config: FaceNetConfig) -> tuple[nn.Module, nn.Module, int]:
    """Trunk, pooling and how many features they give."""
    if config.trunk == "residual":
        return ResidualTrunk(STAGES[:-1]), _Grid(), 256 * _Grid.side**2
    return SeparableTrunk(config.width), Places(), CHANNELS * Places.side**2


class FaceNet(nn.Module):
    """(batch, size, size, 3) uint8 RGB chips -> (batch, dims) float32 of length one.

    `embed_with_quality` gives beside it a quality in 0..1: how likely this sample is to stand for
    its person, predicted from the trunk's features.
    """

    def __init__(self, config: FaceNetConfig) -> None:
        super().__init__()
        self.config = config
        self.size, self.dims = config.size, config.dims
        self.trunk, self.pool, channels = _trunk(config)
        self.norm: nn.Module = nn.Identity()  # training puts a batch norm here, then folds it
        self.head = nn.Linear(channels, config.dims)
        self.quality = nn.Linear(channels, 1)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)

    def linears(self) -> tuple[nn.Linear, ...]:
        """What follows `norm`."""
        return self.head, self.quality

    def scaled(self, crops: Tensor) -> Tensor:
        """What the trunk takes (batch, 3, size, size) from uint8 crops (batch, size, size, 3)."""
        mean = self.get_buffer("mean")
        x = (crops.permute(0, 3, 1, 2).to(mean.dtype) - mean) * SCALE
        return x.contiguous(memory_format=torch.channels_last)

    def features(self, crops: Tensor) -> Tensor:
        """Pooled features (batch, channels) of uint8 crops (batch, size, size, 3)."""
        pooled: Tensor = self.norm(self.pool(self.trunk(self.scaled(crops))))
        return pooled

    def project(self, features: Tensor) -> Tensor:
        """Embedding (batch, dims) of length one from pooled features (batch, channels)."""
        return functional.normalize(self.head(features).float())

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.embed_with_quality(crops)[0]

    def embed_with_quality(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, dims) and qualities (batch,) in 0..1."""
        if not self.config.mirror:
            return self._once(crops)
        both = torch.cat([crops, crops.flip(2)])
        embedded, quality = self._once(both)
        pairs, qualities = embedded.view(2, -1, self.dims), quality.view(2, -1)
        return functional.normalize(pairs.sum(0)), qualities.mean(0)

    def _once(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(crops)
        return self.project(features), torch.sigmoid(self.quality(features).float()).squeeze(1)


def save_face_net(net: FaceNet, cohort: Tensor | None = None) -> bytes:
    """The file's bytes; `cohort` (k, dims), if any, are unit vectors that stand for no single
    person, for normalising scores."""
    return save_checkpoint(net.state_dict(), network=NETWORK, config=net.config, cohort=cohort)


def load_face_net(path: Path, device: torch.device) -> FaceNet:
    """The network in `path`, in float32, ready to be used. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=FaceNetConfig)
    return channels_last(file.build(FaceNet), device)
