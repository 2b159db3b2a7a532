"""Four layers of settings, and errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text('threads = 1\nmin_face = 80\nlanguage = "en"\n', encoding="utf-8")
    return path


def test_each_layer_overrides_the_one_below(file: Path) -> None:
    settings = load_settings(
        file, {"KIOSK_MIN_FACE": "90", "KIOSK_LANGUAGE": "ko"}, {"language": "en"}
    )
    assert (settings.threads, settings.min_face, settings.language) == (1, 90, "en")


def test_a_value_not_given_on_the_command_line_overrides_nothing(file: Path) -> None:
    assert load_settings(file, {}, {"threads": None}).threads == 1


def test_paths_have_places_of_their_own() -> None:
    settings = load_settings(None, {})
    assert settings.database.is_absolute()
    assert settings.key_file.parent != settings.database.parent


def test_a_home_folder_is_written_out() -> None:
    assert load_settings(None, {"KIOSK_DATABASE": "~/g.db"}).database == Path.home() / "g.db"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"thread": 1}, "thread"),
        ({"threads": "many"}, "threads"),
        ({"threads": 0}, "threads"),
        ({"threads": True}, "threads"),
        ({"language": "fr"}, "language"),
        ({"min_probability": 1.5}, "min_probability"),
        ({"device": "tpu"}, "device"),
        ({"min_probability": "nan"}, "min_probability"),
        ({"database": ["a"]}, "database"),
    ],
)
def test_a_bad_value_is_an_error_that_names_its_key(given: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        load_settings(None, {}, given)
    assert caught.value.remedy


@pytest.mark.parametrize("content", [b"threads = ", b"\xff\xfe"])
def test_a_broken_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load_settings(path, {})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml", {})


def test_defaults_are_valid() -> None:
    assert Settings() == Settings()
