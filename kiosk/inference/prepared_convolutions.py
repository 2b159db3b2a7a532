"""Convolutions whose weights are laid out for the processor once and not at every call.

PyTorch brings the weights of a convolution into oneDNN's own order each time it is computed on a
processor. For networks as small as the kiosk's that takes as long as the multiplications.
`prepare` does it at loading, with the operations that PyTorch's own compiler uses for the same
purpose; where a build of PyTorch does not have them, networks stay as they are. The numbers differ
by rounding alone.
"""

from __future__ import annotations

from typing import Any, TypeGuard, TypeVar

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


class PreparedConvolution(nn.Module):
    """What an `nn.Conv2d` computes: (batch, inside, h, w) -> (batch, outside, h', w').

    Networks that ask a convolution where its `weight` lies find it there, in oneDNN's order.
    """

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        assert not isinstance(plain.padding, str)
        self._how = (plain.padding, plain.stride, plain.dilation, plain.groups)
        order: Any = torch._C._nn.mkldnn_reorder_conv2d_weight
        ordered = order(plain.weight.detach().to_mkldnn(), *self._how)
        self.weight = nn.Parameter(ordered, requires_grad=False)
        self.bias = plain.bias

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        compute = torch.ops.mkldnn._convolution_pointwise
        found: Tensor = compute(x, self.weight, self.bias, *self._how, "none", [], "")
        return found


def prepare(net: Net) -> Net:
    """The network, its convolutions prepared where that is possible: single precision, on a
    processor, zeros beyond the edges. It can compute, and not be trained, saved or moved any more.
    """
    if not _is_possible():
        return net
    for module in net.modules():
        for name, child in list(module.named_children()):
            if _is_preparable(child):
                setattr(module, name, PreparedConvolution(child))
    return net


def _is_preparable(child: nn.Module) -> TypeGuard[nn.Conv2d]:
    return (
        isinstance(child, nn.Conv2d)
        and not isinstance(child.padding, str)
        and child.padding_mode == "zeros"
        and child.weight.dtype is torch.float32
        and child.weight.device.type == "cpu"
    )


def _is_possible() -> bool:
    has_order = hasattr(torch._C._nn, "mkldnn_reorder_conv2d_weight")
    return has_order and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
