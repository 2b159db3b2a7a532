"""People of a fleet for its benchmark: put into a server many at once, as its writer would have put
them one by one, and vectors that resemble those of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from kiosk.core.fleet import TemplatePart
from kiosk.core.media import Matrix, Modality
from kiosk.storage.postgres.connection import Connection
from kiosk.storage.postgres.parts import Body, seal_template
from kiosk.storage.resident.vectors import encode
from tests.support.postgres import CentralPlace

Draw = Callable[[np.random.Generator, int], Iterator[Matrix]]
"""For so many people one after the other the templates of each, as rows of length one."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def unit(rows: NDArray[np.floating]) -> Matrix:
    """Of length one."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


class FilledServer:
    """The people of one site at a server, and changes of them."""

    def __init__(self, place: CentralPlace, model: str, dims: int, each: int) -> None:
        self._place, self._model, self._dims, self._each = place, model, dims, each
        self._subjects: list[UUID] = []
        self._head = 0

    def fill(self, templates: Iterator[Matrix], count: int) -> None:
        """So many people with these templates."""
        sealing, new = self._place.sealing, [uuid4() for _ in range(count)]
        self._subjects = new
        with self._place.owner() as owner, owner.transaction():
            with owner.cursor().copy(
                "COPY kiosk.subjects (site, subject, created, body) FROM STDIN"
            ) as copy:
                for number, subject in enumerate(new):
                    body = Body(f"Person {number}").sealed(sealing, subject)
                    copy.write_row(("main", subject, _NOW, body))
            with owner.cursor().copy("COPY kiosk.names (tag, subject, site) FROM STDIN") as copy:
                for number, subject in enumerate(new):
                    copy.write_row((sealing.tag(f"Person {number}"), subject, "main"))
            self._enrol(owner, zip(new, templates, strict=False), "new", self._each)
            self._tell(owner, new)
        self._settle()

    def rename(self, changes: int) -> None:
        """So many changes, each in turn of somebody's name; the last one of everybody stands."""
        some = self._subjects[:changes]
        with self._place.owner() as owner, owner.transaction():
            owner.execute("CREATE TEMP TABLE fresh (subject uuid, body bytea) ON COMMIT DROP")
            with owner.cursor().copy("COPY fresh FROM STDIN") as copy:
                for number, subject in enumerate(some):
                    body = Body(f"Renamed {self._head} {number}")
                    copy.write_row((subject, body.sealed(self._place.sealing, subject)))
            owner.execute(
                """UPDATE kiosk.subjects SET body = fresh.body FROM fresh
                   WHERE fresh.subject = subjects.subject"""
            )
            self._tell(owner, (some[number % len(some)] for number in range(changes)))
        self._settle()

    def add(self, templates: Iterator[Matrix], people: int) -> None:
        """One more template of so many people, each by an enrolment of its own."""
        some = self._subjects[:people]
        with self._place.owner() as owner, owner.transaction():
            pairs = ((each, rows[:1]) for each, rows in zip(some, templates, strict=False))
            self._enrol(owner, pairs, "add", 1)
            self._tell(owner, some)
        self._settle()

    def _enrol(
        self, owner: Connection, pairs: Iterable[tuple[UUID, Matrix]], kind: str, count: int
    ) -> None:
        (model,) = owner.execute(
            "SELECT kiosk.model_number('face', %s, %s)", [self._model, self._dims]
        ).fetchone() or (0,)
        enrolments: list[tuple[UUID, UUID]] = []
        with owner.cursor().copy(
            "COPY kiosk.templates (site, template, subject, enrolment, model, created, sealed) "
            "FROM STDIN"
        ) as copy:
            for subject, rows in pairs:
                enrolments.append((uuid4(), subject))
                for row in rows:
                    part = self._part(enrolments[-1][0], row)
                    sealed = seal_template(self._place.sealing, part)
                    copy.write_row(("main", part.uid, subject, part.enrolment, model, _NOW, sealed))
        with owner.cursor().copy(
            "COPY kiosk.enrolments (site, enrolment, subject, kind, time, face, voice, undone) "
            "FROM STDIN"
        ) as copy:
            for enrolment, subject in enrolments:
                copy.write_row(("main", enrolment, subject, kind, _NOW, count, 0, False))

    def _part(self, enrolment: UUID, row: Matrix) -> TemplatePart:
        halves = encode(row)
        return TemplatePart(
            uuid4(), enrolment, Modality.FACE, self._model, 0.8, "bench", _NOW, None, halves
        )

    def _tell(self, owner: Connection, subjects: Iterable[UUID]) -> None:
        with owner.cursor().copy(
            "COPY kiosk.changes (site, seq, subject, act, operation) FROM STDIN"
        ) as copy:
            for subject in subjects:
                self._head += 1
                copy.write_row(("main", self._head, subject, "change", uuid4()))
        owner.execute("UPDATE kiosk.sites SET head = %s WHERE site = 'main'", [self._head])

    def _settle(self) -> None:
        with self._place.owner() as owner:
            owner.execute("VACUUM ANALYZE")


def random_people(dims: int, each: int) -> Draw:
    """Directions by chance: nothing is harder for an index, for they have no neighbourhoods."""

    def draw(chance: np.random.Generator, count: int) -> Iterator[Matrix]:
        for _ in range(count):
            centre = unit(chance.standard_normal(dims))
            yield unit(centre + 1.02 * unit(chance.standard_normal((each, dims))))

    return draw


def people_like(vectors: Matrix, subject: Sequence[int], each: int) -> Draw:
    """People that nobody is, spread as those of these vectors are: normal, with their mean and
    their covariance between people and within one."""
    rows = unit(np.asarray(vectors))
    _, who, counts = np.unique(np.asarray(subject), return_inverse=True, return_counts=True)
    means = np.zeros((len(counts), rows.shape[1]))
    np.add.at(means, who, rows)
    means /= counts[:, None]
    several = (counts > 1)[who]
    free = np.sqrt(counts / np.maximum(counts - 1, 1))[who][several]
    within = np.cov(((rows - means[who])[several] * free[:, None]).T)
    between = np.cov(means.T) - within * np.mean(1 / counts)
    half_between, half_within = _half(between), _half(within)
    dims, middle = rows.shape[1], means.mean(axis=0)

    def draw(chance: np.random.Generator, count: int) -> Iterator[Matrix]:
        for _ in range(count):
            person = middle + half_between @ chance.standard_normal(dims)
            yield unit(person + chance.standard_normal((each, dims)) @ half_within.T)

    return draw


def _half(covariance: NDArray[np.floating]) -> NDArray[np.floating]:
    values, ways = np.linalg.eigh(covariance)
    found: NDArray[np.floating] = ways * np.sqrt(np.clip(values, 1e-7, None))
    return found


def faces_in(folder: Path, model: str) -> tuple[str, Matrix, list[int]]:
    """Vectors that a face network makes of a collection (see `kiosk evaluate`), and whose each is;
    what was embedded before is taken from the cache of `kiosk evaluate`."""
    from rich.console import Console

    from kiosk.core.settings import Settings
    from kiosk.datasets.collections import read_collection
    from kiosk.evaluation.extraction.context import open_workshop
    from kiosk.evaluation.extraction.embedding_cache import default_folder
    from kiosk.evaluation.extraction.extract import face_samples
    from kiosk.evaluation.extraction.load_models import faces

    settings, console = Settings(), Console(quiet=True)
    context = open_workshop(settings, default_folder(), console)
    (found,) = faces(settings, console, [model])
    samples = face_samples(read_collection(folder), found.embedder, context)
    return samples.model_id, samples.vectors, samples.subject.tolist()
