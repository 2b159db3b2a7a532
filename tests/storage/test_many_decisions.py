"""Twenty thousand decisions: read by the page, forgotten by rule, and gone with their person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.storage import SqlGallery
from tests.support.storage_support import FACE, NEW, Ticking, plain_database, template

MANY = 20_002
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 100


@pytest.fixture(scope="module")
def gallery() -> Iterator[SqlGallery]:
    """A decision a minute, of Ann and Ben in turn; the first two as the kiosk writes them, the
    others copied from these, for 20,000 commits would take minutes."""
    opened = SqlGallery(plain_database(), Ticking())
    for seed, name in enumerate(("Ann", "Ben"), 1):
        opened.enrol(name, [template(seed)], NEW)
        top = Candidate(seed, name, 5.0, 0.99)
        opened.record(Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99))
    columns = [c.name for c in opened.database.table("decisions").columns]
    kept = [name for name in columns if name not in ("decision_id", "time")]
    opened.database.execute(
        f"""WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted
                                          WHERE n < {MANY} - 2)
            INSERT INTO decisions (time, {", ".join(kept)})
            SELECT strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '2026-01-02', n || ' minutes'),
                   {", ".join(kept)}
            FROM counted JOIN decisions ON decision_id = 1 + n % 2 AND decision_id <= 2"""
    )
    yield opened
    opened.close()


def test_page_by_page_every_one_is_told_once(gallery: SqlGallery) -> None:
    seen: list[int] = []
    before = None
    while page := gallery.decisions(PAGE, before=before):
        assert len(page) <= PAGE
        seen += [each.decision_id for each in page]
        before = page[-1].decision_id
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == MANY
    assert len(gallery.decisions(MANY, subject_id=1)) == MANY // 2


def test_a_page_is_read_from_an_index_and_not_from_all(gallery: SqlGallery) -> None:
    """A page of the newest costs the same with a hundred decisions and with all of them."""
    steps: list[int] = []
    for limit in (PAGE, MANY):
        count = [0]

        def step(count: list[int] = count) -> int:
            count[0] += 1
            return 0

        gallery.database.conn.set_progress_handler(step, 100)
        gallery.decisions(limit)
        gallery.database.conn.set_progress_handler(None, 0)
        steps.append(count[0])
    assert steps[0] < steps[1] / 20, steps


def test_who_was_seen_last_is_known_of_everybody(gallery: SqlGallery) -> None:
    ann, ben = gallery.summaries()
    assert ann.last_seen is not None
    assert ben.last_seen is not None
    assert abs(ann.last_seen - ben.last_seen) == timedelta(minutes=1)


def test_the_older_half_is_forgotten_and_the_rest_goes_with_its_person(gallery: SqlGallery) -> None:
    half = BEGIN + timedelta(days=1, minutes=MANY // 2)
    forgotten = gallery.purge_decisions(half)
    left = gallery.database.table("decisions").count
    assert abs(forgotten - MANY // 2) <= 3
    assert forgotten + left == MANY
    gallery.remove("Ann")
    assert abs(gallery.database.table("decisions").count - left // 2) <= 1
    assert gallery.problems() == []
    assert gallery.trail_problems() == []
