"""What was changed here goes into the outbox of the fleet, in the transaction that changed it.

What the fleet was last told of each row stands in `fleet_rows`; an operation is the difference.
So whatever changes people is told, by whichever way it was done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlite_utils import Database

from kiosk.core.fleet import (
    Act,
    Applied,
    ConsentPart,
    EnrolmentPart,
    Operation,
    Outcome,
    TemplatePart,
    as_json,
    of_json,
)
from kiosk.core.media import Modality
from kiosk.core.ports.audit import Act as Done
from kiosk.core.ports.audit import Fact
from kiosk.core.records import Origin
from kiosk.core.subjects import EnrolmentKind
from kiosk.storage.sqlite import fleet_state
from kiosk.storage.sqlite.rows import as_text, ids
from kiosk.storage.sqlite.vector_forms import form_of

_OF_ONE = {
    Done.ENROLLED,
    Done.ROLLED_BACK,
    Done.RENAMED,
    Done.CONFIRMED,
    Done.CONSENT_GIVEN,
    Done.CONSENT_WITHDRAWN,
    Done.GROUND,
    Done.FORGOTTEN,
}
"""What tells in its facts whom it changed; of what was forgotten, nobody means everybody."""
_UNTOLD = "untold"
"""Marks a row that the fleet had known and does not know any more."""
_OF_ALL = {Done.IMPORTED, Done.UPGRADE, Done.REPAIRED, Done.RESTORED}


def queue(
    database: Database,
    lines: Sequence[tuple[Done, dict[str, Fact]]],
    now: Callable[[], datetime],
) -> None:
    """What these acts changed is to be told to the fleet, if there is one."""
    acts = [each for each in lines if _matters(*each)]
    if not acts or not fleet_state.is_member(database):
        return
    outgoing = Outgoing(database, now())
    for act, facts in acts:
        if act is Done.REMOVED:
            outgoing.removed(_number(facts["removed"]))
        elif act is Done.MERGED:
            outgoing.merged(_number(facts["subject"]), _number(facts["other"]))
        else:
            outgoing.changed(_touched(database, act, facts))


def queue_everybody(database: Database, now: datetime) -> int:
    """Whoever the fleet does not know, or knows otherwise, is to be told; returns how many."""
    return Outgoing(database, now).changed(ids(database, "SELECT subject_id FROM subjects", []))


def _matters(act: Done, facts: dict[str, Fact]) -> bool:
    if act is Done.FORGOTTEN:
        return facts.get("what") == "learnt"  # pictures and decisions are each kiosk's own affair
    corrections = (Done.CORRECTED, Done.DENIED)
    return act in _OF_ONE | _OF_ALL or act in (Done.REMOVED, Done.MERGED, *corrections)


def _touched(database: Database, act: Done, facts: dict[str, Fact]) -> list[int]:
    if act in (Done.CORRECTED, Done.DENIED):
        query = "SELECT subject_id FROM decisions WHERE decision_id = ? AND subject_id IS NOT NULL"
        return ids(database, query, [facts["decision"]])
    subject = facts.get("subject")
    if act in _OF_ALL or subject is None:
        return ids(database, "SELECT subject_id FROM subjects", [])
    return [_number(subject)]


def _number(fact: Fact) -> int:
    assert isinstance(fact, int)
    return fact


class Outgoing:
    """Puts operations into the outbox; belongs inside a transaction."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database, self._now = database, now
        form = fleet_state.member_form(database)
        assert form is not None
        self._home = str(form["home"])

    def changed(self, subject_ids: Iterable[int]) -> int:
        """Whatever differs of these subjects from what was told; returns of how many."""
        count = 0
        for subject_id in subject_ids:
            operation = self._difference(subject_id)
            if operation is not None:
                self._put(operation)
                count += 1
        return count

    def removed(self, subject_id: int) -> None:
        """A subject is gone here. What waits of them is not told any more."""
        known = _known(self._database, subject_id)
        if known is None:
            return
        uid, state = known
        forget_subject(self._database, uid)
        self._put(Operation(uuid4(), Act.REMOVE, uid, state["site"], self._now))

    def merged(self, kept_id: int, other_id: int) -> None:
        """A subject has become a part of another one; its rows keep their UUIDs."""
        kept, other = _known(self._database, kept_id), _known(self._database, other_id)
        if kept is None or other is None:
            return
        self._follow_templates(kept_id, other[0])
        self._database.execute(
            "UPDATE fleet_rows SET subject = ? WHERE subject = ? AND kind <> 'subject'",
            [kept[0].hex, other[0].hex],
        )
        self._database.execute("DELETE FROM fleet_rows WHERE uid = ?", [other[0].hex])
        # What began the other one is an addition now: the fleet does the same.
        self._database.execute(
            """UPDATE fleet_rows SET state = 'add' || substr(state, 4)
               WHERE kind = 'enrolment' AND subject = ? AND state LIKE 'new|%' AND row IN
                   (SELECT enrolment_id FROM enrolments WHERE subject_id = ? AND kind = 'add')""",
            [kept[0].hex, kept_id],
        )
        operation = Operation(uuid4(), Act.MERGE, kept[0], kept[1]["site"], self._now)
        self._put(replace(operation, other=other[0]))
        self._database.execute(
            "UPDATE fleet_rows SET state = ? WHERE kind = 'subject' AND uid = ?",
            [
                json.dumps({**kept[1], "picture": self._picture_mark(kept_id), "mark": ""}),
                kept[0].hex,
            ],
        )

    def _follow_templates(self, kept_id: int, other: UUID) -> None:
        """Templates of the other one have got new ids, in the order of the old ones."""
        old = ids(
            self._database,
            "SELECT row FROM fleet_rows WHERE kind = 'template' AND subject = ? ORDER BY row",
            [other.hex],
        )
        new = ids(
            self._database,
            """SELECT template_id FROM templates WHERE subject_id = ? AND template_id NOT IN
               (SELECT row FROM fleet_rows WHERE kind = 'template') ORDER BY template_id""",
            [kept_id],
        )
        for before, after in zip(old, new, strict=True):
            self._database.execute(
                "UPDATE fleet_rows SET row = ? WHERE kind = 'template' AND row = ?", [after, before]
            )

    def _put(self, operation: Operation) -> None:
        self._database.execute(
            """INSERT INTO fleet_outbox (operation, site, subject, form, queued)
               VALUES (?, ?, ?, ?, ?)""",
            [
                operation.uid.hex,
                operation.site,
                operation.subject.hex,
                as_json(operation).decode(),
                as_text(self._now),
            ],
        )

    # --- the difference ----------------------------------------------------------------------

    def _difference(self, subject_id: int) -> Operation | None:
        known = _known(self._database, subject_id)
        before: dict[str, Any] = known[1] if known else {}
        uid = known[0] if known else uuid4()
        site = before.get("site", self._home)
        state = {"site": site, **self._said_of(subject_id)}
        told = {
            key: value for key, value in state.items() if key != "site" and before.get(key) != value
        }
        # A picture that is not kept here is no word about it: each kiosk keeps them or does not.
        if not state["picture"]:
            told.pop("picture", None)
        parts = _Differences(self._database, uid, subject_id)
        if not told and not parts.any():
            return None
        operation = Operation(
            uid=uuid4(),
            act=Act.WITHDRAW if parts.withdraws else Act.CHANGE,
            subject=uid,
            site=site,
            time=self._now,
            name=told.get("name"),
            name_before=before.get("name") if "name" in told else None,
            note=told.get("note"),
            created=self._created(subject_id) if not known or _UNTOLD in before else None,
            origin=Origin(told["origin"]) if "origin" in told else None,
            ground=told.get("ground"),
            picture=self._picture(subject_id) if "picture" in told else None,
            enrolments=tuple(parts.enrolments),
            templates=tuple(parts.templates),
            gone=tuple(parts.gone),
            consents=tuple(parts.consents),
        )
        put_row(self._database, "subject", subject_id, uid, uid, json.dumps(state))
        return operation

    def _said_of(self, subject_id: int) -> dict[str, str]:
        name, note, origin, ground = self._database.execute(
            """SELECT name, note, origin, coalesce(ground, '') FROM subjects
               LEFT JOIN holds USING (subject_id) WHERE subject_id = ?""",
            [subject_id],
        ).fetchone()
        mark = self._picture_mark(subject_id)
        return {"name": name, "note": note, "origin": origin, "ground": ground, "picture": mark}

    def _created(self, subject_id: int) -> datetime:
        (created,) = self._database.execute(
            "SELECT created FROM subjects WHERE subject_id = ?", [subject_id]
        ).fetchone()
        return datetime.fromisoformat(created)

    def _picture(self, subject_id: int) -> bytes | None:
        row = self._database.execute(
            "SELECT jpeg FROM pictures WHERE subject_id = ?", [subject_id]
        ).fetchone()
        return bytes(row[0]) if row else None

    def _picture_mark(self, subject_id: int) -> str:
        return mark_of(self._picture(subject_id))


