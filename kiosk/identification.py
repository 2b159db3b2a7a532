"""What recognises, and the one comparison with the gallery that visits and enrolment share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.comparison import Aggregate, Calibration, Evidence, Floats, Policy, decide, weigh
from kiosk.domain import Decision, Matrix, Modality, Probe, Vector
from kiosk.ports import Enrolled, FaceEmbedder, FacePath, VoiceEmbedder, VoicePath


@dataclass(frozen=True)
class Models:
    """Everything that recognises, each with the calibration of its scores."""

    face_path: FacePath
    voice_path: VoicePath
    face: FaceEmbedder
    voice: VoiceEmbedder
    face_calibration: Calibration
    voice_calibration: Calibration


class Identifier:
    """Compares probes with the gallery; the one place where models, gallery and policy meet."""

    def __init__(self, models: Models, gallery: Enrolled, policy: Policy) -> None:
        self._gallery = gallery
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
                scores, cohort.crowding(probe.vector[None]), references.crowding(cohort)
            )
        )
        return weigh(probe, ids, normalised, self._calibrations[probe.modality], Aggregate.BLEND)

    def is_same_face(self, one: Vector, other: Vector) -> bool:
        """Whether two faces are rather of one person than of two."""
        score = np.array([one @ other])
        cohort = self._cohorts[Modality.FACE]
        if cohort is not None:
            score = cohort.normalise(
                score, cohort.crowding(one[None]), cohort.crowding(other[None])
            )
        return bool(self._calibrations[Modality.FACE].llr(score)[0] > 0)

    def among(self, modality: Modality, rows: Matrix) -> Floats:
        """Scores of samples with each other, (rows, rows), on the scale of `evidence`."""
        scores = np.asarray(rows @ rows.T, dtype=np.float64)
        cohort = self._cohorts[modality]
        if cohort is None:
            return scores
        crowding = cohort.crowding(rows)
        return cohort.normalise(scores, crowding[:, None], crowding[None, :])

    def decide(self, probes: Sequence[Probe]) -> Decision:
        """Who it is, from one or both modalities."""
        return decide(
            [self.evidence(probe) for probe in probes], self._policy, self._gallery.subject_name
        )
