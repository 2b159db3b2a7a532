"""Files that nobody else may read or change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kiosk.core.errors import StorageError
from kiosk.storage.keys.private import (
    make_folder,
    put_private,
    read_private,
    require_safe_folder,
    write_private,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_private(file, "열쇠\n")
    assert (file.read_bytes(), mode(file)) == ("열쇠\n".encode(), 0o600)
    assert read_private(file, "The secret", "key_file") == "열쇠\n"
    with pytest.raises(FileExistsError):
        write_private(file, "another")
    write_private(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"
    assert read_private(tmp_path / "bytes", "The secret", "key_file") == ""


def test_no_more_is_read_than_a_key_can_be_long(tmp_path: Path) -> None:
    write_private(tmp_path / "long", "k" * (64 * 1024 + 5))
    assert read_private(tmp_path / "long", "The secret", "key_file") == "k" * (64 * 1024)


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o601])
def test_what_others_may_read_or_write_is_refused(tmp_path: Path, bits: int) -> None:
    file = tmp_path / "secret"
    write_private(file, "key")
    file.chmod(bits)
    with pytest.raises(StorageError, match=r"^The secret .*secret can be read by other") as caught:
        read_private(file, "The secret", "key_file")
    assert caught.value.remedy == f"Run: chmod 600 '{file}'"
    file.chmod(0o400)
    assert read_private(file, "The secret", "key_file") == "key"


def test_what_the_service_manager_lends_may_be_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lent" / "secret"
    make_folder(file.parent)
    write_private(file, "key")
    file.chmod(0o440)
    for folder in ("", str(tmp_path)):
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", folder)
        with pytest.raises(StorageError, match="other accounts"):
            read_private(file, "The secret", "key_file")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    assert read_private(file, "The secret", "key_file") == "key"


def test_what_is_no_file_is_named_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir()
    for path, kind in (
        (tmp_path / "pipe", "a pipe"),
        (tmp_path / "folder", "a folder"),
        (Path(os.devnull), "a device"),
    ):
        with pytest.raises(StorageError, match=f"^The secret {path} is {kind}, not a file"):
            read_private(path, "The secret", "key_file")


def test_what_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"^The secret .* cannot be read: No such") as caught:
        read_private(tmp_path / "none", "The secret", "key_file")
    assert "Check key_file in the settings" in caught.value.remedy


def test_a_file_takes_the_place_of_another_only_where_that_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    assert put_private(file, "one", replace=False) is True
    assert put_private(file, "two", replace=False) is False
    assert file.read_text("utf-8") == "one"
    assert put_private(file, b"three", replace=True) is True
    assert (file.read_text("utf-8"), mode(file)) == ("three", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_a_draft_does_not_stay_where_nothing_could_be_put(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(OSError, match="directory"):
        put_private(tmp_path / "secret", "one", replace=True)
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_folder(folder)
    make_folder(folder)
    assert mode(folder) == 0o700
    require_safe_folder(folder, "the copies")
    for bits in (0o755, 0o750):
        folder.chmod(bits)
        require_safe_folder(folder, "the copies")
    for bits in (0o770, 0o702):
        folder.chmod(bits)
        with pytest.raises(StorageError, match=r"can change the folder .*b of the copies") as told:
            require_safe_folder(folder, "the copies")
        assert f"Run: chmod go-w '{folder}'" in told.value.remedy
    with pytest.raises(StorageError, match=r"folder .*none of the copies cannot be reached: No"):
        require_safe_folder(tmp_path / "none", "the copies")
