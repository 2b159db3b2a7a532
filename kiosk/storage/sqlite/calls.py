"""Calls for staff as rows: when, and what became of them. Nothing of whoever called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.core.records import CallState, StaffCall
from kiosk.storage.sqlite.rows import as_text


def insert_call(database: Database, time: datetime) -> StaffCall:
    """Somebody calls."""
    cursor = database.execute(
        "INSERT INTO calls (time, state, changed) VALUES (?, ?, ?)",
        [as_text(time), CallState.CALLED.value, as_text(time)],
    )
    return StaffCall(int(cursor.lastrowid or 0), time, CallState.CALLED)


def end_call(database: Database, call_id: int, state: CallState, time: datetime) -> bool:
    """What became of a call; whether it was still open."""
    cursor = database.execute(
        "UPDATE calls SET state = ?, changed = ? WHERE call_id = ? AND state = ?",
        [state.value, as_text(time), call_id, CallState.CALLED.value],
    )
    return cursor.rowcount > 0


def open_call(database: Database) -> StaffCall | None:
    """The newest call that nobody answered and nobody took back."""
    rows = list(
        database.query(
            "SELECT * FROM calls WHERE state = ? ORDER BY call_id DESC LIMIT 1",
            [CallState.CALLED.value],
        )
    )
    return call_of(rows[0]) if rows else None


def delete_calls(database: Database, before: datetime) -> None:
    """Forget the older ones."""
    database.execute("DELETE FROM calls WHERE time < ?", [as_text(before)])


def call_of(row: dict[str, Any]) -> StaffCall:
    """From a row of `calls`."""
    return StaffCall(row["call_id"], datetime.fromisoformat(row["time"]), CallState(row["state"]))
