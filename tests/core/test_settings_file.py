"""Settings saved by the screens: whole or not at all, and what stands above the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import SettingsError
from kiosk.core.settings import rules
from kiosk.core.settings_file import Origin, SettingsFile


def file_with(folder: Path, text: str) -> SettingsFile:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return SettingsFile(path, environment={})


def test_saved_values_are_read_again(tmp_path: Path) -> None:
    file = file_with(tmp_path, "")
    saved = file.save({"language": "en", "min_llr": "5.5", "keep_days": 30, "camera": '웹캠 "A"'})
    assert (saved.language, saved.min_llr, saved.keep_days) == ("en", 5.5, 30)
    assert saved.camera == '웹캠 "A"'
    assert SettingsFile(file.path, environment={}).load() == saved


def test_comments_and_other_lines_stay(tmp_path: Path) -> None:
    file = file_with(tmp_path, '# ours\nlanguage = "ko"  # as agreed\nthreads = 1\n')
    file.save({"language": "en", "motion": "reduced"})
    text = file.path.read_text("utf-8")
    assert text.startswith("# ours\n")
    assert "threads = 1" in text
    assert text.count("language") == 1
    assert 'motion = "reduced"' in text


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "fr"},
        {"threads": 0},
        {"min_llr": "much"},
        {"nothing": "1"},
        {"language": "en", "keep_days": "0"},
        {"profile": "workplace", "emotion": "on"},
    ],
)
def test_what_is_not_valid_is_not_written(tmp_path: Path, changes: dict[str, str]) -> None:
    file = file_with(tmp_path, "threads = 1\n")
    with pytest.raises(SettingsError):
        file.save(changes)
    assert file.path.read_text("utf-8") == "threads = 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.toml"]


def test_a_failure_to_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_with(tmp_path, "threads = 1\n")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SettingsError, match="No space"):
        file.save({"threads": 2})
    assert file.path.read_text("utf-8") == "threads = 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.toml"]


def test_a_file_is_made_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = SettingsFile(environment={})
    assert file.save({"language": "en"}).language == "en"
    assert file.path.is_relative_to(tmp_path)


def test_a_linked_file_stays_linked_and_keeps_its_permissions(tmp_path: Path) -> None:
    kept = tmp_path / "kept.toml"
    kept.write_text("threads = 1\n", "utf-8")
    kept.chmod(0o640)
    link = tmp_path / "kiosk.toml"
    link.symlink_to(kept)
    SettingsFile(link, environment={}).save({"threads": 2})
    assert link.is_symlink()
    assert "threads = 2" in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o777 == 0o640


def test_layers_above_the_file_are_known(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text("", encoding="utf-8")
    file = SettingsFile(path, {"threads": "1"}, {"KIOSK_LANGUAGE": "en"})
    assert file.covered("threads") is Origin.COMMAND_LINE
    assert file.covered("language") is Origin.ENVIRONMENT
    assert file.covered("motion") is None
    file.save({"language": "ko"})
    assert file.load().language == "en"


def test_every_setting_has_a_rule() -> None:
    found = rules()
    assert found["min_face"].range == (20, 1000)
    assert found["language"].choices == ("ko", "en")
    assert found["database"].kind.__name__.endswith("Path")
