"""Enrolment and re-enrolment: gather samples, judge them, look for duplicates, store.

A `Collector` is fed by a source like a visit is; `enrol` and `re_enrol` turn what it gathered into
templates. Nothing is written before everything has been checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.comparison import keep_consistent, pool
from kiosk.config import Settings
from kiosk.domain import (
    AudioChunk,
    Candidate,
    DecisionOutcome,
    Embedding,
    EnrolmentKind,
    EnrolmentRecord,
    FaceOutcome,
    FaceSample,
    Frame,
    Hint,
    Modality,
    Pose,
    Probe,
    SourceNotice,
    Template,
    VoiceOutcome,
    VoiceSample,
)
from kiosk.enrolment_advice import advice, counted
from kiosk.errors import EnrolmentRefused
from kiosk.identification import Identifier, Models
from kiosk.pictures import BestPortrait
from kiosk.ports import Gallery, Source
from kiosk.records import Consent, Origin

SAMPLE_INTERVAL = 0.12
"""Seconds between two frames that are embedded."""
STILL_INTERVAL = 0.15
"""A gap of this length between frames means pictures, not film: nothing to follow between them."""
MAX_TEMPLATES = 8
"""Per modality and enrolment: more cost time at every visit and add nothing measurable."""
POSE_UNIT = 15.0
"""Degrees of yaw or pitch that count as much as the whole range of quality."""


@dataclass(frozen=True, eq=False)
class FaceCandidate:
    """A usable face sample that may become a template."""

    embedding: Embedding
    pose: Pose


@dataclass
class Collected:
    """What a collector has gathered; counters are for progress and reports."""

    faces: list[FaceCandidate] = field(default_factory=list)
    voices: list[Embedding] = field(default_factory=list)
    speech_seconds: float = 0.0
    frames: int = 0
    sound: bool = False
    face_outcomes: Counter[FaceOutcome] = field(default_factory=Counter)
    voice_outcomes: Counter[VoiceOutcome] = field(default_factory=Counter)
    hints: Counter[Hint] = field(default_factory=Counter)
    notices: list[str] = field(default_factory=list)
    portrait: BestPortrait = field(default_factory=BestPortrait)

    @property
    def carried(self) -> set[Modality]:
        """The modalities the sources had at all."""
        faces = {Modality.FACE} if self.frames else set()
        return faces | ({Modality.VOICE} if self.sound else set())


class Collector:
    """Gathers enrolment samples from one or several sources of the same person."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._last_frame = -1e9
        self._last_sample = -1e9
        self.collected = Collected()

    def read(self, source: Source) -> None:
        """Everything a recorded source has. Raises what the source raises; keeps what it got."""
        with source:
            for event in source.events():
                self.feed(event)
        self.flush()

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """Take the next thing from a source, live or recorded."""
        if isinstance(event, Frame):
            self._see(event)
        elif isinstance(event, AudioChunk):
            self.collected.sound = True
            self._models.voice_path.hear(event)
            self._take_voice(flush=False)
        else:
            self.collected.notices.append(event.text)

    def flush(self) -> None:
        """The source ended: use what speech there is and forget its clock and track."""
        self._take_voice(flush=True)
        self._models.face_path.reset()
        self._models.voice_path.reset()
        self._last_frame = self._last_sample = -1e9

    def _see(self, frame: Frame) -> None:
        sample = self._look(frame)
        if sample.outcome is FaceOutcome.USABLE and self._due(frame):
            self._embed_face(sample)

    def _look(self, frame: Frame) -> FaceSample:
        if frame.time - self._last_frame > STILL_INTERVAL:
            self._models.face_path.reset()
        self._last_frame = frame.time
        sample = self._models.face_path.look(frame)
        self.collected.frames += 1
        self.collected.face_outcomes[sample.outcome] += 1
        if sample.hint is not None:
            self.collected.hints[sample.hint] += 1
        return sample

    def _due(self, frame: Frame) -> bool:
        return frame.time - self._last_sample >= SAMPLE_INTERVAL

    def _embed_face(self, sample: FaceSample) -> FaceCandidate:
        assert sample.landmarks is not None
        self._last_sample = sample.frame.time
        embedding = self._models.face.embed([(sample.frame, sample.landmarks)])[0]
        judged = Embedding(embedding.vector, embedding.quality * sample.quality)
        candidate = FaceCandidate(judged, sample.pose or Pose(0, 0, 0))
        self.collected.faces.append(candidate)
        self.collected.portrait.offer(sample)
        return candidate

    def _take_voice(self, *, flush: bool) -> VoiceSample | None:
        sample = self._models.voice_path.take(flush=flush)
        if sample is None:
            return None
        self.collected.voice_outcomes[sample.outcome] += 1
        if sample.hint is not None:
            self.collected.hints[sample.hint] += 1
        if sample.outcome is VoiceOutcome.USABLE:
            embedding = self._models.voice.embed(sample.speech)
            judged = Embedding(embedding.vector, embedding.quality * sample.quality)
            self.collected.voices.append(judged)
            self.collected.speech_seconds += sample.seconds
        return sample


