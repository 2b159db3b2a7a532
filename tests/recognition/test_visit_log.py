"""Decisions are kept for as long as the operator wants, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import Fault
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import FORGET_EVERY, LenientLog, VisitLog
from tests.support.storage_support import open_in

NOTHING = Decision(DecisionOutcome.UNUSABLE)


def test_what_is_too_old_is_forgotten_at_the_start_and_every_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = open_in(tmp_path)
    time = [datetime(2026, 3, 1, tzinfo=UTC)]
    monkeypatch.setattr(gallery, "_now", lambda: time[0])
    gallery.record(NOTHING)
    time[0] += timedelta(days=9, hours=23, minutes=30)
    log = VisitLog(gallery, Settings(keep_days=10), lambda: time[0])
    log.decided(NOTHING, ())
    assert len(gallery.decisions()) == 2
    time[0] += FORGET_EVERY
    log.decided(NOTHING, ())
    assert len(gallery.decisions()) == 2  # the first one has gone
    time[0] += timedelta(days=11)
    VisitLog(gallery, Settings(keep_days=10), lambda: time[0])
    assert not gallery.decisions()
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
