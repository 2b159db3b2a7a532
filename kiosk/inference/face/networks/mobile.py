"""MobileFaceNet as published, judging its own samples, and with a second head where one is joined.

The trunk is that of S. Chen et al., "MobileFaceNets: Efficient CNNs for Accurate Real-time Face
Verification on Mobile Devices" (CCBR 2018), in either of two published forms: with PReLU
(JDAI-CV/FaceX-Zoo, Apache-2.0), or with ReLU6 in its place and one more layer after the stem
(foamliu/MobileFaceNet, Apache-2.0). Trunk and head stay as they are, with norms folded into the
convolutions. The maps are pooled once more, through filters drawn at random; both poolings foretell
the quality, and a second head may read them, with a hidden layer, that learnt from stronger
networks. Each head counts with its share of the squared length:

    embedding = [sqrt(1 - w) normalise(kept), sqrt(w) normalise(learnt)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.networks.dlib_resnet import channels_last
from kiosk.inference.published import published, published_module

NETWORK = "kiosk-face-mobile"
KEPT = 128
"""Numbers of foamliu's head."""
KEPT_OF_FACEX = 512
"""Numbers of FaceX-Zoo's head."""
CHANNELS = 512
FEATURES = 2 * CHANNELS
"""Of a face, pooled: by the published filters and by drawn ones."""
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)
"""Of 0..255 red, green, blue: what foamliu's weights expect."""
MEAN_OF_FACEX = (127.5, 127.5, 127.5)
DEVIATION_OF_FACEX = (128.0, 128.0, 128.0)
"""What FaceX-Zoo's weights expect; of blue, green, red, turned round in the first layer."""

_STAGES = ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1))
"""Expansion, channels, blocks and the first one's stride."""
FIRST = 64
"""Channels of the first layers."""
GRID = 7
"""Places in a row of the trunk's maps."""
_FACEX_BLOCKS = (
    "conv_23",
    *(f"conv_3.model.{number}" for number in range(4)),
    "conv_34",
    *(f"conv_4.model.{number}" for number in range(6)),
    "conv_45",
    *(f"conv_5.model.{number}" for number in range(2)),
)
"""Names of the blocks of _STAGES in FaceX-Zoo's file."""


@dataclass(frozen=True)
class MobileConfig:
    """What must be known to build the network before its weights can be read."""

    learnt: int = 512
    """Numbers of the learnt head; 0: there is none."""
    hidden: int = 2048
    """Width of its hidden layer."""
    weight: float = 0.5
    """Of the learnt head in the squared length."""
    mirror: bool = True
    """Embed the mirror image too and take the mean: twice the time, fewer errors."""
    kept: int = KEPT
    """Numbers of the published head."""
    slopes: bool = False
    """Whether each channel has a slope of its own below nought (PReLU), as FaceX-Zoo published it,
    or is cut off at nought and at six, as foamliu did."""


