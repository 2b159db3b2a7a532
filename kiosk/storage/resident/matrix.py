"""The resident matrix: every active template of one modality and model, ready to be searched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.scoring import Cohort, CohortSimilarity

_FIRST_ROWS = 64


class ResidentReferences:
    """Implements `ports.References`.

    Rows are kept without gaps: a new template goes to the end (room doubles when it runs out), a
    retired one gives its place to the last. The order of rows therefore says nothing, and a view
    from `matrix` holds until the next change.
    """

    def __init__(self, modality: Modality, model_id: str) -> None:
        self.modality = modality
        self.model_id = model_id
        self._count = 0
        # The first rows say how many dimensions the model has.
        self._rows = np.empty((_FIRST_ROWS, 0), np.float32)
        self._subjects = np.empty(_FIRST_ROWS, np.int64)
        self._templates = np.empty(_FIRST_ROWS, np.int64)
        self._place: dict[int, int] = {}
        self._cohort: Cohort | None = None
        self._crowding: CohortSimilarity = np.empty(_FIRST_ROWS, np.float32)

    def __len__(self) -> int:
        """How many templates."""
        return self._count

    def compare(self, probe: Vector) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Subject id and exact cosine similarity of every template, both (templates,).

        `probe` is a unit vector (dims,). Raises BugError if it is of another model's size.
        """
        if not self._count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if probe.shape != self._rows.shape[1:]:
            raise BugError(f"a probe of shape {probe.shape} for rows {self._rows.shape}")
        scores = self.matrix() @ probe.astype(np.float32, copy=False)
        return self._subjects[: self._count].copy(), scores

    def cohort_similarity(self, cohort: Cohort) -> CohortSimilarity:
        """Mean cosine of every template to its nearest in the cohort, (templates,).

        Kept, and completed for what is new since; another cohort begins anew.
        """
        if cohort is not self._cohort:
            self._cohort = cohort
            self._crowding[: self._count] = np.nan
        known = self._crowding[: self._count]
        new = np.flatnonzero(np.isnan(known))
        if new.size:
            known[new] = cohort.cohort_similarity(self._rows[new])
        return known

    def matrix(self) -> Matrix:
        """All templates, (templates, dims); a read-only view."""
        view = self._rows[: self._count]
        view.flags.writeable = False
        return view

    def template_ids(self) -> set[int]:
        """The ids of the resident templates."""
        return set(self._place)

    def add(self, template_ids: Sequence[int], subject_ids: Sequence[int], rows: Matrix) -> None:
        """Append templates; `rows` is (templates, dims). Costs what is new, not what is there."""
        if not self._count:
            self._rows = np.empty((len(self._rows), rows.shape[1]), np.float32)
        if rows.shape[1:] != self._rows.shape[1:]:
            raise BugError(f"rows of shape {rows.shape} beside {self._rows.shape}")
        start, end = self._count, self._count + len(template_ids)
        self._make_room(end)
        self._rows[start:end] = rows
        self._subjects[start:end] = subject_ids
        self._templates[start:end] = template_ids
        self._crowding[start:end] = np.nan
        self._place.update(zip(template_ids, range(start, end), strict=True))
        self._count = end

    def retire(self, template_ids: Sequence[int]) -> None:
        """Drop templates; ids that are not resident are passed over."""
        for template_id in template_ids:
            place = self._place.pop(template_id, None)
            if place is None:
                continue
            self._count -= 1
            if place != self._count:
                self._move_last_to(place)

    def reserve(self, count: int) -> None:
        """Make room for loading `count` templates more, and a quarter beside for what comes."""
        needed = self._count + count
        if needed > len(self._rows):
            self._resize(needed + needed // 4)

    def _move_last_to(self, place: int) -> None:
        last = self._count
        self._rows[place] = self._rows[last]
        self._subjects[place] = self._subjects[last]
        self._templates[place] = self._templates[last]
        self._crowding[place] = self._crowding[last]
        self._place[int(self._templates[place])] = place

    def _make_room(self, needed: int) -> None:
        if needed > len(self._rows):
            self._resize(max(needed, 2 * len(self._rows)))

    def _resize(self, size: int) -> None:
        rows = np.empty((size, self._rows.shape[1]), np.float32)
        rows[: self._count] = self._rows[: self._count]
        self._rows = rows
        cohort_similarity = np.empty(size, np.float32)
        cohort_similarity[: self._count] = self._crowding[: self._count]
        self._crowding = cohort_similarity
        # Fresh arrays rather than resize(): a view handed out by matrix() keeps the old one alive.
        self._subjects = _grown(self._subjects, size, self._count)
        self._templates = _grown(self._templates, size, self._count)


def _grown(ids: NDArray[np.int64], size: int, count: int) -> NDArray[np.int64]:
    grown = np.empty(size, np.int64)
    grown[:count] = ids[:count]
    return grown
