"""What shells, terminals and service managers do to the process, done to the real program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.cli.main import _told
from kiosk.core.refused_memory import is_memory_refused
from tests.support.paths import DEMO

CLIP = DEMO / "bawi-2.mp4"
WAITS = """
import sys, threading
from kiosk.cli import process
closed = threading.Event()
with process.ending(closed.set) as ending:
    print("ready", flush=True)
    closed.wait()
sys.exit(40 + ending.asked)
"""
"""Something that ends only when it is asked to."""


def environment(home: Path, **variables: str) -> dict[str, str]:
    places = {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return os.environ | places | variables


@contextmanager
def waiting(script: str = WAITS) -> Iterator[subprocess.Popen[str]]:
    """A process that has said it is ready."""
    with subprocess.Popen([sys.executable, "-c", script], stdout=-1, stderr=-1, text=True) as made:
        assert made.stdout is not None
        assert made.stdout.readline() == "ready\n"
        try:
            yield made
        finally:
            made.kill()


def leave(made: subprocess.Popen[str]) -> None:
    assert made.stdout is not None
    made.stdout.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda made: made.send_signal(signal.SIGTERM),
        lambda made: made.send_signal(signal.SIGHUP),
        leave,
    ],
    ids=["SIGTERM", "SIGHUP", "reader gone"],
)
def test_work_ends_in_order_when_asked(ask: Callable[[subprocess.Popen[str]], None]) -> None:
    with waiting() as made:
        ask(made)
        assert made.wait(60) == 41


def test_the_second_interrupt_ends_without_a_traceback() -> None:
    script = """
import signal, threading
from kiosk.cli import process
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind a shell
process.end_at_second_interrupt()
try:
    print("ready", flush=True)
    threading.Event().wait()
except KeyboardInterrupt:
    print("ends", flush=True)
    threading.Event().wait()
"""
    with waiting(script) as made:
        assert made.stdout is not None
        made.send_signal(signal.SIGINT)
        assert made.stdout.readline() == "ends\n"
        made.send_signal(signal.SIGINT)
        assert made.wait(60) == 130
        assert made.stderr is not None
        assert made.stderr.read() == ""


def test_a_korean_name_is_understood_in_the_locale_c(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    found = subprocess.run(
        [sys.executable, "-m", "kiosk", "gallery", "show", "김구름"],
        env=environment(tmp_path, **plain),
        capture_output=True,
        timeout=120,
        check=False,
    )
    told = found.stderr.decode("utf-8")
    assert found.returncode == 3
    assert told.startswith("kiosk: Nobody of that name is enrolled.")


def test_closed_streams_are_no_internal_error(tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000))
    command = f'exec "{sys.executable}" -m kiosk --headless --source "{silence}" >&- 2>&-'
    found = subprocess.run(
        ["sh", "-c", command], env=environment(tmp_path), timeout=120, check=False
    )
    assert found.returncode == 11


def test_refused_memory_is_named() -> None:
    refused = [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried 9 bytes"),
        ImportError("libtorch.so: failed to map segment: Cannot allocate memory"),
        ImportError("libtorch_cuda.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        RuntimeError("std::bad_alloc"),
    ]
    for error in refused:
        assert is_memory_refused(error)
        assert _told(error) == (
            "kiosk: There is not enough memory. Close other programs, or add memory.",
            1,
        )
    assert not is_memory_refused(RuntimeError("shapes differ"))
    noexec = "x.so: failed to map segment from shared object: Operation not permitted"
    assert not is_memory_refused(ImportError(noexec))


def test_the_real_program_names_refused_memory(tmp_path: Path) -> None:
    """At so little the loader cannot even map the networks' library."""
    command = f'ulimit -v 1000000; exec "{sys.executable}" -m kiosk --headless --source "{CLIP}"'
    found = subprocess.run(
        ["sh", "-c", command],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 1
    assert found.stderr.endswith(
        "There is not enough memory. Close other programs, or add memory.\n"
    )
