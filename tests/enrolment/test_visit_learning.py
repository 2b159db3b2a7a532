"""Which visits may add a template, and how far that can lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin

import numpy as np
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.liveness import UNCHECKED, Liveness, LivenessOutcome
from kiosk.core.media import Modality, Vector
from kiosk.core.records import Consent, Corrector, Origin
from kiosk.core.samples import Embedding, Probe
from kiosk.core.scoring import Calibration, Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.enrolment.visit_learning import (
    LEARN_EVERY,
    MOST_LEARNT,
    SOURCE,
    VisitLearners,
    VisitLearning,
)
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit_log import VisitLog
from kiosk.storage import SqlGallery
from tests.support.scripted import Script, scripted_models
from tests.support.storage_support import plain_database

FACE, NET = Modality.FACE, "face@0"
LIVE = Liveness(LivenessOutcome.LIVE, 2.0)
SCALE = Calibration(slope=30.0, intercept=-12.0)
"""Of a cosine: 0.9 says 15, 0.6 says 6, which is what an answer needs among two."""
NEEDED = 6.0


def face(degrees: float) -> Vector:
    """Ann is at 0 degrees; farther is less alike."""
    angle = radians(degrees)
    return np.array([cos(angle), sin(angle), *[0.0] * 6], dtype=np.float32)


def look(number: int) -> Vector:
    """Ann at 30 degrees, each time in a direction of its own."""
    made = np.zeros(8, dtype=np.float32)
    made[0], made[number] = cos(radians(30)), sin(radians(30))
    return made


BEN = np.array([0, 0, 1, 0, 0, 0, 0, 0], dtype=np.float32)


@dataclass
class Clock:
    time: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@dataclass
class Room:
    """Ann and Ben are enrolled; every visit is decided, kept and told to the learner."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.gallery = SqlGallery(plain_database(), self.clock)
        for name, vector in (("Ann", face(0)), ("Ben", BEN)):
            self.gallery.enrol(name, [Template(FACE, NET, vector, 0.9, "kiosk")], EnrolmentKind.NEW)
        models = replace(scripted_models(Script()), face_calibration=SCALE)
        self.identifier = Identifier(models, self.gallery, Policy(min_llr=NEEDED))
        self.changes = 0
        self.learning = VisitLearning(self.gallery, self.identifier, NET, self.note, now=self.clock)
        self.log = VisitLog(self.gallery, Settings(), self.clock)

    def note(self) -> None:
        self.changes += 1

    def decide(self, vector: Vector) -> Decision:
        return self.identifier.decide([Probe(FACE, NET, vector, 0.9, 5)])

    def visit(
        self,
        vector: Vector,
        liveness: Liveness = LIVE,
        change: Callable[[Decision], Decision] = lambda decision: decision,
        *,
        kept: bool = True,
        ends: bool = True,
    ) -> Decision:
        decision = change(self.decide(vector))
        if kept:
            self.log.decided(decision, ())
        self.learning.decided(decision, {NET: [Embedding(vector, 0.9)] * 3}, liveness)
        if ends:
            self.learning.ended()
        return decision

    def next_day(self) -> None:
        self.clock.time += timedelta(days=1)

    @property
    def learnt(self) -> list[Template]:
        subject = self.gallery.subject("Ann").subject_id
        return [each for each in self.gallery.templates(subject) if each.source == SOURCE]


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    assert not made.gallery.problems()
    made.gallery.close()


def test_a_visit_beyond_doubt_adds_a_template_and_says_so(room: Room) -> None:
    assert room.visit(face(30)).outcome is DecisionOutcome.IDENTIFIED
    assert [float(each.vector @ face(30)) for each in room.learnt] == pytest.approx([1.0], abs=1e-3)
    assert room.changes == 1
    assert [each.learnt for each in room.gallery.decisions()] == [True]


def test_what_was_learnt_helps_the_next_visit(room: Room) -> None:
    before = room.decide(face(45)).candidates[0].fused_llr
    room.visit(face(30))
    assert room.decide(face(45)).candidates[0].fused_llr > before