@dataclass(frozen=True)
class Duplicate:
    """Somebody already enrolled whom the new samples resemble."""

    candidate: Candidate
    modality: Modality


class DuplicateSuspected(EnrolmentRefused):
    """The samples resemble somebody enrolled. `duplicates` names them; the text does not."""

    def __init__(self, duplicates: Sequence[Duplicate]) -> None:
        kinds = " and ".join(sorted({duplicate.modality.value for duplicate in duplicates}))
        super().__init__(
            f"By {kinds} this person seems to be enrolled already.",
            "Re-enrol that subject, or repeat with --allow-duplicate if they are two people.",
        )
        self.duplicates = tuple(duplicates)


@dataclass(frozen=True)
class EnrolmentResult:
    """What an enrolment stored."""

    record: EnrolmentRecord
    faces_used: int
    faces_dropped: int
    voices_used: int
    speech_seconds: float


class Enroller:
    """Turns collected samples into templates, after every check."""

    def __init__(
        self, models: Models, identifier: Identifier, gallery: Gallery, settings: Settings
    ) -> None:
        self._models = models
        self._identifier = identifier
        self._gallery = gallery
        self._settings = settings

    def enrol(
        self,
        name: str,
        collected: Collected,
        source: str,
        *,
        only: Modality | None = None,
        allow_duplicate: bool = False,
        note: str = "",
        consent: Consent | None = None,
        origin: Origin = Origin.STAFF,
    ) -> EnrolmentResult:
        """A new subject. Raises EnrolmentRefused, DuplicateSuspected, InputError (name taken)."""
        templates = self.templates(collected, source, only)
        duplicates = self.duplicates(templates)
        if duplicates and not allow_duplicate:
            raise DuplicateSuspected(duplicates)
        record = self._gallery.enrol(
            name, templates, EnrolmentKind.NEW, note, consent, self._picture(collected), origin
        )
        return _result(record, collected, templates)

    def re_enrol(
        self,
        name: str,
        collected: Collected,
        source: str,
        *,
        kind: EnrolmentKind,
        only: Modality | None = None,
        force: bool = False,
        consent: Consent | None = None,
    ) -> EnrolmentResult:
        """Add to or replace the templates of a subject; can be rolled back.

        Refused when the samples resemble somebody else, or do not resemble the subject, unless
        forced.
        """
        subject = self._gallery.subject(name)
        templates = self.templates(collected, source, only)
        others = [
            duplicate
            for duplicate in self.duplicates(templates)
            if duplicate.candidate.subject_id != subject.subject_id
        ]
        if not force:
            if others:
                raise DuplicateSuspected(others)
            self._check_resemblance(subject.subject_id, templates)
        record = self._gallery.enrol(
            subject.name, templates, kind, "", consent, self._picture(collected)
        )
        return _result(record, collected, templates)

    def _picture(self, collected: Collected) -> bytes | None:
        """For staff, where the operator chose to keep one."""
        return collected.portrait.jpeg() if self._settings.keep_pictures == "yes" else None

    def templates(
        self, collected: Collected, source: str, only: Modality | None = None
    ) -> list[Template]:
        """The templates these samples make. Raises EnrolmentRefused with what is missing."""
        wanted = {only} if only else collected.carried
        missing = wanted - collected.carried
        if not wanted or missing:
            what = " or ".join(sorted(missing)) or "picture or sound"
            raise EnrolmentRefused(f"There is no {what} in this source.", "Give another recording.")
        templates: list[Template] = []
        if Modality.FACE in wanted:
            templates += self._face_templates(collected, source)
        if Modality.VOICE in wanted:
            templates += self._voice_templates(collected, source)
        return templates

    def duplicates(self, templates: Iterable[Template]) -> list[Duplicate]:
        """Whom one modality alone would identify in these templates."""
        found = []
        for probe in probes_of(templates):
            decision = self._identifier.decide([probe])
            if decision.outcome is DecisionOutcome.IDENTIFIED and decision.top:
                found.append(Duplicate(decision.top, probe.modality))
        return found

    def holds(self, name: str, source: str) -> bool:
        """Whether a subject of this name has templates with this very source."""
        folded = name.strip().casefold()
        return any(
            template.source == source
            for subject in self._gallery.subjects()
            if subject.name.casefold() == folded
            for template in self._gallery.templates(subject.subject_id)
        )

    def resembles(self, subject_id: int, templates: Iterable[Template]) -> bool:
        """Whether the evidence for this subject, all modalities together, is not against it."""
        total = 0.0
        for probe in probes_of(templates):
            evidence = self._identifier.evidence(probe)
            total += float(evidence.llrs[evidence.subject_ids == subject_id].sum())
        return total >= 0

    def enough(self, collected: Collected) -> set[Modality]:
        """The modalities of which there are samples enough for templates."""
        faces = len(consistent_faces(collected.faces)) >= self._settings.enrol_faces
        voices = bool(collected.voices) and collected.speech_seconds >= self._settings.enrol_speech
        return {m for m, there in ((Modality.FACE, faces), (Modality.VOICE, voices)) if there}

    def _check_resemblance(self, subject_id: int, templates: list[Template]) -> None:
        """The log-likelihood ratios against the subject's own templates must not sum below zero."""
        if not self.resembles(subject_id, templates):
            raise EnrolmentRefused(
                "The new samples do not resemble this subject.",
                "Check that the right person was recorded; --force stores them all the same.",
            )

    def _face_templates(self, collected: Collected, source: str) -> list[Template]:
        kept = consistent_faces(collected.faces)
        needed = self._settings.enrol_faces
        if len(kept) < needed:
            raise EnrolmentRefused(
                f"{len(kept)} usable face samples, {needed} are needed; "
                f"frames by outcome: {counted(collected.face_outcomes)}.",
                advice(collected.hints, Modality.FACE, collected.carried),
            )
        chosen = spread_over_poses(kept, max(needed, MAX_TEMPLATES))
        model = self._models.face.model_id
        return [_template(Modality.FACE, model, face.embedding, source) for face in chosen]

    def _voice_templates(self, collected: Collected, source: str) -> list[Template]:
        needed = self._settings.enrol_speech
        if collected.speech_seconds < needed or not collected.voices:
            raise EnrolmentRefused(
                f"{collected.speech_seconds:.1f} s of usable speech, {needed:.1f} s are needed; "
                f"segments by outcome: {counted(collected.voice_outcomes) or 'none'}.",
                advice(collected.hints, Modality.VOICE, collected.carried),
            )
        matrix = np.stack([voice.vector for voice in collected.voices])
        agreeing = keep_consistent(matrix)
        voices = [v for v, keep in zip(collected.voices, agreeing, strict=True) if keep]
        voices.sort(key=lambda voice: -voice.quality)
        model = self._models.voice.model_id
        return [_template(Modality.VOICE, model, voice, source) for voice in voices[:MAX_TEMPLATES]]


