"""Teachers by the kind of their file: which network is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from kiosk.core.errors import ModelError
from kiosk.training.face.teachers import SFace, load_teacher
from tests.support.face_crops import crops
from tests.support.tiny_onnx import mean_colours


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("sface.onnx", "edgeface.pt"):
        with pytest.raises(ModelError, match=f"{name} does not exist"):
            load_teacher(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x07\x12\x07pytorch"])
def test_a_file_that_is_no_network_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sface.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"sface\.onnx does not hold SFace"):
        load_teacher(path)


def test_a_network_of_the_zoo_is_run_on_red_green_and_blue(tmp_path: Path) -> None:
    weight = np.random.default_rng(1).normal(size=(SFace.dims, 3)).astype(np.float32)
    path = tmp_path / "sface.onnx"
    path.write_bytes(mean_colours(weight, 112))
    views = crops(3, 112)
    wanted = views.float().mean((1, 2)) @ torch.from_numpy(weight).T
    wanted = torch.nn.functional.normalize(wanted)
    assert torch.allclose(load_teacher(path)(views), wanted, atol=1e-5)


def test_a_network_that_says_another_number_of_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sface.onnx"
    path.write_bytes(mean_colours(np.ones((7, 3), np.float32), 112))
    with pytest.raises(ModelError, match=r"sface\.onnx does not hold SFace"):
        load_teacher(path)