DOUBTS: dict[str, tuple[Liveness, Callable[[Decision], Decision]]] = {
    "not live": (Liveness(LivenessOutcome.NOT_LIVE, -2.0), lambda d: d),
    "not checked": (UNCHECKED, lambda d: d),
    "contradicted": (LIVE, lambda d: replace(d, outcome=DecisionOutcome.CONTRADICTED)),
    "in conflict": (LIVE, lambda d: replace(d, conflict=True)),
    "unknown": (LIVE, lambda d: replace(d, outcome=DecisionOutcome.UNKNOWN)),
    "a voice against it": (
        LIVE,
        lambda d: replace(d, candidates=(replace(d.candidates[0], voice_llr=-0.5),)),
    ),
    "somebody else near": (
        LIVE,
        lambda d: replace(
            d,
            candidates=(
                d.candidates[0],
                replace(d.candidates[1], fused_llr=d.candidates[0].fused_llr - 3),
            ),
        ),
    ),
    "known by the voice alone": (
        LIVE,
        lambda d: replace(d, candidates=(replace(d.candidates[0], face_llr=None),)),
    ),
    "nobody": (LIVE, lambda d: replace(d, candidates=())),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_visit_in_doubt_teaches_nothing(room: Room, doubt: str) -> None:
    liveness, change = DOUBTS[doubt]
    room.visit(face(30), liveness, change)
    assert not room.learnt
    room.visit(face(30))
    assert len(room.learnt) == 1


def test_nothing_is_learnt_before_the_visit_is_over_or_when_it_is_denied(room: Room) -> None:
    room.visit(face(30), ends=False)
    assert not room.learnt
    room.learning.denied()
    room.learning.ended()
    assert not room.learnt


def test_a_decision_that_is_not_in_the_record_teaches_nothing(room: Room) -> None:
    room.visit(face(30), kept=False)
    assert not room.learnt
    room.visit(face(30))
    room.next_day()
    room.visit(face(-30), kept=False)
    assert len(room.learnt) == 1


def test_what_staff_call_wrong_later_takes_its_template_along(room: Room) -> None:
    room.visit(face(30))
    room.gallery.mark_wrong(room.gallery.decisions(1)[0].decision_id, Corrector.STAFF)
    assert not room.learnt


def test_a_known_look_adds_nothing(room: Room) -> None:
    room.visit(face(10))
    assert not room.learnt


def test_one_template_a_day_and_the_newest_few(room: Room) -> None:
    room.visit(face(30))
    room.clock.time += LEARN_EVERY - timedelta(minutes=1)
    room.visit(face(-30))
    assert len(room.learnt) == 1
    for number in range(3, 8):
        room.next_day()
        room.visit(look(number))
    assert len(room.learnt) == MOST_LEARNT
    assert [int(each.vector[1:].argmax()) + 1 for each in room.learnt] == [5, 6, 7]
    subject = room.gallery.subject("Ann").subject_id
    assert [t.source for t in room.gallery.templates(subject)].count("kiosk") == 1


def test_who_took_consent_back_is_not_learnt(room: Room) -> None:
    room.gallery.give_consent("Ann", Consent(room.clock(), "1", "en", "text"))
    room.gallery.withdraw_consent("Ann")
    room.visit(face(30))
    assert not room.learnt


def test_who_enrolled_themselves_is_learnt_once_staff_have_looked(room: Room) -> None:
    room.gallery.remove("Ann")
    own = [Template(FACE, NET, face(0), 0.9, "self")]
    room.gallery.enrol("Ann", own, EnrolmentKind.NEW, origin=Origin.SELF)
    room.visit(face(30))
    assert not room.learnt
    room.gallery.confirm("Ann")
    room.visit(face(30))
    assert len(room.learnt) == 1


def test_a_slow_drift_ends_where_enrolled_templates_stop_vouching(room: Room) -> None:
    """Somebody who comes every day a little less like Ann is never led beyond what the enrolled
    template alone would name with room to spare, however often they are named."""
    allowed = SCALE.score_at(NEEDED + 2.0)
    for day in range(120):
        room.visit(face(min(120.0, 20 + day)))
        room.next_day()
        assert all(float(each.vector @ face(0)) >= allowed - 1e-3 for each in room.learnt)
    assert 0 < len(room.learnt) <= MOST_LEARNT
    stranger = room.decide(face(90))
    assert stranger.outcome is DecisionOutcome.UNKNOWN


def test_of_a_recogniser_without_enrolled_templates_nothing_is_learnt(room: Room) -> None:
    other = VisitLearning(room.gallery, room.identifier, "other@0", now=room.clock)
    decision = room.decide(face(30))
    room.log.decided(decision, ())
    other.decided(decision, {"other@0": [Embedding(face(30), 0.9)]}, LIVE)
    other.ended()
    assert not room.learnt


def test_several_learners_are_told_alike(room: Room) -> None:
    both = VisitLearners(room.learning, VisitLearning(room.gallery, room.identifier, "x@0"))
    decision = room.decide(face(30))
    room.log.decided(decision, ())
    both.decided(decision, {NET: [Embedding(face(30), 0.9)]}, LIVE)
    both.denied()
    both.ended()
    assert not room.learnt
    both.decided(decision, {NET: [Embedding(face(30), 0.9)]}, LIVE)
    both.ended()
    assert len(room.learnt) == 1
