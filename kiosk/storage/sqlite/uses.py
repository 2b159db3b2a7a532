"""Attendance and greetings in the gallery: rows, and the part of the gallery that answers for them.

Functions that write belong inside a `transaction`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from kiosk.core.attendance import AttendanceCorrection, AttendedVisit
from kiosk.core.greetings import Greeting
from kiosk.core.ports.audit import Act
from kiosk.core.subjects import Subject
from kiosk.storage.refusals import subject_gone
from kiosk.storage.sqlite.database import reporting, transaction
from kiosk.storage.sqlite.rows import as_text, subject_of
from kiosk.storage.sqlite.trail import Notes


def insert_attended(database: Database, decision_id: int, *, clock_moved: bool) -> None:
    """A decision counts for the attendance."""
    database.execute(
        "INSERT INTO attended (decision_id, clock_moved) VALUES (?, ?)",
        [decision_id, int(clock_moved)],
    )


def delete_attendance_corrections(database: Database, before: datetime) -> int:
    """Forget what was said of days that were over before this moment; returns how many."""
    surely = before.date() - timedelta(days=2)  # a day may end late, and in any time zone
    cursor = database.execute(
        "DELETE FROM attendance_corrections WHERE day < ?", [surely.isoformat()]
    )
    return int(cursor.rowcount)


class Uses:
    """Implements `ports.uses` as a part of `SqlGallery`."""

    database: Database

    def _change(self) -> AbstractContextManager[Notes]:
        raise NotImplementedError

    def subject(self, name: str) -> Subject:
        """One by name."""
        raise NotImplementedError

    # --- attendance --------------------------------------------------------------------------

    def attended(self, since: datetime, before: datetime) -> list[AttendedVisit]:
        """The visits between two moments that count and that nobody called wrong, oldest first."""
        with reporting():
            rows = self.database.execute(
                """SELECT decision_id, subject_id, time, clock_moved
                   FROM attended JOIN decisions USING (decision_id)
                       LEFT JOIN corrections USING (decision_id)
                   WHERE time >= ? AND time < ? AND corrected IS NULL AND subject_id IS NOT NULL
                   ORDER BY decision_id""",
                [as_text(since), as_text(before)],
            ).fetchall()
        return [
            AttendedVisit(decision, subject, datetime.fromisoformat(time), bool(moved))
            for decision, subject, time, moved in rows
        ]

    def attendance_corrections(self, first: date, last: date) -> list[AttendanceCorrection]:
        """What was said of these days, oldest first."""
        with reporting():
            rows = self.database.execute(
                """SELECT subject_id, day, first, last, reason, made, said_by, correction_id
                   FROM attendance_corrections WHERE day BETWEEN ? AND ? ORDER BY correction_id""",
                [first.isoformat(), last.isoformat()],
            ).fetchall()
        return [
            AttendanceCorrection(
                subject,
                date.fromisoformat(day),
                datetime.fromisoformat(begin) if begin else None,
                datetime.fromisoformat(end) if end else None,
                reason,
                datetime.fromisoformat(made),
                by,
                number,
            )
            for subject, day, begin, end, reason, made, by, number in rows
        ]

    def correct_attendance(self, correction: AttendanceCorrection) -> int:
        """Add what staff say of a person's day; what was seen and said before stays. Returns its
        number. Raises InputError for somebody who is not enrolled any more."""
        with self._change() as change:
            _require_subject(self.database, correction.subject_id)
            cursor = self.database.execute(
                """INSERT INTO attendance_corrections
                       (subject_id, day, first, last, reason, made, said_by)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                [
                    correction.subject_id,
                    correction.day.isoformat(),
                    as_text(correction.first) if correction.first else None,
                    as_text(correction.last) if correction.last else None,
                    correction.reason,
                    as_text(correction.made),
                    correction.by,
                ],
            )
            number = int(cursor.lastrowid or 0)
            change.add(
                Act.ATTENDANCE,
                subject=correction.subject_id,
                correction=number,
                day=correction.day.isoformat(),
                first=as_text(correction.first) if correction.first else None,
                last=as_text(correction.last) if correction.last else None,
            )
        return number

    # --- greetings ---------------------------------------------------------------------------

    def greetings(self) -> list[tuple[Subject, Greeting]]:
        """Everybody who has a line of their own, by name."""
        with reporting():
            rows = list(
                self.database.query(
                    """SELECT subjects.*, text, once, until
                       FROM greetings JOIN subjects USING (subject_id) ORDER BY name_key"""
                )
            )
        return [
            (subject_of(row), _greeting(row["text"], row["once"], row["until"])) for row in rows
        ]

    def greeting_of(self, subject_id: int) -> Greeting | None:
        """The line of one person."""
        with reporting():
            row = self.database.execute(
                "SELECT text, once, until FROM greetings WHERE subject_id = ?", [subject_id]
            ).fetchone()
        return _greeting(*row) if row else None

    def set_greeting(self, name: str, greeting: Greeting | None) -> None:
        """Give a person a line in the place of the one before, or take it away."""
        with self._change() as change:
            subject_id = self.subject(name).subject_id
            self.database.execute("DELETE FROM greetings WHERE subject_id = ?", [subject_id])
            if greeting is not None:
                until = greeting.until.isoformat() if greeting.until else None
                self.database.execute(
                    "INSERT INTO greetings (subject_id, text, once, until) VALUES (?, ?, ?, ?)",
                    [subject_id, greeting.text, int(greeting.once), until],
                )
            change.add(Act.GREETING, subject=subject_id, given=greeting is not None)

    def greeted(self, subject_id: int, greeting: Greeting) -> None:
        """A line was shown to a person; one of their own that is shown once is gone."""
        if not greeting.once:
            return
        with transaction(self.database):
            own = self.database.execute(
                "DELETE FROM greetings WHERE subject_id = ? AND text = ? AND once",
                [subject_id, greeting.text],
            )
            if not own.rowcount:
                self.database.execute(
                    """INSERT OR IGNORE INTO greeted (subject_id, digest)
                       SELECT subject_id, ? FROM subjects WHERE subject_id = ?""",
                    [greeting.digest, subject_id],
                )

    def was_greeted(self, subject_id: int, greeting: Greeting) -> bool:
        """Whether a person has seen this line, of those that are shown once."""
        with reporting():
            row = self.database.execute(
                "SELECT 1 FROM greeted WHERE subject_id = ? AND digest = ?",
                [subject_id, greeting.digest],
            ).fetchone()
        return row is not None


def _greeting(text: str, once: int, until: str | None) -> Greeting:
    return Greeting(text, bool(once), date.fromisoformat(until) if until else None)


def _require_subject(database: Database, subject_id: int) -> None:
    row = database.execute("SELECT 1 FROM subjects WHERE subject_id = ?", [subject_id]).fetchone()
    if row is None:
        raise subject_gone()
