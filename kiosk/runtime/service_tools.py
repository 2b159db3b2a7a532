"""What the service works with: gallery, models and estimators, loaded once and used by one thread.

Composed of the same parts as a visit before the screens or `kiosk --headless`, so that a recording
gets the same answer whichever way it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kiosk.core.cohort import Cohort
from kiosk.core.errors import ModelError
from kiosk.core.ports.capture import Source
from kiosk.core.ports.gallery import DecisionLog
from kiosk.core.ports.upgrade import VisitLearner
from kiosk.core.records import Origin
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Ids, Policy, SubjectScores
from kiosk.core.settings import Settings
from kiosk.core.subjects import Template
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.enrolment.template_migration import TemplateMigration
from kiosk.recognition.analysis import Analyser
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.recognition.identification import Identifier, Models, Searchable
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.visit import Publish, Visit
from kiosk.recognition.visit_log import LenientLog, VisitLog
from kiosk.runtime import composition
from kiosk.runtime.activity_log import log_setup, logged
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.policy import policy

if TYPE_CHECKING:
    from kiosk.storage import SqlGallery


@dataclass(frozen=True)
class ServiceTools:
    """Everything that answers a request; for the thread that opened it."""

    settings: Settings
    gallery: SqlGallery
    models: Models
    identifier: Identifier
    policy: Policy
    estimators: Estimators
    pad: PadModels
    require_live: bool
    log: DecisionLog
    learner: VisitLearner
    open_file: Callable[[Path], Source]

    def visit(self, publish: Publish) -> Visit:
        """One visit, compared with everybody; its decision is kept as every other's."""
        return Visit(
            self.models,
            self.identifier,
            self.settings,
            logged(publish),
            self.log,
            self.estimators,
            learner=self.learner,
            liveness=self._liveness(),
        )

    def claim(self, subject_id: int, publish: Publish) -> Visit:
        """One visit, compared with the subject it claims to be alone, as with a gallery of one: the
        same rule, whose threshold follows from how many are compared. Nothing of it is kept."""
        gallery = OneSubject(self.gallery, subject_id)
        mismatches = self.gallery.reported_mismatches
        identifier = Identifier(self.models, gallery, self.policy, mismatches)
        return Visit(
            self.models,
            identifier,
            self.settings,
            publish,
            estimators=self.estimators,
            liveness=self._liveness(),
        )

    def _liveness(self) -> LivenessCheck:
        return LivenessCheck(self.pad, required=self.require_live)

    def collector(self) -> Collector:
        """For one enrolment."""
        return Collector(self.models)

    def enroller(self) -> Enroller:
        """Turns what a collector gathered into templates."""
        return Enroller(self.models, self.identifier, self.gallery, self.settings)

    def analyser(self, seconds: float) -> Analyser:
        """For one recording or text, in steps of so many seconds. Raises ModelError."""
        if self.estimators.face is None and self.estimators.voice is None:
            raise ModelError(
                "There is no model of attributes.", "`kiosk models list` shows what there is."
            )
        made = self.models.pipelines()
        return Analyser(self.estimators, made.face, made.voice, seconds)


class OneSubject(Searchable):
    """A gallery seen as if it held one subject alone."""

    def __init__(self, gallery: SqlGallery, subject_id: int) -> None:
        self._gallery = gallery
        self._ids = np.array([subject_id])

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled them."""
        return self._gallery.origin(subject_id)

    def scores(self, probe: Probe, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """Of the subject; empty without such templates."""
        return self._gallery.scores_of(probe, self._ids, cohort)

    def scores_of(
        self,
        probe: Probe,
        subject_ids: Ids,
        cohort: Cohort | None = None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of the subject, where it is among them."""
        asked = np.intersect1d(subject_ids, self._ids)
        return self._gallery.scores_of(probe, asked, cohort, aggregate)

    def population(self, models: object) -> int:
        """One."""
        return 1

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id."""
        return self._gallery.subject_name(subject_id)

    def templates(self, subject_id: int) -> list[Template]:
        """Theirs in use."""
        return self._gallery.templates(subject_id)


@contextmanager
def open_service(
    settings: Settings, metrics: RuntimeMetrics | None = None
) -> Iterator[ServiceTools]:
    """Gallery and models, ready; `metrics` hears how long each step takes and of what cannot be
    kept. Raises StorageError, ModelError.

    An upgrade of a recogniser goes on; templates are not learnt from visits (`learn_from_visits`),
    for whoever may ask who somebody is could send the same recording until it counts.
    """
    counted = metrics or RuntimeMetrics()
    with (
        composition.open_gallery(settings, actor="service") as gallery,
        composition.sending(settings, counted) as wake,
    ):
        log_setup(settings)
        models = counted.timed(composition.build_models(settings, gallery))
        counted.covers(composition.coverage(settings, gallery))
        rule = policy(settings)
        identifier = Identifier(models, gallery, rule, gallery.reported_mismatches)
        learner = TemplateMigration(gallery, identifier, settings)
        try:
            yield ServiceTools(
                settings,
                gallery,
                models,
                identifier,
                rule,
                composition.build_estimators(settings, text=True),
                _pad_models(settings),
                settings.liveness == "require",
                LenientLog(lambda: VisitLog(gallery, settings, recorded=wake), counted.fault),
                learner,
                lambda path: composition.open_source(settings, str(path)),
            )
        finally:
            learner.ended()


def _pad_models(settings: Settings) -> PadModels:
    """An upload is no live camera: automatic means that doubts are told beside the answer."""
    return PadModels() if settings.liveness == "off" else composition.build_pad_models(settings)
