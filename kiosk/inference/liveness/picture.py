"""The face-picture channel: what is cut out of a frame, and what two networks say of it.

One sees the face with what surrounds it, small: frames, edges, hands. The other sees the face
alone, larger: dots, grids, tones. They were taught by different people with different attacks, and
err on different ones; the channel's odds are the mean of both. The closer look takes two thirds of
the time, and a visit takes it at every other picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.core.liveness import PictureScore
from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.core.settings import Settings
from kiosk.inference.devices import one_thread
from kiosk.inference.face.quality import sharpness
from kiosk.inference.liveness.flat import flattened
from kiosk.inference.liveness.network import (
    CLOSE_SIZE,
    SIZE,
    PictureNet,
    load_close_net,
    load_picture_net,
)
from kiosk.inference.manifest import find_entry, locate, model_id

NAME = "face-pad"
CLOSE_NAME = "face-pad-close"
REACH = 2.7
"""Sides of the crop in those of the face's box; less where the picture ends before."""
CLOSE_REACH = 1.5
"""The same of the closer look, in the longer side of the box; beyond the picture it is mirrored."""
SHARP_SIDE = 112
"""Side to which a face is brought before its sharpness is measured."""


class NetworkPictureLiveness:
    """The `PictureLiveness` of the kiosk."""

    def __init__(self, net: PictureNet, close: PictureNet, name: str) -> None:
        self.model_id = name
        self._net, self._close = flattened(net), flattened(close)

    def score(
        self, faces: Sequence[tuple[Frame, Box]], *, closely: bool = True
    ) -> list[PictureScore]:
        """Log odds of a living face for each, not calibrated, and how sharp it is."""
        if not faces:
            return []
        crops = batch_of([surroundings(frame.image, box) for frame, box in faces])
        with torch.inference_mode(), one_thread():
            odds: list[float] = self._net(crops).tolist()
            close = self._closer(faces) if closely else [None] * len(faces)
        sharp = [face_sharpness(frame.image, box) for frame, box in faces]
        return [PictureScore(*three) for three in zip(odds, sharp, close, strict=True)]

    def _closer(self, faces: Sequence[tuple[Frame, Box]]) -> list[float | None]:
        near = batch_of([face_alone(frame.image, box) for frame, box in faces])
        found: list[float | None] = self._close(near).tolist()
        return found


def load_picture_liveness(settings: Settings) -> NetworkPictureLiveness:
    """The shipped networks. Raises ModelError."""
    entries = [find_entry(name) for name in (NAME, CLOSE_NAME)]
    paths = [locate(entry, settings) for entry in entries]
    names = [model_id(entry, path) for entry, path in zip(entries, paths, strict=True)]
    net, close = load_picture_net(paths[0]), load_close_net(paths[1])
    return NetworkPictureLiveness(net, close, "+".join(names))


def surroundings(image: Image, box: Box) -> Image:
    """(80, 80, 3) of the face with what surrounds it.

    The crop keeps inside the picture: it is shifted where the picture ends, and smaller where the
    picture is smaller.
    """
    height, width = image.shape[:2]
    reach = min((height - 1) / box.height, (width - 1) / box.width, REACH)
    left, right = _inside(box.x + box.width / 2, box.width * reach, width)
    top, bottom = _inside(box.y + box.height / 2, box.height * reach, height)
    cut = image[top : bottom + 1, left : right + 1]
    return np.asarray(cv2.resize(cut, (SIZE, SIZE)), dtype=np.uint8)


def face_alone(image: Image, box: Box) -> Image:
    """(128, 128, 3) of the face and little more, mirrored where the picture ends."""
    height, width = image.shape[:2]
    side = max(1, int(max(box.width, box.height) * CLOSE_REACH))
    left, top = int(box.x + (box.width - side) / 2), int(box.y + (box.height - side) / 2)
    cut = image[_mirrored(top, side, height)[:, None], _mirrored(left, side, width)]
    way = cv2.INTER_AREA if side > CLOSE_SIZE else cv2.INTER_LANCZOS4
    size = (CLOSE_SIZE, CLOSE_SIZE)
    return np.asarray(cv2.resize(cut, size, interpolation=way), dtype=np.uint8)


def _mirrored(first: int, count: int, end: int) -> NDArray[np.int64]:
    """`count` places from `first` on, those beyond 0..end - 1 mirrored at its edges."""
    period = max(1, 2 * (end - 1))
    places = np.abs(np.arange(first, first + count)) % period
    return np.asarray(np.minimum(places, period - places), dtype=np.int64)


def _inside(middle: float, length: float, end: int) -> tuple[int, int]:
    """First and last pixel of a stretch about `middle`, shifted to lie within 0..end - 1."""
    low = min(max(middle - length / 2, 0.0), end - 1 - length)
    return int(max(low, 0.0)), min(int(low + length), end - 1)


def face_sharpness(image: Image, box: Box) -> float:
    """Fine detail of the face as a share of its contrast, 0 where the box lies outside."""
    left, top = max(0, int(box.x)), max(0, int(box.y))
    right, bottom = max(left, int(box.x + box.width)), max(top, int(box.y + box.height))
    face = image[top:bottom, left:right]
    if min(face.shape[:2]) < 2:
        return 0.0
    way = cv2.INTER_AREA if min(face.shape[:2]) > SHARP_SIDE else cv2.INTER_LINEAR
    small = cv2.resize(face, (SHARP_SIDE, SHARP_SIDE), interpolation=way)
    return sharpness(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.float32))


def batch_of(crops: Sequence[Image]) -> torch.Tensor:
    """(batch, 3, side, side) of crops (side, side, 3)."""
    pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()
    return pixels.contiguous(memory_format=torch.channels_last)
