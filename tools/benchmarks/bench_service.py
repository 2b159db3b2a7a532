"""The HTTP service beside the same work without HTTP, and what it does when it is pressed.

The alternative is one process that has the models loaded and gives `kiosk --headless`'s answers to
one recording after another, without its cold start: both do the same work in turns, so that what
else the machine does falls on both. The service runs as its own process, as an operator starts it.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.benchmarks import Result
from tools.demo import ROOT, load_people

CLIENTS = 4
ROUNDS = 3
CROWD = 200
RANDOM_REQUESTS = 10_000
STARTS = 3
PATIENCE = 600.0
_SETTINGS = ("--set", "service_rate=100000", "--set", "service_port=0")
_BASELINE = """
import json, sys
from kiosk.core.events import VisitDecision
from kiosk.core.settings_file import SettingsFile
from kiosk.recognition.formats import decision_as_dict
from kiosk.recognition.visit import run_visits
from kiosk.runtime import composition
from kiosk.runtime.service_tools import open_service

given = dict(pair.split("=", 1) for pair in json.loads(sys.argv[1]))
settings = SettingsFile(None, given).load()
with open_service(settings) as tools:
    print("ready", flush=True)
    for line in sys.stdin:
        found = []
        visit = tools.visit(
            lambda event: found.append(event)
            if isinstance(event, VisitDecision) and event.final
            else None
        )
        source = composition.open_source(settings, line.strip())
        run_visits(source, visit, lambda: not visit.decisions_made)
        print(json.dumps(decision_as_dict(found[0])), flush=True)
"""

Alone = Callable[[Path], dict[str, object]]


@dataclass(frozen=True)
class Place:
    """A gallery of its own, with the demo people enrolled, and the probes to ask about."""

    pairs: tuple[str, ...]
    clips: tuple[Path, ...]
    names: tuple[str | None, ...]


def run() -> Iterator[Result]:
    """Start, throughput and latency, a crowd, clients that leave, random bytes."""
    with tempfile.TemporaryDirectory() as folder:
        place = _enrolled(Path(folder))
        yield from _starts(place)
        with _served(place) as service:
            with _baseline(place) as alone:
                yield from _throughput(service, alone, place)
            yield from _crowd(service, place)
            yield from _leaving(service, place)
            yield from _random_requests(service, place)
            yield Result("memory of the service at its end", _memory(service.process.pid), "GB")


# --- processes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A service that runs."""

    url: str
    process: subprocess.Popen[str]
    client: httpx.Client

    def identify(self, clip: Path) -> httpx.Response:
        """One request by a connection of its own, as another program would send it."""
        with clip.open("rb") as file:
            return httpx.post(
                f"{self.url}/v1/identify", files={"file": (clip.name, file)}, timeout=PATIENCE
            )


def _enrolled(folder: Path) -> Place:
    pairs = (f"database={folder / 'g.db'}", f"key_file={folder / 'key' / 'g.key'}")
    people = load_people(ROOT / "assets" / "demo")
    for person in people:
        if person.enrol is not None and not person.stranger:
            _command(pairs, "enrol", person.name, str(person.enrol), "--ground", "composed")
    names = tuple(None if person.stranger else person.name for person in people)
    return Place(pairs, tuple(person.probe for person in people), names)


def _words(pairs: Sequence[str], *more: str) -> list[str]:
    given = [word for pair in pairs for word in ("--set", pair)]
    return [sys.executable, "-m", "kiosk", *given, *more]


