"""Settings saved by the screens: whole or not at all, and what stands above the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kiosk.core.errors import SettingsError
from kiosk.core.settings_file import SettingsFile
from kiosk.core.settings_layers import Origin


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


def test_a_comment_behind_a_changed_value_stays_and_so_do_line_ends(tmp_path: Path) -> None:
    before = b'# ours\r\nlanguage = "ko"   # as agreed\r\n\r\nthreads=1\r\n'
    file = file_with(tmp_path, "")
    file.path.write_bytes(before)
    file.save({"language": "en"})
    assert file.path.read_bytes() == before.replace(b'"ko"', b'"en"')


def test_a_boolean_is_written_as_true_or_false_whatever_was_there(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'prompts = "on"\nkeep_probes = "no"\n')
    assert file.save({"prompts": "off", "keep_pictures": "yes"}).keep_pictures
    text = file.path.read_text("utf-8")
    assert text == 'prompts = false\nkeep_probes = "no"\nkeep_pictures = true\n'


def test_what_is_taken_out_is_at_its_default_again(tmp_path: Path) -> None:
    file = file_with(tmp_path, '# ours\nlanguage = "en"\nthreads = 1 # slow\n')
    assert file.unset(["threads", "motion"]).threads == 2
    assert file.path.read_text("utf-8") == '# ours\nlanguage = "en"\n'


def test_a_key_that_is_no_setting_can_be_taken_out_but_not_put_in(tmp_path: Path) -> None:
    file = file_with(tmp_path, "thraeds = 1\nthreads = 3\n")
    with pytest.raises(SettingsError, match="thraeds"):
        file.save({"language": "en"})
    with pytest.raises(SettingsError, match="langage"):
        file.unset(["langage"])
    assert file.unset(["thraeds"]).threads == 3
    assert file.path.read_text("utf-8") == "threads = 3\n"


def test_a_wrong_value_in_the_file_is_mended_by_a_right_one(tmp_path: Path) -> None:
    file = file_with(tmp_path, "threads = 0\n")
    assert file.save({"threads": "1"}).threads == 1


def test_a_value_that_a_layer_above_hides_is_examined_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="threads is '0'"):
        SettingsFile(path, {"threads": "1"}, {}).save({"threads": "0"})
    assert path.read_text("utf-8") == ""


def test_an_old_name_is_written_as_the_new_one(tmp_path: Path, old_name: str) -> None:
    file = file_with(tmp_path, f"# ours\n{old_name} = 3\n")
    assert file.load().threads == 3
    assert file.save({old_name: "4"}).threads == 4
    assert file.path.read_text("utf-8") == "# ours\nthreads = 4\n"
    file.path.write_text(f"{old_name} = 3\n", "utf-8")
    assert file.unset(["threads"]).threads == 2
    assert file.path.read_text("utf-8") == ""


def test_a_file_under_more_values_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("threads = 2\nkeep_days = 9\n", encoding="utf-8")
    variables = {"KIOSK_KEEP_DAYS": "8"}
    file = SettingsFile(tmp_path / "kiosk.toml", {"language": "en", "threads": 3}, variables)
    covered = file.covered_by({"threads": 4})
    held = covered.load()
    assert (held.language, held.threads, held.keep_days) == ("en", 4, 8)
    assert covered.path == file.path
    assert file.load().threads == 3
    assert covered.covered("threads") is Origin.COMMAND_LINE
    assert covered.covered("keep_days") is Origin.ENVIRONMENT
    assert covered.covered("camera") is None


def test_the_folders_to_a_new_file_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "a" / "b" / "kiosk.toml", environment={})
    file.save({"threads": 3})
    assert file.load().threads == 3
    assert [path.stat().st_mode & 0o777 for path in (file.path.parent, file.path)] == [0o700, 0o600]


def test_a_picture_is_found_wherever_the_kiosk_is_started_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Image.new("RGB", (700, 700), "white").save(tmp_path / "logo.png")
    file = file_with(tmp_path, "")
    for given in (" logo.png ", "~/logo.png"):
        assert file.save({"logo": given}).logo == str(tmp_path / "logo.png")
        assert f'logo = "{tmp_path / "logo.png"}"' in file.path.read_text("utf-8")
    assert file.save({"logo": ""}).logo == ""
