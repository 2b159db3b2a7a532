"""A companion, a radio or one of two people speaks: composed from the demo people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.estimates import Channel
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.liveness import LipSoundMatch, LivenessOutcome
from kiosk.core.media import AudioChunk, Frame, Image, Matrix, Modality
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.inference.face.detection import FaceDetector
from kiosk.inference.face.pipeline import TrackedFacePipeline
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import LivenessGathering, PadModels
from kiosk.recognition.visit import Visit
from kiosk.recognition.whose_voice import RESTING, is_somebody_elses, mouth_change
from kiosk.runtime import composition
from tests.support.in_front import DEMO
from tests.support.liveness import ScriptedLips, ScriptedPicture, pad_models
from tests.support.scripted import (
    FPS,
    Script,
    picture,
    scripted_estimators,
    scripted_models,
    sound,
    two_enrolled,
)

SECONDS = 3.5
Clip = tuple[tuple[Image, ...], tuple[AudioChunk, ...]]


@cache
def clip(name: str) -> Clip:
    """Pictures, twenty a second, and sound of the first seconds of a demo person."""
    source = composition.open_source(Settings(), str(DEMO / f"{name}.mp4"))
    frames: list[Image] = []
    heard: list[AudioChunk] = []
    with source:
        for event in source.events():
            if isinstance(event, Frame) and event.time < SECONDS:
                frames.append(event.image)
            elif isinstance(event, AudioChunk) and event.time < SECONDS:
                heard.append(event)
    return tuple(frames), tuple(heard)


def resting(frames: Sequence[Image], heard: Sequence[AudioChunk]) -> list[Image]:
    """As many pictures of the person with the mouth at rest: those of the longest pause, there and
    back again."""
    level = np.array([float(np.abs(chunk.samples).max()) for chunk in heard])
    times = np.array([chunk.time for chunk in heard])
    quiet = [n for n in range(len(frames)) if np.interp(n / 20, times, level) < 0.02]
    runs = np.split(np.array(quiet), np.flatnonzero(np.diff(quiet) > 1) + 1)
    longest = max(runs, key=len)
    there_and_back = [*longest, *longest[-2:0:-1]]
    return [frames[there_and_back[n % len(there_and_back)]] for n in range(len(frames))]


def beside(left: Image, right: Image) -> Image:
    """Two people in one picture, the left one nearer to the middle."""
    half = left.shape[1] // 2
    return np.ascontiguousarray(
        np.hstack([left[:, half // 2 : half // 2 + half], right[:, half // 2 : half // 2 + half]])
    )


def hears_somebody_else(frames: Sequence[Image], heard: Sequence[AudioChunk]) -> bool:
    """What the kiosk's own path and its own model of lips and sound say."""
    path = TrackedFacePipeline(FaceDetector(Settings().min_face), Settings())
    shipped = composition.build_pad_models(Settings())
    lips = PadModels(lips=shipped.lips, lips_calibration=shipped.lips_calibration)
    gathering = LivenessGathering(lips)
    for number, image in enumerate(frames):
        gathering.see(path.look(Frame(image, number / 20, number)))
    for chunk in heard:
        gathering.hear(chunk, speaking=True)
    return gathering.hears_somebody_else()


def test_who_speaks_is_heard_as_themselves() -> None:
    for name in ("amara-1", "noeul-1"):
        assert not hears_somebody_else(*clip(name))


