"""Attributes along a recording, without asking who it is: a timeline of segments and the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.core.attribute_fusion import average
from kiosk.core.estimates import AttributeEstimate, Channel
from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import Source
from kiosk.core.ports.inference import FacePipeline, VoicePipeline
from kiosk.core.samples import FaceOutcome, VoiceOutcome
from kiosk.recognition.attribute_gathering import AttributeGathering, Estimators

Elapsed = Callable[[float], None]
"""Told the seconds of the recording that are done."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a recording, seconds on its clock. `attributes` are by channel, and fused; what
    could not be seen or heard is missing. `face_outcomes` counts the frames."""

    start: float
    end: float
    attributes: tuple[AttributeEstimate, ...] = ()
    face_outcomes: dict[FaceOutcome, int] = field(default_factory=dict)
    speech_seconds: float = 0.0


@dataclass(frozen=True)
class Analysis:
    """One recording or one text. `whole` is over all segments and the text; `notices` say what of
    the recording could not be used."""

    name: str
    segments: tuple[Segment, ...] = ()
    whole: tuple[AttributeEstimate, ...] = ()
    notices: tuple[str, ...] = ()

    def of(self, channel: Channel) -> AttributeEstimate | None:
        """What one channel, or all fused, says of the whole."""
        return next((made for made in self.whole if made.channel is channel), None)


NOT_READ = "the text is not read: Korean and English are, and it holds too little of them"


def _unread(whole: tuple[AttributeEstimate, ...], text: str | None) -> tuple[str, ...]:
    """What is said of a text in which nothing was found to go by."""
    read = any(made.channel is Channel.TEXT for made in whole)
    return () if read or text is None else (NOT_READ,)


class Analyser:
    """Feeds recordings to the estimators; `seconds` is the length of a segment."""

    def __init__(
        self,
        estimators: Estimators,
        face_pipeline: FacePipeline,
        voice_pipeline: VoicePipeline,
        seconds: float = 2.0,
    ) -> None:
        self._estimators = estimators
        self._face_path, self._voice_path = face_pipeline, voice_pipeline
        self._seconds = seconds
        self._gathering = AttributeGathering(estimators, voice_pipeline)

    def recording(
        self,
        source: Source,
        name: str,
        text: str | None = None,
        elapsed: Elapsed = lambda seconds: None,
    ) -> Analysis:
        """One recording to its end. Raises InputError and CaptureError of the source."""
        self._face_path.reset()
        self._voice_path.reset()
        self._begin(0.0)
        segments: list[Segment] = []
        notices: list[str] = []
        with source:
            for event in source.events():
                if isinstance(event, SourceNotice):
                    notices.append(event.text)
                    continue
                while event.time >= self._start + self._seconds:
                    segments.append(self._close(self._start + self._seconds))
                    elapsed(self._start)
                self._take(event)
        if self._last > self._start or not segments:
            segments.append(self._close(max(self._last, self._start)))
        whole = self._whole(segments, text)
        return Analysis(name, tuple(segments), whole, (*notices, *_unread(whole, text)))

    def text(self, text: str) -> Analysis:
        """A sentence alone."""
        whole = self._whole([], text)
        return Analysis("text", (), whole, _unread(whole, text))

    def _begin(self, start: float) -> None:
        self._start = self._last = start
        self._outcomes: Counter[FaceOutcome] = Counter()
        self._gathering.reset()

    def _take(self, event: Frame | AudioChunk) -> None:
        if isinstance(event, Frame):
            self._last = max(self._last, event.time)
            sample = self._face_path.look(event)
            self._outcomes[sample.outcome] += 1
            self._gathering.notice(sample)
            self._gathering.look()
        else:
            self._last = max(self._last, event.time + event.seconds)
            self._voice_path.hear(event)
            self._gathering.listen()

    def _close(self, end: float) -> Segment:
        """The segment that ends here; the next begins."""
        speech = self._voice_path.take(flush=True)
        heard = 0.0
        if speech is not None and speech.outcome is not VoiceOutcome.NO_SPEECH:
            heard = speech.seconds
            self._gathering.taken(speech)
        self._gathering.settle()
        made = Segment(self._start, end, self._gathering.estimates, dict(self._outcomes), heard)
        self._begin(end)
        return made

    def _whole(self, segments: list[Segment], text: str | None) -> tuple[AttributeEstimate, ...]:
        parts = []
        for channel in (Channel.FACE, Channel.VOICE):
            found = [e for s in segments for e in s.attributes if e.channel is channel]
            parts += [average(found)] if found else []
        read = self._estimators.of_text(text) if text is not None else None
        parts += [read] if read is not None else []
        return self._estimators.fusion.together(parts)
