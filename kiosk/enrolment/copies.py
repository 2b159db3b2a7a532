"""Copies of one photograph: they count as one sample, however often they are given.

Made smaller, compressed again or renamed they are still the same moment, and five of them say no
more of a person than one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Image

SIDE = 32
"""Pixels of the picture that is compared."""
MOST = 8
"""Levels of 255 by which no pixel of that may differ. Of four stills of demo people, compressed to
a quality of 30 or shrunk to half, some pixel differed by 3 to 9 levels; of two pictures of a demo
film, 0.2 s apart, by 8 and more (194 pairs of 8 films)."""


class Copies:
    """The pictures seen so far."""

    def __init__(self) -> None:
        self._seen: list[NDArray[np.int16]] = []

    def is_one(self, image: Image) -> bool:
        """Whether a picture is a copy of one before it; else it is remembered."""
        made = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.int16)
        if any(int(np.abs(made - other).max()) < MOST for other in self._seen):
            return True
        self._seen.append(made)
        return False
