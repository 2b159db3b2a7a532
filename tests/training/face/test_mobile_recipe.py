"""Recipe of the head beside MobileFaceNet's own: what stays, what is learnt, a run on disk."""

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
from kiosk.inference.face.networks.mobile import (
    FEATURES,
    KEPT_OF_FACEX,
    MobileConfig,
    MobileFaceNet,
    load_mobile_net,
    start_from_published,
)
from kiosk.training.face import data, mobile_run
from kiosk.training.face.data import ARCFACE, list_pictures, prepare
from kiosk.training.face.mobile import HeadViews, MobileRecipe, MobileRecipeConfig, begin
from kiosk.training.face.run import FaceSources
from kiosk.training.loop import RunOptions
from tests.support import published_facex
from tests.support.face_patterns import FixedFinder, TinyTeacher, save, tell_nobody
from tests.support.published_mobile import drawn

QUIET = Console(quiet=True)
CPU = torch.device("cpu")
SMALL = MobileRecipeConfig(
    net=MobileConfig(learnt=8, hidden=16), batch=32, held_out=0.2, warm_up=1, rate=1e-2
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LandmarkFinder", FixedFinder)


def made_up(faces: int, seed: int) -> HeadViews:
    """Features of which a teacher sees a bent mixture; the second view is the first with noise."""
    torch.manual_seed(9)
    seen, bent = torch.randn(20, FEATURES) / 4, torch.randn(20, 8)
    torch.manual_seed(seed)
    hidden = torch.randn(faces, 20)
    clean = hidden @ seen
    worn = clean + 0.3 * torch.randn(faces, FEATURES)
    targets = functional.normalize(torch.tanh(2 * hidden) @ bent)
    return HeadViews(torch.stack([clean, worn], 1).half(), targets)


def recipe_of(tmp_path: Path, epochs: int = 1) -> MobileRecipe:
    torch.manual_seed(4)
    net = MobileFaceNet(SMALL.net).eval()
    learnt = made_up(600, 1)
    begin(net, learnt, SMALL.penalty)
    options = RunOptions(tmp_path, epochs=epochs)
    return MobileRecipe(net, learnt, made_up(80, 2), SMALL, options, CPU)


def test_the_head_begins_by_regression_and_learns_what_no_regression_can(tmp_path: Path) -> None:
    epochs = 12
    recipe = recipe_of(tmp_path, epochs)
    began = recipe.validate()
    assert began["held_out_clean"] > 0.8
    step = 0
    for epoch in range(epochs):
        for batch in recipe.batches(epoch):
            recipe.optimizer.zero_grad()
            loss, _ = recipe.loss(batch, step)
            torch.autograd.backward(loss)
            recipe.optimizer.step()
            step += 1
    ended = recipe.validate()
    assert ended["score"] > began["score"] + 0.01
    assert 0.5 < ended["similarities"] <= 1.0


def test_what_was_published_stays(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path)
    before = {name: value.clone() for name, value in recipe.net.state_dict().items()}
    for step, batch in zip(range(3), recipe.batches(0), strict=False):
        recipe.optimizer.zero_grad()
        loss, figures = recipe.loss(batch, step)
        torch.autograd.backward(loss)
        recipe.optimizer.step()
    after = recipe.best_weights()
    moved = {name.split(".")[0] for name in after if not after[name].equal(before[name])}
    assert moved == {"direct", "widen", "narrow", "quality"}
    assert set(figures) == {"agreement", "matrix"}


def test_an_epoch_shows_every_view_once_in_an_order_of_its_own(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path)
    one, again, other = (
        torch.cat([batch.targets for batch in recipe.batches(epoch)]) for epoch in (0, 0, 1)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    everything = made_up(600, 1).flat()[1]
    assert torch.allclose(one.sum(0), everything.sum(0), atol=1e-3)
    assert len(one) == len(everything) == 1200


def test_compressing_keeps_cosines_of_what_has_few_directions() -> None:
    torch.manual_seed(6)
    said = functional.normalize(torch.randn(50, 4)) @ torch.linalg.qr(torch.randn(20, 4))[0].T
    compressed = mobile_run.compressed(said, 4)
    assert torch.allclose(compressed @ compressed.T, said @ said.T, atol=1e-4)
    with pytest.raises(InputError, match="20 numbers"):
        mobile_run.compressed(said, 21)


def test_features_are_those_of_the_kiosks_own_view(found: None, tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "data" / f"{number}.png", number)
    sources = [list_pictures(tmp_path / "data", loose=True)]
    faces = prepare(sources, tmp_path / "cache", tell=tell_nobody, view=ARCFACE)
    torch.save(drawn(3).state_dict(), tmp_path / "published.pt")
    net = mobile_run.published_net(SMALL, tmp_path / "published.pt", seed=1)
    features = mobile_run.trunk_features(net, faces, SMALL, 1, QUIET)
    assert features.shape == (3, 2, FEATURES)
    crops = np.stack([faces.crop(n)[10:-10, 10:-10] for n in range(3)])
    with torch.inference_mode():
        wanted = net.pooled(net.trunk(net.scaled(torch.from_numpy(crops))))
    assert float(functional.cosine_similarity(features[:, 0].float(), wanted).min()) > 0.999
    assert not torch.equal(features[:, 0], features[:, 1])


FACEX = replace(SMALL, net=replace(SMALL.net, kept=KEPT_OF_FACEX, slopes=True, mirror=False))
NETWORKS = [(SMALL, mobile_run.WEIGHTS), (FACEX, mobile_run.WEIGHTS_2)]


@pytest.mark.parametrize(
    ("config", "name", "joined"),
    [(config, name, joined) for config, name in NETWORKS for joined in (False, True)],
)
def test_a_run_writes_what_the_kiosk_loads_and_goes_on_after_a_stop(
    found: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    config: MobileRecipeConfig,
    name: str,
    joined: bool,
) -> None:
    config = replace(config, joined=joined)
    for number in range(40):
        save(tmp_path / "data" / f"{number}.png", number)
    monkeypatch.setattr(mobile_run, "load_teacher", lambda path: TinyTeacher())
    monkeypatch.setattr(mobile_run, "COUNT", 3)
    for teacher in ("xs.pt", "xxs.pt"):
        (tmp_path / teacher).write_bytes(teacher.encode())
    if config.net.slopes:
        published_facex.publish(published_facex.drawn(3), tmp_path / "published.pt")
    else:
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
    mobile_run.train_mobile(sources, config, options, QUIET)
    again = replace(options, epochs=2, resume=True)
    path, outcome = mobile_run.train_mobile(sources, config, again, QUIET)
    assert outcome.epochs == 2
    assert path.name == name
    net = load_mobile_net(path, CPU)
    assert net.config == replace(config.net, learnt=8 if joined else 0)
    cohort = read_cohort(path)
    assert cohort is not None
    assert cohort.shape[1] == net.dims == config.net.kept + net.config.learnt
    start = MobileFaceNet(config.net).eval()
    start_from_published(start, tmp_path / "published.pt")
    view = torch.from_numpy(np.random.default_rng(1).integers(0, 255, (2, 112, 112, 3), np.uint8))
    with torch.inference_mode():
        kept = [n.heads(n.pooled(n.trunk(n.scaled(view))))[0] for n in (net, start)]
    assert float((kept[0] * kept[1]).sum(1).min()) > 0.999


def test_without_published_weights_it_says_which(tmp_path: Path) -> None:
    sources = FaceSources([], [tmp_path], tmp_path / "xs.pt", tmp_path / "cache")
    with pytest.raises(InputError, match="published weights"):
        mobile_run.train_mobile(sources, SMALL, RunOptions(tmp_path / "run"), QUIET)
