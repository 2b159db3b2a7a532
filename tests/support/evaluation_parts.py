"""Synthetic people for the tests of the evaluation: unit vectors round a centre of each."""

from __future__ import annotations

import numpy as np

from kiosk.core.pooling import normalise
from kiosk.datasets.embeddings import Samples


def synthetic(
    people: int,
    each: int,
    *,
    noise: float = 0.4,
    dims: int = 64,
    seed: int = 1,
    group: str = "",
    condition: str = "",
) -> Samples:
    """`each` samples of `people`; `noise` is the length of what is added to a unit centre."""
    random = np.random.default_rng(seed)
    centres = normalise(random.normal(size=(people, dims)))
    subject = np.repeat(np.arange(people), each)
    spread = random.normal(size=(people * each, dims)) * noise / np.sqrt(dims)
    count = people * each
    return Samples(
        "synthetic@1",
        normalise(centres[subject] + spread),
        np.ones(count),
        np.arange(count),
        subject,
        np.full(count, group),
        np.full(count, condition),
    )
