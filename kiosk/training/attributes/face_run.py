"""`kiosk train face-attributes`: from labelled faces to a file of weights with its calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn

from kiosk.core.errors import InputError
from kiosk.core.progress import Bar
from kiosk.datasets.splits import kept_for_stopping
from kiosk.inference.face.attributes import (
    POOLS,
    FaceAttributeNet,
    Readout,
    load_net,
    quantile,
    save_face_attributes,
)
from kiosk.inference.face.networks.dlib_resnet import channels_last
from kiosk.inference.face.networks.mobile import MobileFaceNet, load_mobile_net
from kiosk.inference.manifest import weights_folder
from kiosk.training.attributes import calibration as fit
from kiosk.training.attributes.face import (
    FaceAttributeBatches,
    FaceAttributeRecipe,
    FaceAttributeRecipeConfig,
    held_out_logits,
)
from kiosk.training.attributes.face_data import LabelledFaces, joined, nothing_felt, prepare
from kiosk.training.attributes.face_views import plain_view
from kiosk.training.face.batch_norm import install
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    begin_run,
    choose_device,
    load_tensors,
    train,
    write_atomically,
)

WEIGHTS = "face-attributes.safetensors"
START = "face-mobile-2.safetensors"
"""Of the shipped weights, those whose trunk is trained further."""

_LARGEST_GRADIENT = 5.0
_FACES_AT_ONCE = 64
_COVERAGE = 0.8
_EMOTION_RIGHT, _GENDER_RIGHT = 0.8, 0.98
"""What an answer given as sure has to keep, on held-out faces."""
_FEWEST_HELD = 20


@dataclass(frozen=True)
class AttributeSources:
    """Index CSVs of labelled faces, the folder for their aligned crops, weights to go on from
    instead of the recogniser's, and those of an earlier run that says what emotion the faces
    without such a label show."""

    data: Sequence[Path]
    cache: Path
    start: Path | None = None
    teacher: Path | None = None


def train_face_attributes(
    sources: AttributeSources,
    config: FaceAttributeRecipeConfig,
    options: RunOptions,
    console: Console,
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no labelled pictures, too few of them, a folder already in use.
        ModelError: the weights to start from cannot be read.
    """
    device = choose_device(options.device)
    cv2.setNumThreads(1)  # single pictures are too small to share among threads
    begin_run(options)
    faces = _faces(sources, config, console)
    if sources.teacher is not None:
        teacher = load_net(sources.teacher, torch.device("cpu"))
        faces = replace(faces, felt=felt_by(teacher, faces, config.low_side, console))
    held = held_out(faces, config.held_out, options.seed)
    training, kept = faces.rows(~held), faces.rows(held)
    net = starting_net(config, training, sources.start)
    batches = FaceAttributeBatches(training, config, options.seed)
    recipe = FaceAttributeRecipe(net.to(device), batches, kept, config, options, device)
    outcome = train(recipe, replace(options, largest_gradient=_LARGEST_GRADIENT), console)
    path = options.out / WEIGHTS
    best = FaceAttributeNet(config.net)
    best.load_state_dict(load_tensors(options.out / "best.pt"))
    best = with_readout(channels_last(best.eval(), torch.device("cpu")), kept, training.age)
    write_atomically(path, save_face_attributes(best))
    return path, outcome


def felt_by(
    teacher: FaceAttributeNet, faces: LabelledFaces, side: int, console: Console
) -> NDArray[np.float32]:
    """What `teacher` says of the emotion (n, 7) of each face without a label, seen in `side`
    pixels; NaN of the others."""
    felt, size = nothing_felt(len(faces)), teacher.config.size
    rows = np.flatnonzero(np.isnan(faces.emotion))
    with Bar(console, "asking the teacher") as bar, torch.inference_mode():
        for first in range(0, len(rows), _FACES_AT_ONCE):
            some = rows[first : first + _FACES_AT_ONCE]
            views = [_seen_low(plain_view(faces.crops[row], size), side) for row in some]
            emotion, _, _ = teacher.logits(torch.from_numpy(np.stack(views)))
            warm = emotion / teacher.config.readout.emotion_temperature
            felt[some] = torch.softmax(warm, 1).numpy()
            bar.tell(first + len(some), len(rows))
    return felt