class _Differences:
    """The parts of a subject that differ from what was told; from now on they count as told."""

    def __init__(self, database: Database, subject: UUID, subject_id: int) -> None:
        self._database, self._subject, self._subject_id = database, subject, subject_id
        rows = database.execute(
            "SELECT kind, row, uid, state FROM fleet_rows WHERE subject = ?", [subject.hex]
        ).fetchall()
        self._told = {(kind, row): (UUID(uid), state) for kind, row, uid, state in rows}
        self.enrolments = self._enrolments()
        self.templates = self._templates()
        self.gone = self._gone()
        self.consents = self._consents()

    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.enrolments or self.templates or self.gone or self.consents)

    @property
    def withdraws(self) -> bool:
        """Whether consent is taken back by this, and none is in force any more."""
        if not any(each.withdrawn for each in self.consents):
            return False
        (left,) = self._database.execute(
            "SELECT count(*) FROM consents WHERE subject_id = ? AND withdrawn IS NULL",
            [self._subject_id],
        ).fetchone()
        return not left

    def _uid(self, kind: str, row: int, state: str) -> tuple[UUID, bool, bool]:
        """UUID of a row, whether it is new, and whether it differs."""
        uid, before = self._told.get((kind, row), (None, None))
        if before == state and uid is not None:
            return uid, False, False
        new = uid is None or before == _UNTOLD
        uid = uid or uuid4()
        put_row(self._database, kind, row, uid, self._subject, state)
        self._told[kind, row] = (uid, state)
        return uid, new, True

    def _enrolments(self) -> list[EnrolmentPart]:
        found = []
        rows = self._database.query(
            "SELECT * FROM enrolments WHERE subject_id = ? ORDER BY enrolment_id",
            [self._subject_id],
        )
        for row in list(rows):
            state = f"{row['kind']}|{row['undone']}"
            uid, _, differs = self._uid("enrolment", row["enrolment_id"], state)
            if differs:
                found.append(
                    EnrolmentPart(
                        uid,
                        EnrolmentKind(row["kind"]),
                        datetime.fromisoformat(row["time"]),
                        row["face_templates"],
                        row["voice_templates"],
                        bool(row["undone"]),
                    )
                )
        return found

    def _templates(self) -> list[TemplatePart]:
        found = []
        form = form_of(self._database)
        rows = self._database.query(
            "SELECT * FROM templates JOIN models USING (model) WHERE subject_id = ? ORDER BY 1",
            [self._subject_id],
        )
        for row in list(rows):
            retired = row["retired_by"] and self._told[("enrolment", row["retired_by"])][0]
            uid, new, differs = self._uid(
                "template", row["template_id"], retired.hex if retired else ""
            )
            if not differs:
                continue
            halves = None
            if new:
                halves = form.halves([row["vector"]], row["dims"], row["model_id"])[0].tobytes()
            found.append(
                TemplatePart(
                    uid,
                    self._told[("enrolment", row["enrolment_id"])][0],
                    Modality(row["modality"]),
                    row["model_id"],
                    row["quality"],
                    row["source"],
                    datetime.fromisoformat(row["created"]),
                    retired or None,
                    halves,
                )
            )
        return found

    def _gone(self) -> list[UUID]:
        query = "SELECT template_id FROM templates WHERE subject_id = ?"
        present = set(ids(self._database, query, [self._subject_id]))
        gone = {k: v for k, v in self._told.items() if k[0] == "template" and k[1] not in present}
        for kind, row in gone:
            self._database.execute("DELETE FROM fleet_rows WHERE kind = ? AND row = ?", [kind, row])
        return [uid for uid, _ in gone.values()]

    def _consents(self) -> list[ConsentPart]:
        found = []
        rows = self._database.query(
            "SELECT * FROM consents WHERE subject_id = ? ORDER BY consent_id", [self._subject_id]
        )
        for row in list(rows):
            uid, _, differs = self._uid("consent", row["consent_id"], row["withdrawn"] or "")
            if differs:
                back = row["withdrawn"]
                found.append(
                    ConsentPart(
                        uid,
                        datetime.fromisoformat(row["time"]),
                        row["version"],
                        row["language"],
                        row["text"],
                        row["witness"],
                        datetime.fromisoformat(back) if back else None,
                    )
                )
        return found


