"""Whether something is in front of a face: a mask, a hand, dark glasses.

Logistic regression on the last hidden layer of O-Net, which has been computed anyway: it looks for
eyes, nose and mouth, so it knows when one is missing. Made by `kiosk.training.face.occlusion`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from kiosk.core.errors import ModelError
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
    """Read the head from safetensors. Raises ModelError if it is missing or damaged."""
    remedy = "Restore it from the project's own copy."
    try:
        tensors = load_file(path)
        weight, offset = tensors["weight"].astype(np.float32), tensors["offset"].item()
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} is missing.", remedy) from error
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise ModelError(f"{path.name} does not hold a cover head.", remedy) from error
    if weight.shape != (FEATURES,):
        raise ModelError(f"{path.name} does not fit the detector.", remedy)
    return CoverHead(weight, float(offset))
