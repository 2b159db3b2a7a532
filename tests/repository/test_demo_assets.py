"""The demo people: clips decode, are small, show one findable face and speech, and differ."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from kiosk.capture.media import MediaSource
from kiosk.core.media import AudioChunk, Frame, Vector
from kiosk.core.samples import (
    LocatedFace,
    VoiceOutcome,
    VoiceSample,
)
from kiosk.core.settings import Settings
from kiosk.inference.face.detection import Detection, FaceDetector
from kiosk.inference.face.embedders import NetFaceEmbedder, build_face
from kiosk.inference.manifest import find_entry
from kiosk.inference.voice.networks.ge2e import Ge2eVoice
from kiosk.inference.voice.pipeline import SileroVoicePipeline, VoicePipelineConfig
from tests.support.paths import ROOT

FOLDER = ROOT / "assets" / "demo"
LISTED = tomllib.loads((FOLDER / "people.toml").read_text(encoding="utf-8"))["person"]
CLIPS = sorted(path.name for path in FOLDER.glob("*.mp4"))
STEP = 12
"""Frames between those looked at."""
LEAST_FACE = 60
"""Pixels."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the kiosk makes of one clip."""

    frames: list[Frame]
    faces: list[list[Detection]]
    heard: VoiceSample | None


@cache
def detector() -> FaceDetector:
    return FaceDetector(LEAST_FACE)


@cache
def seen(clip: str) -> Seen:
    frames: list[Frame] = []
    ear = SileroVoicePipeline(VoicePipelineConfig())
    heard: VoiceSample | None = None
    with MediaSource(FOLDER / clip) as source:
        for event in source.events():
            if isinstance(event, Frame):
                frames.append(event)
            elif isinstance(event, AudioChunk) and heard is None:
                ear.hear(event)
                heard = ear.take()
    looked = frames[::STEP]
    return Seen(looked, [detector().search(frame.image) for frame in looked], heard)


@cache
def face_network() -> NetFaceEmbedder:
    return build_face(find_entry("dlib-resnet"), Settings(), torch.device("cpu"))


@cache
def voice_network() -> Ge2eVoice:
    return Ge2eVoice()


@cache
def face_vector(clip: str) -> Vector:
    """The mean of a clip's faces under dlib's network."""
    it = seen(clip)
    pairs = zip(it.frames, it.faces, strict=True)
    found = face_network().embed(
        [LocatedFace(frame.image, faces[0].landmarks) for frame, faces in pairs if faces]
    )
    return unit(np.mean([one.vector for one in found], axis=0))


@cache
def voice_vector(clip: str) -> Vector:
    heard = seen(clip).heard
    assert heard is not None
    return unit(voice_network().embed(heard.speech).vector)


def unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def recordings(entry: dict[str, list[str]]) -> list[str]:
    return [*entry["enrol"], *entry["probe"]]


def test_everybody_is_listed_with_two_recordings_and_a_still() -> None:
    assert sorted(clip for entry in LISTED for clip in recordings(entry)) == CLIPS
    assert all(len(recordings(entry)) == 2 for entry in LISTED)
    assert all((FOLDER / "stills" / f"{entry['key']}.jpg").is_file() for entry in LISTED)


def test_who_enrols_and_who_is_a_stranger() -> None:
    enrolled = [entry for entry in LISTED if not entry["stranger"]]
    strangers = [entry for entry in LISTED if entry["stranger"]]
    assert len(enrolled) >= 6
    assert len(strangers) >= 1
    assert all(len(entry["enrol"]) == len(entry["probe"]) == 1 for entry in enrolled)
    assert not any(entry["enrol"] for entry in strangers)
    assert len({entry["name"] for entry in LISTED}) == len(LISTED)


def test_small() -> None:
    sizes = {path: path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 12_000_000
    stills = {path: size for path, size in sizes.items() if path.suffix == ".jpg"}
    assert stills
    assert max(stills.values()) <= 40_000


@pytest.mark.parametrize("clip", CLIPS)
def test_one_large_face_in_nearly_every_frame(clip: str) -> None:
    faces = seen(clip).faces
    assert sum(len(found) == 1 for found in faces) >= 0.95 * len(faces)
    assert np.median([found[0].box.width for found in faces if found]) >= 2 * LEAST_FACE


@pytest.mark.parametrize("clip", CLIPS)
def test_enough_speech(clip: str) -> None:
    heard = seen(clip).heard
    assert heard is not None
    assert heard.outcome is VoiceOutcome.USABLE
    assert heard.seconds >= 3.0


@pytest.mark.parametrize("vector", [face_vector, voice_vector])
def test_recordings_of_one_person_agree_more_than_any_of_two(vector: object) -> None:
    """One threshold separates all pairs, for the face network and the voice network that ship."""
    assert callable(vector)
    first = np.stack([vector(recordings(entry)[0]) for entry in LISTED])
    second = np.stack([vector(recordings(entry)[1]) for entry in LISTED])
    others = ~np.eye(len(LISTED), dtype=bool)
    strangers = max(
        (rows @ cols.T)[others].max()
        for rows, cols in ((first, second), (first, first), (second, second))
    )
    assert (first * second).sum(axis=1).min() > strangers


def test_paths_in_the_list_stay_in_the_folder() -> None:
    assert all(Path(clip).name == clip for entry in LISTED for clip in recordings(entry))
