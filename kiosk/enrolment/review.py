"""What is looked at before an enrolment is stored.

Is this somebody enrolled already, how well do the new templates stand apart from everyone else, and
are they better than the old ones?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.liveness import UNCHECKED, Liveness
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.ports.audit import AuditTrail
from kiosk.core.ports.gallery import DecisionStore, PeopleStore, PictureStore
from kiosk.core.samples import Probe
from kiosk.core.scoring import Evidence
from kiosk.core.settings import Settings
from kiosk.core.subjects import Template
from kiosk.core.template_scores import AGGREGATES, subject_score
from kiosk.enrolment.enroller import Duplicate, by_modality, probes_of
from kiosk.recognition.identification import Identifier

RECENT_VISITS = 20
_SOMEBODY = {DecisionReason.CONFLICT, DecisionReason.SMALL_MARGIN}
"""Reasons of a decision that does not say who, though it is somebody."""


@dataclass(frozen=True)
class Suspect:
    """Somebody enrolled whom the new samples resemble; `by` is what alone would identify them.

    Scores are None where the modality is missing; `picture` is the one kept of them, JPEG, None
    where the operator keeps none.
    """

    name: str
    by: tuple[Modality, ...]
    face_score: float | None
    voice_score: float | None
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Separation:
    """The new templates of one modality, on the axis of comparison scores.

    `own`: of each, its score with the rest; `others`: of each, the highest score of anybody else in
    the gallery, who is `nearest`; `threshold`: where a score begins to identify by itself.
    """

    modality: Modality
    own: tuple[float, ...]
    others: tuple[float, ...]
    threshold: float
    nearest: str = ""

    @property
    def apart(self) -> bool:
        """Whether the threshold lies between the person's own scores and everyone else's."""
        own = not self.own or min(self.own) >= self.threshold
        return own and (not self.others or max(self.others) < self.threshold)


@dataclass(frozen=True)
class Compared:
    """Old and new templates of one modality on the same probes: mean scores, None without any.

    `visits` is how many kept probes of recent visits there were; `recorded` the mean score of the
    visits on record, `likeness` that of the new samples with the old templates.
    """

    modality: Modality
    old: int
    new: int
    visits: int
    visits_old: float | None
    visits_new: float | None
    recorded: float | None
    likeness: float | None


@dataclass(frozen=True)
class Review:
    """Everything to decide by."""

    faces: int
    voices: int
    dropped: int
    suspects: tuple[Suspect, ...]
    separations: tuple[Separation, ...]
    compared: tuple[Compared, ...] = ()
    resembles: bool = True
    liveness: Liveness = UNCHECKED
    must_say_why: bool = False
    """Whether staff can only save this with a reason: a living person is required."""
    picture: bytes | None = field(default=None, repr=False)
    """Of the new samples, JPEG, for staff to compare where somebody is suspected."""


class ReviewedGallery(PeopleStore, DecisionStore, PictureStore, AuditTrail, Protocol):
    """The part of a gallery that a review looks at, and what was done is noted in."""


class Reviewer:
    """Compares templates that are not stored yet with those that are."""

    def __init__(
        self,
        identifier: Identifier,
        gallery: ReviewedGallery,
        settings: Settings,
    ) -> None:
        self._identifier = identifier
        self._gallery = gallery
        self._settings = settings

    def suspects(
        self, templates: Sequence[Template], duplicates: Sequence[Duplicate]
    ) -> tuple[Suspect, ...]:
        """The duplicates by person, each with both scores and the picture that is kept of them."""
        names = {each.candidate.subject_id: each.candidate.name for each in duplicates}
        ids = np.array(sorted(names), dtype=np.int64)
        scores = {
            probe.modality: _by_subject(self._identifier.evidence_about(probe, ids))
            for probe in probes_of(templates)
        }
        pictures = self._gallery.pictures(list(names)) if names else {}
        return tuple(
            Suspect(
                name,
                tuple(d.modality for d in duplicates if d.candidate.subject_id == subject_id),
                scores.get(Modality.FACE, {}).get(subject_id),
                scores.get(Modality.VOICE, {}).get(subject_id),
                pictures.get(subject_id),
            )
            for subject_id, name in names.items()
        )

    def resembles_anybody(
        self, templates: Sequence[Template], others: Sequence[Probe] = ()
    ) -> bool:
        """Whether the face of these samples would be taken for somebody enrolled, or for one of
        several, or together with the voice while it speaks for them; a voice alone never suffices.
        `others` are their probes by the models beside the chosen ones."""
        groups = by_modality(templates, others).values()
        decision = self._identifier.resemblance([probe for group in groups for probe in group])
        face, top = decision.face, decision.top
        if face is None or top is None:
            return False
        if face.outcome is DecisionOutcome.IDENTIFIED or face.reason in _SOMEBODY:
            return True
        together = decision.outcome is DecisionOutcome.IDENTIFIED
        return together and top.face_llr is not None and top.face_llr > 0

    def separations(
        self, templates: Sequence[Template], itself: int | None = None
    ) -> tuple[Separation, ...]:
        """One for each modality; `itself` is the subject these templates are to belong to."""
        return tuple(
            self._separation(modality, group, itself)
            for modality in Modality
            if (group := [each for each in templates if each.modality is modality])
        )

    def compared(self, templates: Sequence[Template], subject_id: int) -> tuple[Compared, ...]:
        """Old against new for a subject, for each modality there are new templates of."""
        old = self._gallery.templates(subject_id)
        recent = self._gallery.probes(subject_id, RECENT_VISITS)
        return tuple(
            self._compared(modality, group, old, recent, subject_id)
            for modality in Modality
            if (group := [each for each in templates if each.modality is modality])
        )

    def _separation(
        self, modality: Modality, group: Sequence[Template], itself: int | None
    ) -> Separation:
        others: list[float] = []
        nearest: dict[float, int] = {}
        for template in group:
            scores = _by_subject(self._identifier.evidence(_alone(template)))
            if itself is not None:
                scores.pop(itself, None)
            if scores:
                subject_id = max(scores, key=lambda each: scores[each])
                others.append(scores[subject_id])
                nearest[scores[subject_id]] = subject_id
        scale = self._identifier.scale(group[0].model_id)
        needed = self._identifier.needed(modality)
        threshold = scale.calibration.score_at(needed)
        name = self._gallery.subject_name(nearest[max(nearest)]) if nearest else ""
        return Separation(modality, self._own(group), tuple(others), float(threshold), name)

    def _own(self, group: Sequence[Template]) -> tuple[float, ...]:
        """Each template against the rest, as a visit would be."""
        if len(group) < 2:
            return ()
        rows = np.stack([each.vector for each in group])
        return tuple(
            self._score(group[0], rows[k], np.delete(rows, k, axis=0)) for k in range(len(group))
        )

    def _compared(
        self,
        modality: Modality,
        new: Sequence[Template],
        stored: Sequence[Template],
        recent: Sequence[Probe],
        subject_id: int,
    ) -> Compared:
        model = new[0].model_id
        old = [each for each in stored if (each.modality, each.model_id) == (modality, model)]
        probes = [each for each in recent if (each.modality, each.model_id) == (modality, model)]
        return Compared(
            modality,
            len(old),
            len(new),
            len(probes),
            self._mean(probes, old),
            self._mean(probes, new),
            self._recorded(modality, subject_id, old),
            self._mean(probes_of(new), old),
        )

    def _mean(self, probes: Sequence[Probe], templates: Sequence[Template]) -> float | None:
        """Mean score of probes with templates."""
        if not probes or not templates:
            return None
        rows = np.stack([each.vector for each in templates])
        scores = [self._score(templates[0], each.vector, rows) for each in probes]
        return float(np.mean(scores))

    def _score(self, like: Template, probe: Vector, templates: Matrix) -> float:
        """Of a probe with templates of the model that `like` is of."""
        cohort = self._identifier.scale(like.model_id).cohort
        return subject_score(probe, templates, AGGREGATES[like.modality], cohort)

    def _recorded(
        self, modality: Modality, subject_id: int, old: Sequence[Template]
    ) -> float | None:
        """Mean score on record of the visits that identified this subject since it has had these
        templates: earlier scores may be another model's, and are of no use beside this one's."""
        since = max((each.created for each in old if each.created is not None), default=None)
        if since is None:
            return None
        found = [
            each.face_score if modality is Modality.FACE else each.voice_score
            for each in self._gallery.decisions(RECENT_VISITS, since, subject_id)
            if each.outcome is DecisionOutcome.IDENTIFIED and each.correction is None
        ]
        scores = [score for score in found if score is not None]
        return float(np.mean(scores)) if scores else None


def _by_subject(evidence: Evidence) -> dict[int, float]:
    return dict(zip(evidence.subject_ids.tolist(), evidence.scores.tolist(), strict=True))


def _alone(template: Template) -> Probe:
    """One template as a probe."""
    return Probe(template.modality, template.model_id, template.vector, template.quality, 1)
