"""What estimates attributes, and how the estimates of one visit are gathered.

Identification never waits for any of this: a decision is made first, and the work is spread over
the frames and the listening before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kiosk.core.attribute_fusion import Fusion, average, only, says_something
from kiosk.core.errors import BugError
from kiosk.core.estimates import AttributeEstimate, AttributeSelection, Channel
from kiosk.core.media import Waveform
from kiosk.core.ports.inference import FaceAttributes, TextEmotion, VoiceAttributes, VoicePipeline
from kiosk.core.samples import FaceOutcome, FaceSample, LocatedFace, VoiceOutcome, VoiceSample

FACE_INTERVAL = 0.25
"""Seconds between two frames whose attributes are estimated."""
SEGMENT_SECONDS = 2.0
"""Speech to one estimate."""


@dataclass(frozen=True)
class Estimators:
    """Everything that estimates attributes; what is None is not estimated by that channel.

    What is not wanted never leaves this object, whatever the networks behind it can do. Raises
    BugError where emotion is not wanted and an estimator of nothing else is given.
    """

    want: AttributeSelection = field(
        default_factory=lambda: AttributeSelection(False, False, False)
    )
    fusion: Fusion = field(default_factory=Fusion)
    face: FaceAttributes | None = None
    voice: VoiceAttributes | None = None
    text: TextEmotion | None = None
    want_of: Mapping[Channel, AttributeSelection] = field(default_factory=dict)
    """Where a channel is asked for less than `want`."""

    def __post_init__(self) -> None:
        if self.text is not None and not self.want.emotion:
            raise BugError("an estimator of emotion alone, where emotion is not wanted")

    def of_face(
        self, face: LocatedFace, quality: float, mirrored: bool | None = None
    ) -> AttributeEstimate | None:
        """Of one face; `quality` is that of the sample, `mirrored` see the port."""
        if self.face is None or not self.want.anything:
            return None
        return self._weighed(self.face.estimate([face], mirrored)[0], quality)

    def of_voice(self, speech: Waveform, quality: float) -> AttributeEstimate | None:
        """Of speech at SPEECH_RATE, at least half a second."""
        if self.voice is None or not self.want.anything:
            return None
        return self._weighed(self.voice.estimate(speech), quality)

    def of_text(self, text: str) -> AttributeEstimate | None:
        """Of a sentence."""
        return None if self.text is None else self._weighed(self.text.estimate(text), 1.0)

    def _weighed(self, estimate: AttributeEstimate, quality: float) -> AttributeEstimate | None:
        left = only(replace(estimate, quality=estimate.quality * quality), self.want)
        left = only(left, self.want_of.get(estimate.channel, self.want))
        return left if says_something(left) else None


class AttributeGathering:
    """The estimates of one visit: of the face four times a second, of the voice by segments."""

    def __init__(self, estimators: Estimators, voice_pipeline: VoicePipeline) -> None:
        self._estimators = estimators
        self._voice_path = voice_pipeline
        self.reset()

    def reset(self) -> None:
        """Forget everything of the visit."""
        self._faces: list[AttributeEstimate] = []
        self._voices: list[AttributeEstimate] = []
        self._newest: FaceSample | None = None
        self._untouched: VoiceSample | None = None
        self._last_face = -1e9
        self._heard = 0.0
        self._made: tuple[AttributeEstimate, ...] | None = ()

    @property
    def estimates(self) -> tuple[AttributeEstimate, ...]:
        """What each channel says so far, averaged, and all of them fused."""
        if self._made is None:
            parts = [average(samples) for samples in (self._faces, self._voices) if samples]
            self._made = self._estimators.fusion.together(parts)
        return self._made

    def notice(self, sample: FaceSample) -> None:
        """A frame of the visit; costs nothing."""
        if sample.outcome is FaceOutcome.USABLE and sample.located is not None:
            self._newest = sample

    def look(self) -> None:
        """Estimate from the newest usable frame, if the last estimate is long enough ago."""
        newest = self._newest
        if newest is not None and newest.frame.time - self._last_face >= FACE_INTERVAL:
            self._estimate_face(newest)

    def listen(self) -> None:
        """Estimate from the next whole segment of the speech gathered, if there is one."""
        if self._estimators.voice is None:
            return
        segment = self._voice_path.part(self._heard, SEGMENT_SECONDS)
        if segment is not None:
            self._heard += SEGMENT_SECONDS
            self._estimate_voice(segment)

    def taken(self, sample: VoiceSample) -> None:
        """The visit has taken the speech out of the voice path."""
        self._heard = 0.0
        self._untouched = sample

    def forget_voice(self) -> None:
        """What was heard was said by somebody else."""
        self._voices.clear()
        self._heard, self._untouched, self._made = 0.0, None, None

    def settle(self) -> None:
        """Before a final decision is told: a channel with samples and no estimate yet gets one."""
        if not self._faces and self._newest is not None:
            self._estimate_face(self._newest)
        if not self._voices and self._untouched is not None:
            self._estimate_voice(self._untouched)

    def _estimate_face(self, sample: FaceSample) -> None:
        assert sample.located is not None
        self._last_face = sample.frame.time
        mirrored = len(self._faces) % 2 == 1  # by turns: the average sees both
        estimate = self._estimators.of_face(sample.located, sample.quality, mirrored)
        self._add(self._faces, estimate)

    def _estimate_voice(self, sample: VoiceSample) -> None:
        if sample.outcome is VoiceOutcome.USABLE:
            self._add(self._voices, self._estimators.of_voice(sample.speech, sample.quality))

    def _add(self, samples: list[AttributeEstimate], made: AttributeEstimate | None) -> None:
        if made is not None:
            samples.append(made)
            self._made = None
