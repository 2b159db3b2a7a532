"""Which files are the kiosk's own, by whatever name somebody calls them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.core.errors import InputError
from kiosk.core.own_files import OwnFiles, is_same_file
from kiosk.core.settings import Settings

BESIDE = ("", "-journal", "-wal", "-shm")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("config", "state"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    (tmp_path / "state" / "kiosk").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def own(home: Path) -> OwnFiles:
    settings = Settings(database=home / "data" / "g.db", key_file=home / "keys" / "g.key")
    return OwnFiles.of(settings, home / "other.toml")


def test_every_own_file_is_refused_by_what_it_is(own: OwnFiles, home: Path) -> None:
    log = home / "state" / "kiosk" / "kiosk.log"
    log.with_name("kiosk.log.1").touch()
    expected = {
        **{home / "data" / f"g.db{ending}": "kiosk's gallery" for ending in BESIDE},
        home / "keys" / "g.key": "the key of the kiosk's gallery",
        home / "keys" / "admin.json": "the administrator's passphrase",
        home / "config" / "kiosk" / "kiosk.toml": "the kiosk's settings file",
        home / "other.toml": "the kiosk's settings file",
        log: "the kiosk's log",
        log.with_name("kiosk.log.1"): "a part of the kiosk's log",
    }
    for file, what in expected.items():
        with pytest.raises(InputError) as caught:
            own.refuse(file)
        assert what in caught.value.text, file
        assert str(file) in caught.value.text


def test_any_other_file_is_free(own: OwnFiles, home: Path) -> None:
    for name in ("people.kiosk", "data/g.db2", "keys/other.key", "state/kiosk/kiosk.log.9"):
        own.refuse(home / name)


def test_detours_and_links_lead_to_the_same_file(own: OwnFiles, home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "g.db").touch()
    (home / "link").symlink_to(home / "data" / "g.db")
    os.link(home / "data" / "g.db", home / "hard")
    for file in (home / "data" / ".." / "data" / "g.db", home / "link", home / "hard"):
        with pytest.raises(InputError, match="would be lost"):
            own.refuse(file)
        assert is_same_file(file, home / "data" / "g.db")
    assert not is_same_file(home / "data", home / "data" / "g.db")


def test_a_folder_is_refused_only_where_an_own_file_lies_in_it(own: OwnFiles, home: Path) -> None:
    own.refuse_folder(home / "keys")
    (home / "keys").mkdir()
    own.refuse_folder(home / "keys")
    (home / "keys" / "g.key").touch()
    with pytest.raises(InputError, match="holds the key"):
        own.refuse_folder(home / "keys")
    own.refuse_folder(home)
