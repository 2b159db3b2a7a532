"""A cohort for normalising scores: centroids of many faces, so that none is anybody's template.

Look-alikes crowd together in an embedding, some groups of people more than others, and one global
threshold then errs more often on them. Scores measured against how near a sample comes to the
most similar of a fixed cohort take that crowding out; `kiosk.core.cohort.Cohort` has the formula.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

COUNT = 1000
FEWEST_FACES = 8
"""A centroid of fewer faces would come too near to a person's own template and is left out."""

_ROUNDS = 15


def centroids(embedded: Tensor, count: int, seed: int, fewest: int = FEWEST_FACES) -> Tensor:
    """At most `count` unit centroids (k, dims) of embeddings (n, dims) by spherical k-means, of
    at least `fewest` each."""
    rng = np.random.default_rng([seed, 11])
    count = min(count, len(embedded) // fewest)
    chosen = rng.choice(len(embedded), max(count, 1), replace=False)
    centres = embedded[torch.from_numpy(chosen)].clone()
    for _ in range(_ROUNDS):
        nearest = (embedded @ centres.T).argmax(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, embedded)
        filled = torch.bincount(nearest, minlength=len(centres)) > 0
        centres[filled] = functional.normalize(sums[filled])
    members = torch.bincount((embedded @ centres.T).argmax(1), minlength=len(centres))
    return centres[members >= fewest]
