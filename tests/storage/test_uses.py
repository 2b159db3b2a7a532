"""Attendance and greetings in every gallery: what is kept, and that it goes with the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.core.attendance import AttendanceCorrection, Calendar, corrected_day
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.greetings import Greeting, made_greeting
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.ports.audit import Act
from kiosk.core.records import Circumstances, Corrector
from kiosk.recognition.attendance_register import register
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate
from tests.support.storage_support import (
    FACE,
    IMPLEMENTATIONS,
    NEW,
    AnyGallery,
    Ticking,
    plain_database,
    problems_of,
    rows_of,
    template,
)

ANN, BEN = 1, 2
COUNTS = Circumstances(LivenessOutcome.LIVE, from_devices=True, attended=True)
EVER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
DAY = date(2026, 1, 1)
UTC_DAYS = Calendar(ZoneInfo("UTC"))
LINE = Greeting("Your parcel is at the desk.", once=True)


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyGallery]:
    opened = IMPLEMENTATIONS[request.param](Ticking())
    opened.enrol("Ann", [template(1)], NEW)
    opened.enrol("Ben", [template(2)], NEW)
    yield opened
    assert problems_of(opened) == []
    opened.close()


def visit(gallery: AnyGallery, who: int = ANN, how: Circumstances = COUNTS) -> int:
    top = Candidate(who, "", 8.0, 0.99, face_score=0.7, face_llr=8.0)
    made = Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)
    return gallery.record(made, circumstances=how)


def word(who: int = ANN, reason: str = "forgot", by: str = "staff 2") -> AttendanceCorrection:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return corrected_day(UTC_DAYS, who, DAY, time(9), time(17), reason, now, by)


def who_attended(gallery: AnyGallery) -> list[int]:
    return [each.subject_id for each in gallery.attended(*EVER)]


def test_only_what_counts_is_told_and_not_what_was_called_wrong(gallery: AnyGallery) -> None:
    visit(gallery)
    visit(gallery, BEN, Circumstances(LivenessOutcome.NOT_LIVE, from_devices=True))
    wrong = visit(gallery, BEN)
    assert who_attended(gallery) == [ANN, BEN]
    gallery.mark_wrong(wrong, Corrector.VISITOR)
    assert who_attended(gallery) == [ANN]
    gallery.unmark_wrong(wrong)
    assert who_attended(gallery) == [ANN, BEN]
    moment = gallery.attended(*EVER)[0].time
    assert gallery.attended(moment + timedelta(microseconds=1), EVER[1])[0].subject_id == BEN
    assert gallery.attended(EVER[0], moment) == []


def test_the_record_says_whether_a_living_person_was_seen(gallery: AnyGallery) -> None:
    visit(gallery)
    visit(gallery, how=Circumstances())
    newest, before = gallery.decisions()
    assert (before.liveness, before.from_devices) == (LivenessOutcome.LIVE, True)
    assert (newest.liveness, newest.from_devices) == (LivenessOutcome.NOT_CHECKED, False)


def test_a_correction_is_added_and_the_visits_stay(gallery: AnyGallery) -> None:
    visit(gallery)
    numbers = [gallery.correct_attendance(word(reason=reason)) for reason in ("one", "two")]
    assert numbers == [1, 2]
    (day,) = [each for each in register(gallery, UTC_DAYS, DAY, DAY) if each.subject_id == ANN]
    assert day.visits == 1
    assert [each.reason for each in day.corrections] == ["one", "two"]
    assert day.first == word().first
    assert day.seen_first is not None
    other = DAY - timedelta(days=1)
    assert gallery.attendance_corrections(other, other) == []


def test_a_correction_is_a_line_of_the_record_without_its_words() -> None:
    gallery = SqlGallery(plain_database(), Ticking())
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.correct_attendance(word(reason="Ann came by the back door"))
    line = gallery.trail(1)[-1]
    assert line.act == Act.ATTENDANCE
    assert line.facts is not None
    assert line.facts["correction"] == 1
    assert line.facts["day"] == "2026-01-01"
    assert "back door" not in str(line.facts)
    assert gallery.trail_problems() == []
    gallery.purge_decisions(datetime(2026, 6, 1, tzinfo=UTC))
    assert gallery.trail_problems() == []
    assert [each.facts for each in gallery.trail() if each.act == Act.ATTENDANCE] == [None]
    gallery.close()


def test_everything_goes_with_the_person(gallery: AnyGallery) -> None:
    for who, name in ((ANN, "Ann"), (BEN, "Ben")):
        visit(gallery, who)
        gallery.correct_attendance(word(who))
        gallery.set_greeting(name, LINE)
        gallery.greeted(who, Greeting("For everybody", once=True))
    gallery.remove("Ann")
    assert who_attended(gallery) == [BEN]
    assert [each.subject_id for each in gallery.attendance_corrections(DAY, DAY)] == [BEN]
    assert [subject.name for subject, _ in gallery.greetings()] == ["Ben"]
    gallery.remove("Ben")
    for table in ("attended", "attendance_corrections", "greetings", "greeted"):
        assert rows_of(gallery, table) == 0
    with pytest.raises(InputError, match="not enrolled any more"):
        gallery.correct_attendance(word())


def test_what_is_too_old_goes_with_the_decisions(gallery: AnyGallery) -> None:
    visit(gallery)
    gallery.correct_attendance(word())
    gallery.purge_decisions(datetime(2026, 1, 2, tzinfo=UTC))
    assert who_attended(gallery) == []
    assert len(gallery.attendance_corrections(DAY, DAY)) == 1  # its day may not be over everywhere
    gallery.purge_decisions(datetime(2026, 1, 4, tzinfo=UTC))
    assert gallery.attendance_corrections(DAY, DAY) == []


def test_two_who_are_one_have_one_attendance_and_one_line(gallery: AnyGallery) -> None:
    visit(gallery)
    visit(gallery, BEN)
    gallery.correct_attendance(word(BEN))
    gallery.set_greeting("Ann", made_greeting("Ann's"))
    gallery.set_greeting("Ben", made_greeting("Ben's"))
    gallery.join("Ann", "Ben")
    assert who_attended(gallery) == [ANN, ANN]
    assert [each.subject_id for each in gallery.attendance_corrections(DAY, DAY)] == [ANN]
    assert [line.text for _, line in gallery.greetings()] == ["Ann's"]


def test_a_line_is_set_replaced_taken_away_and_gone_once_it_was_shown(gallery: AnyGallery) -> None:
    assert gallery.greeting_of(ANN) is None
    gallery.set_greeting("ann", made_greeting("Hello", until=date(2026, 3, 1)))
    assert gallery.greeting_of(ANN) == Greeting("Hello", until=date(2026, 3, 1))
    ((whom, line),) = gallery.greetings()
    assert (whom.name, line) == ("Ann", Greeting("Hello", until=date(2026, 3, 1)))
    gallery.greeted(ANN, Greeting("Hello", until=date(2026, 3, 1)))
    assert gallery.greeting_of(ANN) is not None
    gallery.set_greeting("Ann", LINE)
    assert gallery.greeting_of(ANN) == LINE
    gallery.greeted(ANN, LINE)
    assert gallery.greeting_of(ANN) is None
    gallery.set_greeting("Ann", LINE)
    gallery.set_greeting("Ann", None)
    assert gallery.greetings() == []
    with pytest.raises(InputError, match="Nobody of that name"):
        gallery.set_greeting("Nobody", LINE)


def test_who_has_seen_a_line_for_everybody_is_known_by_its_words(gallery: AnyGallery) -> None:
    common, other = Greeting("Closed on Friday", once=True), Greeting("Open again", once=True)
    gallery.greeted(ANN, common)
    assert gallery.was_greeted(ANN, common)
    assert not gallery.was_greeted(ANN, other)
    assert not gallery.was_greeted(BEN, common)
    gallery.greeted(BEN, Greeting("Always"))
    assert not gallery.was_greeted(BEN, Greeting("Always"))


def test_decisions_of_an_older_gallery_are_acted_on_by_nobody() -> None:
    opened = plain_database()
    migrate(opened, MIGRATIONS[:11])
    opened.execute(
        """INSERT INTO decisions
               (time, outcome, probability, conflict, reason, with_face, with_voice)
           VALUES ('2026-01-01T00:00:00.000000+00:00', 'identified', 0.99, 0, '', 1, 0)"""
    )
    gallery = SqlGallery(opened)
    (kept,) = gallery.decisions()
    assert (kept.liveness, kept.from_devices) == (LivenessOutcome.NOT_CHECKED, False)
    assert gallery.attended(*EVER) == []
    gallery.close()
