"""The network grown from MobileFaceNet: published weights folded in, two heads joined, files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from kiosk.core.errors import ModelError
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.face.networks.mobile import (
    FEATURES,
    KEPT,
    KEPT_OF_FACEX,
    MobileConfig,
    MobileFaceNet,
    load_mobile_net,
    save_mobile_net,
    start_from_published,
    without_head,
)
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, save_face_net
from tests.support import published_facex
from tests.support.face_crops import crops
from tests.support.published_mobile import drawn

CPU = torch.device("cpu")
LEARNT = 32


@pytest.fixture
def net() -> MobileFaceNet:
    torch.manual_seed(1)
    return MobileFaceNet(MobileConfig(learnt=LEARNT, hidden=16)).eval()


def test_the_published_weights_give_what_their_own_network_gives(
    net: MobileFaceNet, tmp_path: Path
) -> None:
    published = drawn(2)
    path = tmp_path / "mobilefacenet.pt"
    torch.save(published.state_dict(), path)
    start_from_published(net, path)
    views = crops(3, 112)
    with torch.inference_mode():
        wanted = published(net.scaled(views))
        kept, _ = net.heads(net.pooled(net.trunk(net.scaled(views))))
    assert torch.allclose(kept, wanted, atol=1e-4)


FACEX = MobileConfig(learnt=LEARNT, hidden=16, mirror=False, kept=KEPT_OF_FACEX, slopes=True)


def test_the_weights_of_facex_give_what_their_own_network_gives(tmp_path: Path) -> None:
    published, path = published_facex.drawn(2), tmp_path / "face_recognition_mv.pkl"
    published_facex.publish(published, path)
    net = MobileFaceNet(FACEX).eval()
    start_from_published(net, path)
    views = crops(3, 112)
    with torch.inference_mode():
        wanted = published((views.flip(3).permute(0, 3, 1, 2).float() - 127.5) / 128)
        kept, _ = net.heads(net.pooled(net.trunk(net.scaled(views))))
    assert kept.shape == (3, KEPT_OF_FACEX)
    assert torch.allclose(kept, wanted, atol=1e-4)


class _Trap:
    """Makes a folder when a pickle that holds it is read as pickles are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return Path.mkdir, (self.folder,)


def test_a_published_network_is_never_run(tmp_path: Path) -> None:
    published, path = published_facex.drawn(2), tmp_path / "crafted.pkl"
    vars(published)["trap"] = _Trap(tmp_path / "made")
    published_facex.publish(published, path)
    with pytest.raises(ModelError, match=r"crafted\.pkl does not hold"):
        start_from_published(MobileFaceNet(FACEX).eval(), path)
    assert not (tmp_path / "made").exists()


def _huge(published: published_facex.FacexMobileFaceNet) -> None:
    published.linear.weight = nn.Parameter(torch.zeros(1).expand(10**6, 10**6))


def _twice(published: published_facex.FacexMobileFaceNet) -> None:
    published.again = published.conv_3


def _shared(published: published_facex.FacexMobileFaceNet) -> None:
    published.conv_6_dw.bn.weight = published.conv_6_sep.bn.weight


@pytest.mark.parametrize("crafted", [_huge, _twice, _shared])
def test_a_small_file_cannot_become_a_large_network(
    tmp_path: Path, crafted: Callable[[published_facex.FacexMobileFaceNet], None]
) -> None:
    published, path = published_facex.drawn(2), tmp_path / "crafted.pkl"
    crafted(published)
    published_facex.publish(published, path)
    with pytest.raises(ModelError, match=r"crafted\.pkl does not hold"):
        start_from_published(MobileFaceNet(FACEX).eval(), path)


def test_a_file_without_any_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pkl"
    torch.save(nn.Sequential(), path, _use_new_zipfile_serialization=False)
    with pytest.raises(ModelError, match=r"empty\.pkl does not hold"):
        start_from_published(MobileFaceNet(FACEX).eval(), path)


