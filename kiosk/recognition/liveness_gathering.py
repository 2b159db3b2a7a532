"""What a visit shows of a living person: some of its pictures, how they move, mouth and sound.

`LivenessGathering` belongs to one session: it takes the frames and the sound of a visit, looks at
some of them and gives the evidence of every channel.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kiosk.core.liveness import (
    LipSoundMatch,
    PadChannel,
    PadEvidence,
    PictureScore,
    mean_odds,
)
from kiosk.core.media import AudioChunk, Matrix, Vector
from kiosk.core.ports.inference import FaceMotion, LipSound, PictureLiveness
from kiosk.core.samples import FaceOutcome, FaceSample, LocatedFace
from kiosk.core.scoring import Calibration
from kiosk.recognition.liveness_policy import MIN_PICTURES
from kiosk.recognition.motion_evidence import INTERVAL as MOTION_INTERVAL
from kiosk.recognition.motion_evidence import MotionGathering, motion_score
from kiosk.recognition.whose_voice import CROWD, is_somebody_elses, mouth_change

LOOK_INTERVAL = 0.2
"""Seconds between two pictures that are judged."""
CLOSE_EVERY = 2
"""One in so many of them is looked at closely as well."""
MOST_PICTURES = 40
MOST_SECONDS = 12.0
"""Of sound and mouths kept for one visit."""
LANDMARK_SMOOTHING = 2
"""Pictures on either side over which landmarks are averaged before a mouth is cut out."""
MIN_SHARPNESS = 0.012
"""Below it a picture is too blurred to be judged."""
LEAST_SPOKEN = 0.8
"""Seconds of speech before mouth and sound are compared."""
ENOUGH_SPOKEN = 3.0
"""Seconds from which on more speech makes a comparison no surer."""


@dataclass(frozen=True)
class PadModels:
    """The channels that are loaded and the calibrations of their scores; None is not looked at."""

    picture: PictureLiveness | None = None
    motion: FaceMotion | None = None
    lips: LipSound | None = None
    picture_calibration: Calibration | None = None
    lips_calibration: Calibration | None = None


@dataclass
class _Seen:
    """What one visit has shown so far."""

    pictures: list[PictureScore] = field(default_factory=list)
    blurred: int = 0
    first: float = 0.0
    last: float = -1e9
    motion: MotionGathering = field(default_factory=MotionGathering)
    recent: deque[FaceSample] = field(default_factory=deque)
    mouths: deque[tuple[float, Vector]] = field(default_factory=deque)
    heard: deque[AudioChunk] = field(default_factory=deque)
    spoken: deque[tuple[float, float]] = field(default_factory=deque)
    looks: int = 0
    crowded: int = 0


class LivenessGathering:
    """Looks at the frames and listens to the sound of one session; `reset` between visits.

    `delay` is by how many seconds sound comes after the picture on this device; `min_pictures` is
    how many sharp pictures the picture channel judges by at least.
    """

    def __init__(
        self, models: PadModels, delay: float = 0.0, min_pictures: int = MIN_PICTURES
    ) -> None:
        self._models = models
        self._min_pictures = min_pictures
        self.delay = delay
        self._seen = _Seen()

    def reset(self) -> None:
        """Forget the visit."""
        self._seen = _Seen()

    def see(self, sample: FaceSample) -> None:
        """Take a judged frame; frames without a usable face are not looked at."""
        if sample.box is None or sample.landmarks is None:
            return
        self._seen.looks += 1
        self._seen.crowded += sample.face_count > 1
        self._note_mouth(sample)
        if sample.outcome is not FaceOutcome.USABLE:
            return
        self._note_picture(sample)
        if self._models.motion is not None:
            self._seen.motion.see(sample, self._models.motion)

    def hear(self, chunk: AudioChunk, *, speaking: bool) -> None:
        """Take sound as it comes; `speaking` says whether somebody speaks in it."""
        if self._models.lips is None:
            return
        seen = self._seen
        if seen.heard and seen.heard[-1].rate != chunk.rate:
            seen.heard.clear()
        seen.heard.append(chunk)
        if speaking:
            seen.spoken.append((chunk.time, chunk.seconds))
        end = chunk.time + chunk.seconds
        while end - seen.heard[0].time > MOST_SECONDS:
            seen.heard.popleft()
        while seen.spoken and end - seen.spoken[0][0] > MOST_SECONDS:
            seen.spoken.popleft()

    def forget_sound(self) -> None:
        """As if nothing had been heard: the same pictures with another sound."""
        self._seen.heard.clear()
        self._seen.spoken.clear()

    def evidence(self) -> tuple[PadEvidence, ...]:
        """What every loaded channel found so far."""
        found = []
        if self._models.picture is not None:
            found.append(self._picture_evidence())
        if self._models.motion is not None:
            found.append(self._motion_evidence())
        if self._models.lips is not None:
            found.append(self._lip_evidence())
        return tuple(found)

    def spoken_since(self, begin: float) -> float:
        """Seconds of speech that began after a moment."""
        return sum(seconds for time, seconds in self._seen.spoken if time >= begin)

    def match(self) -> LipSoundMatch | None:
        """How the mouth fits the sound of this visit, for telling whose voice it is and for the
        delay of the device."""
        lips, seen = self._models.lips, self._mouths()
        if lips is None or seen is None:
            return None
        return lips.match(*seen, list(self._seen.heard), self.delay)

    def _mouths(self) -> tuple[Matrix, NDArray[np.float64]] | None:
        """Of the visit and when they were seen, if there was sound as well."""
        seen = self._seen
        if len(seen.mouths) < 2 or not seen.heard:
            return None
        times = np.array([time for time, _ in seen.mouths])
        return np.stack([mouth for _, mouth in seen.mouths]), times

    def hears_somebody_else(self) -> bool:
        """Whether the person in the picture cannot be taken for the one who is heard."""
        return self._is_elses(self._lip_fit())

    def _is_elses(self, fit: PadEvidence) -> bool:
        seen, mouths = self._seen, self._mouths()
        change = None if mouths is None else mouth_change(*mouths, list(seen.heard))
        several = seen.crowded > CROWD * seen.looks
        return is_somebody_elses(change, fit.pad_score, several=several)

    def _note_picture(self, sample: FaceSample) -> None:
        seen, model = self._seen, self._models.picture
        time = sample.frame.time
        count = len(seen.pictures)
        due = time - seen.last >= LOOK_INTERVAL and count < MOST_PICTURES
        if model is None or not due or sample.box is None:
            return
        closely = count % CLOSE_EVERY == 0
        score = model.score([(sample.frame, sample.box)], closely=closely)[0]
        seen.last = time
        if score.sharpness < MIN_SHARPNESS:
            seen.blurred += 1
            return
        if not seen.pictures:
            seen.first = time
        seen.pictures.append(score)

    def _note_mouth(self, sample: FaceSample) -> None:
        """Cut out the mouth of the picture before last, its landmarks averaged over neighbours."""
        seen, model = self._seen, self._models.lips
        if model is None:
            return
        if seen.recent and seen.recent[-1].track != sample.track:
            seen.recent.clear()
            seen.mouths.clear()
        seen.recent.append(sample)
        if len(seen.recent) <= 2 * LANDMARK_SMOOTHING:
            return
        middle = seen.recent[LANDMARK_SMOOTHING]
        shapes = [one.landmarks for one in seen.recent if one.landmarks is not None]
        # Of other points than the frame's own, and so with a fit of their own.
        steady = LocatedFace(middle.frame.image, np.mean(shapes, axis=0).astype(np.float32))
        seen.mouths.append((middle.frame.time, model.mouth(steady)))
        seen.recent.popleft()
        while middle.frame.time - seen.mouths[0][0] > MOST_SECONDS:
            seen.mouths.popleft()

    def _picture_evidence(self) -> PadEvidence:
        seen, calibration = self._seen, self._models.picture_calibration
        channel, count = PadChannel.FACE_PICTURE, len(self._seen.pictures)
        if count < self._min_pictures or calibration is None:
            reason = "blurred" if seen.blurred > count else "too_few_pictures"
            return PadEvidence(channel, None, count, reason=reason)
        score = float(calibration.llr(np.asarray(mean_odds(seen.pictures))))
        return PadEvidence(channel, score, count, seen.last - seen.first)

    def _motion_evidence(self) -> PadEvidence:
        steps = self._seen.motion.steps
        score = motion_score(steps)
        reason = "too_few_pictures" if score is None else ""
        return PadEvidence(
            PadChannel.MOTION, score, len(steps), len(steps) * MOTION_INTERVAL, reason
        )

    def _lip_evidence(self) -> PadEvidence:
        """Nothing where somebody else is heard: of them it says nothing of this person."""
        fit = self._lip_fit()
        if fit.pad_score is None or not self._is_elses(fit):
            return fit
        return PadEvidence(PadChannel.LIP_SOUND, None, reason="other_speaker")

    def _lip_fit(self) -> PadEvidence:
        channel, calibration = PadChannel.LIP_SOUND, self._models.lips_calibration
        spoken = sum(seconds for _, seconds in self._seen.spoken)
        found = self.match() if spoken >= LEAST_SPOKEN else None
        if found is None or calibration is None:
            return PadEvidence(channel, None, reason="no_speech")
        score = float(calibration.llr(np.asarray(lip_statistic(found))))
        return PadEvidence(channel, score, 1, found.seconds)


def lip_statistic(found: LipSoundMatch) -> float:
    """What the calibration of a lip-and-sound model is of: the correlation, surer the longer the
    speech (the deviation of a correlation falls with the root of the time)."""
    return found.correlation * float(np.sqrt(min(found.seconds, ENOUGH_SPOKEN)))
