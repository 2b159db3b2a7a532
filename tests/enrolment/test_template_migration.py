"""What an upgrade learns from visits, and from which it learns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import StorageError
from kiosk.core.liveness import UNCHECKED, Liveness, LivenessOutcome
from kiosk.core.media import Modality, Vector
from kiosk.core.pooling import normalise
from kiosk.core.samples import Embedding, Probe
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import DuplicateSuspected, Enroller
from kiosk.enrolment.template_migration import SAMPLES_A_VISIT, TemplateMigration, best_of
from kiosk.recognition.identification import Identifier, OtherFace
from kiosk.storage import SqlGallery
from tests.support.consents import AGREED
from tests.support.scripted import ALICE, BOB, CARL, Script, ScriptedFaces, picture, scripted_models
from tests.support.storage_support import plain_database

FACE = Modality.FACE
OLD, NEW = "old@0", "face@0"
PEOPLE = {"Alice": ALICE, "Bob": BOB}


class Room:
    """Alice and Bob have templates of the old model; an upgrade to the new one is running."""

    def __init__(self) -> None:
        self.gallery = SqlGallery(plain_database())
        for name, vector in PEOPLE.items():
            given = [Template(FACE, OLD, vector, 0.9, "file") for _ in range(3)]
            self.gallery.enrol(name, given, EnrolmentKind.NEW)
        scripted = scripted_models(Script())
        other = OtherFace(ScriptedFaces(Script(), OLD), scripted.face_calibration)
        self.models = replace(scripted, other_faces=(other,))
        self.identifier = Identifier(self.models, self.gallery, Policy())
        self.changes = 0
        self.number = self.gallery.begin_upgrade(FACE, OLD, NEW).upgrade_id
        self.migration = TemplateMigration(
            self.gallery, self.identifier, Settings(enrol_faces=4), self.note
        )

    def note(self) -> None:
        self.changes += 1

    @property
    def upgrade(self) -> ModelUpgrade:
        return next(u for u in self.gallery.upgrades() if u.upgrade_id == self.number)

    def decide(self, face: Vector) -> Decision:
        return self.identifier.decide([Probe(FACE, each, face, 0.9, 4) for each in (OLD, NEW)])

    def visit(self, face: Vector, count: int = 4, made: Vector | None = None) -> None:
        """Somebody comes; `made` is what the new model makes of them, by default the same."""
        self.migration.decided(
            self.decide(face), {NEW: samples(face if made is None else made, count)}, UNCHECKED
        )
        self.migration.ended()

    def models_of(self, name: str) -> set[str]:
        subject = self.gallery.subject(name).subject_id
        return {each.model_id for each in self.gallery.templates(subject)}


def samples(face: Vector, count: int = 4) -> list[Embedding]:
    return [Embedding(face, 0.5 + 0.1 * k) for k in range(count)]


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.gallery.close()


def test_two_visits_carry_somebody_over(room: Room) -> None:
    room.visit(ALICE)
    assert (room.models_of("Alice"), room.upgrade.begun, room.changes) == ({OLD}, 1, 0)
    room.visit(ALICE)
    assert (room.models_of("Alice"), room.upgrade.begun, room.changes) == ({NEW}, 0, 1)
    assert room.models_of("Bob") == {OLD}
    assert (room.upgrade.changed, room.upgrade.waiting) == (1, 1)


def test_everybody_is_recognised_before_between_and_after(room: Room) -> None:
    def who(face: Vector) -> str | None:
        decision = room.decide(face)
        known = decision.outcome is DecisionOutcome.IDENTIFIED and decision.top
        return decision.top.name if known and decision.top else None

    seen = []
    for visitor in (ALICE, ALICE, BOB, BOB):
        seen.append((who(ALICE), who(BOB), who(CARL)))
        room.visit(visitor)
    seen.append((who(ALICE), who(BOB), who(CARL)))
    assert seen == [("Alice", "Bob", None)] * 5
    assert room.upgrade.complete


def test_a_visit_gives_only_some_of_its_samples_the_best(room: Room) -> None:
    room.visit(ALICE, count=9)
    held = room.gallery.aside(room.number, 1)
    assert len(held) == SAMPLES_A_VISIT
    assert min(sample.quality for _, sample in held) == pytest.approx(1.0)


def test_few_samples_a_visit_take_more_visits(room: Room) -> None:
    for expected in ({OLD}, {OLD}, {OLD}, {NEW}):
        room.visit(ALICE, count=1)
        assert room.models_of("Alice") == expected


UNSURE = {
    "a stranger": lambda d: replace(d, outcome=DecisionOutcome.UNKNOWN),
    "a contradiction": lambda d: replace(d, conflict=True),
    "too uncertain": lambda d: replace(d, probability=0.96),
    "known by the voice alone": lambda d: replace(
        d, candidates=(replace(d.candidates[0], face_llr=None, voice_llr=4.7),)
    ),
    "hardly known by the face": lambda d: replace(
        d, candidates=(replace(d.candidates[0], face_llr=1.0),)
    ),
    "nobody": lambda d: replace(d, candidates=()),
}


@pytest.mark.parametrize("why", UNSURE)
def test_nothing_is_learnt_where_it_is_not_sure_who_it_was(room: Room, why: str) -> None:
    decision = UNSURE[why](room.decide(ALICE))
    for _ in range(3):
        room.migration.decided(decision, {NEW: samples(ALICE)}, UNCHECKED)
        room.migration.ended()
    assert room.upgrade.begun == room.upgrade.changed == 0


def test_nothing_is_learnt_from_a_picture_held_before_the_camera(room: Room) -> None:
    attack = Liveness(LivenessOutcome.NOT_LIVE, -3.0)
    for _ in range(3):
        room.migration.decided(room.decide(ALICE), {NEW: samples(ALICE)}, attack)
        room.migration.ended()
    assert room.upgrade.begun == room.upgrade.changed == 0


def test_nothing_is_learnt_from_a_visit_that_is_called_wrong(room: Room) -> None:
    room.migration.decided(room.decide(ALICE), {NEW: samples(ALICE)}, UNCHECKED)
    room.migration.denied()
    room.migration.ended()
    assert room.upgrade.begun == 0


def test_nothing_is_kept_before_the_visit_is_over(room: Room) -> None:
    room.migration.decided(room.decide(ALICE), {NEW: samples(ALICE)}, UNCHECKED)
    assert room.upgrade.begun == 0
    room.migration.decided(room.decide(CARL), {NEW: samples(CARL)}, UNCHECKED)
    assert room.upgrade.begun == 1


@pytest.mark.parametrize("state", [UpgradeState.PAUSED, UpgradeState.ROLLED_BACK])
def test_nothing_is_learnt_while_it_is_paused_or_taken_back(
    room: Room, state: UpgradeState
) -> None:
    room.gallery.set_upgrade_state(room.number, state)
    room.visit(ALICE)
    assert room.upgrade.begun == 0
    room.gallery.set_upgrade_state(room.number, UpgradeState.RUNNING)
    room.visit(ALICE)
    assert room.upgrade.begun == 1


def test_nothing_is_learnt_of_who_was_carried_over_already(room: Room) -> None:
    for _ in range(4):
        room.visit(ALICE)
    assert len(room.gallery.templates(1)) == 2 * SAMPLES_A_VISIT
    assert room.gallery.aside(room.number, 1) == []


def test_who_the_new_model_takes_for_somebody_else_teaches_nothing(room: Room) -> None:
    """Bob was carried over; whom the old model takes for Alice looks like Bob to the new one."""
    for _ in range(2):
        room.visit(BOB)
    decision = room.identifier.decide([Probe(FACE, OLD, ALICE, 0.9, 4)])
    room.migration.decided(decision, {NEW: samples(BOB)}, UNCHECKED)
    room.migration.ended()
    assert room.gallery.aside(room.number, 1) == []


def test_of_who_took_consent_back_nothing_new_is_kept(room: Room) -> None:
    room.gallery.give_consent("Alice", AGREED)
    room.gallery.withdraw_consent("Alice")
    room.visit(ALICE)
    assert room.upgrade.begun == 0
    room.gallery.give_consent("Alice", AGREED)
    room.visit(ALICE)
    assert room.upgrade.begun == 1


def test_who_was_removed_meanwhile_stops_no_visit(room: Room) -> None:
    room.migration.decided(room.decide(ALICE), {NEW: samples(ALICE)}, UNCHECKED)
    room.gallery.remove("Alice")
    room.migration.ended()
    assert room.upgrade.begun == 0


def test_visits_that_disagree_are_forgotten(room: Room) -> None:
    """One of two visits was somebody else: nobody knows which, and neither becomes a template."""
    room.visit(ALICE)
    room.visit(ALICE, made=CARL)
    assert room.models_of("Alice") == {OLD}
    assert room.gallery.aside(room.number, 1) == []
    room.visit(ALICE)
    room.visit(ALICE)
    assert room.models_of("Alice") == {NEW}


def test_samples_that_do_not_agree_within_a_visit_are_left_out() -> None:
    odd = samples(normalise(-ALICE + 0.1 * BOB), 1)
    assert all(np.allclose(each.vector, ALICE) for each in best_of(samples(ALICE, 5) + odd, 6))


def test_a_gallery_that_cannot_be_written_stops_no_visit(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr(room.gallery, "set_aside", refuse)
    room.visit(ALICE)
    monkeypatch.undo()
    assert room.upgrade.begun == 0
    monkeypatch.setattr(room.gallery, "upgrades", refuse)
    room.visit(ALICE)


def test_who_enrols_again_is_found_although_the_old_model_knows_them_alone(room: Room) -> None:
    enroller = Enroller(room.models, room.identifier, room.gallery, Settings(enrol_faces=1))
    again = [Template(FACE, NEW, ALICE, 0.9, "file")]
    assert enroller.duplicates(again) == []
    (found,) = enroller.duplicates(again, [Probe(FACE, OLD, ALICE, 0.9, 4)])
    assert found.candidate.name == "Alice"
    assert enroller.resembles(1, again, [Probe(FACE, OLD, ALICE, 0.9, 4)])
    assert not enroller.resembles(1, again, [Probe(FACE, OLD, BOB, 0.9, 4)])


def test_a_collector_hands_on_what_the_other_models_made(room: Room) -> None:
    collector = Collector(room.models)
    for number in range(3):
        collector.feed(picture(0, number / 8, number))
    (probe,) = collector.collected.other_probes
    assert (probe.model_id, probe.sample_count) == (OLD, 3)
    with pytest.raises(DuplicateSuspected):
        Enroller(room.models, room.identifier, room.gallery, Settings(enrol_faces=1)).enrol(
            "Alice Again", collector.collected, "file", only=FACE
        )
