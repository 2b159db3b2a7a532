"""`kiosk fleet` from the first kiosk to the last, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from psycopg import sql

from kiosk.cli.main import cli
from kiosk.core.errors import KnownError
from kiosk.storage.postgres.schema import STEPS
from tests.support.postgres import OWNER, Server, shared_server
from tests.support.storage_support import NEW, open_in, template

NAME = "fleet_of_commands"


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One with an empty database."""
    opened = shared_server(request.config)
    with opened.owner() as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    yield opened
    with opened.owner() as owner:
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


class Said(NamedTuple):
    """How a command ended."""

    exit_code: int
    output: str


class Shell:
    """One kiosk's command line."""

    def __init__(self, folder: Path, server: Server | None, secret: Path) -> None:
        self.folder, self.secret = folder, secret
        self.given = [f"--set=database={folder}/data/gallery.db"]
        self.given.append(f"--set=key_file={folder}/config/gallery.key")
        if server is not None:
            self.given.append(f"--set=fleet_server={server.address(NAME)}")
        self.given.append(f"--config={folder}/kiosk.toml")
        folder.mkdir()
        (folder / "kiosk.toml").touch()

    def __call__(self, *words: str) -> Said:
        done = CliRunner().invoke(cli, [*self.given, "fleet", *words])
        if isinstance(done.exception, KnownError):  # as `main` tells it
            return Said(done.exception.exit_code, f"{done.output}{done.exception}")
        return Said(done.exit_code, done.output)

    def well(self, *words: str) -> str:
        done = self(*words)
        assert done.exit_code == 0, done.output
        return done.output

    def enrol(self, name: str) -> None:
        gallery = open_in(self.folder)
        gallery.enrol(name, [template(1)], NEW)
        gallery.close()

    def names(self) -> list[str]:
        gallery = open_in(self.folder)
        try:
            return [each.name for each in gallery.subjects()]
        finally:
            gallery.close()


def test_a_fleet_from_its_first_kiosk_to_a_stolen_one(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a long passphrase\n")
    owner = ("--owner", OWNER)
    first, door = (Shell(tmp_path / name, server, secret) for name in ("first", "door"))
    invitation = tmp_path / "door.invitation"
    first.enrol("Ann")

    assert first("init", *owner).exit_code == 3  # no site is named
    assert "this kiosk is first" in first.well("init", *owner, "--site", "main", "--name", "first")
    assert "of this version" in first.well("init", *owner, "--site", "annex")
    wrong = first(
        "invite",
        "door",
        str(invitation),
        "--site",
        "nowhere",
        "--passphrase-file",
        str(secret),
        *owner,
    )
    assert (wrong.exit_code, "annex, main" in wrong.output) == (3, True)
    first.well(
        "invite",
        "door",
        str(invitation),
        "--site",
        "main",
        "--passphrase-file",
        str(secret),
        *owner,
    )
    assert "Ann" not in invitation.read_text()

    other = tmp_path / "other"
    other.write_text("not this one\n")
    assert door("join", str(invitation), "--passphrase-file", str(other)).exit_code == 3
    door.enrol("Bob")
    told = door.well("join", str(invitation), "--passphrase-file", str(secret))
    assert "1 people told, 2 here" in told
    again = Shell(tmp_path / "again", server, secret)
    used = again("join", str(invitation), "--passphrase-file", str(secret))
    assert (used.exit_code, "password" in used.output) == (6, True)
    assert again("sync").exit_code == 6  # it belongs to no fleet

    assert "2 people are here" in first.well("sync")
    assert first.names() == door.names() == ["Ann", "Bob"]
    door.well("sync")
    found = json.loads(first.well("status", "--json"))
    assert [each["name"] for each in found["kiosks"]] == ["door", "first"]
    assert "first" in first.well("status")
    assert "whole" in first.well("audit", *owner)

    door.enrol("Eve")
    waiting = door("status")
    assert (waiting.exit_code, "1 changes are still to be told" in waiting.output) == (20, True)
    checked = first("serve-check", *owner, "--json")
    assert checked.exit_code == 20  # the server of the tests is in a hurry
    assert {each["what"] for each in json.loads(checked.output) if each["well"]} >= {
        f"schema of version {len(STEPS)}"
    }
    assert "Rollout 1 begins in ring 0" in first.well("rollout", "result_seconds=20", *owner)
    (line,) = json.loads(first.well("rollout", "--json", *owner))
    assert (line["rollout"], line["ring"], line["settings"]) == (1, 0, ["result_seconds"])
    assert first("rollout", "database=/tmp/x", *owner).exit_code == 2
    wide = first("rollout", "--widen", "1", "--ring", "1", *owner)
    assert (wide.exit_code, "door does not have it yet" in wide.output) == (3, True)
    assert "1: up to ring 1" in first.well(
        "rollout", "--widen", "1", "--ring", "1", "--anyway", *owner
    )

    assert "door is out" in first.well("revoke", "door", "--yes", *owner)
    status = first("status")
    assert (status.exit_code, "revoked" in status.output) == (20, True)
    assert "is destroyed" in door("sync").output
    (line, _) = json.loads(first("status", "--json").output)["kiosks"]
    assert line["revoked"]
    assert line["destroyed"]
    assert door.names() == []
    first.well("leave", "--yes")
    assert first("status").exit_code == 6
    assert first.names() == ["Ann", "Bob"]


def test_without_a_server_each_command_says_what_to_do(tmp_path: Path) -> None:
    alone = Shell(tmp_path / "alone", None, tmp_path)
    for words in (["init", "--site", "main"], ["join", "file"], ["serve-check"]):
        done = alone(*words)
        assert done.exit_code == 2
        assert "fleet_server" in done.output
    for words in (["sync"], ["status"]):
        assert alone(*words).exit_code in (2, 6)
    done = alone("leave", "--here", "--yes")
    assert done.exit_code in (0, 6)
