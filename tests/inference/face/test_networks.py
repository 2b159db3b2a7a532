"""Face networks: shapes, units, files read as data, and the shipped weights' golden embeddings."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kiosk.core.errors import ModelError
from kiosk.core.face_alignment import similarity
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.face.geometry.alignment import (
    ARCFACE_112,
    CHIP_150,
    CHIP_SCALE,
    align,
)
from kiosk.inference.face.networks.dlib_resnet import DlibNet, dlib_file, load_dlib
from kiosk.inference.face.networks.edgeface import EdgeFace, load_edgeface
from kiosk.inference.face.networks.inception import Inception, load_inception
from kiosk.inference.face.networks.joined import load_joined_net
from kiosk.inference.face.networks.mobile import load_mobile_net
from kiosk.inference.face.networks.own import (
    FaceNet,
    FaceNetConfig,
    load_face_net,
    save_face_net,
)
from tests.support.face_crops import crops
from tests.support.paths import GOLDEN as GOLDEN_FILES
from tests.support.paths import ROOT

CPU = torch.device("cpu")
DEPTHWISE = FaceNetConfig(trunk="depthwise", size=48, dims=16, width=0.25)


Loader = Callable[[Path, torch.device], torch.nn.Module]


def turned(points: np.ndarray, degrees: float, scale: float, shift: float) -> np.ndarray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(scale * points @ rotation.T + shift)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 1.0), (25, 2.5), (-170, 0.4)])
def test_similarity_undoes_turn_scale_and_shift(degrees: float, scale: float) -> None:
    points = turned(ARCFACE_112.points, degrees, scale, 31.0)
    matrix = similarity(points, ARCFACE_112.points)
    assert np.allclose(points @ matrix[:, :2].T + matrix[:, 2], ARCFACE_112.points, atol=1e-6)


def test_similarity_never_mirrors() -> None:
    mirrored = ARCFACE_112.points * [-1, 1]
    assert np.linalg.det(similarity(mirrored, ARCFACE_112.points)[:, :2]) > 0


def test_one_point_five_times_is_refused() -> None:
    with pytest.raises(ValueError, match="one point"):
        similarity(np.zeros((5, 2)), ARCFACE_112.points)


@pytest.mark.parametrize("scale", [1.0, 6.0])
def test_align_brings_each_landmark_to_its_place(scale: float) -> None:
    points = turned(ARCFACE_112.points, 10, scale, 40.0 * scale)
    picture = np.zeros((int(180 * scale), int(180 * scale), 3), np.uint8)
    x, y = points[2].astype(int)
    spread = max(2, int(2 * scale))
    picture[y - spread : y + spread + 1, x - spread : x + spread + 1] = 255
    crop = align(picture, points, ARCFACE_112)
    bright = np.argwhere(crop[..., 0] > 100).mean(0)[::-1]
    assert np.abs(bright - ARCFACE_112.points[2]).max() < 1.0


def test_the_chip_is_the_arcface_view_magnified() -> None:
    eyes = CHIP_150.points[1] - CHIP_150.points[0]
    assert np.allclose(eyes, CHIP_SCALE * (ARCFACE_112.points[1] - ARCFACE_112.points[0]))


@pytest.mark.parametrize(
    "make",
    [
        DlibNet,
        EdgeFace,
        lambda: FaceNet(FaceNetConfig()),
        lambda: FaceNet(DEPTHWISE),
        Inception,
    ],
    ids=["dlib", "edgeface", "residual", "depthwise", "inception"],
)
def test_every_network_gives_unit_embeddings(make: Callable[[], torch.nn.Module]) -> None:
    net = make()
    size, dims = net.size, net.dims
    assert isinstance(size, int)
    with torch.inference_mode():
        embedded = net.eval()(crops(2, size))
    assert embedded.shape == (2, dims)
    assert embedded.dtype == torch.float32
    assert torch.allclose(embedded.norm(dim=1), torch.ones(2), atol=1e-5)


def test_quality_lies_between_0_and_1() -> None:
    net = FaceNet(DEPTHWISE).eval()
    with torch.inference_mode():
        embedded, quality = net.embed_with_quality(crops(3, DEPTHWISE.size))
    assert embedded.shape == (3, DEPTHWISE.dims)
    assert quality.shape == (3,)
    assert bool(((quality > 0) & (quality < 1)).all())


def test_a_saved_network_comes_back_with_the_same_embeddings(tmp_path: Path) -> None:
    net = FaceNet(DEPTHWISE).eval()
    path = tmp_path / "net.safetensors"
    path.write_bytes(save_face_net(net))
    again = load_face_net(path, CPU)
    with torch.inference_mode():
        same = (net(crops(4, DEPTHWISE.size)) * again(crops(4, DEPTHWISE.size))).sum(1)
    assert again.config == DEPTHWISE
    assert float(same.min()) > 0.9999  # the file holds 16 bits a weight


def test_published_edgeface_layout_is_read(tmp_path: Path) -> None:
    net = EdgeFace().eval()
    path = tmp_path / "edgeface.pt"
    torch.save({f"model.{name}": value for name, value in net.body.state_dict().items()}, path)
    again = load_edgeface(path, CPU)
    with torch.inference_mode():
        assert torch.allclose(net(crops(1, 112)), again(crops(1, 112)), atol=1e-6)


def test_inception_reads_a_state_dict_with_a_classifier(tmp_path: Path) -> None:
    net = Inception().eval()
    state = {**net.body.state_dict(), "logits.weight": torch.zeros(3, 512)}
    path = tmp_path / "vggface2.pt"
    torch.save(state, path)
    again = load_inception(path, CPU)
    with torch.inference_mode():
        assert torch.allclose(net(crops(1, 160)), again(crops(1, 160)), atol=1e-6)


@pytest.mark.parametrize("load", [load_dlib, load_edgeface, load_inception, load_face_net])
@pytest.mark.parametrize("content", [None, b"", b"not weights at all", b"PK\x03\x04cut short"])
def test_damaged_and_missing_files_are_named(
    load: Loader, content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "weights.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.bin"):
        load(path, CPU)


@pytest.mark.parametrize("load", [load_edgeface, load_inception])
def test_a_file_with_code_in_it_is_not_run(load: Loader, tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    torch.save({"model.stem": Path("/")}, path)  # any object beyond tensors needs code to load
    with pytest.raises(ModelError):
        load(path, CPU)


def test_dlib_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = dlib_file()
    assert path is not None
    short = tmp_path / "dlib.dat"
    short.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(ModelError):
        load_dlib(short, CPU)


def test_dlib_folds_its_affine_layers(tmp_path: Path) -> None:
    """The stem's weight is the file's times the affine gain that follows it."""
    path = dlib_file()
    assert path is not None
    data = path.read_bytes()
    first = data.index(b"con_4") + len(b"con_4\x01\x02\x02\x80\x12\x01\x01\x01\x01\x01\x01")
    gain = data.index(b"affine_") + len(b"affine_\x01\x02\x01\x40\x01\x01\x01\x01\x01\x01")
    product = struct.unpack_from("<f", data, first)[0] * struct.unpack_from("<f", data, gain)[0]
    stem = load_dlib(path, CPU).trunk.stem.weight
    assert float(stem[0, 0, 0, 0].detach()) == pytest.approx(product, rel=1e-6)


GOLDEN = GOLDEN_FILES / "face-own.npz"
OWN = ROOT / "weights" / "face-own.safetensors"
MOBILE, MOBILE_2 = (OWN.with_name(f"face-mobile{n}.safetensors") for n in ("", "-2"))


def waves() -> torch.Tensor:
    """Three pictures of waves (150, 150), the same on every machine."""
    y, x = np.mgrid[0:150, 0:150]
    pictures = [
        [(np.sin(x / (7 + 3 * k) + c) + np.cos(y / (5 + 2 * k) - c)) * 60 + 127 for c in range(3)]
        for k in range(3)
    ]
    return torch.from_numpy(np.moveaxis(np.array(pictures), 1, -1).astype(np.uint8))


def test_the_shipped_weights_give_the_golden_embeddings() -> None:
    """Tolerance: cosine 0.9999 and quality 0.002; kernels differ between processors."""
    golden = np.load(GOLDEN)
    with torch.inference_mode():
        embedded, quality = load_joined_net(OWN, CPU).embed_with_quality(waves())
    wanted = torch.nn.functional.normalize(torch.from_numpy(golden["embeddings"]).float())
    assert float((embedded * wanted).sum(1).min()) > 0.9999
    assert np.allclose(quality.numpy(), golden["qualities"], atol=2e-3)


@pytest.mark.parametrize("weights", [MOBILE, MOBILE_2], ids=lambda path: path.stem)
def test_the_mobile_networks_give_their_golden_embeddings(weights: Path) -> None:
    """Tolerance as above."""
    golden = np.load(GOLDEN.with_name(f"{weights.stem}.npz"))
    net = load_mobile_net(weights, CPU)
    with torch.inference_mode():
        embedded, quality = net.embed_with_quality(waves()[:, : net.size, : net.size])
    wanted = torch.nn.functional.normalize(torch.from_numpy(golden["embeddings"]).float())
    assert float((embedded * wanted).sum(1).min()) > 0.9999
    assert np.allclose(quality.numpy(), golden["qualities"], atol=2e-3)


@pytest.mark.parametrize("weights", [MOBILE_2, MOBILE, OWN], ids=lambda path: path.stem)
def test_golden_and_model_card_belong_to_the_shipped_weights(weights: Path) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert str(np.load(GOLDEN.with_name(f"{weights.stem}.npz"))["sha256"]) == digest
    assert digest in weights.with_suffix(".md").read_text(encoding="utf-8")


def test_the_cohort_is_of_unit_vectors() -> None:
    cohort = read_cohort(OWN)
    assert cohort is not None
    assert cohort.shape[1] == 512
    assert torch.allclose(cohort.norm(dim=1), torch.ones(len(cohort)), atol=1e-3)


def test_a_mirrored_picture_embeds_the_same() -> None:
    net = FaceNet(replace(DEPTHWISE, mirror=True)).eval()
    with torch.inference_mode():
        views = crops(2, DEPTHWISE.size)
        assert torch.allclose(net(views), net(views.flip(2)), atol=1e-5)
