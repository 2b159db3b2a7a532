"""Beyond a kiosk's memory: the server of a searchable fleet names candidates, the kiosk scores them
from its own gallery, and searches there alone where the server does not answer in time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias
from uuid import UUID

from kiosk.core.cohort import Cohort
from kiosk.core.errors import FleetUnreachable, KioskError
from kiosk.core.extras import require
from kiosk.core.media import Modality
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Ids, SubjectScores
from kiosk.core.settings import Settings
from kiosk.runtime.fleet.membership import Membership
from kiosk.storage import SqlGallery
from kiosk.storage.postgres.connection import Connection, ServerAddress, connect
from kiosk.storage.postgres.sealing import Sealing
from kiosk.storage.postgres.search import (
    LEAST,
    MARGIN,
    MOST,
    CentralSearch,
    beyond,
    require_searchable,
)
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.sqlite import fleet_state
from kiosk.storage.sqlite.database import reporting
from kiosk.storage.sqlite.vector_forms import form_of, one_view

DEADLINE = 0.5
"""Seconds that a visit waits for the server's candidates."""
PAUSE = 30.0
"""Seconds for which the server is not asked after it did not answer."""
_IN_USE = """retired_by IS NULL AND templates.subject_id NOT IN
    (SELECT subject_id FROM consents GROUP BY subject_id HAVING count(*) = count(withdrawn))"""


Candidates: TypeAlias = Callable[[Probe, int], list[UUID]]
"""Names those nearest to a probe. Raises FleetError and its children."""


class ServerCandidates:
    """Asks the server on a thread of its own, which a visit waits for no longer than the deadline:
    also a connection that does not come about holds nobody up."""

    def __init__(self, settings: Settings, member: Membership) -> None:
        address = ServerAddress(settings.fleet_server, authority=settings.fleet_authority)
        self._address = replace(address, role=member.role, password=member.password, reading=True)
        self._sealing = Sealing(member.keys)
        self._connection: Connection | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="kiosk-fleet-search")
        self._asked: Future[list[UUID]] | None = None

    def __call__(self, probe: Probe, count: int) -> list[UUID]:
        """See `Candidates`."""
        if self._asked is not None and not self._asked.done():
            raise FleetUnreachable("The server of the fleet has not answered yet.", "Wait.")
        self._asked = self._pool.submit(self._ask, probe, count)
        try:
            return self._asked.result(DEADLINE)
        except TimeoutError as error:
            raise FleetUnreachable("The server of the fleet is slow.", "See its load.") from error

    def _ask(self, probe: Probe, count: int) -> list[UUID]:
        try:
            if self._connection is None:
                self._connection = connect(self._address)
                require_searchable(self._connection)
            return CentralSearch(self._connection, self._sealing).candidates(probe, count)
        except (KioskError, OSError):
            self._let_go()
            raise

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the thread; what it waits for is not waited for here."""
        self._pool.submit(self._let_go)
        self._pool.shutdown(wait=False)


@contextmanager
def searched_at_server(
    settings: Settings, gallery: SqlGallery
) -> Iterator[FleetSearch | SqlGallery]:
    """The gallery, with the server of a searchable fleet before it; alone where there is none."""
    require("psycopg", "pgvector", for_what="A search on the server of a fleet")
    with reporting():
        form = fleet_state.member_form(gallery.database) if settings.fleet_search_above else None
    if form is None or not settings.fleet_server:
        yield gallery
        return
    candidates = ServerCandidates(settings, Membership.of_form(form))
    try:
        yield FleetSearch(gallery, candidates, settings.fleet_search_above)
    finally:
        candidates.close()


class FleetSearch:
    """What an identification needs of a gallery, `ports.gallery.TemplateSearch` among it. Above so
    many people of a model `candidates` are asked for. For one thread."""

    def __init__(
        self,
        gallery: SqlGallery,
        candidates: Candidates,
        above: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gallery, self._candidates, self._above, self._clock = (
            gallery,
            candidates,
            above,
            clock,
        )
        self._not_before = 0.0
        self.subject_name, self.origin = gallery.subject_name, gallery.origin
        self.templates = gallery.templates

    def scores(self, probe: Probe, limit: int, cohort: Cohort | None = None) -> SubjectScores:
        """The `limit` subjects with the highest scores, and how many are left out below them."""
        people = self._people(probe)
        if people <= self._above or self._clock() < self._not_before:
            return self._gallery.scores(probe, limit, cohort)
        try:
            named = self._candidates(probe, max(LEAST, min(MOST, MARGIN * limit)))
        except (KioskError, OSError):
            self._not_before = self._clock() + PAUSE
            return self._gallery.scores(probe, limit, cohort)
        resident = self._loaded(probe, self._known(named))
        scores = resident.scores(probe.vector, limit, cohort)
        return beyond(scores, people, resident, probe, cohort)

    def scores_of(
        self,
        probe: Probe,
        subject_ids: Ids,
        cohort: Cohort | None = None,
        aggregate: Aggregate | None = None,
    ) -> SubjectScores:
        """Of these subjects, ids ascending; whoever has no such template is not among them."""
        if self._people(probe) <= self._above:
            return self._gallery.scores_of(probe, subject_ids, cohort, aggregate)
        resident = self._loaded(probe, subject_ids.tolist())
        return resident.scores_of(probe.vector, subject_ids, cohort, aggregate)

    def population(self, models: Sequence[tuple[Modality, str]]) -> int:
        """How many subjects have templates of any of these models."""
        wanted = json.dumps([[modality.value, model_id] for modality, model_id in models])
        with reporting():
            (count,) = self._gallery.database.execute(
                f"""SELECT count(DISTINCT templates.subject_id) FROM templates
                    JOIN models USING (model)
                    JOIN json_each(?) AS wanted ON modality = wanted.value ->> 0
                        AND model_id = wanted.value ->> 1 WHERE {_IN_USE}""",  # noqa: S608
                [wanted],
            ).fetchone()
        return int(count)

    def _people(self, probe: Probe) -> int:
        return self.population([(probe.modality, probe.model_id)])

    def _known(self, named: Sequence[UUID]) -> list[int]:
        """How this gallery counts them; who is not here yet, or not any more, is left out."""
        with reporting():
            rows = self._gallery.database.execute(
                """SELECT row FROM fleet_rows WHERE kind = 'subject'
                   AND uid IN (SELECT value FROM json_each(?))""",
                [json.dumps([each.hex for each in named])],
            ).fetchall()
        return [row[0] for row in rows]

    def _loaded(self, probe: Probe, subject_ids: Sequence[int]) -> ResidentReferences:
        """The templates in use of these subjects alone, out of the kiosk's own gallery."""
        database = self._gallery.database
        with reporting(), one_view(database):
            form = form_of(database)
            resident = ResidentReferences(probe.modality, probe.model_id, form.transform)
            rows = database.execute(
                f"""SELECT template_id, templates.subject_id, vector, dims FROM json_each(?) AS who
                    CROSS JOIN templates ON templates.subject_id = who.value
                    CROSS JOIN models USING (model)
                    WHERE modality = ? AND model_id = ? AND {_IN_USE}""",  # noqa: S608
                [json.dumps(list(subject_ids)), probe.modality.value, probe.model_id],
            ).fetchall()
            if rows:
                ids, subjects, blobs, dims = zip(*rows, strict=True)
                resident.add(ids, subjects, form.as_stored(blobs, dims[0]))
        return resident
