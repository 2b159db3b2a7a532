"""The learning rate of every recipe: a straight rise, then half a cosine.

A pure function of the step, so that a run which is resumed needs nothing beside its step (I.
Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017).
"""

from __future__ import annotations

import math

import torch

LOWEST = 0.01
"""Share of the peak at which the cosine ends; at nothing at all the last steps would be wasted."""


def rate_share(step: int, total: int, warm_up: int = 0) -> float:
    """The share of its peak that a rate has at `step` (from 0) of `total`, 0..1.

    It rises over the first `warm_up` steps and falls over all of them to `LOWEST`.
    """
    rise = min(1.0, (step + 1) / warm_up) if warm_up else 1.0
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, total))))
    return rise * max(fall, LOWEST)


def set_rates(optimizer: torch.optim.Optimizer, step: int, total: int, warm_up: int = 0) -> None:
    """Give every group of parameters its `rate_share` of the group's `peak`."""
    share = rate_share(step, total, warm_up)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share
