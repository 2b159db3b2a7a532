"""Teachers by the kind of their file: which network is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import ModelError
from kiosk.training.face.teachers import load_teacher


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
