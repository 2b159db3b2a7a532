"""`kiosk train face`: from the operator's pictures to a file of weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn

from kiosk.core.errors import InputError, ModelError
from kiosk.core.progress import Bar
from kiosk.datasets.splits import kept_for_stopping
from kiosk.inference.face.networks.dlib_resnet import channels_last, dlib_file, load_dlib
from kiosk.inference.face.networks.edgeface import load_edgeface
from kiosk.inference.face.networks.joined import (
    JoinConfig,
    JoinedFaceNet,
    fit_join,
    load_joined_net,
    load_own_net,
    save_joined_net,
)
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, save_face_net
from kiosk.inference.manifest import weights_folder
from kiosk.training.face.augment import AugmentConfig, plain_view
from kiosk.training.face.batch_norm import fresh, install, measure
from kiosk.training.face.batches import (
    CachedBatches,
    FaceBatches,
    FaceRecipeConfig,
    embed_all,
    stacked,
    teacher_targets,
)
from kiosk.training.face.cohort import COUNT, centroids
from kiosk.training.face.data import CHIP, CropView, FaceSet, list_pictures, prepare
from kiosk.training.face.feature_distillation import HintConfig, learn_hints
from kiosk.training.face.recipe import FaceRecipe
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    autocast,
    begin_run,
    choose_device,
    load_tensors,
    train,
    write_atomically,
)

_DEPTHWISE = FaceRecipeConfig(
    net=FaceNetConfig(trunk="depthwise", size=64),
    augment=AugmentConfig(clean=0.5),
    batch=48,
    steps_per_epoch=250,
    rate=1e-3,
    head_rate=1e-3,
    frozen_blocks=0,
    cpu_parts=1,
    mixtures=0.0,
    hints=HintConfig(steps=500, faces=4000),
)
"""Few passes are made, so that steps are many and small, and half of the views as they come."""

CONFIGS = {
    "residual": FaceRecipeConfig(),
    "residual-top": FaceRecipeConfig(
        augment=AugmentConfig(clean=0.3),
        frozen_blocks=7,
        cached_views=3,
        batch=128,
        steps_per_epoch=400,
        mixtures=0.0,
    ),
    "residual-upper": FaceRecipeConfig(
        augment=AugmentConfig(clean=0.25), frozen_blocks=7, mixtures=0.1
    ),
    "joined": FaceRecipeConfig(
        net=FaceNetConfig(mirror=True),
        augment=AugmentConfig(clean=0.3),
        frozen_blocks=10,
        cached_views=8,
        batch=128,
        steps_per_epoch=400,
        mixtures=0.0,
        join=JoinConfig(shared_blocks=10),
    ),
    "depthwise": _DEPTHWISE,
    "depthwise-fine": replace(
        _DEPTHWISE,
        net=replace(_DEPTHWISE.net, size=96),
        steps_per_epoch=300,
    ),
}
"""What `--config` names."""

_LARGEST_GRADIENT = 2.0

_FACES_FOR_COHORT = 15000

_HEAD_SCALE = 20.0  # the length is normalised away; a longer one makes steps relatively shorter

WEIGHTS = "face-own.safetensors"


@dataclass(frozen=True)
class FaceSources:
    """Where the pictures are, and whose embeddings are to be learnt."""

    data: Sequence[Path]
    loose: Sequence[Path]
    """Sources whose folders are not persons: each picture is somebody else."""
    teacher: Path
    cache: Path
    start: Path | None = None
    """Weights of an earlier run to go on from, instead of dlib's."""
    more_teachers: Sequence[Path] = ()
    """Only the mobile network learns from several."""


