"""A light trunk of depthwise-separable convolutions.

Each block filters every channel on its own and then mixes channels by two 1x1 convolutions, with
one norm and one rectifier, after Z. Liu et al., "A ConvNet for the 2020s" (CVPR 2022). The inverted
residuals of MobileFaceNets (S. Chen et al., CCBR 2018) filter the widened channels instead and have
three norms, and two rectifiers with slopes to learn; on a processor, where such layers wait for
memory and not for arithmetic, a step of training them takes about four times as long. Maps are
halved by dense convolutions: the gradient of a strided depthwise one is the slowest part of all.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 64
"""Of the feature map on top: few, because every place of it is read on its own."""

_STEM = 32
_STAGES = ((48, 3, 2), (96, 6, 3), (144, 3, 3))
"""Channels, blocks and expansion, from the picture upwards; each begins by halving the map."""


class Unit(nn.Module):
    """A convolution, a place for a norm, and a rectifier unless `linear`.

    (batch, inputs, height, width) -> (batch, outputs, height / stride, width / stride)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        side: int,
        *,
        stride: int = 1,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        edge = side // 2 if side % 2 else 0
        self.convolution = nn.Conv2d(inputs, outputs, side, stride, edge, groups=groups)
        self.norm: nn.Module = nn.Identity()  # training puts a batch norm here, then folds it
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        y: Tensor = self.norm(self.convolution(x))
        return y if self.linear else functional.relu(y)


class SeparableBlock(nn.Module):
    """Filter each channel 3x3, mix them 1x1 into more, rectify, mix back, beside a skip.

    (batch, channels, height, width) -> the same
    """

    def __init__(self, channels: int, expand: int) -> None:
        super().__init__()
        self.filter = Unit(channels, channels, 3, groups=channels, linear=True)
        self.expand = nn.Conv2d(channels, channels * expand, 1)
        self.project = nn.Conv2d(channels * expand, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        mixed: Tensor = self.project(functional.relu(self.expand(self.filter(x))))
        return x + mixed


class SeparableTrunk(nn.Module):
    """From a scaled picture (batch, 3, height, width) to a map (batch, 64, h, w), a sixteenth.

    `width` is a factor on the channels below the topmost.
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        inputs = int(_STEM * width)
        stages: list[nn.Module] = [Unit(3, inputs, 3, stride=2)]
        for channels, blocks, expand in _STAGES:
            outputs = int(channels * width)
            halve = Unit(inputs, outputs, 2, stride=2, linear=True)
            stages.append(
                nn.Sequential(halve, *(SeparableBlock(outputs, expand) for _ in range(blocks)))
            )
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.top = Unit(inputs, CHANNELS, 1, linear=True)
        self.middle_channels = int(_STAGES[1][0] * width)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.levels(x)[1]

    def levels(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The map an eighth as wide as the picture (batch, middle_channels, ...) and the topmost
        (batch, 64, ...)."""
        middle: Tensor = self.stages[:3](x)
        top: Tensor = self.top(self.stages[3:](middle))
        return middle, top


class Places(nn.Module):
    """Every place keeps its own features: (batch, channels, h, w) -> (batch, channels * 16).

    Maps of larger pictures are averaged to four by four places, so that what follows fits any size.
    """

    side = 4

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        if x.shape[2:] != (self.side, self.side):
            x = functional.adaptive_avg_pool2d(x, self.side)
        return x.flatten(1)
