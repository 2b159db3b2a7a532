"""From which probability on an emotion of a face may be told, fitted on faces that show none.

The network was taught pictures that somebody found by words for feelings. A face at rest is told
sad, angry or glad by it now and then; how high each emotion has to be before it is more than that
is read off neutral faces that the network was not taught, as they are, in less light and out of
focus.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.core.estimates import Emotion
from kiosk.core.progress import Bar
from kiosk.core.settings import Settings
from kiosk.datasets.splits import kept_for_stopping
from kiosk.inference.face.attributes import (
    EMOTIONS,
    NAME,
    FaceAttributeNet,
    load_net,
    read_out,
    save_face_attributes,
)
from kiosk.inference.manifest import find_entry, locate
from kiosk.training.attributes.calibration import Doubles, calm_thresholds
from kiosk.training.attributes.face import FaceAttributeRecipeConfig
from kiosk.training.attributes.face_data import crops_of, read_labels
from kiosk.training.face.augment import plain_view
from kiosk.training.face.data import list_pictures
from kiosk.training.loop import write_atomically

_FEWEST = 20
_DIM = 0.5
_BLUR = 1.5
"""Pixels of a view of 104."""


def calibrate(source: Path, seed: int, out: Path, console: Console) -> Path:
    """The shipped network with thresholds of its own for each emotion, written to `out`. Raises
    InputError: too few neutral faces were kept out of training; ModelError."""
    net = load_net(locate(find_entry(NAME), Settings()), torch.device("cpu"))
    rows = kept_out(read_labels(source)[:, 0], seed)
    if len(rows) < _FEWEST:
        raise InputError("There are too few neutral faces.", "Give an index CSV with more.")
    pictures = list_pictures(source)
    chosen, size = [pictures[row] for row in rows], net.config.size
    with Bar(console, "looking", len(chosen)) as bar:
        crops, _ = crops_of(chosen, size, console.print, bar.tell)
    views = np.stack([plain_view(crop, size) for crop in crops])
    ways = (views, in_less_light(views), out_of_focus(views))
    chances = np.concatenate([chances_of(net, each) for each in ways])
    readout = net.config.readout
    least = calm_thresholds(chances, readout.emotion_sure)
    console.print(f"{len(views)} neutral faces, each in {len(ways)} ways")
    for emotion, value in zip(EMOTIONS, least, strict=True):
        console.print(f"{emotion.name.lower()} is told from {value:.3f} on")
    net.config = replace(net.config, readout=replace(readout, calm_sure=least))
    write_atomically(out, save_face_attributes(net))
    return out


def kept_out(emotion: NDArray[np.float32], seed: int) -> NDArray[np.int64]:
    """Rows of neutral faces among those that `kiosk train face-attributes` kept out of training
    with this seed, where this was its first collection; `emotion` (n,) as it reads labels."""
    felt = np.flatnonzero(~np.isnan(emotion))
    share = FaceAttributeRecipeConfig().held_out
    kept = felt[kept_for_stopping(felt.tolist(), share, seed, fewest=0)]
    return np.asarray(kept[emotion[kept] == EMOTIONS.index(Emotion.NEUTRAL)], dtype=np.int64)


def chances_of(net: FaceAttributeNet, views: NDArray[np.uint8]) -> Doubles:
    """(n, 7) of views (n, size, size)."""
    with torch.inference_mode():
        parts = [net.logits(some) for some in torch.split(torch.from_numpy(views), 64)]
    emotion, age, male = (torch.cat(each) for each in zip(*parts, strict=True))
    return read_out(emotion, age, male, net.config.readout).emotion


def in_less_light(views: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as bright."""
    return np.asarray(np.rint(views * _DIM), dtype=np.uint8)


def out_of_focus(views: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each blurred."""
    return np.stack([cv2.GaussianBlur(view, (0, 0), _BLUR) for view in views]).astype(np.uint8)
