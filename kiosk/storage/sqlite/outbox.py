"""The outbox: which decision or call is still to be told, by which channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kiosk.core.outgoing import EventChannel, OutboxEvent
from kiosk.core.records import CallState, DecisionRecord, StaffCall
from kiosk.storage.sqlite.audit import as_record
from kiosk.storage.sqlite.database import open_database, reporting, transaction
from kiosk.storage.sqlite.migrations import migrate
from kiosk.storage.sqlite.rows import as_text


def insert_events(
    database: Database, decision_id: int, channels: Sequence[EventChannel], time: datetime
) -> None:
    """One event for each channel; belongs inside the transaction that keeps the decision."""
    uid = str(uuid4())
    for channel in channels:
        database.execute(
            "INSERT INTO outbox (decision_id, channel, uid, due) VALUES (?, ?, ?, ?)",
            [decision_id, channel.value, uid, as_text(time)],
        )


def insert_call_events(
    database: Database, call: StaffCall, channels: Sequence[EventChannel]
) -> None:
    """One event for each channel of where a call stands; belongs inside the transaction that keeps
    it."""
    uid = str(uuid4())
    for channel in channels:
        database.execute(
            """INSERT INTO outbox (call_id, call_state, call_time, channel, uid, due)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [
                call.call_id,
                call.state.value,
                as_text(call.time),
                channel.value,
                uid,
                as_text(call.time),
            ],
        )


_EVENTS = """SELECT event_id, channel, uid, attempts, due, given_up, problem,
        call_id, call_state, call_time,
        decisions.*, coalesce(name, '') AS name,
        NULL AS corrected, NULL AS corrected_by, NULL AS corrected_to
    FROM outbox LEFT JOIN decisions USING (decision_id) LEFT JOIN subjects USING (subject_id)"""


class SqlOutbox:
    """Implements `ports.outbox.Outbox` on a connection of its own, so that sending takes nothing
    from the engine but the moment of a commit. For one thread at a time."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        migrate(database)
        self._database = database
        self._now = now

    @classmethod
    def open(cls, database: Path, key_file: Path) -> SqlOutbox:
        """The outbox of a gallery file. Raises StorageError and its children."""
        opened = open_database(database, key_file)
        try:
            return cls(opened)
        except BaseException:
            opened.close()
            raise

    def close(self) -> None:
        """Close the connection; closing twice is allowed."""
        self._database.close()

    def first_waiting(self, channel: EventChannel) -> OutboxEvent | None:
        """The oldest event that was neither delivered nor given up."""
        where = "WHERE channel = ? AND given_up IS NULL ORDER BY event_id LIMIT 1"
        with reporting():
            rows = list(self._database.query(f"{_EVENTS} {where}", [channel.value]))
        return _event(rows[0]) if rows else None

    def delivered(self, event_id: int) -> None:
        """It has arrived: forget it."""
        self._change("DELETE FROM outbox WHERE event_id = ?", event_id)

    def postpone(self, event_id: int, due: datetime, problem: str) -> None:
        """An attempt failed; the next one is not before `due`."""
        self._change(
            "UPDATE outbox SET attempts = attempts + 1, due = ?, problem = ? WHERE event_id = ?",
            as_text(due),
            problem,
            event_id,
        )

    def give_up(self, event_id: int, problem: str) -> None:
        """It becomes a dead letter."""
        self._change(
            """UPDATE outbox SET attempts = attempts + 1, given_up = ?, problem = ?
               WHERE event_id = ?""",
            as_text(self._now()),
            problem,
            event_id,
        )

    def events(self) -> list[OutboxEvent]:
        """All that wait or were given up, oldest first."""
        with reporting():
            return [_event(row) for row in self._database.query(f"{_EVENTS} ORDER BY event_id")]

    def counts(self) -> Mapping[EventChannel, tuple[int, int]]:
        """How many wait and how many were given up, of every channel that has any."""
        with reporting():
            rows = self._database.execute(
                """SELECT channel, count(*) - count(given_up), count(given_up) FROM outbox
                   GROUP BY channel"""
            ).fetchall()
        return {EventChannel(channel): (waiting, dead) for channel, waiting, dead in rows}

    def retry(self, event_ids: Collection[int] | None = None) -> int:
        """Let dead letters, those named or all, wait again; returns how many."""
        return self._change(
            """UPDATE outbox SET given_up = NULL, attempts = 0, due = ?1
               WHERE given_up IS NOT NULL
                   AND (?2 IS NULL OR event_id IN (SELECT value FROM json_each(?2)))""",
            as_text(self._now()),
            None if event_ids is None else json.dumps(list(event_ids)),
        )

    def drop(self, event_ids: Collection[int]) -> int:
        """Forget events that will never be sent; returns how many."""
        return self._change(
            "DELETE FROM outbox WHERE event_id IN (SELECT value FROM json_each(?))",
            json.dumps(list(event_ids)),
        )

    def _change(self, statement: str, *values: object) -> int:
        with transaction(self._database):
            return int(self._database.execute(statement, values).rowcount)


def _event(row: dict[str, Any]) -> OutboxEvent:
    own = {key: row.pop(key) for key in ("event_id", "channel", "uid", "attempts", "problem")}
    due, given_up = row.pop("due"), row.pop("given_up")
    call_id, state, time = (row.pop(key) for key in ("call_id", "call_state", "call_time"))
    record: DecisionRecord | StaffCall
    if call_id is None:
        record = as_record(row)
    else:
        record = StaffCall(call_id, datetime.fromisoformat(time), CallState(state))
    return OutboxEvent(
        event_id=own["event_id"],
        uid=own["uid"],
        channel=EventChannel(own["channel"]),
        record=record,
        attempts=own["attempts"],
        due=datetime.fromisoformat(due),
        given_up=datetime.fromisoformat(given_up) if given_up else None,
        problem=own["problem"],
    )
