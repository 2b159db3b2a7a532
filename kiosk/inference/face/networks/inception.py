"""facenet-pytorch's InceptionResnetV1 with weights the operator brings; nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.networks.facenet import inception_resnet
from kiosk.inference.published import published

TEMPLATE = ARCFACE_112.moved(scale=1.2, shift=12.8, size=160)
"""A looser view than ArcFace's: the network was trained on boxes with a margin round the face."""
SIZE = TEMPLATE.size
MEAN = 127.5
SCALE = 1 / 128
DIMS = 512


class Inception(nn.Module):
    """(batch, 160, 160, 3) uint8 RGB crops -> (batch, 512) float32 of length one."""

    size = SIZE
    dims = DIMS

    def __init__(self) -> None:
        super().__init__()
        self.body: nn.Module = inception_resnet()

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        weight = next(self.body.parameters())
        x = (crops.permute(0, 3, 1, 2).to(weight.dtype) - MEAN) * SCALE
        return functional.normalize(self.body(x).float())


def load_inception(path: Path, device: torch.device) -> Inception:
    """The network with the weights in `path`, facenet-pytorch's published state dict.

    Raises:
        ModelError: the file is missing, damaged or another network's.
    """
    remedy = "Give facenet-pytorch's 20180402-114759-vggface2.pt."
    net = Inception()
    with published(path, "InceptionResnetV1", remedy) as state:
        net.body.load_state_dict({k: v for k, v in state.items() if not k.startswith("logits.")})
    return net.eval().to(device)