def train_face(
    sources: FaceSources, name: str, options: RunOptions, console: Console
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no pictures, an unknown config, a folder already in use.
        ModelError: the teacher's file cannot be read.
    """
    if name not in CONFIGS:
        raise InputError(f"There is no config {name!r}.", remedy=f"Choose {' or '.join(CONFIGS)}.")
    config = CONFIGS[name]
    device = choose_device(options.device)
    cv2.setNumThreads(1)  # single pictures are too small to share among threads
    begin_run(options)
    teacher = load_edgeface(sources.teacher, torch.device("cpu"))
    faces = aligned_faces(sources, console)
    targets = asked(faces, teacher, sources.teacher, console)
    held = kept_for_stopping(faces.persons.tolist(), config.held_out, options.seed)
    if device.type == "cpu":
        torch.set_num_threads(1)  # the parts of a batch are the threads
    recipe = _recipe(config, options, faces, targets, held, teacher, device, sources.start, console)
    outcome = train(recipe, replace(options, largest_gradient=_LARGEST_GRADIENT), console)
    path = options.out / WEIGHTS
    net = _best(config, options.out)
    write_atomically(path, finished(net, config.join, faces.subset(~held), options.seed))
    return path, outcome


def finished(net: FaceNet, join: JoinConfig | None, faces: FaceSet, seed: int) -> bytes:
    """The file of weights: the network, joined with dlib's if so wished, and a cohort made of
    `faces`, which took part in training."""
    if join is None:
        return save_face_net(net, centroids(_embedded(net, faces), COUNT, seed))
    path = dlib_file()
    if path is None:
        raise ModelError("dlib's weights are missing.", "Install face-recognition-models again.")
    both = JoinedFaceNet(net.config, join)
    both.take(net, load_dlib(path, torch.device("cpu")))
    channels_last(both.eval(), torch.device("cpu"))
    with torch.inference_mode():
        views = stacked(_chosen_views(net, faces))
        parts = [both.parts(torch.from_numpy(batch))[:2] for batch in views]
        own, dlib = (torch.cat(each) for each in zip(*parts, strict=True))
        embedded = fit_join(both, own, dlib)
    return save_joined_net(both, centroids(embedded, COUNT, seed))


def _recipe(
    config: FaceRecipeConfig,
    options: RunOptions,
    faces: FaceSet,
    targets: Tensor,
    held: NDArray[np.bool_],
    teacher: nn.Module,
    device: torch.device,
    begin: Path | None,
    console: Console,
) -> FaceRecipe:
    learnt, known = torch.from_numpy(~held), torch.from_numpy(held)
    training, kept = faces.subset(~held), faces.subset(held)
    if begin is None:
        net = FaceNet(config.net)
        if config.net.trunk == "residual":
            start(net, training, targets[learnt], config.frozen_blocks)
        else:
            start_light(net, training, targets[learnt], config, options, console)
    else:
        found = load_own_net(begin, torch.device("cpu"))
        net = found.own if isinstance(found, JoinedFaceNet) else found
        net = resized(net, config.net)
        install(net, config.frozen_blocks, lambda fed: feed(fed, training))
    kind = CachedBatches if config.cached_views else FaceBatches
    batches = kind(training, targets[learnt], teacher, config, options.seed)
    if isinstance(batches, CachedBatches):
        with Bar(console, "passing views through the frozen blocks") as bar:
            batches.keep(net, bar.tell)
    return FaceRecipe(net.to(device), batches, kept, targets[known], config, options, device)


def _best(config: FaceRecipeConfig, folder: Path) -> FaceNet:
    net = FaceNet(config.net)
    net.load_state_dict(load_tensors(folder / "best.pt"))
    return channels_last(net.eval(), torch.device("cpu"))


def _embedded(net: FaceNet, faces: FaceSet) -> Tensor:
    return embed_all(net, stacked(_chosen_views(net, faces)), torch.device("cpu"))


def _chosen_views(net: FaceNet, faces: FaceSet) -> Iterator[NDArray[np.uint8]]:
    rows = np.linspace(0, len(faces) - 1, min(len(faces), _FACES_FOR_COHORT)).astype(np.int64)
    return (plain_view(faces.crop(int(row)), net.size) for row in rows)


def start(net: FaceNet, faces: FaceSet, targets: Tensor, frozen_blocks: int) -> None:
    """Begin a residual trunk from dlib's weights, with norms and a head fitted by regression."""
    path = dlib_file()
    if path is None:
        return
    known = load_dlib(path, torch.device("cpu")).trunk.state_dict()
    net.trunk.load_state_dict({name: known[name] for name in net.trunk.state_dict()})
    install(net, frozen_blocks, lambda fed: feed(fed, faces))
    _regress_head(net, faces, targets)


def start_light(
    net: FaceNet,
    faces: FaceSet,
    targets: Tensor,
    config: FaceRecipeConfig,
    options: RunOptions,
    console: Console,
) -> None:
    """Norms of gain one, then the lesson of `config.hints` and a head fitted by regression; a run
    that goes on takes what these gave from its checkpoint."""
    fresh(net)
    if not config.hints.steps or (options.out / "checkpoint.pt").exists():
        return
    path = weights_folder() / WEIGHTS
    guide = load_joined_net(path, torch.device("cpu")).own
    with Bar(console, "learning hints") as bar:
        left = learn_hints(net, guide, faces, config.hints, options.seed, bar.tell)
    console.print(f"hints: {1 - left:.1%} of the guide's maps explained")
    measure(net, lambda fed: feed(fed, faces))
    _regress_head(net, faces, targets)


def _regress_head(net: FaceNet, faces: FaceSet, targets: Tensor) -> None:
    rows = np.linspace(0, len(faces) - 1, min(len(faces), 12000)).astype(np.int64)
    net.norm = _plain(net.norm)
    features = _features(net.eval(), faces, rows)
    weight, bias = ridge(features, targets[torch.from_numpy(rows)], penalty=len(rows) / 6)
    net.head.weight.data.copy_(_HEAD_SCALE * weight)
    net.head.bias.data.copy_(_HEAD_SCALE * bias)


def resized(net: FaceNet, config: FaceNetConfig) -> FaceNet:
    """`net` for pictures of the size in `config`; a light trunk takes any.

    Raises:
        InputError: the weights are another network's than `config` says.
    """
    other = FaceNet(config)
    try:
        other.load_state_dict(net.state_dict())
    except RuntimeError as problem:
        raise InputError("--start holds another network.", "Name another --config.") from problem
    return other


def _plain(norm: nn.Module) -> nn.Module:
    """The same norm with gain one and offset nil: what the head is fitted to."""
    assert isinstance(norm, nn.BatchNorm1d)
    nn.init.ones_(norm.weight)
    nn.init.zeros_(norm.bias)
    return norm


def feed(net: FaceNet, faces: FaceSet) -> None:
    """Pass about a thousand faces through `net` as it stands, for its norms to be measured."""
    _features(net, faces, np.arange(0, len(faces), max(1, len(faces) // 1000)))


def ridge(features: Tensor, targets: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Weight (dims, features) and bias (dims,) of the penalised least-squares map.

    `penalty` is in units of the features' variance (features are not scaled one by one).
    """
    centre, aim = features.mean(0), targets.mean(0)
    offset = features - centre
    spread = offset.square().mean()
    gram = offset.T @ offset + penalty * spread * torch.eye(features.shape[1])
    weight = torch.linalg.solve(gram, offset.T @ (targets - aim)).T
    return weight, aim - weight @ centre


def _features(net: FaceNet, faces: FaceSet, rows: NDArray[np.int64]) -> Tensor:
    found = []
    with torch.inference_mode(), autocast(torch.device("cpu")):
        for some in np.array_split(rows, max(1, len(rows) // 64)):
            views = [plain_view(faces.crop(int(row)), net.size) for row in some]
            found.append(net.features(torch.from_numpy(np.stack(views))).float())
    return torch.cat(found)


def aligned_faces(sources: FaceSources, console: Console, view: CropView = CHIP) -> FaceSet:
    """The faces in all sources, cut as `view` and kept in the cache.

    Raises:
        InputError: no source, no picture, no face.
    """
    listed = [list_pictures(path) for path in sources.data]
    listed += [list_pictures(path, loose=True) for path in sources.loose]
    if not listed:
        raise InputError("There is nothing to train on.", remedy="Give --data or --loose.")
    with Bar(console, "aligning faces") as bar:
        faces = prepare(listed, sources.cache, tell=console.print, progress=bar.tell, view=view)
    console.print(f"{len(faces)} faces, {faces.skipped} pictures left out")
    return faces


def asked(faces: FaceSet, teacher: nn.Module, path: Path, console: Console) -> Tensor:
    """What `teacher`, read from `path`, says of all faces (faces, dims), kept beside them."""
    name = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    with Bar(console, "asking the teacher") as bar:
        return teacher_targets(faces, teacher, name, bar.tell)
