"""No command writes over the kiosk's own files, whatever it is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kiosk.cli.main import cli
from kiosk.core.errors import InputError
from kiosk.core.own_files import OwnFiles
from kiosk.core.settings import Settings
from kiosk.core.settings_layers import default_file
from kiosk.runtime import logs
from kiosk.storage import SqlGallery
from tests.support.storage_support import NEW, template

SECRET = "long enough 암호"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a gallery with one person in it."""
    made = replace(
        Settings(), database=tmp_path / "data" / "gallery.db", key_file=tmp_path / "etc" / "g.key"
    )
    gallery = SqlGallery.open(made.database, made.key_file)
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.close()
    (tmp_path / "secret").write_text(SECRET)
    return made


def own_files(settings: Settings) -> list[Path]:
    """Every file of the installation, there or not."""
    beside = [settings.database.with_name(f"gallery.db{end}") for end in ("-journal", "-wal")]
    admin = settings.key_file.with_name("admin.json")
    return [settings.database, *beside, settings.key_file, admin, default_file(), logs.log_file()]


def run(settings: Settings, *arguments: str | Path) -> BaseException | None:
    places = [f"database={settings.database}", f"key_file={settings.key_file}"]
    pairs = [word for place in places for word in ("--set", place)]
    return CliRunner().invoke(cli, [*pairs, *map(str, arguments)]).exception


def test_an_export_over_any_of_them_is_refused_with_the_cause(settings: Settings) -> None:
    secret = settings.database.parents[1] / "secret"
    for file in own_files(settings):
        before = file.read_bytes() if file.exists() else None
        error = run(settings, "gallery", "export", file, "--passphrase-file", secret, "--force")
        assert isinstance(error, InputError), (file, error)
        assert "would be lost" in error.text
        # The log goes on: what was in it must still be there.
        assert (file.read_bytes() if file.exists() else b"").startswith(before or b"")
    opened = SqlGallery.open(settings.database, settings.key_file)
    assert [each.name for each in opened.subjects()] == ["Ann"]
    opened.close()


def test_links_and_detours_lead_to_the_same_refusal(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "soft").symlink_to(settings.key_file)
    os.link(settings.key_file, tmp_path / "hard")
    (tmp_path / "folder").symlink_to(settings.database.parent)
    own = OwnFiles.of(settings)
    detour = tmp_path / "data" / ".." / "etc" / "g.key"
    for file in (tmp_path / "soft", tmp_path / "hard", tmp_path / "folder/gallery.db-wal", detour):
        with pytest.raises(InputError, match="would be lost"):
            own.refuse(file)
    own.refuse(tmp_path / "people.kiosk")


def test_the_gallery_refuses_by_itself_whoever_asks(settings: Settings) -> None:
    gallery = SqlGallery.open(settings.database, settings.key_file)
    for file in (settings.database, settings.key_file):
        with pytest.raises(InputError, match="would be lost"):
            gallery.export(file, SECRET, force=True)
    gallery.close()


def test_a_named_settings_file_is_one_of_them(settings: Settings, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("# mine\n")
    error = run(settings, "--config", config, "enrol-folder", tmp_path, "--journal", config)
    assert isinstance(error, InputError)
    assert "settings file" in error.text
    assert config.read_text() == "# mine\n"


def writing_options(
    command: click.Command, path: str = "kiosk"
) -> Iterator[tuple[str, click.Parameter]]:
    """Every option that by its name or help names something to be written."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from writing_options(child, f"{path} {name}")
    for param in command.params:
        if param.name in {
            "out",
            "journal",
            "cache",
            "manifest",
            "development",
            "features",
            "crops",
        }:
            yield path, param


def test_every_option_that_names_what_is_written_knows_them(settings: Settings) -> None:
    found = list(writing_options(cli))
    assert len(found) > 10
    own = OwnFiles.of(settings)
    for path, param in found:
        check = getattr(param.type, "check", None)
        assert check is not None, f"{path} {param.name} takes any file"
        with pytest.raises(InputError):
            check(own, settings.database)


def test_a_report_does_not_fall_among_them(settings: Settings, tmp_path: Path) -> None:
    error = run(
        settings, "evaluate", "verification", tmp_path, "--out", tmp_path / "data", "--force"
    )
    assert isinstance(error, InputError)
    assert "holds the kiosk's gallery" in error.text
