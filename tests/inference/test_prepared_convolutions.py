"""Prepared convolutions compute what plain ones do, and take the place of those they can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
import torch
from torch import nn

from kiosk.core.settings import Settings
from kiosk.inference.face.attributes import NAME, load_net
from kiosk.inference.face.networks.edgeface import EdgeFace
from kiosk.inference.face.networks.facenet import mtcnn
from kiosk.inference.face.networks.inception import Inception
from kiosk.inference.face.networks.joined import load_own_net
from kiosk.inference.face.networks.mobile import load_mobile_net
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.prepared_convolutions import PreparedConvolution, prepare

CPU = torch.device("cpu")


def kinds(net: nn.Module) -> Counter[type[nn.Module]]:
    return Counter(type(each) for each in net.modules())


@pytest.mark.parametrize(
    "plain",
    [
        nn.Conv2d(3, 8, 3, 2, 1),
        nn.Conv2d(8, 8, 3, 1, 1, groups=8),
        nn.Conv2d(5, 7, 1, bias=False),
        nn.Conv2d(4, 6, 3, dilation=2, padding=(2, 1)),
        nn.Conv2d(16, 16, (7, 5), groups=16),
    ],
    ids=["stride", "depthwise", "no bias", "dilated", "pooling"],
)
@pytest.mark.parametrize("ordered", [torch.contiguous_format, torch.channels_last])
def test_a_prepared_convolution_computes_the_same(
    plain: nn.Conv2d, ordered: torch.memory_format
) -> None:
    random = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        prepared = PreparedConvolution(plain)
        for batch, side in ((1, 12), (2, 12), (5, 21)):
            x = torch.randn(batch, plain.in_channels, side, side, generator=random)
            x = x.contiguous(memory_format=ordered)
            torch.testing.assert_close(prepared(x), plain(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["face-mobile-2", "face-mobile"])
def test_every_convolution_of_the_face_network_is_prepared_and_embeddings_stay(name: str) -> None:
    path = locate(find_entry(name), Settings())
    plain, prepared = load_mobile_net(path, CPU), prepare(load_mobile_net(path, CPU))
    before = kinds(plain)[nn.Conv2d]
    assert before > 40
    assert kinds(prepared)[nn.Conv2d] == 0
    assert kinds(prepared)[PreparedConvolution] == before
    crops = torch.randint(0, 256, (3, 112, 112, 3), dtype=torch.uint8)
    with torch.inference_mode():
        (first, one), (second, other) = (net.embed_with_quality(crops) for net in (plain, prepared))
    torch.testing.assert_close(first, second, rtol=0, atol=1e-5)
    torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "side"),
    [(EdgeFace, 112), (lambda: EdgeFace("edgenext_xx_small"), 112), (Inception, 160)],
    ids=["edgeface-xs", "edgeface-xxs", "inception"],
)
def test_networks_that_an_operator_brings_compute_the_same(
    make: Callable[[], nn.Module], side: int
) -> None:
    """timm asks a convolution's weight where it lies."""
    torch.manual_seed(1)
    net = make().eval()
    crops = torch.randint(0, 256, (2, side, side, 3), dtype=torch.uint8)
    with torch.inference_mode():
        before = net(crops)
        after = prepare(net)(crops)
    assert kinds(net)[PreparedConvolution] > 10
    torch.testing.assert_close(before, after, rtol=0, atol=1e-5)


def test_the_networks_of_the_other_files_compute_the_same() -> None:
    path = locate(find_entry("face-own"), Settings())
    plain, prepared = load_own_net(path, CPU), prepare(load_own_net(path, CPU))
    assert kinds(prepared)[PreparedConvolution] > 10
    crops = torch.randint(0, 256, (2, plain.size, plain.size, 3), dtype=torch.uint8)
    with torch.inference_mode():
        torch.testing.assert_close(prepared(crops), plain(crops), rtol=0, atol=1e-5)


def test_attributes_stay_what_they_are() -> None:
    path = locate(find_entry(NAME), Settings())
    plain, prepared = load_net(path, CPU), prepare(load_net(path, CPU))
    assert kinds(prepared)[PreparedConvolution] > 10
    views = torch.randint(0, 256, (2, 104, 104), dtype=torch.uint8)
    with torch.inference_mode():
        for first, second in zip(plain.logits(views), prepared.logits(views), strict=True):
            torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-4)


def test_detection_finds_with_prepared_convolutions_what_it_found_before() -> None:
    nets = mtcnn(keep_all=True, device=CPU)
    sides = {"pnet": 60, "rnet": 24, "onet": 48}
    for name, side in sides.items():
        net = getattr(nets, name)
        x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(2))
        with torch.inference_mode():
            before = net(x)
            after = prepare(net)(x)
        assert kinds(net)[nn.Conv2d] == 0
        for first, second in zip(before, after, strict=True):
            torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_prepared_stays_as_it_is() -> None:
    net = nn.Sequential(
        nn.Conv1d(2, 2, 3),
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(2, 2, 3).to(torch.bfloat16),
        nn.Sequential(nn.Conv2d(2, 2, 3)),
    )
    assert kinds(prepare(net)) == {
        nn.Sequential: 2,
        nn.Conv1d: 1,
        nn.Conv2d: 3,
        PreparedConvolution: 1,
    }
