"""The resident matrices of whoever works with the central gallery directly."""

from __future__ import annotations

from uuid import UUID

import numpy as np

from kiosk.core.media import Modality
from kiosk.storage.postgres.connection import Connection
from kiosk.storage.postgres.parts import vectors
from kiosk.storage.postgres.sealing import Sealing
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.vectors import STORED, decode

_COMPARED = """SELECT templates.number, subjects.number, template
    FROM kiosk.templates JOIN kiosk.models USING (model) JOIN kiosk.subjects USING (site, subject)
    WHERE modality = %s AND model_id = %s AND retired_by IS NULL AND NOT EXISTS (
        SELECT 1 FROM kiosk.consents AS given WHERE given.subject = templates.subject
        HAVING count(*) > 0 AND count(*) = count(withdrawn))"""
"""Templates in use of whoever has not taken consent back."""


class CentralResidents:
    """Matrices by modality and model, each loaded when first asked for and compared with the
    server again where any site has changed since."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection, self._sealing = connection, sealing
        self._loaded: dict[tuple[Modality, str], ResidentReferences] = {}
        self._seen: dict[tuple[Modality, str], list[tuple[str, int]]] = {}

    def get(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The matrix as the server has it now."""
        key = (modality, model_id)
        heads = self._connection.execute(
            "SELECT site, head FROM kiosk.sites ORDER BY site"
        ).fetchall()
        if self._seen.get(key) != heads:
            resident = self._loaded.setdefault(key, ResidentReferences(modality, model_id))
            self._catch_up(resident)
            self._seen[key] = heads
        return self._loaded[key]

    def _catch_up(self, resident: ResidentReferences) -> None:
        rows = self._connection.execute(
            _COMPARED, [resident.modality.value, resident.model_id]
        ).fetchall()
        active: dict[int, tuple[int, UUID]] = {n: (who, uid) for n, who, uid in rows}
        present = resident.template_ids()
        resident.retire(list(present - active.keys()))
        new = sorted(active.keys() - present)
        if not new:
            return
        resident.reserve(len(new))
        found = vectors(self._connection, self._sealing, [active[n][1] for n in new])
        there = [n for n in new if active[n][1] in found]
        blobs = [found[active[n][1]].halves for n in there]
        if there:
            rows_of = decode(blobs, len(blobs[0]) // STORED.itemsize)
            resident.add(there, [active[n][0] for n in there], np.asarray(rows_of))
