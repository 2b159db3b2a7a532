"""Crops of faces of the demo people."""

from __future__ import annotations

import numpy as np
import torch


def crops(count: int, size: int) -> torch.Tensor:
    """Seeded noise, smooth in no way like a face: only numbers matter here."""
    noise = np.random.default_rng(3).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    return torch.from_numpy(noise)