def _convolution(inside: int, outside: int, side: int, stride: int, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, side, stride, side // 2, groups=groups)


def _activation(channels: int, slopes: bool, clipped: bool = True) -> nn.Module:
    """What follows a convolution; in the place of its input, which nobody else needs, where it can
    be done there."""
    if slopes:
        return nn.PReLU(channels)
    return nn.ReLU6(inplace=True) if clipped else nn.ReLU(inplace=True)


class MobileBlock(nn.Module):
    """Inverted residual: widen, look round, narrow; added to its input where the shapes agree.

    The places for norms are empty but while a network is trained further.
    """

    def __init__(
        self, inside: int, outside: int, stride: int, expansion: int, slopes: bool
    ) -> None:
        super().__init__()
        wide = inside * expansion
        self.widen = _convolution(inside, wide, 1, 1)
        self.widen_norm: nn.Module = nn.Identity()
        self.after_widen = _activation(wide, slopes)
        self.look = _convolution(wide, wide, 3, stride, wide)
        self.look_norm: nn.Module = nn.Identity()
        self.after_look = _activation(wide, slopes)
        self.narrow = _convolution(wide, outside, 1, 1)
        self.narrow_norm: nn.Module = nn.Identity()
        self.added = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inside, h, w) -> (batch, outside, h / stride, w / stride)."""
        inner = self.after_widen(self.widen_norm(self.widen(x)))
        inner = self.after_look(self.look_norm(self.look(inner)))
        narrow: Tensor = self.narrow_norm(self.narrow(inner))
        return x + narrow if self.added else narrow


class MobileTrunk(nn.Module):
    """Scaled pictures (batch, 3, 112, 112) -> maps (batch, 512, 7, 7), norms folded."""

    def __init__(self, slopes: bool = False) -> None:
        super().__init__()
        self.stem = _convolution(3, FIRST, 3, 2)
        self.after_stem = _activation(FIRST, slopes)
        self.look = _convolution(FIRST, FIRST, 3, 1, FIRST)
        self.after_look = _activation(FIRST, slopes, clipped=False)
        self.mix = None if slopes else _convolution(FIRST, FIRST, 1, 1)
        self.after_mix = _activation(FIRST, slopes=False, clipped=False)
        blocks, inside = [], FIRST
        for expansion, channels, count, stride in _STAGES:
            for number in range(count):
                first = 1 if number else stride
                blocks.append(MobileBlock(inside, channels, first, expansion, slopes))
                inside = channels
        self.blocks = nn.ModuleList(blocks)
        self.last = _convolution(inside, CHANNELS, 1, 1)
        self.after_last = _activation(CHANNELS, slopes)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: see the class."""
        x = self.after_stem(self.stem(x))
        x = self.after_look(self.look(x))
        if self.mix is not None:
            x = self.after_mix(self.mix(x))
        for block in self.blocks:
            x = block(x)
        found: Tensor = self.after_last(self.last(x))
        return found


