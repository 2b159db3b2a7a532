"""Real servers for the tests: ffmpeg sending streams, http files, a PulseAudio of our own."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from kiosk.capture.base import BaseSource, Event

READY_LIMIT = 60.0
"""Seconds a server may need to start."""
_PAUSE = 0.02
_LISTEN = "0A"
_LEAST_PORT = 10_240
_chance = random.SystemRandom()
SINK = "kiosk_test"
"""The null sink of the sound server; its monitor is the microphone of the same name."""


class TurnedClock:
    """A clock that only waiting moves, and that takes no time to wait."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now
        self.waits: list[float] = []
        self.stopped = False

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += max(0.0, seconds)
        return self.stopped

    def stop(self) -> None:
        self.stopped = True


def collect(
    source: BaseSource, enough: Callable[[list[Event]], bool], limit: float = 60.0
) -> list[Event]:
    """The events until there are enough; closes the source. Fails after `limit` seconds."""
    found: list[Event] = []
    guard = threading.Timer(limit, source.close)
    guard.start()
    try:
        for event in source.events():
            found.append(event)
            if enough(found):
                return found
    finally:
        guard.cancel()
        source.close()
    raise AssertionError(f"not enough after {limit} s: {found[-5:]}")


def free_port() -> int:
    """A port nobody uses now, and that no connection of another test is given either while whoever
    listens there is started anew: from below those that the system deals out."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    while True:
        port = _chance.randrange(_LEAST_PORT, max(first, _LEAST_PORT + 1000))
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def listening(port: int) -> bool:
    """Whether somebody listens, found out without calling: these servers answer only once."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(FileNotFoundError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == _LISTEN:
                    return True
    return False


def wait_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    """Return when ready; fail when the process ended or READY_LIMIT passed."""
    for _ in range(int(READY_LIMIT / _PAUSE)):
        if ready():
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
            break
    raise AssertionError(f"the server did not start: {process.args!r}")


def start_ffmpeg(*arguments: str) -> subprocess.Popen[bytes]:
    """An ffmpeg that reads in real time and says nothing."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "quiet", "-re", *arguments]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill and reap."""
    process.kill()
    process.wait(READY_LIMIT)


def serve_stream(clip: Path, url: str, container: str) -> subprocess.Popen[bytes]:
    """An ffmpeg that waits at `url` for one caller and sends the clip again and again."""
    endless = ("-stream_loop", "-1", "-i", str(clip), "-c", "copy")
    process = start_ffmpeg(*endless, "-f", container, "-listen", "1", url)
    port = int(url.split(":")[2].split("/")[0])
    wait_ready(process, lambda: listening(port))
    return process


def push_stream(clip: Path, url: str, container: str) -> subprocess.Popen[bytes]:
    """An ffmpeg that sends the clip once to whoever listens at `url`."""
    transport = ("-rtsp_transport", "tcp") if container == "rtsp" else ()
    return start_ffmpeg("-i", str(clip), "-c", "copy", "-f", container, *transport, url)


@contextmanager
def serve_files(folder: Path) -> Iterator[str]:
    """An http server for a folder; gives its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1", "-d", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_ready(process, lambda: listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


class _Parts(SimpleHTTPRequestHandler):
    """Gives parts of files where they are asked for, as most servers do."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        content = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "bytes=0-"))
        assert asked is not None
        first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        self.send_response(206)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        with suppress(OSError):  # who asked has heard enough
            self.wfile.write(content[first : last + 1])


@contextmanager
def serve_parts(folder: Path) -> Iterator[str]:
    """As `serve_files`, by a server that can give parts of a file."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Parts, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(READY_LIMIT)


class SoundServer:
    """A PulseAudio daemon with a null sink, private to the tests.

    `environment` makes PortAudio and the pulse tools use it. The sink can be taken away and brought
    back, which for PortAudio is a microphone unplugged and plugged in.
    """

    def __init__(self) -> None:
        self._cleanup = ExitStack()
        # Not pytest's folder: the path of a socket may have a hundred characters only.
        self._folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
        self._cleanup.callback(shutil.rmtree, self._folder, ignore_errors=True)
        entrance = f"{self._folder}/socket"
        address = f"unix:{entrance}"
        (self._folder / "script").write_text(
            f"load-module module-native-protocol-unix auth-anonymous=1 socket={entrance}\n"
        )
        (self._folder / "alsa").write_text(
            f'pcm.{SINK} {{ type pulse server "{address}" device "{SINK}.monitor" }}\n'
        )
        self.environment = {
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_RUNTIME_PATH": str(self._folder),
            "PULSE_STATE_PATH": str(self._folder),
            "PULSE_SERVER": address,
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self._folder}/alsa",
        }

    def __enter__(self) -> Self:
        script = str(self._folder / "script")
        options = "--daemonize=no --system=false --exit-idle-time=-1 --use-pid-file=no"
        process = subprocess.Popen(
            ["pulseaudio", *options.split(), "--disable-shm=yes", "-n", "-F", script],
            env={**os.environ, **self.environment},
            stderr=subprocess.DEVNULL,
        )
        self._cleanup.callback(stop, process)
        wait_ready(process, lambda: self._pactl("info").returncode == 0)
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def plug(self) -> None:
        """Bring the sink and its monitor."""
        self._pactl("load-module", "module-null-sink", f"sink_name={SINK}", "rate=48000")

    def unplug(self) -> None:
        """Take them away."""
        self._pactl("unload-module", "module-null-sink")

    @contextmanager
    def playing(self, sound: Path) -> Iterator[None]:
        """Play a wav file into the sink."""
        process = subprocess.Popen(
            ["paplay", "-d", SINK, str(sound)],
            env={**os.environ, **self.environment},
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            stop(process)

    def _pactl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["pactl", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            check=False,
        )
