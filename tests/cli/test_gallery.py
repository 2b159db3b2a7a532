"""The gallery commands as they are typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.gallery import gallery
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError, KnownError, StorageError
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.storage import SqlGallery
from tests.support.storage_support import NEW, REPLACE, VOICE, template, templates

COMMANDS = [
    "list",
    "show",
    "history",
    "rename",
    "remove",
    "withdraw",
    "backup",
    "restore",
    "export",
    "import",
    "check",
]
COMMANDS += ["forget-learnt"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an empty gallery."""
    return replace(
        Settings(),
        database=tmp_path / "data" / "gallery.db",
        key_file=tmp_path / "config" / "gallery.key",
    )


@pytest.fixture
def enrolled(settings: Settings) -> Settings:
    """Of a gallery with two people, one re-enrolled."""
    opened = SqlGallery.open(settings.database, settings.key_file)
    opened.enrol("김민준", [*templates([1, 2]), template(3, VOICE)], NEW, "3층 [야간]")
    opened.enrol("Ann", [template(4)], NEW)
    opened.enrol("김민준", [template(5)], REPLACE)
    opened.close()
    return settings


def run(settings: Settings, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(gallery, arguments, obj=settings, input=typed)


def output(settings: Settings, *arguments: str, typed: str = "") -> str:
    result = run(settings, *arguments, typed=typed)
    assert result.exit_code == 0, result
    return result.stdout


def error(settings: Settings, *arguments: str, typed: str = "") -> KnownError:
    """What a command raises; `kiosk.cli.main.main` prints it and exits with its code."""
    raised = run(settings, *arguments, typed=typed).exception
    assert isinstance(raised, KnownError), raised
    return raised


def parsed(settings: Settings, *arguments: str) -> Any:
    return json.loads(output(settings, *arguments, "--json"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_example(settings: Settings, command: str) -> None:
    text = output(settings, command, "--help")
    assert f"kiosk gallery {command}" in text


def test_what_visits_taught_is_shown_and_forgotten(enrolled: Settings) -> None:
    opened = SqlGallery.open(enrolled.database, enrolled.key_file)
    top = Candidate(opened.subject("Ann").subject_id, "Ann", 12.0, 0.99, face_llr=12.0)
    decision = opened.record(Decision(DecisionOutcome.IDENTIFIED, (top,), probability=0.99))
    opened.learn(decision, template(9, source="learnt"), 3)
    opened.close()
    assert parsed(enrolled, "history", "Ann")[0]["kind"] == "learnt"
    assert parsed(enrolled, "show", "Ann")["templates"][1]["source"] == "learnt"
    assert "1 template that" in output(enrolled, "forget-learnt", "ann")
    assert parsed(enrolled, "forget-learnt", "--everyone") == {"templates": 0}
    assert [each["in_force"] for each in parsed(enrolled, "history", "Ann")] == [False, True]


@pytest.mark.parametrize("given", [[], ["Ann", "--everyone"]])
def test_it_is_said_whose_templates_are_forgotten(enrolled: Settings, given: list[str]) -> None:
    assert "NAME" in error(enrolled, "forget-learnt", *given).remedy


def test_the_list_shows_everyone(enrolled: Settings) -> None:
    lines = output(enrolled, "list").splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["Ann", "1", "0"], ["김민준", "1", "1"]]
    assert "3층 [야간]" in lines[2]


def test_the_list_as_json(enrolled: Settings) -> None:
    found = [(each["name"], each["face_templates"]) for each in parsed(enrolled, "list")]
    assert found == [("Ann", 1), ("김민준", 1)]


def test_a_long_name_is_not_cut(settings: Settings) -> None:
    opened = SqlGallery.open(settings.database, settings.key_file)
    opened.enrol("긴이름" * 60, [template(1)], NEW)
    opened.close()
    assert output(settings, "list").count("긴") == 60


def test_an_empty_list_says_how_to_begin(settings: Settings) -> None:
    result = run(settings, "list")
    assert result.exit_code == 0
    assert "kiosk enrol" in result.stderr
    assert parsed(settings, "list") == []


def test_show_counts_templates_by_model(enrolled: Settings) -> None:
    text = output(enrolled, "show", "김민준")
    assert "3층 [야간]" in text
    assert ["face", "net", "1", "0.50"] in [line.split() for line in text.splitlines()]


def test_show_as_json(enrolled: Settings) -> None:
    facts = parsed(enrolled, "show", "ANN")
    assert facts["name"] == "Ann"
    assert [each["modality"] for each in facts["templates"]] == ["face"]


def test_an_unknown_name_is_an_input_error_with_a_suggestion(enrolled: Settings) -> None:
    found = error(enrolled, "show", "An")
    assert isinstance(found, InputError)
    assert "Ann" in found.remedy


def test_history_is_newest_first(enrolled: Settings) -> None:
    assert [each["kind"] for each in parsed(enrolled, "history", "김민준")] == ["replace", "new"]
    assert "replace" in output(enrolled, "history", "김민준").splitlines()[1]


def test_rename(enrolled: Settings) -> None:
    assert output(enrolled, "rename", "ann", "Anna") == "Renamed Ann to Anna.\n"
    assert [each["name"] for each in parsed(enrolled, "list")] == ["Anna", "김민준"]


def test_remove_asks_first(enrolled: Settings) -> None:
    assert run(enrolled, "remove", "Ann", typed="n\n").exit_code != 0
    assert len(parsed(enrolled, "list")) == 2
    assert "1 template," in output(enrolled, "remove", "Ann", typed="y\n")
    assert len(parsed(enrolled, "list")) == 1


def test_remove_does_not_ask_with_yes(enrolled: Settings) -> None:
    assert output(enrolled, "remove", "김민준", "--yes").startswith("Deleted 김민준: 4 templates")


def test_export_and_import(enrolled: Settings, tmp_path: Path) -> None:
    secret, file = tmp_path / "secret.txt", tmp_path / "people.kiosk"
    secret.write_text("correct horse\nsecond line\n")
    output(enrolled, "export", str(file), "--passphrase-file", str(secret))
    for name in ("Ann", "김민준"):
        output(enrolled, "remove", name, "--yes")
    text = output(enrolled, "import", str(file), "--yes", typed="correct horse\n")
    assert "Added 2 subjects, 5 templates." in text
    assert len(parsed(enrolled, "list")) == 2


def test_the_passphrase_of_an_export_is_asked_for_twice(enrolled: Settings, tmp_path: Path) -> None:
    file = tmp_path / "people.kiosk"
    output(enrolled, "export", str(file), typed="long enough\nmistyped\nlong enough\nlong enough\n")
    assert isinstance(error(enrolled, "import", str(file), typed="mistyped\n"), InputError)


def test_an_export_does_not_replace_a_file(enrolled: Settings, tmp_path: Path) -> None:
    secret, file = tmp_path / "secret.txt", tmp_path / "people.kiosk"
    secret.write_text("correct horse")
    arguments = ["export", str(file), "--passphrase-file", str(secret)]
    output(enrolled, *arguments)
    assert "--force" in error(enrolled, *arguments).remedy
    output(enrolled, *arguments, "--force")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_an_unusable_passphrase_file_is_said(
    enrolled: Settings, tmp_path: Path, content: bytes | None
) -> None:
    secret = tmp_path / "secret.txt"
    if content is not None:
        secret.write_bytes(content)
    found = error(enrolled, "export", str(tmp_path / "out"), "--passphrase-file", str(secret))
    assert isinstance(found, InputError)
    assert not (tmp_path / "out").exists()


def test_check_reports_templates_of_unknown_models(enrolled: Settings) -> None:
    result = run(enrolled, "check")
    assert "2 face templates are of the model net, unknown here" in result.stdout
    assert isinstance(result.exception, StorageError)
    assert result.exception.exit_code == 6


def test_check_of_a_sound_gallery(settings: Settings) -> None:
    entry = next(each for each in manifest.load_manifest().values() if each.sha256)
    opened = SqlGallery.open(settings.database, settings.key_file)
    model_id = f"{entry.name}@{entry.sha256[: manifest.SHORT_HASH]}"
    opened.enrol("Ann", [template(1, model_id=model_id)], NEW)
    opened.close()
    assert output(settings, "check") == "The gallery is sound: 1 subject.\n"


def test_every_change_is_told_to_programs(enrolled: Settings, tmp_path: Path) -> None:
    file, secret = str(tmp_path / "people.kiosk"), tmp_path / "secret"
    secret.write_text("long enough\n", encoding="utf-8")
    found = run(enrolled, "check", "--json")
    assert "net" in json.loads(found.stdout)["problems"][0]
    written = parsed(enrolled, "export", file, "--passphrase-file", str(secret))
    assert written == {"file": file, "signed": False, "subjects": 2, "templates": 5}
    assert parsed(enrolled, "rename", "ann", "Anna") == {"old": "Ann", "name": "Anna"}
    assert parsed(enrolled, "remove", "Anna", "--yes") == {"name": "Anna", "templates": 1}
    assert parsed(enrolled, "remove", "김민준", "--yes") == {"name": "김민준", "templates": 4}
    added = parsed(enrolled, "import", file, "--yes", "--passphrase-file", str(secret))
    assert added == {"file": file, "signer": "unsigned", "subjects": 2, "templates": 5}


def test_questions_do_not_mix_with_what_programs_read(enrolled: Settings, tmp_path: Path) -> None:
    asked = run(enrolled, "remove", "Ann", "--json", typed="y\n")
    assert json.loads(asked.stdout)["name"] == "Ann"
    file = str(tmp_path / "people.kiosk")
    asked = run(enrolled, "export", file, "--json", typed="long enough\nlong enough\n")
    assert json.loads(asked.stdout)["file"] == file


def test_damage_is_told_to_programs_as_well(enrolled: Settings) -> None:
    opened = SqlGallery.open(enrolled.database, enrolled.key_file)
    opened.database.execute("UPDATE subjects SET created = 'soon' WHERE name = 'Ann'")
    opened.close()
    result = run(enrolled, "check", "--json")
    assert isinstance(result.exception, StorageError)
    found = json.loads(result.stdout)
    assert found["subjects"] is None
    assert any("no readable time" in problem for problem in found["problems"])
