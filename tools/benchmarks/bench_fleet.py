"""A fleet: ten kiosks with ten thousand people, and the search on its server beside the matrix.

`python -m tools.benchmarks fleet --people N --kiosks N --changes N --vectors N --faces FOLDER`. A
real PostgreSQL on this machine, durable as it ships; kiosks of one process, each with its own
encrypted gallery. People are random unit vectors of 512 numbers (NumPy seed 0), eight templates
each, put into the server many at once; so are the changes that a kiosk is to catch up with. With
`--faces` the search is also among people spread as the faces in that collection are (face-mobile),
eight templates each of which the server holds the mean direction. Random directions are the
hardest there are for an index: faces lie nearer together. Where faiss is installed
(`make bench`), it answers beside the server.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from kiosk.core.errors import KioskError
from kiosk.core.fleet import Privacy
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.samples import Probe
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.runtime.fleet.service import following
from kiosk.storage.postgres.search import MOST, CentralSearch, index_searches
from kiosk.storage.resident.matrix import ResidentReferences
from tests.support.fleet import FleetKiosk
from tests.support.postgres import CentralPlace, Server, folder_for_server
from tests.support.storage_support import open_in
from tools.benchmarks import Note, Result
from tools.benchmarks.fleet_data import (
    Draw,
    FilledServer,
    faces_in,
    people_like,
    random_people,
    unit,
)

DIMS, EACH, MODEL = 512, 8, "bench@00000000"
CHANGES, TOLD, ASKED, WARM = 40, 100, 200, 5
MOST_INDEXED = 100_000
"""An index over more takes hours to build."""


def run(
    people: int = 10_000,
    kiosks: int = 10,
    vectors: int = 20_000,
    changes: int = 100_000,
    faces: Path | None = None,
) -> Iterator[Result | Note]:
    """All figures."""
    with folder_for_server() as folder, tempfile.TemporaryDirectory() as kept:
        server = Server(folder)
        server.make()
        server.start(safe=True)
        try:
            yield from _kiosks(server, Path(kept), people, kiosks, changes)
            yield from _search(server, vectors, MODEL, DIMS, random_people(DIMS, 1), "random")
            if faces is not None:
                model_id, rows, subject = faces_in(faces, "face-mobile")
                drawn = people_like(rows, subject, EACH)
                yield from _search(server, vectors, model_id, rows.shape[1], drawn, "face")
        finally:
            server.stop()


def _kiosks(
    server: Server, kept: Path, people: int, kiosks: int, changes: int
) -> Iterator[Result | Note]:
    place, chance = CentralPlace(server), np.random.default_rng(0)
    filled = FilledServer(place, MODEL, DIMS, EACH)
    drawn = random_people(DIMS, EACH)
    filled.fill(drawn(chance, people), people)
    first = FleetKiosk(place, kept / "0", "kiosk 0")
    seconds = _timed(first.meet)
    yield Result(f"a new kiosk takes {people:,} people over", seconds, "s")
    yield from _caught_up(first, f"{changes:,} changes of names", lambda: filled.rename(changes))
    few = max(1, people // 100)

    def mixed() -> None:
        filled.rename(changes - few)
        filled.add(drawn(chance, few), few)

    yield from _caught_up(first, f"{changes:,} changes, {few:,} of them new templates", mixed)
    yield from _told(first)
    rest = [FleetKiosk(place, kept / str(n), f"kiosk {n}") for n in range(1, kiosks)]
    for each in rest:
        each.meet()
    every = [first, *rest]
    probe = Probe(Modality.FACE, MODEL, next(drawn(chance, 1))[0], 0.8, 1)
    yield from _visits(rest[0] if rest else first, probe)
    yield from _everywhere(every)
    for each in every:
        each.close()


def _caught_up(kiosk: FleetKiosk, what: str, change: Callable[[], None]) -> Iterator[Result]:
    """How long a kiosk takes over what was changed while it was away, beside loading its gallery
    twice: by the clock, and in its own processor time."""
    change()
    begun, own = time.perf_counter(), time.process_time()
    kiosk.meet()
    caught, busy = time.perf_counter() - begun, time.process_time() - own
    loaded, loading = 0.0, 0.0
    for _ in range(2):
        begun, own = time.perf_counter(), time.process_time()
        gallery = open_in(kiosk.folder)
        gallery.population([(Modality.FACE, MODEL)])
        loaded += time.perf_counter() - begun
        loading += time.process_time() - own
        gallery.close()
    yield Result(f"{what}, taken over", caught, "s", "loading twice", loaded / caught)
    yield Result("  of it the kiosk's processor", busy, "s", "loading twice", loading / busy)


def _told(kiosk: FleetKiosk) -> Iterator[Result]:
    for number in range(TOLD):
        vector = unit(np.random.default_rng(number).standard_normal((EACH, DIMS)))
        some = [Template(Modality.FACE, MODEL, row, 0.8, "bench") for row in vector]
        kiosk.gallery.enrol(f"Told {number}", some, EnrolmentKind.NEW)
    seconds = _timed(kiosk.meet)
    yield Result(f"{TOLD} new people told to the server", TOLD / seconds, "a s")


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
        vector = unit(np.random.default_rng(number).standard_normal(DIMS))
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


def _search(
    server: Server, count: int, model_id: str, dims: int, drawn: Draw, kind: str
) -> Iterator[Result | Note]:
    """One vector a person, as the server holds them, compared with all and by the index, beside
    the exact matrix in memory and faiss."""
    place = CentralPlace(server, Privacy.SEARCHABLE)
    chance = np.random.default_rng(0)
    rows = np.empty((count, dims), np.float32)
    probes: list[Vector] = []
    for number, templates in enumerate(drawn(chance, count)):
        if len(templates) > 1 and len(probes) < ASKED + WARM:  # the last one is not enrolled
            probes.append(templates[-1])
            templates = templates[:-1]
        rows[number] = unit(templates.sum(axis=0))
    while len(probes) < ASKED + WARM:
        probes.append(_near(chance, rows[len(probes)]))
    subjects = [uuid4() for _ in range(count)]
    with place.owner() as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        (model,) = owner.execute(
            "SELECT kiosk.model_number('face', %s, %s)", [model_id, dims]
        ).fetchone() or (0,)
        turned = place.sealing.transform.apply(rows, model_id)
        with owner.cursor().copy(
            "COPY kiosk.centroids (site, subject, model, turned) FROM STDIN"
        ) as copy:
            for subject, row in zip(subjects, turned, strict=True):
                copy.write_row(("main", subject, model, HalfVector(row).to_text()))
        owner.execute("VACUUM ANALYZE kiosk.centroids")
    credentials = place.invite()
    resident = ResidentReferences(Modality.FACE, model_id)
    resident.add(list(range(count)), list(range(count)), rows)
    asked = [Probe(Modality.FACE, model_id, probe, 0.8, 1) for probe in probes]
    here = _times(lambda n: resident.scores(probes[n], 10))
    nearest = np.argsort(-(np.stack(probes) @ rows.T), axis=1)[:, :10]
    what = f"{count:,} {kind} vectors"
    yield Result(f"the matrix in memory, {what}, 95 of 100", here * 1e3, "ms")
    yield from _faiss(rows, np.stack(probes), here)
    with place.connect(credentials) as opened:
        ask = _Ask(CentralSearch(opened, place.sealing), asked, subjects, nearest)
        yield from ask.figures(f"compared with all {what}", here)
        if count > MOST_INDEXED:
            return
        with place.owner() as owner:
            owner.execute("SET maintenance_work_mem = '1GB'")
            seconds = _timed(lambda: index_searches(owner, 0))
            owner.execute("VACUUM ANALYZE kiosk.centroids")
        yield Result(f"HNSW index over {what}", seconds, "s")
        opened.execute("SET enable_seqscan = off")
        yield from ask.figures(f"by the index among {what}", here)


class _Ask:
    """The server's candidates beside those who are nearest."""

    def __init__(
        self,
        search: CentralSearch,
        probes: list[Probe],
        subjects: list[UUID],
        nearest: NDArray[np.int64],
    ) -> None:
        self._search, self._probes, self._nearest = search, probes, nearest
        self._number = {subject: place for place, subject in enumerate(subjects)}

    def figures(self, what: str, here: float) -> Iterator[Result | Note]:
        """Whom it finds, and how long it takes."""
        hits, times = [], []
        for probe, nearest in zip(self._probes, self._nearest, strict=True):
            begun = time.perf_counter()
            with suppress(KioskError):
                named = self._search.candidates(probe, MOST)
                times.append(time.perf_counter() - begun)
                found = {self._number[each] for each in named}
                hits.append(len(found & set(nearest.tolist())))
        hits, times = hits[WARM:], times[WARM:]
        low, high = _wilson(sum(hits), 10 * len(hits))
        share = sum(hits) / (10 * len(hits)) if hits else 0.0
        yield Result(f"the ten nearest, {what}", share, "share")
        yield Note(
            f"  95 % interval {low:.4f} to {high:.4f} over {len(hits)} probes answered of "
            f"{len(self._probes) - WARM}"
        )
        if times:
            slow = float(np.quantile(times, 0.95))
            yield Result("  95 of 100", slow * 1e3, "ms", "the matrix in memory", here / slow)


def _faiss(rows: Matrix, probes: Matrix, here: float) -> Iterator[Result | Note]:
    """Exact, with one thread, as the matrix is."""
    if find_spec("faiss") is None:
        yield Note("  faiss is not installed: see `make bench`")
        return
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    slow = _times(lambda n: index.search(probes[n : n + 1], 10))
    yield Result("  faiss, exact", slow * 1e3, "ms", "the matrix in memory", here / slow)


def _times(ask: Callable[[int], object]) -> float:
    """Seconds within which 95 of 100 are answered."""
    times = [_timed(partial(ask, number)) for number in range(ASKED + WARM)]
    return float(np.quantile(times[WARM:], 0.95))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _near(chance: np.random.Generator, centre: Vector) -> Vector:
    """At a cosine of about 0.7."""
    return unit(centre + 1.02 * unit(chance.standard_normal(DIMS)))


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