def _command(pairs: Sequence[str], *more: str, answers: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run(_words(pairs, *more), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode in answers, done.stderr


@contextmanager
def _served(place: Place) -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as state:
        process = subprocess.Popen(
            _words(place.pairs, *_SETTINGS, "serve"),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": state},
        )
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if "listening at" in line)
            url = line.split()[-1]
            with httpx.Client(base_url=url, timeout=PATIENCE) as client:
                while client.get("/v1/health").json()["status"] != "ready":
                    time.sleep(0.02)
                yield Served(url, process, client)
        finally:
            process.terminate()
            process.wait(PATIENCE)
            process.stderr.close()


@contextmanager
def _baseline(place: Place) -> Iterator[Alone]:
    process = subprocess.Popen(
        [sys.executable, "-c", _BASELINE, json.dumps(place.pairs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answers = process.stdin, process.stdout
    assert answers.readline().strip() == "ready"

    def answer(clip: Path) -> dict[str, object]:
        asked.write(f"{clip}\n")
        asked.flush()
        found: dict[str, object] = json.loads(answers.readline())
        return found

    try:
        yield answer
    finally:
        asked.close()
        process.wait(PATIENCE)
        answers.close()


def _memory(pid: int) -> float:
    """GB that a process holds now."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1e6 if found else 0.0


# --- what is measured ----------------------------------------------------------------------


def _starts(place: Place) -> Iterator[Result]:
    """From nothing to ready, beside the command's own cold start to its first answer."""
    ready, answered = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        with _served(place):
            ready.append(time.perf_counter() - began)
        began = time.perf_counter()
        _command(place.pairs, "--headless", "--source", str(place.clips[0]), answers=(0, 10))
        answered.append(time.perf_counter() - began)
    name = f"a new process to a service that is ready, median of {STARTS}"
    yield Result(name, statistics.median(ready), "s")
    name = f"`kiosk --headless` to its first answer, median of {STARTS}"
    yield Result(name, statistics.median(answered), "s")


def _throughput(service: Served, alone: Alone, place: Place) -> Iterator[Result]:
    """The same clips in turns, four clients against one process without HTTP."""
    seconds = {"http": 0.0, "alone": 0.0}
    latencies: list[float] = []
    clips = list(place.clips) * 2

    def timed(clip: Path) -> float:
        began = time.perf_counter()
        answer = service.identify(clip)
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - began

    for clip in place.clips:  # both warm
        alone(clip)
        service.identify(clip)
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for clip in clips:
                alone(clip)
            seconds["alone"] += time.perf_counter() - began
            began = time.perf_counter()
            latencies += pool.map(timed, clips)
            seconds["http"] += time.perf_counter() - began
    count = ROUNDS * len(clips)
    yield Result(
        f"recordings a second, {CLIENTS} clients ({count} requests)",
        count / seconds["http"],
        "1/s",
        "the same work without HTTP",
        seconds["alone"] / seconds["http"],
    )
    single = [timed(clip) for clip in clips * ROUNDS]
    for what, found in ((f"{CLIENTS} clients", latencies), ("one client", single)):
        shares = statistics.quantiles(found, n=100, method="inclusive")
        for percent in (50, 95, 99):
            yield Result(f"latency, {what}, p{percent} of {len(found)}", shares[percent - 1], "s")


def _crowd(service: Served, place: Place) -> Iterator[Result]:
    """Two hundred at once: what they are answered, whether it is their own, what it takes."""
    before, peak, over = _memory(service.process.pid), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], _memory(service.process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    asked = [number % len(place.clips) for number in range(CROWD)]
    try:
        with ThreadPoolExecutor(CROWD) as pool:
            answers = list(pool.map(lambda number: service.identify(place.clips[number]), asked))
    finally:
        over.set()
        watcher.join()
    statuses = Counter(answer.status_code for answer in answers)
    foreign = sum(
        answer.json()["decision"]["name"] != place.names[number]
        for number, answer in zip(asked, answers, strict=True)
        if answer.status_code == 200
    )
    yield Result(f"of {CROWD} clients at once: answered", statuses[200], "")
    yield Result(f"of {CROWD} clients at once: told to wait (429)", statuses[429], "")
    others = CROWD - statuses[200] - statuses[429]
    yield Result(f"of {CROWD} clients at once: any other status", others, "")
    yield Result("answers that were not their own", foreign, "")
    yield Result("memory gained meanwhile, at most", 1000 * (peak[0] - before), "MB")


def _queue(service: Served) -> int:
    text = service.client.get("/metrics").text
    found = re.search(r"^kiosk_queue (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else -1


def _leaving(service: Served, place: Place) -> Iterator[Result]:
    """Whether half an upload takes a place, and seconds until the places of who left are free."""
    content = place.clips[0].read_bytes()
    lines = [_line(service) for _ in range(4)]
    for line in lines[:2]:
        line.sendall(_head(service, len(content)) + content)
    for line in lines[2:]:
        line.sendall(_head(service, len(content)) + content[: len(content) // 2])
    while _queue(service) < 2:
        time.sleep(0.005)
    held = _queue(service)
    began = time.perf_counter()
    for line in lines:
        line.close()
    while _queue(service):
        time.sleep(0.002)
    free = time.perf_counter() - began
    yield Result("places that two who wait and two half uploads take", held, "")
    yield Result("from their leaving until every place is free", free, "s")


def _line(service: Served) -> socket.socket:
    host, port = service.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60.0)


def _head(service: Served, length: int) -> bytes:
    host = service.url.removeprefix("http://")
    return (
        f"POST /v1/identify HTTP/1.1\r\nHost: {host}\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


_ADDRESSES = ("identify", "verify", "analyse", "faces", "text", "subjects", "subjects/1/enrolments")
_FORM = "multipart/form-data; boundary=x"
_TYPES = ("video/mp4", "image/png", "audio/wav", _FORM, "application/json", "")
_PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def random_request(host: str, chance: random.Random) -> bytes:
    """Random bytes in place of a request, in a header, in a form, or as the body."""
    body = chance.randbytes(chance.randrange(0, 3000))
    kind, type_ = chance.randrange(4), chance.choice(_TYPES)
    if kind == 0:
        return body + b"\r\n\r\n"
    more = b""
    if kind == 1:
        more = b"X-Random: " + re.sub(rb"[\r\n]", b"", chance.randbytes(40)) + b"\r\n"
    if kind == 2:
        type_, body = _FORM, _PART + body + b"\r\n--x--\r\n"
    head = (
        f"POST /v1/{chance.choice(_ADDRESSES)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Content-Type: {type_}\r\nContent-Length: {len(body)}\r\n"
    )
    return head.encode() + more + b"\r\n" + body


def _random_requests(service: Served, place: Place) -> Iterator[Result]:
    """Ten thousand of them; afterwards the service answers as before."""
    host = service.url.removeprefix("http://")

    def ask(number: int) -> int:
        request = random_request(host, random.Random(number))  # noqa: S311  # no secret
        with _line(service) as line, suppress(OSError):
            line.sendall(request)
            found = re.match(rb"HTTP/1.1 (\d{3})", line.recv(64))
            return int(found[1]) if found else 0
        return 0

    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(ask, range(RANDOM_REQUESTS)))
    mean = 1000 * (time.perf_counter() - began) / RANDOM_REQUESTS
    refused = sum(count for status, count in statuses.items() if 400 <= status < 500)
    errors = sum(count for status, count in statuses.items() if status >= 500)
    nothing = RANDOM_REQUESTS - refused - errors
    yield Result(f"{RANDOM_REQUESTS} requests of random bytes: refused (4xx)", refused, "")
    yield Result(f"{RANDOM_REQUESTS} requests of random bytes: 500 and above", errors, "")
    yield Result(f"{RANDOM_REQUESTS} requests of random bytes: anything else", nothing, "")
    yield Result("a request of random bytes, eight at once", mean, "ms")
    right = service.identify(place.clips[0]).json()["decision"]["name"] == place.names[0]
    yield Result("answers as before afterwards (1: yes)", float(right), "")
