"""The own face network and dlib's on one trunk: shared blocks, fitted join, files read as data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from kiosk.core.errors import BugError, ModelError
from kiosk.inference.face.networks.dlib_resnet import DlibNet, dlib_file, load_dlib
from kiosk.inference.face.networks.joined import (
    JoinConfig,
    JoinedFaceNet,
    fit_join,
    load_joined_net,
    save_joined_net,
)
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, save_face_net
from tests.support.face_crops import crops

CPU = torch.device("cpu")
SHARED = 10


@pytest.fixture(scope="module")
def dlib() -> DlibNet:
    path = dlib_file()
    assert path is not None
    return load_dlib(path, CPU)


@pytest.fixture
def own(dlib: DlibNet) -> FaceNet:
    """A network whose lowest blocks are dlib's and whose others are new."""
    torch.manual_seed(1)
    net = FaceNet(FaceNetConfig(dims=32)).eval()
    known = dlib.trunk.state_dict()
    lower = tuple(f"blocks.{number}." for number in range(SHARED))
    state = {n: v for n, v in known.items() if n.startswith(("stem.", *lower))}
    net.trunk.load_state_dict(state, strict=False)
    return net


@pytest.fixture
def joined(own: FaceNet, dlib: DlibNet) -> JoinedFaceNet:
    net = JoinedFaceNet(own.config, JoinConfig(SHARED)).eval()
    net.take(own, dlib)
    return net


def test_parts_are_what_both_networks_say(
    joined: JoinedFaceNet, own: FaceNet, dlib: DlibNet
) -> None:
    views = crops(3, 150)
    with torch.inference_mode():
        mine, theirs, quality = joined.parts(views)
        wanted, wanted_quality = own.embed_with_quality(views)
        assert torch.allclose(mine, wanted, atol=1e-5)
        assert torch.allclose(theirs, dlib(views), atol=1e-5)
        assert torch.allclose(quality, wanted_quality, atol=1e-5)


def test_trained_blocks_cannot_be_shared(own: FaceNet, dlib: DlibNet) -> None:
    with torch.no_grad():
        next(own.trunk.parameters()).add_(0.1)
    with pytest.raises(BugError):
        JoinedFaceNet(own.config, JoinConfig(SHARED)).take(own, dlib)


def test_the_depthwise_trunk_shares_nothing() -> None:
    with pytest.raises(BugError):
        JoinedFaceNet(FaceNetConfig(trunk="depthwise", size=48, dims=16), JoinConfig(SHARED))


def test_joined_cosines_are_the_weighed_cosines_of_the_parts(joined: JoinedFaceNet) -> None:
    """With as many directions as there is variance, the projection loses next to nothing."""
    torch.manual_seed(2)
    few = torch.nn.functional.normalize(torch.randn(300, 8)) @ torch.eye(8, 32)
    other = torch.nn.functional.normalize(torch.randn(300, 4)) @ torch.eye(4, 128)
    embedded = fit_join(joined, few, other)
    rows = joined.side_by_side(few, other)
    assert torch.allclose(embedded @ embedded.T, rows @ rows.T, atol=1e-3)
    assert torch.allclose(rows.norm(dim=1), torch.ones(300), atol=1e-4)


def test_whitening_evens_out_what_is_common(joined: JoinedFaceNet) -> None:
    torch.manual_seed(3)
    spread = torch.ones(128)
    spread[0] = 10.0
    other = torch.nn.functional.normalize(torch.randn(500, 128) * spread)
    own_part = torch.nn.functional.normalize(torch.randn(500, 32))
    fit_join(joined, own_part, other)
    whitened = joined.side_by_side(own_part, other)[:, 32:]
    before, after = other.var(0), whitened.var(0)
    assert float(after[0] / after[1:].mean()) < 0.5 * float(before[0] / before[1:].mean())


def test_a_file_gives_the_same_embeddings(joined: JoinedFaceNet, tmp_path: Path) -> None:
    torch.manual_seed(4)
    normal = torch.nn.functional.normalize
    fit_join(joined, normal(torch.randn(200, 32)), normal(torch.randn(200, 128)))
    path = tmp_path / "joined.safetensors"
    path.write_bytes(save_joined_net(joined, cohort=torch.eye(32)[:5]))
    views = crops(2, 150)
    with torch.inference_mode():
        again = load_joined_net(path, CPU)(views)
        assert float((again * joined(views)).sum(1).min()) > 0.999


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    path.write_bytes(save_face_net(FaceNet(FaceNetConfig(trunk="depthwise", size=48, dims=16))))
    with pytest.raises(ModelError):
        load_joined_net(path, CPU)
    path.write_bytes(b"no safetensors")
    with pytest.raises(ModelError):
        load_joined_net(path, CPU)
    with pytest.raises(ModelError):
        load_joined_net(tmp_path / "missing", CPU)
