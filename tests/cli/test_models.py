"""`kiosk models` and the fetching behind it, against a real server on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli.models import models
from kiosk.core.errors import DiskFull, InputError, Interrupted, ModelError
from kiosk.core.media import Modality
from kiosk.core.settings import Settings
from kiosk.inference import manifest
from kiosk.inference.download import fetch, install
from kiosk.inference.manifest import ModelEntry, Origin, Role

CONTENT = bytes(range(256)) * 2048


class Server(ThreadingHTTPServer):
    """Serves CONTENT with ranges; `break_after` closes the connection in the middle once."""

    daemon_threads = True
    content = CONTENT
    break_after: int | None = None
    ranges = True
    status = 200
    asked: list[str | None]


class Handler(BaseHTTPRequestHandler):
    """One answer."""

    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/model.bin")
            self.end_headers()
            return
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        start = start if self.server.ranges else 0
        if start and start >= len(self.server.content):
            self.send_error(416)
            return
        rest = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.server.break_after is not None:
            rest, self.server.break_after = rest[: self.server.break_after], None
        self.wfile.write(rest)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), name="kiosk-http")
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), models=tmp_path / "models")


@pytest.fixture
def entry(server: Server) -> ModelEntry:
    return ModelEntry(
        name="remote",
        role=Role.EMBEDDER,
        modality=Modality.FACE,
        origin=Origin.FETCH,
        file="model.bin",
        network="inception",
        licence="none",
        about="for a test",
        url=f"http://127.0.0.1:{server.server_port}/model.bin",
        obtain="model.bin from the test",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


def ignore(done: int, total: int | None) -> None:
    """Progress nobody looks at."""


def test_fetching_reports_progress_and_keeps_the_right_file(
    entry: ModelEntry, settings: Settings
) -> None:
    seen: list[tuple[int, int | None]] = []
    path = fetch(entry, settings, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in settings.models.iterdir()] == ["model.bin"]


def test_what_is_there_is_not_fetched_again(
    entry: ModelEntry, settings: Settings, server: Server
) -> None:
    fetch(entry, settings, ignore)
    fetch(entry, settings, ignore)
    assert server.asked == [None]


def test_a_broken_connection_is_resumed(
    entry: ModelEntry, settings: Settings, server: Server
) -> None:
    server.break_after = 100_000
    with pytest.raises(ModelError, match="goes on where it stopped"):
        fetch(entry, settings, ignore)
    assert (settings.models / "model.bin.part").stat().st_size == 100_000
    assert not (settings.models / "model.bin").exists()
    assert fetch(entry, settings, ignore).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]


def test_a_server_without_ranges_starts_over(
    entry: ModelEntry, settings: Settings, server: Server
) -> None:
    server.break_after, server.ranges = 50_000, False
    with pytest.raises(ModelError):
        fetch(entry, settings, ignore)
    assert fetch(entry, settings, ignore).read_bytes() == CONTENT


def test_a_whole_part_is_accepted(entry: ModelEntry, settings: Settings) -> None:
    settings.models.mkdir()
    (settings.models / "model.bin.part").write_bytes(CONTENT)
    assert fetch(entry, settings, ignore).read_bytes() == CONTENT


def test_redirects_are_followed(entry: ModelEntry, settings: Settings) -> None:
    moved = replace(entry, url=entry.url.replace("model.bin", "moved"))
    assert fetch(moved, settings, ignore).read_bytes() == CONTENT


def test_a_person_can_stop_and_go_on(entry: ModelEntry, settings: Settings) -> None:
    def stop(done: int, total: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        fetch(entry, settings, stop)
    assert (settings.models / "model.bin.part").stat().st_size > 0
    assert fetch(entry, settings, ignore).read_bytes() == CONTENT


def test_wrong_content_is_removed(entry: ModelEntry, settings: Settings, server: Server) -> None:
    server.content = b"not a model"
    with pytest.raises(ModelError, match="another content"):
        fetch(entry, settings, ignore)
    assert list(settings.models.iterdir()) == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusing_server_is_named(
    entry: ModelEntry, settings: Settings, server: Server, status: int
) -> None:
    server.status = status
    with pytest.raises(ModelError, match=f"answers {status}.*--from FILE"):
        fetch(entry, settings, ignore)


def test_offline(entry: ModelEntry, settings: Settings) -> None:
    with pytest.raises(ModelError, match=r"cannot be reached.*--from FILE"):
        fetch(replace(entry, url="http://127.0.0.1:9/model.bin"), settings, ignore)


def test_only_http_addresses_are_opened(
    entry: ModelEntry, settings: Settings, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(CONTENT)
    with pytest.raises(ModelError):
        fetch(replace(entry, url=secret.as_uri()), settings, ignore)


def test_a_full_disk(entry: ModelEntry, settings: Settings) -> None:
    settings.models.mkdir()
    (settings.models / "model.bin.part").symlink_to("/dev/full")
    with pytest.raises(DiskFull, match="No space"):
        fetch(entry, settings, ignore)


def test_a_folder_that_is_a_file(entry: ModelEntry, settings: Settings) -> None:
    settings.models.write_bytes(b"")
    with pytest.raises(ModelError, match="Set models"):
        fetch(entry, settings, ignore)


def test_a_brought_file_is_installed_after_its_hash(
    entry: ModelEntry, settings: Settings, tmp_path: Path
) -> None:
    brought = tmp_path / "brought.bin"
    brought.write_bytes(CONTENT)
    user = replace(entry, origin=Origin.USER)
    assert install(user, brought, settings, ignore).read_bytes() == CONTENT
    brought.write_bytes(b"something else")
    with pytest.raises(ModelError, match="another content"):
        install(user, brought, settings, ignore)
    assert (settings.models / "model.bin").read_bytes() == CONTENT
    with pytest.raises(InputError, match="no file"):
        install(user, tmp_path / "none.bin", settings, ignore)


def test_models_of_packages_are_not_fetched(settings: Settings) -> None:
    with pytest.raises(ModelError, match="resemblyzer"):
        fetch(manifest.find_entry("ge2e"), settings, ignore)
    with pytest.raises(ModelError, match="edgeface"):
        fetch(manifest.find_entry("edgeface-xs"), settings, ignore)


def test_list_shows_every_model(settings: Settings) -> None:
    result = CliRunner().invoke(models, ["list", "--json"], obj=settings)
    lines = {line["name"]: line for line in json.loads(result.stdout)}
    assert set(lines) == set(manifest.load_manifest())
    assert lines["mtcnn-onet"]["state"] == "ready"
    assert "--from FILE" in lines["edgeface-xs"]["remedy"]
    table = CliRunner().invoke(models, ["list"], obj=settings)
    assert all(name in table.stdout for name in lines)


def test_fetch_prints_where_the_file_is(
    entry: ModelEntry, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "load_manifest", lambda: {"remote": entry})
    result = CliRunner().invoke(models, ["fetch", "remote"], obj=settings)
    assert result.exit_code == 0
    assert "remote is ready" in result.stdout


def test_verify_fails_on_a_wrong_file(settings: Settings) -> None:
    assert CliRunner().invoke(models, ["verify"], obj=settings).exit_code == 0
    settings.models.mkdir()
    (settings.models / "edgeface_xs_q.pt").write_bytes(b"broken")
    result = CliRunner().invoke(models, ["verify", "--json"], obj=settings)
    assert isinstance(result.exception, ModelError)
    assert result.exception.exit_code == 5
    assert json.loads(result.stdout)["edgeface-xs"] == "damaged"
