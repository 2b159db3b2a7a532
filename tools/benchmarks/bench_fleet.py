"""A fleet: ten kiosks with ten thousand people, and the search on its server beside the matrix.

`python -m tools.benchmarks fleet --people N --kiosks N --vectors N`. A real PostgreSQL on this
machine, durable as it ships; kiosks of one process, each with its own encrypted gallery. People are
random unit vectors of 512 numbers (NumPy seed 0), eight templates each; a probe is one of them with
noise, at a cosine of about 0.7 to its person. Random directions are the hardest there are for an
index: faces lie nearer together.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import numpy as np

from kiosk.core.errors import KioskError
from kiosk.core.fleet import Privacy
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.samples import Probe
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.runtime.fleet.service import following
from kiosk.storage.postgres.operations import turned_centroid
from kiosk.storage.postgres.search import CentralSearch, index_searches
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.vectors import encode
from tests.support.fleet import FleetKiosk
from tests.support.postgres import CentralPlace, Server, folder_for_server
from tools.benchmarks import Note, Result

DIMS, EACH, MODEL = 512, 8, "bench@00000000"
CHANGES, ASKED = 40, 100


def run(people: int = 10_000, kiosks: int = 10, vectors: int = 20_000) -> Iterator[Result | Note]:
    """All figures."""
    with folder_for_server() as folder, tempfile.TemporaryDirectory() as kept:
        server = Server(folder)
        server.make()
        server.start(safe=True)
        try:
            yield from _kiosks(server, Path(kept), people, kiosks)
            yield from _search(server, vectors)
        finally:
            server.stop()


def _people(chance: np.random.Generator, count: int) -> Iterator[tuple[str, list[Template]]]:
    for number in range(count):
        centre = _unit(chance.standard_normal(DIMS))
        some = [
            Template(Modality.FACE, MODEL, _near(chance, centre), 0.8, "bench") for _ in range(EACH)
        ]
        yield f"Person {number}", some


def _kiosks(server: Server, kept: Path, people: int, kiosks: int) -> Iterator[Result | Note]:
    place = CentralPlace(server)
    first = FleetKiosk(place, kept / "0", "kiosk 0")
    probe = None
    for name, templates in _people(np.random.default_rng(0), people):
        first.gallery.enrol(name, templates, EnrolmentKind.NEW)
        probe = probe or Probe(Modality.FACE, MODEL, templates[0].vector, 0.8, 1)
    assert probe is not None
    seconds = _timed(first.meet)
    yield Result(f"{people:,} people told to an empty server", people / seconds, "a s")
    second = FleetKiosk(place, kept / "1", "kiosk 1")
    seconds = _timed(second.meet)
    yield Result(f"a new kiosk takes {people:,} people over", seconds, "s")
    loaded = _timed(lambda: second.gallery.population([(Modality.FACE, MODEL)]))
    yield Result("the same gallery loaded into memory", loaded, "s")
    changed = min(people, 2_000)
    for number in range(changed):
        first.gallery.rename(f"Person {number}", f"Renamed {number}")
    first.meet()
    seconds = _timed(second.meet)
    yield Result(
        f"{changed:,} changes taken over", seconds, "s", "loading twice", 2 * loaded / seconds
    )
    rest = [FleetKiosk(place, kept / str(n), f"kiosk {n}") for n in range(2, kiosks)]
    for each in rest:
        each.meet()
    every = [first, second, *rest]
    yield from _visits(second, probe)
    yield from _everywhere(every)
    for each in every:
        each.close()


def _visits(kiosk: FleetKiosk, probe: Probe) -> Iterator[Result]:
    """The part of a visit that asks the gallery."""
    ask = lambda: kiosk.gallery.scores(probe, 1000)  # noqa: E731
    ask()
    with following(_settings(kiosk, kiosk.server)):
        joined = [_timed(ask) for _ in range(ASKED)]
    nowhere = kiosk.server.replace("port=", "port=1")
    with following(_settings(kiosk, nowhere)):
        cut = [_timed(ask) for _ in range(ASKED)]
    alone = [_timed(ask) for _ in range(ASKED)]
    base = statistics.median(alone)
    for name, times in (("alone", alone), ("joined", joined), ("server gone", cut)):
        middle = statistics.median(times)
        yield Result(
            f"a search in the gallery, {name}, median", middle * 1e3, "ms", "alone", base / middle
        )


def _everywhere(kiosks: list[FleetKiosk]) -> Iterator[Result | Note]:
    """From the commit at one kiosk to the last of the others, each following by itself."""
    stop = [following(_settings(each, each.server)) for each in kiosks]
    for each in stop:
        each.__enter__()
    times = []
    for number in range(CHANGES):
        teller = kiosks[number % len(kiosks)]
        name = f"New {uuid4().hex[:8]}"
        vector = _unit(np.random.default_rng(number).standard_normal(DIMS))
        teller.gallery.enrol(
            name, [Template(Modality.FACE, MODEL, vector, 0.8, "bench")], EnrolmentKind.NEW
        )
        begun = time.monotonic()
        waiting = [each for each in kiosks if each is not teller]
        while waiting and time.monotonic() < begun + 60:
            waiting = [each for each in waiting if not _has(each, name)]
            time.sleep(0.02)
        times.append(time.monotonic() - begun)
    for each in stop:
        each.__exit__(None, None, None)
    low, high = _interval(times, 0.95)
    yield Result(
        f"a change is at all {len(kiosks)} kiosks, median of {CHANGES}",
        statistics.median(times),
        "s",
    )
    yield Result("the same, 95 of 100", float(np.quantile(times, 0.95)), "s")
    yield Note(
        f"  95 % interval of that quantile {low:.2f} to {high:.2f} s; "
        f"load of this machine {os.getloadavg()[0]:.1f}"
    )


def _has(kiosk: FleetKiosk, name: str) -> bool:
    with suppress(KioskError):
        row = kiosk.gallery.database.execute("SELECT 1 FROM subjects WHERE name = ?", [name])
        return row.fetchone() is not None
    return False


def _settings(kiosk: FleetKiosk, server: str) -> Settings:
    folder = kiosk.folder
    return Settings(
        database=folder / "data" / "gallery.db",
        key_file=folder / "config" / "gallery.key",
        fleet_server=server,
    )


def _search(server: Server, count: int) -> Iterator[Result | Note]:
    """One vector a subject, as the server holds them, beside the exact matrix in memory."""
    place = CentralPlace(server, Privacy.SEARCHABLE)
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((count, DIMS)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    subjects = [uuid4() for _ in range(count)]
    with place.owner() as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        (model,) = owner.execute(
            "SELECT kiosk.model_number('face', %s, %s)", [MODEL, DIMS]
        ).fetchone() or (0,)
        with owner.cursor().copy(
            "COPY kiosk.centroids (site, subject, model, turned) FROM STDIN"
        ) as copy:
            for subject, row in zip(subjects, rows, strict=True):
                turned = turned_centroid(place.sealing, [encode(row)], MODEL)
                copy.write_row(("main", subject, model, turned.to_text()))
        seconds = _timed(lambda: index_searches(owner))
        yield Result(f"HNSW index over {count:,} vectors", seconds, "s")
        owner.execute("ANALYZE kiosk.centroids")
    credentials = place.invite()
    resident = ResidentReferences(Modality.FACE, MODEL)
    resident.add(list(range(count)), list(range(count)), rows)
    number = {subject: place_ for place_, subject in enumerate(subjects)}
    hits, first, there, here = [], [], [], []
    with place.connect(credentials) as opened:
        search = CentralSearch(opened, place.sealing)
        for _ in range(ASKED + 5):
            who = int(chance.integers(count))
            probe = Probe(Modality.FACE, MODEL, _near(chance, rows[who]), 0.8, 1)
            begun = time.perf_counter()
            exact = resident.scores(probe.vector, 10)
            between = time.perf_counter()
            with suppress(KioskError):
                named = search.candidates(probe, 1000)
                there.append(time.perf_counter() - between)
                here.append(between - begun)
                found = {number[each] for each in named}
                hits.append(len(found & set(exact.subject_ids.tolist())))
                first.append(who in found)
    hits, first, there, here = hits[5:], first[5:], there[5:], here[5:]
    recall = sum(hits) / (10 * len(hits)) if hits else 0.0
    low, high = _wilson(sum(hits), 10 * len(hits))
    yield Result(f"top-10 among 1,000 candidates of {count:,}", recall, "share")
    yield Note(
        f"  95 % interval {low:.4f} to {high:.4f} over {len(hits)} probes; "
        f"the right one was among them {sum(first)} times of {len(first)}"
    )
    yield Result(
        "candidates of the server, 95 of 100",
        float(np.quantile(there, 0.95)) * 1e3,
        "ms",
        "the matrix in memory",
        float(np.quantile(here, 0.95) / np.quantile(there, 0.95)),
    )


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _near(chance: np.random.Generator, centre: Vector) -> Vector:
    """At a cosine of about 0.7."""
    return _unit(centre + 1.02 * _unit(chance.standard_normal(DIMS)))


def _interval(values: list[float], share: float) -> tuple[float, float]:
    """Of a quantile, 95 %, by drawing anew (1,000 times, seed 0)."""
    chance = np.random.default_rng(0)
    drawn = chance.choice(values, (1000, len(values)))
    found: Matrix = np.quantile(drawn, share, axis=1)
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def _wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return middle - half, middle + half
