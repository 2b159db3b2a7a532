"""The shared loop: kills, resuming, early stopping, curves, files that appear whole."""

from __future__ import annotations

import csv
import json
import multiprocessing
import platform
import resource
import signal
from pathlib import Path

import pytest
import torch
from rich.console import Console

from kiosk.core.errors import InputError, ModelError
from kiosk.training import loop
from kiosk.training.loop import (
    Curve,
    RunOptions,
    begin_run,
    choose_device,
    device_choice,
    load_tensors,
    seed_everything,
    train,
    write_atomically,
)
from tests.support import tiny_recipe
from tests.support.tiny_recipe import TinyRecipe

QUIET = Console(quiet=True)


def program(out: Path, die_at: int, how: str) -> int | None:
    """The exit code of a process of its own, forked from one that has loaded torch."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([tiny_recipe.__name__])
    process = processes.Process(target=tiny_recipe.main, args=(str(out), str(die_at), how))
    process.start()
    process.join()
    return process.exitcode


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as handle:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(handle)]


def test_a_killed_run_resumes_with_the_numbers_of_an_unbroken_one(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert program(whole, -1, "new") == 0
    assert program(broken, 15, "new") == -signal.SIGKILL
    assert len(rows(broken)) == 2
    assert program(broken, -1, "resume") == 0
    assert rows(broken) == rows(whole)
    before, after = load_tensors(whole / "best.pt"), load_tensors(broken / "best.pt")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_run_writes_config_and_curves(tmp_path: Path) -> None:
    out = tmp_path / "run"
    outcome = train(TinyRecipe(), RunOptions(out, epochs=2), QUIET)
    assert outcome.epochs == 2
    assert [row["epoch"] for row in rows(out)] == ["1", "2"]
    assert (out / "curve.png").read_bytes().startswith(b"\x89PNG")
    config = json.loads((out / "config.json").read_text())
    assert config["config"] == {"steps": 6, "rate": 0.05}
    assert config["options"]["out"] == "run"  # never a path of this machine


def test_a_long_run_is_drawn_on_the_way_and_a_short_one_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    whole = Curve.draw

    def draw(curve: Curve) -> None:
        whole(curve)
        drawn.append(len(curve.rows))

    monkeypatch.setattr(Curve, "draw", draw)
    train(TinyRecipe(), RunOptions(tmp_path / "short", epochs=2), QUIET)
    assert drawn == [2]
    monkeypatch.setattr(loop, "_PICTURE_AFTER", 0.0)
    train(TinyRecipe(), RunOptions(tmp_path / "long", epochs=2), QUIET)
    assert drawn == [2, 1, 2, 2]


def test_people_held_out_stop_the_run(tmp_path: Path) -> None:
    recipe = TinyRecipe(scores=(0.1, 0.5, 0.4, 0.3, 0.9, 0.9))
    outcome = train(recipe, RunOptions(tmp_path / "run", epochs=6, patience=2), QUIET)
    assert outcome.stopped_early
    assert (outcome.best, outcome.best_epoch, outcome.epochs) == (0.5, 2, 4)


def test_the_best_weights_are_kept_not_the_last(tmp_path: Path) -> None:
    recipe = TinyRecipe(scores=(0.9, 0.1))
    train(recipe, RunOptions(tmp_path / "run", epochs=2), QUIET)
    kept = load_tensors(tmp_path / "run" / "best.pt")
    assert not torch.equal(kept["weight"], recipe.net.state_dict()["weight"])


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    ends = []
    for name in ("one", "two"):
        seed_everything(11)
        recipe = TinyRecipe()
        train(recipe, RunOptions(tmp_path / name, epochs=1), QUIET)
        ends.append(recipe.net.state_dict()["weight"])
    assert torch.equal(*ends)


def test_a_loss_that_is_not_finite_is_left_out_and_counted(tmp_path: Path) -> None:
    class Broken(TinyRecipe):
        def loss(self, batch: torch.Tensor, step: int) -> tuple[torch.Tensor, dict[str, float]]:
            error, figures = super().loss(batch, step)
            return (error * float("nan") if step == 2 else error), figures

    recipe = Broken(scores=(0.0,) * 2)
    train(recipe, RunOptions(tmp_path / "run", epochs=1), QUIET)
    assert float(rows(tmp_path / "run")[0]["not_finite"]) == pytest.approx(1 / 6, rel=1e-4)
    assert bool(torch.isfinite(recipe.net.state_dict()["weight"]).all())


def test_long_gradients_are_shortened(tmp_path: Path) -> None:
    class Steep(TinyRecipe):
        def __init__(self) -> None:
            super().__init__()
            self.optimizer = torch.optim.SGD(self.net.parameters(), 1.0)
            self.start = self.net.state_dict()["weight"].clone()

        def loss(self, batch: torch.Tensor, step: int) -> tuple[torch.Tensor, dict[str, float]]:
            error, figures = super().loss(batch, step)
            return error * 1e6, figures

    recipe = Steep()
    train(recipe, RunOptions(tmp_path / "run", epochs=1, largest_gradient=1e-3), QUIET)
    moved = (recipe.net.state_dict()["weight"] - recipe.start).norm()
    assert 0 < float(moved) <= 6e-3 * 1.001


def test_a_folder_in_use_is_not_overwritten(tmp_path: Path) -> None:
    train(TinyRecipe(), RunOptions(tmp_path, epochs=1), QUIET)
    with pytest.raises(InputError, match="already holds a run"):
        train(TinyRecipe(), RunOptions(tmp_path, epochs=1), QUIET)


def test_a_folder_in_use_is_told_before_anything_is_prepared(tmp_path: Path) -> None:
    begin_run(RunOptions(tmp_path))
    train(TinyRecipe(), RunOptions(tmp_path, epochs=1), QUIET)
    with pytest.raises(InputError, match="already holds a run"):
        begin_run(RunOptions(tmp_path))
    begin_run(RunOptions(tmp_path, resume=True))


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"half")
    with pytest.raises(ModelError, match=r"checkpoint\.pt"):
        train(TinyRecipe(), RunOptions(tmp_path, resume=True), QUIET)


def test_writing_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_log_file_gets_lines_instead_of_a_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.core.progress.SECONDS_BETWEEN_LINES", 0.0)
    with (tmp_path / "log").open("w+") as log:
        train(TinyRecipe(), RunOptions(tmp_path / "run", epochs=1), Console(file=log, width=120))
        log.seek(0)
        assert "epoch 1/1: step 6/6" in log.read()


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert device_choice("auto") == "auto"
    with pytest.raises(InputError, match="no device"):
        device_choice("tpu")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_memory_of_a_step_is_kept_for_the_next(tmp_path: Path) -> None:
    begin_run(RunOptions(tmp_path / "run"))
    rows = (64 << 20) // 4
    torch.ones(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(rows)
    pages = rows * 4 // resource.getpagesize()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 5 * pages


def test_absent_cuda_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    with pytest.raises(InputError, match="No CUDA"):
        choose_device("cuda")
