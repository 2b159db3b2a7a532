"""What every recipe shares: options, steps, progress, curves, early stopping, checkpoints.

A recipe implements `Recipe` and calls `train`. A run lives in the folder `RunOptions.out`:

    config.json      options and the recipe's config      curve.csv, curve.png   one row per epoch
    checkpoint.pt    everything needed to go on           best.pt                the best weights

Files appear whole or not at all (written beside, flushed, renamed), so a kill at any moment leaves
a run that `resume` continues from its last finished epoch, with the same numbers as without it.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from kiosk.core.errors import InputError, ModelError
from kiosk.core.progress import Bar
from kiosk.inference.devices import half_is_fast
from kiosk.inference.published import UNREADABLE
from kiosk.training.memory import keep_memory

DeviceChoice = Literal["auto", "cpu", "cuda"]

CHECKPOINT = "checkpoint.pt"
_PICTURE_AFTER = 30.0
"""Seconds between two pictures of the curve, beside the one at the end."""


@dataclass(frozen=True)
class RunOptions:
    """What the operator chooses for any recipe."""

    out: Path
    device: DeviceChoice = "auto"
    epochs: int = 10
    resume: bool = False
    seed: int = 1
    patience: int = 5
    """Epochs without a better held-out figure before the run stops by itself."""
    largest_gradient: float = math.inf
    """Longer gradients are shortened to this norm."""


@dataclass
class Outcome:
    """How a run ended: figures of the best epoch, which epoch it was, whether it stopped early."""

    best: float
    best_epoch: int
    epochs: int
    stopped_early: bool


class Recipe(Protocol):
    """One model being trained. The loop owns epochs; the recipe owns what happens in a step."""

    net: nn.Module
    optimizer: torch.optim.Optimizer
    config: Any
    """A dataclass of plain values, written to config.json."""

    def steps(self, epoch: int) -> int:
        """Steps in this epoch (from 0)."""

    def batches(self, epoch: int) -> Iterator[Any]:
        """At least `steps(epoch)` batches, random only through the seeded generators."""

    def loss(self, batch: Any, step: int) -> tuple[Tensor, dict[str, float]]:
        """Loss to follow downhill, and named figures for the curve. `step` counts over the run.

        A loss without a graph says that the recipe has already added to the gradients itself.
        """

    def after_step(self, step: int) -> None:
        """Learning rate, weight averaging."""

    def validate(self) -> dict[str, float]:
        """Figures on people outside the training set; `score` among them, higher is better."""

    def state(self) -> dict[str, Any]:
        """What the recipe must keep beside net and optimizer to go on after a kill."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""

    def best_weights(self) -> dict[str, Tensor]:
        """The weights to keep when this epoch is the best so far."""


def device_choice(text: str) -> DeviceChoice:
    """`text` from a command line as a choice.

    Raises:
        InputError: none of the three.
    """
    for choice in get_args(DeviceChoice):
        if choice == text:
            return cast(DeviceChoice, choice)
    raise InputError(f"There is no device {text!r}.", remedy="Choose auto, cpu or cuda.")


def choose_device(choice: DeviceChoice) -> torch.device:
    """The device for `choice`; `auto` takes CUDA where there is one.

    Raises:
        InputError: CUDA asked for and absent.
    """
    present = torch.cuda.is_available()
    if choice == "cuda" and not present:
        raise InputError("No CUDA device is present.", remedy="Use --device auto or cpu.")
    return torch.device("cuda" if present and choice != "cpu" else "cpu")


def autocast(device: torch.device, *, enabled: bool = True) -> AbstractContextManager[None]:
    """bfloat16 for matrix products and convolutions; its range needs no loss scaling.

    A processor that does not multiply bfloat16 itself stays at float32: there it would be many
    times slower, and recurrent layers refuse it.
    """
    fast = device.type != "cpu" or half_is_fast(device)
    context: AbstractContextManager[None] = torch.autocast(
        device.type, torch.bfloat16, enabled=enabled and fast
    )
    return context


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch and forbid kernels that differ from run to run."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # libraries draw from the global generator
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def begin_run(options: RunOptions) -> None:
    """What comes first in every run, before hours of preparing: its folder is its own, everything
    is seeded, and the process keeps its memory from step to step.

    Raises:
        InputError: the folder already holds a run and `resume` was not asked for.
    """
    _require_own_folder(options)
    seed_everything(options.seed)
    keep_memory()


