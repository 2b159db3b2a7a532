"""What each line of the record says, fact by fact, and who is said to have done it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from kiosk.core.attendance import Calendar, corrected_day
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.greetings import Greeting
from kiosk.core.ports.audit import Act, Fact
from kiosk.core.records import Consent, Corrector, Origin
from kiosk.core.upgrades import UpgradeState
from kiosk.storage import SqlGallery
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    Ticking,
    open_in,
    plain_database,
    template,
)

ANN, BEN = 1, 2
AGREED = Consent(datetime(2026, 1, 1, tzinfo=UTC), "7", "en", "I agree.")
Line = tuple[str, dict[str, Fact]]


@pytest.fixture
def gallery() -> Iterator[SqlGallery]:
    opened = SqlGallery(plain_database(), Ticking())
    opened.enrol("Ann", [template(1), template(2, VOICE)], NEW, consent=AGREED)
    opened.enrol("Ben", [template(3)], NEW, origin=Origin.SELF)
    opened.actor = "staff 2"
    yield opened
    assert opened.trail_problems() == []
    opened.close()


def since(gallery: SqlGallery, line: int = 2) -> list[Line]:
    """Act and facts of the lines after this one, all by staff 2."""
    told: list[Line] = []
    for entry in gallery.trail():
        if entry.number > line:
            assert entry.facts is not None
            facts = dict(entry.facts)
            assert facts.pop("by") == "staff 2"
            told.append((entry.act, facts))
    return told


def named(who: int = ANN) -> Decision:
    top = Candidate(who, "", 8.0, 0.99, face_score=0.7, face_llr=8.0)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)


def test_enrolments(gallery: SqlGallery) -> None:
    first, second = (entry.facts for entry in gallery.trail())
    common = {"by": "kiosk", "kind": "new"}
    assert first == common | {
        "subject": ANN, "origin": "staff", "face": 1, "voice": 1, "consent": True,
    }  # fmt: skip
    assert second == common | {
        "subject": BEN, "origin": "self", "face": 1, "voice": 0, "consent": False,
    }  # fmt: skip
    gallery.enrol("Ann", [template(4), template(5)], ADD)
    gallery.enrol("Ben", [template(6)], REPLACE, consent=AGREED)
    gallery.roll_back("Ben")
    assert since(gallery) == [
        ("enrolled", {"subject": ANN, "kind": "add", "origin": "staff", "face": 2, "voice": 0,
                      "consent": False}),
        ("enrolled", {"subject": BEN, "kind": "replace", "origin": "staff", "face": 1, "voice": 0,
                      "consent": True}),
        ("rolled back", {"subject": BEN}),
    ]  # fmt: skip


def test_what_staff_do_with_people(gallery: SqlGallery) -> None:
    gallery.rename("Ann", "Anna")
    gallery.confirm("Ben")
    gallery.give_consent("Ben", AGREED)
    gallery.withdraw_consent("Ben")
    gallery.keep_withdrawn("Ben", "court order")
    gallery.set_greeting("Anna", Greeting("Hello"))
    gallery.set_greeting("Anna", None)
    gallery.join("Anna", "Ben")
    assert since(gallery) == [
        ("renamed", {"subject": ANN}),
        ("confirmed", {"subject": BEN}),
        ("consent given", {"subject": BEN, "version": "7"}),
        ("consent withdrawn", {"subject": BEN}),
        ("ground recorded", {"subject": BEN}),
        ("greeting changed", {"subject": ANN, "given": True}),
        ("greeting changed", {"subject": ANN, "given": False}),
        ("merged", {"subject": ANN, "other": BEN}),
    ]


def test_who_is_removed_leaves_which_lines_told_of_them(gallery: SqlGallery) -> None:
    gallery.enrol("Ann", [template(4)], REPLACE)
    gallery.rename("Ann", "Anna")
    gallery.remove("Anna")
    told = {entry.number: entry for entry in gallery.trail()}
    assert [number for number, entry in told.items() if entry.facts is None] == [1, 3, 4]
    assert since(gallery, 4) == [("removed", {"removed": ANN, "templates": 3, "lines": [1, 3, 4]})]


def test_visits_what_was_said_of_them_and_what_they_taught(gallery: SqlGallery) -> None:
    first = gallery.record(named())
    gallery.learn(first, template(9), 3)
    nobody = gallery.record(Decision(DecisionOutcome.UNKNOWN))
    gallery.mark_wrong(first, Corrector.STAFF, BEN)
    gallery.mark_wrong(nobody, Corrector.VISITOR)
    gallery.unmark_wrong(first)
    second = gallery.record(named(BEN))
    gallery.learn(second, template(10), 3)
    assert gallery.forget_learnt("Ben") == 1
    assert gallery.forget_learnt() == 0
    assert since(gallery) == [
        ("decision", {"decision": first, "outcome": "identified", "subject": ANN}),
        ("enrolled", {"subject": ANN, "kind": "learnt"}),
        ("decision", {"decision": nobody, "outcome": "unknown", "subject": None}),
        ("corrected", {"decision": first, "subject": BEN}),
        ("denied", {"decision": nobody, "subject": None}),
        ("corrected", {"decision": first, "taken_back": True}),
        ("decision", {"decision": second, "outcome": "identified", "subject": BEN}),
        ("enrolled", {"subject": BEN, "kind": "learnt"}),
        ("forgotten", {"what": "learnt", "subject": BEN, "count": 1}),
        ("forgotten", {"what": "learnt", "subject": None, "count": 0}),
    ]


def test_attendance_and_what_is_forgotten(gallery: SqlGallery) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    words = (
        corrected_day(Calendar(), ANN, date(2026, 1, 1), time(9), time(17), "x", now, "staff 2"),
        corrected_day(Calendar(), BEN, date(2026, 1, 2), None, None, "y", now, "staff 2"),
    )
    numbers = [gallery.correct_attendance(word) for word in words]
    assert numbers == [1, 2]
    kept = gallery.attendance_corrections(date(2026, 1, 1), date(2026, 1, 2))
    assert [(each.first, each.last) for each in kept] == [
        (words[0].first, words[0].last),
        (None, None),
    ]
    first, last = words[0].first, words[0].last
    assert first is not None
    assert last is not None
    form = "%Y-%m-%dT%H:%M:%S.%f+00:00"
    assert since(gallery) == [
        ("attendance corrected", {"subject": ANN, "correction": 1, "day": "2026-01-01",
                                  "first": first.astimezone(UTC).strftime(form),
                                  "last": last.astimezone(UTC).strftime(form)}),
        ("attendance corrected", {"subject": BEN, "correction": 2, "day": "2026-01-02",
                                  "first": None, "last": None}),
    ]  # fmt: skip


def test_pictures_and_decisions_that_are_forgotten(gallery: SqlGallery) -> None:
    assert gallery.forget_pictures() == 0
    gallery.enrol("Cam", [template(7)], NEW, picture=b"\xff\xd8")
    gallery.record(named())
    assert gallery.forget_pictures() == 1
    before = datetime(2026, 6, 1, tzinfo=UTC)
    assert gallery.purge_decisions(before) == 1
    assert gallery.purge_decisions(before) == 0
    assert since(gallery, 4) == [
        ("forgotten", {"what": "pictures", "count": 1}),
        (
            "forgotten",
            {"what": "decisions", "before": "2026-06-01T00:00:00.000000+00:00", "count": 1},
        ),
    ]


def test_upgrades(gallery: SqlGallery) -> None:
    number = gallery.begin_upgrade(FACE, "net", "new").upgrade_id
    gallery.set_upgrade_state(number, UpgradeState.PAUSED)
    for who in (ANN, BEN):
        gallery.set_aside(number, who, "monday", [template(6 + who, FACE, "new")])
    gallery.carry_over(number, ANN)
    assert len(gallery.aside(number, BEN)) == 1
    assert gallery.aside(number, ANN) == []
    assert gallery.take_back(number) == 1
    assert since(gallery) == [
        ("upgrade", {"state": "begun", "modality": "face", "new": "new"}),
        ("upgrade", {"state": "paused"}),
        ("enrolled", {"subject": ANN, "kind": "carried over"}),
        ("upgrade", {"state": "taken back", "count": 1}),
    ]


def test_notes_from_outside_and_files_of_people(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.actor = "staff 2"
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Ben", [template(2)], NEW)
    gallery.note(Act.LOGGED_IN, staff=2)
    gallery.export(tmp_path / "people.kiosk", "brass otter window")
    gallery.remove("Ann")
    gallery.remove("Ben")
    gallery.merge(tmp_path / "people.kiosk", "brass otter window")
    lines = since(gallery, 2)
    assert lines[0] == ("logged in", {"staff": 2})
    assert [act for act, _ in lines] == ["logged in", "exported", "removed", "removed", "imported"]
    assert lines[1][1] == {"subjects": 2}
    assert lines[4][1] == {"subjects": 2, "templates": 2}
    gallery.close()


def test_the_last_lines_are_told_oldest_first(gallery: SqlGallery) -> None:
    for name in ("a", "b", "c"):
        gallery.rename("Ann", name)
        gallery.rename(name, "Ann")
    entries = gallery.trail(3)
    assert [entry.number for entry in entries] == [6, 7, 8]
    assert entries[1].time - entries[0].time == timedelta(seconds=1)
    assert gallery.trail(0) == []
    assert len(gallery.trail()) == 8
