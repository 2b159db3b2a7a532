"""Whole visits through the real enrolment, visit machine and decision, with stand-in networks."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.cli.evaluate import evaluate
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame, Waveform
from kiosk.core.ports.inference import Pipelines
from kiosk.core.samples import (
    FaceOutcome,
    FaceSample,
    LocatedFace,
    Pose,
    VoiceOutcome,
    VoiceProgress,
    VoiceSample,
)
from kiosk.core.scoring import Calibration, Policy
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Item, Kind, read_collection
from kiosk.evaluation.protocols.attempts import (
    Attempt,
    Presentation,
    chimeric_people,
    halves_of,
    open_take,
    people_of,
)
from kiosk.evaluation.protocols.visits import (
    Session,
    figures_of,
    identify_one,
    run_people,
    temporary_session,
    visit_report,
)
from kiosk.recognition.identification import Models
from kiosk.runtime import composition
from kiosk.runtime.policy import policy
from tests.support.datasets import picture, write
from tests.support.stand_ins import StandInFace, StandInVoice

SETTINGS = Settings()


class StandInFacePath:
    """Everything is a good face."""

    def look(self, frame: Frame) -> FaceSample:
        points = np.ones((5, 2), np.float32)
        pose, face = Pose(0, 0, 0), LocatedFace(frame.image, points)
        return FaceSample(
            frame,
            FaceOutcome.USABLE,
            quality=1.0,
            located=face,
            pose=pose,
            track=1,
        )

    def reset(self) -> None:
        pass


class StandInVoicePath:
    """Everything is speech."""

    def __init__(self) -> None:
        self.heard: list[Waveform] = []

    def hear(self, chunk: AudioChunk) -> VoiceProgress:
        self.heard.append(chunk.samples)
        return VoiceProgress(self._seconds(), 3.0, -20.0, True)

    def _seconds(self) -> float:
        return sum(map(len, self.heard)) / 16_000

    def take(self, *, flush: bool = False) -> VoiceSample | None:
        if not self.heard or (self._seconds() < 3.0 and not flush):
            return None
        speech = np.concatenate(self.heard)
        self.heard = []
        return VoiceSample(speech, 0.0, 3.0, VoiceOutcome.USABLE, quality=1.0)

    def part(self, start: float, seconds: float) -> VoiceSample | None:
        return None

    def reset(self) -> None:
        self.heard = []


def stand_in_models() -> Models:
    calibration = Calibration(30.0, -15.0, -7.0, 12.0)
    return Models(
        lambda: Pipelines(StandInFacePath(), StandInVoicePath()),
        StandInFace(),
        StandInVoice(),
        calibration,
        calibration,
    )


def sound(path: Path, level: float, seconds: float = 3.5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # swinging, for a constant is an offset and no sound
    samples = np.full(round(16_000 * seconds), round(level / 255 * 32767), np.int16)
    samples[1::2] *= -1
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())


def people(folder: Path, count: int = 6, each: int = 8) -> Path:
    for person in range(count):
        for number in range(each):
            write(
                folder / f"name{person}" / f"{number}.png",
                picture(30 * person + number % 3, moment=number),
            )
            sound(folder / f"name{person}" / f"{number}.wav", 30 * person + number % 3)
    return folder


@pytest.fixture
def session() -> Iterator[Session]:
    with temporary_session(stand_in_models(), Policy(), SETTINGS) as opened:
        yield opened


def test_everyone_is_recognised_and_strangers_are_not(tmp_path: Path, session: Session) -> None:
    found = people_of(read_collection(people(tmp_path)), 3)
    results = run_people(session, found, range(len(found)), range(len(found)))
    assert len(results) == 6 * 3
    report = visit_report(session, results, {"data": "stand-ins"}, seed=1)
    for way in ("face", "voice", "fused"):
        figures = figures_of(results, session.enrolled, way, seed=1)
        assert figures is not None
        assert figures.top_right.value == 1.0
        assert figures.strangers_identified.value == 0.0
        assert figures.strangers_identified.high > 0  # eighteen visits prove no zero
    assert {row[0] for row in report.tables[0].rows} == {"face", "voice", "fused"}
    assert "name" not in str(report.numbers)


def test_the_gallery_is_gone_afterwards(tmp_path: Path) -> None:
    with temporary_session(stand_in_models(), Policy(), SETTINGS) as opened:
        assert opened.enrol(0, people_of(read_collection(people(tmp_path)), 1)[0])
        assert opened.enrolled == {0: 1}
    with temporary_session(stand_in_models(), Policy(), SETTINGS) as opened:
        assert opened.gallery.subjects() == []


def test_a_refusal_is_counted_without_a_name(tmp_path: Path, session: Session) -> None:
    said: list[str] = []
    session.tell = said.append
    folder = people(tmp_path, count=1)
    person = people_of(read_collection(folder), 2)[0]
    write(folder / "name0" / "0.png", b"broken")
    assert not session.enrol(0, person)
    assert session.refused == {"recording not usable": 1}
    assert "name0/0.png" in said[0]


def test_one_sample_names_the_nearest(tmp_path: Path, session: Session) -> None:
    found = people_of(read_collection(people(tmp_path)), 3)
    wanted = next(person for person in found if person.name == "name4")
    answers = identify_one(session, found, wanted.visits[0])
    assert [answer.way for answer in answers] == ["face", "voice", "fused"]
    assert {(answer.outcome, answer.nearest) for answer in answers} == {("identified", "name4")}
    assert all("identified, nearest name4" in str(answer) for answer in answers)


def test_takes_never_share_files(tmp_path: Path) -> None:
    person = people_of(read_collection(people(tmp_path, count=1)), 4)[0]
    enrolled = {item.path for take in person.enrol for item in take.items}
    searched = [item.path for take in person.visits for item in take.items]
    assert len(searched) == len(set(searched)) == 8
    assert not enrolled & set(searched)


def test_people_with_too_little_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "alone" / "1.png", picture(3))
    with pytest.raises(InputError, match="enough files"):
        people_of(read_collection(tmp_path), 3)


def test_clips_enrol_from_the_first(tmp_path: Path) -> None:
    for name in ("kim-1.mp4", "kim-2.mp4", "kim-3.mp4", "lee-1.mp4"):
        write(tmp_path / name)
    kim, lee = sorted(people_of(read_collection(tmp_path), 10), key=lambda p: p.name)
    assert [take.items[0].path.name for take in kim.enrol] == ["kim-1.mp4"]
    assert len(kim.visits) == 2
    assert (lee.enrol[0].begin, lee.enrol[0].end) == (0.0, 0.5)
    assert len(lee.visits) == 10
    assert all(take.begin >= 0.5 for take in lee.visits)
    assert halves_of(lee.enrol[0].items[0], 1)[0].end == 1.0


def test_a_take_plays_pictures_then_sounds(tmp_path: Path) -> None:
    folder = people(tmp_path, count=1, each=1)
    items = (
        Item(folder / "name0/0.png", "a", Kind.PICTURE),
        Item(folder / "name0/0.wav", "a", Kind.SOUND),
    )
    with open_take(Attempt(items)) as source:
        assert isinstance(source, Presentation)
        kinds = [type(event) for event in source.events()]
    assert kinds == [Frame, AudioChunk]


def test_chimeric_people_are_paired_by_the_seed(tmp_path: Path) -> None:
    faces = read_collection(people(tmp_path / "faces")).of(Kind.PICTURE)
    voices = read_collection(people(tmp_path / "voices", count=3)).of(Kind.SOUND)
    one, two = chimeric_people(faces, voices, 5), chimeric_people(faces, voices, 5)
    assert one == two
    assert len(one) == 3
    assert {item.kind for item in one[0].visits[0].items} == {Kind.PICTURE, Kind.SOUND}


@pytest.mark.parametrize("command", ["visit", "ancestor"])
def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(composition, "build_models", lambda _: stand_in_models())
    data = people(tmp_path / "data", count=3)
    result = CliRunner().invoke(evaluate, [command, str(data)], obj=SETTINGS)
    assert result.exit_code == 0, result.output
    assert "strangers" in result.stdout
    assert "name1" not in result.stdout


def test_single_sample_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "build_models", lambda _: stand_in_models())
    data = people(tmp_path / "data", count=3)
    sample = data / "name2" / "7.png"
    result = CliRunner().invoke(
        evaluate, ["ancestor", str(data), "--sample", str(sample)], obj=SETTINGS
    )
    assert result.exit_code == 0, result.output
    assert "nearest name2" in result.stdout
    assert "voice: nothing usable" in result.stdout


@pytest.mark.shared
def test_a_real_clip_of_a_real_person(shared: Path) -> None:
    """One of the seven, with the recognisers that are installed; the docs have them all."""
    settings = replace(SETTINGS, threads=1)
    found = people_of(read_collection(shared / "data/clips/grid"), 1)[:1]
    models = composition.build_models(settings)
    with temporary_session(models, policy(settings), settings) as opened:
        (result,) = run_people(opened, found, range(1), range(1))
        assert opened.refused == {}
        assert result.decision.decision.top is not None
        assert result.as_stranger.top is None
