"""Face recognisers behind the `FaceEmbedder` port: align, batch, run, hand back unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from kiosk.core.cohort import Cohort
from kiosk.core.errors import BugError
from kiosk.core.samples import Embedding, LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.face.geometry.alignment import ARCFACE_112, CHIP_150, Template
from kiosk.inference.face.geometry.face_view import face_view
from kiosk.inference.face.networks import inception
from kiosk.inference.face.networks.dlib_resnet import load_dlib
from kiosk.inference.face.networks.edgeface import load_edgeface
from kiosk.inference.face.networks.joined import JoinedFaceNet, load_own_net
from kiosk.inference.face.networks.mobile import MobileFaceNet, load_mobile_net
from kiosk.inference.face.networks.own import FaceNet
from kiosk.inference.manifest import ModelEntry, locate, model_id
from kiosk.inference.prepared_convolutions import prepare

_OWN = (FaceNet, JoinedFaceNet, MobileFaceNet)

BATCH = 16
"""Faces run at once; more do not make a processor faster and cost memory."""


@dataclass(frozen=True)
class _Kind:
    """How a network is loaded and which view of the face it takes."""

    load: Callable[[Path, torch.device], nn.Module]
    template: Template


KINDS = {
    "kiosk": _Kind(load_own_net, CHIP_150),
    "kiosk-mobile": _Kind(load_mobile_net, ARCFACE_112),
    "edgeface": _Kind(load_edgeface, ARCFACE_112),
    "dlib": _Kind(load_dlib, CHIP_150),
    "inception": _Kind(inception.load_inception, inception.TEMPLATE),
}
"""By `network` in the manifest."""


class NetFaceEmbedder:
    """Any of the networks as a `FaceEmbedder`. A network that judges its own sample says how well
    it stands for its person; of the others every sample has quality 1."""

    def __init__(
        self,
        net: nn.Module,
        template: Template,
        name: str,
        dims: int,
        device: torch.device,
        cohort: Cohort | None = None,
    ) -> None:
        self.cohort = cohort
        self.model_id = name
        self.dims = dims
        self._net = net
        self._template = template
        self._device = device

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        """One embedding for each face, in order."""
        embeddings: list[Embedding] = []
        for start in range(0, len(faces), BATCH):
            embeddings += self._embed_batch(faces[start : start + BATCH])
        return embeddings

    def _embed_batch(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        views = [face_view(face, self._template) for face in faces]
        crops = torch.from_numpy(np.stack(views)).to(self._device)
        with torch.inference_mode():
            vectors, qualities = self._run(crops)
        rows = vectors.float().cpu().numpy()
        pairs = zip(rows, qualities.cpu().tolist(), strict=True)
        return [Embedding(np.asarray(row, dtype=np.float32), float(q)) for row, q in pairs]

    def _run(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(self._net, _OWN):
            return self._net.embed_with_quality(crops)
        vectors: Tensor = self._net(crops)
        return vectors, torch.ones(len(crops))


def build_face(entry: ModelEntry, settings: Settings, device: torch.device) -> NetFaceEmbedder:
    """Load the verified weights of `entry`. Raises ModelError."""
    return build_from(entry, locate(entry, settings), device)


def build_from(entry: ModelEntry, path: Path, device: torch.device) -> NetFaceEmbedder:
    """Load `path` as the network `entry` names, whatever its hash. Raises ModelError."""
    if entry.network not in KINDS:
        raise BugError(f"the manifest names the unknown network {entry.network!r}")
    kind = KINDS[entry.network]
    net = prepare(kind.load(path, device))
    template = kind.template
    if isinstance(net, _OWN) and net.size != template.size:
        template = template.moved(net.size / template.size, 0.0, net.size)
    dims = int(getattr(net, "dims", entry.dims))
    vectors = read_cohort(path) if isinstance(net, _OWN) else None
    cohort = Cohort(vectors.numpy()) if vectors is not None else None
    return NetFaceEmbedder(net, template, model_id(entry, path), dims, device, cohort)
