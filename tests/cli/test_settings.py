"""`kiosk settings`: seeing, explaining and changing what an operator chooses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings, all_settings


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text('# ours\nlanguage = "en"  # as agreed\n', encoding="utf-8")
    return path


def call(toml: Path, *arguments: str, before: tuple[str, ...] = (), **variables: str) -> Result:
    return CliRunner().invoke(
        cli, ["--config", str(toml), *before, "settings", *arguments], env=variables
    )


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SettingsError)
    return str(result.exception)


def test_every_setting_is_listed_with_its_value_and_origin(toml: Path) -> None:
    result = call(toml, "list", "--json", before=("--set", "min_llr=5"), KIOSK_THREADS="3")
    found = {line["key"]: (line["value"], line["origin"]) for line in json.loads(result.stdout)}
    assert list(found) == list(all_settings())
    assert found["language"] == ("en", "file")
    assert found["threads"] == (3, "environment")
    assert found["min_llr"] == (5.0, "command_line")
    assert found["prompts"] == (True, "default")
    assert found["database"] == (str(Settings().database), "default")


def test_only_what_was_changed_is_listed(toml: Path) -> None:
    result = call(toml, "list", "--changed", KIOSK_THREADS="3")
    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["threads", "3", "KIOSK_THREADS"],
        ["language", "en", "file"],
    ]
    assert str(toml) in lines[-1]


@pytest.mark.parametrize(
    ("key", "told", "data"),
    [("prompts", "true", True), ("language", "en", "en"), ("min_probability", "0.5", 0.5)],
)
def test_one_value_is_printed(toml: Path, key: str, told: str, data: object) -> None:
    assert call(toml, "get", key).stdout == f"{told}\n"
    assert json.loads(call(toml, "get", key, "--json").stdout) == data


def test_values_are_written_and_comments_stay(toml: Path) -> None:
    result = call(toml, "set", "language=ko", "prompts=off")
    assert result.stdout == "language = ko\nprompts = false\n"
    assert toml.read_text("utf-8") == '# ours\nlanguage = "ko"  # as agreed\nprompts = false\n'


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["thread=1"], "Did you mean threads?"),
        (["threads=0"], "from 1 to 64"),
        (["threads"], "Write KEY=VALUE"),
        (["language=ko", "motion=none"], "full, reduced"),
        (["profile=workplace", "emotion=on"], "forbids"),
        (["camera=none", "microphone=none"], "Choose one"),
    ],
)
def test_what_is_not_possible_is_refused_whole(toml: Path, pairs: list[str], told: str) -> None:
    before = toml.read_bytes()
    assert told in refusal(call(toml, "set", *pairs))
    assert toml.read_bytes() == before


def test_a_value_that_is_covered_is_written_and_that_is_said(toml: Path) -> None:
    result = call(toml, "set", "language=ko", KIOSK_LANGUAGE="en")
    assert result.stdout == "language = en\n"
    assert "KIOSK_LANGUAGE stands above the file" in result.stderr
    assert 'language = "ko"' in toml.read_text("utf-8")


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("", encoding="utf-8")
    told = refusal(call(tmp_path / "plain" / "kiosk.toml", "set", "threads=1"))
    assert "plain is not a folder" in told


def test_settings_are_taken_out(toml: Path) -> None:
    call(toml, "set", "threads=1", "motion=reduced")
    assert call(toml, "unset", "threads").stdout == "threads = 2\n"
    assert "motion" in toml.read_text("utf-8")
    assert call(toml, "reset", "--yes").stdout == "language = ko\nmotion = full\n"
    assert toml.read_text("utf-8") == "# ours\n"
    assert call(toml, "reset").exit_code == 1  # nobody said yes


def test_what_was_written_is_told_to_programs(toml: Path) -> None:
    told = json.loads(call(toml, "set", "threads=1", "prompts=no", "--json").stdout)
    assert told == {"threads": 1, "prompts": False}
    assert json.loads(call(toml, "unset", "threads", "--json").stdout) == {"threads": 2}
    assert json.loads(call(toml, "reset", "--yes", "--json").stdout) == {
        "language": "ko",
        "prompts": True,
    }


def test_a_broken_file_is_mended_by_the_command(toml: Path) -> None:
    toml.write_text("thraeds = 1\nthreads = 3\n", encoding="utf-8")
    assert "Did you mean threads?" in refusal(call(toml, "list"))
    assert call(toml, "unset", "thraeds").exit_code == 0
    assert call(toml, "get", "threads").stdout == "3\n"


@pytest.mark.parametrize("key", ["min_probability", "keep_pictures", "device", "database"])
def test_a_setting_is_explained_in_both_languages(toml: Path, key: str) -> None:
    setting = all_settings()[key]
    told = call(toml, "explain", key).stdout
    assert setting.declared.help.english in told
    assert setting.declared.help.korean in told
    assert setting.needs in told
    assert setting.variable in told
    data = json.loads(call(toml, "explain", key, "--json").stdout)
    assert (data["key"], data["type"], data["origin"]) == (key, setting.kind.__name__, "default")
    assert data["help"]["ko"] == setting.declared.help.korean


def test_a_target_is_explained_with_its_price_and_what_the_data_support(toml: Path) -> None:
    told = call(toml, "explain", "stranger_named_once_in").stdout
    assert "1,000 enrolled, face and voice: " in told
    assert "of enrolled people is asked again" in told
    assert "100 enrolled, voice: at most about 1 stranger" in told
    call(toml, "set", "stranger_named_once_in=100000")
    greedy = call(toml, "explain", "stranger_named_once_in").stdout
    assert "1 in 100,000 was asked for, more than the recordings support" in greedy
    data = json.loads(call(toml, "explain", "stranger_named_once_in", "--json").stdout)
    assert {each["enrolled"] for each in data["meaning"]} == {10, 100, 1000}
    assert "enrolled" not in call(toml, "explain", "language").stdout


def test_a_misspelt_variable_is_said_beside_the_answer(toml: Path) -> None:
    result = call(toml, "get", "threads", KIOSK_THREDS="4")
    assert result.stdout == "2\n"
    assert "KIOSK_THREDS is not a setting" in result.stderr
    assert "KIOSK_THREADS?" in result.stderr
