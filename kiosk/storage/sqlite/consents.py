"""Consent on record: who agreed to which text, when, and whether it was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.core.records import Consent
from kiosk.storage.refusals import no_consent_in_force
from kiosk.storage.sqlite.rows import as_text


def insert_consent(database: Database, subject_id: int, consent: Consent) -> None:
    """Add to a subject's record; earlier consent stays on it."""
    withdrawn = as_text(consent.withdrawn) if consent.withdrawn else None
    database.execute(
        """INSERT INTO consents (subject_id, time, version, language, text, witness, withdrawn)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        [
            subject_id,
            as_text(consent.time),
            consent.version,
            consent.language,
            consent.text,
            consent.witness,
            withdrawn,
        ],
    )


def withdraw_consent(database: Database, subject_id: int, time: datetime) -> None:
    """Mark what is in force as taken back. Raises InputError if nothing is."""
    cursor = database.execute(
        "UPDATE consents SET withdrawn = ? WHERE subject_id = ? AND withdrawn IS NULL",
        [as_text(time), subject_id],
    )
    if not cursor.rowcount:
        raise no_consent_in_force()


def consents_of(database: Database, subject_id: int) -> list[Consent]:
    """One subject's record, newest first."""
    rows = database.query(
        "SELECT * FROM consents WHERE subject_id = ? ORDER BY consent_id DESC", [subject_id]
    )
    return [consent_of(row) for row in rows]


def newest_consents(database: Database) -> dict[int, Consent]:
    """The newest of every subject who has one."""
    rows = database.query(
        """SELECT * FROM consents WHERE consent_id IN
               (SELECT max(consent_id) FROM consents GROUP BY subject_id)"""
    )
    return {row["subject_id"]: consent_of(row) for row in rows}


def consent_of(row: dict[str, Any]) -> Consent:
    """From a row of `consents`."""
    withdrawn = row["withdrawn"]
    return Consent(
        time=datetime.fromisoformat(row["time"]),
        version=row["version"],
        language=row["language"],
        text=row["text"],
        witness=row["witness"],
        withdrawn=datetime.fromisoformat(withdrawn) if withdrawn else None,
    )


def hold(database: Database, subject_id: int, ground: str, time: datetime) -> None:
    """Put on record why somebody is kept although consent was taken back."""
    database.execute(
        "INSERT OR REPLACE INTO holds (subject_id, time, ground) VALUES (?, ?, ?)",
        [subject_id, as_text(time), ground],
    )


def hold_of(database: Database, subject_id: int) -> str:
    """Why a subject is kept; empty where nothing says so."""
    row = database.execute("SELECT ground FROM holds WHERE subject_id = ?", [subject_id]).fetchone()
    return str(row[0]) if row else ""


def withdrawn_before(database: Database, time: datetime) -> list[str]:
    """Names of those who took consent back before this, and whom nothing says to keep."""
    rows = database.execute(
        """SELECT name FROM subjects JOIN consents USING (subject_id)
           WHERE subject_id NOT IN (SELECT subject_id FROM holds)
           GROUP BY subject_id
           HAVING count(*) = count(withdrawn) AND max(withdrawn) < ? ORDER BY subject_id""",
        [as_text(time)],
    )
    return [str(row[0]) for row in rows.fetchall()]
