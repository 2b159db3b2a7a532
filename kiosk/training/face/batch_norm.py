"""Batch norms put into a finished network for training, and folded out of it again.

The trunks come without norms: dlib's affine layers, and our own norms once trained, are constants
inside the convolutions. Such a network learns slowly, so each trained convolution gets a batch norm
that at first changes nothing: its gain and offset are the spread and mean that it removes (S. Ioffe
and C. Szegedy, "Batch Normalization", ICML 2015). A network yet without any training gets norms of
gain one instead. Running statistics are not gathered on the way but measured anew
for the averaged weights, which also keeps runs reproducible when threads share the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import TypeVar

import torch
from torch import Tensor, nn

from kiosk.inference.face.attributes import FaceAttributeNet
from kiosk.inference.face.networks.dlib_resnet import ResidualBlock
from kiosk.inference.face.networks.mobile import MobileBlock
from kiosk.inference.face.networks.own import FaceNet
from kiosk.inference.face.networks.separable import Unit

Norm = nn.BatchNorm2d | nn.BatchNorm1d
Net = TypeVar("Net", FaceNet, FaceAttributeNet)
"""Networks with a trunk, a place for a norm above it, and linear layers that follow that."""


def fresh(net: Net) -> None:
    """Put norms of gain one behind the convolutions and before the head of an untrained network."""
    for owner, name, norm in _places(net, 0):
        setattr(owner, name, norm)
    still(net)


def install(net: Net, frozen_blocks: int, feed: Callable[[Net], None]) -> None:
    """Put norms behind the convolutions above `frozen_blocks` and before the head; same outputs."""
    places = _places(net, frozen_blocks)
    watched = [getattr(owner, name) for owner, name, _ in places]
    with _measured(watched) as figures:
        feed(net.eval())
    for (owner, name, norm), seen in zip(places, figures, strict=True):
        mean, variance = seen.result()
        norm.running_mean, norm.running_var = mean.clone(), variance.clone()
        norm.weight.data, norm.bias.data = (variance + norm.eps).sqrt(), mean.clone()
        setattr(owner, name, norm)
    still(net)


def _places(net: Net, frozen_blocks: int) -> list[tuple[nn.Module, str, Norm]]:
    """Where norms belong, and one of its size for each."""
    places: list[tuple[nn.Module, str, Norm]] = [
        (net, "norm", nn.BatchNorm1d(net.head.in_features))
    ]
    for number, block in enumerate(m for m in net.trunk.modules() if isinstance(m, _BLOCKS)):
        if number >= frozen_blocks:
            places += [(block, n, nn.BatchNorm2d(c.out_channels)) for n, c in _slots(block)]
    return places


_BLOCKS = (ResidualBlock, Unit, MobileBlock)


def _slots(block: ResidualBlock | Unit | MobileBlock) -> list[tuple[str, nn.Conv2d]]:
    """Names of a block's places for norms, with the convolutions before them."""
    if isinstance(block, MobileBlock):
        names = ("widen", "look", "narrow")
        return [(f"{name}_norm", getattr(block, name)) for name in names]
    if isinstance(block, Unit):
        return [("norm", block.convolution)]
    return [("first_norm", block.first), ("second_norm", block.second)]


def still(net: nn.Module) -> None:
    """Stop the gathering of running statistics during training."""
    for module in net.modules():
        if isinstance(module, Norm):
            module.momentum = 0.0


def measure(net: Net, feed: Callable[[Net], None]) -> None:
    """Set the running statistics of every norm to those of the pictures that `feed` passes."""
    norms = [module for module in net.modules() if isinstance(module, Norm)]
    net.eval()
    for norm in norms:
        norm.train()
    with _measured(norms) as figures:
        feed(net)
    for norm, seen in zip(norms, figures, strict=True):
        mean, variance = seen.result()
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.eval()


class _Figures:
    """Mean and variance per channel of what enters a module, over all calls."""

    def __init__(self) -> None:
        self.count, self.total, self.square = 0, torch.zeros(()), torch.zeros(())

    def hook(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach().double().transpose(0, 1).flatten(1).cpu()
        self.count += x.shape[1]
        self.total = self.total + x.sum(1)
        self.square = self.square + x.square().sum(1)

    def result(self) -> tuple[Tensor, Tensor]:
        mean = self.total / self.count
        return mean.float(), (self.square / self.count - mean.square()).clamp(min=1e-8).float()


@contextmanager
def _measured(modules: Sequence[nn.Module]) -> Iterator[list[_Figures]]:
    figures = [_Figures() for _ in modules]
    handles = [m.register_forward_pre_hook(f.hook) for m, f in zip(modules, figures, strict=True)]
    try:
        with torch.no_grad():
            yield figures
    finally:
        for handle in handles:
            handle.remove()


def folded(net: Net) -> Net:
    """A copy without the norms that `install` or `fresh` put in, giving the same outputs."""
    net = deepcopy(net).eval()
    for block in net.trunk.modules():
        for name, convolution in _slots(block) if isinstance(block, _BLOCKS) else ():
            _into_convolution(convolution, getattr(block, name))
            setattr(block, name, nn.Identity())
    if isinstance(net.norm, nn.BatchNorm1d):
        gain, offset = _gain_and_offset(net.norm)
        for linear in net.linears():
            linear.bias.data += linear.weight.data @ offset
            linear.weight.data *= gain
        net.norm = nn.Identity()
    return net


def _into_convolution(convolution: nn.Conv2d, norm: nn.Module) -> None:
    if isinstance(norm, nn.BatchNorm2d):
        assert convolution.bias is not None
        gain, offset = _gain_and_offset(norm)
        convolution.weight.data *= gain.view(-1, 1, 1, 1)
        convolution.bias.data = convolution.bias.data * gain + offset


def _gain_and_offset(norm: Norm) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = norm.weight.data / (norm.running_var + norm.eps).sqrt()
    return gain, norm.bias.data - gain * norm.running_mean
