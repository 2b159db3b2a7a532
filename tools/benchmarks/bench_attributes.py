"""What attribute estimates cost for each second of a visit, and how little they delay a decision.

A second of a visit has four estimates of the face, half of one of two seconds of voice, and one
fusion. Times are processor time of this process, on the threads the settings give.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from kiosk.core.attribute_fusion import average
from kiosk.core.estimates import AttributeSelection
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import AudioChunk, Frame, Waveform
from kiosk.core.samples import (
    FaceSample,
    LocatedFace,
)
from kiosk.core.settings import Settings
from kiosk.recognition.attribute_gathering import FACE_INTERVAL, SEGMENT_SECONDS, Estimators
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit, run_visits
from kiosk.runtime import composition
from kiosk.runtime.policy import policy
from kiosk.storage.sqlite.gallery import SqlGallery
from tools.benchmarks import Result
from tools.demo import ROOT, load_people

REPEATS = 40
SENTENCE = "나는 지금 너무 슬퍼"


def run() -> Iterator[Result]:
    """Cost by channel, of a visit second, and the delay of decisions with and without."""
    clips = [person.probe for person in load_people(ROOT / "assets" / "demo")]
    settings = Settings()
    estimators = composition.build_estimators(settings, text=True)
    sample, speech = _samples(settings, clips[0])
    costs = _costs(estimators, sample, speech)
    for name, cost in costs.items():
        yield Result(f"{name}, processor time", 1000 * cost, "ms")
    parts = [costs["a face"] / FACE_INTERVAL, costs["a fusion of all channels"]]
    parts += [costs["two seconds of voice"] / SEGMENT_SECONDS] if estimators.voice else []
    yield Result("a visit second, processor time (budget 25 ms)", 1000 * sum(parts), "ms")
    yield from _delays(settings, clips, estimators)


def _samples(settings: Settings, clip: Path) -> tuple[FaceSample, Waveform]:
    """A usable face, and two seconds of speech."""
    pipelines = composition.load_pipelines(settings)()
    found: FaceSample | None = None
    for event in composition.open_source(settings, str(clip)).events():
        if isinstance(event, Frame) and (found is None or found.landmarks is None):
            found = pipelines.face.look(event)
        elif isinstance(event, AudioChunk):
            pipelines.voice.hear(event)
    part = pipelines.voice.part(0.0, SEGMENT_SECONDS)
    speech = part.speech if part is not None else np.zeros(32_000, np.float32)
    assert found is not None
    return found, speech


def _costs(estimators: Estimators, sample: FaceSample, speech: Waveform) -> dict[str, float]:
    """Median seconds of processor time by what is done."""
    assert sample.located is not None
    face = sample.located
    acts: dict[str, Callable[[], object]] = {}
    made = []
    if estimators.face is not None:
        acts["a face"] = lambda: estimators.of_face(
            LocatedFace(face.image, face.landmarks), sample.quality, mirrored=False
        )
        made.append(estimators.of_face(face, sample.quality))
    if estimators.voice is not None:
        acts["two seconds of voice"] = lambda: estimators.of_voice(speech, 1.0)
        made.append(estimators.of_voice(speech, 1.0))
    if estimators.text is not None:
        acts["a sentence"] = lambda: estimators.of_text(SENTENCE)
        made.append(estimators.of_text(SENTENCE))
    each = [estimate for estimate in made if estimate is not None]
    acts["a fusion of all channels"] = lambda: estimators.fusion.fuse(
        [average([estimate] * 12) for estimate in each]
    )
    return {name: _cost(act) for name, act in acts.items()}


def _cost(act: Callable[[], object]) -> float:
    for _ in range(3):
        act()
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return statistics.median(times)


def _delays(settings: Settings, clips: list[Path], estimators: Estimators) -> Iterator[Result]:
    """Wall time of the last sample of a visit until its decision is told, with estimates and
    without, over all clips."""
    with tempfile.TemporaryDirectory() as folder:
        place = replace(
            settings, database=Path(folder) / "g.db", key_file=Path(folder) / "key" / "g.key"
        )
        models = composition.build_models(place)
        gallery = SqlGallery.open(place.database, place.key_file)
        identifier = Identifier(models, gallery, policy(place))
        nothing = Estimators(AttributeSelection(False, False, False))
        late: dict[str, list[float]] = {"without": [], "with": []}
        for clip in clips:
            for name, chosen in (("without", nothing), ("with", estimators)):
                events: list[VisitEvent] = []
                visit = Visit(models, identifier, place, events.append, estimators=chosen)
                run_visits(composition.open_source(place, str(clip)), visit)
                finals = [e for e in events if isinstance(e, VisitDecision) and e.final]
                late[name] += [1000 * event.latency for event in finals]
        gallery.close()
    for name, values in late.items():
        yield Result(f"final decision {name} estimates, p50", statistics.median(values), "ms")
