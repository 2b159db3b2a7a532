"""The face-picture network: its file, what it is shown, and that it tells a face."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from kiosk.core.errors import ModelError
from kiosk.core.media import Frame
from kiosk.core.samples import Box
from kiosk.core.settings import Settings
from kiosk.inference.liveness.flat import flattened
from kiosk.inference.liveness.network import (
    CLOSE_SIZE,
    SIZE,
    PictureNet,
    PictureNetConfig,
    load_close_net,
    load_picture_net,
    save_picture_net,
)
from kiosk.inference.liveness.picture import (
    CLOSE_NAME,
    NAME,
    batch_of,
    face_alone,
    face_sharpness,
    load_picture_liveness,
    surroundings,
)
from kiosk.inference.manifest import find_entry, shipped
from tests.support.faces import detector, portrait
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden" / "face-pad.npz"
CLOSE = PictureNetConfig(size=CLOSE_SIZE, weighed=True, classes=2, living=0)


def face() -> Box:
    return detector().search(portrait())[0].box


def test_a_network_is_read_as_it_was_written(tmp_path: Path) -> None:
    net = PictureNet().eval()
    file = tmp_path / "net.safetensors"
    file.write_bytes(save_picture_net(net))
    crops = torch.rand(2, 3, SIZE, SIZE) * 255
    with torch.inference_mode():
        assert torch.allclose(load_picture_net(file)(crops), net(crops), atol=0.05)


def test_a_closer_look_is_read_as_it_was_written(tmp_path: Path) -> None:
    net = PictureNet(CLOSE).eval()
    file = tmp_path / "net.safetensors"
    file.write_bytes(save_picture_net(net))
    crops = torch.rand(2, 3, CLOSE_SIZE, CLOSE_SIZE) * 255
    with torch.inference_mode():
        assert torch.allclose(load_close_net(file)(crops), net(crops), atol=0.05)
    with pytest.raises(ModelError, match=file.name):
        load_picture_net(file)


def test_golden_answers_of_the_shipped_networks() -> None:
    with np.load(GOLDEN) as golden, torch.inference_mode():
        wide = load_picture_net(shipped(NAME))(batch_of(list(golden["wide"])))
        close = load_close_net(shipped(CLOSE_NAME))(batch_of(list(golden["close"])))
        assert np.allclose(wide, golden["wide_odds"], atol=0.02)
        assert np.allclose(close, golden["close_odds"], atol=0.02)


@pytest.mark.parametrize("config", [PictureNetConfig(), CLOSE])
def test_as_one_list_of_operations_a_network_says_the_same(config: PictureNetConfig) -> None:
    net = PictureNet(config).eval()
    quick = flattened(net)
    for count in (1, 3):
        crops = torch.rand(count, 3, config.size, config.size) * 255
        with torch.inference_mode():
            assert torch.equal(quick(crops), net(crops))


def test_what_is_no_such_file_says_so(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"nothing")
    for file in (tmp_path / "missing.safetensors", damaged, shipped("face-cover")):
        with pytest.raises(ModelError, match=file.name):
            load_picture_net(file)


def test_the_shipped_network_is_small_and_knows_a_face_from_its_screen() -> None:
    assert find_entry(NAME).bytes + find_entry(CLOSE_NAME).bytes < 2_000_000
    model = load_picture_liveness(Settings())
    image, box = portrait(), face()
    framed = image.copy()
    x, y, width, height = (int(part) for part in (box.x, box.y, box.width, box.height))
    edge = (slice(y - height // 3, y + height + height // 3), slice(x - 60, x + width + 60))
    shown = np.zeros_like(image)
    shown[edge] = np.clip(framed[edge] * 1.3 + (0, 10, 40), 0, 255)
    living, screen = model.score([(Frame(image, 0.0), box), (Frame(shown, 0.0), box)])
    assert living.odds > screen.odds + 1.0
    assert living.close is not None
    assert model.score([(Frame(image, 0.0), box)], closely=False)[0].close is None


def test_nothing_to_look_at_is_nothing_said() -> None:
    assert load_picture_liveness(Settings()).score([]) == []


def test_a_crop_stays_inside_the_picture() -> None:
    image = np.random.default_rng(2).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    boxes = (
        Box(-10, -10, 60, 80),
        Box(270, 150, 60, 80),
        Box(100, 60, 60, 80),
        Box(0, 0, 300, 200),
    )
    assert {surroundings(image, box).shape for box in boxes} == {(SIZE, SIZE, 3)}


def test_a_closer_look_is_mirrored_where_the_picture_ends() -> None:
    image = np.random.default_rng(2).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    whole = face_alone(image, Box(0, 0, 96, 96))
    bigger = cv2.copyMakeBorder(image, 24, 24, 24, 24, cv2.BORDER_REFLECT_101)
    expected = cv2.resize(bigger, (CLOSE_SIZE, CLOSE_SIZE), interpolation=cv2.INTER_AREA)
    assert np.array_equal(whole, expected)
    for box in (Box(-300, -300, 60, 80), Box(90, 90, 60, 80), Box(0, 0, 1, 1)):
        assert face_alone(image, box).shape == (CLOSE_SIZE, CLOSE_SIZE, 3)


def test_a_smeared_face_is_less_sharp() -> None:
    image, box = portrait(), face()
    smeared = np.asarray(cv2.GaussianBlur(image, (0, 0), 6), dtype=np.uint8)
    assert face_sharpness(smeared, box) < 0.3 * face_sharpness(image, box)
    assert face_sharpness(image, Box(-50, -50, 10, 10)) == 0.0
