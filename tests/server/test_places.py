"""Places in the queue: taken, told when to come again, and free as soon as their client leaves."""

from __future__ import annotations

import json
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from kiosk.capture.base import BaseSource
from kiosk.core.media import AudioChunk, Frame
from kiosk.core.ports.capture import Source
from kiosk.server import launch
from kiosk.server.service import Service
from kiosk.server.uploads import UploadFolder, UploadLimits
from tests.server.conftest import OpenRoom
from tests.support.service_room import PATIENCE, Room, clip, scripted_file


class Held(BaseSource):
    """Stands still at its first sample until the test lets it go, or nobody wants it any more."""

    def __init__(self, who: int, entered: queue.Queue[Held]) -> None:
        super().__init__()
        self._who, self._entered = who, entered
        self.go, self.closed = threading.Event(), threading.Event()

    def events(self) -> Iterator[Frame | AudioChunk]:
        self._entered.put(self)
        for event in clip(self._who):
            yield event
            self.go.wait(PATIENCE)

    def close(self) -> None:
        self.closed.set()


class Desk:
    """Opens files that stand still."""

    def __init__(self) -> None:
        self.entered: queue.Queue[Held] = queue.Queue()

    def open(self, path: Path) -> Source:
        return Held(int(path.read_bytes()[:1]), self.entered)


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread does, without counting on how fast it is."""
    ends = time.monotonic() + PATIENCE
    waiting = threading.Event()
    while not true():
        assert time.monotonic() < ends
        waiting.wait(0.01)


def names_below(root: Path) -> list[str]:
    """Of all files, while others come and go: a folder that has gone meanwhile holds none."""
    return [name for _, _, names in os.walk(root) for name in names]


def bodies(root: Path) -> list[str]:
    """Files of uploads that are coming in."""
    return [name for name in names_below(root) if name.startswith("body.")]


def line_to(opened: Room) -> socket.socket:
    host, port = opened.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def head_of(opened: Room, length: int, path: str = "/v1/identify") -> bytes:
    host = opened.url.removeprefix("http://")
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {length}\r\n\r\n".encode()
    )


def ask(opened: Room, who: int) -> httpx.Response:
    return httpx.post(f"{opened.url}/v1/identify", files={"file": str(who).encode()}, timeout=None)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(250) as made:
        yield made


def test_when_every_place_is_taken_one_is_told_when_to_come_again(
    scripted: OpenRoom, pool: ThreadPoolExecutor
) -> None:
    desk = Desk()
    opened = scripted(open_file=desk.open, service_queue=2)
    first = pool.submit(ask, opened, 0)
    held = desk.entered.get(timeout=PATIENCE)
    second = pool.submit(ask, opened, 1)
    until(lambda: opened.service.recogniser.waiting == 2)
    third = ask(opened, 0)
    assert third.status_code == 429
    assert third.json()["code"] == "Busy"
    assert third.json()["retry_after"] == int(third.headers["retry-after"]) >= 1
    assert opened.client.get("/v1/subjects").status_code == 200, "what needs no model goes on"
    held.go.set()
    desk.entered.get(timeout=PATIENCE).go.set()
    answers = [each.result(PATIENCE).json()["decision"]["name"] for each in (first, second)]
    assert answers == ["Alice", "Bob"]


def test_a_client_that_leaves_frees_its_place_at_once(scripted: OpenRoom) -> None:
    desk = Desk()
    opened = scripted(open_file=desk.open, service_queue=2)
    working, waiting = line_to(opened), line_to(opened)
    working.sendall(head_of(opened, 1) + b"0")
    held = desk.entered.get(timeout=PATIENCE)
    waiting.sendall(head_of(opened, 1) + b"1")
    until(lambda: opened.service.recogniser.waiting == 2)
    waiting.close()
    until(lambda: opened.service.recogniser.waiting == 1)
    running = opened.service.recogniser._running
    assert running is not None
    working.close()
    until(running._given_up.is_set)
    held.go.set()
    until(lambda: opened.service.recogniser.waiting == 0)
    assert held.closed.is_set()
    assert opened.client.get("/v1/decisions").json()["decisions"] == []
    root = opened.service.settings.database.parent / "uploads"
    until(lambda: names_below(root) == ["lock"])


def test_a_half_upload_takes_no_place_and_leaves_nothing(scripted: OpenRoom) -> None:
    opened = scripted(service_queue=1)
    root = opened.service.settings.database.parent / "uploads"
    lines = [line_to(opened) for _ in range(3)]
    for line in lines:
        line.sendall(head_of(opened, 1000) + b"0" * 500)
    until(lambda: len(bodies(root)) == 3)
    assert ask(opened, 0).json()["decision"]["name"] == "Alice"
    for line in lines:
        line.close()
    until(lambda: not bodies(root))


def test_a_client_that_sends_nothing_is_let_go(
    scripted: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "upload_limits", UploadLimits(1_000_000, 5.0, 0.2))
    opened = scripted()
    with line_to(opened) as line, line.makefile("rb") as answer:
        line.sendall(head_of(opened, 1000) + b"0" * 500)
        told = answer.read()
    assert told.startswith(b"HTTP/1.1 408 ")
    assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "TooSlow"


def test_a_head_that_never_ends_holds_no_connection(
    scripted: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "HEAD_SECONDS", 0.2)
    opened = scripted()
    for beginning in (b"", b"POST /v1/identify HTTP/1.1\r\nHost: a"):
        with line_to(opened) as line:
            line.sendall(beginning)
            assert line.recv(1) == b"", "closed by the other end"
    whole = f"GET /v1/health HTTP/1.1\r\nHost: {opened.url.removeprefix('http://')}\r\n\r\n"
    with line_to(opened) as line:
        for _ in range(2):
            line.sendall(whole.encode())
            told = b""
            while not told.endswith(b"}"):
                told += line.recv(4096)
            assert told.startswith(b"HTTP/1.1 200")
        line.sendall(whole.encode()[:30])
        assert line.recv(1) == b""


def test_two_hundred_at_once_get_their_own_answer_or_a_time_to_wait(
    scripted: OpenRoom, pool: ThreadPoolExecutor
) -> None:
    opened = scripted(service_queue=8)
    names = {0: "Alice", 1: "Bob", 2: None}
    asked = [number % 3 for number in range(200)]
    answers = list(pool.map(lambda who: ask(opened, who), asked))
    assert {each.status_code for each in answers} <= {200, 429}
    told = [
        (who, each.json()["decision"]["name"])
        for who, each in zip(asked, answers, strict=True)
        if each.status_code == 200
    ]
    assert len(told) >= 8
    assert all(names[who] == name for who, name in told)
    assert opened.service.recogniser.waiting == 0


def test_what_a_service_that_was_killed_has_left_goes_at_the_next_start(
    scripted: OpenRoom, tmp_path: Path
) -> None:
    left = tmp_path / "service" / "uploads" / "4242-dead" / "request"
    left.mkdir(parents=True)
    (left.parent / "lock").touch()
    (left / "face.jpg").write_bytes(b"somebody")
    opened = scripted()
    assert not left.parent.exists()
    assert opened.client.get("/v1/health").status_code == 200


def test_the_uploads_of_a_service_that_runs_are_left_alone(
    scripted: OpenRoom, tmp_path: Path
) -> None:
    other = UploadFolder(tmp_path / "service" / "uploads")
    other.open()
    kept = other.new()
    scripted()
    assert kept.is_dir()
    other.close()
    assert not kept.exists()


def test_long_work_is_a_job_with_progress(scripted: OpenRoom) -> None:
    desk = Desk()
    opened = scripted(open_file=desk.open)
    sent = {"Prefer": "respond-async"}
    answer = opened.client.post("/v1/identify", headers=sent, files={"file": b"1"})
    assert answer.status_code == 202
    place = answer.headers["location"]
    held = desk.entered.get(timeout=PATIENCE)
    running = opened.client.get(place).json()
    assert (running["state"], running["result"]) == ("running", None)
    held.go.set()
    until(lambda: opened.client.get(place).json()["state"] == "done")
    done = opened.client.get(place).json()
    assert (done["progress"], done["result"]["decision"]["name"]) == (1.0, "Bob")
    assert opened.client.delete(place).status_code == 204
    assert opened.client.get(place).status_code == 404


def test_a_job_that_fails_tells_why_and_one_nobody_wants_is_stopped(scripted: OpenRoom) -> None:
    desk = Desk()

    def held_if_a_digit(path: Path) -> Source:
        digit = path.read_bytes()[:1].isdigit()
        return desk.open(path) if digit else scripted_file(path)

    opened = scripted(open_file=held_if_a_digit)
    sent = {"Prefer": "respond-async, wait=30", "Accept-Language": "ko"}
    failed = opened.client.post("/v1/identify", headers=sent, files={"file": ("a.mp4", b"x")})
    assert failed.status_code == 200
    told = failed.json()
    assert (told["state"], told["problem"]["status"]) == ("failed", 422)
    assert told["problem"]["title"] == "입력을 사용할 수 없습니다."
    sent = {"Prefer": "respond-async"}
    running = opened.client.post("/v1/identify", headers=sent, files={"file": b"1"})
    held = desk.entered.get(timeout=PATIENCE)
    assert opened.client.delete(running.headers["location"]).status_code == 204
    held.go.set()
    until(lambda: opened.service.recogniser.waiting == 0)
    assert opened.client.get("/v1/decisions").json()["decisions"] == []