def consistent_faces(faces: Sequence[FaceCandidate]) -> list[FaceCandidate]:
    """Without the samples that disagree with the rest (another person, a bad alignment)."""
    if not faces:
        return []
    keep = keep_consistent(np.stack([face.embedding.vector for face in faces]))
    return [face for face, kept in zip(faces, keep, strict=True) if kept]


def dropped_faces(collected: Collected) -> int:
    """How many samples disagree with the rest."""
    return len(collected.faces) - len(consistent_faces(collected.faces))


def spread_over_poses(faces: Sequence[FaceCandidate], count: int) -> list[FaceCandidate]:
    """At most `count` samples: the best first, then the one that adds most pose and quality."""
    left = sorted(faces, key=lambda face: -face.embedding.quality)
    chosen = left[:1]
    left = left[1:]
    while left and len(chosen) < count:
        best = max(left, key=lambda face: _novelty(face, chosen) + face.embedding.quality)
        chosen.append(best)
        left.remove(best)
    return chosen


def _novelty(face: FaceCandidate, chosen: Sequence[FaceCandidate]) -> float:
    return min(
        float(np.hypot(face.pose.yaw - other.pose.yaw, face.pose.pitch - other.pose.pitch))
        / POSE_UNIT
        for other in chosen
    )


def probes_of(templates: Iterable[Template]) -> list[Probe]:
    """Templates pooled as if they were a visit, one probe to a modality and model."""
    groups: dict[tuple[Modality, str], list[Embedding]] = {}
    for template in templates:
        key = (template.modality, template.model_id)
        groups.setdefault(key, []).append(Embedding(template.vector, template.quality))
    return [pool(group, modality, model) for (modality, model), group in groups.items()]


def _template(modality: Modality, model_id: str, sample: Embedding, source: str) -> Template:
    return Template(modality, model_id, sample.vector, sample.quality, source)


def _result(
    record: EnrolmentRecord, collected: Collected, templates: Sequence[Template]
) -> EnrolmentResult:
    faces = sum(template.modality is Modality.FACE for template in templates)
    return EnrolmentResult(
        record, faces, dropped_faces(collected), len(templates) - faces, collected.speech_seconds
    )
