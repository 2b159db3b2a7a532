"""`kiosk serve` as it is called: where it listens, what it refuses to begin, how it ends."""

from __future__ import annotations

import json
import os
import signal
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from kiosk.cli.main import cli
from kiosk.core.errors import KnownError
from kiosk.server.access import Role
from kiosk.server.launch import Binding, is_loopback
from tests.server.conftest import OpenRoom
from tests.support.service_room import PATIENCE, room, scripted_service


def settings_of(folder: Path) -> list[str]:
    pairs = (f"database={folder / 'g.db'}", f"key_file={folder / 'key' / 'g.key'}")
    return [word for pair in pairs for word in ("--set", pair)]


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*settings_of(folder), "serve", *words])


@contextmanager
def started(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address it tells."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", *settings_of(folder), "serve", "--port", "0", *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
    )
    assert process.stderr is not None
    try:
        line = next(line for line in process.stderr if "listening at" in line)
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stderr.close()


def test_it_listens_to_this_machine_and_ends_in_order(tmp_path: Path) -> None:
    with started(tmp_path) as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/v1/health", timeout=PATIENCE).json()["api"] == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert list((tmp_path / "state" / "kiosk" / "uploads").iterdir()) == []


def test_a_gallery_that_cannot_be_opened_is_told_and_mended_without_a_restart(
    tmp_path: Path,
) -> None:
    (tmp_path / "g.db").write_bytes(b"no gallery at all" * 1000)
    (tmp_path / "key").mkdir()
    with (
        started(tmp_path) as (_process, url),
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        answer = client.get("/v1/subjects", headers={"Accept-Language": "ko"})
        assert (answer.status_code, answer.json()["code"]) == (503, "StorageError")
        assert "retry-after" in answer.headers
        (tmp_path / "g.db").unlink()
        assert client.get("/v1/subjects").json()["subjects"] == []


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_nobody_else_is_listened_to_without_tls_and_a_token(tmp_path: Path, address: str) -> None:
    result = call(tmp_path, "--address", address)
    assert isinstance(result.exception, KnownError)
    assert "without TLS only this machine" in result.exception.text
    assert "kiosk serve certificate" in result.exception.remedy
    assert call(tmp_path, "certificate", "--host", "localhost").exit_code == 0
    result = call(tmp_path, "--address", address)
    assert isinstance(result.exception, KnownError)
    assert "there is no token" in result.exception.text


def test_over_tls_whoever_has_a_token_is_answered(tmp_path: Path) -> None:
    made = call(tmp_path, "certificate", "--host", "127.0.0.1", "--json")
    facts = json.loads(made.stdout)
    assert stat.S_IMODE(Path(facts["key"]).stat().st_mode) == 0o600
    assert len(facts["sha256"].split(":")) == 32
    again = call(tmp_path, "certificate")
    assert isinstance(again.exception, KnownError)
    assert "--force" in again.exception.remedy
    service = scripted_service(tmp_path, local=False)
    binding = Binding("127.0.0.1", 0, Path(facts["certificate"]), Path(facts["key"]))
    with room(service, binding) as opened:
        assert opened.url.startswith("https://")
        assert opened.client.get("/v1/subjects").status_code == 401
        _made, text = service.tokens.add("desk", Role.ADMIN, None)
        answer = opened.client.get("/v1/subjects", headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 200
        assert "strict-transport-security" in answer.headers
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{opened.url}/v1/health", verify=ssl.create_default_context())


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    made = call(tmp_path, "token", "add", "front desk", "--role", "enrol", "--days", "2")
    assert made.stdout.startswith("kiosk_")
    listed = json.loads(call(tmp_path, "token", "list", "--json").stdout)
    assert [(each["label"], each["role"], each["state"]) for each in listed] == [
        ("front desk", "enrol", "valid")
    ]
    assert made.stdout.strip() not in (tmp_path / "key" / "tokens.json").read_text()
    told = call(tmp_path, "token", "revoke", listed[0]["token_id"])
    assert told.stdout == f"{listed[0]['token_id']} (front desk) counts no more.\n"
    assert "revoked" in call(tmp_path, "token", "list").stdout


def test_a_port_that_is_taken_is_said(scripted: OpenRoom, tmp_path: Path) -> None:
    port = scripted().url.rpartition(":")[2]
    result = call(tmp_path, "--port", port)
    assert isinstance(result.exception, KnownError)
    assert f"port {port} cannot be listened to" in result.exception.text


def test_the_ancestors_requests_are_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    given = {"ancestor_requests": "true", "ancestor_folder": folder, "ancestor_ground": "test"}
    more = [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    words = [*settings_of(tmp_path), *more, "serve", "--address", "192.0.2.1"]
    result = CliRunner().invoke(cli, words)
    assert "Leave it off on a network." in result.stderr


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("", False),
        ("kiosk.example", False),
    ],
)
def test_only_this_machines_own_addresses_need_no_tls(address: str, own: bool) -> None:
    assert is_loopback(address) is own
