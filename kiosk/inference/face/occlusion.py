"""Whether something is in front of a face: a mask, a hand, dark glasses.

Logistic regression on the last hidden layer of O-Net, which has been computed anyway: it looks for
eyes, nose and mouth, so it knows when one is missing. Made by `kiosk.training.face.occlusion`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import ModelError
from kiosk.inference.checkpoint import REMEDY, read_tensors
from kiosk.inference.face.detection import Detection

FEATURES = 256


@dataclass(frozen=True, eq=False)
class CoverHead:
    """Weights (256,) and offset of the regression."""

    weight: NDArray[np.float32] = field(repr=False)
    offset: float

    def probability(self, face: Detection) -> float:
        """That the face is covered, 0..1. The face must come from `FaceDetector.refine`."""
        if face.features is None:
            raise ValueError("a face from a search alone has no features")
        return float(1.0 / (1.0 + np.exp(-(face.features @ self.weight + self.offset))))


def load_cover_head(path: Path) -> CoverHead:
    """The head in `path`, two tensors without a description. Raises ModelError."""
    tensors = read_tensors(path)
    if {name: value.numel() for name, value in tensors.items()} != {
        "weight": FEATURES,
        "offset": 1,
    }:
        raise ModelError(f"{path.name} does not fit the detector: it is no cover head.", REMEDY)
    return CoverHead(tensors["weight"].float().numpy(), float(tensors["offset"].item()))