@pytest.mark.parametrize("left", [0, 10, 300, 200_000])
def test_a_shortened_published_network_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "other.pkl"
    published_facex.publish(published_facex.drawn(2), path)
    path.write_bytes(path.read_bytes()[:left])
    net = MobileFaceNet(FACEX).eval()
    with pytest.raises(ModelError, match=r"other\.pkl does not hold FaceX-Zoo's MobileFaceNet"):
        start_from_published(net, path)
    torch.save({"conv1.conv.weight": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match=r"other\.pkl does not hold"):
        start_from_published(net, path)
    with pytest.raises(ModelError, match="does not exist"):
        start_from_published(net, tmp_path / "absent.pkl")


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_file_that_is_no_mobilefacenet_is_named(
    net: MobileFaceNet, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"other\.pt does not hold MobileFaceNet"):
        start_from_published(net, path)
    torch.save({"conv1.0.weight": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match=r"other\.pt does not hold MobileFaceNet"):
        start_from_published(net, path)
    with pytest.raises(ModelError):
        start_from_published(net, tmp_path / "absent.pt")


def test_a_face_and_its_mirror_image_are_one(net: MobileFaceNet) -> None:
    views = crops(2, 112)
    with torch.inference_mode():
        one, quality = net.embed_with_quality(views)
        other, again = net.embed_with_quality(views.flip(2))
    assert one.shape == (2, KEPT + LEARNT)
    assert one.dtype == torch.float32
    assert torch.allclose(one, other, atol=1e-5)
    assert torch.allclose(quality, again, atol=1e-6)
    assert ((quality > 0) & (quality < 1)).all()


def test_each_head_counts_with_its_share() -> None:
    torch.manual_seed(3)
    net = MobileFaceNet(MobileConfig(learnt=LEARNT, hidden=16, weight=0.3, mirror=False)).eval()
    views = crops(4, 112)
    with torch.inference_mode():
        embedded = net(views)
        kept, learnt = net.heads(net.pooled(net.trunk(net.scaled(views))))
    wanted = 0.7 * kept @ kept.T + 0.3 * learnt @ learnt.T
    assert torch.allclose(embedded @ embedded.T, wanted, atol=1e-5)


def test_features_are_taken_as_they_were_measured(net: MobileFaceNet) -> None:
    features = torch.randn(6, FEATURES) * 3 + 5
    net.get_buffer("centre").copy_(features.mean(0))
    net.get_buffer("gain").copy_(1 / features.std(0))
    standard = net.standard(features)
    assert torch.allclose(standard.mean(0), torch.zeros(FEATURES), atol=1e-4)
    assert torch.allclose(standard.std(0), torch.ones(FEATURES), atol=1e-4)
    with torch.inference_mode():
        assert torch.equal(net.heads(features)[1], net.learnt(standard))
        assert torch.allclose(net.learnt(standard).norm(dim=1), torch.ones(6), atol=1e-5)
        assert not torch.equal(net.learnt(standard, 0.5), net.learnt(standard))


def test_without_its_learnt_head_it_gives_the_published_one(net: MobileFaceNet) -> None:
    alone = without_head(net)
    views = crops(2, 112)
    with torch.inference_mode():
        embedded, quality = alone.embed_with_quality(views)
        whole, wanted = net.embed_with_quality(views)
    assert embedded.shape == (2, KEPT)
    assert alone.dims == KEPT
    assert torch.allclose(embedded, functional.normalize(whole[:, :KEPT]), atol=1e-5)
    assert torch.equal(quality, wanted)


def test_a_saved_network_says_the_same(net: MobileFaceNet, tmp_path: Path) -> None:
    path = tmp_path / "mobile.safetensors"
    cohort = functional.normalize(torch.randn(5, net.dims))
    path.write_bytes(save_mobile_net(net, cohort))
    again = load_mobile_net(path, CPU)
    views = crops(2, 112)
    with torch.inference_mode():
        assert (net(views) * again(views)).sum(1).min() > 0.999
    assert again.config == net.config
    kept = read_cohort(path)
    assert kept is not None
    assert torch.allclose(kept, cohort, atol=1e-3)
    path.write_bytes(save_mobile_net(net))
    assert read_cohort(path) is None


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mobile.safetensors"
    path.write_bytes(save_face_net(FaceNet(FaceNetConfig(trunk="depthwise", size=32, dims=8))))
    with pytest.raises(ModelError, match=path.name):
        load_mobile_net(path, CPU)
