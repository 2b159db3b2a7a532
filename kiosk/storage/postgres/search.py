"""The search on the server of a searchable fleet: candidates there, scores from the templates.

The server holds one vector for each subject and model: the mean direction of the templates in use,
turned by a key that it does not have, in half precision. Among few it compares with all, which is
exact; from `INDEXED` on HNSW finds the nearest among those of the sites asked for (each site is a
partition, and has an index of its own). What a candidate scores is then computed exactly, from the
templates, by whoever can open them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from pgvector import HalfVector
from psycopg import sql

from kiosk.core.cohort import Cohort
from kiosk.core.errors import FleetError
from kiosk.core.media import Modality
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Ids, SubjectScores
from kiosk.storage.postgres.connection import Connection, reporting
from kiosk.storage.postgres.parts import vectors
from kiosk.storage.postgres.sealing import Sealing
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.vectors import STORED, decode

MARGIN = 4
"""Candidates asked for, as a multiple of the subjects wanted."""
LEAST, MOST = 100, 1000
"""Of them; the index looks at no more than the latter at once."""
INDEXED = 150_000_000
"""From so many numbers of a model at one site on (people times the length of a vector) an index is
made: among fewer the server answers in time when it compares with all, which misses nobody
(docs/fleet.md, How far it goes)."""
LINKS, LOOKED_AT = 32, 128
"""Of each vector in the index, and how many are looked at for them while it is made."""
DEADLINE_MS = 400
"""After so long the kiosk searches in its own gallery instead."""


def index_searches(owner: Connection, above: int = INDEXED) -> list[str]:
    """An HNSW index for each model that has none and more than so many numbers at one site; the
    models. Until then the server compares with everybody, which is exact."""
    made = []
    with reporting():
        rows = owner.execute(
            """SELECT model, model_id, dims FROM kiosk.models WHERE %s < dims * (
                   SELECT max(people) FROM (SELECT count(*) AS people FROM kiosk.centroids
                       WHERE centroids.model = models.model GROUP BY site) AS sites)""",
            [above],
        ).fetchall()
        for model, model_id, dims in rows:
            name = f"centroids_of_{model}"
            there = owner.execute("SELECT to_regclass(%s)", [f"kiosk.{name}"]).fetchone()
            if there is not None and there[0] is not None:
                continue
            owner.execute(
                sql.SQL(
                    """CREATE INDEX {name} ON kiosk.centroids
                       USING hnsw ((turned::halfvec({dims})) halfvec_cosine_ops)
                       WITH (m = {links}, ef_construction = {looked_at}) WHERE model = {model}"""
                ).format(
                    name=sql.Identifier(name),
                    dims=sql.Literal(dims),
                    model=sql.Literal(model),
                    links=sql.Literal(LINKS),
                    looked_at=sql.Literal(LOOKED_AT),
                )
            )
            made.append(str(model_id))
    return made


class CentralSearch:
    """Implements `ports.gallery.TemplateSearch` with the server's candidates; subjects are known by
    their numbers there. For one thread."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection, self._sealing = connection, sealing

    def candidates(self, probe: Probe, count: int) -> list[UUID]:
        """Those whose mean template is nearest to a probe, nearest first. Raises FleetError."""
        model, dims = self._model(probe.modality, probe.model_id)
        if model is None:
            return []
        turned = HalfVector(self._sealing.transform.apply(probe.vector, probe.model_id))
        with reporting(), self._connection.transaction():
            self._connection.execute(
                sql.SQL(
                    "SET LOCAL hnsw.ef_search = {0}; SET LOCAL statement_timeout = {1};"
                    "SET LOCAL hnsw.iterative_scan = relaxed_order"
                ).format(sql.Literal(max(LEAST, min(MOST, count))), sql.Literal(DEADLINE_MS))
            )
            rows = self._connection.execute(
                sql.SQL(
                    """SELECT subject FROM kiosk.centroids WHERE model = {model}
                       ORDER BY turned::halfvec({dims}) <=> {probe}::halfvec({dims})
                       LIMIT {count}"""
                ).format(
                    model=sql.Literal(model),
                    dims=sql.Literal(dims),
                    probe=sql.Literal(turned.to_text()),
                    count=sql.Literal(count),
                )
            ).fetchall()
        return [row[0] for row in rows]

    def scores(self, probe: Probe, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """The `limit` subjects with the highest scores among the nearest candidates, exact. Whoever
        is left out counts with the lowest of the candidates."""
        wanted = max(LEAST, min(MOST, MARGIN * limit))
        found = self.candidates(probe, wanted)
        resident = self._loaded(probe, found)
        scores = resident.scores(probe.vector, limit, cohort)
        everybody = self.population([(probe.modality, probe.model_id)])
        return beyond(scores, everybody, resident, probe, cohort)

    def scores_of(
        self,
        probe: Probe,
        subject_ids: Ids,
        cohort: Cohort | None = None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of these subjects, ids ascending; whoever has no such template is not among them."""
        with reporting():
            rows = self._connection.execute(
                "SELECT subject FROM kiosk.subjects WHERE number = ANY(%s)",
                [subject_ids.tolist()],
            ).fetchall()
        resident = self._loaded(probe, [row[0] for row in rows])
        return resident.scores_of(probe.vector, subject_ids, cohort, aggregate)

    def population(self, models: Sequence[tuple[Modality, str]]) -> int:
        """How many subjects have templates of any of these models."""
        with reporting():
            row = self._connection.execute(
                """SELECT count(DISTINCT subject) FROM kiosk.centroids JOIN kiosk.models
                   USING (model) WHERE (modality, model_id) IN
                       (SELECT * FROM unnest(%s::text[], %s::text[]))""",
                [[each.value for each, _ in models], [model_id for _, model_id in models]],
            ).fetchone()
        return int(row[0]) if row else 0

    def _model(self, modality: Modality, model_id: str) -> tuple[int | None, int]:
        with reporting():
            row = self._connection.execute(
                "SELECT model, dims FROM kiosk.models WHERE modality = %s AND model_id = %s",
                [modality.value, model_id],
            ).fetchone()
        return (int(row[0]), int(row[1])) if row else (None, 0)

    def _loaded(self, probe: Probe, subjects: Sequence[UUID]) -> ResidentReferences:
        """The templates in use of these subjects alone."""
        resident = ResidentReferences(probe.modality, probe.model_id)
        with reporting():
            rows = self._connection.execute(
                """SELECT template, templates.number, subjects.number FROM kiosk.templates
                   JOIN kiosk.models USING (model) JOIN kiosk.subjects USING (site, subject)
                   WHERE subject = ANY(%s) AND modality = %s AND model_id = %s
                       AND retired_by IS NULL AND (site, subject, model) IN
                           (SELECT site, subject, model FROM kiosk.centroids)""",
                [list(subjects), probe.modality.value, probe.model_id],
            ).fetchall()
            found = vectors(self._connection, self._sealing, [row[0] for row in rows])
        there = [row for row in rows if row[0] in found]
        if there:
            blobs = [found[row[0]].halves for row in there]
            matrix = decode(blobs, len(blobs[0]) // STORED.itemsize)
            resident.add([row[1] for row in there], [row[2] for row in there], np.asarray(matrix))
        return resident


def beyond(
    scores: SubjectScores,
    everybody: int,
    candidates: ResidentReferences,
    probe: Probe,
    cohort: Cohort | None,
) -> SubjectScores:
    """Scores among candidates, with those of whom nothing is known counted as left out: as near as
    the farthest of the candidates."""
    left_out = everybody - len(scores.subject_ids)
    if left_out <= 0:
        return scores
    bound = scores.bound
    if not np.isfinite(bound):
        every = candidates.scores(probe.vector, len(candidates) or 1, cohort).scores
        bound = float(every.min()) if len(every) else -np.inf
    return SubjectScores(scores.subject_ids, scores.scores, left_out, bound)


def require_searchable(connection: Connection) -> None:
    """Raises FleetError for a server that cannot search."""
    with reporting():
        row = connection.execute("SELECT privacy FROM kiosk.fleet").fetchone()
    if row is None or row[0] != "searchable":
        raise FleetError(
            "The server of this fleet cannot search: it is sealed.",
            "Set fleet_search_above to 0; kiosks search for themselves.",
        )
