"""The face recipe on tiny made-up pictures: layouts, broken files, views, norms, a whole run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console
from torch import nn
from torch.nn import functional

from kiosk.cli.train.commands import train as train_command
from kiosk.core.errors import InputError
from kiosk.inference.face.networks.joined import load_joined_net
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, load_face_net
from kiosk.training.face import data, mobile_run, run
from kiosk.training.face.augment import (
    AugmentConfig,
    mixture,
    plain_view,
    student_view,
    teacher_view,
)
from kiosk.training.face.batch_norm import folded, install, measure
from kiosk.training.face.batches import (
    CachedBatches,
    FaceBatches,
    FaceRecipeConfig,
    neighbours,
    teacher_targets,
)
from kiosk.training.face.cohort import FEWEST_FACES, centroids
from kiosk.training.face.data import ARCFACE, CHIP, CROP, FaceSet, list_pictures, prepare
from kiosk.training.face.recipe import FaceRecipe
from kiosk.training.loop import RunOptions
from tests.support.face_patterns import FixedFinder, TinyTeacher, picture, save, tell_nobody

QUIET = Console(quiet=True)
CPU = torch.device("cpu")
TINY = FaceNetConfig(trunk="depthwise", size=32, dims=8, width=0.125)


def face_set(tmp_path: Path, count: int) -> FaceSet:
    for number in range(count):
        save(tmp_path / "data" / f"p{number // 2}" / f"{number}.png", number)
    return prepare([list_pictures(tmp_path / "data")], tmp_path / "cache", tell=tell_nobody)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LandmarkFinder", FixedFinder)


@pytest.mark.parametrize("prefix", ["", "images/"])
def test_a_folder_per_person(prefix: str, tmp_path: Path) -> None:
    for number, name in enumerate(["ann/1.png", "ann/video/2.jpg", "bob/1.webp"]):
        save(tmp_path / f"{prefix}{name}", number)
    (tmp_path / "notes.txt").write_text("no picture")
    persons = [picture.person.rsplit("/", 1)[1] for picture in list_pictures(tmp_path)]
    assert persons == ["ann", "ann", "bob"]


def test_loose_pictures_are_each_somebody(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "with_mask" / f"{number}.png", number)
    assert len({p.person for p in list_pictures(tmp_path, loose=True)}) == 3


@pytest.mark.parametrize("zipped", [True, False])
def test_csv_beside_pictures_or_zip(zipped: bool, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("file,person\na.png,x\nb.png,x\nc.png,\n")
    for number, name in enumerate("abc"):
        save(tmp_path / f"{name}.png", number)
    if zipped:
        with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
            for name in "abc":
                archive.write(tmp_path / f"{name}.png", f"{name}.png")
                (tmp_path / f"{name}.png").unlink()
    pictures = list_pictures(tmp_path / "train.csv")
    assert [p.read().shape for p in pictures] == [(40, 40, 3)] * 3
    assert pictures[0].person == pictures[1].person != pictures[2].person


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, "does not exist"),
        (lambda root: root.mkdir(), "no picture"),
        (lambda root: (root.mkdir(), (root / "index.csv").write_text("name\nx\n")), "no column"),
    ],
)
def test_useless_sources_are_named(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    make(tmp_path / "data")
    with pytest.raises(InputError, match=words):
        list_pictures(tmp_path / "data")


def test_broken_files_are_named_skipped_and_counted(found: None, tmp_path: Path) -> None:
    save(tmp_path / "data" / "ann" / "1.png", 1)
    (tmp_path / "data" / "ann" / "2.png").write_bytes(b"\x89PNG cut")
    (tmp_path / "data" / "ann" / "3.png").write_bytes(b"")
    told: list[str] = []
    faces = prepare([list_pictures(tmp_path / "data")], tmp_path / "cache", tell=told.append)
    assert (len(faces), faces.skipped) == (1, 2)
    assert [("2.png" in told[0]), ("3.png" in told[1])] == [True, True]


def test_preparing_goes_on_where_it_was_cut_off(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 6)
    crops = [faces.crop(number).copy() for number in range(6)]
    folder = faces.folders[0]
    lines = (folder / "log.jsonl").read_text().splitlines(keepends=True)
    (folder / "log.jsonl").write_text("".join(lines[:4]) + lines[4][:10])
    again = prepare([list_pictures(tmp_path / "data")], tmp_path / "cache", tell=tell_nobody)
    assert all(np.array_equal(again.crop(n), crop) for n, crop in enumerate(crops))
    assert len((folder / "log.jsonl").read_text().splitlines()) == 6


def test_no_face_anywhere_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data, "LandmarkFinder", lambda: lambda image: None)
    save(tmp_path / "data" / "ann" / "1.png", 1)
    with pytest.raises(InputError, match="No face"):
        prepare([list_pictures(tmp_path / "data")], tmp_path / "cache", tell=tell_nobody)


def test_every_change_keeps_shape_and_alters_the_picture() -> None:
    changes = [f for f in AugmentConfig.__dataclass_fields__ if f not in _MOVES]
    for kept in (CHIP, ARCFACE):
        crop = picture(1, kept.crop.size)
        plain = student_view(crop, 64, _only(), np.random.default_rng(2), kept)
        for name in changes:
            view = student_view(crop, 64, _only(**{name: 1.0}), np.random.default_rng(2), kept)
            assert view.shape == (64, 64, 3), name
            assert view.dtype == np.uint8, name
            assert not np.array_equal(view, plain), name


_MOVES = {"clean", "degrees", "zoom", "shift", "turn"}


def _only(**chosen: float) -> AugmentConfig:
    nothing = dict.fromkeys(AugmentConfig.__dataclass_fields__, 0.0)
    return AugmentConfig(**(nothing | chosen))


def test_views_are_reproducible_and_plain_is_the_middle() -> None:
    crop = picture(3, CROP.size)
    views = [student_view(crop, 48, AugmentConfig(), np.random.default_rng(9)) for _ in range(2)]
    assert np.array_equal(views[0], views[1])
    assert np.array_equal(plain_view(crop, 150), crop[13:-13, 13:-13])
    whole = picture(3, ARCFACE.crop.size)
    assert np.array_equal(plain_view(whole, 112, ARCFACE), whole[10:-10, 10:-10])
    assert np.array_equal(teacher_view(whole, ARCFACE), whole[10:-10, 10:-10])


def test_a_mixture_lies_between_its_parents() -> None:
    dark, light = np.zeros((176, 176, 3), np.uint8), np.full((176, 176, 3), 200, np.uint8)
    mixed = mixture(dark, light, 0.5, np.random.default_rng(0))
    assert abs(float(mixed[40:-40, 40:-40].mean()) - 100) < 2


def test_neighbours_are_the_nearest_others() -> None:
    angles = torch.tensor([0.0, 0.1, 0.3, 2.0])
    points = torch.stack([angles.cos(), angles.sin()], 1)
    assert neighbours(points, 1)[:, 0].tolist() == [1, 0, 1, 2]


def test_targets_are_kept_beside_the_crops(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 6)
    first = teacher_targets(faces, TinyTeacher(), "tiny")
    assert first.shape == (6, 8)

    class Gone(TinyTeacher):
        def forward(self, crops: torch.Tensor) -> torch.Tensor:
            raise AssertionError("asked again")

    assert torch.equal(first, teacher_targets(faces, Gone(), "tiny"))


def test_strangers_leave_out_the_same_person_and_near_doubles(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 8)
    targets = torch.eye(8)
    targets[5, 2] = 0.9  # the teacher takes 5 and 2 for one person
    targets = functional.normalize(targets)
    config = FaceRecipeConfig(net=TINY, batch=16, look_alikes=3, mixtures=0.0)
    batch = FaceBatches(faces, targets, TinyTeacher(), config, 1).draw(0, 0)
    rows = batch.targets.argmax(1)
    persons = torch.from_numpy(faces.persons)[[int(r) for r in rows]]
    alike = (batch.targets @ batch.targets.T) > config.same_from
    assert torch.equal(batch.strangers, (persons[:, None] != persons[None]) & ~alike)


def test_batches_come_again_with_the_seed(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 8)
    targets = teacher_targets(faces, TinyTeacher(), "tiny")
    config = FaceRecipeConfig(net=TINY, batch=8, look_alikes=3, mixtures=0.5)
    one, two = (FaceBatches(faces, targets, TinyTeacher(), config, 3).draw(2, 5) for _ in range(2))
    assert torch.equal(one.views, two.views)
    assert torch.equal(one.targets, two.targets)
    assert [len(part.views) for part in one.parts(2)] == [4, 4]


def test_norms_change_nothing_at_first_and_fold_away() -> None:
    torch.manual_seed(1)
    net = FaceNet(FaceNetConfig(dims=16)).eval()
    views = torch.from_numpy(np.stack([picture(n, 150) for n in range(6)]))
    with torch.no_grad():
        before = net(views)
        install(net, 3, lambda fed: void(fed(views)))
        assert isinstance(net.norm, nn.BatchNorm1d)
        assert torch.allclose(net.eval()(views), before, atol=1e-4)
        net.norm.bias.add_(0.3)
        measure(net, lambda fed: void(fed(views)))
        trained = net(views)
        assert not torch.allclose(trained, before, atol=1e-3)
        plain = folded(net)
    assert not any(isinstance(module, nn.BatchNorm1d) for module in plain.modules())
    with torch.no_grad():
        assert torch.allclose(plain(views), trained, atol=1e-4)


def void(value: torch.Tensor) -> None:
    """Let a value go."""


def test_kept_activations_give_what_pictures_give(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 4)
    targets = functional.normalize(torch.eye(4, 8))
    config = FaceRecipeConfig(
        net=FaceNetConfig(dims=8), batch=4, look_alikes=2, cached_views=2, frozen_blocks=7
    )
    net = FaceNet(config.net).eval()
    batches = CachedBatches(faces, targets, TinyTeacher(), config, 1)
    batches.keep(net, lambda done, total: None)
    batch = batches.draw(0, 0)
    assert batch.views.shape == (4, 64, 17, 17)
    recipe = FaceRecipe(net, batches, faces, targets, config, RunOptions(tmp_path), CPU)
    row = int(batch.targets[0].argmax())
    views = [plain_view(faces.crop(row), 150), plain_view(faces.crop(row), 150)[:, ::-1]]
    with torch.no_grad():
        wanted = net.features(torch.from_numpy(np.stack(views)))
        got = recipe.features(batch.views[:1].float())
    nearest = functional.cosine_similarity(wanted, got).max()
    assert float(nearest) > 0.999  # kept in bfloat16


def test_a_whole_run_learns_and_writes_weights(
    found: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(48):
        save(tmp_path / "data" / f"{number}.png", number)
    monkeypatch.setattr(run, "load_edgeface", lambda path, device: TinyTeacher())
    config = FaceRecipeConfig(
        net=TINY,
        augment=_only(clean=1.0),
        batch=16,
        steps_per_epoch=40,
        rate=1e-2,
        head_rate=1e-2,
        warm_up=1,
        averaging=0.8,
        held_out=0.2,
        look_alikes=4,
        measured_batches=2,
    )
    monkeypatch.setitem(run.CONFIGS, "depthwise", config)
    (tmp_path / "teacher.pt").write_bytes(b"named by its hash")
    sources = run.FaceSources([], [tmp_path / "data"], tmp_path / "teacher.pt", tmp_path / "cache")
    options = RunOptions(tmp_path / "run", device="cpu", epochs=4)
    path, outcome = run.train_face(sources, "depthwise", options, QUIET)
    rows = (tmp_path / "run" / "curve.csv").read_text().splitlines()
    scores = [float(row.split(",")[rows[0].split(",").index("score")]) for row in rows[1:]]
    assert outcome.best > max(0.3, scores[0] + 0.05)
    net = load_face_net(path, CPU)
    assert net.config == TINY
    saved = json.loads((tmp_path / "run" / "config.json").read_text())
    assert saved["config"]["batch"] == 16


def test_quality_is_learnt_without_moving_the_trunk(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, 8)
    targets = teacher_targets(faces, TinyTeacher(), "tiny")
    config = FaceRecipeConfig(net=TINY, batch=8, look_alikes=3, matrix_weight=0.0, cpu_parts=1)
    net = FaceNet(TINY)
    batches = FaceBatches(faces, targets, TinyTeacher(), config, 1)
    recipe = FaceRecipe(net, batches, faces, targets, config, RunOptions(tmp_path), CPU)
    batch = batches.draw(0, 0)
    perfect = replace(batch, targets=net.eval()(batch.views).detach())
    recipe.loss(perfect, 0)
    assert net.quality.weight.grad is not None
    assert float(net.quality.weight.grad.abs().max()) > 0


def test_no_centroid_stands_for_a_few_faces() -> None:
    generator = torch.Generator().manual_seed(3)
    crowd = functional.normalize(torch.randn(400, 8, generator=generator))
    loner = functional.normalize(torch.randn(1, 8, generator=generator))
    found = centroids(torch.cat([crowd, loner]), 30, seed=1)
    assert 5 <= len(found) <= 30
    assert torch.allclose(found.norm(dim=1), torch.ones(len(found)), atol=1e-5)
    members = torch.bincount((crowd @ found.T).argmax(1), minlength=len(found))
    assert int(members.min()) >= FEWEST_FACES - 1


def test_a_joined_run_writes_what_the_kiosk_loads_and_can_go_on(
    found: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(48):
        save(tmp_path / "data" / f"{number}.png", number)
    monkeypatch.setattr(run, "load_edgeface", lambda path, device: TinyTeacher())
    small = replace(
        run.CONFIGS["joined"],
        net=FaceNetConfig(dims=8),
        batch=8,
        steps_per_epoch=2,
        cached_views=2,
        held_out=0.2,
        look_alikes=4,
        measured_batches=1,
    )
    monkeypatch.setitem(run.CONFIGS, "joined", small)
    (tmp_path / "teacher.pt").write_bytes(b"named by its hash")
    sources = run.FaceSources([], [tmp_path / "data"], tmp_path / "teacher.pt", tmp_path / "cache")
    options = RunOptions(tmp_path / "run", device="cpu", epochs=1)
    path, _ = run.train_face(sources, "joined", options, QUIET)
    net = load_joined_net(path, CPU)
    assert net.join.shared_blocks == small.frozen_blocks
    with torch.no_grad():
        assert net(torch.zeros(1, 150, 150, 3, dtype=torch.uint8)).shape == (1, 8)
    again = replace(options, out=tmp_path / "again")
    path, _ = run.train_face(replace(sources, start=path), "joined", again, QUIET)
    assert load_joined_net(path, CPU).dims == 8


def test_every_config_can_be_named_on_the_command_line() -> None:
    (option,) = [p for p in train_command.commands["face"].params if p.name == "config"]
    assert isinstance(option.type, click.Choice)
    assert set(option.type.choices) == {*mobile_run.CONFIGS, *run.CONFIGS}


def test_commands_teach() -> None:
    text = CliRunner().invoke(train_command, ["face", "--help"]).output
    for word in ("--data", "--loose", "--teacher", "--resume", "--device", "--epochs", "--seed"):
        assert word in text
