"""The recipe on few made-up faces: samples, simulated attacks, teaching, adopting."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from kiosk.cli.train.commands import train
from kiosk.core.errors import InputError, ModelError
from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.datasets.collections import Item, Kind
from kiosk.datasets.presentations import PadPresentation
from kiosk.inference.liveness.network import (
    CLOSE_SIZE,
    SIZE,
    PictureNet,
    load_close_net,
    load_picture_net,
)
from kiosk.inference.manifest import shipped
from kiosk.training.loop import RunOptions
from kiosk.training.pad import run as pad_run
from kiosk.training.pad.adopt import CLOSE, adopt_close, adopt_published
from kiosk.training.pad.recipe import PadRecipeConfig
from kiosk.training.pad.run import Drawn, PadRecipe, Watched
from kiosk.training.pad.samples import KnownFace, Sampler, known_faces
from kiosk.training.pad.simulation import SHEET, Surface, camera, simulate
from tests.support.faces import portrait

BOX = Box(180, 130, 180, 230)


def shown(kind: str, subject: str) -> PadPresentation:
    item = Item(Path("made-up.png"), subject, Kind.PICTURE)
    return PadPresentation(kind, (item,), subject)


def faces() -> list[KnownFace]:
    dark: Image = (portrait() // 3).astype(np.uint8)
    pictures = {"bona_fide": portrait(), "print": dark}
    made: list[KnownFace] = []
    for kind, image in pictures.items():
        frames = [Frame(image, 0.0)]
        made += known_faces([shown(kind, kind)], partial(_given, frames), lambda _: BOX)
    return made


def _given(frames: list[Frame], _: PadPresentation) -> list[Frame]:
    return frames


def test_faces_are_kept_with_their_surroundings_and_small() -> None:
    living, attack = faces()
    assert (living.living, attack.living) == (True, False)
    assert max(living.image.shape) <= 320
    assert living.box.width < BOX.width
    assert living.box.x > 0


def test_pictures_without_a_face_are_left_out() -> None:
    found = known_faces([shown("print", "x")], lambda _: [Frame(portrait(), 0.0)], lambda _: None)
    assert list(found) == []


def test_simulated_attacks_are_pictures_with_a_face_in_them_and_repeatable() -> None:
    failures, surfaces = [], set()
    for seed in range(25):
        random = np.random.default_rng(seed)
        made = simulate(portrait(), BOX, portrait(), random)
        again = simulate(portrait(), BOX, portrait(), np.random.default_rng(seed))
        surfaces.add(made.surface)
        sizes = made.image.shape in ((SHEET, SHEET, 3), portrait().shape)
        place = made.box.width > 30 and made.box.height > 30
        if not (sizes and place and np.array_equal(made.image, again.image)):
            failures.append(seed)
        if np.array_equal(made.image, portrait()):
            failures.append(seed)
    assert failures == []
    assert surfaces == set(Surface)


def test_a_camera_keeps_size_and_kind() -> None:
    for seed in range(8):
        seen = camera(portrait(), np.random.default_rng(seed))
        assert seen.shape == portrait().shape
        assert seen.dtype == np.uint8


def test_samples_are_half_living() -> None:
    sampler = Sampler(faces(), 0.0, 3)
    drawn = [sampler.draw() for _ in range(60)]
    assert {sample.crop.shape for sample in drawn} == {(SIZE, SIZE, 3)}
    assert 15 < sum(sample.living for sample in drawn) < 45
    with pytest.raises(ValueError, match="no living face"):
        Sampler([face for face in faces() if not face.living], 0.0, 3)


def recipe(tmp_path: Path, share: float = 1.0) -> PadRecipe:
    """Over made-up features of the last layers: living ones are larger."""
    net = load_picture_net(shipped("face-pad"))
    features, living = torch.rand(128, 128, 10, 10), torch.arange(128).remainder(2).float()
    features[living > 0] *= 2
    watched = Watched(features[:16], np.array([False, True] * 8), np.arange(16))
    config = PadRecipeConfig(batch=16, rate=3e-3, warm_up=2, share=share)
    return PadRecipe(
        net, Drawn(features, living, torch.zeros(128)), watched, config, RunOptions(tmp_path)
    )


def layers(recipe: PadRecipe) -> PictureNet:
    assert isinstance(recipe.net, PictureNet)
    return recipe.net


def taught(recipe: PadRecipe) -> dict[str, float]:
    recipe.net.eval()
    step = 0
    for epoch in range(2):
        for batch in recipe.batches(epoch):
            recipe.optimizer.zero_grad()
            torch.autograd.backward(recipe.loss(batch, step)[0])
            recipe.optimizer.step()
            recipe.after_step(step)
            step += 1
    return recipe.validate()


def test_teaching_moves_living_and_attacks_apart_and_leaves_the_lower_layers(
    tmp_path: Path,
) -> None:
    learner = recipe(tmp_path)
    before, lower = learner.validate(), layers(learner).lower(torch.zeros(1, 3, SIZE, SIZE), 12)
    after = taught(learner)
    assert after["score"] > before["score"]
    assert after["area"] > 0.9
    assert torch.equal(layers(learner).lower(torch.zeros(1, 3, SIZE, SIZE), 12), lower)


def test_what_is_kept_is_halfway(tmp_path: Path) -> None:
    learner = recipe(tmp_path, share=0.5)
    began = layers(learner).head.weight.detach().clone()
    taught(learner)
    kept = learner.best_weights()
    assert torch.allclose(kept["head.weight"], (layers(learner).head.weight + began) / 2, atol=1e-6)
    assert set(kept) == set(PictureNet().state_dict())


def test_the_layers_divide_anywhere(tmp_path: Path) -> None:
    net, crop = load_picture_net(shipped("face-pad")), torch.rand(2, 3, SIZE, SIZE) * 255
    with torch.inference_mode():
        whole = net(crop)
        for depth in (None, 15, 12):
            assert torch.allclose(net.upper(net.lower(crop, depth), depth), whole, atol=1e-4)


def collection(folder: Path) -> Path:
    """Twelve people, each shown as they are and as a darker, flatter picture."""
    rows = []
    for number in range(12):
        light = (portrait().astype(np.float32) * (0.7 + 0.05 * number)).clip(0, 255)
        for kind, image in (("bona_fide", light), ("print", light * 0.4 + 60)):
            name = f"{kind}-{number}.png"
            cv2.imwrite(str(folder / name), image.astype(np.uint8)[:, :, ::-1])
            rows.append({"file": name, "kind": kind, "subject": f"person {number}"})
    index = folder / "index.csv"
    with index.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return index


def test_a_run_is_stopped_and_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = load_picture_net(shipped("face-pad")).state_dict()
    monkeypatch.setattr(pad_run, "adopt_published", lambda path: published)
    monkeypatch.setattr(pad_run, "_FEWEST_KEPT", 1)
    index, out = collection(tmp_path), tmp_path / "run"
    asked = ["pad", "--data", str(index), "--teacher", "x.pth", "--samples", "128"]
    first = CliRunner().invoke(train, [*asked, "--out", str(out), "--epochs", "1"])
    assert first.exit_code == 0, first.output
    kept = sorted((out / "cache").iterdir())
    made = {file: file.stat().st_mtime_ns for file in kept}
    more = CliRunner().invoke(train, [*asked, "--out", str(out), "--epochs", "2", "--resume"])
    assert more.exit_code == 0, more.output
    assert {file: file.stat().st_mtime_ns for file in sorted((out / "cache").iterdir())} == made
    assert json.loads((out / "config.json").read_text())["config"]["samples"] == 128
    assert len((out / "curve.csv").read_text().splitlines()) == 3
    assert load_picture_net(out / "face-pad.safetensors").config.features == 512


def test_what_is_not_the_published_network_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save({"module.conv1.conv.weight": torch.zeros(1)}, other)
    for file in (tmp_path / "missing.pth", other):
        with pytest.raises(ModelError, match=file.name):
            adopt_published(file)


def protobuf(number: int, data: bytes) -> bytes:
    """A field of bytes."""
    length, lead = len(data), b""
    while length > 0x7F:
        lead, length = lead + bytes([length & 0x7F | 0x80]), length >> 7
    return bytes([number << 3 | 2]) + lead + bytes([length]) + data


def as_onnx(tensors: list[np.ndarray], kind: int = 1) -> bytes:
    """A file of ONNX with these tensors and a node between them."""
    graph = b""
    for one in tensors:
        dims = b"".join(bytes([1 << 3]) + varint(size) for size in one.shape)
        about = dims + bytes([2 << 3, kind]) + protobuf(8, b"a tensor")
        graph += protobuf(5, about + protobuf(9, one.astype("<f4").tobytes()))
        graph += protobuf(1, protobuf(4, b"Conv"))
    return bytes([1 << 3, 8]) + protobuf(7, graph) + protobuf(2, b"torch")


def varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80, number >> 7]) if number > 0x7F else bytes([number])


def published_close() -> list[np.ndarray]:
    """The tensors as the published file has them, which answer as the shipped network does."""
    state = load_close_net(shipped("face-pad-close")).state_dict()
    slopes = [name for name in state if "act." in name or ".first." in name or ".second." in name]
    layers = [name for name in state if name not in slopes and "head" not in name]
    tensors = {name: state[name].numpy() for name in state}
    tensors["stem.weight"] = tensors["stem.weight"] * 255
    wide, narrow = np.zeros((512, 128), np.float32), np.zeros((128, 2), np.float32)
    wide[:, :2], narrow[:2] = tensors["head.weight"].T, np.eye(2)
    ones, zeros, bias = np.ones(128) - 1e-5, np.zeros(128), np.zeros(128)
    bias[:2] = tensors["head.bias"]
    return [
        *(np.ones(128), bias, zeros, ones),
        *(tensors[name] for name in layers),
        *(tensors[name][:, None, None] for name in slopes),
        *(wide, narrow),
    ]


def test_a_published_closer_look_is_taken_over_as_it_answers(tmp_path: Path) -> None:
    file, out = tmp_path / "best_model.onnx", tmp_path / "run"
    file.write_bytes(as_onnx(published_close()))
    net = PictureNet(CLOSE).eval()
    net.load_state_dict(adopt_close(file))
    crops = torch.rand(2, 3, CLOSE_SIZE, CLOSE_SIZE) * 255
    with torch.inference_mode():
        shipped_odds = load_close_net(shipped("face-pad-close"))(crops)
        assert torch.allclose(net(crops), shipped_odds, atol=1e-3)
    assert load_close_net(pad_run.write_close(file, out)).config == CLOSE


def test_what_is_no_published_closer_look_is_refused(tmp_path: Path) -> None:
    whole = as_onnx(published_close())
    for name, data, what in (
        ("short.onnx", whole[: len(whole) // 2], "no ONNX file"),
        ("words.onnx", b"not a network", "no ONNX file"),
        ("empty.onnx", b"", "no ONNX file"),
        ("other.onnx", as_onnx(published_close()[:-3]), "does not hold"),
        ("halves.onnx", as_onnx([np.zeros((2, 3))], kind=10), "no ONNX file"),
    ):
        file = tmp_path / name
        file.write_bytes(data)
        with pytest.raises(ModelError, match=f"{name} (does not hold|is no ONNX file)") as told:
            adopt_close(file)
        assert what in told.value.text
    with pytest.raises(ModelError, match=r"missing\.onnx is missing"):
        adopt_close(tmp_path / "missing.onnx")


def test_a_closer_look_is_not_taught(tmp_path: Path) -> None:
    asked = ["pad", "--data", "x", "--teacher", "x.pth", "--close", "x.onnx"]
    told = CliRunner().invoke(train, [*asked, "--out", str(tmp_path / "run")])
    assert told.exit_code != 0
    assert isinstance(told.exception, InputError)
