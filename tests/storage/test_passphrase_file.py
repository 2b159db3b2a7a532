"""Secrets in files of their own under a passphrase: keys' copies and invitations stand on this."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.errors import InputError, StorageError
from kiosk.storage.keys.passphrase_file import read_wrapped, write_wrapped
from kiosk.storage.keys.wrapping import WrongPassphrase

NONE = InputError("no such thing", "Give one.")


def read(file: Path, passphrase: str = "a passphrase", purpose: str = "trial") -> bytes:
    return read_wrapped(file, "trial_mark", passphrase, purpose, otherwise=NONE)[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "secret"
    told = {"told": "in clear"}
    write_wrapped(made, "trial_mark", told, b"the secret", "a passphrase", "trial")
    return made


def test_what_was_written_comes_back(file: Path) -> None:
    form, secret = read_wrapped(file, "trial_mark", "a passphrase", "trial", otherwise=NONE)
    assert secret == b"the secret"
    assert form["told"] == "in clear"
    assert b"the secret" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_no_file_is_written_over(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_wrapped(file, "trial_mark", {}, b"another", "a passphrase", "trial")
    assert file.read_bytes() == before


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_wrapped(tmp_path / "none" / "x", "trial_mark", {}, b"x", "a passphrase", "trial")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none")


def test_another_passphrase_or_purpose_does_not_open_it(file: Path) -> None:
    with pytest.raises(WrongPassphrase):
        read(file, "another passphrase")
    with pytest.raises(WrongPassphrase):
        read(file, purpose="another purpose")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"\xff\xfe",
        b'{"other_mark": 1}',
        b'{"trial_mark": 2}',
        b" " * 70_000,
    ],
    ids=["empty", "cut", "list", "number", "no text", "other mark", "other version", "huge"],
)
def test_what_is_no_such_file_is_said_in_the_caller_s_words(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(other)
    assert caught.value is NONE


def test_a_folder_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert caught.value is NONE


@pytest.mark.parametrize("spoilt", ["salt", "nonce", "wrapped", "argon2id"])
def test_a_damaged_wrapping_is_damage(file: Path, spoilt: str) -> None:
    form: dict[str, Any] = json.loads(file.read_text("utf-8"))
    form[spoilt] = "zz"
    file.write_text(json.dumps(form), encoding="utf-8")
    with pytest.raises(StorageError):
        read(file)
