"""The running mean of a network's weights, which is steadier than the weights of any one step.

B. T. Polyak and A. B. Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992).
"""

from __future__ import annotations

import torch
from torch import nn


def follow(mean: nn.Module, net: nn.Module, step: int, decay: float) -> None:
    """Move the weights of `mean` towards those of `net` after `step` (from 0).

    `decay`, 0..1, is what is kept of the mean in a step; in the first ones it keeps less, so that
    the weights a run began with are soon forgotten. Whole numbers are copied.
    """
    keep = min(decay, (step + 1) / (step + 10))
    with torch.no_grad():
        state = mean.state_dict()
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                state[name].lerp_(value, 1 - keep)
            else:
                state[name].copy_(value)
