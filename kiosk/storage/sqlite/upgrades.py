"""Upgrades from one recogniser to another, as rows. What writes belongs inside a `transaction`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Template
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.storage.sqlite import rows
from kiosk.storage.sqlite.rows import as_text, model_row
from kiosk.storage.sqlite.vector_forms import form_of

_UPGRADES = """SELECT upgrade_id, modality, old_model, new_model, state, started,
        (SELECT count(*) FROM upgrade_enrolments JOIN enrolments USING (enrolment_id)
         WHERE upgrade_id = upgrades.upgrade_id AND NOT undone),
        (SELECT count(*) FROM
            (SELECT subject_id FROM templates JOIN models USING (model)
             WHERE modality = upgrades.modality AND model_id = old_model AND retired_by IS NULL
             EXCEPT SELECT subject_id FROM templates JOIN models USING (model)
             WHERE modality = upgrades.modality AND model_id = new_model AND retired_by IS NULL)),
        (SELECT count(DISTINCT subject_id) FROM upgrade_samples
         WHERE upgrade_id = upgrades.upgrade_id)
    FROM upgrades ORDER BY upgrade_id DESC"""


def holders(database: Database, modality: Modality) -> dict[str, frozenset[int]]:
    """The subjects who have templates in use, by `model_id`."""
    found: dict[str, set[int]] = {}
    for model_id, subject_id in database.execute(
        """SELECT DISTINCT model_id, subject_id FROM templates JOIN models USING (model)
           WHERE modality = ? AND retired_by IS NULL""",
        [modality.value],
    ):
        found.setdefault(model_id, set()).add(subject_id)
    return {model_id: frozenset(subjects) for model_id, subjects in found.items()}


def upgrades(database: Database) -> list[ModelUpgrade]:
    """Newest first."""
    return [
        ModelUpgrade(
            number,
            Modality(modality),
            old,
            new,
            UpgradeState(state),
            datetime.fromisoformat(started),
            changed,
            waiting,
            begun,
        )
        for number, modality, old, new, state, started, changed, waiting, begun in database.execute(
            _UPGRADES
        ).fetchall()
    ]


def find_upgrade(database: Database, upgrade_id: int) -> ModelUpgrade:
    """One of them. Raises BugError for a number that was never given."""
    for upgrade in upgrades(database):
        if upgrade.upgrade_id == upgrade_id:
            return upgrade
    raise BugError(f"there is no upgrade {upgrade_id}")


def begin(database: Database, modality: Modality, old: str, new: str, now: datetime) -> int:
    """The number of the upgrade, a new one or that of the one not rolled back."""
    for upgrade in upgrades(database):
        same = (upgrade.modality, upgrade.old, upgrade.new) == (modality, old, new)
        if same and upgrade.state is not UpgradeState.ROLLED_BACK:
            set_state(database, upgrade.upgrade_id, UpgradeState.RUNNING)
            return upgrade.upgrade_id
    cursor = database.execute(
        """INSERT INTO upgrades (modality, old_model, new_model, state, started)
           VALUES (?, ?, ?, 'running', ?)""",
        [modality.value, old, new, as_text(now)],
    )
    return int(cursor.lastrowid or 0)


def set_state(database: Database, upgrade_id: int, state: UpgradeState) -> None:
    """Pause it, go on, or mark it as rolled back."""
    database.execute(
        "UPDATE upgrades SET state = ? WHERE upgrade_id = ?", [state.value, upgrade_id]
    )


def set_aside(
    database: Database,
    upgrade_id: int,
    subject_id: int,
    visit: str,
    templates: Sequence[Template],
    now: datetime,
) -> None:
    """Keep samples of a subject. Raises BugError for those of another model than the new one."""
    new = find_upgrade(database, upgrade_id).new
    for each in templates:
        if each.model_id != new:
            raise BugError(f"a sample of {each.model_id} in an upgrade to {new}")
        database.execute(
            """INSERT INTO upgrade_samples
                   (upgrade_id, subject_id, visit, model, vector, quality, source, created)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                upgrade_id,
                subject_id,
                visit,
                model_row(database, each.modality, each.model_id, each.vector.size),
                form_of(database).encode(each.vector, each.model_id),
                float(each.quality),
                each.source,
                as_text(each.created or now),
            ],
        )


def aside(database: Database, upgrade_id: int, subject_id: int) -> list[tuple[str, Template]]:
    """What was set aside of a subject, with the visit, oldest first."""
    form = form_of(database)
    found = database.execute(
        """SELECT visit, modality, model_id, vector, dims, quality, source, created
           FROM upgrade_samples JOIN models USING (model)
           WHERE upgrade_id = ? AND subject_id = ? ORDER BY sample_id""",
        [upgrade_id, subject_id],
    ).fetchall()
    return [
        (
            visit,
            Template(
                Modality(modality),
                model_id,
                form.decode([blob], dims, model_id)[0],
                quality,
                source,
                subject_id=subject_id,
                created=datetime.fromisoformat(created),
            ),
        )
        for visit, modality, model_id, blob, dims, quality, source, created in found
    ]


def discard_aside(database: Database, upgrade_id: int, subject_id: int | None = None) -> None:
    """Forget what was set aside of a subject, or of everybody."""
    database.execute(
        "DELETE FROM upgrade_samples WHERE upgrade_id = ? AND (?2 IS NULL OR subject_id = ?2)",
        [upgrade_id, subject_id],
    )


def carry_over(
    database: Database, upgrade_id: int, subject_id: int, now: datetime
) -> tuple[EnrolmentRecord, list[int], list[int]]:
    """Templates from what was set aside, in place of the old model's; returns the line of history,
    and the ids of the templates gone and new."""
    upgrade = find_upgrade(database, upgrade_id)
    samples = [each for _, each in aside(database, upgrade_id, subject_id)]
    if not samples:
        raise BugError("there is nothing to carry over")
    counts = Counter(each.modality for each in samples)
    kind = EnrolmentKind.REPLACE
    record = rows.insert_enrolment(database, subject_id, kind, counts, now)
    gone = rows.retire_templates(database, record, upgrade.modality, upgrade.old)
    new = [rows.insert_template(database, record, each) for each in samples]
    database.execute(
        "INSERT INTO upgrade_enrolments (enrolment_id, upgrade_id) VALUES (?, ?)",
        [record.enrolment_id, upgrade_id],
    )
    discard_aside(database, upgrade_id, subject_id)
    return record, gone, new


def take_back(
    database: Database, upgrade_id: int, now: datetime
) -> tuple[int, list[int], list[int]]:
    """Undo every step in force; returns how many, and the ids of templates gone and back."""
    steps = database.execute(
        """SELECT enrolment_id, subject_id FROM upgrade_enrolments
           JOIN enrolments USING (enrolment_id) WHERE upgrade_id = ? AND NOT undone""",
        [upgrade_id],
    ).fetchall()
    gone: list[int] = []
    back: list[int] = []
    for enrolment_id, subject_id in steps:
        counts = rows.modalities_retired_by(database, enrolment_id)
        deleted, revived = rows.undo_enrolment(database, enrolment_id)
        gone, back = gone + deleted, back + revived
        rows.insert_enrolment(database, subject_id, EnrolmentKind.ROLLBACK, counts, now)
    discard_aside(database, upgrade_id)
    set_state(database, upgrade_id, UpgradeState.ROLLED_BACK)
    return len(steps), gone, back
