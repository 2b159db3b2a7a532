"""Who would come in with an archive, before anybody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from kiosk.core.media import Modality
from kiosk.core.name_skeleton import name_skeleton
from kiosk.core.names import name_key
from kiosk.core.records import Incoming
from kiosk.core.samples import Probe
from kiosk.core.scoring import SubjectScores
from kiosk.storage.resident.vectors import decode
from kiosk.storage.sqlite.archive import checked_archive
from kiosk.storage.sqlite.database import reporting

Search = Callable[[Probe, int], SubjectScores]
NameOf = Callable[[int], str]


def preview_archive(
    database: Database, file: Path, passphrase: str, search: Search, name_of: NameOf
) -> list[Incoming]:
    """Everybody in an archive that was checked whole, by name. Raises InputError as an import."""
    archive = checked_archive(file, passphrase)
    try:
        with reporting():
            here = database.execute("SELECT name_key, name FROM subjects").fetchall()
            taken = {key for key, _ in here}
            alike = {name_skeleton(name): name for _, name in here}
            people = archive.execute("SELECT subject_id, name FROM subjects ORDER BY name_key")
            return [
                replace(
                    _incoming(archive, number, name, name_key(name) in taken, search, name_of),
                    alike="" if name_key(name) in taken else alike.get(name_skeleton(name), ""),
                )
                for number, name in people.fetchall()
            ]
    finally:
        archive.close()


def _incoming(
    archive: Database, number: int, name: str, taken: bool, search: Search, name_of: NameOf
) -> Incoming:
    (consents,) = archive.execute(
        "SELECT count(*) FROM consents WHERE subject_id = ? AND withdrawn IS NULL", [number]
    ).fetchone()
    rows = archive.execute(
        """SELECT modality, model_id, dims, vector FROM templates JOIN models USING (model)
           WHERE subject_id = ? AND retired_by IS NULL ORDER BY template_id""",
        [number],
    ).fetchall()
    by_model: dict[tuple[str, str, int], list[bytes]] = {}
    for modality, model_id, dims, vector in rows:
        by_model.setdefault((modality, model_id, dims), []).append(vector)
    nearest, score = "", 0.0
    for (modality, model_id, dims), blobs in by_model.items():
        mean = decode(blobs, dims).mean(axis=0)
        length = float(np.linalg.norm(mean))
        if length == 0.0:
            continue
        probe = Probe(Modality(modality), model_id, mean / np.float32(length), 1.0, len(blobs))
        found = search(probe, 1)
        if len(found.subject_ids) and float(found.scores.max()) > score:
            best = int(found.scores.argmax())
            nearest, score = name_of(int(found.subject_ids[best])), float(found.scores[best])
    return Incoming(name, len(rows), bool(consents), taken, nearest, score)
