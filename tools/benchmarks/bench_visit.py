"""One visit: how fast a clip is processed, how late decisions come, what memory it takes.

The alternative is the naive loop: MTCNN at its defaults and InceptionResnetV1 on every frame, which
is what the libraries' own examples do. InceptionResnetV1 runs with untrained weights here, since
its cost does not depend on them; it is never used to recognise.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import Frame, Modality
from kiosk.core.samples import FaceOutcome
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier, Models
from kiosk.recognition.visit import Publish, Visit, run_visits
from kiosk.runtime import composition
from kiosk.runtime.policy import policy
from kiosk.storage.sqlite.gallery import SqlGallery
from tools.benchmarks import Result
from tools.demo import ROOT, load_people

NewVisit = Callable[[Publish], Visit]

NAIVE_FRAMES = 15
ROUNDS = 2
"""How often each recording is played for the latencies."""
STARTS = 3
"""New processes whose start is timed."""


def run() -> Iterator[Result]:
    """Throughput, latencies, cold start and memory on the demo clips."""
    clips = [person.probe for person in load_people(ROOT / "assets" / "demo")]
    recordings = sorted((ROOT / "assets" / "demo").glob("*.mp4"))
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(
            Settings(), database=Path(folder) / "g.db", key_file=Path(folder) / "key" / "g.key"
        )
        models = composition.build_models(settings)
        gallery = SqlGallery.open(settings.database, settings.key_file)
        identifier = Identifier(models, gallery, policy(settings))
        estimators = composition.build_estimators(settings)

        def new_visit(publish: Publish) -> Visit:
            """As the kiosk makes them, attributes estimated as well."""
            return Visit(models, identifier, settings, publish, estimators=estimators)

        yield from _throughput(settings, new_visit, clips)
        yield from _latencies(settings, models, new_visit, recordings)
        gallery.close()
    yield _cold_start(clips[0])
    yield Result("peak memory of a process that watches one recording", _memory(clips[0]), "GB")


def _throughput(settings: Settings, new_visit: NewVisit, clips: list[Path]) -> Iterator[Result]:
    seconds = frames = 0.0
    began = time.perf_counter()
    for clip in clips:
        visit = new_visit(lambda event: None)
        last = 0.0
        for event in composition.open_source(settings, str(clip)).events():
            visit.feed(event)
            if isinstance(event, Frame):
                frames += 1
                last = event.time
        visit.finish()
        seconds += last
    cost = time.perf_counter() - began
    naive = _naive_frame(clips[0])
    yield Result("clip processed, times its own speed", seconds / cost, "x")
    # The sound is that of longer clips, so this says rather too little.
    yield Result("as many pictures at 25 a second, times as fast", frames / 25 / cost, "x")
    yield Result(
        "a frame, everything included",
        1000 * cost / frames,
        "ms",
        "naive loop",
        naive / (cost / frames),
    )


def _naive_frame(clip: Path) -> float:
    """Seconds a frame of the naive loop."""
    import torch
    from facenet_pytorch import MTCNN, InceptionResnetV1

    mtcnn = MTCNN(keep_all=True)
    network = InceptionResnetV1(pretrained=None).eval()
    frames = [
        e for e in composition.open_source(Settings(), str(clip)).events() if isinstance(e, Frame)
    ]
    frames = frames[:NAIVE_FRAMES]
    began = time.perf_counter()
    with torch.inference_mode():
        for frame in frames:
            faces = mtcnn(frame.image)
            if faces is not None:
                network(faces)
    return (time.perf_counter() - began) / len(frames)


def _undecided(visit: Visit) -> bool:
    return not visit.decisions_made


def _latencies(
    settings: Settings, models: Models, new_visit: NewVisit, recordings: list[Path]
) -> Iterator[Result]:
    """Every recording played at its own speed. What counts is wall time from the moment the first
    usable face, or the last piece of evidence, was played until the answer was told."""
    first: list[float] = []
    fused: list[float] = []
    for clip in recordings * ROUNDS:
        usable = first_usable(settings, models, clip)
        played = Played()
        source = composition.open_source(settings, str(clip), realtime=True)
        source.preview = played.frame
        visit = new_visit(played.event)
        run_visits(source, visit, partial(_undecided, visit))
        first += played.after(usable)[:1]
        fused += played.fused()
    yield Result(f"first decision after a usable face, p95 of {len(first)}", _p95(first), "s")
    yield Result(f"fused decision after the last evidence, p95 of {len(fused)}", _p95(fused), "s")


def first_usable(settings: Settings, models: Models, clip: Path) -> float:
    """When the first usable face is seen by somebody who looks at every frame and has time."""
    pipeline = models.pipelines().face
    for event in composition.open_source(settings, str(clip)).events():
        if not isinstance(event, Frame):
            continue
        if pipeline.look(event).outcome is FaceOutcome.USABLE:
            return event.time
    raise RuntimeError(f"{clip.name} has no usable face")


class Played:
    """Knows when each moment of a recording was played, and when each decision was told."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._start = float("inf")
        self._decisions: list[tuple[VisitDecision, float]] = []

    def frame(self, frame: Frame) -> None:
        """Called from the capture thread as a frame is played. The earliest of all tells when time
        0 was: a frame may be late (the first one is, while the file is opened), never early."""
        self._start = min(self._start, self._clock() - frame.time)

    def event(self, event: VisitEvent) -> None:
        """Called as the engine publishes."""
        if isinstance(event, VisitDecision):
            self._decisions.append((event, self._clock()))

    def after(self, moment: float) -> list[float]:
        """Seconds from a moment of the recording to each decision."""
        return [told - self._start - moment for _, told in self._decisions]

    def fused(self) -> list[float]:
        """Seconds from the last piece of evidence to the final decision, if by face and voice."""
        return [
            told - self._start - event.time
            for event, told in self._decisions
            if event.final and set(event.decision.modalities) == set(Modality)
        ]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def _cold_start(clip: Path) -> Result:
    """A new process from nothing to its first decision, less the clip's own decoding."""
    times = [_child(clip, "--to", "0.2")[0] for _ in range(STARTS)]
    name = f"cold start to the first answer of a new process, median of {STARTS}"
    return Result(name, statistics.median(times), "s")


def _memory(clip: Path) -> float:
    """Gigabytes that a process took at most which did nothing else."""
    return _child(clip, "--watch")[1]


def _child(clip: Path, *options: str) -> tuple[float, float]:
    """Seconds that the program took over a recording, and gigabytes at its peak."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KIOSK_DATABASE": f"{folder}/g.db",
            "KIOSK_KEY_FILE": f"{folder}/key/g.key",
        }
        began = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "--headless", "--source", str(clip), *options],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0  # reaped above, with what it used
        return time.perf_counter() - began, used.ru_maxrss / 1024**2
