"""Presentations through the kiosk's own face and voice pipelines and its liveness rule.

Every presentation is shown for a few seconds, as at the kiosk: what is gathered by then is judged.
Pictures that are no film are shown one every 0.2 s; where there are fewer than a judgement needs,
each is looked at once (`Single`), which says how the network does and not how the kiosk does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.capture.media import MediaSource
from kiosk.core.errors import CaptureError, InputError
from kiosk.core.liveness import Liveness, LivenessOutcome, PadChannel, mean_odds
from kiosk.core.media import AudioChunk, Frame, Modality, SourceNotice, Vector
from kiosk.core.pooling import pool
from kiosk.core.samples import FaceOutcome, FaceSample
from kiosk.datasets.presentations import PadPresentation
from kiosk.evaluation.extraction.extract import Unreadable, picture_of
from kiosk.evaluation.pad import composed
from kiosk.evaluation.pad.composed import Take
from kiosk.recognition.identification import Models
from kiosk.recognition.liveness_gathering import LivenessGathering, PadModels
from kiosk.recognition.liveness_policy import LivenessPolicy

PICTURE_INTERVAL = 0.2
"""Seconds between two pictures that are no film."""
_MOST_EMBEDDED = 5


@dataclass(frozen=True)
class Judged:
    """One presentation and what was said of it; `subject` never leaves the process.

    `matched` is whether the face would have been taken for the subject by identity alone (where
    somebody else is heard as well: by face and voice); None where nobody of that name was enrolled.
    """

    kind: str
    bona_fide: bool
    subject: str
    device: str
    group: str
    liveness: Liveness
    matched: bool | None = None

    @property
    def accepted(self) -> bool:
        """Called live."""
        return self.liveness.outcome is LivenessOutcome.LIVE

    @property
    def checked(self) -> bool:
        """Whether anything was said."""
        return self.liveness.outcome is not LivenessOutcome.NOT_CHECKED

    @property
    def refused(self) -> bool:
        """Called an attack."""
        return self.liveness.outcome is LivenessOutcome.NOT_LIVE

    def score(self, channel: PadChannel) -> float | None:
        """Of one channel."""
        part = self.liveness.of(channel)
        return None if part is None else part.pad_score


@dataclass(frozen=True)
class Single:
    """One picture that belongs to no film: the picture channel's calibrated score."""

    kind: str
    bona_fide: bool
    subject: str
    group: str
    pad_score: float


