"""No socket is opened: the guard of every test, and the program under one of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import GUARD, OFFLINE
from tests.support.paths import ROOT
from tests.support.sockets import NetworkUsed, is_loopback

FAR = "192.0.2.1"
"""An address for documentation: there is nobody (RFC 5737)."""


def connect(host: str) -> None:
    with socket.socket() as opened:
        opened.settimeout(0.01)
        opened.connect((host, 9))


def listen_everywhere(host: str) -> None:
    with socket.socket() as opened:
        opened.bind((host, 0))


def look_up(host: str) -> None:
    socket.getaddrinfo(host, 80)


def send(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as opened:
        opened.sendto(b"x", (host, 9))


USES: list[tuple[Callable[[str], None], str]] = [
    (connect, FAR),
    (listen_everywhere, ""),
    (listen_everywhere, "0.0.0.0"),
    (look_up, "kiosk.example"),
    (send, FAR),
]


def test_what_is_swallowed_is_noticed_all_the_same() -> None:
    for use, host in USES:
        with GUARD.watching(strict=False) as tried, suppress(Exception):
            use(host)
        assert len(tried) == 1, use


def test_loopback_is_for_those_who_need_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with GUARD.watching(strict=False) as tried:
            socket.create_connection(address).close()
        assert not tried
        with GUARD.watching(strict=True) as tried, pytest.raises(NetworkUsed):
            socket.create_connection(address)
        assert tried


def test_sockets_of_the_machine_alone_are_free(tmp_path: Path) -> None:
    with GUARD.watching(strict=True) as tried:
        for one in socket.socketpair():
            one.close()
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(tmp_path / "here"))
    assert not tried


def test_what_loopback_is() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.9.9.9", "::1", "localhost"]))
    assert not any(map(is_loopback, ["", "0.0.0.0", "::", FAR, "kiosk.example", "10.0.0.1"]))


def test_the_folders_that_must_be_offline_are_there() -> None:
    assert all((ROOT / "tests" / name).is_dir() for name in OFFLINE)


def guarded(*command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A program that ends with 99 as soon as it goes to the network."""
    guard = ROOT / "tests" / "support" / "socket_guard"
    environment = os.environ | {"HOME": str(home), "PYTHONPATH": f"{guard}{os.pathsep}{ROOT}"}
    environment |= {f"XDG_{name}_HOME": str(home / name) for name in ("DATA", "CONFIG", "STATE")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_program_that_goes_to_the_network_is_stopped(tmp_path: Path) -> None:
    program = """
import socket
try:
    socket.create_connection(("192.0.2.1", 9), 0.01)
except BaseException:
    pass
print("went on")
"""
    done = guarded("-c", program, home=tmp_path)
    assert (done.returncode, done.stdout) == (99, "")
    assert "network used" in done.stderr


def test_a_visit_of_the_real_program_opens_no_socket(tmp_path: Path) -> None:
    clip = ROOT / "assets" / "demo" / "bawi-2.mp4"
    done = guarded("-m", "kiosk", "--headless", "--source", str(clip), home=tmp_path)
    assert done.returncode == 10, done.stderr
    assert "network used" not in done.stderr
