"""When somebody is to go by an operator's rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.core.expiry import ExpiryRule
from kiosk.core.records import Consent, Origin, PersonSummary
from kiosk.core.settings import Settings
from kiosk.core.subjects import Subject

DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def person(
    number: int = 1, seen: int | None = None, agreed: int | None = None, made: int = 0
) -> PersonSummary:
    """Days since BEGIN."""
    consent = None if agreed is None else Consent(BEGIN + agreed * DAY, "1", "ko", "text", "staff")
    last = None if seen is None else BEGIN + seen * DAY
    subject = Subject(number, f"person {number}", BEGIN + made * DAY, "")
    return PersonSummary(subject, 1, 0, last, consent, Origin.STAFF)


@pytest.mark.parametrize(
    ("rule", "who", "days"),
    [
        (ExpiryRule(), person(seen=3), None),
        (ExpiryRule(enrolled_days=100), person(seen=50), 100),
        (ExpiryRule(enrolled_days=100), person(agreed=7), 107),
        (ExpiryRule(enrolled_days=100), person(agreed=7, made=9), 109),
        (ExpiryRule(unseen_days=30), person(), 30),
        (ExpiryRule(unseen_days=30), person(seen=50), 80),
        (ExpiryRule(unseen_days=30), person(seen=50, agreed=60), 90),
        (ExpiryRule(unseen_days=30, enrolled_days=100), person(seen=50), 80),
        (ExpiryRule(unseen_days=30, enrolled_days=100), person(seen=90), 100),
    ],
)
def test_the_day_on_which_somebody_goes(
    rule: ExpiryRule, who: PersonSummary, days: int | None
) -> None:
    assert rule.ends(who) == (None if days is None else BEGIN + days * DAY)
    assert rule.wanted is (days is not None)


def test_a_visit_keeps_whom_the_enrolment_does_not_end_first() -> None:
    rule = ExpiryRule(unseen_days=30, enrolled_days=100)
    assert rule.kept_by_a_visit(person(seen=50))
    assert not rule.kept_by_a_visit(person(seen=90))
    assert not ExpiryRule(enrolled_days=100).kept_by_a_visit(person(seen=50))
    assert ExpiryRule(unseen_days=30).kept_by_a_visit(person())
    assert not ExpiryRule().kept_by_a_visit(person())


def test_whose_time_has_come_is_told_soonest_first_and_not_at_the_moment_itself() -> None:
    rule = ExpiryRule(unseen_days=10)
    people = [person(1, seen=5), person(2, seen=1), person(4), person(3), person(5, seen=90)]
    ending = rule.ending(people, BEGIN + 15 * DAY)
    assert [(end - BEGIN, each.subject.subject_id) for end, each in ending] == [
        (10 * DAY, 3),
        (10 * DAY, 4),
        (11 * DAY, 2),
    ]
    later = BEGIN + 15 * DAY + timedelta(seconds=1)
    assert [each.subject.subject_id for each in rule.expired(people, later)] == [3, 4, 2, 1]


def test_nobody_goes_for_not_having_come_in_a_time_that_is_not_kept() -> None:
    same = Settings(expire_unseen_days=30, keep_days=30, expire_enrolled_days=400)
    assert ExpiryRule.of(same) == ExpiryRule(30, 400)
    assert ExpiryRule.of(Settings()) == ExpiryRule(0, 0)
