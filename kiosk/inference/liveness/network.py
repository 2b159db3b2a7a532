"""The face-picture network of presentation attack detection: a face and what surrounds it.

Paper edges, a telephone's frame, a hand that holds something, flat tones and reflections tell a
picture of a face from a face. The layers are those of MiniFASNetV2 (minivision-ai, Apache-2.0), or
of MiniFASNetV2-SE for a closer look at the face alone (as taught anew by facenox, Apache-2.0), with
their affine layers folded into the convolutions (`kiosk.training.pad`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.face.networks.dlib_resnet import channels_last

NETWORK = "kiosk-pad-picture"
CLOSE_NETWORK = "kiosk-pad-close"
"""The same layers with others between them, for a closer look."""
SIZE = 80
CLOSE_SIZE = 128
_SHRINKING = 16
"""Pixels of a side that the lower layers make one place."""

_STEM = 32
_UNITS: tuple[tuple[int, int, int], ...] = (
    (103, 64, 2),
    *((13, 64, 1),) * 4,
    (231, 128, 2),
    *((width, 128, 1) for width in (231, 52, 26, 77, 26, 26)),
    (308, 128, 2),
    *((26, 128, 1),) * 2,
)
"""Hidden channels, channels given and step of each unit."""
_WEIGHED = {4: 16, 11: 32, 14: 32}
"""Units at whose end the channels are weighed, and numbers they are weighed by."""


@dataclass(frozen=True)
class PictureNetConfig:
    """What of the layers can be chosen."""

    features: int = 512
    """Numbers that the uppermost layers make of a picture before they decide."""
    size: int = SIZE
    """Side of a picture in pixels."""
    weighed: bool = False
    """Whether some units weigh their channels (squeeze and excitation)."""
    classes: int = 3
    living: int = 1
    """Which of the classes is a living face; the others are attacks."""


class _Weighing(nn.Module):
    """Squeeze and excitation (Hu et al., CVPR 2018): each channel times what all of them make of
    it. Shapes stay."""

    def __init__(self, channels: int, numbers: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, numbers, 1)
        self.excite = nn.Conv2d(numbers, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        numbers = torch.relu(self.squeeze(x.mean(dim=(2, 3), keepdim=True)))
        weighed: Tensor = x * torch.sigmoid(self.excite(numbers))
        return weighed


class _Unit(nn.Module):
    """Widen, look at each channel, narrow: (batch, given, h, w) -> (batch, out, h / step, ...);
    `weighing` is the numbers the channels are weighed by at the end, 0 for none."""

    def __init__(self, given: int, hidden: int, out: int, step: int, weighing: int = 0) -> None:
        super().__init__()
        self.widen = nn.Conv2d(given, hidden, 1)
        self.first = nn.PReLU(hidden)
        self.look = nn.Conv2d(hidden, hidden, 3, step, 1, groups=hidden)
        self.second = nn.PReLU(hidden)
        self.narrow = nn.Conv2d(hidden, out, 1)
        self.weigh = _Weighing(out, weighing) if weighing else None
        self.residual = step == 1 and given == out

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        seen = self.second(self.look(self.first(self.widen(x))))
        made: Tensor = self.narrow(seen)
        if self.weigh is not None:
            made = self.weigh(made)
        return x + made if self.residual else made


class PictureNet(nn.Module):
    """(batch, 3, size, size) RGB 0..255 -> (batch,) natural-log odds of a living face.

    One of the classes of the last layer is a living face, the others are kinds of attacks, as the
    layers' makers ordered them.
    """

    def __init__(self, config: PictureNetConfig | None = None) -> None:
        super().__init__()
        self.config = config or PictureNetConfig()
        count = self.config.features
        self.stem = nn.Conv2d(3, _STEM, 3, 2, 1)
        self.stem_act = nn.PReLU(_STEM)
        self.stem_look = nn.Conv2d(_STEM, _STEM, 3, 1, 1, groups=_STEM)
        self.stem_look_act = nn.PReLU(_STEM)
        units, given = [], _STEM
        for number, (hidden, out, step) in enumerate(_UNITS):
            weighing = _WEIGHED.get(number, 0) if self.config.weighed else 0
            units.append(_Unit(given, hidden, out, step, weighing))
            given = out
        self.units = nn.ModuleList(units)
        self.last = nn.Conv2d(given, count, 1)
        self.last_act = nn.PReLU(count)
        self.places = nn.Conv2d(count, count, self.config.size // _SHRINKING, groups=count)
        self.head = nn.Linear(count, self.config.classes)

    def lower(self, x: Tensor, units: int | None = None) -> Tensor:
        """What the first so many units, or all, make of a picture: (batch, 128, h, w)."""
        x = self.stem_act(self.stem(x))
        x = self.stem_look_act(self.stem_look(x))
        for unit in self.units[:units]:
            x = unit(x)
        return x

    def upper(self, x: Tensor, units: int | None = None) -> Tensor:
        """The log odds (batch,) from what `lower` made with as many units."""
        for unit in self.units[len(self.units) if units is None else units :]:
            x = unit(x)
        return self.odds(self.places(self.last_act(self.last(x))).flatten(1))

    def odds(self, features: Tensor) -> Tensor:
        """The log odds (batch,) from the uppermost numbers (batch, features)."""
        classes: Tensor = self.head(features)
        living = self.config.living
        attacks = [number for number in range(self.config.classes) if number != living]
        return classes[:, living] - torch.logsumexp(classes[:, attacks], dim=1)

    def taught(self, units: int | None = None) -> tuple[nn.Module, ...]:
        """The layers of `upper`, which this project teaches."""
        above = self.units[len(self.units) if units is None else units :]
        return *above, self.last, self.last_act, self.places, self.head

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.upper(self.lower(x))


def save_picture_net(net: PictureNet) -> bytes:
    """The file's bytes."""
    network = CLOSE_NETWORK if net.config.weighed else NETWORK
    return save_checkpoint(net.state_dict(), network=network, config=net.config)


def load_picture_net(path: Path) -> PictureNet:
    """The network in `path`, in float32, ready to be used. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=PictureNetConfig)
    return channels_last(file.build(PictureNet), torch.device("cpu"))


def load_close_net(path: Path) -> PictureNet:
    """That of the closer look, likewise."""
    file = load_checkpoint(path, network=CLOSE_NETWORK, config_class=PictureNetConfig)
    return channels_last(file.build(PictureNet), torch.device("cpu"))
