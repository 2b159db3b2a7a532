"""What the engine and the screens know of the outside: protocols, implemented by capture,
inference and storage and put together in bootstrap alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.comparison import Cohort, Crowding
from kiosk.config import Settings
from kiosk.domain import (
    AudioChunk,
    Decision,
    Embedding,
    EnrolmentKind,
    EnrolmentRecord,
    FaceSample,
    Frame,
    Matrix,
    Modality,
    Points,
    Probe,
    SourceNotice,
    Subject,
    Template,
    Vector,
    VoiceProgress,
    VoiceSample,
    Waveform,
)
from kiosk.estimates import AttributeEstimate
from kiosk.machine import Body, DeviceInfo, ModelInfo, Promise, Pulse
from kiosk.records import (
    ArchiveReceipt,
    Consent,
    Corrector,
    DecisionRecord,
    Negative,
    Origin,
    PersonSummary,
)

FrameListener: TypeAlias = Callable[[Frame], None]
Tell: TypeAlias = Callable[[float], None]
"""Hears which share of long work is done, 0..1."""


class Clock(Protocol):
    """Wall time that a test can turn by hand."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""

    def wait(self, seconds: float) -> bool:
        """Wait, and return early with True when stopped."""


class Camera(Protocol):
    """Pictures from one place."""

    name: str

    def open(self) -> None:
        """Raises CaptureError: DeviceMissing, DeviceBusy, DeviceForbidden, StreamLost."""

    def read(self) -> Frame | None:
        """The next picture, None at the end. Blocks a second at most, then raises DeviceSilent."""

    def close(self) -> None:
        """Release the device; closing twice is allowed."""


class Microphone(Protocol):
    """Sound from one place."""

    name: str

    def open(self) -> None:
        """Raises CaptureError: DeviceMissing, DeviceBusy, DeviceForbidden, StreamLost."""

    def read(self) -> AudioChunk | None:
        """The next stretch of sound, None at the end. Blocks a second at most, then raises
        DeviceSilent."""

    def close(self) -> None:
        """Release the device; closing twice is allowed."""


class Source(AbstractContextManager["Source"], Protocol):
    """Picture and sound of one visit place in the order of their timestamps.

    `live` sources drop frames nobody took (`dropped` counts them) and never drop sound; recorded
    ones deliver everything as fast as it is asked for. `preview`, when set, is called from the
    capture thread with every frame, dropped or not.
    """

    live: bool
    dropped: int
    preview: FrameListener | None

    def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
        """Everything in order, until the end or `close`. Raises CaptureError or InputError if it
        cannot even begin."""

    def close(self) -> None:
        """Stop threads and release devices; may be called from another thread, wakes `events`."""


class FacePath(Protocol):
    """From a frame to a judged face."""

    def look(self, frame: Frame) -> FaceSample:
        """Find or follow the nearest face and judge it."""

    def reset(self) -> None:
        """Forget the track and everything of the last visit."""


class VoicePath(Protocol):
    """From sound to a judged segment of speech."""

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        """Take sound of any rate; cheap enough to be called for each chunk."""

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        """The gathered segment if there is enough speech (or, with flush, whatever there is);
        None if there is nothing to judge yet. Taking empties the store."""

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        """`seconds` of the gathered speech from its second `start` on, judged; None if there is
        not that much yet. Takes nothing away."""

    def reset(self) -> None:
        """Forget everything heard."""


class FaceEmbedder(Protocol):
    """A face recogniser; `cohort`, if it brings one, is what its scores are normalised against."""

    model_id: str
    dims: int
    cohort: Cohort | None

    def embed(self, faces: Sequence[tuple[Frame, Points]]) -> list[Embedding]:
        """One embedding for each face; alignment is the model's own affair."""


class VoiceEmbedder(Protocol):
    """A speaker recogniser; `cohort` as for a face recogniser."""

    model_id: str
    dims: int
    cohort: Cohort | None

    def embed(self, speech: Waveform) -> Embedding:
        """Of speech at SPEECH_RATE, at least half a second."""


