"""Looking for what is wrong with a gallery. What is reported names ids, never people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from kiosk.core.errors import InputError
from kiosk.core.names import clean_name, name_key
from kiosk.storage.resident.vectors import LENGTH_TOLERANCE
from kiosk.storage.sqlite import bounds
from kiosk.storage.sqlite.database import reporting
from kiosk.storage.sqlite.migrations import version_of
from kiosk.storage.sqlite.vector_forms import lengths_in

_DANGLING = {
    "subject {} has no active template": """
        SELECT subject_id FROM subjects WHERE subject_id NOT IN
            (SELECT subject_id FROM templates WHERE retired_by IS NULL)""",
    "template {} hangs on an enrolment of another subject": """
        SELECT template_id FROM templates JOIN enrolments USING (enrolment_id)
        WHERE templates.subject_id != enrolments.subject_id""",
    "template {} was retired by an enrolment of another subject": """
        SELECT template_id FROM templates JOIN enrolments ON retired_by = enrolments.enrolment_id
        WHERE templates.subject_id != enrolments.subject_id""",
    "enrolment {} has not as many templates as its record says": """
        SELECT enrolment_id FROM enrolments LEFT JOIN templates USING (enrolment_id)
        WHERE kind != 'rollback' AND NOT undone
        GROUP BY enrolment_id HAVING count(template_id) != face_templates + voice_templates""",
    "template {} has a quality that is not between 0 and 1": """
        SELECT template_id FROM templates WHERE NOT quality BETWEEN 0 AND 1""",
    "enrolment {} was rolled back but still has templates": """
        SELECT DISTINCT enrolment_id FROM enrolments JOIN templates USING (enrolment_id)
        WHERE undone""",
}

_TIMES = {
    "subject": "SELECT subject_id, created FROM subjects",
    "enrolment": "SELECT enrolment_id, time FROM enrolments",
    "template": "SELECT template_id, created FROM templates",
    "decision": "SELECT decision_id, time FROM decisions",
    "consent": """SELECT consent_id, time FROM consents
                  UNION ALL SELECT consent_id, withdrawn FROM consents""",
    "upgrade": "SELECT upgrade_id, started FROM upgrades",
    "sample of an upgrade": "SELECT sample_id, created FROM upgrade_samples",
    "correction of the attendance": """
        SELECT correction_id, made FROM attendance_corrections
        UNION ALL SELECT correction_id, first FROM attendance_corrections
        UNION ALL SELECT correction_id, last FROM attendance_corrections""",
    "event": """SELECT event_id, due FROM outbox
                UNION ALL SELECT event_id, given_up FROM outbox
                UNION ALL SELECT event_id, call_time FROM outbox""",
    "call": "SELECT call_id, time FROM calls UNION ALL SELECT call_id, changed FROM calls",
}


_VECTORS = {
    "template": "SELECT template_id, vector, dims FROM templates JOIN models USING (model)",
    "sample of an upgrade": """
        SELECT sample_id, vector, dims FROM upgrade_samples JOIN models USING (model)""",
}


_AT_ONCE = 1000
_FOREIGN = "Put back a copy: this was not written by the kiosk."
_REMOVE = "Remove that subject with `kiosk gallery remove`, or put back a copy."
_RENAME = "Rename that subject with `kiosk gallery rename`."
_AGAIN = "Enrol that subject again with `kiosk re-enrol`, or put back a copy."
_MODELS = "`kiosk models list` tells what is missing; or enrol these people again."


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what a person can do about it."""

    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.text}. {self.remedy}"


def problems(database: Database, known_models: Collection[str] | None = None) -> Iterator[Problem]:
    """One for each thing that is wrong; nothing for a sound gallery.

    `known_models` are the ids of models this installation knows: templates of any other are
    reported, since nobody can be identified by them; None leaves that out. Raises StorageError if
    the file is too damaged to be read through.
    """
    with reporting():
        broken = list(_with(_FOREIGN, _broken_pages(database)))
        broken += _with(_FOREIGN, bounds.foreign_definitions(database, version_of(database)))
        yield from broken
        if broken:
            return
        yield from _with(_REMOVE, bounds.oversized(database))
        yield from _with(_FOREIGN, bounds.odd_ids(database))
        yield from _with(_REMOVE, bounds.impossible_numbers(database))
        yield from _with(_REMOVE, bounds.unclean_texts(database))
        yield from _with(_REMOVE, _broken_references(database))
        yield from _with(_RENAME, _broken_names(database))
        yield from _with(_REMOVE, _broken_times(database))
        yield from _with(_AGAIN, _broken_vectors(database))
        if known_models is not None:
            yield from _with(_MODELS, _unknown_models(database, known_models))


