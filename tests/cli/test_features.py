"""`kiosk analyse --features --crops` with the models that ship, on people who do not exist."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as PilImage

from kiosk.cli.main import cli
from kiosk.core.errors import InputError
from kiosk.core.samples import FaceOutcome, VoiceOutcome
from kiosk.recognition.feature_files import SCHEMA, CropFile, written
from tests.support.paths import ROOT

CLIP, OTHER = (ROOT / "assets" / "demo" / name for name in ("gureum-2.mp4", "bawi-2.mp4"))
SENTENCE = "나는 지금 너무 슬퍼"


def analyse(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["analyse", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features and crops of two clips and a sentence."""
    made = tmp_path_factory.mktemp("research")
    options = ("--features", made / "features", "--crops", made / "crops", "--text", SENTENCE)
    result = analyse(CLIP, OTHER, *options)
    assert result.exit_code == 0, result.output
    assert "Biometric data" in result.stderr
    return made


def loaded(file: Path) -> Any:
    return np.load(file, allow_pickle=False)


def told(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    assert found["schema"] == SCHEMA
    return found


def test_faces_are_cut_out_four_times_a_second(folder: Path) -> None:
    crops = loaded(folder / "crops" / "gureum-2.crops.npy")
    face = told(folder / "crops" / "gureum-2.crops.json")["face"]
    assert crops.shape == (len(face["times"]), 224, 224, 3)
    assert crops.dtype == np.uint8
    assert np.allclose(np.diff(face["times"]), 0.25, atol=0.05)
    usable = np.array(face["outcomes"]) == FaceOutcome.USABLE
    assert usable.sum() > 5
    assert crops[usable].std(axis=(1, 2, 3)).min() > 10


def test_rows_of_features_stand_for_times_and_name_their_model(folder: Path) -> None:
    about = told(folder / "features" / "gureum-2.json")
    faces = loaded(folder / "features" / "gureum-2.face.npy")
    voices = loaded(folder / "features" / "gureum-2.voice.npy")
    for name, rows in (("face", faces), ("voice", voices)):
        assert rows.shape == (len(about[name]["times"]), about[name]["dims"])
        assert rows.dtype == np.float32
        assert "@" in about[name]["model"]
    usable = np.array(about["face"]["outcomes"]) == FaceOutcome.USABLE
    assert np.allclose(np.linalg.norm(faces[usable], axis=1), 1, atol=1e-3)
    starts, ends = np.array(about["voice"]["times"]).T
    assert np.allclose(ends[:-1] - starts[:-1], 2.0)
    spoken = np.array(about["voice"]["outcomes"]) == VoiceOutcome.USABLE
    assert spoken.any()
    assert np.isfinite(voices[spoken]).all()


def test_a_face_is_nearer_to_itself_than_to_another(folder: Path) -> None:
    def mean(name: str) -> Any:
        return np.nanmean(loaded(folder / "features" / f"{name}.face.npy"), axis=0)

    one = loaded(folder / "features" / "gureum-2.face.npy")
    one = one[np.isfinite(one).all(axis=1)]
    assert (one @ mean("gureum-2")).min() > (one @ mean("bawi-2")).max()


def test_words_leave_features_as_well(folder: Path) -> None:
    about = told(folder / "features" / "gureum-2.json")["text"]
    words = loaded(folder / "features" / "gureum-2.text.npy")
    assert words.shape == (about["pieces"], about["dims"]) == (1, about["dims"])
    assert np.isfinite(words).all()


def test_nobody_else_can_read_them(folder: Path) -> None:
    for each in [folder / "features", folder / "crops", *folder.glob("*/*")]:
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each
    assert not [each.name for each in folder.glob("*/*") if each.name.startswith(".")]


def test_a_folder_with_something_in_it_is_refused_without_force(folder: Path) -> None:
    for option in ("--features", "--crops"):
        error = analyse("--text", SENTENCE, option, folder / "features").exception
        assert isinstance(error, InputError)
        assert "--force" in error.remedy


def test_words_alone_and_what_is_no_face(tmp_path: Path) -> None:
    assert analyse("--text", SENTENCE, "--features", tmp_path / "words").exit_code == 0
    assert told(tmp_path / "words" / "text.json")["text"]["pieces"] == 1
    blank = tmp_path / "blank.png"
    PilImage.fromarray(np.full((360, 640, 3), 127, np.uint8)).save(blank)
    out = tmp_path / "out"
    assert analyse(blank, "--features", out, "--crops", out).exit_code == 11
    assert not loaded(out / "blank.crops.npy").any()
    assert np.isnan(loaded(out / "blank.face.npy")).all()
    assert loaded(out / "blank.voice.npy").shape[0] == 0
    assert told(out / "blank.json")["face"]["outcomes"] == [FaceOutcome.NO_FACE]


def test_crops_may_be_more_than_memory_holds(tmp_path: Path) -> None:
    """The count is written last, into a header that does not grow."""
    file = tmp_path / "crops.npy"
    with written(file) as stream:
        made = CropFile(stream, 2)
        for number in range(1234):
            made.add(np.full((2, 2, 3), number % 251, np.uint8))
        made.add(None)
        made.close()
    found = loaded(file)
    assert found.shape == (1235, 2, 2, 3)
    assert (found[:-1, 0, 0, 0] == np.arange(1234) % 251).all()
    assert not found[-1].any()


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no recording" * 100)
    result = analyse(broken, "--features", tmp_path / "out", "--crops", tmp_path / "out")
    assert result.exit_code == 3
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