class FaceAttributes(Protocol):
    """Estimates emotion, age and gender from faces."""

    def estimate(
        self, faces: Sequence[tuple[Frame, Points]], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        """One estimate (channel FACE) for each face; alignment is the model's own affair.

        Without `mirrored` the model may look at each face and its mirror image; with it, at one of
        them alone: half the work, for who averages over many frames.
        """


class VoiceAttributes(Protocol):
    """Estimates emotion, age and gender from speech."""

    def estimate(self, speech: Waveform) -> AttributeEstimate:
        """Of speech at SPEECH_RATE, at least half a second; channel VOICE."""


class TextEmotion(Protocol):
    """Estimates the emotion of a sentence, Korean or English."""

    def estimate(self, text: str) -> AttributeEstimate:
        """Channel TEXT; `emotion` is None where there are no words to go by."""


class References(Protocol):
    """The resident templates of one modality and model, ready to be searched."""

    modality: Modality
    model_id: str

    def __len__(self) -> int:
        """How many templates."""

    def compare(self, probe: Vector) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Subject id and cosine similarity of every template, both of shape (templates,)."""

    def crowding(self, cohort: Cohort) -> Crowding:
        """Of every template, (templates,), in the order of `compare`; computed once for each."""

    def matrix(self) -> Matrix:
        """All templates, (templates, dims); a view, not to be written."""


class Enrolled(Protocol):
    """Everyone enrolled, as a comparison sees them."""

    def references(self, modality: Modality, model_id: str) -> References:
        """The resident matrix; kept current by every change made through this object."""

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id."""


class Fed(Protocol):
    """What a source is fed into: a visit, or who stands before one."""

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source."""

    def finish(self) -> None:
        """The source ended."""


class DecisionLog(Protocol):
    """What a visit tells of its end."""

    def decided(self, decision: Decision, probes: Sequence[Probe]) -> None:
        """A final decision, and what it was made from."""

    def denied(self, probes: Sequence[Probe]) -> None:
        """The visitor says that the newest decision is wrong. `probes` are its own, empty if they
        were forgotten already."""


class Gallery(Enrolled, Protocol):
    """Subjects, their templates, their history, and the record of decisions.

    Raises StorageError and its children throughout; InputError for an unknown or taken name.
    """

    def subjects(self) -> list[Subject]:
        """Everyone, by name."""

    def summaries(self) -> list[PersonSummary]:
        """Everyone, by name: active templates, when last identified, newest consent, origin."""

    def subject(self, name: str) -> Subject:
        """One by name. Raises InputError with the nearest names if there is none."""

    def require_free(self, name: str) -> None:
        """Raises InputError for a name that is taken or unusable."""

    def templates(self, subject_id: int) -> list[Template]:
        """The active templates of one subject."""

    def enrol(
        self,
        name: str,
        templates: Sequence[Template],
        kind: EnrolmentKind,
        note: str = "",
        consent: Consent | None = None,
        picture: bytes | None = None,
        origin: Origin = Origin.STAFF,
    ) -> EnrolmentRecord:
        """NEW makes a subject of this origin, ADD adds to one, REPLACE retires the active templates
        of the modalities and models given. One transaction, with consent and picture (JPEG)."""

    def roll_back(self, name: str) -> EnrolmentRecord:
        """Undo the newest enrolment of a subject; what it replaced is active again."""

    def history(self, name: str) -> list[EnrolmentRecord]:
        """Newest first."""

    def rename(self, old: str, new: str) -> None:
        """Give a subject another name."""

    def remove(self, name: str) -> int:
        """Delete a subject with templates, history and decisions; returns the templates deleted."""

    def confirm(self, name: str) -> None:
        """Staff have looked at somebody who enrolled themselves; of others nothing changes."""

    def join(self, kept: str, other: str) -> None:
        """Two subjects are one person: `other` becomes a part of `kept` and is gone as a subject.
        Raises InputError for an unknown name, or twice the same."""

    def consents(self, name: str) -> list[Consent]:
        """The consents on a subject's record, newest first."""

    def pictures(self, subject_ids: Sequence[int]) -> dict[int, bytes]:
        """The kept pictures of these subjects, JPEG by subject id."""

    def forget_pictures(self) -> int:
        """Delete every picture; returns how many there were."""

    def give_consent(self, name: str, consent: Consent) -> None:
        """Put a consent on a subject's record."""

    def withdraw_consent(self, name: str) -> None:
        """Mark a subject's consent as taken back; the templates stay until `remove`."""

    def export(
        self, file: Path, passphrase: str, *, force: bool = False, tell: Tell = ...
    ) -> ArchiveReceipt:
        """Write everyone with their history into an archive; `tell` hears the share done, 0..1.
        Raises InputError, DiskFull."""

    def merge(self, file: Path, passphrase: str, *, tell: Tell = ...) -> ArchiveReceipt:
        """Add everyone of an archive, or nobody; `tell` hears the share done, 0..1.
        Raises InputError, NewerDatabase."""

    def record(self, decision: Decision, probes: Sequence[Probe] = ()) -> int:
        """Keep a decision: outcome, scores, time; never a picture or a sound. Probes are kept with
        it only if given. Returns its id."""

    def decisions(
        self, limit: int = 100, since: datetime | None = None, subject_id: int | None = None
    ) -> list[DecisionRecord]:
        """The last `limit` decisions, newest first, with the corrections made of them; those from
        `since` on, or with one subject on top, if asked."""

    def mark_wrong(
        self,
        decision_id: int,
        by: Corrector,
        subject_id: int | None = None,
        probes: Sequence[Probe] = (),
    ) -> None:
        """Somebody says that a decision was wrong, and perhaps who it was. Its probes, kept before
        or given now, become negatives. Raises InputError if it is not kept any more."""

    def unmark_wrong(self, decision_id: int) -> None:
        """Take that word back."""

    def negatives(self, modality: Modality, model_id: str) -> list[Negative]:
        """Probes known to be of somebody else than the subject they were taken for."""

    def probes(self, subject_id: int, limit: int = 20) -> list[Probe]:
        """What the last visits that identified a subject were decided from, where it was kept."""

    def purge_decisions(self, before: datetime) -> int:
        """Forget the decisions older than `before`; returns how many."""

    def close(self) -> None:
        """Close the database."""


class Backroom(Protocol):
    """What the settings and health pages ask. All may be called on any thread; `pulse` answers at
    once, the others may take seconds and are never called on the screens' thread."""

    def pulse(self) -> Pulse:
        """How the running kiosk is at this moment."""

    def body(self) -> Body:
        """How the machine is."""

    def cameras(self) -> list[DeviceInfo]:
        """What can be chosen as camera."""

    def microphones(self) -> list[DeviceInfo]:
        """What can be chosen as microphone."""

    def models(self) -> list[ModelInfo]:
        """Every model of the manifest, those in use first."""

    def promises(self, settings: Settings, enrolled: int) -> list[Promise]:
        """What the thresholds mean for face, voice and both; empty where nothing is known."""

    def write_bundle(self) -> str:
        """Write a diagnostics bundle without personal data; returns where. Raises StorageError."""


class Speaker(Protocol):
    """Says prompts aloud."""

    def say(self, file: Path) -> float:
        """Begin to play a recording in place of what is playing; returns its seconds, 0 where no
        sound can be played. Returns at once."""

    def stop(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Fall silent for good."""
