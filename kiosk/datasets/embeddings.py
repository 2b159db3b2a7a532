"""Samples of a collection with the embeddings a model made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.core.cohort import Cohort
from kiosk.core.media import Matrix


@dataclass(eq=False)
class Samples:
    """Embeddings of some items of a collection, in its order.

    `vectors` (n, dims), `quality` (n,), `place` (n,) in the collection's items, `subject` (n,) the
    number of the person. `failed` are the places of items without an embedding.
    """

    model_id: str
    vectors: Matrix
    quality: NDArray[np.float64]
    place: NDArray[np.int64]
    subject: NDArray[np.int64]
    group: NDArray[np.str_]
    condition: NDArray[np.str_]
    failed: tuple[int, ...] = ()
    cohort: Cohort | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def people(self) -> int:
        """How many people at most: one more than the largest number."""
        return int(self.subject.max()) + 1 if len(self) else 0

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Samples:
        """Some of them."""
        return Samples(
            self.model_id,
            self.vectors[rows],
            self.quality[rows],
            self.place[rows],
            self.subject[rows],
            self.group[rows],
            self.condition[rows],
            self.failed,
            self.cohort,
        )
