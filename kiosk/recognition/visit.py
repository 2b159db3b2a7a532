"""A visit: one person after another before the kiosk, from what a source gives to a decision.

A visit begins when a face or speech is seen, gathers usable frames and speech, answers early from
the first usable face, answers finally when every modality the source has is complete (or the
visitor has spoken and fallen silent, or time is up, or the recording ends), and is over when the
face has been gone for a while. Frames of different people never make one probe: when somebody else
steps in, a new visit begins. What a companion or a radio says while the visitor's mouth rests is
left out. Its states and what moves it between them are a table, `visit_states`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import BugError
from kiosk.core.events import (
    Phase,
    VisitEnded,
    VisitEvent,
    VisitProgress,
)
from kiosk.core.liveness import UNCHECKED, Liveness
from kiosk.core.media import (
    AudioChunk,
    Frame,
    Modality,
    NoticeKind,
    SourceNotice,
    Vector,
    Waveform,
)
from kiosk.core.ports.capture import EventSink, Source
from kiosk.core.ports.gallery import DecisionLog
from kiosk.core.ports.upgrade import VisitLearner
from kiosk.core.samples import (
    Embedding,
    FaceOutcome,
    FaceSample,
    Hint,
    Probe,
    VoiceOutcome,
    VoiceProgress,
)
from kiosk.core.settings import Settings
from kiosk.recognition.attribute_gathering import AttributeGathering, Estimators
from kiosk.recognition.continuity import Seen
from kiosk.recognition.embedding import embed_face, embed_voice
from kiosk.recognition.gathering import EvidenceGatherer
from kiosk.recognition.head_turn import TIME_LIMIT
from kiosk.recognition.identification import Identifier, Models
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.other_models import OtherEmbeddings
from kiosk.recognition.speakers import is_of_two
from kiosk.recognition.steady_hint import SteadyHint
from kiosk.recognition.visit_evidence import VisitEvidence
from kiosk.recognition.visit_reports import Answer, decision_event, fault_of, is_usable
from kiosk.recognition.visit_states import (
    BY_VOICE,
    DECIDED,
    GATHERING,
    Action,
    Trigger,
    VisitState,
    transition,
)

Publish = Callable[[VisitEvent], None]

FRAME_INTERVAL = 0.12
"""Seconds between two frames that are embedded: neighbours add cost and no new evidence."""
LATER_INTERVAL = 0.5
"""The same once there are enough, while the visitor still speaks."""
SPOKEN_SHARE = 0.5
"""Of the speech asked for: with as much, whoever falls silent has said what they wanted to say."""
SPOKEN_OUT = 2.5
"""Seconds of that silence; longer than one looks for the next words of a phrase."""
CONCLUSIONS = {
    DecisionOutcome.IDENTIFIED: Trigger.ANSWER,
    DecisionOutcome.UNKNOWN: Trigger.ANSWER,
    DecisionOutcome.CONTRADICTED: Trigger.ANSWER,
    DecisionOutcome.UNUSABLE: Trigger.NO_ANSWER,
    DecisionOutcome.NOT_LIVE: Trigger.ANSWER,
}
"""How each outcome of a final decision moves the visit on."""


class Visit:
    """Feed it what a source gives; it publishes progress, decisions, and how visits end.

    `gatherers` are asked beside the estimators of attributes at the same moments; `learner` hears
    what was decided from which samples, and when that can no longer be taken back;
    `liveness` is a gatherer that may also withhold a name.
    """

    def __init__(
        self,
        models: Models,
        identifier: Identifier,
        settings: Settings,
        publish: Publish,
        log: DecisionLog | None = None,
        estimators: Estimators | None = None,
        gatherers: Sequence[EvidenceGatherer] = (),
        learner: VisitLearner | None = None,
        liveness: LivenessCheck | None = None,
    ) -> None:
        self._models = models
        self._pipelines = models.pipelines()
        self._identifier = identifier
        self._settings = settings
        self._publish = publish
        self._log = log
        self._learner = learner
        self._others = OtherEmbeddings(models)
        self._attributes = AttributeGathering(estimators or Estimators(), self._pipelines.voice)
        self._liveness = liveness or LivenessCheck(PadModels(), required=False)
        self._gatherers: tuple[EvidenceGatherer, ...] = (
            self._liveness,
            self._attributes,
            *gatherers,
        )
        self._state = VisitState.WAITING
        self._evidence: VisitEvidence | None = None
        self._number = 0
        self._finals = 0
        self._time = 0.0
        self._last_there = self._last_frame = 0.0
        self._pictures = self._sound = False
        self._muted_until = -1e9
        self._voice_progress: VoiceProgress | None = None
        self._hint = SteadyHint()
        self._embedded: tuple[FaceSample, Embedding] | None = None

    @property
    def state(self) -> VisitState:
        """Where it stands."""
        return self._state

    @property
    def decisions_made(self) -> int:
        """Visits that came to a final decision."""
        return self._finals

    # --- from the source -----------------------------------------------------------------

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """Take the next thing from the source."""
        began = time.perf_counter()
        if isinstance(event, SourceNotice):
            if event.kind is NoticeKind.LOST:
                self._miss(event.modality)
            self._publish(fault_of(event))
        elif isinstance(event, Frame):
            self._time = self._last_frame = event.time
            if self._state is not VisitState.PAUSED and self._state not in BY_VOICE:
                self._pictures = True
                self._see(event, began)
        else:
            self._time = max(self._time, event.time + event.seconds)
            if self._state is not VisitState.PAUSED:
                self._sound = True
                if event.time >= self._muted_until:
                    self._hear(event, began)

    def _miss(self, modality: Modality | None) -> None:
        """A device is lost: without a microphone nobody is waited for to speak; without a camera
        no voice begins a visit by itself, also where the camera has not been there yet."""
        if modality is Modality.VOICE:
            self._sound = False
        elif modality is Modality.FACE:
            self._pictures = True

    def finish(self) -> None:
        """The source ended: decide with what there is. A source without anything is UNUSABLE."""
        began = time.perf_counter()
        if self._state in (VisitState.WAITING, VisitState.VOICE_WAITING) and not self._number:
            self._step(Trigger.LAST_CALL)
            self._now.hint = Hint.STEP_UP if self._looks else None
        if self._state in GATHERING:
            self._take_voice(flush=True)
            self._conclude(began, last_call=True)
        self.end()

    # --- commands ------------------------------------------------------------------------

    def end(self) -> None:
        """Forget everything of the visit."""
        self._step(Trigger.END)

    def pause(self) -> None:
        """Forget the visit and look at and listen to nothing until `resume`."""
        self._step(Trigger.PAUSE)

    def resume(self) -> None:
        """Look and listen again."""
        self._step(Trigger.RESUME)

    def rest(self) -> None:
        """Forget the visit and begin no other until nobody has been seen for `visit_end`."""
        self._step(Trigger.REST)

    def deny(self) -> None:
        """The visitor says that the name told is not theirs: that is kept, the visit forgotten."""
        if self._log is not None:
            decided = self._evidence is not None and self._state in DECIDED
            self._log.denied(self._probes() if decided else ())
        if self._learner is not None:
            self._learner.denied()
        self.rest()

    def listen_only(self) -> None:
        """Begin again by voice alone, for somebody who cannot or will not show a face; pictures are
        not looked at until this visit is over."""
        self._step(Trigger.LISTEN_ONLY)

    def answer(self) -> None:
        """Decide now with what there is, for somebody who cannot or will not give the rest."""
        if self._state in GATHERING:
            self._take_voice(flush=True)
            self._conclude(time.perf_counter())

    def mute_for(self, seconds: float) -> None:
        """Hear nothing for so long: the kiosk itself is speaking."""
        self._muted_until = self._time + seconds

    # --- from state to state -------------------------------------------------------------

    def _step(self, trigger: Trigger) -> None:
        """Go where the table says, and do what it says on the way."""
        found = transition(self._state, trigger)
        over = self._number
        if found.action in (Action.FORGET, Action.REPLACE):
            self._forget(tracker=found.action is Action.FORGET)
        if found.action in (Action.BEGIN, Action.REPLACE):
            self._begin()
        self._state = found.state
        if found.published is not None:
            self._publish(VisitEnded(over, self._time, found.published))

    def _begin(self) -> None:
        self._number += 1
        self._evidence = VisitEvidence(self._time)
        self._last_there = self._time
        self._hint.reset()

    def _forget(self, *, tracker: bool) -> None:
        """Nothing of the visit is left; without `tracker` the face that is followed still is."""
        if self._learner is not None:
            self._learner.ended()
        self._evidence = self._voice_progress = None
        self._others.reset()
        self._last_there = self._time
        self._hint.reset()
        for gatherer in self._gatherers:
            gatherer.reset()
        self._pipelines.voice.reset()
        if tracker:
            self._embedded = None
            self._pipelines.face.reset()

    @property
    def _now(self) -> VisitEvidence:
        """The evidence of the visit that is under way."""
        if self._evidence is None:
            raise BugError(f"a visit that is {self._state} has no evidence")
        return self._evidence

    @property
    def _looks(self) -> bool:
        """Whether there are pictures, and they are looked at."""
        return self._pictures and self._state not in BY_VOICE

    @property
    def _empty(self) -> bool:
        """Whether nobody has been there for so long that a visit is over."""
        return self._time - self._last_there > self._settings.visit_end

    def _attend(self, *, there: bool) -> None:
        """Somebody is there, or nobody: that may end a visit, or the rest after one."""
        if there:
            self._last_there = self._time
        elif self._empty and (self._state is VisitState.RESTING or self._state in DECIDED):
            self._step(Trigger.GONE)

    # --- pictures ------------------------------------------------------------------------

    def _see(self, frame: Frame, began: float) -> None:
        sample = self._pipelines.face.look(frame)
        seen, usable = sample.outcome is not FaceOutcome.NO_FACE, is_usable(sample)
        if self._state is VisitState.WAITING and seen:
            self._forget_older_speech()
            self._step(Trigger.FACE)
        self._attend(there=seen)
        if usable and self._is_due(sample):
            self._compare(sample)
        if self._state is VisitState.UNUSABLE and usable:
            self._step(Trigger.USABLE_FACE)  # the next frame begins a visit that can be decided
        elif self._state in GATHERING:
            self._gather(sample, began)
        self._show(sample)

    def _forget_older_speech(self) -> None:
        """What was said long before anybody was seen was said by others."""
        if self._empty:
            self._pipelines.voice.reset()

    def _is_due(self, sample: FaceSample) -> bool:
        """Whether a usable face is compared with the visit's: now and then while the track lasts,
        closer together while it is doubtful or more are wanted, and at once where a track begins.
        """
        now = self._evidence
        if now is None or self._state not in (*GATHERING, VisitState.DECIDED):
            return False
        enough = len(now.faces) >= self._settings.good_frames and not now.continuity.doubtful
        interval = LATER_INTERVAL if enough else FRAME_INTERVAL
        passed = sample.frame.time - now.last_embedded
        return passed >= interval or (now.track is not None and sample.track != now.track)

    def _compare(self, sample: FaceSample) -> None:
        """A usable face: of the visit's person, or not clearly theirs, or of somebody else, with
        whom the next visit begins. Nobody who was answered by voice alone has a face so far."""
        now, embedding = self._now, self._embedding(sample)
        seen = now.compare(embedding, sample, self._models, self._identifier.face_ratio)
        if self._state is VisitState.DECIDED:
            if seen is Seen.OTHER or not now.faces:
                self._replace(now.continuity.doubtful or [(embedding, sample.frame.time)], sample)
        elif seen is Seen.SAME:
            if not now.faces and now.is_silent_since(sample.frame.time - self._settings.visit_end):
                self._pipelines.voice.reset()
                now.voices.clear()
                self._others.reset()
            now.add_face(embedding, sample.frame.time)
            self._others.see(sample)
        elif seen is Seen.OTHER:
            self._replace(now.continuity.doubtful, sample)

    def _replace(self, faces: Sequence[tuple[Embedding, float]], sample: FaceSample) -> None:
        """The next visit begins with these faces, oldest first, the last of `sample`; what was said
        before them was said by others."""
        self._step(Trigger.OTHER_FACE)
        self._now.began = faces[0][1]
        self._muted_until = max(self._muted_until, self._now.began)
        for embedding, seen_at in faces:
            self._now.add_face(embedding, seen_at)
        self._others.see(sample)

    def _gather(self, sample: FaceSample, began: float) -> None:
        now = self._now
        now.count(sample)
        if not now.continuity.doubtful:
            for gatherer in self._gatherers:
                gatherer.notice(sample)
        self._advance(began)
        if self._state in GATHERING:  # who it is comes first
            for gatherer in self._gatherers:
                gatherer.look()

    def _embedding(self, sample: FaceSample) -> Embedding:
        """Of a usable face, made once however often it is asked for."""
        if self._embedded is None or self._embedded[0] is not sample:
            self._embedded = sample, embed_face(self._models.face, sample)
        return self._embedded[1]

    # --- sound ---------------------------------------------------------------------------

    def _hear(self, chunk: AudioChunk, began: float) -> None:
        voice = self._voice_progress = self._pipelines.voice.hear(chunk)
        if not self._looks:
            self._attend(there=voice.speaking)
            waits = self._state in (VisitState.WAITING, VisitState.VOICE_WAITING)
            if waits and voice.speech_seconds > 0:
                self._step(Trigger.SPEECH)
        if self._state is VisitState.RESTING:
            self._pipelines.voice.reset()
        elif self._state in GATHERING:
            self._liveness.hear(chunk, speaking=voice.speaking)
            self._take_voice(flush=self._has_spoken_out(voice))
            self._advance(began)
            if self._state in GATHERING:
                for gatherer in self._gatherers:
                    gatherer.listen()
        if not self._looks:
            self._show(None)

    def _has_spoken_out(self, voice: VoiceProgress) -> bool:
        """Whether the visitor said less than asked for, but enough to go by, and says no more."""
        now = self._now
        if voice.speaking:
            now.last_spoken = self._time
        silent = self._time - max(now.last_spoken, now.began) >= SPOKEN_OUT
        return silent and voice.speech_seconds >= SPOKEN_SHARE * voice.needed_seconds

    def _take_voice(self, *, flush: bool) -> None:
        sample = self._pipelines.voice.take(flush=flush)
        if sample is None:
            return
        if self._looks and self._liveness.leaves_voice_out():
            self._attributes.forget_voice()
            self._now.others_spoke = True
            return
        for gatherer in self._gatherers:
            gatherer.taken(sample)
        self._now.add_speech(sample)
        if sample.outcome is VoiceOutcome.USABLE:
            if is_of_two(sample.speech, self._voice_vector, self._identifier.voice_ratio):
                self._now.hint = Hint.ONE_PERSON
                return
            self._now.voices.append(embed_voice(self._models.voice, sample))
            self._others.hear(sample)

    def _voice_vector(self, speech: Waveform) -> Vector:
        return self._models.voice.embed(speech).vector

    # --- answers -------------------------------------------------------------------------

    def _advance(self, began: float) -> None:
        """Answer early or finally if there is enough, or no more to wait for."""
        now = self._now
        face_done = not self._looks or (
            len(now.faces) >= self._settings.good_frames and not self._liveness.waits
        )
        voice_done = bool(now.voices) or now.others_spoke or not self._sound
        late = self._time - now.began >= self._settings.speech_limit
        gone = self._looks and self._empty
        if (face_done and voice_done) or late or gone:
            if not voice_done:
                self._take_voice(flush=True)
            if self._may_still_answer and not gone:
                return
            self._conclude(began)
        elif now.faces and self._state is VisitState.GATHERING and not self._liveness.required:
            probes = self._probes()
            decision = self._identifier.decide(probes)
            self._step(Trigger.EARLY_ANSWER)
            self._tell(decision, probes, began, final=False)

    @property
    def _may_still_answer(self) -> bool:
        """Whether somebody was asked for something late in the visit and has a moment for it."""
        now, limit = self._now, self._settings.speech_limit + TIME_LIMIT
        return now.others_spoke and self._time - now.began < limit and self._liveness.waits

    def _conclude(self, began: float, *, last_call: bool = False) -> None:
        """The final answer."""
        probes = self._judged(last_call=last_call)
        liveness = self._liveness.judge()
        decision = self._liveness.rule(self._identifier.decide(probes), liveness)
        self._finals += 1
        self._step(CONCLUSIONS[decision.outcome])
        if not self._looks:
            self._last_there = self._time
        if self._log is not None:
            stand_in = bool(self._now.continuity.doubtful)
            self._log.decided(decision, probes, liveness.outcome, stand_in=stand_in)
        self._tell(decision, probes, began, final=True, liveness=liveness)
        if self._learner is not None:
            self._learner.decided(decision, self._samples(), liveness)

    def _probes(self) -> list[Probe]:
        """What the visit is decided from, those of the chosen models last."""
        return [*self._others.probes(), *self._now.probes(self._models)]

    def _samples(self) -> dict[str, Sequence[Embedding]]:
        """The usable samples of the visit by `model_id`."""
        now, models = self._now, self._models
        own = {models.face.model_id: now.faces, models.voice.model_id: now.voices}
        return {**self._others.samples(), **own}

    def _judged(self, *, last_call: bool) -> list[Probe]:
        """What the final answer is made from. A face in view has to have been compared, in as many
        pictures as are asked for unless no more can come (a recording or a still has ended): nobody
        is named by a glimpse, nor by a voice that may be anybody's."""
        now, ended = self._now, self._time - self._last_frame > self._settings.visit_end
        needed = 1 if last_call or ended else self._settings.good_frames
        if not (self._looks and now.is_seen) or len(now.faces) >= needed:
            return self._probes()
        if now.faces:
            now.hint = Hint.LOOK_LONGER
        return []

    def _tell(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        began: float,
        *,
        final: bool,
        liveness: Liveness = UNCHECKED,
    ) -> None:
        latency = time.perf_counter() - began
        if final:
            for gatherer in self._gatherers:
                gatherer.settle()
        visit = self._number, self._time
        estimates = self._attributes.estimates
        answer = Answer(decision, tuple(probes), final, liveness, latency)
        self._publish(decision_event(visit, answer, self._now, estimates))

    # --- progress ------------------------------------------------------------------------

    def _show(self, sample: FaceSample | None) -> None:
        phase, voice = self._phase(), self._voice_progress
        hint = sample.hint if sample is not None else None
        if self._state in GATHERING and self._liveness.hint is not None:
            hint = self._liveness.hint
        if phase is Phase.LISTENING:
            self._liveness.invite_to_speak(self._time)
            if hint is None and voice is not None:
                hint = voice.hint
        self._publish(
            VisitProgress(
                phase,
                self._number,
                self._time,
                sample.report if sample is not None else None,
                voice,
                len(self._evidence.faces) if self._evidence is not None else 0,
                self._attributes.estimates,
                self._hint.settle(hint, self._time),
                self._liveness.digits if phase is Phase.LISTENING else (),
            )
        )

    def _phase(self) -> Phase:
        if self._state in DECIDED:
            return Phase.DECIDED
        if self._state not in GATHERING:
            return Phase.WAITING
        enough = len(self._now.faces) >= self._settings.good_frames or not self._looks
        enough = enough and self._liveness.hint is None
        return Phase.LISTENING if enough and self._sound else Phase.LOOKING


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
