"""Collects the samples of one person from sources: faces, speech and what was refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kiosk.core.media import AudioChunk, Frame, Modality, SourceNotice
from kiosk.core.ports.capture import Source
from kiosk.core.samples import (
    Embedding,
    FaceOutcome,
    FaceSample,
    Hint,
    Pose,
    Probe,
    VoiceOutcome,
    VoiceSample,
)
from kiosk.enrolment.copies import Copies
from kiosk.enrolment.portrait import BestPortrait
from kiosk.recognition.embedding import embed_face, embed_voice
from kiosk.recognition.identification import Models
from kiosk.recognition.other_models import OtherEmbeddings

SAMPLE_INTERVAL = 0.12
"""Seconds between two frames that are embedded."""
STILL_INTERVAL = 0.15
"""A gap of this length between frames means pictures, not film: nothing to follow between them."""


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
    copies: int = 0
    sound: bool = False
    face_outcomes: Counter[FaceOutcome] = field(default_factory=Counter)
    voice_outcomes: Counter[VoiceOutcome] = field(default_factory=Counter)
    hints: Counter[Hint] = field(default_factory=Counter)
    notices: list[str] = field(default_factory=list)
    portrait: BestPortrait = field(default_factory=BestPortrait)
    others: OtherEmbeddings | None = None

    @property
    def other_probes(self) -> list[Probe]:
        """By the models beside the chosen ones: some people have templates of those alone, and are
        to be found all the same when somebody enrols twice."""
        return self.others.probes() if self.others is not None else []

    @property
    def carried(self) -> set[Modality]:
        """The modalities the sources had at all."""
        faces = {Modality.FACE} if self.frames else set()
        return faces | ({Modality.VOICE} if self.sound else set())


class Collector:
    """Gathers enrolment samples from one or several sources of the same person."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._pipelines = models.pipelines()
        self._last_frame = -1e9
        self._last_sample = -1e9
        self._others = OtherEmbeddings(models)
        self._copies = Copies()
        self.collected = Collected(others=self._others)

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
            self._pipelines.voice.hear(event)
            self._take_voice(flush=False)
        else:
            self.collected.notices.append(event.text)

    def flush(self) -> None:
        """The source ended: use what speech there is and forget its clock and track."""
        self._take_voice(flush=True)
        self._pipelines.face.reset()
        self._pipelines.voice.reset()
        self._last_frame = self._last_sample = -1e9

    def _see(self, frame: Frame) -> None:
        still = frame.time - self._last_frame > STILL_INTERVAL
        if still and self._copies.is_one(frame.image):
            self._last_frame = frame.time
            self.collected.copies += 1
            return
        sample = self._look(frame)
        if sample.outcome is FaceOutcome.USABLE and self._due(frame):
            self._embed_face(sample)

    def _look(self, frame: Frame) -> FaceSample:
        if frame.time - self._last_frame > STILL_INTERVAL:
            self._pipelines.face.reset()
        self._last_frame = frame.time
        sample = self._pipelines.face.look(frame)
        self.collected.frames += 1
        self.collected.face_outcomes[sample.outcome] += 1
        if sample.hint is not None:
            self.collected.hints[sample.hint] += 1
        return sample

    def _due(self, frame: Frame) -> bool:
        return frame.time - self._last_sample >= SAMPLE_INTERVAL

    def _embed_face(self, sample: FaceSample) -> FaceCandidate:
        self._last_sample = sample.frame.time
        judged = embed_face(self._models.face, sample)
        candidate = FaceCandidate(judged, sample.pose or Pose(0, 0, 0))
        self.collected.faces.append(candidate)
        self._others.see(sample)
        self.collected.portrait.offer(sample)
        return candidate

    def _take_voice(self, *, flush: bool) -> VoiceSample | None:
        sample = self._pipelines.voice.take(flush=flush)
        if sample is None:
            return None
        self.collected.voice_outcomes[sample.outcome] += 1
        if sample.hint is not None:
            self.collected.hints[sample.hint] += 1
        if sample.outcome is VoiceOutcome.USABLE:
            self.collected.voices.append(embed_voice(self._models.voice, sample))
            self._others.hear(sample)
            self.collected.speech_seconds += sample.seconds
        return sample
