"""The project's own network for emotion, age and gender, and the `FaceAttributes` port over it.

The trunk of a published MobileFaceNet, trained further (see `mobile`), two pools over its maps and
one linear layer give seven emotions, a distribution over years and a gender. The network sees
luminance only: the pictures that teach emotion are grey, and a colour webcam must look no different
to it. The way from its outputs to probabilities is fitted on held-out faces and lies in the same
file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kiosk.core.attribute_fusion import only, wanted
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    Emotion,
    EmotionEstimate,
    GenderEstimate,
    is_sure,
)
from kiosk.core.media import Image
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.devices import choose_device, one_thread
from kiosk.inference.face.geometry.alignment import CHIP_150, Template
from kiosk.inference.face.geometry.face_view import face_view
from kiosk.inference.face.networks.dlib_resnet import channels_last
from kiosk.inference.face.networks.mobile import CHANNELS, FIRST, GRID, MobileTrunk
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.prepared_convolutions import prepare

NETWORK = "kiosk-face-attributes"
NAME = "face-attributes"
EMOTIONS = tuple(Emotion)
OLDEST = 100
"""Years beyond count as this many."""
POOLS = 2
"""How often each map of the trunk is pooled, every time with weights of its own."""

GREY_MEAN = 127.5
"""Subtracted from luminance 0..255."""
BORDER = cv2.BORDER_REFLECT_101
"""Beyond the picture's edge: a black edge would tell a tightly cut picture from a webcam's."""
_SCALE = 1 / 128
_TAIL = 0.1  # on either side of the 80 % interval
_BATCH = 16


@dataclass(frozen=True)
class Readout:
    """How raw outputs become probabilities, fitted on held-out faces.

    Temperatures divide logits (C. Guo et al., "On Calibration of Modern Neural Networks", ICML
    2017); an emotion or gender below its `sure` probability, and an age whose interval is wider
    than `widest_age` years, is "not sure". `calm_sure` are higher bounds for each emotion, fitted
    on faces that show none.
    """

    emotion_temperature: float = 1.0
    age_temperature: float = 1.0
    gender_temperature: float = 1.0
    emotion_sure: float = 0.5
    gender_sure: float = 0.8
    widest_age: float = 30.0
    calm_sure: tuple[float, ...] = ()

    def least(self, place: int) -> float:
        """The probability from which on the emotion at `place` is sure."""
        return (
            max(self.emotion_sure, self.calm_sure[place]) if self.calm_sure else self.emotion_sure
        )


@dataclass(frozen=True)
class FaceAttributeConfig:
    """What must be known to build the network before its weights can be read."""

    size: int = 112
    mirror: bool = True
    """Look at the mirror image too and take the mean: half as long again, fewer errors."""
    readout: Readout = field(default_factory=Readout)


def view_template(size: int, margin: int = 0) -> Template:
    """The view of a face the network takes, with `margin` more pixels on every side."""
    return CHIP_150.moved(size / CHIP_150.size, 0.0, size).grown(margin)


def grey(view: Image) -> NDArray[np.uint8]:
    """Luminance (height, width) of RGB (height, width, 3)."""
    return np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


class _Pools(nn.Module):
    """(batch, CHANNELS, GRID, GRID) -> (batch, POOLS * CHANNELS): sums of each map by POOLS sets of
    weights. A grouped convolution computes the same in fifteen times the time."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((POOLS * CHANNELS, 1, GRID, GRID), GRID**-2.0))
        self.bias = nn.Parameter(torch.zeros(POOLS * CHANNELS))

    def forward(self, maps: Tensor) -> Tensor:
        """Shapes: see the class."""
        weight = self.weight.view(CHANNELS, POOLS, GRID * GRID)
        sums = torch.matmul(weight, maps.flatten(2).permute(1, 2, 0))
        return sums.flatten(0, 1).T + self.bias


