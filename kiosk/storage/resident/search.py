"""The search of a gallery that holds its templates in use in resident matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from kiosk.core.cohort import Cohort
from kiosk.core.media import Modality
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Ids, SubjectScores
from kiosk.storage.resident.matrix import ResidentReferences


class ResidentSearch(ABC):
    """Implements `ports.gallery.TemplateSearch` for whoever gives the matrices."""

    @abstractmethod
    def references(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The templates in use of one modality and model, up to date."""

    def scores(self, probe: Probe, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """The `limit` subjects with the highest scores, and how many are left out below them."""
        return self.references(probe.modality, probe.model_id).scores(probe.vector, limit, cohort)

    def scores_of(
        self,
        probe: Probe,
        subject_ids: Ids,
        cohort: Cohort | None = None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of these subjects, ids ascending; whoever has no such template is not among them."""
        references = self.references(probe.modality, probe.model_id)
        return references.scores_of(probe.vector, subject_ids, cohort, aggregate)

    def population(self, models: Sequence[tuple[Modality, str]]) -> int:
        """How many subjects have templates of any of these models."""
        return len(set().union(*(self.references(*model).subject_ids() for model in models)))
