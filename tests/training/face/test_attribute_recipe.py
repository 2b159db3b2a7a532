"""The recipe of the face attributes on made-up faces: labels, views, batches, whole runs."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console
from torch import nn

from kiosk.cli.train.commands import train as train_command
from kiosk.core.errors import InputError
from kiosk.core.estimates import Emotion, Gender
from kiosk.inference.face.attributes import (
    EMOTIONS,
    OLDEST,
    FaceAttributeConfig,
    FaceAttributeNet,
    Readout,
    load_net,
)
from kiosk.training.attributes.face import (
    FaceAttributeBatches,
    FaceAttributeRecipe,
    FaceAttributeRecipeConfig,
)
from kiosk.training.attributes.face_data import MARGIN, joined, prepare, read_labels
from kiosk.training.attributes.face_run import (
    AttributeSources,
    felt_by,
    held_out,
    starting_net,
    train_face_attributes,
    with_readout,
)
from kiosk.training.attributes.face_views import ViewConfig, plain_view, worn_view
from kiosk.training.loop import RunOptions
from tests.support.attribute_faces import SIDE, SIZE, faces, pattern

CPU = torch.device("cpu")
QUIET = Console(quiet=True)


def index(folder: Path, rows: list[str], *, zipped: bool = False) -> Path:
    """A CSV of labels and the pictures it names."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "train.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    names = [row.split(",")[0] for row in rows[1:]]
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), pattern(number, 48))
    if zipped:
        with zipfile.ZipFile(folder / "train.zip", "w") as archive:
            for name in names:
                archive.write(folder / name, name)
                (folder / name).unlink()
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_labels_and_crops_of_an_index(zipped: bool, tmp_path: Path) -> None:
    rows = [
        "file,emotion,age,gender",
        "0.png,fear,,",
        "1.png,,31,male",
        "2.png,surprise,120,female",
    ]
    path = index(tmp_path / "set", rows, zipped=zipped)
    found = prepare(path, SIZE, tmp_path / "cache", tell=print)
    assert found.crops.shape == (3, SIDE, SIDE)
    assert [EMOTIONS[int(found.emotion[n])] for n in (0, 2)] == [Emotion.FEAR, Emotion.SURPRISE]
    assert np.isnan(found.emotion[1])
    assert found.age[1:].tolist() == [31, OLDEST]
    assert found.male[1:].tolist() == [1, 0]
    again = prepare(path, SIZE, tmp_path / "cache", tell=print)
    assert np.array_equal(again.crops, found.crops)


