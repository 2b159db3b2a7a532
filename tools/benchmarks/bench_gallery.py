"""A gallery of 100,000 templates: loading, exact search, one more enrolment.

The alternatives are what one would write first: a dictionary of vectors compared in a loop, rows
decoded one by one, the matrix stacked anew after each enrolment.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.recognition.identification import SEARCH_LIMIT
from kiosk.storage import SqlGallery
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.sqlite import rows
from kiosk.storage.sqlite.database import transaction
from kiosk.storage.sqlite.gallery import utc_now
from kiosk.storage.sqlite.vector_forms import form_of
from tools.benchmarks import Result

SUBJECTS, EACH, DIMS = 20_000, 5, 512
MODEL = "bench@00000000"
_T = TypeVar("_T")


def run() -> Iterator[Result]:
    """All figures, from an encrypted database in a temporary folder."""
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "data" / "gallery.db", Path(folder) / "config" / "gallery.key"
        gallery = SqlGallery.open(*paths)
        _fill(gallery, _unit_rows(chance, SUBJECTS * EACH))
        gallery.close()
        yield Result("size of 100,000 templates on disk", paths[0].stat().st_size / 1e6, "MB")

        gallery, seconds = _timed(lambda: _loaded(*paths))
        naive = _timed(lambda: _decoded_one_by_one(gallery))[1]
        yield Result(
            "open and load 100,000 templates", seconds, "s", "decode row by row", naive / seconds
        )
        references = gallery.references(Modality.FACE, MODEL)
        yield from _search(references, _unit_rows(chance, 100))
        yield from _enrolment(gallery, references, _unit_rows(chance, 21 * EACH))
        gallery.close()


def _search(references: ResidentReferences, probes: Matrix) -> Iterator[Result]:
    times = [_timed(partial(references.compare, probe))[1] for probe in probes]
    by_row = dict(enumerate(np.array(references.matrix())))
    loop = _timed(lambda: {key: float(row @ probes[0]) for key, row in by_row.items()})[1]
    p50 = statistics.median(times)
    yield Result(
        "exact search of 100,000 templates, p50", p50 * 1e3, "ms", "loop over vectors", loop / p50
    )
    p95 = float(np.percentile(times, 95))
    yield Result("exact search of 100,000 templates, p95", p95 * 1e3, "ms")
    yield from _best(references, probes)


def _best(references: ResidentReferences, probes: Matrix) -> Iterator[Result]:
    """What a visit asks for, beside sorting all ids to gather the scores of each subject."""
    times = [_timed(partial(references.scores, probe, SEARCH_LIMIT))[1] for probe in probes]
    p50 = statistics.median(times)
    sorting = statistics.median(_timed(partial(_by_sorting, references, p))[1] for p in probes)
    yield Result(
        f"the best {SEARCH_LIMIT} of 20,000 subjects, p50",
        p50 * 1e3,
        "ms",
        "sort the ids at each search",
        sorting / p50,
    )


def _by_sorting(references: ResidentReferences, probe: Vector) -> NDArray[np.float64]:
    ids, scores = references.compare(probe)
    present, place = np.unique(ids, return_inverse=True)
    best = np.full(len(present), -np.inf)
    np.maximum.at(best, place, scores)
    return best + np.bincount(place, weights=scores) / np.bincount(place)


def _enrolment(
    gallery: SqlGallery, references: ResidentReferences, vectors: Matrix
) -> Iterator[Result]:
    """Database commit and matrix together, beside stacking the matrix alone."""
    times = []
    for number in range(len(vectors) // EACH):
        some = vectors[number * EACH : (number + 1) * EACH]
        templates = [Template(Modality.FACE, MODEL, row, 0.9, "bench") for row in some]
        enrol = partial(gallery.enrol, f"new {number}", templates, EnrolmentKind.NEW)
        times.append(_timed(enrol)[1])
    assert len(references) == SUBJECTS * EACH + len(vectors)
    kept = list(references.matrix())
    rebuild = _timed(lambda: np.stack(kept))[1]
    p50 = statistics.median(times)
    yield Result(
        "one more enrolment beside 100,000, p50", p50 * 1e3, "ms", "stack the matrix", rebuild / p50
    )


def _fill(gallery: SqlGallery, vectors: Matrix) -> None:
    """In one transaction: 20,000 enrolments of their own would wait for the disk 20,000 times."""
    now = utc_now()
    counts = Counter({Modality.FACE: EACH})
    with transaction(gallery.database):
        for number in range(SUBJECTS):
            subject = rows.insert_subject(gallery.database, f"subject {number}", "", now)
            record = rows.insert_enrolment(
                gallery.database, subject, EnrolmentKind.NEW, counts, now
            )
            for row in vectors[number * EACH : (number + 1) * EACH]:
                template = Template(Modality.FACE, MODEL, row, 0.9, "bench")
                rows.insert_template(gallery.database, record, template)


def _loaded(database: Path, key_file: Path) -> SqlGallery:
    gallery = SqlGallery.open(database, key_file)
    gallery.references(Modality.FACE, MODEL)
    return gallery


def _decoded_one_by_one(gallery: SqlGallery) -> Matrix:
    found = gallery.database.execute("SELECT vector FROM templates WHERE retired_by IS NULL")
    form = form_of(gallery.database)
    return np.stack([form.as_stored([blob], DIMS)[0] for (blob,) in found])


def _unit_rows(chance: np.random.Generator, count: int) -> Matrix:
    found = chance.standard_normal((count, DIMS), dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def _timed(action: Callable[[], _T]) -> tuple[_T, float]:
    began = time.perf_counter()
    value = action()
    return value, time.perf_counter() - began
