"""dlib's face recognition ResNet in torch, read from its public-domain file.

The 29-layer network of D. King, "High Quality Face Recognition with Deep Metric Learning" (2017),
as published in `dlib_face_recognition_resnet_model_v1.dat`. Each affine layer follows a convolution
and is constant at run time, so it is folded into the convolution's weight and bias here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import ModelError
from kiosk.inference.face.geometry.alignment import CHIP_150

SIZE = CHIP_150.size
MEAN = (122.782, 117.001, 104.298)
"""Subtracted from 0..255 red, green, blue, in dlib's `input_rgb_image`."""
SCALE = 1 / 256
DIMS = 128

STAGES = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Channels, blocks and whether the first block halves the map, from the picture upwards."""

_FILE = "dlib_face_recognition_resnet_model_v1.dat"


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a skip; halving blocks pool the skip and convolve borderless.

    (batch, inputs, height, width) -> (batch, outputs, height', width'). Where the two ways differ
    in size or channels the smaller is filled up with zeros at its end, as dlib's `add_prev` does.
    """

    def __init__(self, inputs: int, outputs: int, *, halve: bool) -> None:
        super().__init__()
        self.halve = halve
        self.first = nn.Conv2d(inputs, outputs, 3, 2 if halve else 1, 0 if halve else 1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.first_norm: nn.Module = nn.Identity()  # training puts batch norms here, then folds
        self.second_norm: nn.Module = nn.Identity()  # them into the convolutions

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        y = functional.relu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        if self.halve:
            x = functional.avg_pool2d(x, 2, 2)
            y = functional.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
            x = functional.pad(x, (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
        return functional.relu(x + y)


class ResidualTrunk(nn.Module):
    """From a scaled picture (batch, 3, height, width) to a feature map (batch, 256, h, w)."""

    def __init__(self, stages: Sequence[tuple[int, int, bool]] = STAGES) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 7, 2)
        blocks: list[nn.Module] = []
        inputs = 32
        for outputs, count, halves in stages:
            for number in range(count):
                blocks.append(ResidualBlock(inputs, outputs, halve=halves and number == 0))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.above(self.below(x, 0), 0)

    def below(self, x: Tensor, blocks: int) -> Tensor:
        """What leaves the stem and the lowest `blocks` blocks."""
        x = functional.max_pool2d(functional.relu(self.stem(x)), 3, 2)
        for block in list(self.blocks)[:blocks]:
            x = block(x)
        return x

    def above(self, x: Tensor, blocks: int) -> Tensor:
        """The feature map from what `below` gave for the same `blocks`."""
        for block in list(self.blocks)[blocks:]:
            x = block(x)
        return x

    def convolutions(self) -> list[nn.Conv2d]:
        """Every convolution in the order of the data's way, which is the file's."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


Net = TypeVar("Net", bound=nn.Module)


def channels_last(net: Net, device: torch.device) -> Net:
    """Move `net` to `device` with its convolution weights in the layout that is fastest on CPUs."""
    for weight in net.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return net.to(device)


class DlibNet(nn.Module):
    """(batch, 150, 150, 3) uint8 RGB chips -> (batch, 128) float32 of length one."""

    size = SIZE
    dims = DIMS

    def __init__(self) -> None:
        super().__init__()
        self.trunk = ResidualTrunk()
        self.head = nn.Linear(256, DIMS, bias=False)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        mean = self.get_buffer("mean")
        x = (crops.permute(0, 3, 1, 2).to(mean.dtype) - mean) * SCALE
        x = self.trunk(x.contiguous(memory_format=torch.channels_last)).mean((2, 3))
        return functional.normalize(self.head(x).float())


def dlib_file() -> Path | None:
    """The weights inside the installed `face_recognition_models`, found without importing it."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / "models" / _FILE
    return path if path.is_file() else None


class _Reader:
    """Walks dlib's serialisation: a layer's name, then a tensor with its four sizes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = path.read_bytes()
        self._at = 0

    def _integer(self) -> int:
        width = self._data[self._at]  # dlib: one byte of width, then that many bytes, little-endian
        value = int.from_bytes(self._data[self._at + 1 : self._at + 1 + width], "little")
        self._at += 1 + width
        return value

    def next(self, layer: str, *, numbers_before: int = 0) -> NDArray[np.float32]:
        """The flat parameters of the next layer of this name; some write numbers before them."""
        mark = b"\x01" + bytes([len(layer)]) + layer.encode()
        self._at = self._data.find(mark, self._at)
        if self._at < 0:
            raise ModelError(f"{self._path.name} has no further layer {layer}", remedy=_REMEDY)
        self._at += len(mark)
        for _ in range(numbers_before + 1):  # the last is the version of the tensor's layout
            self._integer()
        count = 1
        for _ in range(4):
            count *= self._integer()
        end = self._at + 4 * count
        if end > len(self._data):
            raise ModelError(f"{self._path.name} ends inside layer {layer}", remedy=_REMEDY)
        values = np.frombuffer(self._data, "<f4", count, self._at).astype(np.float32)
        self._at = end
        return values


_REMEDY = "Install face-recognition-models again."


def _fill(convolution: nn.Conv2d, values: NDArray[np.float32], affine: NDArray[np.float32]) -> None:
    filters = convolution.out_channels
    weight = torch.from_numpy(values[:-filters]).view_as(convolution.weight)
    bias = torch.from_numpy(values[-filters:])
    gain, offset = torch.from_numpy(affine).view(2, filters)
    convolution.weight.data = weight * gain.view(-1, 1, 1, 1)
    assert convolution.bias is not None
    convolution.bias.data = bias * gain + offset


def load_dlib(path: Path, device: torch.device) -> DlibNet:
    """The network with the weights in `path`.

    Raises:
        ModelError: the file is missing, cut short or another network's.
    """
    if not path.is_file():
        raise ModelError(f"{path} does not exist", remedy=_REMEDY)
    net, reader = DlibNet(), _Reader(path)
    for convolution in net.trunk.convolutions():
        values = reader.next("con_4")
        if values.size != convolution.weight.numel() + convolution.out_channels:
            raise ModelError(f"{path.name} is not the 29-layer face network", remedy=_REMEDY)
        _fill(convolution, values, reader.next("affine_"))
    head = torch.from_numpy(reader.next("fc_2", numbers_before=2)).view(256, DIMS)
    net.head.weight.data = head.T.contiguous()
    return channels_last(net.eval(), device)
