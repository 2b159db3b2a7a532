"""The file with secrets and passwords: private, made once, and held against what is known."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kiosk.core.errors import SettingsError
from kiosk.runtime.delivery.secret_file import Secrets, make_secret, read_secrets


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "events.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_secret_is_made_once_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "config" / "events.toml"
    secret = make_secret(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_secrets(file).webhook_secret == secret
    assert len(read_secrets(file).signing_key(file)) == 32
    with pytest.raises(SettingsError, match="already"):
        make_secret(file)
    assert read_secrets(file).webhook_secret == secret


def test_what_stood_there_stays(tmp_path: Path) -> None:
    file = written(tmp_path, 'mqtt_username = "kiosk"\n')
    make_secret(file)
    assert read_secrets(file).mqtt_username == "kiosk"
    assert [each.name for each in tmp_path.iterdir()] == ["events.toml"]


def test_without_a_file_there_are_no_secrets(tmp_path: Path) -> None:
    assert read_secrets(tmp_path / "none.toml") == Secrets()


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ('mqtt_password = "x"', 0o640, "chmod 600"),
        ("mqtt_password = ", 0o600, "no TOML"),
        ('mqtt_pasword = "x"', 0o600, "Did you mean mqtt_password"),
        ("mqtt_password = 7", 0o600, "quotes"),
    ],
)
def test_a_wrong_file_is_refused_with_the_remedy(
    text: str, mode: int, words: str, tmp_path: Path
) -> None:
    file = written(tmp_path, text, mode)
    with pytest.raises(SettingsError) as caught:
        read_secrets(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("secret", ["", "whsec_short", "abc", "whsec_!!!", "c2VjcmV0" * 8])
def test_a_wrong_secret_is_refused(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="webhook_secret"):
        Secrets(webhook_secret=secret).signing_key(tmp_path / "events.toml")


def test_a_certificate_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.pem"):
        Secrets(mqtt_ca=str(tmp_path / "none.pem")).path("mqtt_ca")
