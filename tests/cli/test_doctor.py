"""`kiosk doctor` says what is right and wrong, and never falls over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli.doctor import doctor
from kiosk.core.errors import ModelError
from kiosk.core.settings import Settings
from kiosk.runtime import checks
from kiosk.runtime.checks import Finding, State, examine
from kiosk.runtime.logs import log_file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(
        Settings(),
        database=tmp_path / "gallery.db",
        key_file=tmp_path / "keys" / "gallery.key",
        models=tmp_path / "models",
    )


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


def test_everything_is_looked_at(settings: Settings) -> None:
    found = by_name(examine(settings))
    assert {"Python", "torch", "processor", "gallery", "disk", "log", "face model"} <= set(found)
    assert found["torch"].state is State.OK
    assert found["log"].found == str(log_file())
    assert all(f.remedy for f in found.values() if f.state is not State.OK)


def test_a_variable_that_nothing_reads_is_named_with_the_nearest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_LANGUGE", "en")
    found = by_name(examine(settings))["KIOSK_LANGUGE"]
    assert found.state is State.NOTE
    assert "KIOSK_LANGUAGE" in found.remedy


def test_a_gallery_is_opened_and_counted(settings: Settings) -> None:
    from kiosk.runtime.composition import open_gallery

    with open_gallery(settings):
        pass
    found = by_name(examine(settings))
    assert "0 subjects" in found["gallery"].found


def test_a_wrong_key_is_found(settings: Settings) -> None:
    from kiosk.runtime.composition import open_gallery

    with open_gallery(settings):
        pass
    settings.key_file.write_text("0" * 64, encoding="ascii")
    assert by_name(examine(settings))["gallery"].state is State.WRONG


@pytest.mark.parametrize("error", [ModelError("Broken.", "Mend it."), RuntimeError("boom")])
def test_a_check_that_fails_is_a_finding(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(_settings: Settings) -> Iterator[Finding]:
        raise error

    monkeypatch.setattr(checks, "CHECKS", {"thing": failing})
    result = CliRunner().invoke(doctor, ["--json"], obj=settings)
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["what"], finding["state"]) == ("thing", "wrong")


def test_exit_code_is_zero_when_only_notes_are_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noting(_settings: Settings) -> Iterator[Finding]:
        yield Finding("camera", State.NOTE, "none", "Plug one in.")

    monkeypatch.setattr(checks, "CHECKS", {"camera": noting})
    result = CliRunner().invoke(doctor, [], obj=settings)
    assert result.exit_code == 0
    assert "Plug one in." in result.stdout


def test_ways_out_are_looked_at(settings: Settings, tmp_path: Path) -> None:
    found = by_name(examine(replace(settings, event_journal=True)))
    assert found["events by journal"].state is State.OK
    plain = replace(settings, event_mqtt="mqtt://hub.example", event_secrets=tmp_path / "none")
    assert "mqtts://" in by_name(examine(plain))["events by mqtt"].remedy
    here = replace(settings, event_mqtt="mqtt://127.0.0.1")
    assert by_name(examine(here))["events by mqtt"].state is State.OK
    unsigned = replace(
        settings, event_webhook="https://hub.example", event_secrets=tmp_path / "none"
    )
    assert "kiosk events secret" in by_name(examine(unsigned))["events"].remedy
