"""Two readings of one trunk: the project's own face network and dlib's, joined in one embedding.

The own network learnt from a teacher whom East Asian faces do not confuse, but on few thousand
people; dlib's has seen three million pictures and knows turned heads, caps and dark glasses, but
confuses East Asian strangers. They share their lowest blocks, which stayed as dlib published them,
and part above. dlib's 128 numbers are centred and whitened, so that the directions in which whole
groups of people lie close together no longer dominate, and weighed against the own ones:

    joined = normalise(project [sqrt(1 - w) own, sqrt(w) normalise((dlib - centre) whiten)])
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import BugError
from kiosk.inference.checkpoint import describe, load_checkpoint, save_checkpoint
from kiosk.inference.face.networks.dlib_resnet import (
    DIMS,
    STAGES,
    DlibNet,
    ResidualTrunk,
    channels_last,
)
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, load_face_net

NETWORK = "kiosk-face-joined"


@dataclass(frozen=True)
class JoinConfig:
    """How the two are joined."""

    shared_blocks: int
    """The lowest blocks, which both use."""
    weight: float = 0.5
    """Of dlib's part in the squared length."""
    whitening: float = 0.35
    """Exponent: 0 leaves dlib's numbers as they are, 1 gives every direction the same variance."""


class JoinedFaceNet(nn.Module):
    """(batch, size, size, 3) uint8 RGB chips -> (batch, 512) float32 of length one."""

    def __init__(self, config: FaceNetConfig, join: JoinConfig) -> None:
        super().__init__()
        self.config, self.join = config, join
        self.own = FaceNet(config)
        self.size, self.dims = config.size, config.dims
        if not isinstance(self.own.trunk, ResidualTrunk):
            raise BugError("only the residual trunk can be shared with dlib's")
        upper = list(ResidualTrunk(STAGES).blocks)[join.shared_blocks :]
        self.beside = nn.Sequential(*upper)
        self.beside_head = nn.Linear(256, DIMS, bias=False)
        self.register_buffer("centre", torch.zeros(DIMS))
        self.register_buffer("whiten", torch.eye(DIMS))
        self.register_buffer("project", torch.eye(config.dims + DIMS, config.dims))

    def take(self, own: FaceNet, dlib: DlibNet) -> None:
        """Copy both networks in.

        Raises:
            BugError: their lowest blocks are not the same, so they cannot share them.
        """
        assert isinstance(own.trunk, ResidualTrunk)
        lower = list(own.trunk.blocks)[: self.join.shared_blocks]
        theirs = list(dlib.trunk.blocks)
        for mine, other in zip([own.trunk.stem, *lower], [dlib.trunk.stem, *theirs], strict=False):
            for one, two in zip(mine.parameters(), other.parameters(), strict=True):
                if not torch.allclose(one, two, atol=1e-3):
                    raise BugError("the blocks to be shared have been trained")
        self.own.load_state_dict(own.state_dict())
        self.beside.load_state_dict(nn.Sequential(*theirs[self.join.shared_blocks :]).state_dict())
        self.beside_head.load_state_dict(dlib.head.state_dict())

    def parts(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Own embedding (batch, dims), dlib's (batch, 128), both of length one, and the own
        network's quality (batch,)."""
        trunk = self.own.trunk
        assert isinstance(trunk, ResidualTrunk)
        below = trunk.below(self.own.scaled(crops), self.join.shared_blocks)
        pooled = self.own.pool(trunk.above(below, self.join.shared_blocks))
        quality = torch.sigmoid(self.own.quality(pooled).float()).squeeze(1)
        other = self.beside_head(self.beside(below).mean((2, 3)))
        return self.own.project(pooled), functional.normalize(other.float()), quality

    def side_by_side(self, own: Tensor, dlib: Tensor) -> Tensor:
        """(batch, dims) and (batch, 128) to (batch, dims + 128), weighed."""
        whitened = functional.normalize((dlib - self.get_buffer("centre")) @ self._whiten())
        weight = self.join.weight
        return torch.cat([(1 - weight) ** 0.5 * own, weight**0.5 * whitened], 1)

    def _whiten(self) -> Tensor:
        return self.get_buffer("whiten")

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        return self.embed_with_quality(crops)[0]

    def embed_with_quality(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, dims) and qualities (batch,) in 0..1."""
        views = torch.cat([crops, crops.flip(2)]) if self.config.mirror else crops
        own, dlib, quality = self.parts(views)
        joined = functional.normalize(self.side_by_side(own, dlib) @ self.get_buffer("project"))
        joined = joined.view(-1, len(crops), self.dims).sum(0)
        return functional.normalize(joined), quality.view(-1, len(crops)).mean(0)


def fit_join(net: JoinedFaceNet, own: Tensor, dlib: Tensor) -> Tensor:
    """Fit what joins them on `parts` of training faces, (n, dims) and (n, 128); returns the joined
    embeddings (n, dims).

    Centre and whitening are dlib's mean and covariance there; the projection keeps the `dims`
    directions of largest variance about zero, so that cosines stay what they are but for the rest.
    """
    centre = dlib.mean(0)
    offset = (dlib - centre).double()
    values, axes = torch.linalg.eigh(offset.T @ offset / len(offset))
    gain = (values + 1e-3 * values.max()) ** (-net.join.whitening / 2)
    net.get_buffer("centre").copy_(centre)
    net.get_buffer("whiten").copy_((axes * gain @ axes.T).float())
    rows = net.side_by_side(own, dlib).double()
    directions = torch.linalg.eigh(rows.T @ rows)[1].flip(1)[:, : net.dims]
    net.get_buffer("project").copy_(directions.float())
    return functional.normalize((rows @ directions).float())


def save_joined_net(net: JoinedFaceNet, cohort: Tensor | None = None) -> bytes:
    """The file's bytes; `cohort` as for `save_face_net`."""
    return save_checkpoint(
        net.state_dict(), network=NETWORK, config=net.config, cohort=cohort, join=net.join
    )


def load_own_net(path: Path, device: torch.device) -> FaceNet | JoinedFaceNet:
    """Whichever of the project's face networks is in `path`. Raises ModelError."""
    joined = describe(path).network == NETWORK
    return load_joined_net(path, device) if joined else load_face_net(path, device)


def load_joined_net(path: Path, device: torch.device) -> JoinedFaceNet:
    """The network in `path`, in float32, ready to be used. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=FaceNetConfig)
    join = file.part("join", JoinConfig)
    return channels_last(file.build(lambda config: JoinedFaceNet(config, join)), device)
