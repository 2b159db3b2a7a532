"""What is logged and counted names nobody; random bytes are refused and break nothing."""

from __future__ import annotations

import random
import re
import socket
from contextlib import suppress
from pathlib import Path

from kiosk.runtime.logs import FILE_NAME, recording, set_level
from tests.server.conftest import OpenRoom
from tests.support.service_room import Room
from tools.benchmarks.bench_service import random_request

RANDOM_REQUESTS = 300
"""Of the ten thousand that `python -m tools.benchmarks service` sends."""


def test_neither_log_nor_numbers_hold_anything_of_anybody(
    scripted: OpenRoom, tmp_path: Path
) -> None:
    with recording("debug", tmp_path / "log"):
        opened = scripted()
        set_level("debug")
        assert opened.post("/v1/identify", ("김민준.mp4", b"0")).status_code == 200
        assert opened.post("/v1/identify", ("김민준.mp4", b"x")).status_code == 422
        assert opened.client.patch("/v1/subjects/2", json={"name": "김민준"}).status_code == 200
        assert opened.client.get("/v1/subjects?offset=0&q=김민준").status_code == 200
        assert opened.client.get("/김민준").status_code == 404
        numbers = opened.client.get("/metrics").text
    log = (tmp_path / "log" / FILE_NAME).read_text("utf-8")
    for told in (log, numbers):
        assert not {"김민준", "Alice", "%EA%B9%80"} & set(re.findall(r"[\w%]+", told))
        assert "/v1/subjects/{subject_id}" in told
    assert "/v1/subjects/2" not in log
    assert 'kiosk_http_requests_total{method="POST",route="/v1/identify",status="422"} 1' in numbers
    assert 'route="other",status="404"' in numbers


def answered(opened: Room, request: bytes) -> int:
    """The status; 0 where the connection was closed instead."""
    host, port = opened.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line, suppress(OSError):
        line.sendall(request)
        found = re.match(rb"HTTP/1.1 (\d{3})", line.recv(64))
        return int(found[1]) if found else 0
    return 0


def test_random_bytes_are_refused_and_break_nothing(scripted: OpenRoom) -> None:
    opened = scripted(service_rate=100_000.0, service_queue=100)
    host = opened.url.removeprefix("http://")
    statuses = [
        answered(opened, random_request(host, random.Random(seed)))
        for seed in range(RANDOM_REQUESTS)
    ]
    assert not [status for status in statuses if status >= 500]
    assert len([status for status in statuses if 400 <= status < 500]) > 0.9 * RANDOM_REQUESTS
    assert opened.post("/v1/identify", ("a", b"0")).json()["decision"]["name"] == "Alice"
