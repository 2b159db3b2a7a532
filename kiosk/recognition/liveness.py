"""Whether it is a living person who stands there, as a visit asks it.

What is shown is gathered (`liveness_gathering`), judged (`liveness_policy`) and, where there is a
doubt, asked for (`turn_request`); `LivenessCheck` has the last word where a living person is
required. How late sound comes on a device is learnt from living visits (`DelayEstimate`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kiosk.core.decisions import Decision, DecisionOutcome, DecisionReason
from kiosk.core.liveness import LipSoundMatch, Liveness, LivenessOutcome
from kiosk.core.media import AudioChunk, Modality
from kiosk.core.samples import FaceOutcome, FaceSample, Hint, VoiceSample
from kiosk.recognition.head_turn import Side, random_side
from kiosk.recognition.liveness_gathering import LivenessGathering, PadModels
from kiosk.recognition.liveness_policy import LivenessPolicy
from kiosk.recognition.spoken_request import Digits, SpokenRequest
from kiosk.recognition.turn_request import CLEAR, RequestWish, TurnRequest

LONGEST_LOOK = 1.8
"""Seconds from the first usable face that are looked at before a final answer where a living person
is required: ten pictures and six pairs of them 0.8 s apart."""


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
        spoken: SpokenRequest | None = None,
        delayed: Callable[[float, int], None] = lambda seconds, visits: None,
    ) -> None:
        self.required = required
        self._delay, self._delayed = DelayEstimate(), delayed
        self._models = models
        self._policy = policy or LivenessPolicy()
        bounds = self._policy.threshold - CLEAR, self._policy.sure
        self._request = TurnRequest(request, choose, bounds)
        self._spoken = spoken or SpokenRequest(wanted=False)
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
        self._spoken.reset()
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
        return self._request.waits(self._passive) or self._waits_for_digits

    @property
    def _waits_for_digits(self) -> bool:
        return self._spoken.waits(self._seconds_read, self._last)

    @property
    def _seconds_read(self) -> float:
        """Seconds spoken since the digits were shown."""
        shown = self._spoken.shown
        return 0.0 if shown is None else self._gathering.spoken_since(shown)

    def invite_to_speak(self, time: float) -> None:
        """It is the visitor's turn to speak, and what they are to read is shown."""
        if self.required:
            self._spoken.show(time)

    @property
    def digits(self) -> Digits:
        """What the visitor is to read aloud and has not read; empty where nothing is asked for."""
        return self._spoken.digits if self._waits_for_digits else ()

    @property
    def hint(self) -> Hint | None:
        """What the person is asked to do now, if anything."""
        return self._request.hint

    def judge(self) -> Liveness:
        """What the visit has shown so far."""
        asked = self._request.judged(self._passive())
        return self._spoken.judged(asked, self._seconds_read) if self.required else asked

    def _passive(self) -> Liveness:
        return self._policy.judge(self._gathering.evidence())

    def leaves_voice_out(self) -> bool:
        """Whether what is heard is not of the visit: a person stands there who surely lives and is
        not the one who speaks. Of a picture of somebody that is never said, nor where there is a
        doubt: a voice that does not fit it speaks against it. Where a living person is required
        they are asked from now on to turn the head before they are named without that voice."""
        if not self._gathering.hears_somebody_else():
            return False
        if self._request.answered:
            return True
        sure = self._policy.is_sure(self._passive())
        if sure and self.required:
            self._request.ask()
        return sure

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
