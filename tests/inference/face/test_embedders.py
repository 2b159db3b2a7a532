"""Networks behind the `FaceEmbedder` port, with the weights that come with the installation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kiosk.core.errors import BugError, ModelError
from kiosk.core.media import Points
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.inference.face.embedders import BATCH, NetFaceEmbedder, build_face, build_from
from kiosk.inference.face.geometry.alignment import ARCFACE_112, align
from kiosk.inference.face.geometry.face_view import face_view, surroundings
from kiosk.inference.face.networks.own import FaceNet, FaceNetConfig, save_face_net
from tests.support import faces

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def landmarks() -> Points:
    (found,) = faces.detector().search(faces.portrait())
    return found.landmarks


@pytest.fixture(scope="module")
def embedder() -> NetFaceEmbedder:
    return build_face(manifest.find_entry("dlib-resnet"), Settings(), CPU)


def test_embeddings_are_unit_vectors_of_the_stated_size(
    embedder: NetFaceEmbedder, landmarks: Points
) -> None:
    (embedding,) = embedder.embed([LocatedFace(faces.portrait(), landmarks)])
    assert embedding.vector.shape == (embedder.dims,)
    assert embedding.vector.dtype == np.float32
    assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
    assert embedding.quality == 1.0
    assert embedder.model_id == "dlib-resnet@55533b28"


def test_a_batch_is_the_same_as_one_by_one(embedder: NetFaceEmbedder, landmarks: Points) -> None:
    pictures = [faces.shifted(faces.portrait(), 2 * n, 0) for n in range(BATCH + 2)]
    shifts = [landmarks + np.array([2 * n, 0], np.float32) for n in range(BATCH + 2)]
    samples = [LocatedFace(p, s) for p, s in zip(pictures, shifts, strict=True)]
    together = embedder.embed(samples)
    alone = [embedder.embed([sample])[0] for sample in (samples[0], samples[-1])]
    assert len(together) == BATCH + 2
    assert together[0].vector @ alone[0].vector > 0.9999
    assert together[-1].vector @ alone[1].vector > 0.9999
    assert embedder.embed([]) == []


def test_the_same_face_is_nearer_than_its_negative(
    embedder: NetFaceEmbedder, landmarks: Points
) -> None:
    dimmer = np.asarray(faces.portrait() * 0.7, dtype=np.uint8)
    negative = np.asarray(255 - faces.portrait(), dtype=np.uint8)
    vectors = [
        embedding.vector
        for embedding in embedder.embed(
            [LocatedFace(image, landmarks) for image in (faces.portrait(), dimmer, negative)]
        )
    ]
    assert vectors[0] @ vectors[1] > 0.97
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.05


def test_a_network_that_judges_itself_is_asked(tmp_path: Path, landmarks: Points) -> None:
    torch.manual_seed(0)
    net = FaceNet(FaceNetConfig(trunk="depthwise", size=64, dims=32, width=0.25))
    path = tmp_path / "own.safetensors"
    path.write_bytes(save_face_net(net))
    entry = replace(manifest.find_entry("face-own"), dims=32)
    own = build_from(entry, path, CPU)
    (embedding,) = own.embed([LocatedFace(faces.portrait(), landmarks)])
    assert embedding.vector.shape == (32,)
    assert 0.0 < embedding.quality < 1.0


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edgeface_xs_q.pt"
    path.write_bytes(b"not a network")
    entry = manifest.find_entry("edgeface-xs")
    with pytest.raises(ModelError, match="damaged"):
        build_face(entry, replace(Settings(), models=tmp_path), CPU)
    with pytest.raises(ModelError):
        build_from(entry, path, CPU)


def test_an_unknown_network_is_our_fault(tmp_path: Path) -> None:
    entry = replace(manifest.find_entry("edgeface-xs"), network="nonsense")
    with pytest.raises(BugError):
        build_from(entry, tmp_path / "x", CPU)


def test_surroundings_are_a_view_with_the_landmarks_moved(landmarks: Points) -> None:
    wide = np.zeros((1200, 2000, 3), dtype=np.uint8)
    wide[300:900, 700:1212] = faces.portrait()
    moved = LocatedFace(wide, landmarks + np.array([700, 300], np.float32))
    matrix = ARCFACE_112.onto(moved.fit)
    part, inside = surroundings(wide, matrix, ARCFACE_112.size)
    assert np.shares_memory(part, wide)
    assert part.size < wide.size / 2
    cut = np.linalg.solve(matrix[:, :2], inside[:, 2] - matrix[:, 2]).round().astype(int)
    nose = landmarks.astype(int)[2]
    x, y = nose + np.array([700, 300]) - cut
    assert np.array_equal(part[y, x], faces.portrait()[nose[1], nose[0]])
    outside = LocatedFace(wide, landmarks + np.array([9000, 0], np.float32))
    beside = ARCFACE_112.onto(outside.fit)
    assert surroundings(wide, beside, ARCFACE_112.size)[0].shape == wide.shape


def test_a_view_is_that_of_the_whole_picture(landmarks: Points) -> None:
    small = np.asarray(landmarks * 0.4, dtype=np.float32)
    image = faces.scaled(faces.portrait(), 0.4)
    whole = align(image, small.astype(np.float64), ARCFACE_112)
    near = face_view(LocatedFace(image, small), ARCFACE_112).astype(int)
    assert np.abs(near - whole).max() <= 8  # warpAffine rounds places to a 32nd of a pixel
    whole = align(faces.portrait(), landmarks.astype(np.float64), ARCFACE_112)
    view = face_view(LocatedFace(faces.portrait(), landmarks), ARCFACE_112)
    assert np.abs(view.astype(int) - whole).mean() < 2.0
