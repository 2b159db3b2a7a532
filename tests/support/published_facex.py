"""FaceX-Zoo's MobileFaceNet as its publishers wrote it down, norms apart, drawn by a seed."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional


class _Layer(nn.Module):
    """A convolution without bias, its norm and, but for the last of a block, slopes."""

    def __init__(
        self,
        inside: int,
        outside: int,
        side: int = 1,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        slopes: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, side, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outside)
        if slopes:
            self.prelu = nn.PReLU(outside)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x))
        return self.prelu(x) if hasattr(self, "prelu") else x


class _Block(nn.Module):
    def __init__(self, inside: int, outside: int, wide: int, stride: int) -> None:
        super().__init__()
        self.conv = _Layer(inside, wide)
        self.conv_dw = _Layer(wide, wide, 3, stride=stride, padding=1, groups=wide)
        self.project = _Layer(wide, outside, slopes=False)
        self.added = stride == 1

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.project(self.conv_dw(self.conv(x)))
        return x + inner if self.added else inner


class _Stage(nn.Module):
    def __init__(self, channels: int, count: int, wide: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*(_Block(channels, channels, wide, 1) for _ in range(count)))

    def forward(self, x: Tensor) -> Tensor:
        seen: Tensor = self.model(x)
        return seen


class FacexMobileFaceNet(nn.Module):
    """Scaled blue, green and red pictures (batch, 3, 112, 112) -> (batch, 512) of length one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _Layer(3, 64, 3, stride=2, padding=1)
        self.conv2_dw = _Layer(64, 64, 3, padding=1, groups=64)
        self.conv_23 = _Block(64, 64, 128, 2)
        self.conv_3 = _Stage(64, 4, 128)
        self.conv_34 = _Block(64, 128, 256, 2)
        self.conv_4 = _Stage(128, 6, 256)
        self.conv_45 = _Block(128, 128, 512, 2)
        self.conv_5 = _Stage(128, 2, 256)
        self.conv_6_sep = _Layer(128, 512)
        self.conv_6_dw = _Layer(512, 512, 7, groups=512, slopes=False)
        self.linear = nn.Linear(512, 512, bias=False)
        self.bn = nn.BatchNorm1d(512)

    def forward(self, x: Tensor) -> Tensor:
        for layer in list(self.children())[:-2]:
            x = layer(x)
        return functional.normalize(self.bn(self.linear(x.flatten(1))))


def drawn(seed: int) -> FacexMobileFaceNet:
    """The network with weights, slopes and norms' statistics drawn by `seed`, ready to be used."""
    torch.manual_seed(seed)
    net = FacexMobileFaceNet()
    for module in net.modules():
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, -0.2, 0.5)
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            module.running_mean = torch.randn(module.num_features) * 0.1
            module.running_var = torch.rand(module.num_features) + 0.5
    return net.eval()


def publish(net: FacexMobileFaceNet, path: Path) -> None:
    """Write the whole network into a file as torch did before its version 1.6."""
    torch.save(nn.DataParallel(net), path, _use_new_zipfile_serialization=False)
