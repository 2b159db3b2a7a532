"""Both galleries hold the same after every step of a long story: each field of everything kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from kiosk.core.attendance import AttendanceCorrection, Calendar, corrected_day
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import KnownError
from kiosk.core.expiry import ExpiryRule
from kiosk.core.greetings import Greeting
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.outgoing import EventChannel, OutboxEvent
from kiosk.core.ports.outbox import Outbox
from kiosk.core.records import (
    CallState,
    Circumstances,
    Consent,
    Corrector,
    DecisionRecord,
    Origin,
)
from kiosk.core.samples import Probe
from kiosk.core.subjects import EnrolmentRecord
from kiosk.storage import MemoryGallery, SqlGallery, SqlOutbox
from tests.support.storage_support import (
    ADD,
    FACE,
    NEW,
    REPLACE,
    VOICE,
    AnyGallery,
    plain_database,
    template,
    unit,
)

ANN, BEN, CAM, DOG = 1, 2, 3, 4
BEGIN = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAYS = date(2000, 1, 1), date(2100, 1, 1)
HOOK, MQTT = EventChannel.WEBHOOK, EventChannel.MQTT
COMMON = Greeting("Closed on Friday", once=True)
OWN = Greeting("Your parcel is here", once=True)
UNTIL = Greeting("Welcome back", until=date(2026, 3, 1))


@dataclass
class Clock:
    """Turned by hand: how often it is read is nobody's business."""

    time: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.time


@dataclass
class Kiosk:
    """A gallery with its outbox and its clock."""

    gallery: AnyGallery
    outbox: Outbox
    clock: Clock


def sqlite() -> Kiosk:
    clock = Clock()
    gallery = SqlGallery(plain_database(), clock)
    return Kiosk(gallery, SqlOutbox(gallery.database, clock), clock)


def memory() -> Kiosk:
    clock = Clock()
    gallery = MemoryGallery(clock)
    return Kiosk(gallery, gallery.outbox, clock)


def kept(kiosk: Kiosk) -> dict[str, object]:
    """All that can be asked for."""
    gallery, outbox = kiosk.gallery, kiosk.outbox
    people = gallery.subjects()
    ids = [each.subject_id for each in people]

    def vector(each: Probe) -> float:
        return round(float(each.vector @ unit(999)), 3)  # kept in half precision or as they are

    return {
        "people": people,
        "summaries": gallery.summaries(),
        "origins": [gallery.origin(number) for number in ids],
        "names": [gallery.subject_name(number) for number in ids],
        "history": [gallery.history(each.name) for each in people],
        "consents": [gallery.consents(each.name) for each in people],
        "pictures": gallery.pictures([*ids, 99]),
        "templates": [
            (
                each.subject_id, each.modality, each.model_id, each.quality, each.source,
                each.created, each.vector.dtype, round(float(each.vector @ unit(999)), 6),
            )
            for number in ids for each in gallery.templates(number)
        ],
        "population": [
            gallery.population(models)
            for models in ([(FACE, "net")], [(FACE, "net"), (VOICE, "net")], [(FACE, "new")])
        ],
        "decisions": gallery.decisions(),
        "some": [
            gallery.decisions(2), gallery.decisions(before=3), gallery.decisions(subject_id=ANN),
            gallery.decisions(since=BEGIN + timedelta(days=2)),
        ],
        "probes": [
            [(p.modality, p.model_id, p.quality, p.sample_count, vector(p))
             for p in sorted(gallery.probes(number, limit), key=vector)]
            for number in ids for limit in (1, 20)
        ],
        "mismatches": [
            (
                each.subject_id, each.decision_id, each.modality, each.model_id, each.quality,
                each.by, round(float(each.vector @ unit(999)), 3),
            )
            for modality in (FACE, VOICE) for each in gallery.reported_mismatches(modality, "net")
        ],
        "costs": [gallery.correction_cost(each.decision_id) for each in gallery.decisions()],
        "attended": gallery.attended(*EVER),
        "corrections": gallery.attendance_corrections(*DAYS),
        "greetings": gallery.greetings(),
        "greeted": [
            (gallery.greeting_of(number), gallery.was_greeted(number, COMMON)) for number in ids
        ],
        "call": gallery.open_call(),
        "events": [event_of(each) for each in outbox.events()],
        "counts": dict(outbox.counts()),
        "first": [
            found and found.event_id
            for found in (outbox.first_waiting(HOOK), outbox.first_waiting(MQTT))
        ],
    }  # fmt: skip


