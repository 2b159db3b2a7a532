"""Faces and their five landmarks: MTCNN over the whole picture, its last stage over one face.

MTCNN is Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks", IEEE SPL 23(10), 2016, in facenet-pytorch's implementation, with the weights that lie in
that package. Searching a picture runs all three stages; following a face from frame to frame needs
only the third (O-Net), which refines a rough square round the face and costs half a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.core.media import Image, Points
from kiosk.core.samples import Box
from kiosk.inference.devices import FallingBack, one_thread
from kiosk.inference.face.networks.facenet import mtcnn
from kiosk.inference.manifest import shipped
from kiosk.inference.prepared_convolutions import prepare

SEARCH_WIDTH = 480
"""Wider pictures are searched at this width: landmarks come from the picture itself, by O-Net, and
lie within 0.013 eye distances of those from a search at 640, which costs a fifth more."""
FILM_SIDE = 1920
"""Pixels; no picture of a camera or film is longer on a side (`capture.picture`)."""
CLOSE_WIDTH = 1440
"""A still that is larger, and in which nobody is found, is searched once more at this width: in it
somebody may stand far away."""
SMALLEST_SEARCHED = 0.6
"""Of the smallest face that counts: smaller ones are found too, so that a person can be asked to
come closer."""
BORDER = 0.12
"""Of the shorter side, added in black on each side: without it a face cut off by the edge is not
found, or its box is far off, and its owner could not be told to move."""
NETS = ("pnet", "rnet", "onet")

_SIDE = 48
_MEAN, _SCALE = 127.5, 0.0078125
_LEAST_PROBABILITY = 0.7
_LEAST_SEARCH_FACE = 20


@dataclass(frozen=True, eq=False)
class Detection:
    """One face in pixels of the picture it was found in.

    `probability` is O-Net's that this is a face; `features` are its last hidden layer (256,), None
    where only the cascade has run.
    """

    box: Box
    landmarks: Points
    probability: float
    features: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def centre(self) -> tuple[float, float]:
        """Of the box."""
        return self.box.x + self.box.width / 2, self.box.y + self.box.height / 2


class FaceDetector:
    """MTCNN with the weights in its package, verified. Raises ModelError without them."""

    def __init__(self, min_face: int, device: torch.device | None = None) -> None:
        for name in NETS:
            shipped(f"mtcnn-{name}")
        self._min_face = min_face
        self._hidden: torch.Tensor | None = None

        def made(place: torch.device) -> Any:
            nets = mtcnn(keep_all=True, min_face_size=min_face, device=place)
            nets.onet.to(memory_format=torch.channels_last)
            nets.onet.prelu5.register_forward_hook(self._keep_hidden)
            for net in (nets.pnet, nets.rnet, nets.onet):
                prepare(net)
            return nets

        self._nets = FallingBack(made, device or torch.device("cpu"))

    def _keep_hidden(self, _module: object, _inputs: object, output: torch.Tensor) -> None:
        self._hidden = output

    def search(self, image: Image) -> list[Detection]:
        """All faces of `image` (height, width, 3), the largest first."""
        found = self._search(image, SEARCH_WIDTH)
        if found or max(image.shape[:2]) <= FILM_SIDE:
            return found
        return self._search(image, CLOSE_WIDTH)

    def _search(self, image: Image, width: int) -> list[Detection]:
        scale = min(1.0, width / image.shape[1])
        small, edge = _with_border(_shrink(image, scale))
        smallest = max(_LEAST_SEARCH_FACE, self._min_face * SMALLEST_SEARCHED * scale)
        if min(small.shape[:2]) <= smallest:
            return []

        planes = _in_planes(small)

        def detect(nets: Any) -> Any:
            nets.min_face_size = smallest
            with one_thread():
                return nets.detect(planes.to(nets.device), landmarks=True)

        boxes, probabilities, landmarks = self._nets.call(detect)
        if boxes is None:
            return []
        found = zip(boxes, probabilities, landmarks, strict=True)
        return [
            _detection((box - edge) / scale, float(p), (points - edge) / scale)
            for box, p, points in found
        ]

    def refine(self, image: Image, box: Box) -> Detection | None:
        """The face inside about `box`, by O-Net alone; None if there is none.

        The box may be off by a tenth of its size, as the one of the frame before is.
        """
        x, y, side = _square(box)
        crop = _crop(image, x, y, side)

        def refined(nets: Any) -> Any:
            pixels = torch.from_numpy(crop).to(nets.device).permute(2, 0, 1).unsqueeze(0).float()
            batch = ((pixels - _MEAN) * _SCALE).contiguous(memory_format=torch.channels_last)
            with torch.inference_mode(), one_thread():
                return [out[0].cpu().numpy() for out in nets.onet(batch)]

        offsets, points, chances = self._nets.call(refined)
        probability = float(chances[1])
        if probability < _LEAST_PROBABILITY:
            return None
        corners = np.array([x, y, x + side, y + side]) + offsets * side
        landmarks = np.stack([x + points[:5] * side, y + points[5:] * side], axis=1)
        found = _detection(corners, probability, landmarks)
        hidden = self._hidden
        assert hidden is not None
        return Detection(found.box, found.landmarks, probability, hidden[0].cpu().numpy())


def _detection(corners: NDArray[Any], probability: float, landmarks: NDArray[Any]) -> Detection:
    x0, y0, x1, y1 = (float(value) for value in corners)
    box = Box(x0, y0, x1 - x0, y1 - y0)
    return Detection(box, np.asarray(landmarks, dtype=np.float32), probability)


def _shrink(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _with_border(image: Image) -> tuple[Image, int]:
    """The picture on a black sheet, and how wide the sheet's border is."""
    edge = round(BORDER * min(image.shape[:2]))
    sheet = cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return np.asarray(sheet, dtype=np.uint8), edge


def _in_planes(image: Image) -> torch.Tensor:
    """The same (height, width, 3), one colour after the other in memory: of a picture that lies so
    the smaller ones of the cascade are made in half the time, with the same numbers."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).permute(1, 2, 0)


def _square(box: Box) -> tuple[float, float, float]:
    """Left, top and side of the square with the box's centre and its longer side."""
    side = max(box.width, box.height, 1.0)
    return box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side


def _crop(image: Image, x: float, y: float, side: float) -> Image:
    """(48, 48, 3) of the square, each pixel the mean of its area; black outside the picture."""
    left, top, whole = round(x), round(y), max(1, round(side))
    inside = image[max(top, 0) : max(top + whole, 0), max(left, 0) : max(left + whole, 0)]
    if inside.shape[:2] != (whole, whole):
        above, before = min(max(-top, 0), whole), min(max(-left, 0), whole)
        patch = np.zeros((whole, whole, 3), dtype=np.uint8)
        patch[above : above + inside.shape[0], before : before + inside.shape[1]] = inside
        inside = patch
    small = cv2.resize(inside, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
