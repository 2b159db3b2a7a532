"""A small picture of a face for staff to tell people by, made only where the operator chose so."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.core.media import Image
from kiosk.core.samples import FaceSample

SIDE = 160
"""Pixels."""
AROUND = 1.5
"""Of the face's height: hair and shoulders help people more than they help networks."""
JPEG_QUALITY = 85


def portrait(sample: FaceSample) -> Image:
    """The face of a sample with some of what is around it, (side, side, 3), cut at the edges."""
    assert sample.box is not None
    box, image = sample.box, sample.frame.image
    half = AROUND * max(box.width, box.height) / 2
    x, y = box.x + box.width / 2, box.y + box.height / 2
    top, left = max(0, int(y - half)), max(0, int(x - half))
    cut = image[top : int(y + half), left : int(x + half)]
    side = min(cut.shape[:2])
    across = (cut.shape[1] - side) // 2
    return cut[:side, across : across + side].copy()


class BestPortrait:
    """The best face of an enrolment, in memory only, until the samples are forgotten."""

    def __init__(self) -> None:
        self._picture: Image | None = None
        self._quality = 0.0

    def offer(self, sample: FaceSample) -> None:
        """Take a sample if it is better than what there is."""
        if sample.box is not None and sample.quality > self._quality:
            self._picture, self._quality = portrait(sample), sample.quality

    def jpeg(self) -> bytes | None:
        """As it is kept, if there was a face."""
        return None if self._picture is None else jpeg(self._picture)


def jpeg(picture: Image) -> bytes:
    """As it is kept, SIDE pixels wide."""
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    turned = cv2.cvtColor(np.asarray(small, dtype=np.uint8), cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".jpg", turned, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return coded.tobytes()
