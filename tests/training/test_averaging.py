"""The running mean of weights."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from kiosk.training.averaging import follow


def test_the_mean_forgets_its_beginning_and_then_moves_by_the_decay() -> None:
    net = nn.BatchNorm1d(1)
    mean = deepcopy(net)
    nn.init.constant_(net.weight, 11.0)
    net.get_buffer("num_batches_tracked").fill_(7)
    follow(mean, net, 0, 0.99)
    assert mean.weight.item() == pytest.approx(10.0)  # a tenth is kept after the first step
    assert int(mean.get_buffer("num_batches_tracked")) == 7
    nn.init.constant_(net.weight, 110.0)
    follow(mean, net, 10_000, 0.99)
    assert mean.weight.item() == pytest.approx(11.0)


def test_what_is_averaged_shares_no_memory_with_what_learns() -> None:
    net = nn.Linear(2, 1)
    mean = deepcopy(net)
    follow(mean, net, 5, 0.9)
    with torch.no_grad():
        net.weight += 1
    assert not torch.allclose(mean.weight, net.weight)
