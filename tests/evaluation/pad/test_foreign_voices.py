"""Who is shown while others speak: people of single pictures get a speaker's voice."""

from __future__ import annotations

import wave
from pathlib import Path

import cv2
import numpy as np

from kiosk.core.media import Frame
from kiosk.core.samples import FaceOutcome, FaceSample, Pose
from kiosk.datasets.collections import Item, Kind, read_collection
from kiosk.datasets.presentations import PadPresentation
from kiosk.evaluation.pad.foreign_voices import (
    PICTURES_A_SECOND,
    Sound,
    chimeric,
    film_of,
    recorded,
    turns_head,
)
from kiosk.evaluation.pad.protocol import Examiner
from kiosk.recognition.liveness_policy import LivenessPolicy
from tests.support.liveness import pad_models
from tests.support.scripted import Script, scripted_models

RATE = 16_000


def recording(file: Path, level: int) -> None:
    """Half a second of a tone as loud as `level`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        tone = level * np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE)
        written.writeframes(tone.astype(np.int16).tobytes())


def level(sound: Sound) -> int:
    """How loud its tone is."""
    return round(float(max(chunk.samples.max() for chunk in sound)) * 32768)


def portrait(folder: Path, name: str) -> PadPresentation:
    file = folder / f"{name}.png"
    cv2.imwrite(str(file), np.full((40, 40, 3), len(name), dtype=np.uint8))
    return PadPresentation("bona_fide", (Item(file, name, Kind.PICTURE),), name)


def series(folder: Path, name: str, kind: str) -> PadPresentation:
    items = tuple(portrait(folder, f"{name}-{k}-{kind}").items[0] for k in range(5))
    return PadPresentation(kind, items, name)


def test_a_film_of_a_picture_shows_nothing_else() -> None:
    image = np.full((4, 4, 3), 7, dtype=np.uint8)
    film = film_of(image, 1.0)
    assert [frame.time for frame in film.frames] == [k / PICTURES_A_SECOND for k in range(11)]
    assert all(frame.image is image for frame in film.frames)


def test_each_person_has_one_speaker_and_is_enrolled_with_another_recording_than_is_heard(
    tmp_path: Path,
) -> None:
    for speaker in (1, 2):
        for take in (1, 2):
            recording(
                tmp_path / "voices" / f"s{speaker}" / f"{take}.wav", 1000 * speaker + 100 * take
            )
    recording(tmp_path / "voices" / "s3" / "1.wav", 3000)  # of whom there is one alone
    shown = [portrait(tmp_path, name) for name in ("a", "bb", "ccc")]
    examiner = Examiner(scripted_models(Script()), pad_models(), LivenessPolicy(), 1.0)
    voices = read_collection(tmp_path / "voices").of(Kind.SOUND)
    people = chimeric(examiner, shown, [voices], seed=1)
    assert len(people) == 2, "as many as there are speakers of several recordings"
    assert len({one.presentation.subject for one in people}) == 2
    speakers = []
    for one in people:
        (heard,) = one.heard
        enrolled, spoken = level(one.voice), level(heard)
        assert enrolled != spoken
        assert round(enrolled / 1000) == round(spoken / 1000)
        speakers.append(round(enrolled / 1000))
        assert len(one.take.frames) == 21
    assert sorted(speakers) == [1, 2]


def test_people_with_recorded_attacks_get_a_voice_and_all_their_attacks(tmp_path: Path) -> None:
    for speaker in (1, 2, 3):
        for take in (1, 2):
            recording(
                tmp_path / "voices" / f"s{speaker}" / f"{take}.wav", 1000 * speaker + 100 * take
            )
    shown = [
        series(tmp_path, "a", "print"),
        series(tmp_path, "a", "bona_fide"),
        series(tmp_path, "a", "screen_still"),
        series(tmp_path, "bb", "bona_fide"),  # of whom there is no attack
        series(tmp_path, "ccc", "print"),  # who is never shown alive
        portrait(tmp_path, "dddd"),
        series(tmp_path, "dddd", "print"),  # shown alive by one picture alone
    ]
    examiner = Examiner(scripted_models(Script()), pad_models(), LivenessPolicy(), 1.0)
    voices = read_collection(tmp_path / "voices").of(Kind.SOUND)
    (one,) = recorded(examiner, shown, [voices], seed=1)
    assert one.presentation is shown[1]
    assert [attack.kind for attack in one.attacks] == ["print", "screen_still"]
    assert len(one.take.frames) == 5
    (heard,) = one.heard
    assert level(one.voice) != level(heard)
    assert {each.presentation.subject for each in chimeric(examiner, shown, [voices], 1)} == {
        "dddd"
    }


def posed(*yaws: float) -> list[FaceSample]:
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    return [
        FaceSample(Frame(image, k / 10, k), FaceOutcome.USABLE, None, pose=Pose(yaw, 0.0, 0.0))
        for k, yaw in enumerate(yaws)
    ]


def test_who_turns_and_comes_back_follows_a_request_and_a_swaying_photograph_does_not() -> None:
    assert turns_head(posed(*[0.0] * 6, 10.0, 20.0, 10.0, 0.0, *[0.0] * 10))
    assert turns_head(posed(*[0.0] * 6, -10.0, -20.0, -10.0, 0.0, *[0.0] * 10))
    assert not turns_head(posed(*[0.0, 3.0, 7.0, 3.0, -3.0, -7.0] * 4))
    assert not turns_head(posed(*[0.0] * 20))
    assert not turns_head([])
