"""MobileFaceNet as its publishers wrote it down, norms apart, their names, drawn by a seed."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_PLAN = (
    (64, 64, 2, 2),
    *((64, 64, 1, 2),) * 4,
    (64, 128, 2, 4),
    *((128, 128, 1, 2),) * 6,
    (128, 128, 2, 4),
    *((128, 128, 1, 2),) * 2,
)
"""Channels in and out, stride, expansion."""


class _Separable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.pointwise = nn.Conv2d(64, 64, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.depthwise(x)))
        return functional.relu(self.bn2(self.pointwise(x)))


class _Inverted(nn.Module):
    def __init__(self, inside: int, outside: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inside * expansion
        self.added = stride == 1 and inside == outside
        self.conv = nn.Sequential(
            _unit(inside, wide, 1, 1, 1),
            _unit(wide, wide, 3, stride, wide),
            nn.Conv2d(wide, outside, 1, bias=False),
            nn.BatchNorm2d(outside),
        )

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv(x)
        return x + inner if self.added else inner


class _GlobalDepthwise(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(512, 512, 7, groups=512, bias=False)
        self.bn = nn.BatchNorm2d(512)

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.bn(self.depthwise(x))
        return pooled


class PublishedMobileFaceNet(nn.Module):
    """Scaled pictures (batch, 3, 112, 112) -> (batch, 128) of length one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _unit(3, 64, 3, 2, 1)
        self.dw_conv = _Separable()
        self.features = nn.Sequential(*(_Inverted(*block) for block in _PLAN))
        self.conv2 = _unit(128, 512, 1, 1, 1)
        self.gdconv = _GlobalDepthwise()
        self.conv3 = nn.Conv2d(512, 128, 1)
        self.bn = nn.BatchNorm2d(128)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.gdconv(self.conv2(self.features(self.dw_conv(self.conv1(x)))))
        return functional.normalize(self.bn(self.conv3(pooled)).flatten(1))


def _unit(inside: int, outside: int, side: int, stride: int, groups: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, side, stride, side // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU6(),
    )


def drawn(seed: int) -> PublishedMobileFaceNet:
    """The network with weights and norms' statistics drawn by `seed`, ready to be used."""
    torch.manual_seed(seed)
    net = PublishedMobileFaceNet()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            module.running_mean = torch.randn(module.num_features) * 0.1
            module.running_var = torch.rand(module.num_features) + 0.5
    return net.eval()