def _require_own_folder(options: RunOptions) -> None:
    if (options.out / CHECKPOINT).exists() and not options.resume:
        remedy = "Add --resume to go on, or give another --out."
        raise InputError(f"{options.out} already holds a run.", remedy=remedy)


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds all of it or what it held before."""
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)


def save_tensors(path: Path, content: dict[str, Any]) -> None:
    """Atomic `torch.save` of tensors and plain values."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_atomically(path, buffer.getvalue())


def load_tensors(path: Path) -> dict[str, Any]:
    """Read what `save_tensors` wrote, as data and never as code.

    Raises:
        ModelError: missing or damaged.
    """
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as problem:
        raise ModelError(
            f"{path} cannot be read.", remedy="Train again without --resume."
        ) from problem
    return content


def _random_state() -> dict[str, Any]:
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [
            str(name),
            torch.from_numpy(np.array(keys, dtype=np.int64)),
            position,
            has_gauss,
            cached,
        ],
        "torch": torch.get_rng_state(),
    }


def _set_random_state(state: dict[str, Any]) -> None:
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])


@dataclass
class Curve:
    """The rows of a run, one per epoch, as CSV and as a picture."""

    folder: Path
    rows: list[dict[str, float]] = field(default_factory=list)
    drawn: float = field(default_factory=time.monotonic)
    """When the picture was looked after for the last time."""

    @property
    def names(self) -> list[str]:
        """Of all figures, in the order in which they came."""
        return list(dict.fromkeys(name for each in self.rows for name in each))

    def add(self, row: dict[str, float]) -> None:
        """Append a row and write the figures anew, and the picture where it is older than half a
        minute: drawing takes longer than a short epoch."""
        self.rows.append(row)
        text = io.StringIO()
        writer = csv.DictWriter(text, self.names, lineterminator="\n")
        writer.writeheader()
        for each in self.rows:
            writer.writerow({name: f"{value:.6g}" for name, value in each.items()})
        write_atomically(self.folder / "curve.csv", text.getvalue().encode())
        if time.monotonic() - self.drawn >= _PICTURE_AFTER:
            self.draw()

    def draw(self) -> None:
        """Write the picture anew, if there is anything to be seen."""
        if self.rows:
            write_atomically(self.folder / "curve.png", self._picture())
        self.drawn = time.monotonic()

    def _picture(self) -> bytes:
        from matplotlib.figure import Figure  # its import takes a second

        shown = [name for name in self.names if name not in ("epoch", "seconds")]
        height = 2.0 * len(shown)
        # Places are given: to have them found, and every axis labelled, takes twice the time.
        figure = Figure(figsize=(8, height))
        edges = {"left": 0.12, "right": 0.98, "top": 1 - 0.2 / height, "bottom": 0.4 / height}
        rows = figure.subplots(len(shown), sharex=True, squeeze=False, gridspec_kw=edges)
        for name, axes in zip(shown, rows[:, 0], strict=True):
            points = [(row["epoch"], row[name]) for row in self.rows if name in row]
            axes.plot(*zip(*points, strict=True), marker=".")
            axes.set_ylabel(name)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=70)
        return buffer.getvalue()