def event_of(event: OutboxEvent) -> OutboxEvent:
    """Without its id, which is random, and what was said of the decision, which is told nobody."""
    record = event.record
    if isinstance(record, DecisionRecord):
        record = replace(record, correction=None)
    return replace(event, uid="", record=record)


def visit(
    who: int | None,
    outcome: DecisionOutcome = DecisionOutcome.IDENTIFIED,
    modalities: tuple[Modality, ...] = (FACE,),
) -> Decision:
    tops = (Candidate(who, "", 7.25, 0.97, 0.71, 0.42, 6.5, 0.75),) if who is not None else ()
    reason = DecisionReason.NONE if tops else DecisionReason.BELOW_THRESHOLD
    return Decision(outcome, tops, modalities, 0.97, False, reason)


def probe(seed: int, modality: Modality = FACE) -> Probe:
    return Probe(modality, "net", unit(seed), 0.625, 7)


def consent(version: str, day: int) -> Consent:
    return Consent(BEGIN + timedelta(days=day), version, "ko", f"text {version}", "staff 2")


def correction(who: int, day: int) -> AttendanceCorrection:
    on = date(2026, 1, 1) + timedelta(days=day)
    now = BEGIN + timedelta(days=day + 1)
    return corrected_day(Calendar(), who, on, time(9), time(17), f"day {day}", now, "staff 2")


LIVE = Circumstances(LivenessOutcome.LIVE, from_devices=True, attended=True)
MOVED = Circumstances(LivenessOutcome.NOT_CHECKED, attended=True, clock_moved=True)
Step = Callable[[Kiosk], object]

