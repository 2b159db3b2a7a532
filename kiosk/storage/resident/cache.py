"""All resident matrices of one gallery, kept in step with the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlite_utils import Database

from kiosk.core.media import Modality
from kiosk.storage.resident.matrix import ResidentReferences
from kiosk.storage.resident.vectors import VectorForm

_AT_ONCE = 1024
"""Rows turned from half to single precision while they still lie in the processor's cache."""
_COMPARED = """retired_by IS NULL AND templates.subject_id NOT IN
    (SELECT subject_id FROM consents GROUP BY subject_id HAVING count(*) = count(withdrawn))"""
"""Templates in use of whoever has not taken consent back."""
_NEVER = -1
"""A data version that makes the next `get` compare everything."""


class Residents:
    """Matrices by modality and model, each loaded when first asked for.

    Changes made through this connection are handed in with `refresh`; those of other processes
    are noticed by SQLite's data version and found by comparing ids, which are never used twice.
    """

    def __init__(self, database: Database, form: Callable[[], VectorForm]) -> None:
        self._database = database
        self._form = form
        self._loaded_in: VectorForm | None = None
        self._loaded: dict[tuple[Modality, str], ResidentReferences] = {}
        self._seen = self._data_version()

    def get(self, modality: Modality, model_id: str) -> ResidentReferences:
        """The matrix as the database has it now."""
        version = self._data_version()
        if version != self._seen:
            self._require_form()
            for resident in self._loaded.values():
                self._catch_up(resident)
            self._seen = version
        if (modality, model_id) not in self._loaded:
            transform = self._require_form().transform
            resident = ResidentReferences(modality, model_id, transform)
            self._catch_up(resident)
            self._loaded[modality, model_id] = resident
        return self._loaded[modality, model_id]

    def refresh(self, gone: Sequence[int], new: Sequence[int]) -> None:
        """Templates `gone` are out of use, templates `new` are in use from now on."""
        seen, self._seen = self._seen, _NEVER
        self._require_form()
        for resident in self._loaded.values():
            resident.retire(gone)
            self._add(resident, new)
        self._seen = seen

    def distrust(self) -> None:
        """So much has changed that comparing everything is the quickest way."""
        self._seen = _NEVER

    def _require_form(self) -> VectorForm:
        """How vectors lie now. Matrices that were loaded when they lay otherwise are loaded anew:
        an exchange of the key changes no id."""
        form = self._form()
        if form is not self._loaded_in:
            self._loaded.clear()
            self._loaded_in = form
        return form

    def _data_version(self) -> int:
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def _catch_up(self, resident: ResidentReferences) -> None:
        """Make the matrix hold exactly the active templates, touching only what differs."""
        if not len(resident):
            self._load(resident)
            return
        rows = self._database.execute(
            f"""SELECT template_id FROM templates JOIN models USING (model)
                WHERE modality = ? AND model_id = ? AND {_COMPARED}""",  # noqa: S608
            [resident.modality.value, resident.model_id],
        )
        active = {row[0] for row in rows}
        present = resident.template_ids()
        resident.retire(list(present - active))
        resident.reserve(len(active - present))
        self._add(resident, sorted(active - present))

    def _load(self, resident: ResidentReferences) -> None:
        """Everything, in one pass: each page is decrypted once."""
        asked = [resident.modality.value, resident.model_id]
        wanted = "FROM templates JOIN models USING (model) WHERE modality = ? AND model_id = ? AND"
        (count,) = self._database.execute(
            f"SELECT count(*) {wanted} retired_by IS NULL", asked
        ).fetchone()
        resident.reserve(count)
        self._take(
            resident,
            self._database.execute(
                f"SELECT template_id, templates.subject_id, vector, dims {wanted} {_COMPARED}",
                asked,
            ),
        )

    def _add(self, resident: ResidentReferences, template_ids: Sequence[int]) -> None:
        # CROSS JOIN: SQLite is to look up the wanted ids, not to walk through all active ones.
        rows = self._database.execute(
            f"""SELECT template_id, templates.subject_id, vector, dims FROM json_each(?) AS wanted
                CROSS JOIN templates ON template_id = wanted.value
                CROSS JOIN models USING (model)
                WHERE modality = ? AND model_id = ? AND {_COMPARED}""",  # noqa: S608
            [json.dumps(list(template_ids)), resident.modality.value, resident.model_id],
        )
        self._take(resident, rows)

    def _take(self, resident: ResidentReferences, rows: Any) -> None:
        """What a query found, in pieces."""
        form = self._form()
        while some := rows.fetchmany(_AT_ONCE):
            ids, subjects, blobs, dims = zip(*some, strict=True)
            resident.add(ids, subjects, form.as_stored(blobs, dims[0]))
