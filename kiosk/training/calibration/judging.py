"""Recognisers as `kiosk evaluate decision` judges them: shipped, or fitted on the other half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration, Policy
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Collection, Kind, read_collection
from kiosk.datasets.embeddings import Samples
from kiosk.datasets.splits import Half, only
from kiosk.evaluation.extraction import load_models
from kiosk.evaluation.extraction.extract import ExtractionContext, face_samples
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel, BenchmarkedVoiceModel
from kiosk.evaluation.protocols.decision import Channel
from kiosk.evaluation.tables.table import TableData, find_data
from kiosk.evaluation.tables.table_fusion import joined, voices_together
from kiosk.evaluation.tables.table_voices import Speakers, kept_speakers
from kiosk.recognition.operating_point import DevelopmentScores, TargetThresholds
from kiosk.training.calibration.scores import Fit, fit_face, fit_voice

GROUP = "asian"
"""As for `kiosk train calibration`."""


@dataclass(frozen=True)
class Asked:
    """Whom to judge: the development data below `root`, or the people of other folders; `fill` are
    pictures of people who only fill galleries."""

    root: Path | None
    faces: Path | None
    voices: Path | None
    limit: int | None
    fill: Path | None = None
    speakers: Speakers = Speakers.AUTO

    @property
    def name(self) -> str:
        """For the report; folders by their last name only."""
        folders = [path.name for path in (self.faces, self.voices) if path is not None]
        filled = f", galleries filled from {self.fill.name}" if self.fill is not None else ""
        return (" and ".join(folders) or "the shared recordings") + filled

    def found(self) -> TableData:
        """What is there. Raises InputError."""
        if self.faces is None and self.voices is None and self.root is not None:
            return find_data(self.root, self.limit)
        faces = read_collection(self.faces).limited(self.limit) if self.faces else None
        voices = (read_collection(self.voices).limited(self.limit),) if self.voices else ()
        return TableData(faces, None, voices)


def judged(
    settings: Settings,
    asked: Asked,
    context: ExtractionContext,
    seed: int,
    *,
    fitted: bool,
    names: Sequence[str],
) -> tuple[dict[Modality, Channel], dict[Modality, DevelopmentScores] | None]:
    """The recognisers in use, or those named, with samples of the people to report on; and, where
    they were fitted, the development scores of the other half.

    Raises InputError where nobody is left.
    """
    found = asked.found()
    used = load_models.with_models(settings, names)
    channels: dict[Modality, Channel] = {}
    scores: dict[Modality, DevelopmentScores] = {}
    if found.identities is not None:
        face = load_models.faces(used, context.console, [_chosen(used, Modality.FACE)])[0]
        fit = _face_fit(face, found, context, seed) if fitted else None
        pictures = _reported(found.identities.of(Kind.PICTURE), fitted)
        samples = face_samples(pictures, face.embedder, context)
        if asked.fill is not None:
            samples = joined([samples, _fillers(asked.fill, face, context)])
        channels[Modality.FACE] = Channel(samples, _calibration(face, fit))
        scores |= {Modality.FACE: fit.development} if fit else {}
    if found.voices:
        voice = load_models.voices(used, context.console, [_chosen(used, Modality.VOICE)])[0]
        fit = fit_voice(voice, found.voices, context, seed, half=Half.CALIBRATE) if fitted else None
        kept = [_reported(each, fitted) for each in kept_speakers(found.voices, asked.speakers)]
        heard = voices_together(voice, kept, context)
        if heard is not None:
            channels[Modality.VOICE] = Channel(heard, _calibration(voice, fit))
        scores |= {Modality.VOICE: fit.development} if fit else {}
    if not channels:
        raise InputError("There is nobody to judge.", "Give --data, --faces or --voices.")
    return channels, scores if fitted else None


def _fillers(folder: Path, face: BenchmarkedFaceModel, context: ExtractionContext) -> Samples:
    """One picture of each person."""
    pictures = read_collection(folder).of(Kind.PICTURE)
    samples = face_samples(pictures, face.embedder, context)
    _, first = np.unique(samples.subject, return_index=True)
    return samples.take(first.astype(np.int64))


def _face_fit(
    face: BenchmarkedFaceModel, found: TableData, context: ExtractionContext, seed: int
) -> Fit:
    if found.identities is None:
        raise InputError("There are no faces to calibrate with.", "Give --data.")
    group = GROUP if found.strangers is not None else None
    return fit_face(
        face, found.identities, found.strangers, group, context, seed, half=Half.CALIBRATE
    )


def _chosen(settings: Settings, modality: Modality) -> str:
    from kiosk.inference import manifest

    return manifest.choose(settings, modality).name


def _reported(collection: Collection, fitted: bool) -> Collection:
    return only(collection, Half.REPORT) if fitted else collection


def _calibration(
    model: BenchmarkedFaceModel | BenchmarkedVoiceModel, fit: Fit | None
) -> Calibration:
    calibration = fit.calibration if fit is not None else model.calibration
    if calibration is None:
        raise InputError(f"{model.name} has no calibration.", "Fit one: --calibration fitted.")
    return calibration


def with_thresholds(policy: Policy, scores: dict[Modality, DevelopmentScores] | None) -> Policy:
    """The policy with thresholds from these scores in place of the shipped ones, if there are."""
    return policy if scores is None else replace(policy, thresholds=TargetThresholds(scores))
