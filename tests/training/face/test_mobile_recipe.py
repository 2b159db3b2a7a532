"""Recipe of the network grown from MobileFaceNet: what is kept, what is learnt, a run on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.face.networks.mobile import KEPT, MobileConfig, MobileFaceNet, load_mobile_net
from kiosk.training.face import data, mobile_run
from kiosk.training.face.batches import neighbours
from kiosk.training.face.data import ARCFACE, FaceSet, list_pictures, prepare
from kiosk.training.face.mobile import MobileBatches, MobileRecipe, MobileRecipeConfig
from kiosk.training.face.run import FaceSources
from kiosk.training.loop import RunOptions
from tests.support.face_patterns import FixedFinder, TinyTeacher, save, tell_nobody
from tests.support.published_mobile import drawn

QUIET = Console(quiet=True)
CPU = torch.device("cpu")
SMALL = MobileRecipeConfig(
    net=MobileConfig(learnt=8), batch=4, steps_per_epoch=2, held_out=0.2, look_alikes=3, warm_up=1
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LandmarkFinder", FixedFinder)


def face_set(tmp_path: Path, counts: tuple[int, ...]) -> FaceSet:
    """One source for each of `counts`, cut as ArcFace expects."""
    sources = []
    for source, count in enumerate(counts):
        for number in range(count):
            save(tmp_path / f"data{source}" / f"{number}.png", 100 * source + number)
        sources.append(list_pictures(tmp_path / f"data{source}", loose=True))
    return prepare(sources, tmp_path / "cache", tell=tell_nobody, view=ARCFACE)


def recipe_of(faces: FaceSet, net: MobileFaceNet, tmp_path: Path) -> MobileRecipe:
    targets = functional.normalize(torch.randn(len(faces), 8))
    kept = functional.normalize(torch.randn(len(faces), KEPT))
    batches = MobileBatches(faces, targets, kept, SMALL, 1)
    return MobileRecipe(net, batches, faces, targets, SMALL, RunOptions(tmp_path), CPU)


def test_small_sources_are_drawn_more_often_than_by_their_size(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, (4, 36))
    assert faces.sources.tolist() == [0] * 4 + [1] * 36
    targets = functional.normalize(torch.randn(40, 8))
    batches = MobileBatches(faces, targets, torch.zeros(40, KEPT), SMALL, 1)
    rows = torch.cat([batches.draw(0, step).targets[::2] for step in range(400)]) @ targets.T
    share = float((rows.argmax(1) < 4).float().mean())
    assert share == pytest.approx(0.25, abs=0.06)  # by their size it would be 0.1


def test_batches_are_the_same_again_and_pairs_are_look_alikes(found: None, tmp_path: Path) -> None:
    faces = face_set(tmp_path, (12,))
    targets = functional.normalize(torch.randn(12, 8))
    kept = functional.normalize(torch.randn(12, KEPT))
    one, other = (MobileBatches(faces, targets, kept, SMALL, 1).draw(2, 5) for _ in range(2))
    assert torch.equal(one.views, other.views)
    assert one.views.shape == (4, 112, 112, 3)
    rows = (one.targets @ targets.T).argmax(1)
    assert torch.equal(kept[rows], one.kept)
    near = neighbours(targets, SMALL.look_alikes, 0.6)
    assert int(rows[1]) in near[int(rows[0])]
    assert int(rows[3]) in near[int(rows[2])]


def test_what_may_be_the_same_person_is_no_look_alike() -> None:
    angles = torch.tensor([0.0, 0.1, 1.2, 2.0])
    points = torch.stack([angles.cos(), angles.sin()], 1)
    assert neighbours(points, 1, 0.9)[:, 0].tolist() == [2, 2, 3, 2]


def test_the_lowest_blocks_stay_and_the_others_learn(found: None, tmp_path: Path) -> None:
    torch.manual_seed(4)
    net = MobileFaceNet(SMALL.net)
    recipe = recipe_of(face_set(tmp_path, (8,)), net, tmp_path)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    batch = next(recipe.batches(0))
    for step in range(2):
        recipe.optimizer.zero_grad()
        loss, figures = recipe.loss(batch, step)
        torch.autograd.backward(loss)
        recipe.optimizer.step()
        recipe.after_step(step)
    moved = {name for name, value in net.state_dict().items() if not value.equal(before[name])}
    assert not [name for name in moved if name.startswith(("trunk.stem", "trunk.blocks.4."))]
    for part in ("trunk.blocks.5.look.weight", "trunk.last.weight", "pool.weight"):
        assert part in moved
    for part in ("kept.weight", "learnt.weight", "beside_pool.weight", "quality.weight"):
        assert part in moved
    assert set(figures) == {"agreement", "kept", "matrix"}


def test_a_perfect_student_has_nothing_to_learn(found: None, tmp_path: Path) -> None:
    torch.manual_seed(5)
    net = MobileFaceNet(replace(SMALL.net, weight=1.0))
    recipe = recipe_of(face_set(tmp_path, (8,)), net, tmp_path)
    batch = next(recipe.batches(0))
    with torch.no_grad():
        kept, learnt = net.heads(net.pooled(net.trunk(net.scaled(batch.views))))
    _, figures = recipe.loss(replace(batch, targets=learnt, kept=kept), 0)
    assert figures["agreement"] == pytest.approx(1.0, abs=0.02)  # frozen blocks run in bfloat16
    assert figures["kept"] == pytest.approx(1.0, abs=0.02)
    assert figures["matrix"] == pytest.approx(0.0, abs=1e-3)


def test_compressing_keeps_cosines_of_what_has_few_directions() -> None:
    torch.manual_seed(6)
    said = functional.normalize(torch.randn(50, 4)) @ torch.linalg.qr(torch.randn(20, 4))[0].T
    found_again = mobile_run.compressed(said, 4)
    assert torch.allclose(found_again @ found_again.T, said @ said.T, atol=1e-4)
    with pytest.raises(InputError, match="20 numbers"):
        mobile_run.compressed(said, 21)


def test_a_run_writes_what_the_kiosk_loads_and_goes_on_after_a_stop(
    found: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(40):
        save(tmp_path / "data" / f"{number}.png", number)
    monkeypatch.setattr(mobile_run, "load_edgeface", lambda path, device: TinyTeacher())
    monkeypatch.setattr(mobile_run, "COUNT", 3)
    for name in ("xs.pt", "xxs.pt"):
        (tmp_path / name).write_bytes(name.encode())
    torch.save(drawn(3).state_dict(), tmp_path / "published.pt")
    sources = FaceSources(
        [],
        [tmp_path / "data"],
        tmp_path / "xs.pt",
        tmp_path / "cache",
        tmp_path / "published.pt",
        [tmp_path / "xxs.pt"],
    )
    options = RunOptions(tmp_path / "run", device="cpu", epochs=1)
    mobile_run.train_mobile(sources, options, QUIET, SMALL)
    again = replace(options, epochs=2, resume=True)
    path, outcome = mobile_run.train_mobile(sources, again, QUIET, SMALL)
    assert outcome.epochs == 2
    net = load_mobile_net(path, CPU)
    assert net.config == SMALL.net
    cohort = read_cohort(path)
    assert cohort is not None
    assert cohort.shape[1] == net.dims == KEPT + 8
    view = torch.from_numpy(np.zeros((1, 112, 112, 3), np.uint8))
    with torch.inference_mode():
        assert float(net(view).norm()) == pytest.approx(1.0, abs=1e-4)


def test_without_published_weights_it_says_which(tmp_path: Path) -> None:
    sources = FaceSources([], [tmp_path], tmp_path / "xs.pt", tmp_path / "cache")
    with pytest.raises(InputError, match="published weights"):
        mobile_run.train_mobile(sources, RunOptions(tmp_path / "run"), QUIET)
