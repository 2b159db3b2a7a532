"""What recognises, and the one comparison with the gallery that visits and enrolment share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kiosk.core.decisions import Decision
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.ports.gallery import Enrolled
from kiosk.core.ports.inference import FaceEmbedder, FacePipeline, VoiceEmbedder, VoicePipeline
from kiosk.core.records import Corrector, ReportedMismatch
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Calibration, Evidence, Floats, Policy, decide, weigh


@dataclass(frozen=True)
class Models:
    """Everything that recognises, each with the calibration of its scores."""

    face_pipeline: FacePipeline
    voice_pipeline: VoicePipeline
    face: FaceEmbedder
    voice: VoiceEmbedder
    face_calibration: Calibration
    voice_calibration: Calibration


class Identifier:
    """Compares probes with the gallery; the one place where models, gallery and policy meet."""

    def __init__(
        self,
        models: Models,
        gallery: Enrolled,
        policy: Policy,
        reported_mismatches: Callable[[Modality, str], Sequence[ReportedMismatch]] | None = None,
    ) -> None:
        self._gallery = gallery
        self._negatives = reported_mismatches
        self._policy = policy
        self._calibrations = {
            Modality.FACE: models.face_calibration,
            Modality.VOICE: models.voice_calibration,
        }
        self._cohorts = {Modality.FACE: models.face.cohort, Modality.VOICE: models.voice.cohort}

    def evidence(self, probe: Probe) -> Evidence:
        """A probe's say about everybody enrolled with the same model."""
        references = self._gallery.references(probe.modality, probe.model_id)
        ids, scores = references.compare(probe.vector)
        cohort = self._cohorts[probe.modality]
        normalised = (
            scores
            if cohort is None
            else cohort.normalise(
                scores,
                cohort.cohort_similarity(probe.vector[None]),
                references.cohort_similarity(cohort),
            )
        )
        calibration = self._calibrations[probe.modality]
        evidence = weigh(probe, ids, normalised, calibration, Aggregate.BLEND)
        if self._negatives is None:
            return evidence
        known = self._negatives(probe.modality, probe.model_id)
        return without_denied(evidence, probe.vector, ids, scores, known)

    def is_same_face(self, one: Vector, other: Vector) -> bool:
        """Whether two faces are rather of one person than of two."""
        score = np.array([one @ other])
        cohort = self._cohorts[Modality.FACE]
        if cohort is not None:
            score = cohort.normalise(
                score, cohort.cohort_similarity(one[None]), cohort.cohort_similarity(other[None])
            )
        return bool(self._calibrations[Modality.FACE].llr(score)[0] > 0)

    def among(self, modality: Modality, rows: Matrix) -> Floats:
        """Scores of samples with each other, (rows, rows), on the scale of `evidence`."""
        scores = np.asarray(rows @ rows.T, dtype=np.float64)
        cohort = self._cohorts[modality]
        if cohort is None:
            return scores
        cohort_similarity = cohort.cohort_similarity(rows)
        return cohort.normalise(scores, cohort_similarity[:, None], cohort_similarity[None, :])

    def decide(self, probes: Sequence[Probe]) -> Decision:
        """Who it is, from one or both modalities."""
        return decide(
            [self.evidence(probe) for probe in probes], self._policy, self._gallery.subject_name
        )


def without_denied(
    evidence: Evidence,
    probe: Vector,
    ids: NDArray[np.int64],
    cosines: NDArray[np.float32],
    reported_mismatches: Sequence[ReportedMismatch],
) -> Evidence:
    """The evidence, without what speaks for subjects whose negatives the probe resembles more than
    any of their templates: then it is rather the person who was mistaken for them before.

    `ids` and `cosines` (templates,) are those of the templates. Only the word of staff counts: who
    denies a right answer in jest must not lock themselves out.
    """
    llrs = evidence.llrs
    for negative in reported_mismatches:
        own = cosines[ids == negative.subject_id]
        if negative.by is not Corrector.STAFF or not len(own):
            continue
        if float(negative.vector @ probe) > float(own.max()):
            hit = evidence.subject_ids == negative.subject_id
            llrs = np.where(hit, np.minimum(llrs, 0.0), llrs)
    return replace(evidence, llrs=llrs)
