"""The resident matrix: every active template of one modality and model, ready to be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kiosk.core.cohort import Cohort, CohortSimilarity
from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.scoring import Aggregate, Floats, Ids, SubjectScores, best_scores, subject_scores
from kiosk.core.template_scores import AGGREGATES
from kiosk.core.template_transform import TemplateTransform
from kiosk.storage.resident.centroids import SubjectCentroids
from kiosk.storage.resident.numbering import SubjectNumbers

_FIRST_ROWS = 64


class ResidentReferences:
    """The templates in use of one modality and model, and the exact search among them.

    With a `transform` rows are added and searched turned; probes and cohorts come as they are and
    are turned here, which changes no score.

    Rows are kept without gaps: a new template goes to the end (room doubles when it runs out), a
    retired one gives its place to the last. The order of rows therefore says nothing, and a view
    from `matrix` holds until the next change.
    """

    def __init__(
        self, modality: Modality, model_id: str, transform: TemplateTransform | None = None
    ) -> None:
        self.modality = modality
        self.model_id = model_id
        self._transform = transform
        self._turned: tuple[Cohort, Cohort] | None = None
        self._count = 0
        # The first rows say how many dimensions the model has.
        self._rows = np.empty((_FIRST_ROWS, 0), np.float32)
        self._numbers = np.empty(_FIRST_ROWS, np.int64)
        self._subjects = SubjectNumbers()
        self._centroids = SubjectCentroids()
        self._templates = np.empty(_FIRST_ROWS, np.int64)
        self._place: dict[int, int] = {}
        self._cohort: Cohort | None = None
        self._crowding: CohortSimilarity = np.empty(_FIRST_ROWS, np.float32)

    def __len__(self) -> int:
        """How many templates."""
        return self._count

    def compare(self, probe: Vector) -> tuple[Ids, NDArray[np.float32]]:
        """Subject id and exact cosine similarity of every template, both (templates,).

        `probe` is a unit vector (dims,). Raises BugError if it is of another model's size.
        """
        if not self._count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        self._require_size(probe)
        turned = self._turn(probe)
        return (
            self._subjects.ids(self._numbers[: self._count]),
            self._cosines(self.matrix(), turned),
        )

    def scores(self, probe: Vector, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """The `limit` subjects with the highest scores; a subject's score is made of its templates'
        cosines, less what a cohort explains. Raises BugError as `compare` does."""
        if not self._count:
            return SubjectScores(np.empty(0, np.int64), np.empty(0))
        self._require_size(probe)
        probe, cohort = self._turn(probe), self._turn_cohort(cohort)
        aggregate = AGGREGATES[self.modality]
        if aggregate is Aggregate.CENTROID:
            return self._ranked(*self._by_centroid(self._subjects.numbers(), probe, cohort), limit)
        every = slice(0, self._count)
        return self._ranked(*self._gathered(every, probe, cohort, aggregate), limit)

    def scores_of(
        self,
        probe: Vector,
        subject_ids: Ids,
        cohort: Cohort | None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of these subjects, ids ascending; without those who have no template here."""
        aggregate = aggregate or AGGREGATES[self.modality]
        if self._count:
            self._require_size(probe)
            probe, cohort = self._turn(probe), self._turn_cohort(cohort)
        if aggregate is Aggregate.CENTROID:
            numbers = np.array(sorted(self._subjects.find(subject_ids.tolist())), np.int64)
            if not len(numbers):
                return SubjectScores(np.empty(0, np.int64), np.empty(0))
            return self._ranked(*self._by_centroid(numbers, probe, cohort), len(numbers))
        wanted = np.zeros(len(self._subjects), np.bool_)
        wanted[self._subjects.find(subject_ids.tolist())] = True
        rows = np.flatnonzero(wanted[self._numbers[: self._count]])
        if not len(rows):
            return SubjectScores(np.empty(0, np.int64), np.empty(0))
        return self._ranked(*self._gathered(rows, probe, cohort, aggregate), len(self._subjects))

    def subject_ids(self) -> set[int]:
        """Whoever has a template here."""
        return self._subjects.subject_ids()

    def _gathered(
        self,
        rows: slice | NDArray[np.int64],
        probe: Vector,
        cohort: Cohort | None,
        aggregate: Aggregate,
    ) -> tuple[Ids, Floats]:
        """Numbers and scores of the subjects of some rows."""
        cosines: NDArray[np.floating] = self._cosines(self._rows[rows], probe)
        if cohort is not None:
            seen = cohort.cohort_similarity(probe[None]), self.cohort_similarity(cohort)[rows]
            cosines = cohort.normalise(cosines, *seen)
        return subject_scores(self._numbers[rows], cosines, aggregate)

    def _by_centroid(
        self, numbers: Ids, probe: Vector, cohort: Cohort | None
    ) -> tuple[Ids, Floats]:
        """Subjects by number, and their scores."""
        found = self._centroids.cosines(numbers, probe.astype(np.float32, copy=False))
        scores: NDArray[np.floating] = found
        if cohort is not None:
            crowding = self._centroids.cohort_similarity(numbers, cohort)
            scores = cohort.normalise(found, cohort.cohort_similarity(probe[None]), crowding)
        return numbers, np.asarray(scores, dtype=np.float64)

    def _ranked(self, numbers: Ids, scores: Floats, limit: int) -> SubjectScores:
        """The best of scores by subject number, with ids in place of the numbers."""
        best = best_scores(numbers, scores, limit)
        ids = self._subjects.ids(best.subject_ids)
        order = np.argsort(ids)
        return replace(best, subject_ids=ids[order], scores=best.scores[order])

    def _turn(self, probe: Vector) -> Vector:
        return probe if self._transform is None else self._transform.apply(probe, self.model_id)

    def _turn_cohort(self, cohort: Cohort | None) -> Cohort | None:
        if cohort is None or self._transform is None:
            return cohort
        if self._turned is None or self._turned[0] is not cohort:
            rows = self._transform.apply(cohort.vectors, self.model_id)
            self._turned = cohort, replace(cohort, vectors=rows)
        return self._turned[1]

    def _cosines(self, rows: Matrix, probe: Vector) -> NDArray[np.float32]:
        return rows @ probe.astype(np.float32, copy=False)

    def _require_size(self, probe: Vector) -> None:
        if probe.shape != self._rows.shape[1:]:
            raise BugError(f"a probe of shape {probe.shape} for rows {self._rows.shape}")

    def cohort_similarity(self, cohort: Cohort) -> CohortSimilarity:
        """Mean cosine of every template to its nearest in the cohort, turned as the rows are,
        (templates,).

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
        """All templates as they are searched, (templates, dims); a read-only view."""
        view = self._rows[: self._count]
        view.flags.writeable = False
        return view

    def unturned(self) -> Matrix:
        """All templates as they were enrolled, (templates, dims)."""
        if self._transform is None:
            return self.matrix()
        return self._transform.undo(self.matrix(), self.model_id)

    def template_ids(self) -> set[int]:
        """The ids of the resident templates."""
        return set(self._place)

    def add(self, template_ids: Sequence[int], subject_ids: Sequence[int], rows: Matrix) -> None:
        """Append templates as they are searched; `rows` is (templates, dims). Costs what is new,
        not what is there."""
        if not self._count:
            self._rows = np.empty((len(self._rows), rows.shape[1]), np.float32)
        if rows.shape[1:] != self._rows.shape[1:]:
            raise BugError(f"rows of shape {rows.shape} beside {self._rows.shape}")
        start, end = self._count, self._count + len(template_ids)
        self._make_room(end)
        self._rows[start:end] = rows
        self._numbers[start:end] = self._subjects.take(subject_ids)
        self._templates[start:end] = template_ids
        self._crowding[start:end] = np.nan
        self._centroids.add(self._numbers[start:end], rows)
        self._place.update(zip(template_ids, range(start, end), strict=True))
        self._count = end

    def retire(self, template_ids: Sequence[int]) -> None:
        """Drop templates; ids that are not resident are passed over."""
        for template_id in template_ids:
            place = self._place.pop(template_id, None)
            if place is None:
                continue
            self._count -= 1
            number = int(self._numbers[place])
            last = self._subjects.release(number)
            self._centroids.take(number, self._rows[place], last=last)
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
        self._numbers[place] = self._numbers[last]
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
        self._numbers = _grown(self._numbers, size, self._count)
        self._templates = _grown(self._templates, size, self._count)


def _grown(ids: NDArray[np.int64], size: int, count: int) -> NDArray[np.int64]:
    grown = np.empty(size, np.int64)
    grown[:count] = ids[:count]
    return grown
