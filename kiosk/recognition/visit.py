"""The visit as a state machine.

A visit begins when a face or speech is seen, gathers usable frames and speech, answers early from
the first usable face, answers finally when every modality the source has is complete (or the
visitor has spoken and fallen silent, or time is up, or the recording ends), and is over when the
face has been gone for a while. Frames of different tracks never make one probe: when somebody else
steps in, a new visit begins.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.errors import BugError
from kiosk.core.events import Fault, Phase, VisitDecision, VisitEvent, VisitProgress
from kiosk.core.media import AudioChunk, Frame, Modality, NoticeKind, SourceNotice
from kiosk.core.ports.capture import EventSink, Source
from kiosk.core.ports.gallery import DecisionLog
from kiosk.core.samples import (
    Embedding,
    FaceOutcome,
    FaceSample,
    Hint,
    Probe,
    VoiceOutcome,
    VoiceProgress,
    VoiceSample,
)
from kiosk.core.scoring import pool
from kiosk.core.settings import Settings
from kiosk.recognition.attribute_gathering import AttributeGathering, Estimators
from kiosk.recognition.identification import Identifier, Models

Publish = Callable[[VisitEvent], None]

FRAME_INTERVAL = 0.12
"""Seconds between two frames that are embedded: neighbours add cost and no new evidence."""
LATER_INTERVAL = 0.5
"""The same once there are enough, while the visitor still speaks."""
SPOKEN_SHARE = 0.5
"""Of the speech asked for: with as much, whoever falls silent has said what they wanted to say."""
SPOKEN_OUT = 2.5
"""Seconds of that silence; longer than one looks for the next words of a phrase."""


@dataclass
class _Gathered:
    """What one visit has brought so far."""

    began: float
    track: int | None = None
    faces: list[Embedding] = field(default_factory=list)
    last_seen: float = -1e9
    last_embedded: float = -1e9
    outcomes: Counter[FaceOutcome] = field(default_factory=Counter)
    voices: list[Embedding] = field(default_factory=list)
    speech_seconds: float = 0.0
    last_spoken: float = -1e9
    hint: Hint | None = None
    early: bool = False
    decided: bool = False
    unusable: bool = False


class Visit:
    """The state machine. Feed it what a source gives; it publishes progress and decisions."""

    def __init__(
        self,
        models: Models,
        identifier: Identifier,
        settings: Settings,
        publish: Publish,
        log: DecisionLog | None = None,
        estimators: Estimators | None = None,
    ) -> None:
        self._models = models
        self._pipelines = models.pipelines()
        self._identifier = identifier
        self._settings = settings
        self._publish = publish
        self._log = log
        self._attributes = AttributeGathering(estimators or Estimators(), self._pipelines.voice)
        self._number = 0
        self._finals = 0
        self._now: _Gathered | None = None
        self._time = 0.0
        self._idle_since = 0.0
        self._pictures = False
        self._sound = False
        self._voice_progress: VoiceProgress | None = None
        self._paused = False
        self._resting = False
        self._faceless = False
        self._deaf_until = -1e9

    @property
    def decisions_made(self) -> int:
        """Visits that came to a final decision."""
        return self._finals

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """Take the next thing from the source."""
        began = time.perf_counter()
        if self._paused and not isinstance(event, SourceNotice):
            return
        if isinstance(event, Frame):
            self._time = event.time
            self._pictures = not self._faceless
            if self._pictures:
                self._see(event, began)
        elif isinstance(event, AudioChunk):
            self._time = max(self._time, event.time + event.seconds)
            self._sound = True
            if event.time >= self._deaf_until:
                self._hear(event, began)
        else:
            self._publish(
                Fault(event.text, event.remedy, restored=event.kind is NoticeKind.RESTORED)
            )

    def finish(self) -> None:
        """The source ended: decide with what there is. A source without anything is UNUSABLE."""
        began = time.perf_counter()
        if self._now is None and self._number == 0:
            self._begin().hint = Hint.STEP_UP if self._pictures else None
        if self._now is not None and not self._now.decided:
            self._take_voice(flush=True)
            self._decide(final=True, began=began)
        self.end()

    def end(self) -> None:
        """Forget everything of the visit."""
        self._now = None
        self._faceless = False
        self._voice_progress = None
        self._idle_since = self._time
        self._attributes.reset()
        self._pipelines.face.reset()
        self._pipelines.voice.reset()

    def pause(self) -> None:
        """Forget the visit and look at and listen to nothing until `resume`."""
        self.end()
        self._paused = True

    def resume(self) -> None:
        """Look and listen again."""
        self._paused = self._resting = False
        self._idle_since = self._time

    def rest(self) -> None:
        """Forget the visit and begin no other until nobody has been seen for `visit_end`."""
        self.end()
        self._resting = True

    def deny(self) -> None:
        """The visitor says that the name told is not theirs: that is kept, the visit forgotten."""
        now = self._now
        if self._log is not None:
            self._log.denied(self._probes(now) if now is not None and now.decided else ())
        self.rest()

    def mute_for(self, seconds: float) -> None:
        """Hear nothing for so long: the kiosk itself is speaking."""
        self._deaf_until = self._time + seconds

    def listen_only(self) -> None:
        """Begin again by voice alone, for somebody who cannot or will not show a face; pictures are
        not looked at until this visit is over."""
        self.end()
        self._paused = self._resting = False
        self._faceless = True
        self._pictures = False

    def answer(self) -> None:
        """Decide now with what there is, for somebody who cannot or will not give the rest."""
        if self._now is not None and not self._now.decided:
            self._take_voice(flush=True)
            self._decide(final=True, began=time.perf_counter())

    def _still_resting(self, seen: bool) -> bool:
        if self._resting and seen:
            self._idle_since = self._time
        self._resting = self._resting and self._time - self._idle_since <= self._settings.visit_end
        return self._resting

    def _begin(self) -> _Gathered:
        self._number += 1
        self._now = _Gathered(began=self._time)
        return self._now

    def _see(self, frame: Frame, began: float) -> None:
        sample = self._pipelines.face.look(frame)
        seen = sample.outcome is not FaceOutcome.NO_FACE
        if self._still_resting(seen):
            self._show(sample)
            return
        if self._now is not None and self._is_somebody_else(self._now, sample):
            self.end()
        now = self._now
        if now is None and seen:
            self._forget_older_speech()
            now = self._begin()
        if now is not None:
            self._gather_face(now, sample, seen)
            if not now.decided:
                self._attributes.notice(sample)
            self._advance(now, began)
            if not now.decided:  # who it is comes first
                self._attributes.look()
        self._show(sample)

    def _forget_older_speech(self) -> None:
        """What was said long before anybody was seen was said by others."""
        if self._time - self._idle_since > self._settings.visit_end:
            self._pipelines.voice.reset()

    def _is_somebody_else(self, now: _Gathered, sample: FaceSample) -> bool:
        """A new track of another face; a new track of the same face (it was lost for a moment, or
        the pictures are stills) goes on with the visit."""
        if now.track is None or not sample.track or sample.track == now.track or not now.faces:
            return False
        if sample.outcome is not FaceOutcome.USABLE or sample.landmarks is None:
            return False
        face = self._models.face.embed([(sample.frame, sample.landmarks)])[0]
        so_far = pool(now.faces, Modality.FACE, self._models.face.model_id)
        return not self._identifier.is_same_face(face.vector, so_far.vector)

    def _gather_face(self, now: _Gathered, sample: FaceSample, seen: bool) -> None:
        if seen:
            now.last_seen = sample.frame.time
        if sample.outcome is FaceOutcome.USABLE:
            now.track = sample.track
        if now.unusable and sample.outcome is FaceOutcome.USABLE:
            self.end()  # the next frame begins a visit that has something to go by
        if now.decided:
            return
        now.outcomes[sample.outcome] += 1
        now.hint = sample.hint if sample.hint is not None else now.hint
        enough = len(now.faces) >= self._settings.good_frames
        interval = LATER_INTERVAL if enough else FRAME_INTERVAL
        due = sample.frame.time - now.last_embedded >= interval
        if sample.outcome is FaceOutcome.USABLE and due and sample.landmarks is not None:
            embedding = self._models.face.embed([(sample.frame, sample.landmarks)])[0]
            quality = sample.quality * embedding.quality
            now.faces.append(Embedding(embedding.vector, quality))
            now.last_embedded = sample.frame.time

    def _hear(self, chunk: AudioChunk, began: float) -> None:
        self._voice_progress = self._pipelines.voice.hear(chunk)
        if self._pictures:
            self._listen(began)
        else:
            self._still_resting(self._voice_progress.speaking)
            self._listen(began)
            self._show(None)

    def _listen(self, began: float) -> None:
        """The newest sound as a part of the visit."""
        now = self._now
        assert self._voice_progress is not None
        if self._resting:
            self._pipelines.voice.reset()
            return
        if now is not None and now.decided and not self._pictures:
            self._watch_for_silence(now)
            return
        if now is None and self._voice_progress.speech_seconds > 0 and not self._pictures:
            now = self._begin()
        if now is None or now.decided:
            return
        self._take_voice(flush=self._has_spoken_out(now, self._voice_progress))
        self._advance(now, began)
        if not now.decided:
            self._attributes.listen()

    def _has_spoken_out(self, now: _Gathered, voice: VoiceProgress) -> bool:
        """Whether the visitor said less than asked for, but enough to go by, and says no more."""
        if voice.speaking:
            now.last_spoken = self._time
        silent = self._time - max(now.last_spoken, now.began) >= SPOKEN_OUT
        return silent and voice.speech_seconds >= SPOKEN_SHARE * voice.needed_seconds

    def _watch_for_silence(self, now: _Gathered) -> None:
        """Without pictures a visit is over when nobody has spoken for a while."""
        assert self._voice_progress is not None
        if self._voice_progress.speaking:
            now.last_seen = self._time
        if self._time - now.last_seen > self._settings.visit_end:
            self.end()

    def _take_voice(self, *, flush: bool) -> None:
        now = self._now
        sample = self._pipelines.voice.take(flush=flush)
        if now is None or sample is None:
            return
        self._attributes.taken(sample)
        now.speech_seconds += sample.seconds
        if sample.hint is not None and not now.faces:
            now.hint = sample.hint
        if sample.outcome is VoiceOutcome.USABLE:
            now.voices.append(self._embed(sample))

    def _embed(self, sample: VoiceSample) -> Embedding:
        embedding = self._models.voice.embed(sample.speech)
        return Embedding(embedding.vector, sample.quality * embedding.quality)

    def _advance(self, now: _Gathered, began: float) -> None:
        """Answer early or finally, or end a visit that is over."""
        if now.decided:
            if self._pictures and self._time - now.last_seen > self._settings.visit_end:
                self.end()
            return
        face_done = len(now.faces) >= self._settings.good_frames or not self._pictures
        voice_done = bool(now.voices) or not self._sound
        late = self._time - now.began >= self._settings.speech_limit
        gone = self._pictures and self._time - now.last_seen > self._settings.visit_end
        if (face_done and voice_done) or late or gone:
            if not voice_done:
                self._take_voice(flush=True)
            self._decide(final=True, began=began)
        elif now.faces and not now.early:
            now.early = True
            self._decide(final=False, began=began)

    def _probes(self, now: _Gathered) -> list[Probe]:
        probes = []
        if now.faces:
            probes.append(pool(now.faces, Modality.FACE, self._models.face.model_id))
        if now.voices:
            probes.append(pool(now.voices, Modality.VOICE, self._models.voice.model_id))
        return probes

    def _decide(self, *, final: bool, began: float) -> None:
        now = self._now
        if now is None:
            raise BugError("a decision without a visit")
        probes = self._probes(now)
        decision = self._identifier.decide(probes)
        quality = {probe.modality: probe.quality for probe in probes}
        if final:
            self._finals += 1
            now.decided = True
            now.unusable = decision.outcome is DecisionOutcome.UNUSABLE
            now.last_seen = max(now.last_seen, self._time if not self._pictures else now.last_seen)
            if self._log is not None:
                self._log.decided(decision, probes)
        latency = time.perf_counter() - began
        if final:
            self._attributes.settle()
        self._publish(
            VisitDecision(
                self._number,
                self._time,
                decision,
                final,
                quality.get(Modality.FACE),
                quality.get(Modality.VOICE),
                len(now.faces),
                now.speech_seconds,
                dict(now.outcomes),
                now.hint if decision.outcome is DecisionOutcome.UNUSABLE else None,
                latency,
                self._attributes.estimates,
            )
        )

    def _show(self, sample: FaceSample | None) -> None:
        now = self._now
        phase = Phase.WAITING
        if now is not None:
            enough = len(now.faces) >= self._settings.good_frames or not self._pictures
            phase = Phase.LISTENING if enough and self._sound else Phase.LOOKING
            phase = Phase.DECIDED if now.decided else phase
        good = len(now.faces) if now else 0
        voice, made = self._voice_progress, self._attributes.estimates
        self._publish(VisitProgress(phase, self._number, self._time, sample, voice, good, made))


def run_visits(
    source: Source, visit: EventSink, keep_going: Callable[[], bool] = lambda: True
) -> None:
    """Feed a source into a visit until it ends or `keep_going` says no."""
    with source:
        for event in source.events():
            visit.feed(event)
            if not keep_going():
                return
        visit.finish()
