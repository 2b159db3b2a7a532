"""The one schedule of learning rates."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from kiosk.training.schedule import LOWEST, rate_share, set_rates


def test_the_rate_rises_in_a_straight_line_and_falls_along_a_cosine() -> None:
    shares = [rate_share(step, 1000, warm_up=10) for step in range(1001)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[4] == pytest.approx(0.5, abs=0.001)
    assert max(shares) == shares[9]
    assert shares[500] == pytest.approx(0.5)
    assert shares[1000] == LOWEST
    assert all(later <= earlier for earlier, later in pairwise(shares[9:]))


def test_without_warm_up_the_first_step_is_taken_at_the_peak() -> None:
    assert rate_share(0, 10) == 1.0
    assert rate_share(0, 0) == 1.0


def test_every_group_keeps_its_own_peak() -> None:
    one, two = torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))
    groups = [{"params": [one], "peak": 1.0}, {"params": [two], "peak": 4.0}]
    optimizer = torch.optim.SGD(groups, lr=0.0)
    set_rates(optimizer, 5, 10)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5, 2.0])