def test_who_is_stored_in_half_the_columns_is_heard_as_themselves() -> None:
    """Pixels twice as wide as high take detail from the mouth, which then changes by 0.78 instead
    of 0.86 while this person talks: below the bound there was, and the voice was lost."""
    assert not is_somebody_elses(0.78, -1.14, several=False)
    frames, heard = clip("bawi-2")
    height, width = frames[0].shape[:2]
    half = (width // 2, height), (width, height)
    shown = [
        cv2.resize(
            cv2.resize(frame, half[0], interpolation=cv2.INTER_AREA),
            half[1],
            interpolation=cv2.INTER_LINEAR,
        ).astype(np.uint8)
        for frame in frames
    ]
    assert not hears_somebody_else(shown, heard)


@pytest.mark.parametrize("voice", ["ravi-1", "gureum-1"])
def test_a_companion_beside_the_picture_is_somebody_else(voice: str) -> None:
    frames, own = clip("amara-1")
    assert hears_somebody_else(resting(frames, own), clip(voice)[1])


def test_a_radio_is_somebody_else() -> None:
    """Two voices at once over a tone, without a pause."""
    frames, own = clip("amara-1")
    parts = [np.concatenate([c.samples for c in clip(n)[1]]) for n in ("ravi-1", "robin-1")]
    length, rate = min(map(len, parts)), own[0].rate
    tone = 0.05 * np.sin(2 * np.pi * 220 * np.arange(length) / rate)
    mixed = (parts[0][:length] + parts[1][:length] + tone).astype(np.float32)
    width = rate // 10
    parts = [mixed[k : k + width] for k in range(0, length, width)]
    radio = [AudioChunk(part, rate, n / 10) for n, part in enumerate(parts)]
    assert hears_somebody_else(resting(frames, own), radio)


def test_of_two_people_in_view_the_other_one_talks() -> None:
    frames, own = clip("amara-1")
    others, heard = clip("ravi-1")
    silent = resting(frames, own)
    both = [beside(a, b) for a, b in zip(silent, others, strict=False)]
    assert hears_somebody_else(both, heard)


# --- what a visit makes of it ---


def visited(lips: ScriptedLips, *, odds: float = 2.0, faces: int = 1) -> VisitDecision:
    """Alice's face, who is enrolled; Bob's voice, who is enrolled too."""
    events: list[VisitEvent] = []
    models = scripted_models(Script(faces_in_view=faces))
    check = LivenessCheck(pad_models(ScriptedPicture(odds=odds), None, lips), required=False)
    identifier = Identifier(models, two_enrolled(), Policy())
    estimators = scripted_estimators()
    visit = Visit(models, identifier, Settings(), events.append, None, estimators, liveness=check)
    for number in range(5 * FPS):
        visit.feed(picture(0, number / FPS, number))
        visit.feed(sound(2, number / FPS))
    visit.finish()
    return next(event for event in events if isinstance(event, VisitDecision) and event.final)


UNFIT = LipSoundMatch(-1.0, 0.0, 0.1, 3.0)


@pytest.mark.parametrize("faces", [1, 2])
def test_a_companion_who_is_enrolled_neither_names_nor_contradicts(faces: int) -> None:
    final = visited(ScriptedLips(UNFIT, moves=faces == 2), faces=faces)
    assert final.decision.outcome is DecisionOutcome.IDENTIFIED
    assert final.decision.top is not None
    assert final.decision.top.name == "Alice"
    assert final.decision.modalities == (Modality.FACE,)
    assert final.voice_quality is None
    assert {part.channel for part in final.attributes} <= {Channel.FACE, Channel.FUSED}
    assert final.time < 3.5  # nothing is waited for that does not come


def test_a_voice_that_does_not_fit_a_picture_still_contradicts_it() -> None:
    final = visited(ScriptedLips(UNFIT, moves=False), odds=-2.5)
    assert final.decision.outcome is DecisionOutcome.CONTRADICTED


def test_where_there_is_a_doubt_a_voice_that_does_not_fit_is_no_companion_s() -> None:
    """A photograph that passes as narrowly would be named with anybody's voice beside it."""
    final = visited(ScriptedLips(UNFIT, moves=False), odds=0.3)
    assert final.liveness.outcome is LivenessOutcome.LIVE
    assert final.decision.outcome is DecisionOutcome.CONTRADICTED


def test_ones_own_voice_contradicts_as_ever() -> None:
    fit = LipSoundMatch(1.0, 0.0, 1.0, 3.0)
    assert visited(ScriptedLips(fit)).decision.outcome is DecisionOutcome.CONTRADICTED


def test_several_people_are_nobody_alone() -> None:
    assert is_somebody_elses(2.0, None, several=True)
    assert not is_somebody_elses(None, None, several=False)
    assert not is_somebody_elses(RESTING, -1.0, several=False)
    assert is_somebody_elses(RESTING - 0.1, 1.0, several=False)
    assert not is_somebody_elses(RESTING - 0.1, 2.0, several=False)
    assert mouth_change(np.zeros((1, 3), np.float32), np.zeros(1), []) is None


def sound_of(pattern: str) -> list[AudioChunk]:
    """Loud (#) and quiet (.) tenths of a second, in two pieces."""
    rate = 1000
    samples = np.concatenate(
        [np.full(rate // 10, 0.5 if each == "#" else 0.01, np.float32) for each in pattern]
    )
    half = len(pattern) // 2 * rate // 10
    return [AudioChunk(samples[:half], rate, 0.0), AudioChunk(samples[half:], rate, half / rate)]


def steps_of(changes: list[float]) -> tuple[Matrix, NDArray[np.float64]]:
    """A mouth of two numbers that changes by so much from tenth to tenth."""
    places = np.concatenate([[0.0], np.cumsum(changes)])
    return np.stack([places, places], axis=1).astype(np.float32), np.arange(
        len(places), dtype=np.float64
    ) * 0.1


def test_a_mouth_is_looked_at_while_it_is_loud() -> None:
    changes = [2.0 if each == "#" else 9.0 for each in "##..##..##..##.."]
    mouths, times = steps_of(changes)
    found = mouth_change(mouths, times, sound_of("##..##..##..##.."))
    assert found == pytest.approx(2.0)
    assert mouth_change(mouths[:1], times[:1], sound_of("##..")) is None
    assert mouth_change(mouths, times, []) is None
    assert mouth_change(mouths[:7], times[:7], sound_of("##..##..##..##..")) is None
    few = sound_of("###..............")
    assert mouth_change(mouths, times, few) is None


def test_a_mouth_that_is_seen_later_than_heard_is_looked_at_in_its_own_time() -> None:
    mouths, times = steps_of([1.0] * 8 + [3.0] * 8)
    found = mouth_change(mouths[8:], times[8:], sound_of("########" + "##......" * 2 + "##"))
    assert found is None or found == pytest.approx(3.0)
    whole = mouth_change(mouths[8:] * 2, times[8:], sound_of("." * 4 + "#" * 14))
    assert whole == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("change", "fit", "several", "elses"),
    [
        (0.699, None, False, True),
        (0.7, None, False, False),
        (None, None, False, False),
        (0.5, 1.5, False, True),
        (0.5, 1.51, False, False),
        (0.9, 0.0, True, True),
        (0.9, 0.01, True, False),
        (None, None, True, True),
        (None, -1.0, False, False),
        (0.5, 1.0, True, True),
    ],
)
def test_who_cannot_be_taken_for_the_speaker(
    change: float | None, fit: float | None, several: bool, elses: bool
) -> None:
    assert is_somebody_elses(change, fit, several=several) is elses
