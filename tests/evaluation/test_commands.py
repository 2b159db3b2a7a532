"""`kiosk evaluate` and `kiosk train calibration` from the outside, with stand-in recognisers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.evaluate import evaluate
from kiosk.cli.train.commands import train
from kiosk.core.errors import InputError, ModelError
from kiosk.core.scoring import Calibration
from kiosk.core.settings import Settings
from kiosk.datasets.collections import read_collection
from kiosk.evaluation.extraction import context, load_models
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel, BenchmarkedVoiceModel
from kiosk.evaluation.tables import table
from kiosk.evaluation.tables.table_voices import Speakers, kept_speakers
from kiosk.training.calibration import judging
from tests.support.datasets import picture, write
from tests.support.stand_ins import StandInFace, StandInVoice, look, read

CALIBRATION = Calibration(20.0, -10.0)


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    face = BenchmarkedFaceModel("face-x", StandInFace(), CALIBRATION, 10, 100)
    voice = BenchmarkedVoiceModel("voice-x", StandInVoice(), CALIBRATION, 10, 100)
    monkeypatch.setattr(load_models, "faces", lambda *_: [face])
    monkeypatch.setattr(load_models, "voices", lambda *_: [voice])
    monkeypatch.setattr(load_models, "check_names", lambda _: None)
    monkeypatch.setattr(context, "face_looker", lambda _: look)
    monkeypatch.setattr(context, "speech_reader", lambda: read)


def people(folder: Path, count: int, each: int, suffix: str = "png") -> Path:
    for person in range(count):
        for number in range(each):
            shade = 10 * person + number
            content = picture(shade) if suffix == "png" else str(shade).encode()
            write(folder / f"name{person}" / f"{number}.{suffix}", content)
    return folder


def run(*words: str, command: str = "evaluate") -> Result:
    group = evaluate if command == "evaluate" else train
    return CliRunner().invoke(group, [*words], obj=Settings(), catch_exceptions=True)


def test_verification_prints_and_writes_without_names(tmp_path: Path, stand_ins: None) -> None:
    data = people(tmp_path / "people", 12, 3)
    write(data / "name3" / "broken.png", b"no picture")
    out = tmp_path / "report"
    result = run("verification", str(data), "--no-cache", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "broken.png" in result.stderr
    found = json.loads((out / "report.json").read_text())
    assert found["numbers"]["verification"]["face-x"]["eer"]["value"] < 0.05
    assert found["numbers"]["skipped"] == {"not usable": 1}
    for file in out.glob("report.*"):
        assert "name3" not in file.read_text()
        assert str(tmp_path) not in file.read_text()


def test_full_folder_is_refused_before_any_work(tmp_path: Path, stand_ins: None) -> None:
    data = people(tmp_path / "people", 3, 2)
    write(tmp_path / "report" / "old.txt")
    result = run("verification", str(data), "--no-cache", "--out", str(tmp_path / "report"))
    assert isinstance(result.exception, InputError)
    again = run(
        "verification", str(data), "--no-cache", "--out", str(tmp_path / "report"), "--force"
    )
    assert again.exit_code == 0, again.output


def test_identification_as_json(tmp_path: Path, stand_ins: None) -> None:
    data = people(tmp_path / "people", 15, 2)
    result = run(
        "identification", str(data), "--cache", str(tmp_path / "c"), "--sizes", "10", "--json"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["numbers"]["identification"]["face-x"][0]
    assert found["size"] == 10
    assert found["rank_1"]["value"] > 0.95


def test_bad_sizes(tmp_path: Path, stand_ins: None) -> None:
    result = run("identification", str(tmp_path), "--sizes", "10,x")
    assert isinstance(result.exception, InputError)


def test_clips_are_sent_to_visit(tmp_path: Path, stand_ins: None) -> None:
    write(tmp_path / "clips" / "a-1.mp4")
    result = run("verification", str(tmp_path / "clips"), "--no-cache")
    assert isinstance(result.exception, InputError)
    assert "evaluate visit" in result.exception.remedy


def test_unknown_recogniser(tmp_path: Path) -> None:
    people(tmp_path / "people", 2, 2)
    result = run("verification", str(tmp_path / "people"), "--model", "none", "--no-cache")
    assert isinstance(result.exception, ModelError)


def shared_layout(root: Path, spoken: int = 6) -> Path:
    """Faces, and `spoken` words of each of forty speakers."""
    lfw = people(root / "faces/lfw/images", 24, 4).parent
    rows = ["fold,a,b,same"]
    for n in range(23):
        rows.append(f"{n % 3 + 1},name{n}/0.png,name{n}/1.png,1")
        rows.append(f"{n % 3 + 1},name{n}/0.png,name{n + 1}/1.png,0")
    write(lfw / "pairs.csv", "\n".join(rows).encode())
    voices = people(root / "voices/words", 40, spoken, "wav")
    index = ["file,speaker,gender"]
    index += [f"name{n}/{k}.wav,name{n},female" for n in range(40) for k in range(spoken)]
    write(voices / "index.csv", "\n".join(index).encode())
    group = root / "faces/utkface"
    strangers = [f"{n}.png,30,male,{n % 2 * 2}" for n in range(30)]
    write(group / "test.csv", "\n".join(["file,age,gender,race", *strangers]).encode())
    for n in range(30):
        write(group / f"{n}.png", picture(8 * n))
    return root


def table_of(data: Path, out: Path, *words: str) -> tuple[Any, Result]:
    given = ("table", "--data", str(data), "--no-cache", "--no-fusion-training", *words)
    result = run(*given, "--out", str(out))
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads((out / "report.json").read_text())["numbers"], result


def test_table_has_every_part(
    tmp_path: Path, stand_ins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "DECIDED_SIZES", (10,))
    data = shared_layout(tmp_path / "data", spoken=3)
    numbers, result = table_of(data, tmp_path / "report")
    assert numbers["faces"]["face-x"]["accuracy"]["value"] > 0.9
    assert set(numbers["faces"]["face-x"]["false_match_rate_by_group"]) == {"asian", "white"}
    assert set(numbers["faces"]["face-x"]["evidence_by_group"]) == {"asian", "white"}
    assert set(numbers["fusion"]["face-x + voice-x"]) == {"face", "voice", "fused"}
    assert numbers["cost"]["face-x"]["parameters"] == 10
    cases = {" and ".join(each["case"]["modalities"]) for each in numbers["decision"]}
    assert cases == {"face", "voice", "face and voice"}
    assert set(numbers["stages"]) >= {"faces, face-x", "the default decision", "cost"}
    assert "1. faces, face-x ..." in result.stderr
    assert "The calibration that ships" in (tmp_path / "report" / "report.md").read_text()


def speakers_of(folder: Path, which: Speakers = Speakers.AUTO) -> int:
    return sum(len(each.subjects()) for each in kept_speakers([read_collection(folder)], which))


def test_everybody_of_a_foreign_folder_is_judged(
    tmp_path: Path, stand_ins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "DECIDED_SIZES", ())
    data = shared_layout(tmp_path / "data")
    shutil.rmtree(data / "faces")
    numbers, _ = table_of(data, tmp_path / "report")
    assert numbers["voices"]["voice-x"]["words"]["3 s"]["speakers"] == 40
    found = numbers["voice_ratios"]["voice-x"]["words, female"]
    assert (found["people"], found["mean"]["count"]) == (40, 40 * 39 // 2 * 36)
    assert "Everybody in sets that no" in (tmp_path / "report" / "report.md").read_text()


def test_development_speakers_are_cut_wherever_a_copy_of_them_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shared_layout(tmp_path / "shared/data") / "voices/words"
    foreign, copied = tmp_path / "words", tmp_path / "copy/words"
    shutil.copytree(words, foreign)
    assert speakers_of(foreign) == 40
    assert speakers_of(foreign, Speakers.UNSEEN) == 14
    monkeypatch.setenv("KIOSK_SHARED", str(tmp_path / "shared"))
    shutil.copytree(words, copied)
    assert speakers_of(words) == speakers_of(copied) == 14
    assert speakers_of(copied, Speakers.ALL) == 40
    (copied / "index.csv").write_text("file,speaker\nname1/0.wav,name1\n")
    assert not read_collection(copied).development


def test_the_table_judges_half_of_the_people_by_a_calibration_of_the_others(
    tmp_path: Path, stand_ins: None
) -> None:
    data = shared_layout(tmp_path / "data")
    shutil.rmtree(data / "faces")
    numbers, _ = table_of(data, tmp_path / "report", "--calibration", "fitted", "--group", "none")
    assert "decision" not in numbers
    assert numbers["voice_ratios"]["voice-x"]["words, female"]["people"] < 30
    assert "reported on the other" in (tmp_path / "report" / "report.md").read_text()


def test_decision_fills_galleries_from_another_folder(
    tmp_path: Path, stand_ins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_chosen", lambda *_: "face-x")
    monkeypatch.setattr(load_models, "with_models", lambda settings, _: settings)
    data = people(tmp_path / "people", 12, 2)
    fill = people(tmp_path / "fill", 25, 1)
    words = ("decision", "--faces", str(data), "--no-cache", "--json", "--sizes", "30")
    assert json.loads(run(*words).stdout)["numbers"]["decision"] == []
    found = json.loads(run(*words, "--fill", str(fill)).stdout)["numbers"]["decision"]
    assert {each["case"]["enrolled"] for each in found} == {30}
    assert all(each["people"] <= 12 for each in found)


def test_calibration_writes_tables_and_manifest(tmp_path: Path, stand_ins: None) -> None:
    data = shared_layout(tmp_path / "data")
    manifest, out = tmp_path / "manifest.toml", tmp_path / "calibration.toml"
    write(manifest, b"[models.face-x]\nrank = 1\n\n[models.voice-x]\nrank = 1\n")
    words = ("calibration", "--data", str(data), "--no-cache", "--group", "none")
    result = run(*words, "--out", str(out), "--manifest", str(manifest), command="train")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "[models.face-x.calibration]" in out.read_text()
    assert "[models.voice-x.calibration]" in manifest.read_text()
    assert "rank = 1" in manifest.read_text()


COMMANDS = ["verification", "identification", "visit", "ancestor", "table"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--limit" in result.output
    assert "--seed" in result.output


def test_nothing_there_is_one_clear_error(tmp_path: Path) -> None:
    for command in COMMANDS[:-1]:
        result = run(command, str(tmp_path / "missing"))
        assert isinstance(result.exception, InputError)
        assert "There is no" in result.exception.text


def test_swaps_count_visits_with_a_foreign_sample(tmp_path: Path, stand_ins: None) -> None:
    data = people(tmp_path / "people", 6, 2)
    result = run("swaps", str(data), "--swaps", "40", "--no-cache", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["numbers"]["swaps"]["face-x"]
    assert found["foreign"]["count"] == 40
    assert found["foreign"]["value"] == 0
    assert 0 < found["foreign"]["high"] < 0.1


def test_swaps_of_one_person_are_refused(tmp_path: Path, stand_ins: None) -> None:
    result = run("swaps", str(people(tmp_path / "people", 1, 3)), "--no-cache")
    assert isinstance(result.exception, InputError)
    assert "two people" in str(result.exception)
