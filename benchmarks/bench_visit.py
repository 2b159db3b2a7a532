"""One visit: how fast a clip is processed, how late decisions come, what memory it takes.

The alternative is the naive loop: MTCNN at its defaults and InceptionResnetV1 on every frame, which
is what the libraries' own examples do. InceptionResnetV1 runs with untrained weights here, since
its cost does not depend on them; it is never used to recognise.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import Result
from kiosk import bootstrap
from kiosk.config import Settings
from kiosk.domain import Frame, VisitDecision, VisitEvent
from kiosk.identification import Identifier, Models
from kiosk.storage.gallery import SqlGallery
from kiosk.visit import Visit, run_visits
from tools.demo import ROOT, load_people

NAIVE_FRAMES = 15


def run() -> Iterator[Result]:
    """Throughput, latencies, cold start and memory on the demo clips."""
    clips = [person.probe for person in load_people(ROOT / "assets" / "demo")]
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(
            Settings(), database=Path(folder) / "g.db", key_file=Path(folder) / "key" / "g.key"
        )
        models = bootstrap.build_models(settings)
        gallery = SqlGallery.open(settings.database, settings.key_file)
        yield from _throughput(settings, models, gallery, clips)
        yield from _latencies(settings, models, gallery, clips)
        gallery.close()
    yield _cold_start(clips[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    yield Result("peak memory of this process, all of the above", peak, "GB")


def _throughput(
    settings: Settings, models: Models, gallery: SqlGallery, clips: list[Path]
) -> Iterator[Result]:
    identifier = Identifier(models, gallery, bootstrap.policy(settings))
    seconds = frames = 0.0
    began = time.perf_counter()
    for clip in clips:
        visit = Visit(models, identifier, settings, lambda event: None)
        last = 0.0
        for event in bootstrap.open_source(settings, str(clip)).events():
            visit.feed(event)
            if isinstance(event, Frame):
                frames += 1
                last = event.time
        visit.finish()
        seconds += last
    cost = time.perf_counter() - began
    naive = _naive_frame(clips[0])
    yield Result("clip processed, times its own speed", seconds / cost, "x")
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
        e for e in bootstrap.open_source(Settings(), str(clip)).events() if isinstance(e, Frame)
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
    settings: Settings, models: Models, gallery: SqlGallery, clips: list[Path]
) -> Iterator[Result]:
    """Played at their own speed: wall time from capturing the last evidence to the decision."""
    identifier = Identifier(models, gallery, bootstrap.policy(settings))
    first, fused = [], []
    for clip in clips:
        played = _Played()
        source = bootstrap.open_source(settings, str(clip), realtime=True)
        source.preview = played.frame
        visit = Visit(models, identifier, settings, played.event)
        run_visits(source, visit, partial(_undecided, visit))
        first.append(played.delays[0])
        fused.append(played.delays[-1])
    yield Result("first face decision after the first usable frame, p95", _p95(first), "s")
    yield Result("fused decision after the last piece of evidence, p95", _p95(fused), "s")


class _Played:
    """Knows when each moment of a recording was played, and how late each decision was."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self.delays: list[float] = []

    def frame(self, frame: Frame) -> None:
        """Called from the capture thread as a frame is played."""
        if self._offset is None:
            self._offset = time.perf_counter() - frame.time

    def event(self, event: VisitEvent) -> None:
        """Called as the engine publishes."""
        if isinstance(event, VisitDecision) and self._offset is not None:
            self.delays.append(time.perf_counter() - self._offset - event.time)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def _cold_start(clip: Path) -> Result:
    """A new process from nothing to its first decision, less the clip's own decoding."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KIOSK_DATABASE": f"{folder}/g.db",
            "KIOSK_KEY_FILE": f"{folder}/key/g.key",
        }
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kiosk", "--headless", "--source", str(clip), "--to", "0.2"],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return Result(
            "cold start to the first answer of a new process", time.perf_counter() - began, "s"
        )
