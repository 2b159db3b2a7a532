"""The record of what was done, in the gallery: each line is chained to the one before by its hash.

The facts of a line are hashed with a random salt, and only their hash is chained: they can be
forgotten by rule (a person is removed, a decision is too old) and the chain holds.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.core.ports.audit import Act, Entry, Fact
from kiosk.storage.sqlite.anchor import NOWHERE, Anchor, Point, Standing
from kiosk.storage.sqlite.database import transaction
from kiosk.storage.sqlite.rows import as_text

_FORM = b"kiosk record 1"
_SALT = 16
OF_VISITS = (Act.DECISION, Act.DENIED, Act.CORRECTED, Act.ATTENDANCE)
"""Lines that are forgotten when the decisions they tell of are."""


class Notes:
    """What a change will be recorded as, gathered while it is made."""

    def __init__(self, by: str) -> None:
        self._by = by
        self.lines: list[tuple[Act, dict[str, Fact]]] = []

    def add(self, act: Act, **facts: Fact) -> None:
        """One more line."""
        self.lines.append((act, {"by": self._by, **facts}))


@contextmanager
def recorded(
    database: Database, anchor: Anchor | None, now: Callable[[], datetime], by: str
) -> Iterator[Notes]:
    """A transaction whose notes are kept with it, or nothing is."""
    notes = Notes(by)
    with ExitStack() as stack:
        writing = _Writing(anchor, stack)
        try:
            with transaction(database):
                yield notes
                if notes.lines:
                    before = _last(database)
                    writing.begin(notes, before)
                    writing.prepare(_append(database, before, notes.lines, now()))
        except BaseException:
            writing.take_back()
            raise
        writing.settle()


class _Writing:
    """What is done with the anchor around one transaction. It is held from before the record grows
    until it was written that it has, so that no other process comes between."""

    def __init__(self, anchor: Anchor | None, stack: ExitStack) -> None:
        self._anchor, self._stack = anchor, stack
        self._held: int | None = None
        self._standing: Standing | None = None
        self._before = self._last = NOWHERE

    def begin(self, notes: Notes, before: Point) -> None:
        """Look whether the record ends where it was left; what it does not is noted."""
        if self._anchor is None:
            return
        self._held = self._stack.enter_context(self._anchor.held())
        self._standing = self._anchor.read()
        broken = _note_break(notes, self._standing, before)
        # Cut off from here, a break that was not kept yet must still show.
        self._before = (self._standing.head if self._standing else NOWHERE) if broken else before

    def prepare(self, last: Point) -> None:
        """Before it is kept."""
        self._last = last
        self._write(self._before, last)

    def settle(self) -> None:
        """After it was kept. Lost in a power cut, what was prepared fits the record as well."""
        self._write(self._last, wait=False)

    def take_back(self) -> None:
        """It was not kept, or nobody knows: where the device failed while it was being kept, the
        record may have grown. Then what was prepared stays: it fits both."""
        if self._last != NOWHERE:
            return
        if self._standing is not None:
            self._write(self._standing.head, self._standing.coming)
        else:
            self._write(NOWHERE)

    def _write(self, head: Point, coming: Point | None = None, *, wait: bool = True) -> None:
        if self._anchor is not None and self._held is not None:
            self._anchor.write(self._held, head, coming, wait=wait)


def _note_break(notes: Notes, standing: Standing | None, last: Point) -> bool:
    """The record does not end where it was left: that is written down before it goes on."""
    if standing.fits(last) if standing is not None else last == NOWHERE:
        return False
    if standing is None:
        notes.lines.insert(0, (Act.BROKEN, {"why": "the anchor was missing", "at": last.number}))
    else:
        facts: dict[str, Fact] = {
            "why": "the record did not end where the anchor says",
            "anchor": standing.head.number,
            "anchor_link": standing.head.link,
            "at": last.number,
        }
        notes.lines.insert(0, (Act.BROKEN, facts))
    return True


def _append(
    database: Database, last: Point, lines: Sequence[tuple[Act, Mapping[str, Fact]]], time: datetime
) -> Point:
    moment = as_text(time)
    for act, facts in lines:
        text = json.dumps(
            {**facts, "salt": secrets.token_hex(_SALT)}, ensure_ascii=False, sort_keys=True
        )
        digest = hashlib.sha256(text.encode()).hexdigest()
        number = last.number + 1
        link = chained(last.link, number, moment, act.value, digest)
        database.execute(
            "INSERT INTO trail (line, time, act, facts, digest, link) VALUES (?, ?, ?, ?, ?, ?)",
            [number, moment, act.value, text, digest, link],
        )
        last = Point(number, link)
    return last


def chained(before: str, number: int, time: str, act: str, digest: str) -> str:
    """The link of a line: it holds all that is before it."""
    body = json.dumps([before, number, time, act, digest]).encode()
    return hashlib.sha256(_FORM + body).hexdigest()


def _last(database: Database) -> Point:
    row = database.execute("SELECT line, link FROM trail ORDER BY line DESC LIMIT 1").fetchone()
    return Point(int(row[0]), str(row[1])) if row else NOWHERE


def entries(database: Database, limit: int | None = None) -> list[Entry]:
    """The last `limit` lines, or all, oldest first."""
    rows = database.query(
        "SELECT * FROM trail ORDER BY line DESC LIMIT ?", [-1 if limit is None else limit]
    )
    return [
        Entry(row["line"], datetime.fromisoformat(row["time"]), row["act"], _facts(row["facts"]))
        for row in rows
    ][::-1]


def forget_visits(database: Database, before: datetime) -> int:
    """Forget the facts of lines about visits older than this; returns how many lines."""
    places = ", ".join("?" * len(OF_VISITS))
    cursor = database.execute(
        f"UPDATE trail SET facts = NULL WHERE time < ? AND facts IS NOT NULL AND act IN ({places})",  # noqa: S608
        [as_text(before), *OF_VISITS],
    )
    return int(cursor.rowcount)


def forget_subject(database: Database, subject_id: int) -> list[int]:
    """Forget the facts of all lines that tell of a subject; returns their numbers."""
    rows = database.execute(
        """UPDATE trail SET facts = NULL
           WHERE facts IS NOT NULL AND json_extract(facts, '$.subject') = ? RETURNING line""",
        [subject_id],
    ).fetchall()
    return sorted(int(row[0]) for row in rows)


def verify(database: Database, anchor: Anchor | None) -> list[str]:
    """What is wrong with the record, one line each; nothing for a whole one."""
    found, last, blank, breaks = _walk(database)
    found += _unexplained(database, blank)
    found += breaks
    if anchor is not None:
        standing = anchor.read()
        if standing is None and last != NOWHERE:
            found.append("the anchor outside the gallery is missing or damaged")
        elif standing is not None and not standing.fits(last):
            found.append(
                f"the record ends at line {last.number}, but the anchor outside the gallery was "
                f"at line {standing.head.number}: it was cut, changed, or an older gallery put back"
            )
    return found


def _walk(database: Database) -> tuple[list[str], Point, list[tuple[int, str, str]], list[str]]:
    """What does not chain, the last line, the lines without facts, and the breaks written down."""
    found: list[str] = []
    blank: list[tuple[int, str, str]] = []
    breaks: list[str] = []
    last = NOWHERE
    rows = database.execute("SELECT line, time, act, facts, digest, link FROM trail ORDER BY line")
    for number, time, act, facts, digest, link in rows:
        if number != last.number + 1:
            found.append(f"line {last.number + 1} is missing")
        if facts is None:
            blank.append((number, time, act))
        elif hashlib.sha256(facts.encode()).hexdigest() != digest:
            found.append(f"line {number} was changed")
        if chained(last.link, number, time, act, digest) != link:
            found.append(f"line {number} does not follow from the one before")
        if act == Act.BROKEN:
            breaks.append(f"line {number} says that the record was broken before it")
        last = Point(number, link)
    return found, last, blank, breaks


def _unexplained(database: Database, blank: Sequence[tuple[int, str, str]]) -> list[str]:
    """Lines without facts that no line tells of having been forgotten."""
    if not blank:
        return []
    told: set[int] = set()
    before = ""
    rows = database.execute(
        "SELECT act, facts FROM trail WHERE act IN (?, ?) AND facts IS NOT NULL",
        [Act.REMOVED.value, Act.FORGOTTEN.value],
    )
    for act, text in rows:
        facts = json.loads(text)
        if act == Act.REMOVED:
            told |= set(facts.get("lines", []))
        else:
            before = max(before, str(facts.get("before", "")))
    return [
        f"the facts of line {number} are gone, and nothing says why"
        for number, time, act in blank
        if number not in told and not (act in OF_VISITS and time < before)
    ]


def _facts(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    facts = json.loads(text)
    facts.pop("salt", None)
    return dict(facts)
