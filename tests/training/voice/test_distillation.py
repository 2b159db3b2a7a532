"""A teacher is read, asked about lessons once, and the branches learn what it says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from kiosk.cli.main import cli
from kiosk.core.errors import InputError, ModelError
from kiosk.inference.voice.networks.campplus import DIMS, CamPlus, CamPlusVoice, load_camplus
from kiosk.inference.voice.networks.own import OwnVoice, load_voice_net
from kiosk.training.loop import RunOptions
from kiosk.training.voice.data import Recording, find_recordings, held_out_people
from kiosk.training.voice.distillation import CONVOLUTION, RECURRENT, TaughtConfig
from kiosk.training.voice.distillation_data import (
    TEMPI,
    DistillationSample,
    build_lessons,
    find_loose,
    lesson_sound,
    plan_lessons,
)
from kiosk.training.voice.run import WEIGHTS, VoiceSources, train_voice
from tests.support.speech_files import write_features, write_wave
from tests.support.synthetic_voice import syllables
from tests.support.tiny_voice import TINY

TAUGHT = TaughtConfig(
    branches=(CONVOLUTION, RECURRENT),
    batch=8,
    steps_per_epoch=2,
    frames=(60, 120),
    class_batch=4,
    class_frames=(100, 140),
)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published layout with random weights."""
    path = tmp_path_factory.mktemp("teacher") / "campplus_cn_en_common.pt"
    torch.manual_seed(5)
    torch.save(CamPlus().state_dict(), path)
    return path


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, teacher: Path) -> VoiceSources:
    """What is heard, and what the teacher says of it, which is asked by the first run alone."""
    tmp_path = tmp_path_factory.mktemp("sources")
    for speaker in range(6):
        for number in range(2):
            write_wave(tmp_path / f"talk/s{speaker}/{number}.wav", syllables(speaker, 2.0, number))
    for name in ("kim", "choi", "park", "lee"):
        write_features(tmp_path / f"old/{name}/a.p", name)
    for number in range(3):
        write_wave(tmp_path / f"crowd/hello/{number}.wav", syllables(20 + number, 1.5, number))
    (tmp_path / "crowd/hello/broken.wav").write_bytes(b"no sound")
    data = [str(tmp_path / "talk"), f"ancestors={tmp_path / 'old'}"]
    return VoiceSources(data, tmp_path / "cache", teacher=teacher, loose=[str(tmp_path / "crowd")])


