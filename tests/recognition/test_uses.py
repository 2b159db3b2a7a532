"""What a visit counts for: attendance by the log of visits, events for a door, greetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import StorageError
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.greetings import Greeting, made_greeting
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.settings import Settings
from kiosk.recognition.greeting import Greeter
from kiosk.recognition.visit_log import VisitLog
from kiosk.storage import MemoryGallery
from tests.support.storage_support import NEW, template

ANN, BEN = 1, 2
LIVE, UNCHECKED, DEAD = LivenessOutcome.LIVE, LivenessOutcome.NOT_CHECKED, LivenessOutcome.NOT_LIVE
BEGIN = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
EVER = BEGIN - timedelta(days=9), BEGIN + timedelta(days=900)
ON = Settings(attendance=True, event_journal=True)


def named(who: int = ANN, *, conflict: bool = False, sure: float = 0.99) -> Decision:
    top = Candidate(who, "", 8.0, sure)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), probability=sure, conflict=conflict)


class Kiosk:
    """A log on a gallery, with a clock on the wall and one that only runs."""

    def __init__(self, settings: Settings = ON, *, devices: bool = True) -> None:
        self.wall, self.ran, self.boot, self.devices = BEGIN, 0.0, "one", devices
        self.settings = settings
        self.gallery = MemoryGallery(lambda: self.wall)
        for number, name in enumerate(("Ann", "Ben")):
            self.gallery.enrol(name, [template(number)], NEW)
        self.start()

    def start(self) -> None:
        self.log = VisitLog(
            self.gallery,
            self.settings,
            lambda: self.wall,
            moment=lambda: Moment(self.boot, self.ran),
            from_devices=lambda: self.devices,
        )

    def pass_time(self, time: timedelta) -> None:
        self.wall += time
        self.ran += time.total_seconds()

    @property
    def counted(self) -> list[tuple[int, bool]]:
        return [(each.subject_id, each.clock_moved) for each in self.gallery.attended(*EVER)]

    @property
    def events(self) -> int:
        return len(self.gallery.outbox.events())


def test_a_visit_counts_where_attendance_is_on_and_not_before() -> None:
    off = Kiosk(replace(ON, attendance=False))
    off.log.decided(named(), (), LIVE)
    off.settings = ON
    off.start()
    assert off.counted == []
    off.log.decided(named(), (), LIVE)
    assert off.counted == [(ANN, False)]


def test_what_was_contradicted_not_living_played_or_taken_over_does_not_count() -> None:
    kiosk = Kiosk()
    kiosk.log.decided(named(conflict=True), (), LIVE)
    kiosk.log.decided(named(), (), DEAD)
    kiosk.log.decided(named(), (), UNCHECKED)  # before a camera a living person is required
    kiosk.log.decided(named(), (), LIVE, stand_in=True)
    kiosk.log.decided(replace(named(), outcome=DecisionOutcome.CONTRADICTED), (), LIVE)
    kiosk.devices = False
    kiosk.log.decided(named(), (), LIVE)
    kiosk.devices = True
    assert kiosk.counted == []
    kiosk.log.decided(named(), (), LIVE)
    kiosk.log.denied(())
    assert kiosk.counted == []
    loose = Kiosk(replace(ON, liveness="warn"))
    loose.log.decided(named(), (), DEAD)
    loose.log.decided(named(BEN), (), UNCHECKED)
    assert loose.counted == [(BEN, False)]


def test_a_clock_that_jumps_marks_the_visits_after_it() -> None:
    kiosk = Kiosk()
    kiosk.pass_time(timedelta(minutes=20))
    kiosk.log.decided(named(), (), LIVE)
    kiosk.wall += timedelta(hours=3)  # set by hand, or by a network that came late
    kiosk.log.decided(named(), (), LIVE)
    assert kiosk.counted == [(ANN, False), (ANN, True)]
    kiosk.pass_time(timedelta(hours=2))  # what the clock says has been believed by now
    kiosk.log.decided(named(BEN), (), LIVE)
    assert kiosk.counted[-1] == (BEN, False)


def test_a_start_with_an_empty_battery_marks_the_visits() -> None:
    kiosk = Kiosk()
    kiosk.pass_time(timedelta(hours=5))
    kiosk.start()
    kiosk.wall, kiosk.boot, kiosk.ran = datetime(2026, 1, 1, tzinfo=UTC), "two", 3.0
    kiosk.start()
    kiosk.log.decided(named(), (), LIVE)
    ever = datetime(2020, 1, 1, tzinfo=UTC), EVER[1]
    assert [each.clock_moved for each in kiosk.gallery.attended(*ever)] == [True]


@pytest.mark.parametrize(
    ("when", "least", "told"),
    [
        ("every", 0.0, 7),
        ("identified", 0.0, 6),
        ("live", 0.0, 2),
        ("live", 0.95, 1),
        ("every", 0.95, 6),
    ],
)
def test_a_door_hears_of_those_alone_whom_it_may_let_in(when: str, least: float, told: int) -> None:
    kiosk = Kiosk(replace(ON, event_when=when, event_min_probability=least))
    kiosk.log.decided(named(), (), LIVE)
    kiosk.log.decided(named(sure=0.9), (), LIVE)
    kiosk.log.decided(named(), (), UNCHECKED)
    kiosk.log.decided(named(), (), LIVE, stand_in=True)
    kiosk.log.decided(named(conflict=True), (), LIVE)
    kiosk.devices = False
    kiosk.log.decided(named(), (), LIVE)
    kiosk.devices = True
    kiosk.log.decided(Decision(DecisionOutcome.UNKNOWN, named().candidates), (), LIVE)
    assert kiosk.events == told
    assert len(kiosk.gallery.decisions()) == 7  # the record holds all of them


# --- greetings -----------------------------------------------------------------------------------

TODAY = date(2026, 11, 30)


def answered(
    who: int = ANN, *, final: bool = True, liveness: LivenessOutcome = LIVE, conflict: bool = False
) -> VisitDecision:
    made = named(who, conflict=conflict)
    return VisitDecision(1, 4.0, made, final, liveness=Liveness(liveness))


class Hall:
    """Results as the screen gets them."""

    def __init__(self, **changes: object) -> None:
        self.gallery = MemoryGallery()
        for number, name in enumerate(("Ann", "Ben")):
            self.gallery.enrol(name, [template(number)], NEW)
        self.changes = {"greetings": True, **changes}
        self.today = TODAY

    def shown(self, event: VisitEvent) -> str:
        got: list[VisitEvent] = []
        settings = replace(Settings(), **self.changes)  # type: ignore[arg-type]
        Greeter(self.gallery, settings, lambda: self.today).greeting(got.append)(event)
        (told,) = got
        assert isinstance(told, VisitDecision)
        return told.greeting


def test_a_persons_own_line_stands_before_that_for_everybody() -> None:
    hall = Hall(greeting="Closed on Friday")
    hall.gallery.set_greeting("Ann", made_greeting("Happy birthday!"))
    assert hall.shown(answered(ANN)) == "Happy birthday!"
    assert hall.shown(answered(BEN)) == "Closed on Friday"


def test_a_line_is_shown_once_or_until_its_day_is_over() -> None:
    hall = Hall(greeting="Closed on Friday", greeting_once=True)
    hall.gallery.set_greeting("Ann", made_greeting("A parcel", once=True))
    # Ann's own first, then that for everybody, then none.
    assert [hall.shown(answered(ANN)) for _ in range(3)] == ["A parcel", "Closed on Friday", ""]
    assert hall.shown(answered(BEN)) == "Closed on Friday"
    until = Hall(greeting="This week", greeting_until="2026-11-30")
    assert until.shown(answered(ANN)) == "This week"
    until.today = TODAY + timedelta(days=1)
    assert until.shown(answered(ANN)) == ""
    until.gallery.set_greeting("Ann", made_greeting("Later", until=date(2026, 12, 5)))
    assert until.shown(answered(ANN)) == "Later"
    until.today = date(2026, 12, 6)
    assert until.shown(answered(ANN)) == ""


def test_nobody_but_the_person_named_is_greeted() -> None:
    hall = Hall(greeting="Hello")
    hall.gallery.set_greeting("Ann", made_greeting("Secret", once=True))
    unknown = replace(named(), outcome=DecisionOutcome.UNKNOWN)
    for event in (
        answered(final=False),
        answered(conflict=True),
        answered(liveness=DEAD),
        replace(answered(), decision=unknown),
    ):
        assert hall.shown(event) == ""
    assert hall.gallery.greeting_of(ANN) is not None  # it was shown to nobody
    assert Hall(greetings=False, greeting="Hello").shown(answered()) == ""


def test_a_gallery_that_cannot_be_written_costs_no_answer() -> None:
    class ReadOnly(MemoryGallery):
        def greeted(self, subject_id: int, greeting: Greeting) -> None:
            raise StorageError("The disk is full.", "Free some space.")

    hall = Hall(greeting="Once", greeting_once=True)
    hall.gallery = ReadOnly()
    hall.gallery.enrol("Ann", [template(1)], NEW)
    assert [hall.shown(answered()) for _ in range(2)] == ["Once", "Once"]
