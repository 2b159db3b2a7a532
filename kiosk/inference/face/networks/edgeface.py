"""EdgeFace-xs and -xxs: small face networks the operator may add; never part of the package.

A. George et al., "EdgeFace: Efficient Face Recognition Model for Edge Devices", IEEE T-BIOM 2024.
Their bodies are timm's `edgenext_x_small` and `edgenext_xx_small` with 512 outputs. The published
files keep linear layers as int8 with one scale each; they are turned back into float here, which
leaves the values unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.extras import require
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.published import published

SIZE = ARCFACE_112.size
MEAN = 127.5
SCALE = 1 / 127.5
DIMS = 512

_BODIES = {32: "edgenext_x_small", 24: "edgenext_xx_small"}
"""By the channels of their first layer."""
_PREFIX = "model."
_PACKED = "._packed_params._packed_params"


class EdgeFace(nn.Module):
    """(batch, 112, 112, 3) uint8 RGB ArcFace crops -> (batch, 512) float32 of length one."""

    size = SIZE
    dims = DIMS

    def __init__(self, body: str = "edgenext_x_small") -> None:
        super().__init__()
        require("timm", for_what="EdgeFace")
        import timm  # its import takes a second

        self.body: nn.Module = timm.create_model(body, num_classes=DIMS)

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        weight = next(self.body.parameters())
        x = (crops.permute(0, 3, 1, 2).to(weight.dtype) - MEAN) * SCALE
        return functional.normalize(self.body(x.contiguous()).float())


def _dequantised(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """The published state dict with float weights under the names timm uses."""
    plain: dict[str, Tensor] = {}
    for key, value in state.items():
        name = key.removeprefix(_PREFIX)
        if name.endswith(_PACKED):
            weight, bias = value
            layer = name.removesuffix(_PACKED)
            plain[f"{layer}.weight"] = weight.dequantize()
            if bias is not None:
                plain[f"{layer}.bias"] = bias.detach()
        elif isinstance(value, Tensor) and not name.endswith((".scale", ".zero_point")):
            plain[name] = value
    return plain


def load_edgeface(path: Path, device: torch.device) -> EdgeFace:
    """The network of either size with the weights in `path`, read as data, never as code.

    Raises:
        ModelError: the file is missing, damaged or another network's.
    """
    remedy = "Give the published edgeface_xs_q.pt."
    with published(path, "EdgeFace", remedy) as content:
        state = _dequantised(content)
        net = EdgeFace(_BODIES[len(state["stem.0.weight"])])
        net.body.load_state_dict(state)
    return net.eval().to(device)
