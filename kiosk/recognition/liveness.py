"""Whether it is a living person who stands there: what a visit shows of it, and the rule.

`LivenessGathering` belongs to one session: it takes the frames and the sound of a visit, looks at
some of them and gives the evidence of every channel. `LivenessPolicy` turns evidence into live, not
live or not checked. Blurred or smeared pictures are not judged; who shows nothing else is asked
again, not refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kiosk.core.decisions import Decision, DecisionOutcome, DecisionReason
from kiosk.core.liveness import (
    LipSoundMatch,
    Liveness,
    LivenessOutcome,
    PadChannel,
    PadEvidence,
    joint_score,
)
from kiosk.core.media import AudioChunk, Matrix, Modality, Vector
from kiosk.core.ports.inference import FaceMotion, LipSound, PictureLiveness
from kiosk.core.samples import FaceOutcome, FaceSample, Hint, LocatedFace, VoiceSample
from kiosk.core.scoring import Calibration
from kiosk.recognition.head_turn import Side, random_side
from kiosk.recognition.motion_evidence import INTERVAL as MOTION_INTERVAL
from kiosk.recognition.motion_evidence import MotionGathering, motion_score
from kiosk.recognition.turn_request import CLEAR, SURE, RequestWish, TurnRequest
from kiosk.recognition.whose_voice import CROWD, is_somebody_elses, mouth_change

LOOK_INTERVAL = 0.2
"""Seconds between two pictures that are judged."""
MOST_PICTURES = 40
MOST_SECONDS = 12.0
"""Of sound and mouths kept for one visit."""
LANDMARK_SMOOTHING = 2
"""Pictures on either side over which landmarks are averaged before a mouth is cut out."""
MIN_PICTURES = 5
MIN_SHARPNESS = 0.012
"""Below it a picture is too blurred to be judged."""
LONGEST_LOOK = 1.8
"""Seconds from the first usable face that are looked at before a final answer where a living person
is required: ten pictures and six pairs of them 0.8 s apart."""
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


@dataclass(frozen=True)
class LivenessPolicy:
    """When a visit counts as live.

    `threshold` is the joint log likelihood ratio from which on it does, `sure` that from which on
    nothing is asked for beside it; `min_pictures` is how many sharp pictures must have been judged
    before anything is said.
    """

    threshold: float = 0.0
    sure: float = SURE
    min_pictures: int = MIN_PICTURES

    def judge(self, evidence: Sequence[PadEvidence]) -> Liveness:
        """Live, not live, or not checked with the reason.

        A frozen picture or another's voice is told without the picture channel; that somebody is
        live is never said without it.
        """
        found, score = tuple(evidence), joint_score(evidence)
        picture = next((part for part in found if part.channel is PadChannel.FACE_PICTURE), None)
        if score is not None and score < self.threshold:
            return Liveness(LivenessOutcome.NOT_LIVE, score, found, self._blamed(found))
        if picture is None or picture.pad_score is None:
            reason = picture.reason if picture is not None and picture.reason else "no_pictures"
            return Liveness(LivenessOutcome.NOT_CHECKED, score, found, reason)
        if picture.samples < self.min_pictures:
            return Liveness(LivenessOutcome.NOT_CHECKED, score, found, "too_few_pictures")
        return Liveness(LivenessOutcome.LIVE, score, found)

    @staticmethod
    def _blamed(evidence: Sequence[PadEvidence]) -> str:
        """The channel that speaks most strongly against a person."""
        measured = [part for part in evidence if part.pad_score is not None]
        worst = min(measured, key=lambda part: part.pad_score or 0.0)
        return worst.channel.value


@dataclass
class _Seen:
    """What one visit has shown so far."""

    odds: list[float] = field(default_factory=list)
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
        due = time - seen.last >= LOOK_INTERVAL and len(seen.odds) < MOST_PICTURES
        if model is None or not due or sample.box is None:
            return
        score = model.score([(sample.frame, sample.box)])[0]
        seen.last = time
        if score.sharpness < MIN_SHARPNESS:
            seen.blurred += 1
            return
        if not seen.odds:
            seen.first = time
        seen.odds.append(score.odds)

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
        channel, count = PadChannel.FACE_PICTURE, len(self._seen.odds)
        if count < self._min_pictures or calibration is None:
            reason = "blurred" if seen.blurred > count else "too_few_pictures"
            return PadEvidence(channel, None, count, reason=reason)
        mean = np.array(seen.odds).mean()
        score = float(calibration.llr(np.asarray(mean)))
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


class DelayEstimate:
    """By how much sound comes after the picture on one device: the median of sure matches.

    A match counts when it is good at its best delay and of enough speech; until FEWEST of them are
    there, the delay is taken to be zero.
    """

    FEWEST = 3
    GOOD = 0.35
    LEAST_SECONDS = 1.5
    KEPT = 50

    def __init__(self) -> None:
        self._delays: deque[float] = deque(maxlen=self.KEPT)

    def note(self, found: LipSoundMatch) -> None:
        """Take the match of one visit."""
        if found.best_correlation >= self.GOOD and found.seconds >= self.LEAST_SECONDS:
            self._delays.append(found.delay)

    @property
    def count(self) -> int:
        """Matches it rests on."""
        return len(self._delays)

    @property
    def seconds(self) -> float:
        """The delay, 0 while too little is known."""
        return float(np.median(self._delays)) if self.count >= self.FEWEST else 0.0


class LivenessCheck:
    """Presentation attack detection beside one session's visits: an `EvidenceGatherer` that also
    hears, judges, and has the last word where a living person is `required`.

    `choose` gives the side to turn to; `delayed` hears by how many seconds sound comes after the
    picture on this device, and how many visits say so.
    """

    def __init__(
        self,
        models: PadModels,
        *,
        required: bool,
        policy: LivenessPolicy | None = None,
        request: RequestWish = RequestWish.NEVER,
        choose: Callable[[], Side] = random_side,
        delayed: Callable[[float, int], None] = lambda seconds, visits: None,
    ) -> None:
        self.required = required
        self._delay, self._delayed = DelayEstimate(), delayed
        self._models = models
        self._policy = policy or LivenessPolicy()
        bounds = self._policy.threshold - CLEAR, self._policy.sure
        self._request = TurnRequest(request, choose, bounds)
        self._gathering = LivenessGathering(models)
        self._newest: FaceSample | None = None
        self._first: float | None = None
        self._last = 0.0

    def another(self) -> LivenessCheck:
        """For a session of its own, by the same models and rule."""
        return LivenessCheck(
            self._models, required=self.required, policy=self._policy, request=self._request.wish
        )

    @property
    def looks(self) -> bool:
        """Whether anything is looked at."""
        return (self._models.picture or self._models.motion or self._models.lips) is not None

    def reset(self) -> None:
        """Forget everything of the visit."""
        self._gathering.reset()
        self._request.reset()
        self._newest = self._first = None

    def notice(self, sample: FaceSample) -> None:
        """Remember a frame of the visit."""
        self._newest, self._last = sample, sample.frame.time
        self._request.see(sample)
        if self._first is None and sample.outcome is FaceOutcome.USABLE:
            self._first = sample.frame.time

    def look(self) -> None:
        """Look at the newest frame."""
        if self._newest is not None:
            self._gathering.see(self._newest)
            self._newest = None

    def listen(self) -> None:
        """Sound is taken by `hear`."""

    def taken(self, sample: VoiceSample) -> None:
        """Gathered speech has lost its times and is of no use here."""

    def settle(self) -> None:
        """A living visit tells how late sound comes on this device."""
        if self._passive().outcome is not LivenessOutcome.LIVE:
            return
        found = self._gathering.match()
        if found is not None:
            self._delay.note(found)
            self._gathering.delay = self._delay.seconds
            if self._delay.count >= DelayEstimate.FEWEST:
                self._delayed(self._delay.seconds, self._delay.count)

    def hear(self, chunk: AudioChunk, *, speaking: bool) -> None:
        """A stretch of sound of the visit."""
        self._gathering.hear(chunk, speaking=speaking)

    @property
    def waits(self) -> bool:
        """Whether a final answer should wait a moment for more to judge by."""
        if not self.required or self._first is None:
            return False
        if self._last - self._first < LONGEST_LOOK:
            return True
        return self._request.waits(self._passive)

    @property
    def hint(self) -> Hint | None:
        """What the person is asked to do now, if anything."""
        return self._request.hint

    def judge(self) -> Liveness:
        """What the visit has shown so far."""
        return self._request.judged(self._passive())

    def _passive(self) -> Liveness:
        return self._policy.judge(self._gathering.evidence())

    def hears_somebody_else(self) -> bool:
        """Whether a living person stands there who is not the one who is heard. Of a picture of
        somebody that is never said: a voice that does not fit it speaks against it."""
        if not self._gathering.hears_somebody_else():
            return False
        return self.judge().outcome is LivenessOutcome.LIVE

    def rule(self, decision: Decision, liveness: Liveness) -> Decision:
        """The decision as it may be told: where a living person is required, nobody is named by a
        face that is not one or was not checked. A visit by voice alone is told as it is: there is
        no face to check, and it says so."""
        if not self.required or decision.outcome is DecisionOutcome.UNUSABLE:
            return decision
        if liveness.outcome is LivenessOutcome.NOT_LIVE:
            return _without_names(decision, DecisionOutcome.NOT_LIVE, DecisionReason.NOT_LIVE)
        unseen = liveness.outcome is LivenessOutcome.NOT_CHECKED
        if unseen and Modality.FACE in decision.modalities:
            return _without_names(decision, DecisionOutcome.UNUSABLE, DecisionReason.NOT_CHECKED)
        return decision


def _without_names(
    decision: Decision, outcome: DecisionOutcome, reason: DecisionReason
) -> Decision:
    """Nobody is a candidate, and neither modality alone says anything."""
    return replace(
        decision,
        outcome=outcome,
        reason=reason,
        candidates=(),
        probability=0.0,
        conflict=False,
        face=None,
        voice=None,
    )