def test_a_broken_picture_is_named_and_left_out(tmp_path: Path) -> None:
    path = index(tmp_path / "set", ["file,age", "0.png,20", "1.png,30"])
    (tmp_path / "set" / "0.png").write_bytes(b"no picture")
    told: list[str] = []
    found = prepare(path, SIZE, tmp_path / "cache", tell=told.append)
    assert found.age.tolist() == [30]
    assert len(told) == 1
    assert "0.png" in told[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["file,person", "0.png,1"], "no column emotion"),
        (["file,emotion", "0.png,boredom"], "line 2"),
        (["file,age", "0.png,20", "1.png,old"], "line 3"),
    ],
)
def test_useless_labels_are_named(rows: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_labels(index(tmp_path / "set", rows))


def test_held_out_faces_are_of_both_kinds_and_the_same_each_time() -> None:
    some = faces(200)
    held = held_out(some, 0.2, seed=4)
    assert np.array_equal(held, held_out(some, 0.2, seed=4))
    assert held[~np.isnan(some.emotion)].sum() == held[np.isnan(some.emotion)].sum() == 20
    with pytest.raises(InputError, match="too few"):
        held_out(faces(20), 0.1, seed=4)


def test_every_change_alters_a_view() -> None:
    crop, still = pattern(2), ViewConfig(*(0.0,) * 11)
    before = worn_view(crop, SIZE, still, np.random.default_rng(2))
    names = (
        "light",
        "shadow",
        "low_resolution",
        "blur",
        "noise",
        "jpeg",
        "cover",
        "degrees",
        "zoom",
    )
    for name in names:
        changed = replace(still, **{name: 1.0 if name not in ("degrees", "zoom") else 0.3})
        view = worn_view(crop, SIZE, changed, np.random.default_rng(2))
        assert view.shape == (SIZE, SIZE)
        assert not np.array_equal(view, before), name


def test_batches_come_again_with_the_seed_and_mix_both_kinds() -> None:
    config = FaceAttributeRecipeConfig(batch=10, emotion_share=0.6)
    batches = FaceAttributeBatches(faces(40), config, seed=2)
    one, other = next(batches.epoch(3)), next(batches.epoch(3))
    assert torch.equal(one.views, other.views)
    assert int((~one.emotion.isnan()).sum()) == 6
    assert int((~one.age.isnan()).sum()) == int((~one.male.isnan()).sum()) == 4


def test_the_frozen_layers_stay_and_norms_fold_away(tmp_path: Path) -> None:
    config = FaceAttributeRecipeConfig(batch=8, steps_per_epoch=2, measured_batches=1, warm_up=1)
    some = faces(60)
    net = starting_net(config, some, None)
    teacher = FaceAttributeNet(config.net).eval()
    some = replace(some, felt=felt_by(teacher, some, config.low_side, QUIET))
    stem = net.trunk.stem.weight.detach().clone()
    batches = FaceAttributeBatches(some, config, 1)
    recipe = FaceAttributeRecipe(net, batches, some, config, RunOptions(tmp_path), CPU)
    figures: dict[str, float] = {}
    for step, batch in zip(range(6), batches.epoch(0), strict=False):
        recipe.optimizer.zero_grad()
        loss, figures = recipe.loss(batch, step)
        torch.autograd.backward(loss)
        recipe.optimizer.step()
        recipe.after_step(step)
    assert set(figures) == {"emotion", "age", "distance", "gender", "agreement"}
    assert torch.equal(net.trunk.stem.weight, stem)
    plain = FaceAttributeNet(config.net)
    recipe.validate()
    plain.load_state_dict(recipe.best_weights())
    view = torch.from_numpy(plain_view(some.crops[0], SIZE)[None])
    with torch.no_grad():
        folded, whole = plain.eval().logits(view), recipe.averaged.logits(view)
    assert torch.allclose(folded[0], whole[0], atol=1e-3)


def test_a_readout_is_fitted_on_held_out_faces() -> None:
    torch.manual_seed(3)
    net = FaceAttributeNet(FaceAttributeConfig()).eval()
    fitted = with_readout(net, faces(80), np.arange(1, 101).astype(np.float32)).config.readout
    assert fitted != Readout()
    assert fitted.widest_age == pytest.approx(39.6, abs=0.2)


def test_a_whole_run_learns_resumes_and_writes_weights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = [faces(240)]
    monkeypatch.setattr("kiosk.training.attributes.face_run.prepare", lambda *_, **__: made[-1])
    calm = ViewConfig(*(0.0,) * 11)
    config = FaceAttributeRecipeConfig(
        views=calm, batch=16, steps_per_epoch=12, warm_up=2, averaging=0.5, measured_batches=1
    )
    config = replace(config, held_out=0.2, blends=0.0)
    sources = AttributeSources([tmp_path / "set" / "train.csv"], tmp_path / "cache")
    options = RunOptions(tmp_path / "run", device="cpu", epochs=1)
    train_face_attributes(sources, config, options, QUIET)
    with pytest.raises(InputError, match="already holds a run"):
        train_face_attributes(sources, config, options, QUIET)
    resumed = replace(options, epochs=3, resume=True)
    path, outcome = train_face_attributes(sources, config, resumed, QUIET)
    assert outcome.best > 0.45  # by chance 0.14, 0.5 and about 0.1
    assert load_net(path, CPU).config.readout != Readout()
    saved = json.loads((tmp_path / "run" / "config.json").read_text())
    assert saved["config"]["batch"] == 16
    made.append(faces(100))  # enough for a run whose numbers nobody looks at
    again = replace(sources, start=path, teacher=path)
    shorter = replace(config, steps_per_epoch=2)
    train_face_attributes(again, shorter, replace(options, out=tmp_path / "more"), QUIET)
    assert "agreement" in (tmp_path / "more" / "curve.csv").read_text().splitlines()[0]


def test_a_teacher_is_asked_of_faces_without_an_emotion_and_sees_them_small() -> None:
    torch.manual_seed(2)
    mild = FaceAttributeConfig(readout=Readout(emotion_temperature=100.0))
    some, teacher = faces(10), FaceAttributeNet(mild).eval()
    for module in teacher.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    felt = felt_by(teacher, some, 44, QUIET)
    asked = np.isnan(some.emotion)
    assert np.isnan(felt[~asked]).all()
    assert np.allclose(felt[asked].sum(1), 1, atol=1e-5)
    coarse = replace(some, crops=np.stack([small_and_wide(crop) for crop in some.crops]))
    assert np.allclose(felt_by(teacher, coarse, 112, QUIET)[asked], felt[asked], atol=0.05)
    assert not np.array_equal(felt_by(teacher, some, 8, QUIET)[asked], felt[asked])


def small_and_wide(crop: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, Any]:
    """The middle of a crop in 44 pixels and back, its margin as it was."""
    found, edge = crop.copy(), MARGIN
    middle = found[edge:-edge, edge:-edge]
    small = cv2.resize(middle, (44, 44), interpolation=cv2.INTER_AREA)
    found[edge:-edge, edge:-edge] = cv2.resize(small, middle.shape[::-1])
    return found


def test_parts_are_joined_in_order() -> None:
    one, other = faces(4), faces(6)
    both = joined([one, other])
    assert len(both) == 10
    assert np.array_equal(both.crops[4:], other.crops)


def test_the_command_teaches() -> None:
    text = CliRunner().invoke(train_command, ["face-attributes", "--help"]).output
    for word in ("--data", "--start", "--resume", "--device", "--epochs", "--seed", "fer2013"):
        assert word in text


def test_genders_are_the_ones_of_the_codes() -> None:
    assert [int(gender) for gender in Gender] == [30001, 30002]