class FaceAttributeNet(nn.Module):
    """(batch, size, size) luminance 0..255 -> logits of emotion (batch, 7), of years 0..OLDEST
    (batch, OLDEST + 1), and of being male (batch,)."""

    def __init__(self, config: FaceAttributeConfig) -> None:
        super().__init__()
        self.config = config
        self.trunk = MobileTrunk(slopes=True)
        self.trunk.stem = nn.Conv2d(1, FIRST, 3, 2, 1)
        self.pool = _Pools()
        self.norm: nn.Module = nn.Identity()  # training puts a batch norm here, then folds it
        self.head = nn.Linear(POOLS * CHANNELS, len(EMOTIONS) + OLDEST + 2)

    def linears(self) -> tuple[nn.Linear, ...]:
        """What follows `norm`."""
        return (self.head,)

    def features(self, views: Tensor) -> Tensor:
        """(batch, POOLS * CHANNELS) of views (batch, size, size)."""
        x = (views.unsqueeze(1).to(self.head.weight.dtype) - GREY_MEAN) * _SCALE
        maps = self.trunk(x.contiguous(memory_format=torch.channels_last))
        pooled: Tensor = self.norm(self.pool(maps))
        return pooled

    def forward(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Shapes: see the class."""
        return self.split(self.head(self.features(views)))

    def split(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three parts of the head's outputs, float32."""
        emotion, age, male = torch.split(outputs.float(), [len(EMOTIONS), OLDEST + 1, 1], 1)
        return emotion, age, male.squeeze(1)

    def forget_emotion(self) -> None:
        """Lose the weights of emotion: it cannot be computed with this network any more."""
        with torch.no_grad():
            self.head.weight[: len(EMOTIONS)] = 0
            self.head.bias[: len(EMOTIONS)] = 0

    def logits(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `forward`; with `mirror`, the mean over each view and its mirror image."""
        if not self.config.mirror:
            found: tuple[Tensor, Tensor, Tensor] = self(views)
            return found
        emotion, age, male = (part.unflatten(0, (2, -1)).mean(0) for part in self(_twice(views)))
        return emotion, age, male


def _twice(views: Tensor) -> Tensor:
    return torch.cat([views, views.flip(2)])


@dataclass(frozen=True)
class Answers:
    """Calibrated answers of many faces: probabilities of emotions (n, 7) and of being male (n,),
    years (n,) and the ends of the 80 % interval (n,) each."""

    emotion: NDArray[np.float64]
    male: NDArray[np.float64]
    years: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def read_out(emotion: Tensor, age: Tensor, male: Tensor, readout: Readout) -> Answers:
    """Probabilities and intervals from what `FaceAttributeNet.logits` gives."""
    ages = torch.softmax(age, 1).double()
    spread = torch.softmax(age / readout.age_temperature, 1).double()
    years = torch.arange(OLDEST + 1, dtype=torch.float64)
    low, high = (quantile(spread, share) for share in (_TAIL, 1 - _TAIL))
    mean = (ages * years).sum(1)
    return Answers(
        torch.softmax(emotion / readout.emotion_temperature, 1).double().numpy(),
        torch.sigmoid(male / readout.gender_temperature).double().numpy(),
        mean.numpy(),
        torch.minimum(low, mean).numpy(),
        torch.maximum(high, mean).numpy(),
    )


def quantile(spread: Tensor, share: float) -> Tensor:
    """The age (n,) below which `share` of a distribution over years (n, OLDEST + 1) lies; each
    year's mass is taken as even over half a year to both sides."""
    sums = spread.cumsum(1)
    place = (sums < share).sum(1).clamp(max=OLDEST)
    rows = torch.arange(len(spread))
    before = sums[rows, place] - spread[rows, place]
    inside = (share - before) / spread[rows, place].clamp(min=1e-12)
    return (place - 0.5 + inside).clamp(0, OLDEST)


class NetFaceAttributes:
    """The network as a `FaceAttributes`."""

    def __init__(
        self, net: FaceAttributeNet, device: torch.device, want: AttributeSelection | None = None
    ) -> None:
        self._net, self._device = net, device
        self._want = want or AttributeSelection()
        self._template = view_template(net.config.size)

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        """One estimate (channel FACE) for each face, in order."""
        found: list[AttributeEstimate] = []
        for start in range(0, len(faces), _BATCH):
            found += self._estimates(faces[start : start + _BATCH], mirrored)
        return found

    def _estimates(
        self, faces: Sequence[LocatedFace], mirrored: bool | None
    ) -> list[AttributeEstimate]:
        views = [self.view(face) for face in faces]
        answers = self.answers(views, mirrored)
        readout = self._net.config.readout
        return [only(_estimate(answers, n, readout), self._want) for n in range(len(faces))]

    def view(self, face: LocatedFace) -> NDArray[np.uint8]:
        """What the network takes of a face: (size, size)."""
        return grey(face_view(face, self._template, BORDER))

    def answers(self, views: Sequence[NDArray[np.uint8]], mirrored: bool | None = None) -> Answers:
        """Calibrated answers of views (size, size) each; `mirrored` see the port."""
        with one_thread(), torch.inference_mode():
            batch = torch.from_numpy(np.stack(views)).to(self._device)
            look = self._net.logits if mirrored is None else self._net
            outputs = look(batch.flip(2) if mirrored else batch)
            emotion, age, male = (part.float().cpu() for part in outputs)
        return read_out(emotion, age, male, self._net.config.readout)


def _estimate(answers: Answers, n: int, readout: Readout) -> AttributeEstimate:
    chances = tuple(float(p) for p in answers.emotion[n])
    male = float(answers.male[n])
    low, high = float(answers.low[n]), float(answers.high[n])
    age = AgeEstimate(float(answers.years[n]), low, high, high - low <= readout.widest_age)
    sexed = max(male, 1 - male) >= readout.gender_sure and not age.may_be_child
    least = readout.least(chances.index(max(chances)))
    emotion = EmotionEstimate(chances, is_sure(chances, least))
    return AttributeEstimate(Channel.FACE, emotion, age, GenderEstimate(male, sexed))


def save_face_attributes(net: FaceAttributeNet) -> bytes:
    """The file's bytes; the readout is part of the config."""
    return save_checkpoint(net.state_dict(), network=NETWORK, config=net.config)


def load_net(path: Path, device: torch.device) -> FaceAttributeNet:
    """The network in `path`, in float32, ready to be used. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=FaceAttributeConfig)
    return channels_last(file.build(FaceAttributeNet), device)


def load_face_attributes(settings: Settings) -> NetFaceAttributes:
    """The shipped network behind the port; where emotion is not wanted, without the weights that
    make it. Raises ModelError, SettingsError."""
    device, want = choose_device(settings), wanted(settings)
    net = load_net(locate(find_entry(NAME), settings), device)
    if not want.emotion:
        net.forget_emotion()
    return NetFaceAttributes(prepare(net), device, want)
