"""The recipe on few made-up faces: samples, simulated attacks, teaching, adopting."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from kiosk.core.errors import ModelError
from kiosk.core.media import Frame, Image
from kiosk.core.samples import Box
from kiosk.datasets.collections import Item, Kind
from kiosk.datasets.presentations import PadPresentation
from kiosk.inference.liveness.network import SIZE, PictureNet, load_picture_net
from kiosk.inference.manifest import shipped
from kiosk.training.pad.adopt import adopt_published
from kiosk.training.pad.recipe import PadRecipeConfig, draw_features, odds_of, teach
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


def test_teaching_moves_living_and_attacks_apart() -> None:
    net = load_picture_net(shipped("face-pad"))
    before = odds_of(net, faces())
    config = PadRecipeConfig(samples=64, simulated=0.0, steps=30, batch=16, rate=3e-3, share=1.0)
    told: list[str] = []
    lower = net.lower(torch.zeros(1, 3, SIZE, SIZE))
    teach(net, draw_features(net, faces(), config, told.append), config, told.append)
    after = odds_of(net, faces())
    assert after[0] - after[1] > before[0] - before[1] + 0.5
    assert torch.equal(net.lower(torch.zeros(1, 3, SIZE, SIZE)), lower)


def test_halfway_is_halfway() -> None:
    torch.manual_seed(0)
    whole, half = PictureNet().eval(), PictureNet().eval()
    half.load_state_dict(whole.state_dict())
    began = whole.head.weight.detach().clone()
    quick = PadRecipeConfig(samples=32, simulated=0.0, steps=5, batch=16)
    drawn = draw_features(whole, faces(), quick, lambda _: None)
    teach(whole, drawn, replace(quick, share=1.0), lambda _: None)
    teach(half, drawn, replace(quick, share=0.5), lambda _: None)
    assert torch.allclose(half.head.weight, (whole.head.weight + began) / 2, atol=1e-5)


def test_what_is_not_the_published_network_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save({"module.conv1.conv.weight": torch.zeros(1)}, other)
    for file in (tmp_path / "missing.pth", other):
        with pytest.raises(ModelError, match=file.name):
            adopt_published(file)