@dataclass
class Examiner:
    """Shows presentations to the kiosk's parts for `seconds` each."""

    models: Models
    pad: PadModels
    policy: LivenessPolicy
    seconds: float = 2.0
    min_llr: float = 4.0
    tell: Callable[[str], None] = lambda text: None
    unread: int = 0
    templates: dict[str, Vector] = field(default_factory=dict)

    def judge(self, kind: str, shown: PadPresentation, take: Take) -> Judged:
        """Show a take and judge it by what it showed in time."""
        gathering = LivenessGathering(self.pad, min_pictures=self.policy.min_pictures)
        faces: list[FaceSample] = []
        pipelines = self.models.pipelines()
        begin: float | None = None
        for event in take.events():
            if begin is not None and event.time - begin > self.seconds:
                break
            if isinstance(event, AudioChunk):
                progress = pipelines.voice.hear(event)
                gathering.hear(event, speaking=progress.speaking)
                continue
            sample = pipelines.face.look(event)
            if begin is None and sample.outcome is FaceOutcome.USABLE:
                begin = event.time
            gathering.see(sample)
            faces.append(sample)
        matched = self._match(kind == "bona_fide", shown.subject, faces)
        liveness = self.policy.judge(gathering.evidence())
        return Judged(
            kind,
            kind == "bona_fide",
            shown.subject,
            shown.device,
            shown.group,
            liveness,
            matched,
        )

    def single(self, shown: PadPresentation) -> list[Single]:
        """Each picture by itself; those without a usable face are left out."""
        model, calibration = self.pad.picture, self.pad.picture_calibration
        if model is None or calibration is None:
            return []
        found = []
        pipeline = self.models.pipelines().face
        for frame in read_take(shown).frames:
            pipeline.reset()
            sample = pipeline.look(frame)
            if sample.box is None:
                continue
            odds = np.asarray(mean_odds(model.score([(frame, sample.box)])))
            llr = float(calibration.llr(odds))
            found.append(Single(shown.kind, shown.bona_fide, shown.subject, shown.group, llr))
        return found

    def read(self, shown: PadPresentation) -> Take | None:
        """The take of a presentation; None, counted and told, where it cannot be read."""
        try:
            return read_take(shown, self.seconds + 2.0)
        except (InputError, CaptureError) as error:
            self.unread += 1
            self.tell(error.text)
            return None

    def _match(self, bona_fide: bool, subject: str, faces: Sequence[FaceSample]) -> bool | None:
        """Whether these faces are taken for the subject; the first bona fide ones enrol."""
        vector = self._embedded(faces)
        if vector is None:
            return None
        known = self.templates.get(subject)
        if known is None:
            if bona_fide:
                self.templates[subject] = vector
            return None
        score = np.array([vector @ known])
        cohort = self.models.face.cohort
        if cohort is not None:
            score = cohort.normalise(
                score, cohort.cohort_similarity(vector[None]), cohort.cohort_similarity(known[None])
            )
        return bool(self.models.face_calibration.llr(score)[0] >= self.min_llr)

    def _embedded(self, faces: Sequence[FaceSample]) -> Vector | None:
        usable = [
            face.located
            for face in faces
            if face.outcome is FaceOutcome.USABLE and face.located is not None
        ]
        if not usable:
            return None
        step = max(1, len(usable) // _MOST_EMBEDDED)
        embeddings = self.models.face.embed(usable[::step][:_MOST_EMBEDDED])
        return pool(embeddings, Modality.FACE, self.models.face.model_id).vector


def examine(
    examiner: Examiner, shown: Iterable[PadPresentation], *, compose: bool, seed: int
) -> Iterator[Judged]:
    """Judge presentations as they come, and who is bona fide enrols; with `compose`, stills and
    photographs made from the bona fide clips as well."""
    for number, one in enumerate(shown):
        take = examiner.read(one)
        if take is None:
            continue
        yield examiner.judge(one.kind, one, take)
        if not (compose and one.bona_fide and one.clip):
            continue
        yield examiner.judge(composed.STILL, one, composed.still(take))
        moved = composed.moved_photograph(take, seed + number)
        yield examiner.judge(composed.MOVED_PHOTOGRAPH, one, moved)


def read_take(shown: PadPresentation, seconds: float = 1e9) -> Take:
    """Frames and sound of a presentation, as far as `seconds`. Raises InputError, CaptureError."""
    if not shown.clip:
        times = shown.times or [k * PICTURE_INTERVAL for k in range(len(shown.items))]
        begin = times[0]
        seen = [(k, time) for k, time in enumerate(times) if time - begin <= seconds]
        return Take(tuple(Frame(_picture(shown, k), time, k) for k, time in seen))
    frames, sound = [], []
    with MediaSource(shown.items[0].path) as source:
        for event in source.events():
            if isinstance(event, SourceNotice):
                continue
            if event.time > seconds:
                break
            if isinstance(event, Frame):
                frames.append(event)
            else:
                sound.append(event)
    if not frames:
        raise InputError(f"{shown.items[0].name} holds no picture.", "Take it out.")
    return Take(tuple(frames), tuple(sound))


def _picture(shown: PadPresentation, place: int) -> np.ndarray:
    item = shown.items[place]
    try:
        return picture_of(item, item.content())
    except Unreadable as error:
        raise InputError(f"{item.name} is not a readable picture.", "Take it out.") from error
