"""Counts what the running kiosk does, so that the health page can tell: rates, times, faults.

Every part that is timed stays what it is; a thin wrapper of the same protocol stands before it.
Only counts, times and codes are kept, nothing of a person.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.core.events import Fault, VisitDecision, VisitEvent
from kiosk.core.fleet import FleetStatus
from kiosk.core.media import AudioChunk, Frame, SourceNotice, Waveform
from kiosk.core.outgoing import ChannelStatus, EventChannel
from kiosk.core.ports.capture import FrameListener, Source, begin_of, is_recorded, length_of
from kiosk.core.ports.inference import (
    FaceEmbedder,
    FacePipeline,
    Pipelines,
    VoiceEmbedder,
    VoicePipeline,
)
from kiosk.core.redaction import Public
from kiosk.core.samples import Embedding, FaceSample, LocatedFace, VoiceProgress, VoiceSample
from kiosk.core.status import FaultRecord, ModelCoverage, Reading, RuntimeStatus, StageTimes
from kiosk.recognition.identification import Models
from kiosk.recognition.visit import Publish
from kiosk.runtime.verdict import lasting

_log = logging.getLogger(__name__)
WINDOW = 5.0
"""Seconds over which rates are taken."""
RECENT = 300.0
"""Seconds for which sound that was left out is worth a word under Health."""
KEPT_TIMES = 500
KEPT_FAULTS = 20
SILENCE_DBFS = -90.0
STAGES = ("face_find", "face_embed", "voice_hear", "voice_embed", "decision")


class RuntimeMetrics:
    """Thread-safe; every call takes microseconds and waits for nothing."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock, self._now = clock, now
        self._lock = threading.Lock()
        self._began = clock()
        self._shown: deque[float] = deque()
        self._taken: deque[float] = deque()
        self._times: dict[str, deque[float]] = {name: deque(maxlen=KEPT_TIMES) for name in STAGES}
        self._counts = dict.fromkeys(STAGES, 0)
        self._faults: list[FaultRecord] = []
        self._frames = self._visits = 0
        self._level: float | None = None
        self._source: Source | None = None
        self._lost: deque[tuple[float, float]] = deque()
        self._lost_before = 0.0
        self._coverage: tuple[ModelCoverage, ...] = ()
        self._channels: dict[EventChannel, ChannelStatus] = {}
        self._sound_delay: tuple[float, int] | None = None
        self._called: datetime | None = None
        self._position: float | None = None
        self._fleet: FleetStatus | None = None

    def watch(self, source: Source) -> Source:
        """The same source, counted."""
        self._source = source
        return _WatchedSource(source, self)

    def shown(self, listener: FrameListener) -> FrameListener:
        """The same listener, counted: it is given every frame, taken or not."""

        def both(frame: Frame) -> None:
            with self._lock:
                self._note(self._shown)
            listener(frame)

        return both

    def told(self, publish: Publish) -> Publish:
        """The same way to the screens; faults and decisions are noted."""

        def both(event: VisitEvent) -> None:
            if isinstance(event, Fault):
                self.fault(event)
            elif isinstance(event, VisitDecision) and event.final:
                self.took("decision", event.latency)
                with self._lock:
                    self._visits += 1
            publish(event)

        return both

    def reading(self) -> Reading | None:
        """How far the recording was read that stands in the place of the devices, while it is."""
        position, source = self._position, self._source
        if position is None or source is None or not is_recorded(source):
            return None
        return Reading(position - begin_of(source), length_of(source))

    def at(self, position: float | None) -> None:
        """The newest moment of the source, None once it has ended."""
        self._position = position

    def called(self, since: datetime | None) -> None:
        """Since when a visitor waits for staff; None when nobody does."""
        with self._lock:
            self._called = since

    def delayed(self, seconds: float, visits: int) -> None:
        """Sound comes so late after the picture, by so many visits."""
        with self._lock:
            self._sound_delay = seconds, visits

    def timed(self, models: Models) -> Models:
        """The same models, timed."""

        def pipelines() -> Pipelines:
            made = models.pipelines()
            return Pipelines(
                _TimedFacePipeline(made.face, self), _TimedVoicePipeline(made.voice, self)
            )

        return replace(
            models,
            pipelines=pipelines,
            face=_TimedFace(models.face, self),
            voice=_TimedVoice(models.voice, self),
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.perf_counter()
        yield
        self.took(name, time.perf_counter() - began)

    def took(self, name: str, seconds: float) -> None:
        """A step of STAGES took so long."""
        _log.debug("%s took %.2f ms.", Public(name), seconds * 1000)
        with self._lock:
            self._times[name].append(seconds)
            self._counts[name] += 1

    def covers(self, coverage: Sequence[ModelCoverage]) -> None:
        """Whom the models in use can recognise."""
        with self._lock:
            self._coverage = tuple(coverage)

    def channel(self, status: ChannelStatus) -> None:
        """How a way out is; one that begins to fail, or recovers, is a fault as well."""
        with self._lock:
            before = self._channels.get(status.channel)
            self._channels[status.channel] = status
        failing, failed = status.problem is not None, before is not None and before.problem
        if failing != bool(failed):
            self.fault(Fault("", "", restored=not failing, code="DeliveryError"))

    def fleet(self, status: FleetStatus) -> None:
        """How the kiosk stands with its fleet."""
        with self._lock:
            self._fleet = status

    def fault(self, fault: Fault) -> None:
        """Something failed, or came back."""
        code = fault.code or "SourceLost"
        record = FaultRecord(self._now(), code, fault.restored, fault.modality)
        with self._lock:
            if len(self._faults) == KEPT_FAULTS:
                self._faults.remove(least_wanted(self._faults))
            self._faults.append(record)

    def take(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The engine took something from the source."""
        level = loudness(event.samples) if isinstance(event, AudioChunk) else None
        with self._lock:
            if isinstance(event, Frame):
                self._frames += 1
                self._note(self._taken)
            elif level is not None:
                self._level = level

    def pulse(self) -> RuntimeStatus:
        """How things are at this moment."""
        with self._lock:
            stages = {
                name: StageTimes(
                    self._counts[name],
                    float(np.percentile(times, 50)),
                    float(np.percentile(times, 95)),
                )
                for name, times in self._times.items()
                if times
            }
            return RuntimeStatus(
                self._clock() - self._began,
                self._rate(self._shown),
                self._rate(self._taken),
                self._frames,
                self._source.dropped if self._source is not None else 0,
                self._source.lost_sound if self._source is not None else 0.0,
                self._level,
                self._visits,
                stages,
                tuple(reversed(self._faults)),
                self._coverage,
                tuple(self._channels.values()),
                self._lost_recently(),
                self._sound_delay,
                self._called,
                self._fleet,
            )

    def _lost_recently(self) -> float:
        """Seconds of sound left out within RECENT, as far as it was asked for meanwhile."""
        now = self._clock()
        lost = self._source.lost_sound if self._source is not None else 0.0
        if not self._lost or self._lost[-1][1] != lost:
            self._lost.append((now, lost))
        while self._lost and self._lost[0][0] < now - RECENT:
            self._lost_before = self._lost.popleft()[1]
        return max(0.0, lost - self._lost_before)

    def _note(self, times: deque[float]) -> None:
        now = self._clock()
        times.append(now)
        while times[0] < now - WINDOW:
            times.popleft()

    def _rate(self, times: deque[float]) -> float | None:
        now = self._clock()
        recent = [each for each in times if each >= now - WINDOW]
        if len(recent) < 2:
            return None if not times else 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0]) if recent[-1] > recent[0] else None


def least_wanted(faults: Sequence[FaultRecord]) -> FaultRecord:
    """Of the records kept, oldest first, the one to forget: the oldest that does not say that
    something is still out of order, or else the oldest of all."""
    still = lasting(tuple(reversed(faults)))
    return next((each for each in faults if each not in still), faults[0])


def loudness(samples: NDArray[np.floating]) -> float:
    """RMS of a waveform within -1..1, in dBFS."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return max(SILENCE_DBFS, 10 * float(np.log10(power + 1e-12)))


class _WatchedSource:
    def __init__(self, source: Source, metrics: RuntimeMetrics) -> None:
        self._source, self._vitals = source, metrics

    @property
    def live(self) -> bool:
        return self._source.live

    @live.setter
    def live(self, value: bool) -> None:
        self._source.live = value

    @property
    def dropped(self) -> int:
        return self._source.dropped

    @dropped.setter
    def dropped(self, value: int) -> None:
        self._source.dropped = value

    @property
    def lost_sound(self) -> float:
        return self._source.lost_sound

    @lost_sound.setter
    def lost_sound(self, value: float) -> None:
        self._source.lost_sound = value

    @property
    def preview(self) -> FrameListener | None:
        return self._source.preview

    @preview.setter
    def preview(self, value: FrameListener | None) -> None:
        self._source.preview = value

    def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
        for event in self._source.events():
            self._vitals.take(event)
            if isinstance(event, Frame | AudioChunk):
                self._vitals.at(event.time)
            yield event
        self._vitals.at(None)

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._source.__exit__(kind, value, trace)


class _TimedFacePipeline:
    def __init__(self, path: FacePipeline, metrics: RuntimeMetrics) -> None:
        self._path, self._vitals = path, metrics

    def look(self, frame: Frame) -> FaceSample:
        with self._vitals.stage("face_find"):
            return self._path.look(frame)

    def reset(self) -> None:
        self._path.reset()


class _TimedVoicePipeline:
    def __init__(self, path: VoicePipeline, metrics: RuntimeMetrics) -> None:
        self._path, self._vitals = path, metrics

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        with self._vitals.stage("voice_hear"):
            return self._path.hear(chunk)

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        return self._path.take(flush=flush)

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        return self._path.part(start, seconds)

    def reset(self) -> None:
        self._path.reset()


class _TimedFace:
    def __init__(self, embedder: FaceEmbedder, metrics: RuntimeMetrics) -> None:
        self._embedder, self._vitals = embedder, metrics
        self.model_id, self.dims, self.cohort = embedder.model_id, embedder.dims, embedder.cohort

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        with self._vitals.stage("face_embed"):
            return self._embedder.embed(faces)


class _TimedVoice:
    def __init__(self, embedder: VoiceEmbedder, metrics: RuntimeMetrics) -> None:
        self._embedder, self._vitals = embedder, metrics
        self.model_id, self.dims, self.cohort = embedder.model_id, embedder.dims, embedder.cohort

    def embed(self, speech: Waveform) -> Embedding:
        with self._vitals.stage("voice_embed"):
            return self._embedder.embed(speech)
