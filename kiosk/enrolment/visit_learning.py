"""Templates from visits: what somebody looks like today is kept beside what staff enrolled.

Off unless the operator chooses it. A visit teaches a face only if nothing speaks against it, and
never more than this:

- the visitor was named with more than an answer needs, by the *enrolled* templates alone: what was
  learnt before does not vouch for what is learnt next, so that nobody is led step by step to
  somebody else's face;
- it was checked that a living person stood there; the voice, if there was one, agreed; the next
  person in the gallery is far away; nobody called the answer wrong before the visit ended;
- it is in the record of decisions: what is called wrong there later takes its template along;
- one template a day, the newest few; enrolled ones are never replaced.

Voices are not learnt: no check tells a played voice well enough.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import KnownError
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.pooling import pool
from kiosk.core.ports.gallery import (
    ConsentStore,
    DecisionStore,
    EnrolmentStore,
    LearningStore,
    SubjectStore,
)
from kiosk.core.ports.upgrade import VisitLearner
from kiosk.core.records import Origin
from kiosk.core.redaction import log_failure
from kiosk.core.samples import Embedding, Probe
from kiosk.core.subjects import Template
from kiosk.core.template_scores import AGGREGATES, subject_score
from kiosk.recognition.identification import Identifier

_log = logging.getLogger(__name__)
SOURCE = "learnt"
"""The `source` of a template that a visit brought."""
MOST_LEARNT = 3
"""Of one subject: the newest."""
LEARN_EVERY = timedelta(hours=20)
"""Between two of one subject: one a day, though somebody comes a little earlier than the day
before."""
SURER = 2.0
"""Natural log: so much more than an answer needs must enrolled templates say for the person."""
AHEAD = 4.0
"""Natural log: how far the next person must be behind."""
ALIKE = 0.92
"""Cosine to a template in use from which on a sample shows nothing new."""
FRESH = timedelta(seconds=30)
"""A decision as old belongs to another visit: this one's could not be kept."""


class LearningGallery(
    SubjectStore, EnrolmentStore, LearningStore, ConsentStore, DecisionStore, Protocol
):
    """The part of a gallery that this needs."""


@dataclass(frozen=True, eq=False)
class _Lesson:
    """What a visit would teach, if nobody takes it back."""

    decision_id: int
    subject_id: int
    probe: Probe


class VisitLearning:
    """Implements `ports.upgrade.VisitLearner`; on the thread of the gallery.

    `model_id` is the face recogniser in use. `changed` hears that something was learnt.
    """

    def __init__(
        self,
        gallery: LearningGallery,
        identifier: Identifier,
        model_id: str,
        changed: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gallery = gallery
        self._identifier = identifier
        self._model_id = model_id
        self._changed = changed
        self._now = now
        self._pending: _Lesson | None = None

    def decided(
        self, decision: Decision, samples: Mapping[str, Sequence[Embedding]], liveness: Liveness
    ) -> None:
        """Remember what a visit shows of somebody who was named beyond doubt."""
        self.ended()
        faces = samples.get(self._model_id)
        top = decision.top
        if not faces or top is None or not _beyond_doubt(decision, liveness):
            return
        try:
            newest = self._gallery.decisions(1, since=self._now() - FRESH)
        except KnownError as error:
            log_failure(_log, "What a visit may teach cannot be read: %s.", error)
            return
        if newest and newest[0].subject_id == top.subject_id:
            probe = pool(faces, Modality.FACE, self._model_id)
            self._pending = _Lesson(newest[0].decision_id, top.subject_id, probe)

    def denied(self) -> None:
        """Nothing is learnt from a visit that somebody calls wrong."""
        self._pending = None

    def ended(self) -> None:
        """The visit is over: nobody took it back, so it counts."""
        lesson, self._pending = self._pending, None
        if lesson is None:
            return
        try:
            if self._may_learn(lesson):
                self._learn(lesson)
        except KnownError as error:
            log_failure(_log, "What a visit taught cannot be kept: %s.", error)

    def _learn(self, lesson: _Lesson) -> None:
        probe = lesson.probe
        template = Template(Modality.FACE, probe.model_id, probe.vector, probe.quality, SOURCE)
        self._gallery.learn(lesson.decision_id, template, MOST_LEARNT)
        _log.info("A visit added a face template.")
        self._changed()

    def _may_learn(self, lesson: _Lesson) -> bool:
        name = self._gallery.subject_name(lesson.subject_id)
        held = [
            each
            for each in self._gallery.templates(lesson.subject_id)
            if each.model_id == lesson.probe.model_id
        ]
        return (
            not self._is_barred(name)
            and not self._learnt_lately(held)
            and _is_new(lesson.probe, held)
            and self._vouched_for(lesson.probe, [t for t in held if t.source != SOURCE])
        )

    def _is_barred(self, name: str) -> bool:
        """Who took consent back, or enrolled themselves and was never looked at by staff."""
        given = self._gallery.consents(name)
        withdrawn = bool(given) and given[0].withdrawn is not None
        return withdrawn or any(
            each.subject.name == name and each.origin is Origin.SELF
            for each in self._gallery.summaries()
        )

    def _learnt_lately(self, held: Sequence[Template]) -> bool:
        since = self._now() - LEARN_EVERY
        return any(
            each.source == SOURCE and each.created is not None and each.created > since
            for each in held
        )

    def _vouched_for(self, probe: Probe, enrolled: Sequence[Template]) -> bool:
        """Whether enrolled templates alone would name this person, with room to spare."""
        if not enrolled:
            return False
        rows, scale = np.stack([e.vector for e in enrolled]), self._identifier.scale(probe.model_id)
        score = subject_score(probe.vector, rows, AGGREGATES[Modality.FACE], scale.cohort)
        ratio = float(scale.calibration.ratio(np.array([score]), probe.quality)[0])
        return ratio >= self._identifier.needed(Modality.FACE) + SURER


def _is_new(probe: Probe, held: Sequence[Template]) -> bool:
    return all(float(each.vector @ probe.vector) < ALIKE for each in held)


def _beyond_doubt(decision: Decision, liveness: Liveness) -> bool:
    """Named, a living person, no modality against it, and nobody else near."""
    top = decision.top
    if top is None or decision.outcome is not DecisionOutcome.IDENTIFIED or decision.conflict:
        return False
    if liveness.outcome is not LivenessOutcome.LIVE or top.face_llr is None:
        return False
    agrees = top.voice_llr is None or top.voice_llr > 0
    others = [each.fused_llr for each in decision.candidates[1:]]
    return agrees and all(top.fused_llr - other >= AHEAD for other in others)


class VisitLearners:
    """Several who learn from visits, told one after another."""

    def __init__(self, *learners: VisitLearner) -> None:
        self._learners = learners

    def decided(
        self, decision: Decision, samples: Mapping[str, Sequence[Embedding]], liveness: Liveness
    ) -> None:
        """See `VisitLearner`."""
        for learner in self._learners:
            learner.decided(decision, samples, liveness)

    def denied(self) -> None:
        """See `VisitLearner`."""
        for learner in self._learners:
            learner.denied()

    def ended(self) -> None:
        """See `VisitLearner`."""
        for learner in self._learners:
            learner.ended()
