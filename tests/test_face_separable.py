"""The light face network: its shapes, its norms and how it goes on with larger pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from kiosk.errors import InputError
from kiosk.inference.face_net import FaceNet, FaceNetConfig
from kiosk.inference.face_separable import CHANNELS, GlobalFilter, SeparableTrunk, stretched
from kiosk.training.face_norm import folded, fresh, install, measure
from kiosk.training.face_run import resized

SMALL = FaceNetConfig(trunk="depthwise", size=48, dims=16, width=0.25)


def pictures(size: int, count: int = 6) -> torch.Tensor:
    """Seeded noise (count, size, size, 3)."""
    noise = np.random.default_rng(5).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    return torch.from_numpy(noise)


def norms(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


@pytest.mark.parametrize(("size", "side"), [(32, 2), (64, 4), (96, 6), (100, 6)])
def test_the_map_is_a_sixteenth_of_the_picture(size: int, side: int) -> None:
    with torch.inference_mode():
        top = SeparableTrunk(0.25)(torch.zeros(1, 3, size, size))
    assert top.shape == (1, CHANNELS, side, side)


def test_it_is_a_fifth_of_dlibs_network_and_a_twentieth_of_inceptions() -> None:
    net = FaceNet(FaceNetConfig(trunk="depthwise", size=96))
    count = sum(parameter.numel() for parameter in net.parameters())
    assert 5 * count < 6.0e6
    assert 19 * count < 23.5e6


def test_a_stretched_filter_answers_an_even_map_as_before() -> None:
    pool = GlobalFilter(8, 4)
    nn.init.normal_(pool.weight)
    wider = GlobalFilter(8, 6)
    wider.weight.data = stretched(pool.weight.data, 96)
    even = torch.rand(2, 8, 1, 1)
    with torch.inference_mode():
        assert torch.allclose(
            pool(even.expand(-1, -1, 4, 4)), wider(even.expand(-1, -1, 6, 6)), atol=1e-5
        )


def test_an_untrained_network_gets_norms_that_fold_away() -> None:
    torch.manual_seed(2)
    net = FaceNet(SMALL)
    fresh(net)
    assert len(norms(net)) > 12
    measure(net, lambda fed: void(fed(pictures(48))))
    plain = folded(net)
    assert not norms(plain)
    with torch.inference_mode():
        assert torch.allclose(plain(pictures(48)), net.eval()(pictures(48)), atol=1e-4)


def test_norms_put_into_a_finished_network_change_nothing() -> None:
    torch.manual_seed(3)
    net = FaceNet(SMALL).eval()
    with torch.no_grad():
        before = net(pictures(48))
        install(net, 0, lambda fed: void(fed(pictures(48))))
        assert norms(net)
        assert torch.allclose(net.eval()(pictures(48)), before, atol=1e-3)


def test_going_on_with_larger_pictures_keeps_the_layers() -> None:
    net = FaceNet(SMALL)
    larger = FaceNetConfig(trunk="depthwise", size=64, dims=16, width=0.25)
    grown = resized(net, larger)
    assert grown.size == 64
    assert torch.equal(grown.head.weight, net.head.weight)
    with torch.inference_mode():
        assert grown(pictures(64)).shape == (6, 16)


def test_going_on_with_another_network_is_refused() -> None:
    with pytest.raises(InputError, match="another network"):
        resized(FaceNet(SMALL), FaceNetConfig(trunk="depthwise", size=48, dims=16, width=0.5))
    with pytest.raises(InputError, match="another network"):
        resized(FaceNet(SMALL), FaceNetConfig(dims=16))


def void(value: torch.Tensor) -> None:
    """Let a value go."""