def _with(remedy: str, lines: Iterable[str]) -> Iterator[Problem]:
    return (Problem(line, remedy) for line in lines)


def _broken_pages(database: Database) -> Iterator[str]:
    spoilt = database.execute("PRAGMA cipher_integrity_check").fetchall()
    if spoilt:
        # What cannot be decrypted cannot be looked at any closer.
        yield from (f"encryption: {line}" for (line,) in spoilt)
        return
    for (line,) in database.execute("PRAGMA integrity_check").fetchall():
        if line != "ok":
            yield f"structure: {line}"


def _broken_references(database: Database) -> Iterator[str]:
    for table, row, parent, _ in database.execute("PRAGMA foreign_key_check").fetchall():
        yield f"row {row} of {table} points to nothing in {parent}"
    for text, query in _DANGLING.items():
        for (number,) in database.execute(query).fetchall():
            yield text.format(number)


def _broken_names(database: Database) -> Iterator[str]:
    for number, name, key in database.execute("SELECT subject_id, name, name_key FROM subjects"):
        if name_key(name) != key:
            yield f"subject {number} cannot be found by its name"
        elif not _is_clean(name):
            yield f"subject {number} has a name that nobody may have"


def _is_clean(name: str) -> bool:
    try:
        return clean_name(name) == name
    except InputError:
        return False


def _broken_times(database: Database) -> Iterator[str]:
    for what, query in _TIMES.items():
        for number, time in database.execute(query):
            if not _is_time(time):
                yield f"{what} {number} has no readable time"


def _is_time(text: str | None) -> bool:
    try:
        return text is None or datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_KEPT_IN = {
    "template": ("templates", "template_id"),
    "sample of an upgrade": ("upgrade_samples", "sample_id"),
}


def broken_vectors(database: Database) -> Iterator[tuple[str, str, int]]:
    """Table, column of the id, and id of each row whose vector nobody can be compared with."""
    for what, number, _ in _vector_faults(database):
        yield (*_KEPT_IN[what], number)


def _broken_vectors(database: Database) -> Iterator[str]:
    return (f"{what} {number} {fault}" for what, number, fault in _vector_faults(database))


def _vector_faults(database: Database) -> Iterator[tuple[str, int, str]]:
    lengths_of = lengths_in(database)
    for what, query in _VECTORS.items():
        found = database.execute(query)
        while rows := found.fetchmany(_AT_ONCE):
            by_size: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
            for number, blob, dims in rows:
                by_size.setdefault((dims, len(blob)), []).append((number, blob))
            for (dims, _), some in by_size.items():
                lengths = lengths_of([blob for _, blob in some], dims)
                for (number, _), length in zip(some, lengths, strict=True):
                    if length is None:
                        yield what, number, f"has not the {dims} dimensions of its model"
                    elif not abs(length - 1) <= LENGTH_TOLERANCE:
                        yield what, number, f"is a vector of length {length:.4f}, not one"


def _unknown_models(database: Database, known_models: Collection[str]) -> Iterator[str]:
    found = database.execute(
        """SELECT modality, model_id, count(template_id) FROM models JOIN templates USING (model)
           WHERE retired_by IS NULL GROUP BY model"""
    )
    known = {_weights(model_id) for model_id in known_models}
    for modality, model_id, count in found.fetchall():
        if _weights(model_id) not in known:
            yield f"{count} {modality} templates are of the model {model_id}, unknown here"


def _weights(model_id: str) -> str:
    """The hash in a model's id: weights that were replaced may be known under another name now."""
    return model_id.rpartition("@")[2]
