"""What one visit has brought so far, of one person alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kiosk.core.media import Modality
from kiosk.core.pooling import pool
from kiosk.core.samples import Embedding, FaceOutcome, FaceSample, Hint, Probe, VoiceSample
from kiosk.recognition.continuity import FaceContinuity, Ratio, Seen
from kiosk.recognition.identification import Models


@dataclass
class VisitEvidence:
    """Embeddings and counts of a visit that began at `began`; times are the source's, seconds.

    `track` is that of the newest face that was compared; `hint` is the newest thing that was wrong;
    `others_spoke` says that speech was left out because it was not this person's.
    """

    began: float
    track: int | None = None
    faces: list[Embedding] = field(default_factory=list)
    last_embedded: float = -1e9
    continuity: FaceContinuity = field(default_factory=FaceContinuity)
    outcomes: Counter[FaceOutcome] = field(default_factory=Counter)
    voices: list[Embedding] = field(default_factory=list)
    speech_seconds: float = 0.0
    last_spoken: float = -1e9
    others_spoke: bool = False
    hint: Hint | None = None

    def count(self, sample: FaceSample) -> None:
        """A frame, usable or not."""
        self.outcomes[sample.outcome] += 1
        self.hint = sample.hint if sample.hint is not None else self.hint

    def add_face(self, embedding: Embedding, time: float) -> None:
        """A usable face of this person, seen at `time`."""
        self.faces.append(embedding)
        self.last_embedded = time

    def compare(
        self, embedding: Embedding, sample: FaceSample, models: Models, ratio: Ratio
    ) -> Seen:
        """Whether a usable face is of this person; what is not clearly theirs is kept apart."""
        self.track, self.last_embedded = sample.track, sample.frame.time
        probe = self.face_probe(models)
        so_far = probe.vector if probe is not None else None
        return self.continuity.judge(embedding, sample.frame.time, so_far, ratio)

    def is_silent_since(self, time: float) -> bool:
        """Whether all that was said in this visit was said before `time`."""
        return -1e9 < self.last_spoken < time

    @property
    def is_seen(self) -> bool:
        """Whether there was a face, usable or not."""
        return any(outcome is not FaceOutcome.NO_FACE for outcome in self.outcomes)

    def add_speech(self, sample: VoiceSample) -> None:
        """A segment of speech, usable or not."""
        self.speech_seconds += sample.seconds
        if sample.hint is not None and not self.faces:
            self.hint = sample.hint

    def face_probe(self, models: Models) -> Probe | None:
        """The faces so far, pooled."""
        return pool(self.faces, Modality.FACE, models.face.model_id) if self.faces else None

    def probes(self, models: Models) -> list[Probe]:
        """What is compared with the gallery: faces, speech, or both."""
        face = self.face_probe(models)
        found = [face] if face is not None else []
        if self.voices:
            found.append(pool(self.voices, Modality.VOICE, models.voice.model_id))
        return found
