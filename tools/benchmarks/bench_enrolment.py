"""Guided enrolment of the demo people: seconds of their own time until nothing more is asked.

The head is turned by warping a picture as if it were a globe, towards whatever is asked for: a
second to react, then 30 degrees a second. The voice is that of the recordings, over and over. A
second figure is the same from the recordings as they are, in which nobody follows instructions:
what most cannot be reached there is left out after its time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import AudioChunk, Frame, Image
from kiosk.core.samples import FaceOutcome, FaceSample
from kiosk.core.settings import Settings
from kiosk.enrolment.guided_capture import DIRECTIONS, CaptureProgress, Goal, GuidedCapture, Step
from kiosk.recognition.identification import Models
from kiosk.runtime import composition
from tools.benchmarks import Result
from tools.demo import ROOT, load_people

FPS = 10
REACTION = 1.0
"""Seconds from a new instruction to the first movement."""
SPEED = 30.0
"""Degrees a second."""
MOST_YAW, MOST_PITCH = 32.0, 26.0
"""Degrees. Somebody goes on turning until the next thing is asked for, but no further than this."""
LIMIT = 90.0
NOSE, NOSE_WIDTH = 0.15, 0.12
STEPS = 5
Floats = NDArray[np.float64]


def run() -> Iterator[Result]:
    """All demo people who are enrolled, one after the other."""
    settings = Settings()
    models = composition.build_models(settings)
    people = load_people(ROOT / "assets" / "demo")
    clips = [person.enrol or person.probe for person in people]
    guided = [_cooperative(models, settings, clip) for clip in clips]
    yield from _told("follows the instructions", guided)
    plain = [_as_recorded(models, settings, clip) for clip in clips]
    yield from _told("as recorded, follows nothing", plain)


def _told(name: str, found: list[tuple[float, CaptureProgress]]) -> Iterator[Result]:
    seconds = [each for each, _ in found]
    poses = [len({kept.goal for kept in last.kept if kept.goal}) for _, last in found]
    yield Result(f"{name}: mean of {len(found)} people", float(np.mean(seconds)), "s")
    yield Result(f"{name}: slowest", max(seconds), "s")
    yield Result(f"{name}: poses of five, mean", float(np.mean(poses)), "poses")


@dataclass
class _Head:
    """Where a head is turned, and where it was asked to be turned."""

    yaw: float = 0.0
    pitch: float = 0.0
    goal: Goal = Goal.STRAIGHT
    asked_at: float = 0.0

    def ask(self, goal: Goal | None, time: float) -> None:
        wanted = goal or Goal.STRAIGHT
        if wanted is not self.goal:
            self.goal, self.asked_at = wanted, time

    def move(self, time: float) -> None:
        if time - self.asked_at < REACTION:
            return
        across, up = DIRECTIONS[self.goal]
        step = SPEED / FPS
        self.yaw += float(np.clip(across * MOST_YAW - self.yaw, -step, step))
        self.pitch += float(np.clip(up * MOST_PITCH - self.pitch, -step, step))


def _cooperative(models: Models, settings: Settings, clip: Path) -> tuple[float, CaptureProgress]:
    """A person who does what is asked; seconds, and the last progress."""
    pictures, sounds = _split(clip)
    face = _face(models, pictures)
    told: list[CaptureProgress] = []
    capture = GuidedCapture(models, settings, told.append)
    head, voice, time = _Head(), itertools.cycle(sounds), 0.0
    spoken = 0.0
    while not _done(capture) and time < LIMIT:
        head.move(time)
        capture.feed(Frame(turned(pictures[0], face, head.yaw, head.pitch), time))
        head.ask(told[-1].goal, time)
        if told[-1].step is Step.SPEECH:
            while spoken <= time:
                chunk = next(voice)
                spoken = max(spoken, time - 1 / FPS)
                capture.feed(AudioChunk(chunk.samples, chunk.rate, spoken))
                spoken += chunk.seconds
        time += 1 / FPS
    return time, told[-1]


def _as_recorded(models: Models, settings: Settings, clip: Path) -> tuple[float, CaptureProgress]:
    """The recording over and over."""
    told: list[CaptureProgress] = []
    capture = GuidedCapture(models, settings, told.append)
    start = 0.0
    while not _done(capture) and start < LIMIT:
        last = 0.0
        for event in composition.open_source(settings, str(clip)).events():
            if isinstance(event, Frame):
                last = event.time
                capture.feed(Frame(event.image, event.time + start))
            elif isinstance(event, AudioChunk):
                capture.feed(AudioChunk(event.samples, event.rate, event.time + start))
            if _done(capture):
                break
        start += last + 1 / FPS
    return start, told[-1]


def _done(capture: GuidedCapture) -> bool:
    return capture.step is Step.DONE


def _split(clip: Path) -> tuple[list[Image], list[AudioChunk]]:
    pictures, sounds = [], []
    for event in composition.open_source(Settings(), str(clip)).events():
        if isinstance(event, Frame):
            pictures.append(event.image)
        elif isinstance(event, AudioChunk):
            sounds.append(event)
    return pictures, sounds


def _face(models: Models, pictures: list[Image]) -> FaceSample:
    sample = models.pipelines().face.look(Frame(pictures[0], 0.0))
    if sample.outcome is not FaceOutcome.USABLE:
        raise RuntimeError("the first frame shows no usable face")
    return sample


def turned(image: Image, face: FaceSample, yaw: float, pitch: float) -> Image:
    """The picture with the head turned by degrees: yaw > 0 to the picture's right, pitch > 0 up."""
    assert face.box is not None
    assert face.landmarks is not None
    box, nose = face.box, face.landmarks[2]
    radius = 0.95 * box.height
    middle = (box.x + box.width / 2, box.y + box.height / 2)
    top, left = max(0, int(middle[1] - radius)), max(0, int(middle[0] - radius))
    part = image[top : int(middle[1] + radius), left : int(middle[0] + radius)]
    x, y = np.meshgrid(
        np.arange(left, left + part.shape[1], dtype=np.float32),
        np.arange(top, top + part.shape[0], dtype=np.float32),
    )
    u, v = (x - middle[0]) / radius, (y - middle[1]) / radius
    fade = np.clip(1 - u * u - v * v, 0, 1) ** 0.25  # still at the rim
    a, b = np.radians(yaw) * fade, np.radians(pitch) * fade
    from_u, from_v = u, v
    for _ in range(STEPS):  # where on the head each pixel came from: the depth is that of there
        z = _depth(from_u, from_v, (nose[0] - middle[0]) / radius, (nose[1] - middle[1]) / radius)
        from_u = (u - z * np.sin(a)) / np.cos(a)
        from_v = (v + z * np.sin(b)) / np.cos(b)
    source_x = (middle[0] + from_u * radius).astype(np.float32)
    source_y = (middle[1] + from_v * radius).astype(np.float32)
    warped = image.copy()
    warped[top : top + part.shape[0], left : left + part.shape[1]] = cv2.remap(
        image, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return warped


def _depth(u: Floats, v: Floats, nose_u: float, nose_v: float) -> Floats:
    """A globe with a nose, by which a turn is seen: it stands out by a sixth of the face."""
    at_nose = (u - nose_u) ** 2 + (v - nose_v) ** 2
    globe = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    return np.asarray(globe + NOSE * np.exp(-at_nose / (2 * NOSE_WIDTH**2)))