def _seen_low(view: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    small = cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(small, view.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, dtype=np.uint8)


def held_out(faces: LabelledFaces, share: float, seed: int) -> NDArray[np.bool_]:
    """Which faces (n,) are kept out of training: `share` of those with an emotion and of the
    others. Every picture counts as another person, as the collections say of none who it is.

    Raises:
        InputError: too few to keep any back.
    """
    held = np.zeros(len(faces), dtype=bool)
    for rows in map(np.flatnonzero, (np.isnan(faces.emotion), ~np.isnan(faces.emotion))):
        held[rows] = kept_for_stopping(rows.tolist(), share, seed, fewest=0)
    if held.sum() < _FEWEST_HELD:
        raise InputError(
            f"{len(faces)} faces are too few to keep {share:.0%} for early stopping.",
            "Give more pictures.",
        )
    return held


def starting_net(
    config: FaceAttributeRecipeConfig, faces: LabelledFaces, start: Path | None
) -> FaceAttributeNet:
    """Weights of an earlier run or the trunk of the face recogniser START, with norms that change
    nothing yet."""
    if start is not None:
        net = load_net(start, torch.device("cpu"))
    else:
        net = FaceAttributeNet(config.net)
        _take_over(net, load_mobile_net(weights_folder() / START, torch.device("cpu")))
    size = net.config.size
    edge = (faces.crops.shape[1] - size) // 2
    rows = np.arange(0, len(faces), max(1, len(faces) // 1000))
    views = faces.crops[rows, edge : edge + size, edge : edge + size]

    def feed(fed: FaceAttributeNet) -> None:
        for some in torch.split(torch.from_numpy(views), 64):
            fed(some)

    install(net, config.frozen_blocks, feed)
    if start is None:
        assert isinstance(net.norm, nn.BatchNorm1d)
        nn.init.ones_(net.norm.weight)
        nn.init.zeros_(net.norm.bias)
        nn.init.normal_(net.head.weight, std=0.01)
        nn.init.zeros_(net.head.bias)
    return net


def _take_over(net: FaceAttributeNet, known: MobileFaceNet) -> None:
    """Trunk and pool of a recogniser; the three colours of its stem become one luminance, and every
    other pool begins as the mean of its map."""
    state = known.trunk.state_dict()
    state["stem.weight"] = state["stem.weight"].sum(1, keepdim=True)
    net.trunk.load_state_dict(state)
    assert known.pool.bias is not None
    net.pool.weight.data[::POOLS].copy_(known.pool.weight.data)
    net.pool.bias.data[::POOLS].copy_(known.pool.bias.data)


def with_readout(
    net: FaceAttributeNet, held: LabelledFaces, ages: NDArray[np.float32]
) -> FaceAttributeNet:
    """The network with temperatures and thresholds fitted on `held`; `ages` are the training
    set's. Attributes no held-out face has keep their defaults."""
    emotion, age, male = held_out_logits(net, held, torch.device("cpu"), exact=True)
    readout = net.config.readout
    if len(felt := np.flatnonzero(~np.isnan(held.emotion))):
        readout = _emotion_readout(readout, emotion[felt], held.emotion[felt])
    if len(aged := np.flatnonzero(~np.isnan(held.age))):
        readout = _age_readout(readout, age[aged], held.age[aged], ages[~np.isnan(ages)])
    if len(sexed := np.flatnonzero(~np.isnan(held.male))):
        readout = _gender_readout(readout, male[sexed], held.male[sexed])
    net.config = replace(net.config, readout=readout)
    return net


def _emotion_readout(readout: Readout, logits: Tensor, label: NDArray[np.float32]) -> Readout:
    temperature = fit.class_temperature(logits, torch.from_numpy(label))
    chances = torch.softmax(logits / temperature, 1).numpy()
    right = chances.argmax(1) == label
    sure = fit.sure_from(chances.max(1), right, _EMOTION_RIGHT)
    return replace(readout, emotion_temperature=temperature, emotion_sure=sure)


def _age_readout(
    readout: Readout, logits: Tensor, label: NDArray[np.float32], ages: NDArray[np.float32]
) -> Readout:
    truth = torch.from_numpy(label).double()

    def covered(temperature: float) -> float:
        spread = torch.softmax(logits / temperature, 1).double()
        inside = (quantile(spread, 0.1) <= truth) & (truth <= quantile(spread, 0.9))
        return float(inside.double().mean())

    temperature = fit.coverage_temperature(covered, _COVERAGE)
    widest = fit.age_spread(ages) / 2  # an interval has to halve what is not known
    return replace(readout, age_temperature=temperature, widest_age=widest)


def _gender_readout(readout: Readout, logit: Tensor, label: NDArray[np.float32]) -> Readout:
    temperature = fit.binary_temperature(logit, torch.from_numpy(label))
    male = torch.sigmoid(logit / temperature).numpy()
    right = (male >= 0.5) == (label == 1)
    sure = fit.sure_from(np.maximum(male, 1 - male), right, _GENDER_RIGHT)
    return replace(readout, gender_temperature=temperature, gender_sure=sure)


def _faces(
    sources: AttributeSources, config: FaceAttributeRecipeConfig, console: Console
) -> LabelledFaces:
    if not sources.data:
        raise InputError("There is nothing to train on.", "Give --data.")
    parts = []
    for path in sources.data:
        with Bar(console, f"aligning {path.parent.name}") as bar:
            part = prepare(
                path, config.net.size, sources.cache, tell=console.print, progress=bar.tell
            )
        console.print(f"{part.crops.shape[0]} faces of {path.parent.name}")
        parts.append(part)
    return joined(parts)
