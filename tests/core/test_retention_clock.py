"""A clock that jumps deletes nothing at once, and keeps nothing longer."""

from datetime import UTC, datetime, timedelta

from kiosk.core.boot_clock import Moment
from kiosk.core.retention_clock import PROOF, RetentionClock

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)


def clock() -> RetentionClock:
    return RetentionClock(START, Moment("a", 100.0))


def test_it_goes_with_the_clock_on_the_wall() -> None:
    now = clock().advanced(START + DAY, Moment("a", 100.0 + 86_400))
    assert now.trusted == START + DAY


def test_a_kiosk_that_was_off_over_the_week_end_catches_up() -> None:
    assert clock().advanced(START + 3 * DAY, Moment("b", 5.0)).trusted == START + 3 * DAY


def test_a_jump_of_years_is_not_believed_at_once() -> None:
    now = clock().advanced(START + 4000 * DAY, Moment("b", 5.0))
    assert now.trusted == START
    now = now.advanced(START + 4000 * DAY, Moment("b", 5.0 + 3600))
    assert now.trusted == START + timedelta(hours=1)


def test_after_a_day_of_running_it_is() -> None:
    """Long holidays end this way; so does a clock that was wrong for years and was set right."""
    for wall in (START + 100 * DAY, START - 100 * DAY):
        now = clock()
        for hour in range(25):
            now = now.advanced(wall + timedelta(hours=hour), Moment("b", 3600.0 * hour))
        assert now.trusted == wall + timedelta(hours=24)


def test_doubts_add_up_over_starts() -> None:
    now, wall = clock(), START + 100 * DAY
    for start in range(4):
        for hour in range(9):
            wall += timedelta(hours=1)
            now = now.advanced(wall, Moment(str(start), 3600.0 * hour))
    assert now.trusted == wall
    assert PROOF < 4 * 8 * 3600


def test_a_clock_set_back_keeps_nothing_longer() -> None:
    now = clock().advanced(START - 3 * DAY, Moment("a", 100.0 + 86_400))
    assert now.trusted == START + DAY
    now = now.advanced(START - 300 * DAY, Moment("a", 100.0 + 2 * 86_400 - 1))
    assert now.trusted > START + DAY
