"""What the project's own recognisers take for one sample, beside the alternatives.

One face of a picture or three seconds of speech at a time, on the processor, with two threads and
with one; cutting out and turning the face, and the mel bands of the voice, are included, finding
the face and the speech is not. The models take turns in blocks, so that whatever else the machine
does meets all of them. `make bench` installs dlib's own compiled library for this alone; EdgeFace
and CAM++ are measured where their files are, in the folder of the setting `models` or in
KIOSK_SHARED/weights.
InceptionResnetV1 runs untrained: its cost does not depend on its weights.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kiosk.core.media import SPEECH_RATE, AudioChunk, Frame, Image, Points, Waveform
from kiosk.core.samples import (
    FaceOutcome,
    LocatedFace,
)
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.inference.devices import limit_threads
from kiosk.inference.face.embedders import NetFaceEmbedder, build_face
from kiosk.inference.face.geometry.alignment import ARCFACE_112, CHIP_150
from kiosk.inference.face.geometry.face_view import face_view
from kiosk.inference.face.networks import inception
from kiosk.inference.face.networks.mobile import load_mobile_net
from kiosk.inference.voice.embedders import build_voice
from kiosk.runtime import composition
from tools.benchmarks import Note, Result
from tools.demo import ROOT, load_people

BLOCKS, EACH, WARM_UP = 5, 20, 3
"""Every model is run 100 times, in blocks of 20 that begin with some runs that do not count."""
SPEECH_SECONDS = 3.0
CPU = torch.device("cpu")
_DEFAULT_FACE = "face-mobile-2"
SAME = 1e-3
"""Most that a number of dlib's own answer may differ from ours with the same weights."""
_CORNER = 0.203
"""From the middle of an eye to its corners, in distances of the eyes: dlib's mean face."""

Call = Callable[[], object]


@dataclass(frozen=True)
class BenchmarkedModel:
    """A recogniser, ready to be given its sample."""

    name: str
    call: Call


@dataclass(frozen=True)
class Samples:
    """One usable face in its picture, and three seconds of speech."""

    frame: Frame
    landmarks: Points
    speech: Waveform

    def face(self) -> LocatedFace:
        """The face, not aligned yet."""
        return LocatedFace(self.frame.image, self.landmarks)


def run() -> Iterator[Result | Note]:
    """Median and 95th percentile of each model, and how many times faster our own is."""
    yield from measure(Settings(device="cpu"))


def measure(
    settings: Settings,
    *,
    blocks: int = BLOCKS,
    each: int = EACH,
    warm_up: int = WARM_UP,
    threads: Sequence[int] = (2, 1),
    library: str = "dlib",
) -> Iterator[Result | Note]:
    """The same with other numbers of runs, and with dlib's library under another name."""
    samples = load_samples(settings)
    faces: list[BenchmarkedModel] = []
    for found in (*_own_faces(settings, samples), *_other_faces(settings, samples, library)):
        if isinstance(found, Note):
            yield found
        else:
            faces.append(found)
    voices = [_voice(name, settings, samples) for name in ("voice-campplus", "voice-own", "ge2e")]
    teacher = _present("campplus", settings)
    if isinstance(teacher, Note):
        yield teacher
    else:
        voices.append(_voice("campplus", teacher, samples))
    for count in threads:
        limit_threads(replace(settings, threads=count))
        for benchmarked_models in (faces, voices):
            yield from _told(
                benchmarked_models, count, in_turns(benchmarked_models, blocks, each, warm_up)
            )
    limit_threads(settings)


def load_samples(settings: Settings) -> Samples:
    """Of a demo person's clip: its first usable face, and its speech, repeated to three seconds."""
    pipelines = composition.load_pipelines(settings)()
    clip = load_people(ROOT / "assets" / "demo")[0].probe
    face, heard = None, []
    for event in composition.open_source(settings, str(clip)).events():
        if isinstance(event, Frame) and face is None:
            sample = pipelines.face.look(event)
            face = sample if sample.outcome is FaceOutcome.USABLE else None
        elif isinstance(event, AudioChunk):
            pipelines.voice.hear(event)
            taken = pipelines.voice.take()
            heard += [taken.speech] if taken is not None else []
    taken = pipelines.voice.take(flush=True)
    heard += [taken.speech] if taken is not None else []
    if face is None or face.landmarks is None or not heard:
        raise RuntimeError(f"{clip.name} has no usable face or no speech")
    speech = np.resize(np.concatenate(heard), round(SPEECH_SECONDS * SPEECH_RATE))
    return Samples(face.frame, face.landmarks, speech)


def in_turns(
    benchmarked_models: Sequence[BenchmarkedModel], blocks: int, each: int, warm_up: int
) -> dict[str, list[float]]:
    """Milliseconds of every counted run, by name."""
    times: dict[str, list[float]] = {benchmarked.name: [] for benchmarked in benchmarked_models}
    for _ in range(blocks):
        for benchmarked in benchmarked_models:
            for number in range(warm_up + each):
                began = time.perf_counter()
                benchmarked.call()
                if number >= warm_up:
                    times[benchmarked.name].append(1000 * (time.perf_counter() - began))
    return times


