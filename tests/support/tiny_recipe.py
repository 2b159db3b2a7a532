"""A recipe small enough to train in a second, run as a program by tests that kill it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from kiosk.training.loop import RunOptions, seed_everything, train


@dataclass(frozen=True)
class TinyConfig:
    steps: int = 6
    rate: float = 0.05


class TinyRecipe:
    """Fits a line to noise drawn from torch's global generator, so resuming must restore it.

    `die_at` sends the process SIGKILL at that step; `scores` overrides the held-out figure.
    """

    def __init__(self, die_at: int = -1, scores: tuple[float, ...] = ()) -> None:
        self.config = TinyConfig()
        self.net: nn.Module = nn.Linear(3, 1)
        self.optimizer: torch.optim.Optimizer = torch.optim.Adam(self.net.parameters(), 0.05)
        self.die_at, self.scores = die_at, scores
        self.calls = 0

    def steps(self, epoch: int) -> int:
        return self.config.steps

    def batches(self, epoch: int) -> Iterator[Tensor]:
        while True:
            yield torch.randn(8, 3)

    def loss(self, batch: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        if step == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        error = (self.net(batch) - batch.sum(1, keepdim=True)).square().mean()
        return error, {"error": float(error.detach())}

    def after_step(self, step: int) -> None:
        self.calls += 1

    def validate(self) -> dict[str, float]:
        done = self.calls // self.config.steps - 1
        with torch.no_grad():
            score = -float((self.net(torch.eye(3)) - 1).square().mean())
        return {"score": self.scores[done] if self.scores else score}

    def state(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]

    def best_weights(self) -> dict[str, Tensor]:
        return self.net.state_dict()


def main(out: str, die_at: str, resume: str) -> None:
    seed_everything(4)
    options = RunOptions(Path(out), epochs=4, resume=resume == "resume")
    train(TinyRecipe(int(die_at)), options)


if __name__ == "__main__":
    main(*sys.argv[1:])