def test_the_teacher_embeds_speech_of_any_length_and_level(teacher: Path) -> None:
    voice = CamPlusVoice(teacher)
    speech = syllables(1, 2.5)
    vector = voice.embed(speech).vector
    assert vector.shape == (DIMS,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert voice.embed(0.25 * speech).vector @ vector > 0.98
    assert voice.embed(speech[:9000]).vector.shape == (DIMS,)


def test_the_teacher_hears_each_of_a_batch_alone(teacher: Path) -> None:
    net = load_camplus(teacher)
    bands = torch.randn(3, 230, 80)
    with torch.inference_mode():
        together, alone = net(bands), net(bands[1:2])
    torch.testing.assert_close(together[1:2], alone, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_another_file_is_no_teacher(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.pt"
    if content is None:
        torch.save({"a": torch.zeros(3)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="does not hold CAM"):
        load_camplus(path)


def test_nobody_held_out_and_no_pickle_becomes_a_lesson(sources: VoiceSources) -> None:
    recordings = [one for each in sources.data for one in find_recordings(*_named(each))]
    loose = find_loose("crowd", Path(sources.loose[0]))
    plan = plan_lessons(recordings, loose, seed=1)
    people = {(lesson.collection, lesson.speaker) for lesson in plan}
    assert not people & held_out_people(recordings)
    assert {collection for collection, _ in people} == {"talk", "crowd"}
    assert len({person for person in people if person[0] == "crowd"}) == 4
    assert plan == plan_lessons(recordings, loose, seed=1)
    one = [lesson.tempo for lesson in plan if lesson.files == plan[0].files]
    assert sorted(one) == sorted(TEMPI)


def _named(source: str) -> tuple[str, Path]:
    name, _, folder = source.rpartition("=")
    return name or Path(folder).name, Path(folder)


def test_words_of_one_speaker_are_joined() -> None:
    words = [Recording("words", "ab", f"yes/ab_nohash_{n}.wav") for n in range(20)]
    others = [Recording("words", f"{n:x}", f"yes/{n:x}_nohash_0.wav") for n in range(100)]
    plan = plan_lessons(words + others, [], seed=1)
    joined = [lesson for lesson in plan if lesson.speaker == "ab" and lesson.tempo == TEMPI[0]]
    assert sorted(len(lesson.files) for lesson in joined) in ([4, 8, 8], [])


def test_a_lesson_is_at_most_four_seconds_and_faster_is_shorter(tmp_path: Path) -> None:
    files = [str(tmp_path / f"{n}.wav") for n in range(4)]
    for number, file in enumerate(files):
        write_wave(Path(file), syllables(3, 1.5, number))
    whole = lesson_sound(DistillationSample("talk", "a", tuple(files), (1, 1)))
    assert len(whole) == 4 * 16000
    slow, fast = (
        len(lesson_sound(DistillationSample("talk", "a", tuple(files[:1]), tempo)))
        for tempo in TEMPI[2:0:-1]
    )
    assert slow > 1.3 * fast
    with pytest.raises(InputError, match="too little speech"):
        lesson_sound(DistillationSample("talk", "a", (_short(tmp_path),), (1, 1)))


def _short(folder: Path) -> str:
    write_wave(folder / "short.wav", syllables(3, 0.5))
    return str(folder / "short.wav")


def test_the_teacher_is_asked_once(sources: VoiceSources, teacher: Path, tmp_path: Path) -> None:
    loose = find_loose("crowd", Path(sources.loose[0]))
    plan = plan_lessons([], loose, seed=1)
    said: list[str] = []
    first = build_lessons(plan, tmp_path / "lessons", load_camplus(teacher), said.append)
    assert len(first) == 3 * len(TEMPI)
    assert len(said) == len(first.skipped) == len(TEMPI)
    assert "broken.wav" in said[0]
    torch.testing.assert_close(first.targets.norm(dim=1), torch.ones(len(first)))
    assert len(np.unique(first.people)) == len(first)
    heard: list[int] = []
    stranger = CamPlus().eval()
    again = build_lessons(
        plan, tmp_path / "lessons", stranger, said.append, lambda: heard.append(1)
    )
    assert not heard
    torch.testing.assert_close(again.targets, first.targets)


def test_a_teachers_vector_belongs_to_its_own_lesson(
    sources: VoiceSources, teacher: Path, tmp_path: Path
) -> None:
    plan = plan_lessons([], find_loose("crowd", Path(sources.loose[0])), seed=1)
    build_lessons(plan, tmp_path / "lessons", load_camplus(teacher), lambda line: None)
    kept = np.load(tmp_path / "lessons/vectors.npy")
    voice = CamPlusVoice(teacher)
    good = [lesson for lesson in plan if "broken" not in lesson.files[0]]
    for row, lesson in zip(kept, good, strict=True):
        assert row @ voice.embed(lesson_sound(lesson).numpy()).vector > 0.9


def _run(sources: VoiceSources, out: Path, epochs: int, taught: TaughtConfig = TAUGHT) -> Path:
    options = RunOptions(out, "cpu", epochs, epochs > 1, seed=2, patience=9)
    return train_voice(sources, options, Console(quiet=True), TINY, taught)[0]


@pytest.fixture(scope="module")
def stopped(sources: VoiceSources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that stopped after its first epoch."""
    return _run(sources, tmp_path_factory.mktemp("stopped") / "run", 1).parent


def test_a_taught_run_can_stop_and_go_on(
    sources: VoiceSources, stopped: Path, tmp_path: Path
) -> None:
    shutil.copytree(stopped, tmp_path / "run")
    path = _run(sources, tmp_path / "run", 2)
    header, *rows = (tmp_path / "run/curve.csv").read_text().splitlines()
    assert len(rows) == 2
    assert {"cosine_convolution", "cosine_recurrent", "eer_talk"} <= set(header.split(","))
    assert np.isfinite(OwnVoice(path).embed(syllables(1, 2)).vector).all()


@pytest.mark.parametrize("learns", ["convolution", "recurrent"])
def test_a_branch_that_does_not_learn_stays_as_it_was(
    sources: VoiceSources, stopped: Path, tmp_path: Path, learns: str
) -> None:
    start = stopped / WEIGHTS
    alone = replace(TAUGHT, branches=(learns,))
    path = _run(replace(sources, start=start), tmp_path / "second", 1, alone)
    before, after = load_voice_net(start), load_voice_net(path)
    for name in ("convolution", "recurrent"):
        pairs = zip(
            getattr(before, name).parameters(), getattr(after, name).parameters(), strict=True
        )
        changed = any(not torch.equal(one, other) for one, other in pairs)
        assert changed == (name == learns)


def test_loose_recordings_without_a_teacher_are_refused(tmp_path: Path) -> None:
    arguments = ["train", "voice", "--data", str(tmp_path), "--loose", str(tmp_path)]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "run")])
    assert result.exit_code != 0
    assert "--teacher" in str(result.output) + str(result.exception)
