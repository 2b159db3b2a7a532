"""The light face network: its shapes, its norms and how it goes on with larger pictures."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from kiosk.core.errors import InputError
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig
from kiosk.inference.face.networks.separable import CHANNELS, Places, SeparableTrunk
from kiosk.training.face.batch_norm import folded, fresh, install, measure
from kiosk.training.face.data import FaceSet
from kiosk.training.face.feature_distillation import HintConfig, learn_hints
from kiosk.training.face.run import resized

SMALL = FaceNetConfig(trunk="depthwise", size=48, dims=16, width=0.25)


def pictures(size: int, count: int = 6) -> torch.Tensor:
    """Seeded noise (count, size, size, 3)."""
    noise = np.random.default_rng(5).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    return torch.from_numpy(noise)


def norms(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


@pytest.mark.parametrize(("size", "side"), [(32, 2), (64, 4), (96, 6)])
def test_the_map_is_a_sixteenth_of_the_picture(size: int, side: int) -> None:
    with torch.inference_mode():
        top = SeparableTrunk(0.25)(torch.zeros(1, 3, size, size))
    assert top.shape == (1, CHANNELS, side, side)


def test_it_is_a_quarter_of_dlibs_network_and_a_seventeenth_of_inceptions() -> None:
    net = FaceNet(FaceNetConfig(trunk="depthwise", size=96))
    count = sum(parameter.numel() for parameter in net.parameters())
    assert 4 * count < 5.6e6
    assert 17 * count < 23.5e6


def test_places_are_read_on_their_own_whatever_the_size() -> None:
    for side in (4, 6):
        x = torch.zeros(1, 2, side, side)
        x[0, 1, -1, -1] = 1.0
        read = Places()(x).view(2, 4, 4)
        assert read.nonzero().tolist() == [[1, 3, 3]]


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


def guide_and_faces(count: int) -> tuple[FaceNet, FaceSet]:
    smooth = [
        cv2.resize(np.random.default_rng(n).integers(0, 256, (5, 5, 3), dtype=np.uint8), (176, 176))
        for n in range(count)
    ]
    numbers = np.arange(count, dtype=np.int64)
    faces = FaceSet((np.stack(smooth),), (), numbers, numbers, 0)
    torch.manual_seed(6)
    return FaceNet(FaceNetConfig(dims=8)).eval(), faces


def test_hints_teach_the_maps_of_another_network() -> None:
    guide, faces = guide_and_faces(8)
    left = []
    for steps in (2, 40):
        torch.manual_seed(7)
        net = FaceNet(replace(SMALL, size=64))
        fresh(net)
        seen: list[tuple[int, int]] = []
        config = HintConfig(steps=steps, faces=8, batch=8, rate=5e-3)
        left.append(
            learn_hints(net, guide, faces, config, 1, lambda *done, to=seen: to.append(done))
        )
        assert seen[-1] == (8 + steps, 8 + steps)
    assert left[1] < left[0] - 0.1


def void(value: torch.Tensor) -> None:
    """Let a value go."""