@dataclass
class _Run:
    """The state of `train` between epochs."""

    recipe: Recipe
    options: RunOptions
    curve: Curve
    epoch: int = 0
    step: int = 0
    best: float = float("-inf")
    best_epoch: int = -1

    @property
    def checkpoint(self) -> Path:
        return self.options.out / CHECKPOINT

    def save(self) -> None:
        save_tensors(
            self.checkpoint,
            {
                "net": self.recipe.net.state_dict(),
                "optimizer": self.recipe.optimizer.state_dict(),
                "recipe": self.recipe.state(),
                "random": _random_state(),
                "rows": self.curve.rows,
                "numbers": [self.epoch, self.step, self.best, self.best_epoch],
            },
        )

    def load(self) -> None:
        saved = load_tensors(self.checkpoint)
        self.recipe.net.load_state_dict(saved["net"])
        self.recipe.optimizer.load_state_dict(saved["optimizer"])
        self.recipe.load_state(saved["recipe"])
        _set_random_state(saved["random"])
        self.curve.rows = saved["rows"]
        self.epoch, self.step, self.best, self.best_epoch = saved["numbers"]

    def one_epoch(self, bar: Bar) -> dict[str, float]:
        """Train one epoch; the mean of every figure."""
        total = self.recipe.steps(self.epoch)
        sums: dict[str, float] = {}
        began = time.monotonic()
        self.recipe.net.train()
        for number, batch in zip(
            range(1, total + 1), self.recipe.batches(self.epoch), strict=False
        ):
            for name, value in self.one_step(batch).items():
                sums[name] = sums.get(name, 0.0) + value
            rate = number / max(time.monotonic() - began, 1e-9)
            bar.tell(number, total, f"{rate:.2f} steps/s loss {sums['loss'] / number:.4f}")
        return {name: value / total for name, value in sums.items()}

    def one_step(self, batch: Any) -> dict[str, float]:
        """Follow the gradient of one batch; a step that is not finite is left out and counted."""
        self.recipe.optimizer.zero_grad(set_to_none=True)
        loss, figures = self.recipe.loss(batch, self.step)
        finite = bool(torch.isfinite(loss))
        if finite:
            if loss.requires_grad:
                torch.autograd.backward(loss)
            norm = nn.utils.clip_grad_norm_(
                self.recipe.net.parameters(), self.options.largest_gradient
            )
            figures = {**figures, "gradient": float(norm)}
            self.recipe.optimizer.step()
            self.recipe.after_step(self.step)
        self.step += 1
        return {
            "loss": float(loss.detach()) if finite else 0.0,
            "not_finite": float(not finite),
            **figures,
        }

    def judge(self, figures: dict[str, float]) -> None:
        """Keep the weights if they are the best so far."""
        if figures["score"] > self.best:
            self.best, self.best_epoch = figures["score"], self.epoch
            save_tensors(self.options.out / "best.pt", dict(self.recipe.best_weights()))

    @property
    def waited_enough(self) -> bool:
        return self.epoch - 1 - self.best_epoch >= self.options.patience


def train(recipe: Recipe, options: RunOptions, console: Console | None = None) -> Outcome:
    """Run `recipe` until its epochs are done or held-out people stop gaining.

    Raises:
        InputError: the folder already holds a run and `resume` was not asked for.
        ModelError: the checkpoint to resume from is damaged.
    """
    console = console or Console(stderr=True)
    run = _open(recipe, options, console)
    stopped = False
    while run.epoch < options.epochs and not stopped:
        began = time.monotonic()
        with Bar(console, f"epoch {run.epoch + 1}/{options.epochs}: step") as bar:
            figures = run.one_epoch(bar)
        figures |= recipe.validate()
        run.judge(figures)
        run.epoch += 1
        run.curve.add({"epoch": run.epoch, **figures, "seconds": time.monotonic() - began})
        run.save()
        stopped = run.waited_enough
        console.print(_line(run, figures))
    run.curve.draw()
    return Outcome(run.best, run.best_epoch + 1, run.epoch, stopped)


def _open(recipe: Recipe, options: RunOptions, console: Console) -> _Run:
    _require_own_folder(options)
    options.out.mkdir(parents=True, exist_ok=True)
    run = _Run(recipe, options, Curve(options.out))
    if run.checkpoint.exists():
        run.load()
        console.print(f"resumed after epoch {run.epoch}")
    content = {
        "options": asdict(options) | {"out": options.out.name},
        "config": asdict(recipe.config),
    }
    write_atomically(
        options.out / "config.json", json.dumps(content, indent=2, default=str).encode()
    )
    return run


def _line(run: _Run, figures: dict[str, float]) -> str:
    best = " (best)" if run.best_epoch == run.epoch - 1 else ""
    shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
    return f"epoch {run.epoch}: {shown}{best}"
