"""Four layers of settings, and errors that name the key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.core.declaration import Declared, Group, Setting, Text
from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings, all_settings, checked
from kiosk.core.settings_layers import (
    Origin,
    about_unknown_variables,
    load_settings,
    read_layers,
    unknown_variables,
)


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


def test_blanks_around_a_text_mean_nothing(file: Path) -> None:
    file.write_text('logo = "  "\nattract_title = " Hello "\n')
    read = load_settings(file, {"KIOSK_CAMERA": " 1 "})
    assert (read.logo, read.attract_title, read.camera) == ("", "Hello", "1")


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


def test_a_stream_is_an_address_and_stands_in_for_both_devices() -> None:
    Settings(stream="rtsp://camera.example:8554/1", camera="none", microphone="none")
    for wrong in ("camera.example", "ftp://camera.example/1", "rtsp://", "http://host:99999/x"):
        with pytest.raises(SettingsError, match="stream is") as caught:
            Settings(stream=wrong)
        assert caught.value.key == "stream"


def test_defaults_are_valid() -> None:
    assert Settings() == Settings()
    for key, setting in all_settings().items():
        assert getattr(checked(Settings(), {key: setting.default}), key) == getattr(Settings(), key)


def faults_of(setting: Setting) -> list[str]:
    """What is missing or left in the wrong language in the words of one setting."""
    declared = setting.declared
    optional = [text for text in (declared.more, declared.unit) if text is not None]
    texts = [declared.label, declared.help, *optional, *declared.choices.values()]
    found = [f"{setting.key}: {text}" for text in texts if not re.search("[가-힣]", text.korean)]
    found += [f"{setting.key}: {text}" for text in texts if re.search("[가-힣]", text.english)]
    if not all(text.english.strip() for text in texts) or len(declared.help.english) < 20:
        found.append(f"{setting.key}: says too little")
    if (setting.kind in (int, float)) != (declared.range is not None):
        found.append(f"{setting.key}: a number without a range")
    return found


def test_a_switch_is_one_to_choose() -> None:
    """On the page of settings a value without choices is a field to write "false" into."""
    switches = [each for each in all_settings().values() if each.kind is bool]
    assert len(switches) > 5
    assert [each.key for each in switches if not each.declared.choices] == []


def test_every_setting_is_declared_in_both_languages() -> None:
    assert not [fault for each in all_settings().values() for fault in faults_of(each)]


def test_a_poor_declaration_would_be_found() -> None:
    group, words = Group("g", Text("G", "지")), Text("Keeps something for a while.", "보관합니다.")
    poor = [
        Declared(group, Text("Keep", "Keep"), words),
        Declared(group, Text("보관", "보관"), words),
        Declared(group, Text("Keep", "보관"), Text("Keeps.", "보관합니다.")),
        Declared(group, Text("Keep", "보관"), words, choices={"a": Text("A", "A")}),
        Declared(group, Text("Keep", "보관"), words, range=(0, 1)),
    ]
    assert all(faults_of(Setting("keep", str, "", each)) for each in poor)
    good = Declared(group, Text("Keep", "보관"), words, range=(0, 1))
    assert not faults_of(Setting("keep", float, 1, good))


@pytest.mark.parametrize("word", ["true", "yes", "on", "True", "ON"])
def test_a_boolean_is_read_from_every_layer_as_it_was_written_before(
    word: str, tmp_path: Path
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(f'keep_probes = "{word}"\nemotion = "on"\nage = true\n', encoding="utf-8")
    environment = {"KIOSK_SELF_ENROLMENT": word, "KIOSK_PROMPTS": "no", "KIOSK_GENDER": "false"}
    made = load_settings(path, environment, {"keep_pictures": word})
    assert [made.keep_probes, made.self_enrolment, made.keep_pictures] == [True] * 3
    assert made.prompts is False
    assert (made.emotion, made.age, made.gender) == ("on", "on", "off")


def test_a_word_that_is_no_boolean_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"prompts is 'maybe'.*true, false"):
        load_settings(None, {}, {"prompts": "maybe"})


@pytest.mark.parametrize("written", ["thraeds = 2", "cpu_threads = 2"])
def test_an_unknown_key_in_the_file_is_named_with_the_nearest(tmp_path: Path, written: str) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=written.split()[0]) as caught:
        load_settings(path, {})
    assert "threads?" in caught.value.remedy
    assert str(path) in caught.value.text


def test_an_error_says_which_layer_holds_the_value(file: Path) -> None:
    file.write_text("threads = 0\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"stands in {file}"):
        load_settings(file, {})
    with pytest.raises(SettingsError, match="comes from KIOSK_THREADS"):
        load_settings(file, {"KIOSK_THREADS": "none"})
    with pytest.raises(SettingsError, match=r"threads is '99'\. Give") as caught:
        load_settings(file, {"KIOSK_THREADS": "2"}, {"threads": "99"})
    assert caught.value.key == "threads"


def test_variables_that_nothing_reads_are_named_with_the_nearest() -> None:
    environment = {"KIOSK_LANGUGE": "en", "KIOSK_SHARED": "/x", "KIOSK_DEBUG": "1", "HOME": "/"}
    environment |= {"KIOSK_THREADS": "1", "KIOSK_ZZZ": "1", "kiosk_min_llr": "3"}
    assert unknown_variables(environment) == {"KIOSK_LANGUGE": "KIOSK_LANGUAGE", "KIOSK_ZZZ": None}
    first, second = about_unknown_variables(environment)
    assert "Did you mean KIOSK_LANGUAGE?" in first
    assert second.startswith("KIOSK_ZZZ is not a setting")


def test_the_layer_that_decides_is_known(file: Path) -> None:
    layers = read_layers(file, {"KIOSK_MIN_FACE": "90"}, {"language": "ko", "motion": None})
    assert [layers.origin(key) for key in ("language", "min_face", "threads", "motion")] == [
        Origin.COMMAND_LINE,
        Origin.ENVIRONMENT,
        Origin.FILE,
        Origin.DEFAULT,
    ]


def test_an_old_name_is_read_in_every_layer_and_the_new_one_counts_beside_it(
    file: Path, old_name: str
) -> None:
    file.write_text(f"{old_name} = 3\n", encoding="utf-8")
    assert load_settings(file, {}).threads == 3
    assert load_settings(file, {f"KIOSK_{old_name.upper()}": "4"}).threads == 4
    assert load_settings(file, {}, {old_name: "5"}).threads == 5
    assert read_layers(file, {}).origin("threads") is Origin.FILE
    file.write_text(f"threads = 6\n{old_name} = 3\n", encoding="utf-8")
    assert load_settings(file, {}).threads == 6
    assert not unknown_variables({f"KIOSK_{old_name.upper()}": "4"})


def test_every_range_holds_its_ends_and_nothing_beyond() -> None:
    wrong: list[tuple[str, object]] = []
    tried = 0
    for key, setting in all_settings().items():
        if setting.declared.range is None:
            continue
        tried += 1
        step = 1 if setting.kind is int else 1e-6
        low, high = setting.declared.range
        for value in (low, high):
            if getattr(checked(Settings(), {key: value}), key) != value:
                wrong.append((key, value))
        for value in (low - step, high + step):
            try:
                checked(Settings(), {key: value})
            except SettingsError as error:
                wrong += [] if error.key == key else [(key, error)]
            else:
                wrong.append((key, value))
    assert wrong == []
    assert tried > 10