class MobileFaceNet(nn.Module):
    """(batch, 112, 112, 3) uint8 RGB ArcFace crops -> (batch, dims) float32 of length one.

    `embed_with_quality` gives beside it a quality in 0..1: how near this sample is foretold to come
    to its person's clean one.
    """

    size = ARCFACE_112.size

    def __init__(self, config: MobileConfig) -> None:
        super().__init__()
        self.config = config
        self.dims = config.kept + config.learnt
        self.trunk = MobileTrunk(config.slopes)
        self.pool = nn.Conv2d(CHANNELS, CHANNELS, GRID, groups=CHANNELS)
        self.beside_pool = nn.Conv2d(CHANNELS, CHANNELS, GRID, groups=CHANNELS)
        self.kept = nn.Linear(CHANNELS, config.kept)
        if config.learnt:
            self.direct = nn.Linear(FEATURES, config.learnt)
            self.widen = nn.Linear(FEATURES, config.hidden)
            self.narrow = nn.Linear(config.hidden, config.learnt)
        self.quality = nn.Linear(FEATURES, 1)
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("gain", torch.ones(FEATURES))
        mean, deviation = (
            (MEAN_OF_FACEX, DEVIATION_OF_FACEX) if config.slopes else (MEAN, DEVIATION)
        )
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(deviation).view(1, 3, 1, 1), persistent=False
        )

    def scaled(self, crops: Tensor) -> Tensor:
        """What the trunk takes (batch, 3, 112, 112) from uint8 crops (batch, 112, 112, 3)."""
        mean, deviation = self.get_buffer("mean"), self.get_buffer("deviation")
        x = (crops.permute(0, 3, 1, 2).to(mean.dtype) - mean) / deviation
        return x.contiguous(memory_format=torch.channels_last)

    def pooled(self, maps: Tensor) -> Tensor:
        """Features (batch, FEATURES) of the trunk's maps, the published head's first."""
        return torch.cat([self.pool(maps).flatten(1), self.beside_pool(maps).flatten(1)], 1)

    def standard(self, features: Tensor) -> Tensor:
        """Features as the learnt head takes them: mean nought and deviation one over faces."""
        return (features - self.get_buffer("centre")) * self.get_buffer("gain")

    def learnt(self, standard: Tensor, dropped: float = 0.0) -> Tensor:
        """The learnt head's numbers (batch, learnt) of length one; while it learns, a share of the
        features and of the hidden layer is `dropped`."""
        active = dropped > 0
        wide = functional.relu(self.widen(functional.dropout(standard, dropped, active)))
        more = self.narrow(functional.dropout(wide, dropped, active))
        return functional.normalize((self.direct(standard) + more).float())

    def heads(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The published head's (batch, kept) and the learnt one's (batch, learnt), length one."""
        kept = functional.normalize(self.kept(features[:, :CHANNELS]).float())
        if not self.config.learnt:
            return kept, kept[:, :0]
        return kept, self.learnt(self.standard(features))

    def joined(self, kept: Tensor, learnt: Tensor) -> Tensor:
        """Both heads side by side (batch, dims), of length one."""
        weight = self.config.weight if self.config.learnt else 0.0
        return torch.cat([(1 - weight) ** 0.5 * kept, weight**0.5 * learnt], 1)

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.embed_with_quality(crops)[0]

    def embed_with_quality(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, dims) and qualities (batch,) in 0..1."""
        views = torch.cat([crops, crops.flip(2)]) if self.config.mirror else crops
        features = self.pooled(self.trunk(self.scaled(views)))
        count = len(views) // max(1, len(crops))
        kept, learnt = (
            functional.normalize(part.view(count, len(crops), part.shape[1]).sum(0))
            for part in self.heads(features)
        )
        quality = torch.sigmoid(self.quality(self.standard(features)).float()).view(-1, len(crops))
        return self.joined(kept, learnt), quality.mean(0)


def without_head(net: MobileFaceNet) -> MobileFaceNet:
    """The same network without its learnt head."""
    alone = MobileFaceNet(replace(net.config, learnt=0))
    state = net.state_dict()
    alone.load_state_dict({name: state[name] for name in alone.state_dict()})
    return alone.eval()


def save_mobile_net(net: MobileFaceNet, cohort: Tensor | None = None) -> bytes:
    """The file's bytes; `cohort` (k, dims) as for `save_face_net`."""
    return save_checkpoint(net.state_dict(), network=NETWORK, config=net.config, cohort=cohort)


def load_mobile_net(path: Path, device: torch.device) -> MobileFaceNet:
    """The network in `path`, in float32, ready to be used. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=MobileConfig)
    return channels_last(file.build(MobileFaceNet), device)


def start_from_published(net: MobileFaceNet, path: Path) -> None:
    """Fill trunk, pool and published head from foamliu's `mobilefacenet_foamliu.pt`, or, where
    channels have `slopes`, from FaceX-Zoo's `face_recognition_mv.pkl`; norms folded in.

    The file is read as data, never as code.

    Raises:
        ModelError: the file is missing, damaged or another network's.
    """
    if net.config.slopes:
        _start_from_facex(net, path)
    else:
        _start_from_foamliu(net, path)


def _start_from_foamliu(net: MobileFaceNet, path: Path) -> None:
    remedy = "Give the published mobilefacenet_foamliu.pt."
    with published(path, "MobileFaceNet", remedy) as state:
        for own, (weights, norm) in zip(_convolutions(net), _names_of_foamliu(), strict=True):
            _fill(own, state, weights, norm)
        head = nn.Conv2d(CHANNELS, KEPT, 1)
        _fill(head, state, "conv3", "bn")
    net.kept.weight.data.copy_(head.weight.detach().flatten(1))
    assert head.bias is not None
    net.kept.bias.data.copy_(head.bias.detach())


def _start_from_facex(net: MobileFaceNet, path: Path) -> None:
    remedy = "Give the published face_recognition_mv.pkl of FaceX-Zoo's face_recognition_1.0."
    what = "FaceX-Zoo's MobileFaceNet"
    with published_module(path, what, remedy) as state:
        trunk = net.trunk
        prefix = next(iter(state), "").partition("conv1.")[0]
        state = {name.removeprefix(prefix): weights for name, weights in state.items()}
        for own, name in zip(_convolutions(net), _names_of_facex(), strict=True):
            _fill(own, state, f"{name}.conv", f"{name}.bn")
        slopes = [module for module in trunk.modules() if isinstance(module, nn.PReLU)]
        named = [name for name in _names_of_facex() if f"{name}.prelu.weight" in state]
        for slope, name in zip(slopes, named, strict=True):
            slope.weight.data.copy_(state[f"{name}.prelu.weight"])
        head = nn.Linear(CHANNELS, net.config.kept, bias=False)
        head.weight.data.copy_(state["linear.weight"])
        norm = nn.BatchNorm1d(net.config.kept)
        norm.load_state_dict({k: state[f"bn.{k}"] for k in norm.state_dict()})
        net.kept.load_state_dict(fuse_linear_bn_eval(head.eval(), norm.eval()).state_dict())
    trunk.stem.weight.data.copy_(trunk.stem.weight.data.flip(1).clone())


def _convolutions(net: MobileFaceNet) -> Iterator[nn.Conv2d]:
    trunk = net.trunk
    yield from (trunk.stem, trunk.look)
    if trunk.mix is not None:
        yield trunk.mix
    for block in trunk.blocks:
        assert isinstance(block, MobileBlock)
        yield from (block.widen, block.look, block.narrow)
    yield from (trunk.last, net.pool)


def _names_of_facex() -> Iterator[str]:
    """Names of FaceX-Zoo's layers (a convolution, its norm and slopes), in the order of our own."""
    yield from ("conv1", "conv2_dw")
    for block in _FACEX_BLOCKS:
        yield from (f"{block}.conv", f"{block}.conv_dw", f"{block}.project")
    yield from ("conv_6_sep", "conv_6_dw")


def _names_of_foamliu() -> Iterator[tuple[str, str]]:
    """Names of a convolution and of its norm in foamliu's file, in the order of our own."""
    yield "conv1.0", "conv1.1"
    yield "dw_conv.depthwise", "dw_conv.bn1"
    yield "dw_conv.pointwise", "dw_conv.bn2"
    for block in range(sum(count for _, _, count, _ in _STAGES)):
        inside = f"features.{block}.conv"
        yield f"{inside}.0.0", f"{inside}.0.1"
        yield f"{inside}.1.0", f"{inside}.1.1"
        yield f"{inside}.2", f"{inside}.3"
    yield "conv2.0", "conv2.1"
    yield "gdconv.depthwise", "gdconv.bn"


def _fill(own: nn.Conv2d, state: dict[str, Tensor], weights: str, norm: str) -> None:
    """One convolution of ours from a published one and the norm that follows it."""
    plain = nn.Conv2d(
        own.in_channels, own.out_channels, own.kernel_size[0], groups=own.groups, bias=True
    )
    plain.weight.data.copy_(state[f"{weights}.weight"])
    assert plain.bias is not None
    assert own.bias is not None
    bias = state.get(f"{weights}.bias")
    plain.bias.data.copy_(torch.zeros(own.out_channels) if bias is None else bias)
    following = nn.BatchNorm2d(own.out_channels)
    following.load_state_dict({k: state[f"{norm}.{k}"] for k in following.state_dict()})
    folded = fuse_conv_bn_eval(plain.eval(), following.eval())
    own.weight.data.copy_(folded.weight.detach())
    assert folded.bias is not None
    own.bias.data.copy_(folded.bias.detach())
