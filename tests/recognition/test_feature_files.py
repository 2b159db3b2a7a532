"""Files of features: they appear whole or not at all, and say what they are."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.errors import InputError
from kiosk.recognition.feature_files import (
    ABOUT,
    SCHEMA,
    CropFile,
    write_array,
    write_json,
    written,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_array_is_read_again_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "faces.npy"
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_array(file, rows)
    write_array(file, rows + 1)
    read = np.load(file, allow_pickle=False)
    assert read.dtype == np.float32
    assert read.tolist() == (rows + 1).tolist()
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert [each.name for each in file.parent.iterdir()] == ["faces.npy"]


def test_what_could_run_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        write_array(tmp_path / "odd.npy", np.array([object()]))
    assert list(tmp_path.iterdir()) == []


def test_json_says_what_it_is_in_its_own_letters(tmp_path: Path) -> None:
    file = tmp_path / "about.json"
    write_json(file, {"이름": "김민준", "rows": 3})
    text = file.read_text("utf-8")
    assert json.loads(text) == {"schema": SCHEMA, "about": ABOUT, "이름": "김민준", "rows": 3}
    assert list(json.loads(text))[:2] == ["schema", "about"]
    assert text.endswith("\n}\n")
    assert '\n "rows": 3' in text
    assert "김민준" in text
    assert mode(file) == 0o600


def test_crops_are_read_as_one_array_and_a_look_without_a_face_is_black(tmp_path: Path) -> None:
    file = tmp_path / "crops.npy"
    side = 4
    crops = [np.full((side, side, 3), value, np.uint8) for value in (9, 200)]
    turned = np.asfortranarray(np.arange(side * side * 3, dtype=np.uint8).reshape(side, side, 3))
    with written(file) as stream:
        into = CropFile(stream, side)
        for crop in (crops[0], None, crops[1], turned):
            into.add(crop)
        end = stream.tell()
        into.close()
        assert stream.tell() == end
    read = np.load(file, allow_pickle=False)
    assert (read.shape, read.dtype) == ((4, side, side, 3), np.uint8)
    assert [int(crop.max()) for crop in read[:3]] == [9, 0, 200]
    assert (read[3] == turned).all()


def test_without_a_look_there_is_an_empty_array(tmp_path: Path) -> None:
    file = tmp_path / "crops.npy"
    with written(file) as stream:
        CropFile(stream, 4)
    assert np.load(file, allow_pickle=False).shape == (0, 4, 4, 3)


def test_what_broke_off_leaves_the_file_before(tmp_path: Path) -> None:
    file = tmp_path / "about.json"
    write_json(file, {"rows": 1})
    with suppress(RuntimeError), written(file) as stream:
        stream.write(b"half")
        raise RuntimeError("broke off")
    assert json.loads(file.read_text("utf-8"))["rows"] == 1
    assert [each.name for each in tmp_path.iterdir()] == ["about.json"]


def test_where_nothing_can_be_written_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"about\.json cannot be written: \w+") as caught:
        write_json(tmp_path / "file" / "about.json", {})
    assert caught.value.remedy