STORY: list[Step] = [
    lambda k: k.gallery.enrol(
        "Ann", [template(1), template(2), template(3, VOICE)], NEW, "a note", consent("1", 0),
        b"\xff\xd8ann",
    ),
    lambda k: k.gallery.enrol("Ben", [template(4)], NEW, origin=Origin.SELF),
    lambda k: k.gallery.enrol(
        "Cam", [template(5), template(6, VOICE)], NEW, consent=consent("1", 1)
    ),
    lambda k: k.gallery.enrol("ann", [template(7)], NEW),
    lambda k: k.gallery.enrol("Ann", [template(8)], ADD, "another note"),
    lambda k: k.gallery.enrol(
        "Ann", [template(9, source="camera")], REPLACE, picture=b"\xff\xd8new"
    ),
    lambda k: k.gallery.enrol("Nobody", [template(9)], ADD),
    lambda k: k.gallery.record(visit(ANN), [probe(20), probe(21, VOICE)], (HOOK, MQTT), LIVE),
    lambda k: k.gallery.record(visit(BEN, modalities=(FACE, VOICE)), [probe(22)], (HOOK,), MOVED),
    lambda k: k.gallery.record(visit(None, DecisionOutcome.UNKNOWN), [probe(23)], (MQTT,)),
    lambda k: k.gallery.record(visit(CAM, DecisionOutcome.NOT_LIVE), circumstances=LIVE),
    lambda k: k.gallery.record(visit(ANN, modalities=(VOICE,)), [probe(24)], (), LIVE),
    lambda k: k.gallery.record(visit(99), circumstances=LIVE),
    lambda k: k.gallery.learn(1, template(30, source="learnt"), 2),
    lambda k: k.gallery.learn(1, template(31, source="learnt"), 2),
    lambda k: k.gallery.learn(5, template(32, source="learnt"), 1),
    lambda k: k.gallery.learn(3, template(33), 1),
    lambda k: k.gallery.mark_wrong(2, Corrector.STAFF, ANN, [probe(25), probe(26, VOICE)]),
    lambda k: k.gallery.mark_wrong(5, Corrector.VISITOR),
    lambda k: k.gallery.mark_wrong(77, Corrector.STAFF),
    lambda k: k.gallery.unmark_wrong(5),
    lambda k: k.gallery.unmark_wrong(77),
    lambda k: k.gallery.correct_attendance(correction(ANN, 1)),
    lambda k: k.gallery.correct_attendance(correction(BEN, 3)),
    lambda k: k.gallery.correct_attendance(correction(99, 3)),
    lambda k: k.gallery.set_greeting("Ann", OWN),
    lambda k: k.gallery.set_greeting("Ben", UNTIL),
    lambda k: k.gallery.greeted(ANN, COMMON),
    lambda k: k.gallery.greeted(ANN, OWN),
    lambda k: k.gallery.greeted(BEN, UNTIL),
    lambda k: k.outbox.postpone(1, BEGIN + timedelta(days=40), "no answer"),
    lambda k: k.outbox.give_up(2, "refused"),
    lambda k: k.outbox.delivered(3),
    lambda k: k.outbox.retry([99]),
    lambda k: k.gallery.call_staff((HOOK,)),
    lambda k: k.gallery.call_staff((HOOK, MQTT)),
    lambda k: k.outbox.retry(),
    lambda k: k.gallery.end_call(99, CallState.TAKEN_BACK, (HOOK,)),
    lambda k: k.gallery.end_call(1, CallState.ANSWERED, (HOOK,)),
    lambda k: k.gallery.end_call(1, CallState.ANSWERED, (HOOK,)),
    lambda k: k.gallery.call_staff(),
    lambda k: k.gallery.roll_back("Ann"),
    lambda k: k.gallery.roll_back("Ben"),
    lambda k: k.gallery.confirm("Ben"),
    lambda k: k.gallery.confirm("Ann"),
    lambda k: k.gallery.rename("Cam", "Camilla"),
    lambda k: k.gallery.rename("Ben", "camilla"),
    lambda k: k.gallery.withdraw_consent("Camilla"),
    lambda k: k.gallery.withdraw_consent("Camilla"),
    lambda k: k.gallery.withdraw_consent("Ben"),
    lambda k: k.gallery.enrol("Camilla", [template(40, FACE, "new")], ADD),
    lambda k: k.gallery.give_consent("Camilla", consent("2", 40)),
    lambda k: k.gallery.give_consent("Camilla", consent("3", 41)),
    lambda k: k.gallery.withdraw_consent("Camilla"),
    lambda k: k.gallery.keep_withdrawn("Camilla", "court order"),
    lambda k: k.gallery.purge_withdrawn(EVER[1]),
    lambda k: k.gallery.record(visit(BEN), [probe(50)], (HOOK,), LIVE),
    lambda k: k.gallery.learn(7, template(51, source="learnt"), 3),
    lambda k: k.gallery.mark_wrong(7, Corrector.STAFF),
    lambda k: k.gallery.enrol("Dog", [template(60)], NEW, "", None, b"\xff\xd8dog"),
    lambda k: k.gallery.record(visit(DOG), [probe(61)], (HOOK,), MOVED),
    lambda k: k.gallery.mark_wrong(8, Corrector.STAFF, BEN),
    lambda k: k.gallery.set_greeting("Dog", Greeting("Wau")),
    lambda k: k.gallery.greeted(DOG, COMMON),
    lambda k: k.gallery.correct_attendance(correction(DOG, 50)),
    lambda k: k.gallery.join("Ben", "Dog"),
    lambda k: k.gallery.join("Ben", "Ben"),
    lambda k: k.gallery.purge_decisions(BEGIN + timedelta(days=8)),
    lambda k: k.gallery.forget_learnt("Ann"),
    lambda k: k.gallery.purge_expired(ExpiryRule(enrolled_days=70), BEGIN + timedelta(days=71)),
    lambda k: k.gallery.forget_pictures(),
    lambda k: k.outbox.drop([1, 4, 5]),
    lambda k: k.gallery.purge_decisions(BEGIN + timedelta(days=30)),
    lambda k: k.gallery.set_greeting("Ben", None),
    lambda k: k.gallery.remove("Ben"),
    lambda k: k.gallery.remove("Ben"),
    lambda k: k.gallery.purge_decisions(EVER[1]),
]  # fmt: skip


def done(kiosk: Kiosk, step: Step) -> object:
    """What a step answers, or how it is refused."""
    try:
        answer = step(kiosk)
    except KnownError as error:
        return type(error).__name__, error.text, error.remedy
    return answer if isinstance(answer, EnrolmentRecord | int) else None


def test_both_galleries_hold_the_same_after_every_step() -> None:
    one, other = sqlite(), memory()
    refused = 0
    for number, step in enumerate(STORY):
        for kiosk in (one, other):
            kiosk.clock.time = BEGIN + timedelta(days=number, minutes=number)
        answers = done(one, step), done(other, step)
        assert answers[0] == answers[1], number
        refused += isinstance(answers[0], tuple)
        ours, theirs = kept(one), kept(other)
        for what in ours:
            assert ours[what] == theirs[what], (number, what)
    assert refused == 12
    assert isinstance(one.gallery, SqlGallery)
    assert one.gallery.problems() == []
    assert one.gallery.trail_problems() == []
    one.gallery.close()
    other.gallery.close()