def _told(
    benchmarked_models: Sequence[BenchmarkedModel], threads: int, times: dict[str, list[float]]
) -> Iterator[Result]:
    """Own model first: its median once beside each of the others, with the ratio."""
    said = "1 thread" if threads == 1 else f"{threads} threads"
    medians = {name: float(np.median(found)) for name, found in times.items()}
    own, *others = (benchmarked.name for benchmarked in benchmarked_models)
    for name in (own, *others):
        yield Result(f"{name}, {said}, p50", medians[name], "ms")
        yield Result(f"{name}, {said}, p95", float(np.percentile(times[name], 95)), "ms")
    for name in others:
        ratio = medians[name] / medians[own]
        yield Result(f"{own}, {said}, p50", medians[own], "ms", name, ratio)


def _own_faces(settings: Settings, samples: Samples) -> Iterator[BenchmarkedModel]:
    """Those whose weights every installation has, the default first; and the default as PyTorch
    computes it when its convolutions are not laid out at loading."""
    for name in (_DEFAULT_FACE, "face-mobile", "face-own"):
        yield _face(name, build_face(manifest.find_entry(name), settings, CPU), samples)
    plain = load_mobile_net(manifest.locate(manifest.find_entry(_DEFAULT_FACE), settings), CPU)
    embedder = NetFaceEmbedder(plain, ARCFACE_112, "plain", plain.dims, CPU)
    yield _face(f"{_DEFAULT_FACE}, plain convolutions", embedder, samples)
    resnet = build_face(manifest.find_entry("dlib-resnet"), settings, CPU)
    yield _face("dlib's weights in torch", resnet, samples)


def _other_faces(
    settings: Settings, samples: Samples, library: str
) -> Iterator[BenchmarkedModel | Note]:
    yield dlibs_own(samples, library)
    there = _present("edgeface-xs", settings)
    if isinstance(there, Note):
        yield there
    else:
        entry = manifest.find_entry("edgeface-xs")
        yield _face(entry.name, build_face(entry, there, CPU), samples)
    yield _face("InceptionResnetV1, untrained", _inception(), samples)


def _present(name: str, settings: Settings) -> Settings | Note:
    """Settings with the folder in which a file brought by the operator is, or how to get it."""
    entry = manifest.find_entry(name)
    shared = Path(os.environ.get("KIOSK_SHARED", ROOT.parent / "shared"))
    for folder in (settings.models, shared / "weights"):
        found = replace(settings, models=folder)
        if manifest.presence(entry, found) is manifest.Presence.READY:
            return found
    return Note(f"{name} is not measured: {manifest.remedy(entry)}")


def _face(name: str, embedder: NetFaceEmbedder, samples: Samples) -> BenchmarkedModel:
    return BenchmarkedModel(name, lambda: embedder.embed([samples.face()]))


def _inception() -> NetFaceEmbedder:
    net = inception.Inception().eval()
    return NetFaceEmbedder(net, inception.TEMPLATE, "untrained", net.dims, CPU)


def _voice(name: str, settings: Settings, samples: Samples) -> BenchmarkedModel:
    model = build_voice(manifest.find_entry(name), settings, CPU)
    return BenchmarkedModel(name, lambda: model.embed(samples.speech))


def dlibs_own(samples: Samples, library: str = "dlib") -> BenchmarkedModel | Note:
    """The compiled library with the weights we read, its own cutting out of the face included; a
    note where it is not installed. It uses one thread, whatever it is allowed."""
    try:
        dlib: Any = importlib.import_module(library)
    except ImportError as error:
        return Note(
            f"dlib's own library is not measured ({error}): `make bench` installs it where there "
            "is a wheel for this Python and processor."
        )
    path = manifest.locate(manifest.find_entry("dlib-resnet"), Settings())
    network = dlib.face_recognition_model_v1(str(path))
    _check_same(network, samples)
    picture, shape = samples.frame.image, _shape(dlib, samples)
    return BenchmarkedModel(
        "dlib's own library", lambda: network.compute_face_descriptor(picture, shape)
    )


def _check_same(network: Any, samples: Samples) -> None:
    """It would be no comparison if theirs were another network, or were not run."""
    chip: Image = face_view(samples.face(), CHIP_150)
    theirs = np.array(network.compute_face_descriptor(np.ascontiguousarray(chip)))
    entry, settings = manifest.find_entry("dlib-resnet"), Settings(device="cpu")
    embedder = build_face(entry, settings, CPU)
    [ours] = embedder.embed([samples.face()])
    unit = theirs / np.linalg.norm(theirs)
    if np.abs(unit - ours.vector).max() > SAME:
        raise RuntimeError("dlib's own library gives another answer than its weights in torch")


def _shape(dlib: Any, samples: Samples) -> Any:
    """Our landmarks as dlib's five: the corners of both eyes, and the nose."""
    left, right, nose = samples.landmarks[:3]
    corner = _CORNER * (right - left)
    points = (right + corner, right - corner, left - corner, left + corner, nose)
    low, high = samples.landmarks.min(0), samples.landmarks.max(0)
    around = dlib.rectangle(*(round(float(each)) for each in (*low, *high)))
    return dlib.full_object_detection(
        around, [dlib.point(round(float(x)), round(float(y))) for x, y in points]
    )
