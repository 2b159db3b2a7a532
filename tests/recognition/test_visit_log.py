"""Decisions are kept for as long as the operator wants, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import Fault
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import FORGET_EVERY, LenientLog, VisitLog
from tests.support.consents import AGREED
from tests.support.storage_support import NEW, open_in, template

NOTHING = Decision(DecisionOutcome.UNUSABLE)


def test_what_is_too_old_is_forgotten_at_the_start_and_every_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = open_in(tmp_path)
    time = [datetime(2026, 3, 1, tzinfo=UTC)]
    monkeypatch.setattr(gallery, "_now", lambda: time[0])

    def running() -> Moment:
        return Moment("one start", (time[0] - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds())

    VisitLog(gallery, Settings(keep_days=10), lambda: time[0], moment=running).decided(NOTHING, ())
    time[0] += timedelta(days=9, hours=23, minutes=30)
    log = VisitLog(gallery, Settings(keep_days=10), lambda: time[0], moment=running)
    log.decided(NOTHING, ())
    assert len(gallery.decisions()) == 2
    time[0] += FORGET_EVERY
    log.decided(NOTHING, ())
    assert len(gallery.decisions()) == 2  # the first one has gone
    time[0] += timedelta(days=11)
    VisitLog(gallery, Settings(keep_days=10), lambda: time[0], moment=running)
    assert not gallery.decisions()
    gallery.close()


def test_a_clock_that_jumps_forward_at_a_start_deletes_nothing(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", [template(1)], NEW, consent=AGREED)
    gallery.withdraw_consent("Ann")
    for _ in range(20):
        gallery.record(NOTHING)
    wrong = datetime(2199, 1, 1, tzinfo=UTC)
    for start in range(5):
        VisitLog(gallery, Settings(), lambda: wrong, moment=partial(Moment, str(start), 9.0))
    assert len(gallery.decisions()) == 20
    assert len(gallery.subjects()) == 1
    gallery.close()


def test_an_answer_is_given_although_it_cannot_be_kept(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    told: list[Fault] = []
    gallery.database.execute("PRAGMA query_only = ON")
    log = LenientLog(lambda: VisitLog(gallery, Settings()), told.append)
    log.decided(NOTHING, ())
    log.denied(())
    (fault,) = told
    assert "Decisions are not kept: The database cannot be written." in fault.text
    assert fault.remedy
    assert fault.code == "ReadOnlyDatabase"
    gallery.database.execute("PRAGMA query_only = OFF")
    log.decided(NOTHING, ())
    assert [fault.restored for fault in told] == [False, True]
    assert len(gallery.decisions()) == 1
    gallery.close()