# --- what waits ---------------------------------------------------------------------------------


def waiting_operations(database: Database, most: int, largest: int = 4 << 20) -> list[Operation]:
    """The first that the fleet has not been told, in their order: so many, and so many bytes."""
    found: list[Operation] = []
    size = 0
    rows = database.execute(
        "SELECT form FROM fleet_outbox WHERE seq IS NULL ORDER BY number LIMIT ?", [most]
    )
    for (form,) in rows.fetchall():
        size += len(form)
        if found and size > largest:
            break
        found.append(of_json(form))
    return found


def acknowledge(database: Database, done: Applied, now: datetime) -> None:
    """The fleet has kept an operation: it is kept here for a while, should the server be put back
    from an older copy. What became of it otherwise than meant is written down for staff."""
    row = database.execute(
        "SELECT subject FROM fleet_outbox WHERE operation = ?", [done.operation.hex]
    ).fetchone()
    if row is None:
        return
    database.execute(
        "UPDATE fleet_outbox SET seq = ?, outcome = ? WHERE operation = ?",
        [done.seq, done.outcome.value, done.operation.hex],
    )
    if done.outcome is not Outcome.APPLIED:
        fleet_state.put_notice(database, now, done.outcome, UUID(row[0]), done.text)


def tell_whole(database: Database, operation: Operation, now: datetime) -> None:
    """The fleet never heard of this subject: it is told everything, in the place of this one."""
    database.execute("DELETE FROM fleet_outbox WHERE operation = ?", [operation.uid.hex])
    row = database.execute(
        "SELECT row FROM fleet_rows WHERE kind = 'subject' AND uid = ?", [operation.subject.hex]
    ).fetchone()
    if row is None:
        return
    database.execute("DELETE FROM fleet_outbox WHERE subject = ?", [operation.subject.hex])
    untell_subject(database, operation.subject)
    Outgoing(database, now).changed([row[0]])


def untell(database: Database, kind: str, row: int) -> None:
    """The fleet does not know a row any more: it is new to it, under the UUID it has."""
    database.execute(
        "UPDATE fleet_rows SET state = ? WHERE kind = ? AND row = ?", [_UNTOLD, kind, row]
    )


def untell_subject(database: Database, subject: UUID) -> None:
    """The same of a subject with everything of theirs."""
    database.execute(
        """UPDATE fleet_rows SET state = CASE kind
               WHEN 'subject' THEN json_object('site', json_extract(state, '$.site'), ?1, 1)
               ELSE ?1 END
           WHERE subject = ?2""",
        [_UNTOLD, subject.hex],
    )


def told(database: Database, newest: int | None = None) -> list[UUID]:
    """Operations that the fleet has kept, as far as they are kept here too, newest first."""
    query = "SELECT operation FROM fleet_outbox WHERE seq IS NOT NULL ORDER BY number DESC LIMIT ?"
    found = database.execute(query, [-1 if newest is None else newest]).fetchall()
    return [UUID(row[0]) for row in found]


def tell_again(database: Database, operations: Iterable[UUID]) -> None:
    """The server lacks these, although it had kept them: they are told once more."""
    database.conn.executemany(
        "UPDATE fleet_outbox SET seq = NULL, outcome = NULL WHERE operation = ?",
        [[each.hex] for each in operations],
    )


def forget_told(database: Database, before: datetime) -> None:
    """Operations that were kept so long ago that no older copy of the server will come back."""
    database.execute(
        "DELETE FROM fleet_outbox WHERE seq IS NOT NULL AND queued < ?", [as_text(before)]
    )


def is_waiting(database: Database, subject: UUID) -> bool:
    """Whether something of a subject is still to be told."""
    row = database.execute(
        "SELECT 1 FROM fleet_outbox WHERE subject = ? AND seq IS NULL LIMIT 1", [subject.hex]
    ).fetchone()
    return row is not None


def waiting_subjects(database: Database) -> set[UUID]:
    """Of whom something is still to be told."""
    rows = database.execute("SELECT DISTINCT subject FROM fleet_outbox WHERE seq IS NULL")
    return {UUID(row[0]) for row in rows.fetchall()}


def forget_subject(database: Database, subject: UUID) -> None:
    """Nothing that is kept for the fleet tells of a subject any more."""
    database.execute("DELETE FROM fleet_rows WHERE subject = ?", [subject.hex])
    database.execute("DELETE FROM fleet_outbox WHERE subject = ?", [subject.hex])


# --- what was told ------------------------------------------------------------------------------


def put_row(
    database: Database,
    kind: str,
    row: int,
    uid: UUID,
    subject: UUID,
    state: str,
    turn: int | None = None,
) -> None:
    """The fleet knows a row as this."""
    database.execute(
        """INSERT INTO fleet_rows (kind, row, uid, subject, state, round)
           VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, 0))
           ON CONFLICT (kind, row) DO UPDATE SET uid = ?3, subject = ?4, state = ?5,
               round = coalesce(?6, round)""",
        [kind, row, uid.hex, subject.hex, state, turn],
    )


def _known(database: Database, subject_id: int) -> tuple[UUID, dict[str, Any]] | None:
    row = database.execute(
        "SELECT uid, state FROM fleet_rows WHERE kind = 'subject' AND row = ?", [subject_id]
    ).fetchone()
    return (UUID(row[0]), json.loads(row[1])) if row else None


def mark_of(picture: bytes | None) -> str:
    """Tells pictures apart; empty for none."""
    return hashlib.sha256(picture).hexdigest() if picture else ""
